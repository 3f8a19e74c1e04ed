"""Waterfall: what a difference consists of, where the parts add up to it exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from detente.analysis import attributes, compare, metrics
from detente.analysis.difference import POINTS, Difference, difference
from detente.analysis.metrics import Metric
from detente.analysis.pairing import pair
from detente.analysis.wording import fixed, signed
from detente.figures import reading, rows, style
from detente.figures.numbers import Floats
from detente.figures.panels import way
from detente.figures.reading import FigureError
from detente.figures.rows import Bar, Rows, Series
from detente.figures.sheet import Room
from detente.figures.words import NB, change, listed, month, the, window

if TYPE_CHECKING:
    import xarray as xr

#: parts beyond these are drawn as one
_MOST = 7
#: share of the difference from which a part is named in the title
_WORTH = 0.1
#: what may be said of a difference that has no direction
_STILL = {
    "identical": "no difference at all",
    "cannot tell": "no detectable difference",
    "tiny": f"less than 0.05{NB}points of difference",
}
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


@dataclass(frozen=True)
class Waterfall:
    """The numbers of the figure: from ``start`` to ``end`` [points] over ``steps``, which sum to the difference."""

    label: str
    start_label: str
    end_label: str
    start: float
    end: float
    steps: tuple[Step, ...]
    total: Difference
    since: str
    parts: str
    made: str
    colours: tuple[str, str]
    footnotes: str = ""

    def __post_init__(self) -> None:
        gap = self.start + sum(step.value for step in self.steps) - self.end
        if abs(gap) > _EXACT:
            raise FigureError(f"no waterfall: the parts miss the difference by {gap:.3g} points")

    @property
    def title(self) -> str:
        """The difference, and the largest parts that are told from zero and go its way."""
        if (found := way(self.total)) in _STILL:
            return f"{self.label}: {_STILL[found]} {self.since}"
        moved = self.end - self.start
        same = [s for s in self.steps if s.named and s.value * moved > 0]
        top = [s for s in sorted(same, key=lambda s: -abs(s.value))[:2] if abs(s.value) >= _WORTH * abs(moved)]
        told = f"{self.label}: {signed(moved)} points {self.since}"
        parts = listed(f"{s.label}{NB}({signed(s.value)})" for s in top)
        return f"{told}, chiefly {parts}" if top and sum(s.value for s in top) / moved > 0.5 else told

    @property
    def subtitle(self) -> str:
        """Measure, and the interval of the whole."""
        text = f"Regional tension in index points, split over {self.parts}"
        if self.total.verdict == "identical":
            return text
        if math.isnan(self.total.ci_low):
            return f"{text}; together {signed(self.total.change)}, without an interval: one parameter draw"
        return f"{text}; together {change(self.total)}, 95%{NB}CI"

    @property
    def notes(self) -> str:
        """How the parts were found, and what the colours mean."""
        told = [self.made, f"Axis cut at {fixed(self.floor, 0)}."]
        if any(s.told is False for s in self.steps):
            told.append("Grey: cannot be told from zero.")
        if not all(s.responds for s in self.steps):
            told.append("Hatched: pillars a scenario sets directly; plain: hostility and incidents, which respond.")
        return " ".join(filter(None, [*told, self.footnotes]))

    @property
    def floor(self) -> float:
        """Where the axis is cut: a round number below all levels."""
        low, high = float(self.levels.min()), float(self.levels.max())
        return float(np.floor(max(low - max(0.5 * (high - low), 1.0), 0.0)))

    @property
    def levels(self) -> Floats:
        """Level before the first step, after each step."""
        return np.cumsum([self.start, *(s.value for s in self.steps)])

    @property
    def shown(self) -> Rows:
        """The level before, what each part adds, the level after, as rows of bars."""
        bars = [self._whole(self.start, self.colours[0])]
        for step, before, after in zip(self.steps, self.levels, self.levels[1:], strict=False):
            top, bottom = float(max(before, after)), float(min(before, after))
            colour = style.UNCLEAR if step.told is False else style.UP if step.value > 0 else style.DOWN
            text = signed(step.value, 2 if 0 < abs(step.value) < 0.05 else 1)
            bars.append(Bar(top, top, top, begin=bottom, text=text, colour=colour, hatched=not step.responds))
        bars.append(self._whole(self.end, self.colours[1]))
        names = (self.start_label, *(f"{s.label[:1].upper()}{s.label[1:]}" for s in self.steps), self.end_label)
        series = (Series("", style.INK, bars),)
        return Rows("", "", names, series, signed=False, origin=self.floor, each=0.27, apart=0.0)

    def _whole(self, level: float, colour: str) -> Bar:
        return Bar(level, level, level, begin=self.floor, text=fixed(level, 1), colour=colour)

    @property
    def height(self) -> float:
        """A row for the level before, each part, and the level after."""
        return self.shown.height

    @property
    def room(self) -> Room:
        """Names on the left."""
        return self.shown.room


def collect(ds: xr.Dataset, other: xr.Dataset | None = None, *, by: str = "pillar") -> Waterfall:
    """The paired difference of ``other`` from ``ds`` over the last 26 weeks, split over "pillar" or "dyad", exactly.

    Of ``ds`` alone what moved the index from its first week to its last 26. FigureError where one run is to be split
    over pairs, or the stored means, which a split over pairs needs, do not belong to all members of both runs.
    """
    metric, name, label = Metric(), reading.name(ds), reading.label(ds)
    if other is None:
        if by != "pillar":
            raise FigureError("a waterfall of one run over time is split over pillars: give a base to split over pairs")
        first = np.asarray(ds["contribution"].isel(time=0).transpose("member", "pillar").values, dtype=np.float64)
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
    steps = _fold(found)
    return Waterfall(
        label=label,
        start_label=labels[0],
        end_label=labels[1],
        start=float(ends[0].mean()),
        end=float(ends[1].mean()),
        steps=steps,
        total=difference(*ends, reading.draws(ds)),
        since=since,
        parts="pairs of actors" if by == "dyad" else "pillars of the index",
        made="Contributions add up to the index exactly, so these parts add up to the "
        f"{'change' if other is None else 'difference'}.",
        colours=colours,
        footnotes=reading.footnotes(ds, [*labels, *(step.label for step in steps)]),
    )


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


def draw(data: Waterfall, ax: Axes) -> Axes:
    """Draw the bars into ``ax``, and lines from the end of each to the next."""
    rows.draw(data.shown, ax)
    for k, level in enumerate(data.levels):
        ax.plot([level, level], [k + 0.31, k + 0.69], color=style.RULE, linewidth=style.pt(0.9))
    return ax
