"""Back-cast: the index on observed events over time, as reported and by volume, over the documented spells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from detente.evidence.pairs import footnotes
from detente.evidence.past.backcast import Backcast
from detente.evidence.past.backcast_ranks import Spell, contrast, documented, ranked
from detente.figures import style, timeband
from detente.figures.axes import as_days, beside
from detente.figures.measure import line_height, width
from detente.figures.numbers import Floats
from detente.figures.provenance import Provenance, of_file
from detente.figures.reading import Event
from detente.figures.sheet import inches
from detente.figures.timeband import BACK, Line, Panel, TimeBand
from detente.figures.words import NB
from detente.prose.wording import fixed, in_100, whole
from detente.storage import sha256

#: colours of the two lines and of the bars
RAW, VOLUME, BAR = style.TENSION[4], style.SCENARIOS[1], style.TENSION[1]
#: inches: the gap above the lanes, the bar of a lane, the air beside its label
_GAP, _BAR, _AIR = 0.12, 0.13, 0.06


@dataclass(frozen=True)
class Bar:
    """A documented spell: first and last day, its label, and the lane it stands in."""

    first: float
    last: float
    label: str
    lane: int


@dataclass(frozen=True, kw_only=True)
class Reports(TimeBand):
    """The index over time above, the documented spells in lanes below."""

    bars: tuple[Bar, ...]


def collect(found: Backcast) -> Reports:
    """The numbers of the figure."""
    raw, volume, some = found.raw.region, found.normalised.region, documented(found.scenario, found.dates)
    ranks, told = [ranked(path, some) for path in (raw, volume)], contrast(raw, some)
    long = {spell.name for spell in some}
    events = [
        Event(np.datetime64(act.date), act.title, act.kind, False, True)
        for name, act in found.scenario.acts.items()
        if act.mark and name not in long and found.dates[0] <= np.datetime64(act.date) <= found.dates[-1]
    ]
    labels = [f"{s.title} ({'/'.join(str(rank[s.name]) for rank in ranks)})" for s in some]
    days, high = as_days(found.dates), 1.04 * float(max(raw.max(), volume.max()))
    with style.house():
        bars = _bars(days, some, labels)
        below = (1 + max(bar.lane for bar in bars)) * _lane() + _GAP if bars else 0.0
    notes = [
        "Same formula and fixed goalposts as for runs; the other four pillars have no events and weigh nothing, so "
        "levels of the full index do not carry over. A week without a report counts as calm. By volume: severity over "
        "the trailing year's number of all reports, at most four times as much."
    ]
    if bars:
        notes.append(
            "Bars: spells of the calendar, which is not made from the reports; in brackets their rank by mean index, "
            "as reported and by volume."
        )
    lines = [Line(volume, VOLUME, 1.1, end="by volume"), Line(raw, RAW, 1.7, end="as reported")]
    shades = [(bar.first, bar.last, style.tint(BAR, 0.16)) for bar in bars]
    return Reports(
        title=_title(told, raw),
        subtitle=_subtitle(told, len(found.keys), len(raw)),
        reading=" ".join(notes),
        panels=(Panel(days=days, limits=(0.0, high), lines=lines, shades=shades),),
        each=2.1 + below,
        numbers=told,
        left=0.32,
        below=below,
        events=tuple(sorted(events, key=lambda e: (e.date, e.title))),
        untold="Acts without a label are in the scenario file.",
        footnotes=" ".join(footnotes(found.scenario, [*labels, *(e.title for e in events)])),
        bars=bars,
    )


def _title(told: dict[str, float], raw: Floats) -> str:
    """What the index does inside and outside the spells."""
    if not told:
        return f"Told by reports alone, the index runs from {fixed(raw[0], 0)} to {fixed(raw[-1], 0)}"
    inside, outside = (fixed(told[name], 0) for name in ("inside", "outside"))
    return f"Told by reports alone, the index stands at {inside} in the documented spells and at {outside} outside them"


def _subtitle(told: dict[str, float], pairs: int, weeks: int) -> str:
    """What is measured, and how well it tells."""
    text = f"Event-borne pillars only (hostility, incidents) of {pairs}{NB}pairs: as reported, and by volume"
    if not told:
        return text
    times = in_100(told["above"], weeks).replace(" in ", f"{NB}times in{NB}")
    return f"{text}. A week inside stands above one outside {times}"


def _bars(days: Floats, some: Sequence[Spell], labels: Sequence[str]) -> tuple[Bar, ...]:
    """Bars in as few lanes as their labels allow; a label stands right of its bar, or left of one near the end."""
    bars: list[Bar] = []
    taken: list[tuple[int, float, float]] = []
    for spell, label in zip(some, labels, strict=True):
        bar = Bar(float(days[spell.first]), float(days[spell.last]) + 7, label, 0)
        long = _days_of(label, days, style.page_width() - 1.4)
        left, right = (bar.first - long, bar.last) if bar.last + long > days[-1] else (bar.first, bar.last + long)
        busy = {lane for lane, a, b in taken if a <= right and left <= b}
        lane = next(lane for lane in range(len(some)) if lane not in busy)
        taken.append((lane, left, right))
        bars.append(Bar(bar.first, bar.last, label, lane))
    return tuple(bars)


def _days_of(label: str, days: Floats, wide: float) -> float:
    """Days that a label takes on an axis ``wide`` inches wide."""
    return (width(label, style.pt(style.SMALL)) + 2 * style.pt(_AIR)) / wide * float(days[-1] - days[0])


def _lane() -> float:
    return _BAR + line_height(style.SMALL) * 0.35


def draw(data: Reports, ax: Axes) -> Axes:
    """Draw both lines, the bars below and the events above into ``ax``."""
    timeband.draw(data, ax)
    wide, tall = inches(ax)
    unit, days = float(np.ptp(ax.get_ylim())) / tall * style.pt(1), data.panels[0].days
    for bar in data.bars:
        middle = -(_GAP + bar.lane * _lane() + _BAR / 2) * unit
        ax.barh(middle, bar.last - bar.first, _BAR * unit, bar.first, color=BAR, linewidth=0)
        left = bar.last + _days_of(bar.label, days, wide) > days[-1]
        points = -72 * _AIR if left else 72 * _AIR
        beside(ax, bar.label, bar.first if left else bar.last, middle, points, color=style.INK, bbox=BACK, zorder=3)
    return ax


def provenance(found: Backcast, command: str = "") -> Provenance:
    """Where the figure comes from: the file of reports, with the pairs and weeks that were used."""
    path, size = found.observations.path, f"{len(found.keys)} pairs × {whole(len(found.dates))} weeks"
    return of_file(path.name, sha256(path), "none", size, command)
