"""Dated acts on a chart over time: a mark on the axis each, and a label above where there is room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from detente.figures import style
from detente.figures.axes import as_days
from detente.figures.measure import LEAST, line_height, qualified, shorten, width
from detente.figures.numbers import Floats
from detente.figures.reading import Event
from detente.figures.sheet import inches
from detente.figures.spacing import Flag, Hoist

#: points of a label; inches of a label in two lines, and in one
_SIZE, _NARROW, _WIDE = 7.6, 1.12, 2.7
#: share of its room that what qualifies a title takes at most
_MOST = 1.25
_BACK = {"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.8}
#: rows of labels at most; inches under them
ROWS, AIR = 12, 0.05


def row_height() -> float:
    """Height of a row of labels in inches, in the size being drawn."""
    return line_height(style.pt(_SIZE))


def days_of(events: Sequence[Event]) -> Floats:
    """Dates of ``events`` in days since 1970."""
    return as_days(np.array([event.date for event in events], dtype="datetime64[D]"))


def layout(events: Sequence[Event], days: Floats, wide: float, rows: int = ROWS) -> list[Flag | None]:
    """Where the label of each of ``events`` goes on an axis of ``wide`` inches over ``days``; None: no room.

    Short blocks of two lines where all of them find a place, else one line each: that takes more rows and
    places more labels where acts crowd.
    """
    blocks = hoist(events, days, wide, lines=2).best(rows)
    singles = hoist(events, days, wide, lines=1).best(rows) if None in blocks else []
    return max(blocks, singles, key=lambda found: sum(flag is not None for flag in found))


def hoist(events: Sequence[Event], days: Floats, wide: float, *, lines: int) -> Hoist:
    """The labels of ``events``, in blocks of two lines or in one line each."""
    unit, size = wide / max(float(days[-1] - days[0]), 1.0), style.pt(_SIZE)
    room = style.pt(_WIDE if lines == 1 else _NARROW)
    texts = [fair(event.title, size, room, lines) for event in events]
    widths = [max(width(line, size) for line in text) for text in texts]
    xs = ((days_of(events) - days[0]) * unit).tolist()
    return Hoist(xs, texts, widths, (-0.1, wide + style.pt(0.1)), style.pt(0.08))


def fair(title: str, size: float, room: float, lines: int) -> list[str]:
    """``title`` in so many lines of ``room`` inches. What it ends with in brackets is kept whole, since that qualifies
    the rest ("authorship disputed"): the rest gives way, and if need be the room.
    """
    cut = shorten(title, size, room, lines)
    rest, kept = qualified(title)
    if not cut[-1].endswith("…") or not kept or width(kept, size) > _MOST * room:
        return cut
    if lines > 1:
        return [*shorten(rest, size, room, lines - 1), kept]
    free = max(room - width(f" {kept}", size), LEAST * room)
    return [f"{shorten(rest, size, free, 1)[0]} {kept}"]


def height(flagged: Sequence[Flag | None]) -> float:
    """Inches that the labels take above the chart."""
    rows = max((flag.top for flag in flagged if flag), default=0)
    return rows * row_height() + style.pt(AIR) * (rows > 0)


def draw(
    ax: Axes, events: Sequence[Event], flagged: Sequence[Flag | None], days: Floats,
    *, at: float, foot: float, unit: float, marker: str = "^", colour: str = style.GREY,
) -> None:  # fmt: skip
    """Marks at the height ``at``, and lines up to the labels; the lowest row of these stands at ``foot``.

    ``unit`` is an inch upward on the axis. Marks of plans are hollow.
    """
    scale = float(days[-1] - days[0]) / inches(ax)[0]
    for event, flag, x in zip(events, flagged, days_of(events).tolist(), strict=True):
        (mark,) = ax.plot([x], [at], marker, color=style.GREY, markersize=style.pt(5.2), clip_on=False, zorder=5)
        mark.set(markerfacecolor="white" if event.plan else style.GREY, markeredgewidth=style.pt(0.9))
        if flag is None:
            continue
        base = foot + flag.row * row_height() * unit
        ax.plot([x, x], [at, base], color=style.RULE, linewidth=style.pt(0.8), zorder=2.4)
        # set toward its line
        ha, share = {"right": ("left", 0.0), "left": ("right", 1.0), "over": ("center", 0.5)}[flag.side]
        place = float(days[0]) + (flag.left + share * flag.width) * scale
        for k, line in enumerate(reversed(flag.lines)):
            y = base + (k + 0.3) * row_height() * unit
            ax.text(place, y, line, ha=ha, va="baseline", fontsize=style.pt(_SIZE), color=colour, bbox=_BACK, zorder=3)
