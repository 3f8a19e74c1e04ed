"""Paired difference from a base run over time: mean with its interval, and the spread of the runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from detente.analysis import metrics, summary
from detente.analysis.difference import Difference, difference
from detente.analysis.metrics import DEFAULT_WEEKS
from detente.analysis.pairing import caveats, pair
from detente.analysis.wording import whole
from detente.experiment.intervals import Interval, clustered
from detente.figures import panels, reading, style
from detente.figures.axes import as_days, date_axis, date_room, value_axis
from detente.figures.numbers import Floats
from detente.figures.sheet import Room
from detente.figures.words import NB, change, size, the, window

if TYPE_CHECKING:
    import xarray as xr

_MIDDLE = (0.05, 0.95)


@dataclass(frozen=True)
class Against:
    """One scenario against the base: the course of the difference [points] and its end, told or not."""

    name: str
    label: str
    course: Interval
    middle: tuple[Floats, Floats]
    change: Difference


@dataclass(frozen=True)
class Differences:
    """The numbers of the figure; arrays over time."""

    base: str
    measure: str
    time: reading.Dates
    window: str
    scenarios: tuple[Against, ...]
    members: int
    colours: dict[str, str]
    caveats: str
    footnotes: str

    @property
    def title(self) -> str:
        """What the intervals support, at the end of the run."""
        if len(self.scenarios) > 1:
            return panels.outcome([(s.label, s.change) for s in self.scenarios], self.base)
        (only,) = self.scenarios
        if not only.change.is_significant:
            same = "exactly" if only.change.verdict == "identical" else "no detectable difference:"
            tail = "the tension of" if same == "exactly" else "tension as in"
            return f"{only.label}: {same} {tail} {the(self.base)} in {self.window}"
        side = "above" if only.change.verdict == "higher" else "below"
        return f"{only.label}: tension {size(only.change)} points {side} {the(self.base)} in {self.window}"

    @property
    def subtitle(self) -> str:
        """Measure, unit, bands."""
        shown = f"mean with 95%{NB}CI (dark), middle 90% of {whole(self.members)}{NB}runs (light)"
        if all(math.isnan(one.change.ci_low) for one in self.scenarios):
            runs = f"mean of {whole(self.members)}{NB}runs" if self.members > 1 else "one run"
            shown = f"{runs} of one parameter draw: no interval"
        return (
            f"{self.measure}: difference from {the(self.base)} in points, paired under the same random draws: {shown}"
        )

    @property
    def notes(self) -> str:
        """How to read it."""
        told = f"Printed: mean over {self.window} (shaded) and its 95%{NB}CI, over parameter draws."
        untold = [s.change for s in self.scenarios if s.change.verdict == "cannot tell"]
        if untold:
            told += " A direction is claimed only where the interval leaves out zero and the draws agree."
        return " ".join(filter(None, [told, self.caveats, self.footnotes]))

    @property
    def height(self) -> float:
        """Taller with every row of panels."""
        return 2.1 * panels.rows(len(self.scenarios)) if len(self.scenarios) > 1 else 2.6

    @property
    def room(self) -> Room:
        """Signed tick labels on the left."""
        return Room(left=0.38, bottom=date_room(self.days))

    @property
    def days(self) -> Floats:
        """Time in days since 1970."""
        return as_days(self.time)

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest difference drawn, zero included, at least one point apart."""
        low = min(0.0, *(float(s.middle[0].min()) for s in self.scenarios))
        high = max(0.0, *(float(s.middle[1].max()) for s in self.scenarios))
        pad = max(0.06 * (high - low), 0.5 if high - low < 1 else 0.0)
        return low - pad, high + pad


def collect(base: xr.Dataset, others: Sequence[xr.Dataset]) -> Differences:
    """The numbers of the figure: every one of ``others`` against ``base``.

    Raises NotComparable where a result does not pair with the base.
    """
    names = [reading.name(base), *(reading.name(o) for o in others)]
    told = dict.fromkeys(note for other in others for note in caveats(base, other))
    return Differences(
        base=reading.label(base),
        measure=reading.measure(base),
        time=reading.days(base),
        window=window(base),
        scenarios=tuple(_against(base, other) for other in others),
        members=base.sizes["member"],
        colours=style.palette(names, names[0]),
        caveats=" ".join(f"{note[0].upper()}{note[1:]}." for note in told),
        footnotes=reading.footnotes(base, [reading.label(ds) for ds in (base, *others)]),
    )


def _against(base: xr.Dataset, other: xr.Dataset) -> Against:
    mine, yours = pair(base, other)
    apart, draw, metric = reading.tension(yours) - reading.tension(mine), reading.draws(mine), metrics.Metric()
    low, high = summary.quantiles(apart, _MIDDLE)
    return Against(
        name=reading.name(other),
        label=reading.label(other),
        course=clustered(apart.T, draw),
        middle=(low, high),
        change=difference(metrics.values(metric, mine), metrics.values(metric, yours), draw),
    )


def draw(data: Differences, ax: Axes) -> Axes:
    """Draw one panel per scenario into ``ax``."""
    heads = [(s.label, _head(s.change), data.colours[s.name]) for s in data.scenarios]
    across = panels.columns(len(heads))
    for k, (panel, one) in enumerate(zip(panels.panels(ax, heads), data.scenarios, strict=True)):
        _panel(panel, one, data.days, data.colours[one.name], data.limits)
        if k % across:
            panel.tick_params(labelleft=False)
    return ax


def _head(change_: Difference) -> str:
    if change_.verdict == "identical":
        return "identical in every run"
    return change(change_) + ("" if change_.is_significant else " · cannot tell")


def _panel(ax: Axes, one: Against, days: Floats, colour: str, limits: tuple[float, float]) -> None:
    ax.set_ylim(*limits)
    date_axis(ax, days)
    value_axis(ax, *limits, plus=True)
    ax.axvspan(days[-min(DEFAULT_WEEKS, len(days))], days[-1], color="#F1F2F4", linewidth=0, zorder=0)
    ax.fill_between(days, *one.middle, color=style.tint(colour, 0.2), linewidth=0)
    if np.isfinite(one.course.low).all():
        ax.fill_between(days, one.course.low, one.course.high, color=style.tint(colour, 0.65), linewidth=0)
    ax.plot(days, one.course.mean, color=colour, linewidth=style.pt(1.3))
    ax.axhline(0, color=style.INK, linewidth=style.pt(1.1), zorder=1.9)
