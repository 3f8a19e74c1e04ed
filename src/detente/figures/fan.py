"""Fan chart: the spread of the tension index over time, with dated events, crisis level and baseline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from detente.analysis import attributes, metrics, summary
from detente.analysis.attributes import Level
from detente.analysis.difference import Difference, difference
from detente.analysis.pairing import pair
from detente.analysis.wording import fixed, whole
from detente.figures import event_labels, reading, style
from detente.figures.axes import End, as_days, date_axis, date_room, ends, value_axis
from detente.figures.measure import line_height, shorten, width
from detente.figures.numbers import Floats
from detente.figures.provenance import provenance
from detente.figures.reading import Event
from detente.figures.save import save
from detente.figures.sheet import Room, inches, sheet
from detente.figures.spacing import Flag
from detente.figures.words import NB, chance, change, compact, month, reaching, size, the, window

if TYPE_CHECKING:
    import xarray as xr

#: percent of runs in each band, outermost first
BANDS = (95, 80, 50)
_STRENGTH = {95: 0.16, 80: 0.38, 50: 0.68}
#: points of the index: a smaller change over the run is called none
_NOTICEABLE = 1.0


def _beside(base: Baseline) -> str:
    """The base's chance of reaching crisis, after that of the scenario."""
    if base.members == 1:
        return f"that of {the(base.label)} {'reaches' if base.crisis_share else 'does not reach'} it"
    return f"{chance(base.crisis_share or 0.0, base.members)} in {the(base.label)}"


@dataclass(frozen=True)
class Fan:
    """The numbers of a fan chart. Arrays over time; tension in points, 0 to 100."""

    name: str
    label: str
    measure: str
    time: reading.Dates
    window: str
    median: Floats
    bands: dict[int, tuple[Floats, Floats]]
    since_start: Difference
    members: int
    crisis: Level | None
    crisis_share: float | None
    events: tuple[Event, ...]
    documented_until: np.datetime64 | None
    counterfactual: bool
    baseline: Baseline | None
    footnotes: str

    @cached_property
    def days(self) -> Floats:
        """Time in days since 1970."""
        return as_days(self.time)

    @property
    def colour(self) -> str:
        """The scenario's own colour."""
        return style.palette([self.name])[self.name]

    @property
    def title(self) -> str:
        """What the interval supports: of the difference where there is a baseline, else of the course."""
        return f"{self.label}: {self._against(self.baseline) if self.baseline else self._course()}"

    def _against(self, base: Baseline) -> str:
        other, when = the(base.label), self.window
        if base.change.verdict == "identical":
            return f"tension exactly that of {other} in {when}"
        if not base.change.is_significant:
            return f"no detectable difference from {other} in {when}"
        side = "above" if base.change.verdict == "higher" else "below"
        return f"tension {size(base.change)} points {side} {other} in {when}"

    def _course(self) -> str:
        first, last, when = fixed(self.median[0], 0), fixed(self.median[-1], 0), month(self.time[-1])
        moved, step = self.since_start, float(np.round(self.median[-1]) - np.round(self.median[0]))
        if max(abs(moved.ci_low), abs(moved.ci_high)) < _NOTICEABLE:
            return f"median tension {last} in {when}, within a point of where it began"
        if not moved.is_significant:
            return f"median tension {last} in {when}, no clear change since {month(self.time[0])}"
        verb, sign = ("rises", 1) if moved.verdict == "higher" else ("falls", -1)
        if step * sign <= 0:
            return f"mean tension {verb} by {size(moved)} points by {when}"
        return f"median tension {verb} from {first} to {last} by {when}"

    @property
    def subtitle(self) -> str:
        """Measure, bands, and the chance of reaching crisis at least once."""
        text = f"{self.measure} (0{NB}calm, 100{NB}armed clash): {self._shown()}."
        if self.crisis and self.crisis_share is not None:
            reach = reaching(self.crisis_share, self.members, self.crisis.label.lower())
            text += f" {reach[0].upper()}{reach[1:]} ({compact(self.crisis.edge)})"
            text += " at least once" if self.crisis_share or self.members > 1 else ""
            base = self.baseline
            text += f"; {_beside(base)}." if base else "."
        if self.baseline and self.baseline.change.is_significant:
            text += f" Difference {change(self.baseline.change)}, 95%{NB}CI."
        return text

    def _shown(self) -> str:
        """What is drawn of the runs; bands of a few are about where these lie and no chances."""
        if self.members == 1:
            return "one run, which has no spread"
        runs = f"{whole(self.members)}{NB}runs"
        return f"median and spread of {runs}" if self.members < summary.FEW else f"median and 50/80/95% of {runs}"

    @property
    def notes(self) -> str:
        """How to read it."""
        spread = "Bands show the spread between runs and parameter draws, not what the model leaves out."
        told = [spread] if self.members > 1 else ["Chance and parameters of other runs differ from those of this one."]
        if self.events:
            told.append("▲ dated act on record, △ planned or supposed.")
        if any(flag is None for flag in self.flagged):
            told.append("Acts without a label: see the timeline.")
        if self.counterfactual:
            told.append("Counterfactual: this scenario changes the record.")
        if self.crisis and self.crisis.edge > self.limits[1]:
            told.append(f"{self.crisis.label} ({compact(self.crisis.edge)}) lies above the chart.")
        if self.crisis and self.crisis.edge < self.limits[0]:
            told.append(f"{self.crisis.label} ({compact(self.crisis.edge)}) lies below the chart.")
        return " ".join([*told, self.footnotes]).strip()

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest value the chart must show."""
        low, high = float(self.bands[95][0].min()), float(self.bands[95][1].max())
        if self.baseline:
            low, high = min(low, self.baseline.median.min()), max(high, self.baseline.median.max())
        if self.crisis and high < self.crisis.edge < high + max(12.0, 0.8 * (high - low)):
            high = self.crisis.edge + 1.0
        if self.crisis and low - max(12.0, 0.8 * (high - low)) < self.crisis.edge < low:
            low = self.crisis.edge - 1.0
        middle, half = (low + high) / 2, max((high - low) / 2, 4.0)
        return max(0.0, middle - half * 1.04), min(100.0, middle + half * 1.04)

    @cached_property
    def flagged(self) -> list[Flag | None]:
        """Places of the events' labels at page size."""
        with style.house():
            return event_labels.layout(self.events, self.days, self.wide)

    @property
    def wide(self) -> float:
        """Width of the axes on a page in inches."""
        return style.WIDTH - self.room.left - self.room.right

    @property
    def height(self) -> float:
        """The chart itself and the rows of labels above it."""
        return max(2.95, 2.35 + event_labels.height(self.flagged))

    @property
    def room(self) -> Room:
        """Left for the ticks, right for the direct labels."""
        names = [self._end] + ([self.baseline.end] if self.baseline else [])
        widest = max(min(width(n, style.BODY, style.STRONG), 1.25) for n in names)
        return Room(left=0.32, right=0.52 + widest, bottom=date_room(self.days))

    @property
    def _end(self) -> str:
        return f"{self.label}{NB}{fixed(self.median[-1], 0)}"


@dataclass(frozen=True)
class Baseline:
    """The run a fan is held against."""

    label: str
    median: Floats
    change: Difference
    crisis_share: float | None
    members: int

    @property
    def end(self) -> str:
        """Direct label."""
        return f"{self.label}{NB}{fixed(self.median[-1], 0)}"


def collect(ds: xr.Dataset, baseline: xr.Dataset | None = None) -> Fan:
    """The numbers of a fan chart of ``ds``, against ``baseline`` if given (paired by member).

    Raises NotComparable where the two do not pair.
    """
    values = reading.tension(ds)
    ats = [q for band in BANDS for q in ((100 - band) / 200, (100 + band) / 200)]
    lines = summary.quantiles(values, [0.5, *ats])
    events = reading.events(ds)
    return Fan(
        name=reading.name(ds),
        label=reading.label(ds),
        measure=reading.measure(ds),
        time=reading.days(ds),
        window=window(ds),
        median=lines[0],
        bands={band: (lines[1 + 2 * k], lines[2 + 2 * k]) for k, band in enumerate(BANDS)},
        since_start=difference(values[:, 0], values[:, -1], reading.draws(ds)),
        members=ds.sizes["member"],
        crisis=attributes.crisis(ds),
        crisis_share=summary.crisis_share(ds),
        events=events,
        documented_until=reading.documented_until(ds),
        counterfactual=reading.counterfactual(ds),
        baseline=_held_against(ds, baseline) if baseline is not None else None,
        footnotes=reading.footnotes(ds, [reading.label(ds), *(e.title for e in events)]),
    )


def _held_against(ds: xr.Dataset, base: xr.Dataset) -> Baseline:
    mine, yours = pair(base, ds)
    metric = metrics.Metric()
    return Baseline(
        label=reading.label(base),
        median=summary.quantiles(reading.tension(base), [0.5])[0],
        change=difference(metrics.values(metric, mine), metrics.values(metric, yours), reading.draws(mine)),
        crisis_share=summary.crisis_share(base),
        members=base.sizes["member"],
    )


def draw(data: Fan, ax: Axes) -> Axes:
    """Draw the fan chart into ``ax``."""
    wide, tall = inches(ax)
    flagged = data.flagged
    if abs(wide - data.wide) > 0.01 or event_labels.height(flagged) > 0.5 * tall:
        rows = min(event_labels.ROWS, int(0.48 * tall / event_labels.row_height()))
        flagged = event_labels.layout(data.events, data.days, wide, rows)
    _limits(data, ax, event_labels.height(flagged))
    for band in BANDS:
        ax.fill_between(data.days, *data.bands[band], color=style.tint(data.colour, _STRENGTH[band]), linewidth=0)
    if data.baseline:
        # a white edge: the grey line must be seen on a dark band too
        ax.plot(data.days, data.baseline.median, color="white", alpha=0.6, linewidth=style.pt(2.5))
        ax.plot(data.days, data.baseline.median, color=style.BASELINE, dashes=(4, 2), linewidth=style.pt(1.5))
    ax.plot(data.days, data.median, color=data.colour, linewidth=style.pt(2))
    _record(data, ax)
    _crisis(data, ax)
    event_labels.draw(ax, data.events, flagged, data.days)
    _ends(data, ax)
    return ax


def _limits(data: Fan, ax: Axes, above: float) -> None:
    """Limits with room above for the labels of events and below for the line between record and plan."""
    low, high = data.limits
    tall = inches(ax)[1]
    below = style.pt(0.24) if data.documented_until is not None else 0.0
    unit = (high - low) / max(tall - above - below, 0.3 * tall)
    ax.set_ylim(low - below * unit, high + above * unit)
    date_axis(ax, data.days)
    value_axis(ax, low, high)


def _record(data: Fan, ax: Axes) -> None:
    """The line up to which the calendar is record; after it, plan."""
    if data.documented_until is None:
        return
    x = float(as_days(np.array([data.documented_until]))[0])
    span = [ax.get_ylim()[0], data.limits[1]]
    ax.plot([x, x], span, color=style.INK, linewidth=style.pt(0.8), dashes=(1.5, 2), zorder=2.5)
    place = blended_transform_factory(ax.transData, ax.transAxes)
    share = (x - data.days[0]) / (data.days[-1] - data.days[0])
    for text, side, fits in (("record", "right", share > 0.12), ("plan", "left", share < 0.88)):
        if fits:
            ax.annotate(
                text,
                (x, 0),
                xycoords=place,
                xytext=(style.pt(-4 if side == "right" else 4), style.pt(10)),
                textcoords="offset points",
                ha=side,
                fontsize=style.pt(style.NOTE),
                color=style.GREY,
                bbox=_BACK,
            )


_BACK = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6}


def _crisis(data: Fan, ax: Axes) -> None:
    """The crisis level as a dotted line, named where the bands leave room."""
    if data.crisis is None or not data.limits[0] <= data.crisis.edge <= data.limits[1]:
        return
    edge = data.crisis.edge
    ax.axhline(edge, color=style.INK, linewidth=style.pt(1), dashes=(1, 2), zorder=3)
    points = f":{NB}{compact(edge)}"
    size, room = style.pt(style.SMALL), 0.5 * inches(ax)[0]
    text = shorten(data.crisis.label, size, room - width(points, size), 1)[0] + points
    side, up = _free_corner(data, ax, width(text, size))
    ax.annotate(
        text,
        (side, edge),
        xycoords=("axes fraction", "data"),
        xytext=(style.pt(3) * (1 if side == 0 else -1), style.pt(3) * up),
        textcoords="offset points",
        ha="left" if side == 0 else "right",
        va="bottom" if up > 0 else "top",
        fontsize=style.pt(style.SMALL),
        bbox=_BACK,
        zorder=4,
    )


def _free_corner(data: Fan, ax: Axes, wide: float) -> tuple[int, int]:
    """(0 left or 1 right, +1 above or -1 below) of the crisis line where its name covers least of the bands."""
    assert data.crisis
    count = max(1, int(len(data.days) * wide / inches(ax)[0]))
    unit = (ax.get_ylim()[1] - ax.get_ylim()[0]) / inches(ax)[1] * line_height(style.pt(style.SMALL))
    lows, highs = data.bands[95]

    def covered(side: int, up: int) -> float:
        part = slice(0, count) if side == 0 else slice(-count, None)
        low, high = sorted((data.crisis.edge, data.crisis.edge + up * unit))  # type: ignore[union-attr]
        return float(np.clip(np.minimum(highs[part], high) - np.maximum(lows[part], low), 0, None).mean())

    return min(((side, up) for side in (0, 1) for up in (1, -1)), key=lambda c: covered(*c))


def _ends(data: Fan, ax: Axes) -> None:
    """Direct labels: the bands beside their upper edges, the lines further out."""
    unit = (ax.get_ylim()[1] - ax.get_ylim()[0]) / inches(ax)[1]
    tops = [(band, float(data.bands[band][1][-1])) for band in BANDS]
    if tops[0][1] - float(data.median[-1]) > 0.2 * unit:
        small = [End(y, f"{band}%", data.colour, False, style.NOTE) for band, y in reversed(tops)]
        ends(ax, small, style.pt(0.06), 1.0)
    lines = [End(float(data.median[-1]), data._end, data.colour)]
    if data.baseline:
        lines.append(End(float(data.baseline.median[-1]), data.baseline.end, style.BASELINE))
    ends(ax, lines, style.pt(0.42), style.pt(data.room.right - 0.46))


def write(
    ds: xr.Dataset, stem: Path | str, baseline: xr.Dataset | None = None, *, force: bool = True
) -> tuple[Path, Path]:
    """Draw the fan chart of ``ds`` and save it as ``stem``.png and ``stem``.svg; returns both paths."""
    data = collect(ds, baseline)
    origin = provenance(ds) if baseline is None else provenance(ds, baseline)
    figure = sheet(draw, data, origin)
    png, svg = (
        save(figure, Path(f"{stem}{suffix}"), origin, title=data.title, force=force) for suffix in (".png", ".svg")
    )
    return png, svg
