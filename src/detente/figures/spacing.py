"""Where labels go so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
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

    def clear_of(self, other: Flag, gap: float) -> bool:
        """True where neither label covers the other or the other's line, which passes all rows below its label."""
        if self.row < other.top and other.row < self.top:
            return self.left >= other.left + other.width + gap or other.left >= self.left + self.width + gap
        lower, upper = (self, other) if self.row < other.row else (other, self)
        return not lower.left - gap / 2 < upper.x < lower.left + lower.width + gap / 2


#: shares of a label's width left of its line, best first: centred, to the right, to the left
_SHIFTS = ((0.5, 0.1, 0.9, 0.3, 0.7), (0.06, 0.3, 0.5, 0.9), (0.94, 0.7, 0.5, 0.1))


def flags(
    xs: Sequence[float],
    texts: Sequence[Sequence[str]],
    widths: Sequence[float],
    span: tuple[float, float],
    rows: int,
    gap: float,
) -> list[Flag | None]:
    """Rows and left edges for labels at ``xs`` (ascending) within ``span``; None for one that finds no place.

    Several greedy orders are tried; the one that places most labels in the fewest rows wins.
    """
    wanted = [Flag(x, 0, 0.0, w, tuple(t)) for x, t, w in zip(xs, texts, widths, strict=True)]
    tries = [
        _greedy(wanted, span, count, gap, shifts, backward)
        for count in range(1, rows + 1)
        for backward in (False, True)
        for shifts in _SHIFTS
    ]
    return max(tries, key=lambda found: sum(f is not None for f in found), default=[])


def _greedy(
    wanted: Sequence[Flag], span: tuple[float, float], rows: int, gap: float, shifts: Sequence[float], backward: bool
) -> list[Flag | None]:
    placed: list[Flag | None] = []
    for flag in reversed(wanted) if backward else wanted:
        choices = (
            Flag(flag.x, row, flag.x - shift * flag.width, flag.width, flag.lines)
            for row in range(rows - len(flag.lines) + 1)
            for shift in shifts
            if span[0] <= flag.x - shift * flag.width and flag.x + (1 - shift) * flag.width <= span[1]
        )
        placed.append(next((f for f in choices if all(f.clear_of(g, gap) for g in placed if g)), None))
    return placed[::-1] if backward else placed
