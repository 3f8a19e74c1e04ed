"""A theatre in motion: arrays with a member axis, and the laws that carry them from week to week.

A single run is one member of it, so there is one implementation of the law. Agents are no part of it: what the
built-in kinds decide stands in the mechanisms. Who asks for agents, or brings a kind of their own, gets a World
(world.py), which is the same with Mesa around it; Mesa takes longer to import than a scenario to load.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.laws.extensions import named
from detente.laws.mechanism import Changes, Mechanism
from detente.laws.situation import Inputs, Layout, Situation
from detente.model import calendar, flows, stability
from detente.model.build import inputs, laws, layout
from detente.model.draws import Draws
from detente.model.heap import keep_freed
from detente.model.noise import Stream
from detente.model.week import Week
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]


class Motion:
    """A theatre in motion for a block of members.

    Parameters: ``scenario`` a validated Scenario; ``members`` a count or the member numbers of the block; ``seed`` an
    integer; ``mechanisms`` the laws in their weekly order (default: those that the scenario was read with).
    Raises ScenarioError where the parameters are unstable (see stability.py), unless the caller has ``checked`` that.
    """

    def __init__(
        self,
        scenario: Scenario,
        members: int | range = 1,
        seed: int = 1,
        *,
        mechanisms: Sequence[Mechanism] | None = None,
        checked: bool = False,
    ) -> None:
        keep_freed()
        if not checked:
            stability.require(scenario)
        numbers = np.arange(members) if isinstance(members, int) else np.array(members)
        self.scenario, self.seed, self.members, self.size = scenario, seed, numbers, numbers.size
        self.week, self.length = 0, calendar.weeks(scenario)
        self.mechanisms = scenario.mechanisms() if mechanisms is None else tuple(mechanisms)
        draws = Draws(seed, numbers)
        self.layout: Layout = layout(scenario)
        self.laws = laws(scenario, self.mechanisms, draws)
        self._plan(draws)
        self.now = self._opening()

    def _plan(self, draws: Draws) -> None:
        """Inputs, chance and calendar: acts by week, deliveries and base works over the weeks."""
        translator = calendar.Translator(self.scenario, self.layout, draws, self.laws.armament.exchange)
        self.timetable = calendar.compile_acts(translator)
        works, spent = flows.works(translator, self.length)
        self.flows = flows.Flows([*flows.deliveries(translator), *spent], len(self.layout.actors), self.size)
        self.inputs: Inputs = inputs(translator, self.mechanisms, works, self.laws.armament)
        self.streams = {
            purpose: Stream(self.seed, purpose, getattr(self.layout, entities), self.members)
            for mechanism in self.mechanisms
            for purpose, entities in mechanism.noise.items()
        }

    def _opening(self) -> Situation:
        """The start row and everything that later weeks are measured against."""
        now = Situation({})
        for mechanism in self.mechanisms:
            now.update(self._start(mechanism))
        for mechanism in opening_order(self.mechanisms):
            if mechanism.open is not None:
                now.update(mechanism.open(now, self.inputs, getattr(self.laws, mechanism.name)))
        return now

    def _start(self, mechanism: Mechanism) -> Changes:
        """The opening values of a mechanism's state, each (entity, member)."""
        p = getattr(self.laws, mechanism.name)
        opened: Changes = {}
        for name, state in mechanism.state.items():
            if state.start is not None:
                shape = (self.layout.size(state.entity), self.size)
                value = state.start(self.inputs, p) if callable(state.start) else np.asarray(state.start)
                opened[name] = np.array(np.broadcast_to(value, shape), dtype=state.dtype)
        return opened

    def step(self) -> None:
        """One week: phase after phase, agents decide and the world follows."""
        self.week += 1
        week = Week(self.week, self.streams, self.flows, self.timetable.get(self.week, ()))
        for mechanism in self.mechanisms:
            self.phase(mechanism, week)

    def phase(self, mechanism: Mechanism, week: Week) -> None:
        """One mechanism's part of a week."""
        p = getattr(self.laws, mechanism.name)
        if mechanism.decide is not None:
            self.now.update(self.decided(mechanism, p, week))
        self.now.update(mechanism.step(self.now, self.inputs, p, week))

    def decided(self, mechanism: Mechanism, p: Any, week: Week) -> Changes:
        """What all agents decide in a phase: one call for everybody."""
        assert mechanism.decide is not None
        return mechanism.decide(self.now, self.inputs, p, week)

    def close(self) -> None:
        """Let go of every array at once, not when Python next looks for circles."""
        self.__dict__.clear()

    def run_until(self, last: int) -> None:
        """Step until ``last`` weeks have passed."""
        while self.week < last:
            self.step()


def opening_order(mechanisms: Sequence[Mechanism]) -> Iterator[Mechanism]:
    """The weekly order, each mechanism after those that it reads."""
    by_name, done = {m.name: m for m in mechanisms}, set()

    def visit(mechanism: Mechanism) -> Iterator[Mechanism]:
        if mechanism.name not in done:
            done.add(mechanism.name)
            for name in mechanism.reads:
                yield from visit(by_name[name])
            yield mechanism

    for mechanism in mechanisms:
        yield from visit(mechanism)


def moving(scenario: Scenario, members: range, seed: int) -> Motion:
    """``members`` of a checked scenario in motion: with agents where a kind of one's own is among them."""
    if all(isinstance(named(name), Mechanism) for name in scenario.extensions):
        return Motion(scenario, members, seed, checked=True)
    from detente.model.world import World

    return World(scenario, members, seed, checked=True)
