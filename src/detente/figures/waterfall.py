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
    total: Difference | None
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
        if self.total is not None and self.total.verdict == "identical":
            return f"{self.label}: no difference at all {self.since}"
        if self.total is not None and not self.total.is_significant:
            return f"{self.label}: no detectable difference {self.since}"
        if self.total is not None and not self.total.direction(POINTS):
            return f"{self.label}: less than 0.05{NB}points of difference {self.since}"
        moved = self.end - self.start
        same = [s for s in self.steps if s.named and s.value * moved > 0]
        top = [s for s in sorted(same, key=lambda s: -abs(s.value))[:2] if abs(s.value) >= _WORTH * abs(moved)]
        told = f"{self.label}: {signed(moved)} points {self.since}"
        parts = listed(f"{_inside(s.label)}{NB}({signed(s.value)})" for s in top)
        return f"{told}, chiefly {parts}" if top and sum(s.value for s in top) / moved > 0.5 else told

    @property
    def subtitle(self) -> str:
        """Measure, and the interval of the whole."""
        text = f"Regional tension in index points, split over {self.parts}"
        if self.total is None or self.total.verdict == "identical":
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
        names = (self.start_label, *(step.label for step in self.steps), self.end_label)
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


def _inside(label: str) -> str:
    """A label inside a sentence: pillars in small letters, names as they are."""
    return label[0].lower() + label[1:] if label.lower() in _PILLARS else label


_PILLARS = ("hostility", "incidents", "militarisation", "alignment", "vacuum", "diplomacy")


def by_pillar(base: xr.Dataset, other: xr.Dataset) -> Waterfall:
    """The paired difference of ``other`` from ``base`` over the last 26 weeks, split over pillars (exact)."""
    mine, yours = pair(base, other)
    parts = compare.by_pillar(mine, yours, Metric())
    found = [Step(p.label.capitalize(), p.difference.change, _told(p.difference), bool(p.behavioural)) for p in parts]
    return _between(mine, yours, found, "pillars of the index")


def _told(difference_: Difference) -> bool:
    return difference_.verdict == "identical" or difference_.ci_low > 0 or difference_.ci_high < 0


def by_dyad(base: xr.Dataset, other: xr.Dataset) -> Waterfall:
    """The same difference split over pairs (exact, from the stored ensemble means; no interval for a pair).

    FigureError where the stored means do not belong to all members of both runs.
    """
    mine, yours = pair(base, other)
    cells = compare.cells(mine, yours, Metric())
    if cells is None:
        raise FigureError("no split over pairs: it needs two results with the same pairs and all their members")
    labels = [attributes.dyad_label(mine, str(key)) for key in mine["dyad"].values]
    found = [Step(label, float(value)) for label, value in zip(labels, cells.sum(axis=1), strict=True)]
    return _between(mine, yours, found, "pairs of actors")


def _between(base: xr.Dataset, other: xr.Dataset, found: Sequence[Step], parts: str) -> Waterfall:
    names, texts = (reading.name(base), reading.name(other)), (reading.label(base), reading.label(other))
    colours = style.palette(names, names[0])
    return _made(
        (metrics.values(Metric(), base), metrics.values(Metric(), other)),
        found,
        base,
        labels=(texts[1], *texts),
        since=f"against {the(texts[0])} in {window(base)}",
        parts=parts,
        whole="difference",
        colours=(colours[names[0]], colours.get(names[1], style.BASELINE)),
    )


def over_time(ds: xr.Dataset) -> Waterfall:
    """What moved the index of one run from its first week to its last 26, split over pillars (exact)."""
    parts = metrics.parts(Metric(), ds)
    assert parts is not None  # tension has parts
    first = np.asarray(ds["contribution"].isel(time=0).transpose("member", "pillar").values, dtype=np.float64)
    found = []
    for i, name in enumerate(str(pillar) for pillar in ds["pillar"].values):
        moved = difference(first[:, i], parts[:, i], reading.draws(ds))
        found.append(Step(name.capitalize(), moved.change, _told(moved), name in attributes.BEHAVIOURAL))
    begun = month(ds["time"].values[0])
    return _made(
        (first.sum(axis=1), parts.sum(axis=1)),
        found,
        ds,
        labels=(reading.label(ds), begun, window(ds)),
        since=f"since {begun}",
        parts="pillars of the index",
        whole="change",
        colours=(style.BASELINE, style.palette([reading.name(ds)])[reading.name(ds)]),
    )


def _made(
    ends: tuple[Floats, Floats],
    found: Sequence[Step],
    ds: xr.Dataset,
    *,
    labels: tuple[str, str, str],
    since: str,
    parts: str,
    whole: str,
    colours: tuple[str, str],
) -> Waterfall:
    """A waterfall between the levels ``ends`` by member, with the draws and footnotes of ``ds``."""
    steps = _fold(found)
    return Waterfall(
        *labels,
        start=float(ends[0].mean()),
        end=float(ends[1].mean()),
        steps=steps,
        total=difference(*ends, reading.draws(ds)),
        since=since,
        parts=parts,
        made=f"Contributions add up to the index exactly, so these parts add up to the {whole}.",
        colours=colours,
        footnotes=reading.footnotes(ds, [*labels, *(step.label for step in steps)]),
    )


def _fold(found: Sequence[Step]) -> tuple[Step, ...]:
    """Rises first, then falls, the largest first; the smallest beyond what can be drawn as one."""
    ranked = sorted(found, key=lambda s: -abs(s.value))
    kept, rest = ranked[:_MOST], ranked[_MOST:]
    if len(rest) == 1:
        kept, rest = ranked[: _MOST + 1], []
    order = sorted((s for s in kept if s.value > 0), key=lambda s: -s.value)
    order += sorted((s for s in kept if s.value <= 0), key=lambda s: s.value)
    if rest:
        order.append(
            Step(f"{len(rest)} others", sum(s.value for s in rest), None, all(s.responds for s in rest), rest=True)
        )
    return tuple(order)


def draw(data: Waterfall, ax: Axes) -> Axes:
    """Draw the bars into ``ax``, and lines from the end of each to the next."""
    rows.draw(data.shown, ax)
    for k, level in enumerate(data.levels):
        ax.plot([level, level], [k + 0.31, k + 0.69], color=style.RULE, linewidth=style.pt(0.9))
    return ax
