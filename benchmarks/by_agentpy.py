"""The object model in agentpy: the same files, with agentpy's classes wherever they say Mesa's.

What differs is the framework: how agents are kept, told to act, and recorded.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import agentpy

FILES = ("reference_actors", "reference_orders", "reference")


class Agents(agentpy.AgentList):
    """Agents of a kind."""

    def do(self, method: str) -> None:
        """Let all do one thing after the other."""
        getattr(self, method)()


class Model(agentpy.Model):
    """A world that knows its agents by kind."""

    def __init__(self, rng: int) -> None:
        super().__init__({"seed": rng})
        self.agents_by_type: dict[type, Agents] = {}


class Agent(agentpy.Agent):
    """An agent that its world knows."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        model.agents_by_type.setdefault(type(self), Agents(model)).append(self)


class DataCollector:
    """Records of the model and of its agents, by agentpy's own means."""

    def __init__(self, model_reporters: dict[str, str], agenttype_reporters: dict[type, dict[str, str]]) -> None:
        self.of_model, self.of_agents = list(model_reporters), agenttype_reporters

    def collect(self, model: Any) -> None:
        """What the week was."""
        model.t = model.week
        model.record(self.of_model)
        for kind, names in self.of_agents.items():
            model.agents_by_type[kind].record(list(names))


def theatre() -> Any:
    """The object model's world as a class of agentpy's."""
    stand_in = ModuleType("mesa")
    vars(stand_in).update(Model=Model, Agent=Agent, DataCollector=DataCollector)
    kept = {name: sys.modules.pop(name, None) for name in (*FILES, "mesa")}
    sys.modules["mesa"] = stand_in
    try:
        return importlib.import_module("reference").Theatre
    finally:
        for name, module in kept.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
