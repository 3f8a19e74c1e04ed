"""Rows on one axis of values: a name on the left, marks with their 95 % intervals beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from detente.figures import reading, style
from detente.figures.axes import ACROSS, beside, numbers
from detente.figures.measure import LEADING, line_height, shorten, width
from detente.figures.sheet import Room, inches
from detente.prose.wording import digits_for, fixed

if TYPE_CHECKING:
    import xarray as xr

#: inches: the line of the series' names, and what the longest name of a row takes
_HEAD, _NAME = 0.2, 2.5


@dataclass(frozen=True)
class Mark:
    """A value and the ends of its 95 % interval, as a dot on a line; hollow (``faint``) where it may be nothing.

    ``text`` is printed at its right end (or ``left`` of it), ``aside`` on its height right of the axes.
    """

    value: float
    low: float
    high: float
    faint: bool = False
    text: str = ""
    aside: str = ""
    left: bool = False

    @property
    def size(self) -> str:
        """The value without its sign, as precisely as its interval allows."""
        return fixed(abs(self.value), digits_for((self.high - self.low) / 2))

    @property
    def ends(self) -> tuple[float, float]:
        """From where to where it reaches."""
        return min(self.low, self.value), max(self.high, self.value)

    def paint(self, ax: Axes, y: float, colour: str) -> None:
        """Draw it into ``ax`` at the height ``y``."""
        ax.plot([self.low, self.high], [y, y], color=colour, linewidth=style.pt(1.4), solid_capstyle="butt")
        face = "white" if self.faint else colour
        ax.plot([self.value], [y], "o", markersize=style.pt(4.6), color=colour, markerfacecolor=face, clip_on=False)


@dataclass(frozen=True, kw_only=True)
class Bar(Mark):
    """A bar from ``begin`` to the value, with its interval on it; ``shift`` and ``thick`` in heights of a row.

    A line goes from it to the next row at ``joined``.
    """

    begin: float = 0.0
    shift: float = 0.0
    thick: float = 0.64
    colour: str = ""
    hatched: bool = False
    joined: float | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """From where to where it reaches."""
        return min(self.low, self.value, self.begin), max(self.high, self.value, self.begin)

    def paint(self, ax: Axes, y: float, colour: str) -> None:
        """Draw it into ``ax`` at the height ``y``."""
        y, edge = y + self.shift, self.colour or colour
        look: dict[str, Any] = {"color": edge}
        if self.hatched:
            look = {"facecolor": style.tint(edge, 0.45), "edgecolor": edge, "hatch": "//////"}
        ax.barh(y, self.value - self.begin, self.thick, self.begin, linewidth=style.pt(0.7), **look)
        if self.low < self.high:
            ax.plot([self.low, self.high], [y, y], color=style.INK, linewidth=style.pt(0.9))
        if self.joined is not None:
            ax.plot([self.joined] * 2, [y + 0.31, y + 0.69], color=style.RULE, linewidth=style.pt(0.9))


@dataclass(frozen=True)
class Series:
    """Marks of one colour, one per row (None where a row has none)."""

    name: str
    colour: str
    marks: Sequence[Mark | None]


@dataclass(frozen=True)
class Rows:
    """The words and marks of a figure of rows; ``numbers`` are those that its words are made from, by name.

    ``signed`` where they are changes, ``origin`` is the value that counts as none. A name may have a second line,
    parted by a line break. ``each`` is the least height of a row in inches; the marks of a row share ``apart`` of it.
    """

    title: str
    subtitle: str
    rows: tuple[str, ...]
    series: tuple[Series, ...]
    signed: bool
    notes: str = ""
    origin: float | None = 0.0
    each: float = 0.3
    apart: float = 0.8
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def head(self) -> float:
        """Inches above the rows for the names of the series: one alone needs none."""
        return _HEAD if len(self.series) > 1 else 0.0

    @property
    def marks(self) -> list[Mark]:
        """All marks."""
        return [mark for series in self.series for mark in series.marks if mark]

    @property
    def height(self) -> float:
        """As many rows as there are, higher where each holds several marks."""
        each = max(self.each, 0.13 * len(self.series) + 0.1 if self.apart else 0.0)
        return max(each * len(self.rows), 0.9) + self.head + 0.1

    @property
    def room(self) -> Room:
        """Names on the left, what is told aside on the right."""
        aside = max((width(mark.aside, style.SMALL) for mark in self.marks), default=0.0)
        names = max((width(line, style.SMALL) for row in self.rows for line in row.split("\n")), default=0.0)
        return Room(left=min(names + 0.14, _NAME), right=0.25 + aside)


def with_footnotes(drawing: Rows, data: xr.Dataset) -> Rows:
    """``drawing`` with the footnotes of ``data`` that a name in it refers to."""
    texts = [drawing.title, drawing.subtitle, *drawing.rows, *(series.name for series in drawing.series)]
    return replace(drawing, notes=f"{drawing.notes} {reading.footnotes(data, texts)}".strip())


def cut(left_out: int, what: str) -> str:
    """How many more there are than are drawn; "" for none."""
    return f"{left_out} more {what} are not drawn." if left_out > 0 else ""


def within(what: str, weeks: str) -> str:
    """A measure with its weeks in brackets: what ``analysis.findings.measured`` tells."""
    return f"{what} ({weeks})" if weeks else what


def draw(data: Rows, ax: Axes) -> Axes:
    """Draw the rows into ``ax``."""
    count, (wide, tall) = len(data.rows), inches(ax)
    head = style.pt(data.head)
    per_inch = count / (tall - head)
    ax.set_ylim(count - 0.5, -0.5 - head * per_inch)
    _values(data, ax, wide)
    if data.origin is not None:
        ax.plot([data.origin] * 2, [-0.5, count - 0.5], color=style.INK, linewidth=style.pt(0.9))
    aside = _fitting((data.apart or 1.0) / len(data.series) / per_inch)
    for k, series in enumerate(data.series):
        offset = data.apart * ((k + 0.5) / len(data.series) - 0.5)
        for row, mark in enumerate(series.marks):
            if mark is not None:
                y, colour = row + offset, series.colour if data.head else style.GREY
                mark.paint(ax, y, series.colour)
                beside(ax, mark.text, mark.ends[not mark.left], y, -3.5 if mark.left else 3.5, color=style.INK)
                beside(ax, mark.aside, 1, y, 6, color=colour, fontsize=aside, xycoords=ACROSS)
    ax.set_yticks([])
    ax.grid(axis="x")
    _names(data, ax, per_inch)
    _series(data, ax, wide, -0.5 - 0.6 * head * per_inch)
    return ax


def _fitting(tall: float) -> float:
    """Points of letters that fit into ``tall`` inches: small ones, or smaller where rows are crowded."""
    return max(min(style.pt(style.SMALL), tall * 72 / LEADING), style.SMALLEST)


def _names(data: Rows, ax: Axes, per_inch: float) -> None:
    """The names left of the axes, in as many lines as a row holds."""
    least = max(row.count("\n") for row in data.rows) + 1
    size, room = _fitting(1 / per_inch / least), style.pt(data.room.left - 0.1)
    line = line_height(size) * per_inch
    for k, row in enumerate(data.rows):
        name, *below = row.split("\n")
        lines = [(text, style.INK) for text in shorten(name, size, room, max(1, min(3, int(1.02 / line))))]
        lines += [(text, style.GREY) for one in below for text in shorten(one, size, room, 1)]
        for place, (text, colour) in enumerate(lines):
            y = k + (place - (len(lines) - 1) / 2) * line
            beside(ax, text, 0, y, -6, color=colour, fontsize=size, xycoords=ACROSS)


def _values(data: Rows, ax: Axes, wide: float) -> None:
    """Limits that hold all marks with their texts, and ticks over the marks."""
    ends = [data.origin or 0.0, *(end for mark in data.marks for end in mark.ends)]
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    if high - low < 1e-9:
        low, high = low - (0.5 if data.signed else 0.0), high + 0.5
    pads = [0.04 * wide, 0.04 * wide]
    for mark in data.marks:
        if mark.text:
            pads[not mark.left] = max(pads[not mark.left], width(mark.text, style.pt(style.SMALL)) + style.pt(0.12))
    room = max(wide - sum(pads), 0.3 * wide)
    unit = (high - low) / room
    ax.set_xlim(low - pads[0] * unit, high + pads[1] * unit)
    numbers(ax.xaxis, low, high, max(2, min(6, int(room / style.pt(0.5)))), plus=data.signed)


def _series(data: Rows, ax: Axes, wide: float, y: float) -> None:
    """The names of the series, in their colours, in one line above the rows."""
    if not data.head:
        return
    size, gap = style.pt(style.SMALL), style.pt(0.2)
    names = [series.name for series in data.series]
    if sum(width(name, size, style.STRONG) + gap for name in names) > wide:
        names = [shorten(name, size, wide / len(names) - gap, 1, style.STRONG)[0] for name in names]
    place = 0.0
    look: dict[str, Any] = {"xycoords": ACROSS, "fontweight": style.STRONG}
    for name, series in zip(names, data.series, strict=True):
        beside(ax, name, 0, y, place, color=series.colour, **look)
        place += (width(name, style.SMALL, style.STRONG) + 0.2) * 72
