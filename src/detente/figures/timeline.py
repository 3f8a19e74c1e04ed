"""Timeline: the index above, and below it the dated acts of the scenario in one lane per actor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from detente.analysis import attributes, summary
from detente.figures import reading, style
from detente.figures.axes import as_days, date_axis, value_axis
from detente.figures.numbers import Floats
from detente.figures.reading import Event, FigureError
from detente.figures.sheet import Room, inches, line_height, shorten, width, wrap
from detente.figures.spacing import Box
from detente.figures.words import months

if TYPE_CHECKING:
    import xarray as xr

#: lanes beyond these are joined in one
_LANES = 11
_OTHERS = "Others"
#: inches
_LANE, _FAN, _GAP = 0.33, 1.35, 0.16
_TEXT = 7.2


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
        """A lane each, and the index above."""
        return _FAN + _GAP + _LANE * len(self.lanes)

    @property
    def room(self) -> Room:
        """Names of the lanes on the left."""
        return Room(left=min(max(width(lane.label, style.SMALL) for lane in self.lanes) + 0.16, 1.5), right=0.08)


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
    gap = style.pt(_GAP) / tall
    share = max(0.25, 1 - style.pt(_LANE) * len(data.lanes) / tall - gap)
    _index(data, ax.inset_axes((0, 1 - share, 1, share)))
    _acts(data, ax.inset_axes((0, 0, 1, 1 - share - gap)))
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
            ax.axvline(_day(event), color=style.RULE, linewidth=style.pt(0.6), zorder=2.4)
    ax.tick_params(labelbottom=False, bottom=False)


def _day(event: Event) -> float:
    return float(as_days(np.array([event.date]))[0])


def _acts(data: Timeline, ax: Axes) -> None:
    count = len(data.lanes)
    ax.set_ylim(count - 0.5, -0.5)
    date_axis(ax, data.days)
    room = style.pt(data.room.left - 0.12)
    names = [shorten(lane.label, style.pt(style.SMALL), room, 1)[0] for lane in data.lanes]
    ax.set_yticks(range(count), names)
    ax.tick_params(axis="y", labelcolor=style.INK, labelsize=style.pt(style.SMALL))
    ax.grid(axis="y")
    if data.documented_until is not None:
        x = float(as_days(np.array([data.documented_until]))[0])
        ax.axvline(x, color=style.INK, linewidth=style.pt(0.8), dashes=(1.5, 2))
    for k, lane in enumerate(data.lanes):
        _lane(ax, k, lane, data.days)


def _lane(ax: Axes, k: int, lane: Lane, days: Floats) -> None:
    """Marks of one lane, then labels where they fit: first the marked acts, then the others."""
    wide, tall = inches(ax)
    unit = wide / (days[-1] - days[0])
    high = tall / (abs(np.subtract(*ax.get_ylim())))
    dot = style.pt(0.055)
    at = [(_day(e) - days[0]) * unit for e in lane.events]
    taken = [Box(x - dot, -dot, x + dot, dot) for x in at]
    for event, x in zip(lane.events, at, strict=True):
        (mark,) = ax.plot([days[0] + x / unit], [k], "o", color=style.GREY, markersize=style.pt(5), zorder=4)
        mark.set(markerfacecolor="white" if event.plan else style.GREY, markeredgewidth=style.pt(0.9), clip_on=False)
    order = sorted(range(len(at)), key=lambda n: (not lane.events[n].mark, at[n]))
    for n in order:
        place = next(_places(lane.events[n].title, at[n], dot, high, wide, taken), None)
        if place is not None:
            box, lines = place
            taken.append(box)
            _print(ax, lines, days[0] + box.left / unit, k, high)


def _places(
    title: str, x: float, dot: float, high: float, wide: float, taken: Sequence[Box]
) -> Iterator[tuple[Box, list[str]]]:
    """Free boxes for a label beside its mark, in inches from the left end and the middle of the lane."""
    size = style.pt(_TEXT)
    pad = style.pt(0.035)
    for room in (0.62, 0.8, 1.0, 1.25, 1.6, 2.4):
        lines = wrap(title, size, style.pt(room))
        if len(lines) > 2:
            continue
        long, tall = max(width(t, size) for t in lines), len(lines) * line_height(size) / 2
        for left in (x + dot + 1.2 * pad, x - dot - 1.2 * pad - long):
            box = Box(left, -min(tall, high / 2), left + long, min(tall, high / 2))
            padded = Box(box.left - pad, box.bottom, box.right + pad, box.top)
            if left >= 0 and box.right <= wide + 0.05 and not any(padded.meets(other) for other in taken):
                yield box, lines


def _print(ax: Axes, lines: Sequence[str], x: float, k: int, high: float) -> None:
    size = style.pt(_TEXT)
    step = line_height(size) * 0.93 / high
    for n, line in enumerate(lines):
        y = k + (n - (len(lines) - 1) / 2) * step
        back = {"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.85}
        ax.text(x, y, line, fontsize=size, va="center_baseline", color=style.INK, bbox=back, zorder=3)
