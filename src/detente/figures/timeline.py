"""Timeline: the index above, and below it the dated acts of the scenario in one lane per actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from detente.analysis import attributes, summary
from detente.figures import event_labels, reading, style, timeband
from detente.figures.axes import as_days, date_axis
from detente.figures.measure import shorten, width
from detente.figures.numbers import Floats
from detente.figures.reading import Event, FigureError
from detente.figures.sheet import inches
from detente.figures.spacing import Flag
from detente.figures.timeband import BETWEEN, Band, Line, Panel, Rule, TimeBand
from detente.figures.words import months

if TYPE_CHECKING:
    import xarray as xr

#: lanes beyond these are joined in one
_LANES = 11
_OTHERS = "Others"
#: inches: the index, the gap under it, a lane below and above its line
_FAN, _GAP, _FOOT, _ABOVE = 1.35, 0.1, 0.09, 0.07
#: rows of labels over a lane at most
_ROWS = 3


@dataclass(frozen=True)
class Lane:
    """One actor (or kind of act) and its acts in order of date."""

    label: str
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class Timeline(TimeBand):
    """The index above, the dated acts in lanes below."""

    lanes: tuple[Lane, ...]
    by: str
    until: Sequence[Rule]

    @property
    def height(self) -> float:
        """A lane each, as high as its labels, and the index above."""
        with style.house():
            lanes = [_flagged(lane, self.panels[0].days, self.wide, _ROWS) for lane in self.lanes]
            return _FAN + _GAP + sum(_lane_height(flagged) for flagged in lanes)


def collect(ds: xr.Dataset) -> Timeline:
    """The numbers of the figure. FigureError where the run holds no dated act."""
    acts = reading.events(ds, marked=False)
    if not acts:
        raise FigureError("no timeline: this scenario has no dated act inside the run")
    median, low, high, quarter, three = summary.quantiles(reading.tension(ds), [0.5, 0.1, 0.9, 0.25, 0.75])
    named = any(act.actors for act in acts)
    lanes, label, days = _lanes(ds, acts, named), reading.label(ds), reading.days(ds)
    by, colour = "actor" if named else "kind of act", style.palette([reading.name(ds)])[reading.name(ds)]
    marked = event_labels.days_of([act for act in acts if act.mark]).tolist()
    index = Panel(
        days=as_days(days),
        limits=timeband.limits(float(low.min()), float(high.max())),
        bands=[Band(style.tint(colour, 0.2), low, high), Band(style.tint(colour, 0.5), quarter, three)],
        lines=[Line(median, colour)],
        dates=[Rule(day, style.RULE, 0.6, None) for day in marked],
    )
    record, period = sum(not act.plan for act in acts), months(days[0], days[-1])
    with style.house():
        left = min(max(width(lane.label, style.SMALL) for lane in lanes) + 0.16, 1.5)
    return Timeline(
        title=f"{label}: {len(acts)} dated acts in {period}, {record} of them on record",
        subtitle=f"Tension index, median with 50% and 80% bands; below, the scenario's dated acts by {by}",
        reading="● on record, ○ planned or supposed; vertical lines: acts the scenario marks. "
        "Acts without a label for want of room are in the scenario file.",
        panels=(index,),
        each=_FAN,
        left=left,
        numbers={"acts": len(acts), "record": record},
        lanes=lanes,
        by=by,
        until=timeband.record(ds),
        footnotes=reading.footnotes(ds, [label, *(lane.label for lane in lanes), *(act.title for act in acts)]),
    )


def _lanes(ds: xr.Dataset, events: Sequence[Event], named: bool) -> tuple[Lane, ...]:
    """The busiest lanes first; an act lies in the lane of the actor named first."""
    found: dict[str, list[Event]] = {}
    for event in events:
        key = (event.actors[0] if event.actors else _OTHERS) if named else event.kind
        found.setdefault(key, []).append(event)
    rest = found.pop(_OTHERS, [])
    ranked = sorted(found, key=lambda key: (-sum(e.mark for e in found[key]), -len(found[key]), key))
    if len(ranked) + bool(rest) > _LANES:
        ranked, small = ranked[: _LANES - 1], ranked[_LANES - 1 :]
        rest = sorted((*rest, *(e for key in small for e in found[key])), key=lambda e: e.date)
    lanes = [Lane(_lane_label(ds, key, named), tuple(found[key])) for key in ranked]
    return (*lanes, Lane(_OTHERS, tuple(rest))) if rest else tuple(lanes)


def _lane_label(ds: xr.Dataset, key: str, named: bool) -> str:
    return attributes.actor_label(ds, key) if named else key.replace("_", " ").capitalize()


def draw(data: Timeline, ax: Axes) -> Axes:
    """Draw the index and the lanes into ``ax``."""
    _, tall = inches(ax)
    ax.set_axis_off()
    index, gap = min(style.pt(_FAN), 0.35 * tall) / tall, style.pt(_GAP) / tall
    above = ax.inset_axes((0, 1 - index, 1, index))
    timeband.chart(above, data.panels[0], data)
    above.tick_params(labelbottom=False, bottom=False)
    _acts(data, ax.inset_axes((0, 0, 1, 1 - index - gap)))
    return ax


def _acts(data: Timeline, ax: Axes) -> None:
    wide, tall = inches(ax)
    lanes, days = _fitting(data.lanes, tall), data.panels[0].days
    ax.set_ylim(tall, 0)
    date_axis(ax, days)
    flagged = _labels(lanes, days, wide, tall)
    heights = np.array([_lane_height(found) for found in flagged])
    feet = np.cumsum(heights) * min(1.0, tall / heights.sum()) - style.pt(_FOOT)
    for lane, found, y in zip(lanes, flagged, feet.tolist(), strict=True):
        _lane(ax, lane, found, days, y)
    room = style.pt(data.left - 0.12)
    ax.set_yticks(feet, [shorten(lane.label, style.pt(style.SMALL), room, 1)[0] for lane in lanes])
    ax.tick_params(axis="y", labelcolor=style.INK, labelsize=style.pt(style.SMALL))
    ax.grid(axis="y")
    for rule in data.until:
        ax.axvline(rule.at, color=rule.colour, linewidth=style.pt(rule.width), dashes=BETWEEN, zorder=1.5)


def _labels(lanes: Sequence[Lane], days: Floats, wide: float, tall: float) -> list[list[Flag | None]]:
    """Places of all labels, lane by lane, in as many rows as ``tall`` inches allow."""
    for rows in range(_ROWS, 1, -1):
        found = [_flagged(lane, days, wide, rows) for lane in lanes]
        if sum(map(_lane_height, found)) <= tall + 0.01:
            return found
    return [_flagged(lane, days, wide, 1) for lane in lanes]


def _fitting(lanes: Sequence[Lane], tall: float) -> Sequence[Lane]:
    """``lanes``, the last joined in one where ``tall`` inches do not hold them all."""
    most = max(2, int(tall / (_lane_height([]) + 1e-6)))
    if len(lanes) <= most:
        return lanes
    rest = sorted((event for lane in lanes[most - 1 :] for event in lane.events), key=lambda event: event.date)
    return [*lanes[: most - 1], Lane(_OTHERS, tuple(rest))]


def _flagged(lane: Lane, days: Floats, wide: float, rows: int) -> list[Flag | None]:
    """Places of the labels: the marked acts first, then the others where room is left."""
    marked = [event for event in lane.events if event.mark]
    others = [event for event in lane.events if not event.mark]
    first = event_labels.hoist(marked, days, wide, lines=1).best(rows)
    more = event_labels.hoist(others, days, wide, lines=1)
    taken = [flag for flag in first if flag]
    return [*first, *more.placed(rows, taken=taken, backward=True)]


def _lane_height(flagged: Sequence[Flag | None]) -> float:
    rows = max((flag.top for flag in flagged if flag), default=0)
    return style.pt(_FOOT + _ABOVE) + max(rows, 1) * event_labels.row_height()


def _lane(ax: Axes, lane: Lane, flagged: Sequence[Flag | None], days: Floats, y: float) -> None:
    """Marks of one lane at ``y`` inches from the top of the axes, labels above them."""
    wide, _ = inches(ax)
    unit = float(days[-1] - days[0]) / wide
    for event, x in zip(lane.events, event_labels.days_of(lane.events).tolist(), strict=True):
        (mark,) = ax.plot([x], [y], "o", color=style.GREY, markersize=style.pt(5), zorder=4, clip_on=False)
        mark.set(markerfacecolor="white" if event.plan else style.GREY, markeredgewidth=style.pt(0.9))
    for flag in flagged:
        if flag is None:
            continue
        x, base = float(days[0]) + flag.x * unit, y - style.pt(_ABOVE) - flag.row * event_labels.row_height()
        if flag.row:
            ax.plot([x, x], [y, base], color=style.RULE, linewidth=style.pt(0.6), zorder=3)
        at = base - 0.25 * event_labels.row_height()
        event_labels.write(ax, flag.lines[0], flag, (float(days[0]), unit), at, style.INK)
