"""Quantile dots: each dot is one in a hundred runs, placed at the highest tension the run reaches.

Kay, Kola, Hullman and Munson 2016 (CHI): people read a chance from counted dots better than from a density.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from detente.analysis import attributes, metrics
from detente.analysis.attributes import Level
from detente.analysis.difference import SHARES, Difference, difference
from detente.analysis.pairing import pair
from detente.figures import panels, reading, style
from detente.figures.axes import numbers
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, chance, months, reaching
from detente.prose.wording import compact, listed, the, whole

if TYPE_CHECKING:
    import xarray as xr

DOTS = 100
#: columns of dots over the whole range of a panel
_COLUMNS = range(12, 61)
#: a title may name scenarios as long as it stays readable
_LONGEST = 110


@dataclass(frozen=True)
class Peaks:
    """One scenario: highest tension per dot (ascending, points), and the share of runs that reach the level."""

    name: str
    label: str
    peaks: Floats
    share: float
    members: int
    change: Difference | None


@dataclass(frozen=True)
class Dots:
    """The words and numbers of the figure; the first scenario is the base."""

    title: str
    subtitle: str
    notes: str
    level: Level
    scenarios: tuple[Peaks, ...]
    colours: dict[str, str]

    room = Room(left=0.1)

    @property
    def height(self) -> float:
        """Taller with every row of panels."""
        return 2.15 * panels.rows(len(self.scenarios))

    def step(self, columns: int) -> float:
        """Width of a column of dots in points of the index, where ``columns`` span all that is drawn."""
        low, high = self.span
        return max((high - low) / columns, 0.05)

    @cached_property
    def span(self) -> tuple[float, float]:
        """Lowest and highest value drawn; the level too, unless it lies far away."""
        everything = np.concatenate([s.peaks for s in self.scenarios])
        low, high = float(everything.min()), float(everything.max())
        if abs(self.level.edge - (low + high) / 2) < 1.5 * (high - low) + 5:
            low, high = min(low, self.level.edge), max(high, self.level.edge)
        return low, max(high, low + 1.0)

    def columns(self, one: Peaks, step: float) -> NDArray[np.int64]:
        """Column of each dot; columns are counted from the level, so that none lies on both sides of it."""
        return np.floor((one.peaks - self.level.edge) / step + 1e-9).astype(np.int64)

    def highest(self, step: float) -> int:
        """Dots in the highest column of all panels."""
        return max(int(np.unique(self.columns(s, step), return_counts=True)[1].max()) for s in self.scenarios)


def collect(results: Sequence[xr.Dataset]) -> Dots:
    """The numbers of the figure; the first of ``results`` is the base.

    FigureError where the theatre names no crisis level; NotComparable where results do not pair.
    """
    base, *others = results
    level = attributes.crisis(base)
    if level is None:
        if "measure" in base.attrs:
            raise FigureError("verbal levels are those of the region, a pair has none: draw its fan instead")
        raise FigureError("this theatre names no level as a crisis: mark one in its levels")
    found = (_peaks(base, None, level), *(_peaks(other, base, level) for other in others))
    names, days, measure = [reading.name(ds) for ds in results], reading.days(base), reading.measure(base)
    dots, runs = len(found[0].peaks), sorted({one.members for one in found})
    notes = f"Quantile dot plot of {listed(whole(n) for n in runs)} run{'' if runs == [1] else 's'}."
    return Dots(
        title=_title(level, *found),
        subtitle=f"{'Each' if dots > 1 else 'The'} dot is {'one in a hundred runs' if dots == DOTS else 'one run'}: "
        f"its highest {measure[0].lower()}{measure[1:]} in {months(days[0], days[-1])}; filled dots reach "
        f"{level.label.lower()}{NB}({compact(level.edge)})",
        notes=f"{notes} {reading.footnotes(base, [one.label for one in found])}".strip(),
        level=level,
        scenarios=found,
        colours=style.palette(names, names[0] if len(names) > 1 else None),
    )


def _title(at: Level, base: Peaks, *others: Peaks) -> str:
    """Chances that are told from the base's; else that none is."""
    level, held = at.label.lower(), the(base.label)
    if not others:
        at_least = " at least once" if base.share or base.members > 1 else ""
        return f"{base.label}: {reaching(base.share, base.members, level)}{at_least}"
    told = [s for s in others if s.change and s.change.direction(SHARES)]
    if not told:
        return f"No detectable difference from {held} in the chance of reaching {level}"
    first, *rest = (chance(s.share, s.members) for s in (*told, base))
    # "26 in 100 runs … under A, 18 under B, 2 in the baseline": the hundred is said once
    of = next(part for word in ("in", "of") if (part := "".join(first.rpartition(f"{NB}{word}{NB}")[1:])) != first)
    names = [*(f"under {s.label}" for s in told[1:]), f"in {held}"]
    more = [f"{share.removesuffix(of)} {name}" for share, name in zip(rest, names, strict=True)]
    title = ", ".join([f"{first} runs reach {level} under {told[0].label}", *more])
    if len(title) <= _LONGEST:
        return f"{title[0].upper()}{title[1:]}"
    up, total = sum(s.change.verdict == "higher" for s in told if s.change), len(others)
    if not up:
        return f"{at.label} is reached less often than in {held} under {len(told)} of {total} scenarios"
    less = f", less often under {len(told) - up}" if up < len(told) else ""
    return f"{at.label} is reached more often than in {held} under {up} of {total} scenarios{less}"


def _peaks(ds: xr.Dataset, base: xr.Dataset | None, level: Level) -> Peaks:
    highest = np.sort(metrics.at("tension", "max", ds))
    members = len(highest)
    dots = min(DOTS, members)
    # the middle run of every hundredth: counting filled dots gives the rounded share
    at = np.floor((np.arange(dots) + 0.5) / dots * members + 1e-9).astype(np.int64)
    change = None
    if base is not None:
        mine, yours = pair(base, ds)
        ever = [(metrics.at("tension", "max", one) >= level.edge).astype(np.float64) for one in (mine, yours)]
        change = difference(ever[0], ever[1], reading.draws(mine))
    share = float((highest >= level.edge).mean())
    return Peaks(reading.name(ds), reading.label(ds), highest[at], share, members, change)


def draw(data: Dots, ax: Axes) -> Axes:
    """Draw one panel of dots per scenario into ``ax``."""
    level = data.level.label.lower()
    heads = [(s.label, reaching(s.share, s.members, level), data.colours[s.name]) for s in data.scenarios]
    made = panels.panels(ax, heads)
    wide, tall = inches(made[0])
    # as many columns as make the dots largest
    count = max(_COLUMNS, key=lambda n: min(wide / (n + 2), tall / (data.highest(data.step(n)) + 0.5)))
    for panel, one in zip(made, data.scenarios, strict=True):
        _panel(panel, data, one, data.step(count))
    return ax


def _panel(ax: Axes, data: Dots, one: Peaks, step: float) -> None:
    wide, tall = inches(ax)
    edge, colour = data.level.edge, data.colours[one.name]
    first, last = (np.floor((end - edge) / step + 1e-9) for end in data.span)
    left, right = edge + step * (first - 0.5), edge + step * (last + 1.5)
    size = min(wide * step / (right - left), tall / (data.highest(step) + 0.5))
    columns, reached = data.columns(one, step), one.peaks >= edge
    # place of each dot in its column: dots are in ascending order, so equal columns lie side by side
    place = np.arange(len(columns)) - np.searchsorted(columns, columns)
    ax.set(xlim=(left, right), ylim=(0, tall / size), yticks=[])
    for which, face in ((~reached, "white"), (reached, colour)):
        ax.scatter(
            edge + step * (columns[which] + 0.5),
            place[which] + 0.5,
            s=(size * 72 * 0.8) ** 2,
            facecolor=face,
            edgecolor=colour,
            linewidth=style.pt(0.9),
            clip_on=False,
        )
    if left <= edge <= right:
        ax.axvline(edge, color=style.INK, linewidth=style.pt(1), dashes=(1, 2), zorder=0.5)
    numbers(ax.xaxis, left, right, max(2, int(wide / style.pt(0.45))))
