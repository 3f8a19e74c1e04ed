"""Axes in the house style: a date axis in plain days, tension ticks, labels at the right end of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, log10

import numpy as np
from matplotlib.axes import Axes

from detente.analysis.wording import fixed, signed
from detente.figures import style
from detente.figures.measure import line_height, shorten, width
from detente.figures.numbers import Floats
from detente.figures.reading import Dates
from detente.figures.sheet import inches
from detente.figures.spacing import spread

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def as_days(dates: Dates) -> Floats:
    """Dates as days since 1970, the unit of every date axis here."""
    return np.asarray(dates).astype("datetime64[D]").astype(np.float64)


def date_ticks(first: float, last: float, room: float) -> list[tuple[float, str]]:
    """Ticks between two days on an axis of ``room`` inches: years where two fit, else months, else days."""
    start, end = (date(1970, 1, 1) + timedelta(days=d) for d in (ceil(first), floor(last)))
    years = [date(y, 1, 1) for y in range(start.year, end.year + 1) if start <= date(y, 1, 1) <= end]
    if len(years) >= 2:
        return _thin([(d, f"{d.year}") for d in years], room)
    months = [date(y, m, 1) for y in range(start.year, end.year + 1) for m in range(1, 13)]
    months = [d for d in months if start <= d <= end]
    if len(months) >= 3:
        return _thin([(d, f"{_MONTHS[d.month - 1]}\n{d.year}") for d in months], room)
    days = [start + timedelta(days=k) for k in range((end - start).days + 1)]
    return _thin([(d, f"{d.day} {_MONTHS[d.month - 1]}\n{d.year}") for d in days], room)


def _thin(ticks: list[tuple[date, str]], room: float) -> list[tuple[float, str]]:
    """Every n-th tick, so that the labels do not touch; short years (’26) before leaving any out."""
    widest = max(width(line, style.pt(style.BODY)) for _, text in ticks for line in text.split("\n"))
    if "\n" not in ticks[0][1] and widest * 1.35 * len(ticks) > room:
        ticks = [(d, "’" + text[2:]) for d, text in ticks]
        widest = max(width(text, style.pt(style.BODY)) for _, text in ticks)
    step = max(1, ceil(widest * 1.35 * len(ticks) / room))
    return [(float((d - date(1970, 1, 1)).days), text) for d, text in ticks[::step]]


def date_axis(ax: Axes, days: Floats) -> None:
    """Limits and ticks of a date axis over ``days``."""
    first, last = float(days[0]), float(days[-1])
    ax.set_xlim(first, max(last, first + 1))
    ticks = date_ticks(first, max(last, first + 1), inches(ax)[0])
    ax.set_xticks([x for x, _ in ticks], [text for _, text in ticks])


def date_room(days: Floats) -> float:
    """Inches under a date axis for its labels: months and days take two lines."""
    start, end = (date(1970, 1, 1) + timedelta(days=float(d)) for d in (days[0], days[-1]))
    return 0.26 if end.year - start.year >= 2 or (end.year > start.year and start == date(start.year, 1, 1)) else 0.4


def steps(low: float, high: float, most: int) -> Floats:
    """Round numbers between ``low`` and ``high``, at most ``most`` + 1; 1, 2 or 5 times a power of ten apart."""
    raw = max(high - low, 1e-9) / max(most, 1)
    power = 10.0 ** floor(log10(raw))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= raw * (1 - 1e-9))
    return np.arange(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1, dtype=np.float64) * step


def value_axis(ax: Axes, low: float, high: float, *, plus: bool = False) -> None:
    """Horizontal grid at round numbers between ``low`` and ``high``; ``plus`` writes signs (for differences)."""
    room = inches(ax)[1] * abs(high - low) / max(abs(np.subtract(*ax.get_ylim())), 1e-9)
    ticks = steps(low, high, min(6, max(2, int(room / 0.3))))
    decimals = 0 if len(ticks) < 2 else max(0, -floor(log10(ticks[1] - ticks[0]) + 1e-9))
    write = signed if plus else fixed
    ax.set_yticks(ticks, [write(t, decimals) for t in ticks])
    ax.grid(axis="y")


@dataclass(frozen=True)
class End:
    """A label beside the right end of a line: at ``y`` in data units."""

    y: float
    text: str
    colour: str
    strong: bool = True
    size: float = style.BODY

    @property
    def weight(self) -> int:
        """Font weight."""
        return style.STRONG if self.strong else 400


def ends(ax: Axes, labels: Sequence[End], offset: float, room: float, rows: int = 3) -> None:
    """Print ``labels`` ``offset`` inches right of the axes, within ``room`` inches, none on another."""
    low, high = ax.get_ylim()
    unit = (high - low) / inches(ax)[1]
    blocks = [shorten(e.text, style.pt(e.size), room, rows, e.weight) for e in labels]
    heights = [len(b) * line_height(style.pt(e.size)) * unit for b, e in zip(blocks, labels, strict=True)]
    places = spread([e.y for e in labels], heights, low, high)
    for end, block, place, height in zip(labels, blocks, places, heights, strict=True):
        for k, line in enumerate(block):
            ax.annotate(
                line,
                (1.0, place + height / 2 - (k + 0.5) * height / len(block)),
                xycoords=("axes fraction", "data"),
                xytext=(offset * 72, 0),
                textcoords="offset points",
                va="center_baseline",
                fontsize=style.pt(end.size),
                fontweight=end.weight,
                color=end.colour,
                annotation_clip=False,
            )
