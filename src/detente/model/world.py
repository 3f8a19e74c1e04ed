"""The world: a Mesa model whose quantities all have a member axis.

``World(scenario, members=256, seed=1)`` holds the situation of all members at once; ``world.step()`` is one week;
``world.agents`` are Mesa agents that own rows of the arrays and decide for all members at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mesa
from numpy.typing import NDArray

from detente.laws.mechanism import Changes, Mechanism
from detente.model import stability
from detente.model.agents import Agent, own_kinds, settle
from detente.model.motion import Motion
from detente.model.week import Week
from detente.scenario.schema import Scenario


class World(Motion, mesa.Model):  # type: ignore[misc]  # Mesa carries no types
    """A theatre in motion for a block of members, and the agents in it.

    Parameters as of Motion, and: ``rng`` Mesa's word for the ``seed``; ``kinds`` agent kinds that replace the built-in
    one, by the name of the actor, pact, mission or track.
    """

    #: newer Mesa has a property of this name for parameters of its own; this one hides it
    scenario: Scenario = None  # type: ignore[assignment]  # set in __init__

    def __init__(
        self,
        scenario: Scenario,
        members: int | range = 1,
        seed: int = 1,
        rng: int | None = None,
        *,
        mechanisms: Sequence[Mechanism] | None = None,
        kinds: Mapping[str, type[Agent]] | None = None,
        checked: bool = False,
    ) -> None:
        if not checked:
            stability.require(scenario)
        seed = seed if rng is None else rng
        mesa.Model.__init__(self, rng=seed)
        Motion.__init__(self, scenario, members, seed, mechanisms=mechanisms, checked=True)
        self.own_kinds = settle(self, own_kinds(scenario) | dict(kinds or {}))

    def decided(self, mechanism: Mechanism, p: Any, week: Week) -> Changes:
        """What all agents decide in a phase: one call for the built-in kinds, one for each kind of one's own."""
        changes = super().decided(mechanism, p, week)
        for kind, group in self.own_kinds.items():
            wanted = kind.decide(group, mechanism.name, dict(changes), self)
            changes = {name: self._granted(mechanism, name, array, wanted, group) for name, array in changes.items()}
        return changes

    def _granted(
        self, mechanism: Mechanism, name: str, array: NDArray[Any], wanted: Changes, group: Sequence[Agent]
    ) -> NDArray[Any]:
        """An array with the rows that ``group`` owns as it wants them: nobody decides for others."""
        if wanted[name] is array:
            return array
        granted = array.copy()
        for agent in group:
            rows = agent.owns(mechanism.state[name].entity)
            granted[rows] = wanted[name][rows]
        return granted

    def close(self) -> None:
        """Let go of the agents and of every array at once."""
        self.remove_all_agents()
        super().close()

    def remove_all_agents(self) -> None:
        """Let the agents go, and older Mesa's class-level register of models with them: it would keep every world."""
        super().remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
