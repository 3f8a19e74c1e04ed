"""Where labels go so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near to ``wanted`` as possible, so that labels of these ``heights`` do not touch, in [low, high].

    Least squares under the ordering; where the room does not suffice the labels are stacked from ``low`` upward. Units
    are the caller's.
    """
    if not len(wanted):
        return []
    order = np.argsort(wanted, kind="stable")
    tall = np.asarray(heights)[order]
    offsets = tall.cumsum() - tall / 2
    starts = rising(np.asarray(wanted)[order] - offsets)
    places = np.empty(len(order))
    places[order] = np.clip(starts, low, max(high - tall.sum(), low)) + offsets
    return [float(place) for place in places]


def rising(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sequence nearest to ``values`` in least squares that never falls: neighbours that do share their mean.

    As scipy.optimize.isotonic_regression, which takes longer to import than a figure to draw.
    """
    pools: list[tuple[float, int]] = []
    for value in values.tolist():
        total, count = value, 1
        while pools and pools[-1][0] * count >= total * pools[-1][1]:
            before, many = pools.pop()
            total, count = before + total, many + count
        pools.append((total, count))
    return np.repeat([total / count for total, count in pools], [count for _, count in pools])


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    def moved(self, by: float) -> Box:
        """The same shape farther to the right."""
        return Box(self.left + by, self.bottom, self.right + by, self.top)

    def meets(self, other: Box) -> bool:
        """True where the two share some area."""
        aside = self.right <= other.left or other.right <= self.left
        return not (aside or self.top <= other.bottom or other.top <= self.bottom)


@dataclass(frozen=True)
class Flag:
    """A label hung on a line that rises from the axis at ``x``.

    It takes ``len(lines)`` rows from ``row`` (0 = lowest) upward and ``width`` from ``left``.
    """

    x: float
    row: int
    left: float
    width: float
    lines: tuple[str, ...]

    @property
    def top(self) -> int:
        """The first free row above."""
        return self.row + len(self.lines)

    @property
    def side(self) -> str:
        """Where the label stands: "right" or "left" of its line, or "over" it."""
        return "right" if self.left > self.x else "left" if self.left + self.width < self.x else "over"

    def clear_of(self, other: Flag, gap: float) -> bool:
        """True where neither label covers the other or the other's line, which passes all rows below its label."""
        if self.row < other.top and other.row < self.top:
            apart = self.left >= other.left + other.width + gap or other.left >= self.left + self.width + gap
            # a label beside its line must not push into the line of its neighbour in the same rows
            return apart and not (self._covers(other.x, 0) or other._covers(self.x, 0))
        lower, upper = (self, other) if self.row < other.row else (other, self)
        return not lower._covers(upper.x, gap / 8)

    def _covers(self, x: float, air: float) -> bool:
        return self.left - air < x < self.left + self.width + air


#: numbers of rows that are tried
_ROWS = (1, 2, 4, 8)
#: where a label may stand, best first: share of its width left of its line; None right beside it, 1 left beside it
_SHIFTS: tuple[tuple[float | None, ...], ...] = (
    (0.5, None, 1.0, 0.3, 0.7),
    (None, 0.3, 0.5, 1.0),
    (1.0, 0.7, 0.5, None),
)


@dataclass(frozen=True)
class Hoist:
    """Labels to hang at ``xs`` (ascending) within ``span``; lengths in one unit, ``gap`` between labels of a row."""

    xs: Sequence[float]
    texts: Sequence[Sequence[str]]
    widths: Sequence[float]
    span: tuple[float, float]
    gap: float

    def best(self, rows: int) -> list[Flag | None]:
        """The places of all labels in at most ``rows`` rows; None for one that finds no place.

        Several greedy orders are tried; the one that places most labels in the fewest rows wins.
        """
        tries = [
            self.placed(count, shifts, backward=backward)
            for count in sorted({min(step, rows) for step in _ROWS} | {rows})
            for backward in (False, True)
            for shifts in _SHIFTS
        ]
        return max(tries, key=lambda found: sum(f is not None for f in found), default=[])

    def placed(
        self, rows: int, shifts: Sequence[float | None] = _SHIFTS[0], taken: Sequence[Flag] = (), *, backward: bool
    ) -> list[Flag | None]:
        """One pass from left to right (or back), beside those already ``taken``."""
        found: list[Flag | None] = []
        for x, lines, width in list(zip(self.xs, self.texts, self.widths, strict=True))[:: -1 if backward else 1]:
            beside = {None: x + self.gap / 2, 1.0: x - width - self.gap / 2}
            lefts = [beside[shift] if shift in beside else x - (shift or 0.0) * width for shift in shifts]
            places = [(row, left) for row in range(rows - len(lines) + 1) for left in lefts]
            if shifts[0] is None:
                # a staircase: a label right of its line, however high, before one that would bar its neighbours' lines
                places.sort(key=lambda place: lefts.index(place[1]))
            flags = (Flag(x, row, left, width, tuple(lines)) for row, left in places)
            others = [*taken, *filter(None, found)]
            found.append(next((flag for flag in flags if self._fits(flag, others)), None))
        return found[:: -1 if backward else 1]

    def _fits(self, flag: Flag, others: Sequence[Flag]) -> bool:
        inside = self.span[0] <= flag.left and flag.left + flag.width <= self.span[1]
        return inside and all(flag.clear_of(other, self.gap) for other in others)
