"""Charts over time: bands, lines and dated rules on an axis of dates, one large chart or small panels side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from detente.figures import event_labels, reading, style
from detente.figures import panels as grid
from detente.figures.axes import ACROSS, UPWARD, as_days, beside, date_axis, date_room, ends, log_axis, value_axis
from detente.figures.measure import line_height, shorten, width
from detente.figures.numbers import Floats
from detente.figures.reading import Event
from detente.figures.sheet import Room, inches
from detente.figures.spacing import Flag
from detente.figures.style import Colour

if TYPE_CHECKING:
    import xarray as xr

#: lengths of dash and gap
DASHED, DOTTED, BETWEEN = (4.0, 2.0), (1.0, 2.0), (1.5, 2.0)
#: inches from the axes to the names of lines, alone and beyond those of bands; a name takes no more than this
_BESIDE, _BEYOND, _NAME = 0.06, 0.42, 1.25
BACK = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}


@dataclass(frozen=True)
class Band:
    """What lies between ``low`` and ``high`` over time; ``end`` is printed small at the right end of its upper edge."""

    colour: Colour
    low: Floats
    high: Floats
    _: KW_ONLY
    end: str = ""
    stepped: bool = False


@dataclass(frozen=True)
class Line:
    """Values over time; ``end`` is printed beside the last of them."""

    values: Floats
    colour: Colour
    width: float = 1.6
    dashes: tuple[float, float] | None = None
    end: str = ""
    stepped: bool = False
    dots: bool = False


@dataclass(frozen=True)
class Rule:
    """A straight line at a value or a day, with words on either side; of a level the left ones, where there is room."""

    at: float
    colour: Colour = style.INK
    width: float = 1.0
    dashes: tuple[float, float] | None = DOTTED
    left: str = ""
    right: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One chart. ``days`` since 1970 (time,); ``shades``: first day, last day, colour of what stands behind it all."""

    days: Floats
    limits: tuple[float, float]
    lines: Sequence[Line]
    bands: Sequence[Band] = ()
    levels: Sequence[Rule] = ()
    dates: Sequence[Rule] = ()
    shades: Sequence[tuple[float, float, Colour]] = ()
    label: str = ""
    head: str = ""
    colour: str = style.INK


@dataclass(frozen=True, kw_only=True)
class TimeBand:
    """The words and charts of a figure over time; ``numbers`` are those that its words are made from, by name.

    ``each`` is the height of a row of charts in inches, ``below`` what is kept free under the values for more. Every
    panel with a label has a head. ``untold`` is said where an act has no label for want of room.
    """

    title: str
    subtitle: str
    reading: str
    panels: tuple[Panel, ...]
    each: float
    numbers: Mapping[str, Any] = field(default_factory=dict)
    footnotes: str = ""
    left: float = 0.34
    below: float = 0.0
    gap: float = grid.GAP
    signed: bool = False
    logarithmic: bool = False
    events: tuple[Event, ...] = ()
    untold: str = ""

    @property
    def notes(self) -> str:
        """How to read it, and footnotes."""
        untold = self.untold if None in self.flagged else ""
        return " ".join(filter(None, [self.reading, untold, self.footnotes]))

    @cached_property
    def flagged(self) -> list[Flag | None]:
        """Places of the events' labels at page size."""
        with style.house():
            return event_labels.layout(self.events, self.panels[0].days, self.wide)

    @property
    def wide(self) -> float:
        """Width of the axes on a page in inches."""
        return style.page_width() - self.room.left - self.room.right

    @property
    def height(self) -> float:
        """The charts, and the rows of labels above them."""
        return self.each * grid.rows(len(self.panels)) + event_labels.height(self.flagged)

    @property
    def offset(self) -> float:
        """Inches at page size between a single chart and the names of its lines."""
        return _BEYOND if any(band.end for band in self.panels[0].bands) else _BESIDE

    @cached_property
    def room(self) -> Room:
        """Left for the ticks, right for the names of the lines."""
        with style.house():
            names = [width(line.end, style.BODY, style.STRONG) for line in self.panels[0].lines if line.end]
        right = self.offset + 0.1 + min(max(names), _NAME) if names else 0.1
        return Room(left=self.left, right=right, bottom=date_room(self.panels[0].days))


def limits(low: float, high: float, level: float | None = None) -> tuple[float, float]:
    """Limits of an axis of tension that shows ``low`` to ``high``, and ``level`` where that lies near."""
    near = max(12.0, 0.8 * (high - low))
    if level is not None and high < level < high + near:
        high = level + 1.0
    elif level is not None and low - near < level < low:
        low = level - 1.0
    middle, half = (low + high) / 2, 1.04 * max((high - low) / 2, 4.0)
    return max(0.0, middle - half), min(100.0, middle + half)


def record(ds: xr.Dataset) -> list[Rule]:
    """The day up to which the calendar is record; after it, plan. None where it is absent or outside the run."""
    until, (first, last) = ds.attrs.get("documented_until"), reading.days(ds)[[0, -1]]
    if not until or not first < np.datetime64(str(until)[:10], "D") < last:
        return []
    day = float(as_days(np.array([str(until)[:10]], dtype="datetime64[D]"))[0])
    return [Rule(day, width=0.8, dashes=BETWEEN, left="record", right="plan")]


def draw(data: TimeBand, ax: Axes) -> Axes:
    """Draw the one chart, or a panel for each, into ``ax``."""
    if not data.panels[0].label:
        chart(ax, data.panels[0], data)
        return ax
    made = grid.panels(ax, [(p.label, p.head, p.colour) for p in data.panels], data.gap)
    for k, (panel, one) in enumerate(zip(made, data.panels, strict=True)):
        chart(panel, one, data)
        if k % grid.columns(len(made)) and one.limits == data.panels[k - 1].limits:
            panel.tick_params(labelleft=False)
    return ax


def chart(ax: Axes, one: Panel, data: TimeBand) -> None:
    """One chart with everything on it."""
    flagged = _flagged(ax, data)
    _axes(ax, one, data, event_labels.height(flagged))
    for first, last, colour in one.shades:
        ax.axvspan(first, last, color=colour, linewidth=0, zorder=0.3)
    for band in one.bands:
        step: Any = "mid" if band.stepped else None
        ax.fill_between(one.days, band.low, band.high, color=band.colour, linewidth=0, step=step)
    for line in one.lines:
        dots = {"marker": "o", "markersize": style.pt(line.width), "linestyle": "none", "mew": 0} if line.dots else {}
        ax.plot(one.days, line.values, drawstyle="steps-mid" if line.stepped else None, **_look(line) | dots)
    for rule in one.levels:
        _level(ax, rule, one)
    for rule in one.dates:
        _date(ax, rule, one, low=bool(data.below))
    low, high = ax.get_ylim()
    unit = (high - low) / inches(ax)[1]
    foot = high + (style.pt(event_labels.AIR) - event_labels.height(flagged)) * unit
    event_labels.draw(ax, data.events, flagged, one.days, at=low, foot=foot, unit=unit)
    small = [(band.high[-1], band.end, one.colour) for band in reversed(one.bands) if band.end]
    ends(ax, small, _BESIDE, 1.0, style.NOTE)
    named = [(line.values[np.isfinite(line.values)][-1], line.end, line.colour) for line in one.lines if line.end]
    ends(ax, named, data.offset, data.room.right - data.offset - 0.04, style.BODY, style.STRONG)


def _flagged(ax: Axes, data: TimeBand) -> list[Flag | None]:
    """Places of the events' labels: those of the page, or found again where ``ax`` is of another size."""
    wide, tall = inches(ax)
    if not data.events or (abs(wide - data.wide) < 0.01 and event_labels.height(data.flagged) <= 0.5 * tall):
        return data.flagged
    rows = min(event_labels.ROWS, int(0.48 * tall / event_labels.row_height()))
    return event_labels.layout(data.events, data.panels[0].days, wide, rows)


def _axes(ax: Axes, one: Panel, data: TimeBand, above: float) -> None:
    """Limits with room ``above`` in inches for the labels of events; ticks and grid."""
    low, high = one.limits
    if data.logarithmic:
        log_axis(ax, low, high)
    else:
        tall, below = inches(ax)[1], style.pt(data.below)
        unit = (high - low) / max(tall - above - below, 0.3 * tall)
        ax.set_ylim(low - below * unit, high + above * unit)
        value_axis(ax, low, high, plus=data.signed)
    date_axis(ax, one.days)


def _look(line: Line | Rule) -> dict[str, Any]:
    look = {"color": line.colour, "linewidth": style.pt(line.width)}
    return look | ({"dashes": line.dashes} if line.dashes else {})


def _level(ax: Axes, rule: Rule, one: Panel) -> None:
    """A level, if it lies within the limits, named where the first band leaves room."""
    if not one.limits[0] <= rule.at <= one.limits[1]:
        return
    ax.axhline(rule.at, zorder=3 if rule.left else 1.9, **_look(rule))
    if not rule.left:
        return
    size = style.pt(style.SMALL)
    head, _, value = rule.left.rpartition(":")
    text = f"{shorten(head, size, 0.5 * inches(ax)[0] - width(value, size), 1)[0]}:{value}"
    side, up = _free_corner(ax, rule.at, one, width(text, size))
    look: dict[str, Any] = {"va": "bottom" if up > 0 else "top", "color": style.INK, "bbox": BACK, "zorder": 4}
    beside(ax, text, side, rule.at, 3 - 6 * side, 3 * up, xycoords=ACROSS, **look)


def _free_corner(ax: Axes, at: float, one: Panel, wide: float) -> tuple[int, int]:
    """(0 left or 1 right, +1 above or -1 below) of the value ``at`` where a name covers least of the first band."""
    count = max(1, int(len(one.days) * wide / inches(ax)[0]))
    tall = float(np.ptp(ax.get_ylim())) / inches(ax)[1] * line_height(style.pt(style.SMALL))

    def covered(corner: tuple[int, int]) -> float:
        part = slice(-count, None) if corner[0] else slice(0, count)
        low, high = sorted((at, at + corner[1] * tall))
        shared = np.minimum(one.bands[0].high[part], high) - np.maximum(one.bands[0].low[part], low)
        return float(np.clip(shared, 0, None).mean())

    return min(((side, up) for side in (0, 1) for up in (1, -1)), key=covered)


def _date(ax: Axes, rule: Rule, one: Panel, *, low: bool) -> None:
    """A day, with words beside its line at its ``low`` or its upper end, if it is not too near the edge."""
    ax.plot([rule.at] * 2, [ax.get_ylim()[0], one.limits[1]], zorder=2.5, **_look(rule))
    share = (rule.at - one.days[0]) / (one.days[-1] - one.days[0])
    for text, way, fits in ((rule.left, -1, share > 0.12), (rule.right, 1, share < 0.88)):
        if fits:
            look: dict[str, Any] = {"va": "baseline" if low else "top", "fontsize": style.pt(style.NOTE), "bbox": BACK}
            beside(ax, text, rule.at, 0 if low else 1, 4 * way, 10 if low else -1, xycoords=UPWARD, **look)
