"""Small multiples: the fan of every scenario side by side on one scale, with the base run's median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from detente.analysis import attributes, metrics, summary
from detente.analysis.attributes import Level
from detente.analysis.difference import POINTS, Difference, difference
from detente.analysis.pairing import pair
from detente.analysis.wording import fixed, signed, whole
from detente.figures import panels, reading, style
from detente.figures.axes import as_days, date_axis, date_room, value_axis
from detente.figures.numbers import Floats
from detente.figures.sheet import Room
from detente.figures.words import NB, compact, month, the, window

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Small:
    """One scenario: median and bands [points], and its paired change from the base (None for the base)."""

    name: str
    label: str
    median: Floats
    wide: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    change: Difference | None


@dataclass(frozen=True)
class Multiples:
    """The numbers of the figure; arrays over time. The first panel is the base."""

    measure: str
    time: reading.Dates
    window: str
    panels: tuple[Small, ...]
    crisis: Level | None
    members: int
    colours: dict[str, str]
    footnotes: str

    @property
    def title(self) -> str:
        """Where the scenarios end against the base, as far as the intervals support it."""
        base, *others = self.panels
        told = [(p.label, p.change) for p in others if p.change]
        return panels.outcome(told, base.label) if told else f"{base.label}: tension in {self.window}"

    @property
    def subtitle(self) -> str:
        """Measure and marks."""
        shown = f"median with 50% and 95% bands of {whole(self.members)}{NB}runs" if self.members > 1 else "one run"
        text = (
            f"{self.measure} (0{NB}calm, 100{NB}armed clash): {shown}; dashed = median of {the(self.panels[0].label)}"
        )
        if self.crisis and self.crisis.edge <= self.limits[1]:
            text += f"; dotted = {self.crisis.label.lower()} ({compact(self.crisis.edge)})"
        return text

    @property
    def notes(self) -> str:
        """How to read it."""
        told = f"Medians in {month(self.time[-1])}; in brackets the mean paired change in {self.window} where the "
        told += "95% interval and the draws support it, else “±?”."
        return " ".join(filter(None, [told, self.footnotes]))

    @property
    def height(self) -> float:
        """Taller with every row of panels."""
        return 2.1 * panels.rows(len(self.panels))

    @property
    def room(self) -> Room:
        """Ticks on the left."""
        return Room(bottom=date_room(as_days(self.time)))

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest value drawn."""
        low = min(float(p.wide[0].min()) for p in self.panels)
        high = max(float(p.wide[1].max()) for p in self.panels)
        if self.crisis and high < self.crisis.edge < high + max(8.0, 0.5 * (high - low)):
            high = self.crisis.edge
        middle, half = (low + high) / 2, max((high - low) / 2, 4.0) * 1.05
        return max(0.0, middle - half), min(101.0, middle + half)


def collect(base: xr.Dataset, others: Sequence[xr.Dataset]) -> Multiples:
    """The numbers of the figure. Raises NotComparable where a result does not pair with the base."""
    names = [reading.name(ds) for ds in (base, *others)]
    return Multiples(
        measure=reading.measure(base),
        time=reading.days(base),
        window=window(base),
        panels=(_small(base, None), *(_small(other, base) for other in others)),
        crisis=attributes.crisis(base),
        members=min(ds.sizes["member"] for ds in (base, *others)),
        colours=style.palette(names, names[0]),
        footnotes=reading.footnotes(base, [reading.label(ds) for ds in (base, *others)]),
    )


def _small(ds: xr.Dataset, base: xr.Dataset | None) -> Small:
    lines = summary.quantiles(reading.tension(ds), [0.5, 0.025, 0.975, 0.25, 0.75])
    median, low, high, quarter, three = lines
    change = None
    if base is not None:
        mine, yours = (metrics.values(metrics.Metric(), one) for one in pair(base, ds))
        change = difference(mine, yours, reading.draws(pair(base, ds)[0]))
    return Small(reading.name(ds), reading.label(ds), median, (low, high), (quarter, three), change)


def draw(data: Multiples, ax: Axes) -> Axes:
    """Draw one panel per scenario into ``ax``, the base first."""
    heads = [(p.label, _head(p), data.colours[p.name]) for p in data.panels]
    across, days = panels.columns(len(heads)), as_days(data.time)
    for k, (panel, one) in enumerate(zip(panels.panels(ax, heads), data.panels, strict=True)):
        _panel(panel, data, one, days)
        if k % across:
            panel.tick_params(labelleft=False)
    return ax


def _head(one: Small) -> str:
    text = f"median{NB}{fixed(one.median[-1], 0)}"
    if one.change is None:
        return text
    if one.change.verdict == "identical":
        return f"{text} (identical)"
    return f"{text} ({signed(one.change.change) if one.change.direction(POINTS) else '±?'})"


def _panel(ax: Axes, data: Multiples, one: Small, days: Floats) -> None:
    colour, (low, high) = data.colours[one.name], data.limits
    ax.set_ylim(low, high)
    date_axis(ax, days)
    value_axis(ax, low, min(high, 100.0))
    ax.fill_between(days, *one.wide, color=style.tint(colour, 0.16), linewidth=0)
    ax.fill_between(days, *one.narrow, color=style.tint(colour, 0.5), linewidth=0)
    ax.plot(days, one.median, color=colour)
    if one.change is not None:
        ax.plot(days, data.panels[0].median, color=style.BASELINE, linewidth=style.pt(1.2), dashes=(4, 2))
    if data.crisis and low <= data.crisis.edge <= high:
        ax.axhline(data.crisis.edge, color=style.INK, linewidth=style.pt(1), dashes=(1, 2))
