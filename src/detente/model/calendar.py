"""Dated acts turned into effects: which channel, which rows, how much, in which week, in which members.

What an act means is stated once, at its record (scenario/acts.py); how strongly and how long it is felt is the laws'
business.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.laws.effects import Effect
from detente.laws.situation import Layout, Rows
from detente.model.draws import Draws, money
from detente.model.noise import Stream
from detente.scenario.acts import Act
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]


def week_of(day: date, start: date) -> int:
    """The week in which ``day`` lies; week 1 is the first step after the start row."""
    return (day - start).days // 7 + 1


def weeks(scenario: Scenario) -> int:
    """Number of steps from start to end."""
    return (scenario.calendar.end - scenario.calendar.start).days // 7


@dataclass(frozen=True)
class Translator:
    """What an act needs to become effects."""

    scenario: Scenario
    layout: Layout
    draws: Draws
    exchange: Array

    def size(self, quantity: Any, path: str) -> Array:
        """A quantity of an act for the block's members."""
        return self.draws.take(quantity, path)

    def lean(self, supplier: str) -> Array:
        """Orientation of a supplier; one from outside the theatre is taken as neutral."""
        if supplier not in self.scenario.actors:
            return np.zeros(())
        return self.draws.take(self.scenario.actors[supplier].orientation, f"actors.{supplier}.orientation")

    def money(self, quantity: Any, path: str) -> Array:
        """A cost in USD m."""
        return money(quantity, path, self.draws, self.exchange)

    def row(self, entity: str, name: str) -> Rows:
        """The row of a name among the entities of a kind."""
        return self.rows(entity, [name])

    def rows(self, entity: str, names: Sequence[str]) -> Rows:
        """The rows of several names of a kind of entity."""
        return np.array([getattr(self.layout, entity).index(name) for name in names], dtype=np.intp)


def _happens(name: str, act: Act, t: Translator) -> NDArray[np.bool_] | None:
    """Members in which the act comes about; None where it is certain."""
    if act.certain:
        return None
    luck = Stream(t.draws.seed, "act", [name], t.draws.members).uniform(0)[0]
    return np.asarray(act.happens(t.size(act.chance, f"acts.{name}.chance"), luck))


def compile_acts(t: Translator) -> dict[int, list[Effect]]:
    """Effects of all acts by week, in the file's order."""
    timetable: dict[int, list[Effect]] = defaultdict(list)
    for name, act in t.scenario.acts.items():
        happens = _happens(name, act, t)
        week = week_of(act.date, t.scenario.calendar.start)
        for later, effect in act.effects(f"acts.{name}", t):
            timetable[week + later].append(replace(effect, happens=happens))
    return dict(timetable)
