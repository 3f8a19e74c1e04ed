"""Small panels side by side: how many a row, and their heads."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from matplotlib.axes import Axes

from detente.figures import style
from detente.figures.axes import beside
from detente.figures.measure import line_height, shorten, wrap
from detente.figures.sheet import inches, split

#: inches
GAP, UNDER_HEAD, BETWEEN_ROWS = 0.2, 0.1, 0.42
#: lines that a head may take, as many as the names of two states
LINES = 3


def columns(count: int) -> int:
    """How many of ``count`` panels stand in a row: at most four."""
    return count if count <= 4 else ceil(count / ceil(count / 3))


def rows(count: int) -> int:
    """Rows that ``count`` panels take."""
    return ceil(count / columns(count))


def panels(ax: Axes, heads: Sequence[tuple[str, str, str]], gap: float = GAP) -> list[Axes]:
    """``ax`` split into one panel per head: (label, line under it, colour), the heads printed above the panels."""
    across = columns(len(heads))
    down = ceil(len(heads) / across)
    scale = style.pt(1)
    room = (inches(ax)[0] - (across - 1) * gap * scale) / across
    names = [shorten(label, style.pt(style.BODY), room, LINES, style.STRONG) for label, _, _ in heads]
    told = [wrap(text, style.pt(style.SMALL), room) for _, text, _ in heads]
    tall = [
        len(n) * line_height(style.pt(style.BODY)) + len(t) * line_height(style.pt(style.SMALL))
        for n, t in zip(names, told, strict=True)
    ]
    above = [max(tall[k * across : (k + 1) * across]) + UNDER_HEAD * scale for k in range(down)]
    made = split(ax, across, (gap * scale, BETWEEN_ROWS * scale), above)
    for spare in made[len(heads) :]:
        spare.remove()
    for panel, name, text, height, (_, _, colour) in zip(made, names, told, tall, heads, strict=False):
        up = height + UNDER_HEAD * scale
        strong = {"color": colour, "fontsize": style.pt(style.BODY), "fontweight": style.STRONG}
        for line, look in [*((line, strong) for line in name), *((line, {}) for line in text)]:
            high = line_height(style.pt(style.BODY if look else style.SMALL))
            up -= high
            points = (up + 0.25 * high) * 72 / scale
            beside(panel, line, 0, 1, 0, points, va="baseline", xycoords="axes fraction", **look)
    return made[: len(heads)]
