"""One week of a world, traced: what the laws and the measure do to symbols is what they do to numbers.

A week begins where the calendar comes in. What earlier acts have left by then belongs to the end of the week before, so
that one call carries a block from one Monday to the next and NumPy does what is dated in between, in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.block import Measure, measured
from detente.engine.graph import ALONE, STATE, WEEK, Graph, Node, Untraceable, reached
from detente.engine.traced import Stacked, Traced, as_traced
from detente.laws.mechanism import Changes
from detente.laws.situation import Situation
from detente.model.motion import Motion

#: what arrives in a week (flows.py), beside what acts do
FLOWS = ("delivered", "supplied")


@dataclass(frozen=True)
class Program:
    """What a week computes. ``carried``: of every state that the week changes the node it has a week later; ``kept``:
    states that only acts change; ``outputs``: nodes of every measure; ``fresh``: what a state is set to before the
    acts of a week come in, where that depends on nothing else."""

    graph: Graph
    carried: dict[str, Node]
    kept: tuple[str, ...]
    outputs: dict[str, list[Node]]
    fresh: dict[str, NDArray[Any]]

    @property
    def states(self) -> tuple[str, ...]:
        """Names of all that is carried from week to week."""
        return (*self.carried, *self.kept, *self.fresh)


class _Cut(Exception):
    """The place in a week where the calendar comes in; brings what is felt of earlier acts by then."""

    def __init__(self, felt: Changes) -> None:
        super().__init__("the calendar comes in")
        self.felt = felt


class _Week:
    """A week as a law sees it (laws/mechanism.py), all in symbols."""

    def __init__(self, graph: Graph, world: Motion, number: Any) -> None:
        self.graph, self.world, self.number = graph, world, number

    def uniform(self, purpose: str) -> Traced:
        """Uniform draws."""
        return self._drawn("uniform", purpose)

    def normal(self, purpose: str) -> Traced:
        """Standard normal draws."""
        return self._drawn("normal", purpose)

    def _drawn(self, kind: str, purpose: str) -> Traced:
        rows = self.world.streams[purpose].size
        return Traced(self.graph, self.graph.add(kind, (), rows, np.float64, self.graph.stream(purpose)), 2)

    def acts(self, now: Situation, felt: Changes, p: Any) -> Changes:
        """What acts leave: memory that NumPy has written to."""
        names = dict.fromkeys([*felt, *FLOWS])
        return {name: _state(self.graph, name, self.world.now) for name in names}  # type: ignore[misc]


class _Before(_Week):
    """The week after, up to where its calendar comes in."""

    def _drawn(self, kind: str, purpose: str) -> Traced:
        raise Untraceable("chance before the acts of the week")

    def acts(self, now: Situation, felt: Changes, p: Any) -> Changes:
        """As far as this week goes."""
        raise _Cut(felt)


def opened(world: Motion) -> Changes:
    """What is felt at the opening when the first week's calendar comes in, in numbers; the world stays as it was."""
    opening = world.now
    try:
        world.now = Situation(opening.__dict__)
        _phases(world, _Before(Graph(world.size), world, 1))
    except _Cut as cut:
        return cut.felt
    finally:
        world.now = opening
    return {}


def traced(world: Motion, measure: Measure) -> Program:
    """The week of a world that has not moved yet; afterwards the world is as it was. Raises Untraceable."""
    graph, opening = Graph(world.size), world.now
    try:
        world.now = _symbols(graph, opening)
        week = Traced(graph, graph.add(WEEK, (), ALONE, np.int64), 0)
        _phases(world, _Week(graph, world, week))
        outputs = {name: _nodes(graph, value) for name, value in measured(world, measure).items()}
        felt: Changes = {}
        try:
            _phases(world, _Before(graph, world, week + 1))
        except _Cut as cut:
            felt = cut.felt
        return _program(graph, {**world.now.__dict__, **felt}, outputs)
    finally:
        world.now = opening


def _symbols(graph: Graph, opening: Situation) -> Situation:
    """A situation of symbols; what has more axes than rows and members stays what it is."""
    symbols = {name: _state(graph, name, opening) for name, array in opening.__dict__.items() if array.ndim == 2}
    return Situation({**opening.__dict__, **symbols})


def _state(graph: Graph, name: str, now: Situation) -> Traced:
    array = getattr(now, name)
    return Traced(graph, graph.add(STATE, (), array.shape[0], array.dtype, name), 2)


def _phases(world: Motion, week: Any) -> None:
    """Every mechanism's part of a week; what it does that has no translation is named with it."""
    for mechanism in world.mechanisms:
        try:
            world.phase(mechanism, week)
        except _Cut:
            raise
        except Untraceable as refused:
            raise Untraceable(refused.operation, mechanism.name) from refused
        except Exception as error:  # whatever a mechanism's own code says to symbols
            raise Untraceable(f"{type(error).__name__}: {error}", mechanism.name) from error


def _nodes(graph: Graph, value: Any) -> list[Node]:
    return [as_traced(graph, part).node for part in (value.parts if isinstance(value, Stacked) else [value])]


def _program(graph: Graph, later: Changes, outputs: dict[str, list[Node]]) -> Program:
    """What is needed of all that was traced: measures, and states that any of it reads."""
    carried: dict[str, Node] = {}
    kept: list[str] = []
    fresh: dict[str, NDArray[Any]] = {}
    todo = [node for nodes in outputs.values() for node in nodes]
    while todo:
        names = [str(node.note) for node in reached(todo, graph) if node.op == STATE]
        todo = []
        for name in names:
            if name in carried or name in kept or name in fresh:
                continue
            value = later[name]
            if not isinstance(value, Traced):
                fresh[name] = value
            elif value.node.op == STATE and value.node.note == name:
                kept.append(name)
            else:
                carried[name] = value.node
                todo.append(value.node)
    return Program(graph, carried, tuple(kept), outputs, fresh)
