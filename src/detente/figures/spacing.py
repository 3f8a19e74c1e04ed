"""Where labels go so that none covers another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near to ``wanted`` as possible, so that labels of these ``heights`` do not touch, in [low, high].

    Least squares under the ordering (pool adjacent violators); where the room does not suffice the labels
    are stacked from ``low`` upward. Units are the caller's.
    """
    order = sorted(range(len(wanted)), key=lambda k: (wanted[k], k))
    offsets, total = [], 0.0
    for k in order:
        offsets.append(total + heights[k] / 2)
        total += heights[k]
    blocks: list[tuple[float, int]] = []
    for k, offset in zip(order, offsets, strict=True):
        mean, size = wanted[k] - offset, 1
        while blocks and blocks[-1][0] >= mean:
            before, count = blocks.pop()
            mean, size = (before * count + mean * size) / (count + size), size + count
        blocks.append((mean, size))
    starts = [min(max(mean, low), max(high - total, low)) for mean, size in blocks for _ in range(size)]
    places = [0.0] * len(wanted)
    for k, offset, start in zip(order, offsets, starts, strict=True):
        places[k] = start + offset
    return places


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    bottom: float
    right: float
    top: float

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
        wanted = list(zip(self.xs, self.texts, self.widths, strict=True))
        for x, lines, width in reversed(wanted) if backward else wanted:
            others = [*taken, *(f for f in found if f)]
            found.append(next(self._choices(x, tuple(lines), width, rows, shifts, others), None))
        return found[::-1] if backward else found

    def _choices(
        self,
        x: float,
        lines: tuple[str, ...],
        width: float,
        rows: int,
        shifts: Sequence[float | None],
        others: Sequence[Flag],
    ) -> Iterator[Flag]:
        places = [(row, shift) for row in range(rows - len(lines) + 1) for shift in shifts]
        if shifts[0] is None:
            # a staircase: a label right of its line, however high, before one that would bar its neighbours' lines
            places.sort(key=lambda place: shifts.index(place[1]))
        for row, shift in places:
            flag = Flag(x, row, self._left(x, width, shift), width, lines)
            inside = self.span[0] <= flag.left and flag.left + width <= self.span[1]
            if inside and all(flag.clear_of(other, self.gap) for other in others):
                yield flag

    def _left(self, x: float, width: float, shift: float | None) -> float:
        if shift is None:
            return x + self.gap / 2
        return x - width - self.gap / 2 if shift == 1.0 else x - shift * width
