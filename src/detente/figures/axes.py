"""Axes in the house style: a date axis in plain days, tension ticks, labels at the right end of lines."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import DAILY, MONTHLY, YEARLY, AutoDateFormatter, AutoDateLocator, num2date
from matplotlib.ticker import MaxNLocator

from detente.figures import style
from detente.figures.measure import line_height, shorten, width
from detente.figures.numbers import Floats
from detente.figures.reading import Dates
from detente.figures.sheet import inches
from detente.figures.spacing import spread
from detente.figures.style import Colour
from detente.prose.wording import compact, fixed, signed

#: days from which a date axis holds two first of January
_YEARS = 2 * 366


def as_days(dates: Dates) -> Floats:
    """Dates as days since 1970, the unit of every date axis here."""
    return np.asarray(dates).astype("datetime64[D]").astype(np.float64)


def date_axis(ax: Axes, days: Floats) -> None:
    """Limits and ticks of a date axis over ``days``: years from two on, else months, else days."""
    first, last = float(days[0]), max(float(days[-1]), float(days[0]) + 3.0)
    ax.set_xlim(first, last)
    wide, size, years = inches(ax)[0], style.pt(style.BODY), (last - first) / 365.25
    long, short, of_days = (int(wide / width(text, size) / 1.35) for text in ("2029", "’29", "30 Sep "))
    # short years rather than leaving some out; no fewer than the locator's widest steps of months and days can hold
    brief = long < years <= short
    fitting = {YEARLY: max(short if brief else long, 2) + 1, MONTHLY: max(long, 5), DAILY: max(of_days, 4)}
    locator = AutoDateLocator(minticks=2, maxticks=fitting)  # type: ignore[no-untyped-call]
    # a label at the right end would reach into the next panel
    end = last - 0.12 * style.pt(1) * (last - first) / wide
    found = locator.tick_values(*num2date([first, last]))  # type: ignore[no-untyped-call]
    ticks = [tick for tick in found if first <= tick <= end]
    formatter = AutoDateFormatter(locator)  # type: ignore[no-untyped-call]
    formatter.scaled = {365.0: "’%y" if brief else "%Y", 30.0: "%b\n%Y", 1.0: "%d %b\n%Y"}
    ax.set_xticks(ticks, [formatter(tick) for tick in ticks])


def date_room(days: Floats) -> float:
    """Inches under a date axis for its labels: months and days take two lines."""
    return 0.26 if days[-1] - days[0] >= _YEARS else 0.4


def steps(low: float, high: float, most: int) -> Floats:
    """Round numbers between ``low`` and ``high``, at most ``most`` + 1; 1, 2 or 5 times a power of ten apart."""
    ticks = np.asarray(MaxNLocator(max(most, 1), steps=[1, 2, 5, 10]).tick_values(low, high))
    air = 1e-9 * (high - low)
    return ticks[(ticks >= low - air) & (ticks <= high + air)]


def numbers(axis: Axis, low: float, high: float, most: int, *, plus: bool = False) -> None:
    """Ticks at ``steps``, written as precisely as they lie apart; ``plus`` writes signs (for differences)."""
    ticks = steps(low, high, most)
    decimals = 0 if len(ticks) < 2 else max(0, -floor(log10(ticks[1] - ticks[0]) + 1e-9))
    write = signed if plus else fixed
    axis.set_ticks(ticks, [write(tick, decimals) for tick in ticks])


def value_axis(ax: Axes, low: float, high: float, *, plus: bool = False) -> None:
    """Horizontal grid at round numbers between ``low`` and ``high``; ``plus`` writes signs (for differences)."""
    room = inches(ax)[1] * abs(high - low) / max(abs(np.subtract(*ax.get_ylim())), 1e-9)
    numbers(ax.yaxis, low, high, min(6, max(2, int(room / 0.3))), plus=plus)
    ax.grid(axis="y")


def log_axis(ax: Axes, low: float, high: float) -> None:
    """A scale of log(1 + value) between two values, with 0 and round numbers about evenly apart on it."""
    ax.set_yscale("function", functions=(np.log1p, np.expm1))
    ax.set_ylim(low, high)
    apart = np.log1p(high) / (min(6, max(3, int(inches(ax)[1] / 0.35))) + 0.6)
    ticks = [0.0]
    for value in (m * 10.0**k for k in range(-2, 7) for m in (1, 2, 5)):
        if value <= high and np.log1p(value) - np.log1p(ticks[-1]) >= apart:
            ticks.append(value)
    ax.set_yticks(ticks, [compact(tick) for tick in ticks])
    ax.minorticks_off()
    ax.grid(axis="y")


#: x as a share of the axes and y as a value, or the other way round
ACROSS, UPWARD = ("axes fraction", "data"), ("data", "axes fraction")


def beside(ax: Axes, text: str, x: float, y: float, points: float, up: float = 0.0, **look: Any) -> None:
    """``text``, if any, in small grey letters ``points`` right of (x, y), or left of it where they are below zero.

    ``up`` is points above it.
    """
    place = {"xytext": (style.pt(points), style.pt(up)), "textcoords": "offset points", "annotation_clip": False}
    place |= {"ha": "right" if points < 0 else "left", "va": "center_baseline"}
    if text:
        ax.annotate(text, (x, y), **{"fontsize": style.pt(style.SMALL), "color": style.GREY, **place, **look})


def ends(
    ax: Axes, labels: Sequence[tuple[float, str, Colour]], offset: float, room: float, size: float, weight: int = 400
) -> None:
    """Print texts at values of y, none on another, ``offset`` inches right of the axes within ``room`` (page size)."""
    tall, points = inches(ax)[1], style.pt(size)
    blocks = [shorten(text, points, style.pt(room), 3, weight) for _, text, _ in labels]
    scale = ax.transData + ax.transAxes.inverted()
    wanted = [tall * float(scale.transform((0.0, y))[1]) for y, _, _ in labels]
    places = spread(wanted, [len(block) * line_height(points) for block in blocks], 0.0, tall)
    for (_, _, colour), block, place in zip(labels, blocks, places, strict=True):
        for k, line in enumerate(block):
            y = (place + (len(block) / 2 - k - 0.5) * line_height(points)) / tall
            look: dict[str, Any] = {"color": colour, "fontsize": points, "fontweight": weight}
            beside(ax, line, 1.0, y, offset * 72, xycoords="axes fraction", **look)
