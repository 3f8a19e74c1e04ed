"""Waterfall: what a difference consists of, where the parts add up to it exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from detente.analysis import attributes, compare, metrics
from detente.analysis.difference import POINTS, Difference, difference
from detente.analysis.metrics import Metric
from detente.analysis.pairing import pair
from detente.figures import reading, rows, style
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.rows import Bar, Rows, Series
from detente.figures.words import NB, STILL, change, month, way, window
from detente.prose.wording import (
    SHARE,
    counted,
    fixed,
    listed,
    printed,
    sentence,
    signed,
    the,
    unit_printed,
    whole,
)

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.attribution import Attribution, Share

#: parts beyond these are drawn as one
_MOST = 7
#: share of the difference from which a part is named in the title
_WORTH = 0.1
#: parts together closer to the difference than this count as exact (points)
_EXACT = 1e-6


@dataclass(frozen=True)
class Step:
    """One part: points it adds. ``told``: the interval leaves out zero (None: it has no interval)."""

    label: str
    value: float
    told: bool | None = None
    responds: bool = True
    rest: bool = False

    @property
    def named(self) -> bool:
        """True where a sentence may name it with its value: not nothing, and not what prints as 0."""
        return self.told is not False and not self.rest and bool(float(f"{self.value:.{POINTS}f}"))


def collect(ds: xr.Dataset, other: xr.Dataset | None = None, *, by: str = "pillar") -> Rows:
    """The paired difference of ``other`` from ``ds`` over the last 26 weeks, split over "pillar" or "dyad", exactly.

    Of ``ds`` alone what moved the index from its first week to its last 26. FigureError where one run is to be split
    over pairs, or the stored means, which a split over pairs needs, do not belong to all members of both runs.
    """
    metric, name, label = Metric(), reading.name(ds), reading.label(ds)
    if other is None:
        if by != "pillar":
            raise FigureError("a waterfall of one run over time is split over pillars: give a base to split over pairs")
        first = metrics.at("contribution", "start", ds)
        last = np.asarray(metrics.parts(metric, ds))
        found, ends = _pillars(ds, first, last), (first.sum(axis=1), last.sum(axis=1))
        labels = (month(ds["time"].values[0]), window(ds))
        since, colours = f"since {labels[0]}", (style.BASELINE, style.palette([name])[name])
    else:
        ds, other = pair(ds, other)
        ends = metrics.values(metric, ds), metrics.values(metric, other)
        split = [np.asarray(metrics.parts(metric, one)) for one in (ds, other)]
        found = _dyads(ds, other) if by == "dyad" else _pillars(ds, *split)
        label, labels = reading.label(other), (label, reading.label(other))
        taken = style.palette((name, reading.name(other)), name)
        since, colours = f"against {the(labels[0])} in {window(ds)}", (taken[name], taken[reading.name(other)])
    steps, (start, end) = _fold(found), (float(level.mean()) for level in ends)
    total, parts = difference(*ends, reading.draws(ds)), "pairs of actors" if by == "dyad" else "pillars of the index"
    series, floor = bars(start, steps, end, colours)
    notes = [
        "Contributions add up to the index exactly, so these parts add up to the "
        f"{'change' if other is None else 'difference'}. Axis cut at {fixed(floor, 0)}."
    ]
    if any(step.told is False for step in steps):
        notes.append("Grey: cannot be told from zero.")
    if not all(step.responds for step in steps):
        notes.append("Hatched: pillars a scenario sets directly; plain: hostility and incidents, which respond.")
    return Rows(
        f"{label}: {_claim(total, end - start, steps, since)}",
        f"Regional tension in index points, split over {parts}{_together(total)}",
        (labels[0], *(f"{step.label[:1].upper()}{step.label[1:]}" for step in steps), labels[1]),
        (series,),
        signed=False,
        notes=" ".join([*notes, reading.footnotes(ds, [*labels, *(step.label for step in steps)])]).strip(),
        origin=floor,
        each=0.27,
        apart=0.0,
        numbers={"start": start, "end": end, "steps": steps, "total": total, "since": since, "parts": parts},
    )


def of_levers(ds: xr.Dataset, other: xr.Dataset, found: Attribution) -> Rows:
    """A difference split over the files that a scenario combines: their shares add up to it exactly."""
    names, labels = [reading.name(one) for one in (ds, other)], [reading.label(one) for one in (ds, other)]
    times, unit = printed(found.metric.unit), unit_printed(found.metric.unit)
    steps = [_lever(share, times) for share in found.shares]
    start, moved = times * found.start, math.fsum(step.value for step in steps)
    taken, when = style.palette(names, names[0]), f"against {the(labels[0])}"
    series, floor = bars(start, steps, start + moved, (taken[names[0]], taken[names[1]]))
    files = [step.label for step in steps]
    notes = [f"Shapley values over every mixture of the files; they add up. Axis cut at {fixed(floor, 0)}."]
    notes += ["Grey: cannot be told from zero."] if any(step.told is False for step in steps) else []
    runs = f"{whole(found.total.members)} runs{_together(found.total) if found.metric.unit != SHARE else ''}"
    quoted = [replace(step, label=f"“{step.label}”") for step in steps]
    return Rows(
        f"{labels[1]}: {_claim(found.total, moved, quoted, when, unit)}",
        f"{sentence(metrics.label(found.metric, ds))} ({unit}), split over {counted(len(steps), 'file')}, {runs}",
        (labels[0], *files, labels[1]),
        (series,),
        signed=False,
        notes=" ".join([*notes, reading.footnotes(ds, [*labels, *files])]).strip(),
        origin=floor,
        each=0.27,
        apart=0.0,
        numbers={"start": start, "end": start + moved, "steps": steps, "total": found.total, "since": when},
    )


def _lever(share: Share, times: float) -> Step:
    """A lever's share as a step, in the numbers that are printed."""
    d = share.difference
    return Step(share.lever.label, times * d.change, share.inert or d.ci_low > 0 or d.ci_high < 0)


def _claim(total: Difference, moved: float, steps: Sequence[Step], since: str, unit: str = "points") -> str:
    """The difference, and the largest parts that are told from zero and go its way."""
    if (found := way(total)) in STILL:
        return f"{STILL[found]} {since}"
    same = [step for step in steps if step.named and step.value * moved > 0 and abs(step.value) >= _WORTH * abs(moved)]
    top = sorted(same, key=lambda step: -abs(step.value))[:2]
    parts = listed(f"{step.label}{NB}({signed(step.value)})" for step in top)
    chiefly = f", chiefly {parts}" if top and sum(step.value for step in top) / moved > 0.5 else ""
    return f"{signed(moved)} {unit} {since}{chiefly}"


def _together(total: Difference) -> str:
    """The whole with its interval, where there is any."""
    if total.verdict == "identical":
        return ""
    if math.isnan(total.ci_low):
        return f"; together {signed(total.change)}, without an interval: one parameter draw"
    return f"; together {change(total)}, 95%{NB}CI"


def bars(start: float, steps: Sequence[Step], end: float, colours: tuple[str, str]) -> tuple[Series, float]:
    """The level before, what each part adds, the level after; and where the axis is cut: a round number below them.

    FigureError where the parts miss the difference.
    """
    levels = np.cumsum([start, *(step.value for step in steps)]).tolist()
    if abs(levels[-1] - end) > _EXACT:
        raise FigureError(f"no waterfall: the parts miss the difference by {levels[-1] - end:.3g} points")
    low, high = min(levels), max(levels)
    floor = math.floor(max(low - max(0.5 * (high - low), 1.0), 0.0))
    first, last = (
        Bar(level, level, level, begin=floor, text=fixed(level, 1), colour=colour, joined=joined)
        for level, colour, joined in ((start, colours[0], start), (end, colours[1], None))
    )
    found = [first]
    for step, before, after in zip(steps, levels, levels[1:], strict=False):
        bottom, top = sorted((before, after))
        colour = style.UNCLEAR if step.told is False else style.UP if step.value > 0 else style.DOWN
        text = signed(step.value, 2 if 0 < abs(step.value) < 0.05 else 1)
        look = {"text": text, "colour": colour, "hatched": not step.responds, "joined": after}
        found.append(Bar(top, top, top, begin=bottom, **look))
    return Series("", style.INK, [*found, last]), floor


def _pillars(ds: xr.Dataset, before: Floats, after: Floats) -> list[Step]:
    """What each pillar adds between ``before`` and ``after``, both (member, pillar)."""
    found = []
    for i, name in enumerate(str(pillar) for pillar in ds["pillar"].values):
        moved = difference(before[:, i], after[:, i], reading.draws(ds))
        told = moved.verdict == "identical" or moved.ci_low > 0 or moved.ci_high < 0
        found.append(Step(name, moved.change, told, name in attributes.BEHAVIOURAL))
    return found


def _dyads(base: xr.Dataset, other: xr.Dataset) -> list[Step]:
    """What each pair adds, from the stored ensemble means: without an interval."""
    cells = compare.cells(base, other, Metric())
    if cells is None:
        raise FigureError("no split over pairs: it needs two results with the same pairs and all their members")
    labels = [attributes.dyad_label(base, str(key)) for key in base["dyad"].values]
    return [Step(label, float(value)) for label, value in zip(labels, cells.sum(axis=1), strict=True)]


def _fold(found: Sequence[Step]) -> tuple[Step, ...]:
    """Rises first, then falls, the largest first; the smallest beyond what can be drawn as one."""
    ranked = sorted(found, key=lambda s: -abs(s.value))
    kept, rest = ranked[:_MOST], ranked[_MOST:]
    if len(rest) == 1:
        kept, rest = ranked[: _MOST + 1], []
    order = sorted(kept, key=lambda s: (s.value <= 0, -abs(s.value)))
    if rest:
        responds = all(step.responds for step in rest)
        order.append(Step(f"{len(rest)} others", sum(step.value for step in rest), None, responds, rest=True))
    return tuple(order)


draw = rows.draw
