"""Timeline: the index above, and below it the dated acts of the scenario in one lane per actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

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
#: acts in order of date by the label of their lane
Lanes: TypeAlias = Mapping[str, Sequence[Event]]

#: inches: the index, the gap under it, a lane below and above its line
_FAN, _GAP, _FOOT, _ABOVE = 1.35, 0.1, 0.09, 0.07
#: rows of labels over a lane at most
_ROWS = 3


@dataclass(frozen=True, kw_only=True)
class Timeline(TimeBand):
    """The index above, the dated acts in lanes below."""

    lanes: Lanes
    by: str
    until: Sequence[Rule]

    @property
    def height(self) -> float:
        """A lane each, as high as its labels, and the index above."""
        with style.house():
            lanes = [_flagged(acts, self.panels[0].days, self.wide, _ROWS) for acts in self.lanes.values()]
            return _FAN + _GAP + sum(_lane_height(flagged) for flagged in lanes)


def collect(ds: xr.Dataset) -> Timeline:
    """The numbers of the figure. FigureError where the run holds no dated act."""
    acts = reading.events(ds, marked=False)
    if not acts:
        raise FigureError("no timeline: this scenario has no dated act inside the run")
    median, low, high, quarter, three = summary.over_time(ds, [0.5, 0.1, 0.9, 0.25, 0.75])
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
        left = min(max(width(lane, style.SMALL) for lane in lanes) + 0.16, 1.6)
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
        footnotes=reading.footnotes(ds, [label, *lanes, *(act.title for act in acts)]),
    )


def _lanes(ds: xr.Dataset, acts: Sequence[Event], named: bool) -> Lanes:
    """The busiest lanes first; an act lies in the lane of the actor named first."""
    found: dict[str, list[Event]] = {}
    for act in acts:
        kind = act.kind.replace("_", " ").capitalize()
        actor = attributes.actor_label(ds, act.actors[0]) if act.actors else _OTHERS
        found.setdefault(actor if named else kind, []).append(act)
    ranked = sorted(found, key=lambda k: (k == _OTHERS, -sum(e.mark for e in found[k]), -len(found[k]), k))
    return _joined({lane: found[lane] for lane in ranked}, _LANES)


def _joined(lanes: Lanes, most: int) -> Lanes:
    """``lanes``, the last joined in one where there are more than ``most``."""
    if len(lanes) <= most:
        return lanes
    kept = list(lanes)[: most - 1]
    rest = [act for lane, acts in lanes.items() if lane not in kept for act in acts]
    return {lane: lanes[lane] for lane in kept} | {_OTHERS: sorted(rest, key=lambda act: act.date)}


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
    """The lanes, the last joined where the height does not hold them all, with labels in as many rows as it allows."""
    wide, tall = inches(ax)
    days, lanes = data.panels[0].days, _joined(data.lanes, max(2, int(tall / (_lane_height([]) + 1e-6))))
    for rows in range(_ROWS, 0, -1):
        flagged = [_flagged(acts, days, wide, rows) for acts in lanes.values()]
        heights = np.array([_lane_height(found) for found in flagged])
        if heights.sum() <= tall + 0.01:
            break
    feet = np.cumsum(heights) * min(1.0, tall / heights.sum()) - style.pt(_FOOT)
    ax.set_ylim(tall, 0)
    date_axis(ax, days)
    for acts, found, y in zip(lanes.values(), flagged, feet.tolist(), strict=True):
        ranked = sorted(acts, key=lambda act: not act.mark)
        place: dict[str, float] = {"at": y, "foot": y - style.pt(_ABOVE), "unit": -1.0}
        event_labels.draw(ax, ranked, found, days, marker="o", colour=style.INK, **place)
    names = [shorten(lane, style.pt(style.SMALL), style.pt(data.left - 0.12), 1)[0] for lane in lanes]
    ax.set_yticks(feet, names)
    ax.tick_params(axis="y", labelcolor=style.INK, labelsize=style.pt(style.SMALL))
    ax.grid(axis="y")
    for rule in data.until:
        ax.axvline(rule.at, color=rule.colour, linewidth=style.pt(rule.width), dashes=BETWEEN, zorder=1.5)


def _flagged(acts: Sequence[Event], days: Floats, wide: float, rows: int) -> list[Flag | None]:
    """Places of the labels of ``acts``: first the marked ones, then the others where room is left."""
    marked, others = ([act for act in acts if act.mark is mark] for mark in (True, False))
    first = event_labels.hoist(marked, days, wide, lines=1).best(rows)
    more = event_labels.hoist(others, days, wide, lines=1)
    return [*first, *more.placed(rows, taken=[flag for flag in first if flag], backward=True)]


def _lane_height(flagged: Sequence[Flag | None]) -> float:
    rows = max((flag.top for flag in flagged if flag), default=1)
    return style.pt(_FOOT + _ABOVE) + rows * event_labels.row_height()
