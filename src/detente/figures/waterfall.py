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
from detente.figures import reading, style
from detente.figures.measure import line_height, shorten, width
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, change, listed, month, the, window

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.attribution import Attribution

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
        if self.total is not None and not self.total.told:
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
        told = [self.made, f"Vertical axis cut at {fixed(self.floor, 0)}."]
        if any(s.told is False for s in self.steps):
            told.append("Grey: cannot be told from zero.")
        if not all(s.responds for s in self.steps):
            told.append("Hatched: pillars a scenario sets directly; plain: hostility and incidents, which respond.")
        return " ".join(filter(None, [*told, self.footnotes]))

    @property
    def height(self) -> float:
        """Inches."""
        return 2.7

    @property
    def room(self) -> Room:
        """As many lines as the labels under the bars need."""
        lines = max(len(text.split("\n")) for text in self.ticks(style.WIDTH - 0.12, 1.0))
        return Room(left=0.06, right=0.06, bottom=0.1 + lines * line_height(style.SMALL))

    def ticks(self, wide: float, scale: float) -> list[str]:
        """The labels under the bars on an axis ``wide`` inches wide."""
        names = [self.start_label, *(s.label for s in self.steps), self.end_label]
        room, size = wide / len(names) - 0.05 * scale, self.tick_size(wide, scale)
        return ["\n".join(shorten(name, size, room, 3)) for name in names]

    def tick_size(self, wide: float, scale: float) -> float:
        """Points at which no word of the labels has to be broken, as far as that can be."""
        names = [self.start_label, *(s.label for s in self.steps), self.end_label]
        words = [word for name in names for word in name.replace("–", "– ").split(" ")]
        longest = max(width(word, style.SMALL * scale) for word in words)
        fitting = style.SMALL * scale * (wide / len(names) - 0.05 * scale) / longest
        return float(min(style.SMALL * scale, max(fitting * 0.99, style.SMALLEST + 0.1)))

    @property
    def levels(self) -> Floats:
        """Level before the first step, after each step."""
        return np.cumsum([self.start, *(s.value for s in self.steps)])

    @property
    def floor(self) -> float:
        """Where the vertical axis is cut: a round number below all levels."""
        low, high = float(self.levels.min()), float(self.levels.max())
        below = low - max(0.5 * (high - low), 1.0)
        return float(np.floor(max(below, 0.0)))


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
    metric = Metric()
    mine, yours = metrics.values(metric, base), metrics.values(metric, other)
    kept, names = _fold(found), (reading.name(base), reading.name(other))
    colours = style.palette(names, names[0])
    texts = [reading.label(base), reading.label(other), *(s.label for s in kept)]
    return Waterfall(
        label=reading.label(other),
        start_label=reading.label(base),
        end_label=reading.label(other),
        start=float(mine.mean()),
        end=float(yours.mean()),
        steps=kept,
        total=difference(mine, yours, reading.draws(base)),
        since=f"against {the(reading.label(base))} in {window(base)}",
        parts=parts,
        made="Contributions add up to the index exactly, so these parts add up to the difference.",
        colours=(colours[names[0]], colours.get(names[1], style.BASELINE)),
        footnotes=reading.footnotes(base, texts),
    )


def over_time(ds: xr.Dataset) -> Waterfall:
    """What moved the index of one run from its first week to its last 26, split over pillars (exact)."""
    parts = metrics.parts(Metric(), ds)
    assert parts is not None  # tension has parts
    first = np.asarray(ds["contribution"].isel(time=0).transpose("member", "pillar").values, dtype=np.float64)
    draw = reading.draws(ds)
    names = [str(p) for p in ds["pillar"].values]
    moved = [difference(first[:, i], parts[:, i], draw) for i in range(len(names))]
    found = [
        Step(name.capitalize(), d.change, _told(d), name in attributes.BEHAVIOURAL)
        for name, d in zip(names, moved, strict=True)
    ]
    begun, colour = month(ds["time"].values[0]), style.palette([reading.name(ds)])[reading.name(ds)]
    return Waterfall(
        label=reading.label(ds),
        start_label=begun,
        end_label=window(ds),
        start=float(first.sum(axis=1).mean()),
        end=float(parts.sum(axis=1).mean()),
        steps=_fold(found),
        total=difference(first.sum(axis=1), parts.sum(axis=1), draw),
        since=f"since {begun}",
        parts="pillars of the index",
        made="Contributions add up to the index exactly, so these parts add up to the change.",
        colours=(style.BASELINE, colour),
        footnotes=reading.footnotes(ds, [reading.label(ds)]),
    )


def from_attribution(found: Attribution, base: xr.Dataset, other: xr.Dataset) -> Waterfall:
    """The difference split over the scenario's own changes (Shapley); its rounding residual is not drawn."""
    whole = metrics.values(found.metric, base)
    shares = [Step(s.lever.label, s.difference.change, s.matters) for s in found.shares]
    names = (reading.name(base), reading.name(other))
    colours = style.palette(names, names[0])
    return Waterfall(
        label=reading.label(other),
        start_label=reading.label(base),
        end_label=reading.label(other),
        start=float(whole.mean()),
        end=float(whole.mean()) + sum(s.value for s in shares),
        steps=_fold(shares),
        total=found.total,
        since=f"against {the(reading.label(base))} in {window(base)}",
        parts="the changes the scenario makes",
        made=f"Shapley values over {len(shares)} changes ({found.method}, {found.ensembles} ensembles).",
        colours=(colours[names[0]], colours[names[1]]),
        footnotes=reading.footnotes(base, [s.label for s in shares]),
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
    """Draw the bars into ``ax``."""
    levels, count = data.levels, len(data.steps)
    span = max(float(levels.max()) - data.floor, 0.5)
    ax.set(xlim=(-0.5, count + 1.5), ylim=(data.floor, data.floor + 1.14 * span), yticks=[])
    _pillar(ax, 0, data.start, data.colours[0], data.floor, span)
    for k, step in enumerate(data.steps):
        _step(ax, k + 1, step, float(levels[k]), float(levels[k + 1]), span)
    for k in range(count + 1):
        ax.plot([k + 0.31, k + 0.69], [levels[k]] * 2, color=style.RULE, linewidth=style.pt(0.9))
    _pillar(ax, count + 1, data.end, data.colours[1], data.floor, span)
    ax.set_xticks(range(count + 2), data.ticks(inches(ax)[0], style.pt(1)))
    ax.tick_params(axis="x", length=0, labelsize=data.tick_size(inches(ax)[0], style.pt(1)))
    return ax


def _pillar(ax: Axes, x: float, top: float, colour: str, floor: float, span: float) -> None:
    ax.bar(x, top - floor, 0.62, floor, color=colour)
    _value(ax, x, top, fixed(top, 1), style.INK, span)


def _step(ax: Axes, x: float, step: Step, before: float, after: float, span: float) -> None:
    unclear = step.told is False
    colour = style.UNCLEAR if unclear else style.UP if step.value > 0 else style.DOWN
    hatch = None if step.responds else "//////"
    face = colour if step.responds else style.tint(colour, 0.45)
    ax.bar(x, after - before, 0.62, before, facecolor=face, edgecolor=colour, hatch=hatch, linewidth=style.pt(0.7))
    digits = 2 if 0 < abs(step.value) < 0.05 else 1
    _value(ax, x, max(before, after), signed(step.value, digits), style.GREY if unclear else colour, span)


def _value(ax: Axes, x: float, y: float, text: str, colour: str, span: float) -> None:
    up = line_height(style.pt(style.BODY)) * 0.28 * span / inches(ax)[1]
    ax.text(x, y + up, text, ha="center", va="baseline", fontweight=style.STRONG, color=colour)
