"""Back-cast: the index on observed events over time, as reported and by volume, over the documented spells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import numpy as np
from matplotlib.axes import Axes

from detente.analysis.wording import fixed, in_100, whole
from detente.evidence.pairs import footnotes
from detente.evidence.past.backcast import Backcast
from detente.evidence.past.backcast_ranks import Spell, contrast, documented, ranked
from detente.figures import event_labels, reading, style
from detente.figures.axes import End, as_days, date_axis, ends, value_axis
from detente.figures.measure import line_height, width
from detente.figures.numbers import Floats
from detente.figures.provenance import Provenance
from detente.figures.reading import Event
from detente.figures.sheet import Room, inches
from detente.figures.spacing import Flag
from detente.figures.words import NB
from detente.storage import sha256

#: colours of the two lines, their names, and of the bars
RAW, VOLUME, BAR = style.TENSION[4], style.SCENARIOS[1], style.TENSION[1]
NAMES = ("as reported", "by volume")
#: inches: the chart, the gap above the lanes, the bar of a lane
_CHART, _GAP, _BAR = 2.1, 0.12, 0.13


@dataclass(frozen=True)
class Bar:
    """A documented spell: first and last day, its label, and the lane it stands in."""

    first: float
    last: float
    label: str
    lane: int


@dataclass(frozen=True)
class Reports:
    """The numbers of the figure; arrays over time."""

    time: reading.Dates
    raw: Floats
    volume: Floats
    bars: tuple[Bar, ...]
    events: tuple[Event, ...]
    told: dict[str, float]
    pairs: int
    footnotes: str

    @cached_property
    def days(self) -> Floats:
        """Time in days since 1970."""
        return as_days(self.time)

    @property
    def title(self) -> str:
        """What the index does inside and outside the spells."""
        if not self.told:
            return f"Told by reports alone, the index runs from {fixed(self.raw[0], 0)} to {fixed(self.raw[-1], 0)}"
        return (
            f"Told by reports alone, the index stands at {fixed(self.told['inside'], 0)} in the documented spells "
            f"and at {fixed(self.told['outside'], 0)} outside them"
        )

    @property
    def subtitle(self) -> str:
        """What is measured, and how well it tells."""
        text = f"Event-borne pillars only (hostility, incidents) of {self.pairs}{NB}pairs: as reported, and by volume"
        if self.told:
            times = in_100(self.told["above"], len(self.raw)).replace(" in ", f"{NB}times in{NB}")
            text += f". A week inside stands above one outside {times}"
        return text

    @property
    def notes(self) -> str:
        """How to read it."""
        told = [
            "Same formula and fixed goalposts as for runs; the other four pillars have no events and weigh nothing, so "
            "levels of the full index do not carry over. A week without a report counts as calm."
        ]
        told.append("By volume: severity over the trailing year's number of all reports, at most four times as much.")
        if self.bars:
            told.append(
                "Bars: spells of the calendar, which is not made from the reports; in brackets their rank by mean "
                "index, as reported and by volume."
            )
        if any(flag is None for flag in self.flagged):
            told.append("Acts without a label are in the scenario file.")
        return " ".join([*told, self.footnotes]).strip()

    @cached_property
    def flagged(self) -> list[Flag | None]:
        """Places of the events' labels at page size."""
        with style.house():
            return event_labels.layout(self.events, self.days, self.wide)

    @property
    def lanes(self) -> int:
        """Lanes that the bars need."""
        return max((bar.lane for bar in self.bars), default=-1) + 1

    @property
    def wide(self) -> float:
        """Width of the axes on a page in inches."""
        return style.WIDTH - self.room.left - self.room.right

    @property
    def height(self) -> float:
        """The chart, the labels above it and the lanes below."""
        return _CHART + event_labels.height(self.flagged) + _below(self.lanes)

    @property
    def room(self) -> Room:
        """Right for the names of the lines."""
        with style.house():
            return Room(left=0.32, right=0.2 + max(width(name, style.BODY, style.STRONG) for name in NAMES))


def _lane() -> float:
    return style.pt(_BAR) + line_height(style.pt(style.SMALL)) * 0.35


def _below(lanes: int) -> float:
    return lanes * _lane() + style.pt(_GAP) * (lanes > 0)


def collect(found: Backcast) -> Reports:
    """The numbers of the figure."""
    some = documented(found.scenario, found.dates)
    ranks = [ranked(path.region, some) for path in (found.raw, found.normalised)]
    long = {spell.name for spell in some}
    events = [
        Event(np.datetime64(act.date), act.title, act.kind, False, True)
        for name, act in found.scenario.acts.items()
        if act.mark and name not in long and found.dates[0] <= np.datetime64(act.date) <= found.dates[-1]
    ]
    labels = [f"{s.title} ({'/'.join(str(rank[s.name]) for rank in ranks)})" for s in some]
    return Reports(
        time=found.dates,
        raw=found.raw.region,
        volume=found.normalised.region,
        bars=_bars(found, some, labels),
        events=tuple(sorted(events, key=lambda e: (e.date, e.title))),
        told=contrast(found.raw.region, some),
        pairs=len(found.keys),
        footnotes=" ".join(footnotes(found.scenario, [*labels, *(e.title for e in events)])),
    )


def _bars(found: Backcast, some: Sequence[Spell], labels: Sequence[str]) -> tuple[Bar, ...]:
    """Bars in as few lanes as their labels allow; a label stands right of its bar, or left of one near the end."""
    days, bars, taken = as_days(found.dates), [], dict[int, list[tuple[float, float]]]()
    span, wide = float(days[-1] - days[0]), style.WIDTH - 1.4
    for spell, label in zip(some, labels, strict=True):
        first, last = float(days[spell.first]), float(days[spell.last]) + 7
        long = (width(label, style.SMALL) + 0.12) / wide * span
        reach = (first - long, last) if _leftward(last + long, days) else (first, last + long)
        lane = next(k for k in range(len(some)) if all(reach[1] < a or b < reach[0] for a, b in taken.get(k, [])))
        taken.setdefault(lane, []).append(reach)
        bars.append(Bar(first, last, label, lane))
    return tuple(bars)


def _leftward(end: float, days: Floats) -> bool:
    return end > float(days[-1])


def provenance(found: Backcast, command: str = "") -> Provenance:
    """Where the figure comes from: the file and the scenario whose pairs, weights and goalposts were used."""
    path = found.observations.path
    return Provenance(
        names=(path.name,),
        hashes=(sha256(path),),
        seeds=("none",),
        size=f"{len(found.keys)} pairs × {whole(len(found.dates))} weeks",
        version=version("detente"),
        commands=(command,) if command else (),
        kind="Observations",
    )


def draw(data: Reports, ax: Axes) -> Axes:
    """Draw both lines, the bars below and the events above into ``ax``."""
    tall = inches(ax)[1]
    above, below = event_labels.height(data.flagged), _below(data.lanes)
    high = float(max(data.raw.max(), data.volume.max())) * 1.04
    unit = high / max(tall - above - below, 0.3 * tall)
    ax.set_ylim(-below * unit, high + above * unit)
    date_axis(ax, data.days)
    value_axis(ax, 0.0, high)
    ax.plot(data.days, data.volume, color=VOLUME, linewidth=style.pt(1.1))
    ax.plot(data.days, data.raw, color=RAW, linewidth=style.pt(1.7))
    for bar in data.bars:
        _bar(ax, bar, data.days, -(style.pt(_GAP) + bar.lane * _lane()) * unit, unit)
    event_labels.draw(ax, data.events, data.flagged, data.days)
    lines = ((data.raw, NAMES[0], RAW), (data.volume, NAMES[1], VOLUME))
    ends(ax, [End(float(values[-1]), name, colour) for values, name, colour in lines], 0.06, data.room.right - 0.1)
    return ax


def _bar(ax: Axes, bar: Bar, days: Floats, top: float, unit: float) -> None:
    """One spell, and its label beside it."""
    tall = style.pt(_BAR) * unit
    ax.fill_between([bar.first, bar.last], top - tall, top, color=BAR, linewidth=0)
    ax.axvspan(bar.first, bar.last, color=style.tint(BAR, 0.16), linewidth=0, zorder=0.4)
    wide, span = inches(ax)[0], float(days[-1] - days[0])
    long = (width(bar.label, style.pt(style.SMALL)) + 0.12) / wide * span
    left, pad = _leftward(bar.last + long, days), style.pt(0.06) / wide * span
    ax.text(
        bar.first - pad if left else bar.last + pad,
        top - tall / 2,
        bar.label,
        ha="right" if left else "left",
        va="center_baseline",
        fontsize=style.pt(style.SMALL),
        color=style.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
        zorder=3,
    )
