"""Timeline: the index above, and below it the dated acts of the scenario in one lane per actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from detente.analysis import attributes, summary
from detente.figures import event_labels, reading, style
from detente.figures.axes import as_days, date_axis, date_room, value_axis
from detente.figures.measure import shorten, width
from detente.figures.numbers import Floats
from detente.figures.reading import Event, FigureError
from detente.figures.sheet import Room, inches
from detente.figures.spacing import Flag
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


@dataclass(frozen=True)
class Timeline:
    """The numbers of the figure; arrays over time."""

    name: str
    label: str
    time: reading.Dates
    median: Floats
    wide: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    lanes: tuple[Lane, ...]
    by: str
    documented_until: np.datetime64 | None
    footnotes: str

    @cached_property
    def days(self) -> Floats:
        """Time in days since 1970."""
        return as_days(self.time)

    @property
    def colour(self) -> str:
        """The scenario's own colour."""
        return style.palette([self.name])[self.name]

    @property
    def events(self) -> tuple[Event, ...]:
        """All acts drawn."""
        return tuple(event for lane in self.lanes for event in lane.events)

    @property
    def title(self) -> str:
        """How many acts, how many of them record."""
        record = sum(not event.plan for event in self.events)
        count, period = len(self.events), months(self.time[0], self.time[-1])
        return f"{self.label}: {count} dated acts in {period}, {record} of them on record"

    @property
    def subtitle(self) -> str:
        """What stands above and below."""
        return f"Tension index, median with 50% and 80% bands; below, the scenario's dated acts by {self.by}"

    @property
    def notes(self) -> str:
        """Full and hollow marks; what carries no label."""
        told = ["● on record, ○ planned or supposed; vertical lines: acts the scenario marks."]
        told.append("Acts without a label for want of room are in the scenario file.")
        return " ".join(filter(None, [*told, self.footnotes]))

    @property
    def height(self) -> float:
        """A lane each, as high as its labels, and the index above."""
        wide = style.WIDTH - self.room.left - self.room.right
        with style.house():
            lanes = [_flagged(lane, self.days, wide, _ROWS) for lane in self.lanes]
            return _FAN + _GAP + sum(_lane_height(flagged) for flagged in lanes)

    @property
    def room(self) -> Room:
        """Names of the lanes on the left."""
        return Room(
            left=min(max(width(lane.label, style.SMALL) for lane in self.lanes) + 0.16, 1.5),
            right=0.08,
            bottom=date_room(self.days),
        )


def collect(ds: xr.Dataset) -> Timeline:
    """The numbers of the figure. FigureError where the run holds no dated act."""
    events = reading.events(ds, marked=False)
    if not events:
        raise FigureError("no timeline: this scenario has no dated act inside the run")
    median, low, high, quarter, three = summary.quantiles(reading.tension(ds), [0.5, 0.1, 0.9, 0.25, 0.75])
    named = any(event.actors for event in events)
    lanes = _lanes(ds, events, named)
    texts = [reading.label(ds), *(lane.label for lane in lanes), *(e.title for e in events)]
    return Timeline(
        name=reading.name(ds),
        label=reading.label(ds),
        time=reading.days(ds),
        median=median,
        wide=(low, high),
        narrow=(quarter, three),
        lanes=lanes,
        by="actor" if named else "kind of act",
        documented_until=reading.documented_until(ds),
        footnotes=reading.footnotes(ds, texts),
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
    _index(data, ax.inset_axes((0, 1 - index, 1, index)))
    _acts(data, ax.inset_axes((0, 0, 1, 1 - index - gap)))
    return ax


def _index(data: Timeline, ax: Axes) -> None:
    low, high = float(data.wide[0].min()), float(data.wide[1].max())
    middle, half = (low + high) / 2, max((high - low) / 2, 3.0) * 1.06
    ax.set_ylim(middle - half, middle + half)
    date_axis(ax, data.days)
    value_axis(ax, max(0.0, middle - half), min(100.0, middle + half))
    ax.fill_between(data.days, *data.wide, color=style.tint(data.colour, 0.2), linewidth=0)
    ax.fill_between(data.days, *data.narrow, color=style.tint(data.colour, 0.5), linewidth=0)
    ax.plot(data.days, data.median, color=data.colour)
    for event in data.events:
        if event.mark:
            ax.axvline(float(event_labels.days_of([event])[0]), color=style.RULE, linewidth=style.pt(0.6), zorder=2.4)
    ax.tick_params(labelbottom=False, bottom=False)


def _acts(data: Timeline, ax: Axes) -> None:
    wide, tall = inches(ax)
    data = _fitting(data, tall)
    ax.set_ylim(tall, 0)
    date_axis(ax, data.days)
    flagged = _labels(data, wide, tall)
    heights = np.array([_lane_height(found) for found in flagged])
    feet = np.cumsum(heights) * min(1.0, tall / heights.sum()) - style.pt(_FOOT)
    for lane, found, y in zip(data.lanes, flagged, feet.tolist(), strict=True):
        _lane(ax, lane, found, data.days, y)
    room = style.pt(data.room.left - 0.12)
    ax.set_yticks(feet, [shorten(lane.label, style.pt(style.SMALL), room, 1)[0] for lane in data.lanes])
    ax.tick_params(axis="y", labelcolor=style.INK, labelsize=style.pt(style.SMALL))
    ax.grid(axis="y")
    if data.documented_until is not None:
        x = float(as_days(np.array([data.documented_until]))[0])
        ax.axvline(x, color=style.INK, linewidth=style.pt(0.8), dashes=(1.5, 2), zorder=1.5)


def _labels(data: Timeline, wide: float, tall: float) -> list[list[Flag | None]]:
    """Places of all labels, lane by lane, in as many rows as ``tall`` inches allow."""
    for rows in range(_ROWS, 1, -1):
        found = [_flagged(lane, data.days, wide, rows) for lane in data.lanes]
        if sum(map(_lane_height, found)) <= tall + 0.01:
            return found
    return [_flagged(lane, data.days, wide, 1) for lane in data.lanes]


def _fitting(data: Timeline, tall: float) -> Timeline:
    """``data`` with its last lanes joined in one where ``tall`` inches do not hold them all."""
    most = max(2, int(tall / (_lane_height([]) + 1e-6)))
    if len(data.lanes) <= most:
        return data
    kept, rest = data.lanes[: most - 1], data.lanes[most - 1 :]
    joined = sorted((event for lane in rest for event in lane.events), key=lambda event: event.date)
    return replace(data, lanes=(*kept, Lane(_OTHERS, tuple(joined))))


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
