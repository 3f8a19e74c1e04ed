"""What comes little by little: deliveries of programmes, base works and their cost. Even over their window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.model.calendar import Translator, week_of
from detente.model.draws import money
from detente.scenario.theatre import Base

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Flow:
    """``amount`` a week, USD m, for the actor in ``row`` from week ``first`` to ``last``; ``leaning`` is the same
    signed by the supplier's orientation. Shapes () or (member,)."""

    row: int
    first: int
    last: int
    amount: Array
    leaning: Array


class Flows:
    """Sums of flows week by week; they change only where a flow begins or ends, and are kept in between."""

    def __init__(self, flows: Sequence[Flow], actors: int, members: int) -> None:
        self.flows = flows
        self.shape = actors, members
        self.turns = sorted({week for flow in flows for week in (flow.first, flow.last + 1)})
        self._known: tuple[int, Array, Array] | None = None

    def at(self, week: int) -> tuple[Array, Array]:
        """What arrives in ``week``, USD m, and the same signed by orientation; (actor, member), not to be edited."""
        stretch = bisect_right(self.turns, week)
        if self._known is None or self._known[0] != stretch:
            self._known = stretch, *self._summed(week)
        return self._known[1], self._known[2]

    def _summed(self, week: int) -> tuple[Array, Array]:
        brought, leaning = np.zeros(self.shape), np.zeros(self.shape)
        for flow in self.flows:
            if flow.first <= week <= flow.last:
                brought[flow.row] += flow.amount
                leaning[flow.row] += flow.leaning
        return brought, leaning


def deliveries(t: Translator) -> Iterator[Flow]:
    """What programmes bring."""
    start = t.scenario.calendar.start
    for name, p in t.scenario.programmes.items():
        first, last = week_of(p.first_delivery, start), week_of(p.last_delivery, start)
        share = money(p.value, f"programmes.{name}.value", t.draws, t.exchange) / (last - first + 1)
        yield Flow(t.layout.actors.index(p.actor), first, last, share, share * t.lean(p.supplier))


@dataclass(frozen=True)
class Works:
    """Works on bases from week ``first`` until they stand complete in the week before ``last``, both (base, 1);
    ``capacity`` in persons, (base, 1 or member)."""

    first: Array
    last: Array
    capacity: Array

    def room(self, week: int) -> Array:
        """Capacity finished by ``week``, persons, (base, 1 or member)."""
        progress = (week - self.first + 1) / (self.last - self.first)
        return self.capacity * np.clip(progress, 0.0, 1.0)


def works(t: Translator, length: int) -> tuple[Works, list[Flow]]:
    """The works on bases, and what they add to the hosts' capital meanwhile."""
    windows, spent = [], []
    for name, base in t.scenario.bases.items():
        first, last = _window(base, t, length)
        windows.append((first, last))
        cost = money(base.investment, f"bases.{name}.investment", t.draws, t.exchange) / (last - first)
        spent.append(Flow(t.layout.actors.index(base.host), first, last - 1, cost, np.zeros(())))
    begun, done = np.array(windows, dtype=np.float64).reshape(-1, 2, 1).swapaxes(0, 1)
    capacity = t.draws.rows([(f"bases.{name}.capacity", base.capacity) for name, base in t.scenario.bases.items()])
    return Works(begun, done, capacity), spent


def _window(base: Base, t: Translator, length: int) -> tuple[int, int]:
    """First week of the works and the one they end before; a base without dates stands complete from the start."""
    start = t.scenario.calendar.start
    if base.works_from is None and base.open is None:
        return -1, 0
    first = week_of(base.works_from, start) if base.works_from else 0
    last = week_of(base.open, start) if base.open else length
    return first, max(last, first + 1)
