"""Rows of dots with their intervals: what each option changes, under each theory, or which parameter matters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from matplotlib.axes import Axes

from detente.analysis.findings import findings, measured, sensitivity
from detente.analysis.wording import digits_for, fixed, signed
from detente.figures import style
from detente.figures.axes import steps
from detente.figures.measure import line_height, shorten, width
from detente.figures.reading import FigureError, legible
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, listed

if TYPE_CHECKING:
    import xarray as xr

#: what is measured, and over which weeks, in words
Measure: TypeAlias = tuple[str, str]

#: rows beyond these are counted in the note only
MOST, MOST_OPTIONS = 16, 30


@dataclass(frozen=True)
class Mark:
    """One dot: value and the ends of its 95 % interval; ``faint`` where it cannot be told from nothing."""

    value: float
    low: float
    high: float
    faint: bool = False

    @property
    def size(self) -> str:
        """The value without its sign, as precisely as its interval allows."""
        return fixed(abs(self.value), digits_for((self.high - self.low) / 2))


@dataclass(frozen=True)
class Series:
    """Dots of one colour, one per row (None where a row has none)."""

    name: str
    colour: str
    marks: tuple[Mark | None, ...]


@dataclass(frozen=True)
class Intervals:
    """The numbers of the figure; ``signed`` where they are changes, so that zero is the line that counts."""

    title: str
    subtitle: str
    rows: tuple[str, ...]
    series: tuple[Series, ...]
    signed: bool
    notes: str

    @property
    def height(self) -> float:
        """As many rows as there are, higher where each holds several dots; a line for the names of the series."""
        named = 0.2 if len(self.series) > 1 else 0.0
        return max(0.3, 0.13 * len(self.series) + 0.1) * max(len(self.rows), 3) + named + 0.1

    @property
    def room(self) -> Room:
        """Names on the left."""
        return Room(left=min(max(width(row, style.SMALL) for row in self.rows) + 0.14, 2.6), right=0.5)


def collect(data: xr.Dataset, metric: str, kind: str = "") -> Intervals:
    """The numbers of the figure that an experiment's design calls for, or of ``kind``: options, theories, sensitivity.

    FigureError where there is nothing to draw: one option, or a design that neither compares nor screens.
    """
    data = legible(data)
    label = str(data.attrs.get("title") or data.attrs["experiment"])
    drawing = _drawing(data, metric, label, kind)
    return replace(drawing, notes=" ".join(filter(None, [drawing.notes, *_footnotes(data, drawing)])))


def _drawing(data: xr.Dataset, metric: str, label: str, kind: str) -> Intervals:
    measure = measured(data, metric)
    if data.attrs["design"] in ("sobol", "morris") and kind in ("", "sensitivity"):
        screened = sensitivity(data, metric)
        return (of_sobol if screened["design"] == "sobol" else of_morris)(screened, label=label, measure=measure)
    found = findings(data, metric)
    if kind == "theories" or (not kind and "rivals" in found):
        if "rivals" not in found:
            raise FigureError("no rival theories in this experiment")
        colours = style.palette([option["label"] for option in found["options"]], found["options"][0]["label"])
        return of_rivals(found, colours, label=label, measure=measure)
    return of_options(found, label=label, measure=measure)


def _footnotes(data: xr.Dataset, drawing: Intervals) -> list[str]:
    """The footnotes that a name in the figure refers to."""
    notes = [str(text) for text in json.loads(data.attrs.get("footnotes", "{}")).values()]
    words = [drawing.title, drawing.subtitle, *drawing.rows, *(series.name for series in drawing.series)]
    return [note for note in notes if note[:1] in "*†‡§" and any(note[:1] in text for text in words)]


def of_options(found: Mapping[str, Any], *, label: str, measure: Measure) -> Intervals:
    """The change that each option makes against the first, from an experiment's findings; beside it, in behaviour.

    FigureError where there is one option only.
    """
    first, *others = found.get("options", [None])
    if not others:
        raise FigureError("no options to compare: the experiment has one setting")
    if "effects" in found:
        return _of_levers(found, label, measure)
    marks = tuple(_mark(option["change"]) for option in others)
    names = tuple(option["label"] for option in others)
    what, weeks = measure
    subtitle = f"Change in {_within(what, weeks)} against {first['label']}, paired run by run; lines: 95{NB}%{NB}CI"
    series = [Series(what, style.SCENARIOS[0], marks[:MOST_OPTIONS])]
    if "behaviour" in found:
        twin = tuple(_mark(option["change"]) for option in found["behaviour"][1:])
        series.append(Series("hostility and incidents alone", style.SCENARIOS[1], twin[:MOST_OPTIONS]))
    title = _told(names, marks, label, what)
    return Intervals(
        title, subtitle, names[:MOST_OPTIONS], tuple(series), True, _cut(len(others) - MOST_OPTIONS, "options")
    )


def _of_levers(found: Mapping[str, Any], label: str, measure: Measure) -> Intervals:
    """What each lever does on average over the others; beside it, in behaviour."""
    effects = found["effects"]
    names = tuple(f"{effect['lever']}: {effect['value']}" for effect in effects)
    marks = tuple(_mark(effect["change"]) for effect in effects)
    change = f"Change in {_within(*measure)} against the lever’s first value, averaged over the other levers"
    subtitle = f"{change}; lines: 95{NB}%{NB}CI; hollow: cannot tell"
    series = [Series(measure[0], style.SCENARIOS[0], marks)]
    if "behaviour_effects" in found:
        twin = tuple(_mark(effect["change"]) for effect in found["behaviour_effects"])
        series.append(Series("hostility and incidents alone", style.SCENARIOS[1], twin))
    return Intervals(_told(names, marks, label, measure[0]), subtitle, names, tuple(series), True, "")


def _within(what: str, weeks: str) -> str:
    return f"{what} ({weeks})" if weeks else what


def _told(names: Sequence[str], marks: Sequence[Mark], label: str, measure: str) -> str:
    """The farthest up and the farthest down that can be told."""
    told = [(mark.value, f"“{name}”", mark.size) for name, mark in zip(names, marks, strict=True) if not mark.faint]
    if not told:
        return f"{label}: no detectable difference between the options in {measure}"
    (most, highest, up), (least, lowest, down) = max(told), min(told)
    if most > 0 > least:
        return f"{label}: {highest} raises {measure} by {up}, {lowest} lowers it by {down}"
    verb, name, size = ("raises", highest, up) if most > 0 else ("lowers", lowest, down)
    return f"{label}: {name} {verb} {measure}{_most(marks)} by {size}"


def _most(marks: Sequence[Mark]) -> str:
    """A superlative where the interval of the farthest leaves out those of all others that are told."""
    told = sorted((mark for mark in marks if not mark.faint), key=lambda mark: -abs(mark.value))
    if len(told) < 2:
        return ""
    near = min(abs(told[0].low), abs(told[0].high))
    return " most," if all(max(abs(m.low), abs(m.high)) < near for m in told[1:]) else ""


def of_rivals(found: Mapping[str, Any], colours: Mapping[str, str], *, label: str, measure: Measure) -> Intervals:
    """The change of every option under every theory, and on average."""
    rivals = found.get("rivals", [])
    if not rivals:
        raise FigureError("no rival theories in this experiment")
    rows = ("average", *(row["label"] for row in rivals[0]["rows"]))
    series = []
    for rival in rivals:
        marks = tuple(_mark(d) for d in (rival["average"], *(row["difference"] for row in rival["rows"])))
        series.append(Series(rival["option"], colours[rival["option"]], marks))
    title = f"{label}: {_agreed(rivals, measure[0])}"
    change = f"Change in {_within(*measure)} against {found['options'][0]['label']}, under each theory"
    subtitle = f"{change}; lines: 95{NB}%{NB}CI; hollow: cannot tell"
    return Intervals(title, subtitle, rows, tuple(series), True, "")


def _agreed(rivals: Sequence[Mapping[str, Any]], what: str) -> str:
    """What all theories say alike, and what they do not."""
    said = {way: [f"“{r['option']}”" for r in rivals if r["verdict"] == way] for way in ("higher", "lower")}
    open_ = [f"“{r['option']}”" for r in rivals if r["verdict"] not in said]
    alike = " and ".join(f"{way} with {listed(names)}" for way, names in said.items() if names)
    if not alike:
        return "no conclusion survives every theory"
    return f"under every theory {what} is {alike}" + (f"; {listed(open_)} cannot be told under all" if open_ else "")


def of_sobol(found: Mapping[str, Any], *, label: str, measure: Measure) -> Intervals:
    """Shares of the variance, alone and with interactions, from a sensitivity record."""
    rows = [row for row in found["rows"] if not row["inert"]][:MOST]
    if not rows:
        raise FigureError("no parameter moves the outcome: nothing to draw")
    alone, total = (tuple(_share(row, order) for row in rows) for order in ("first", "total"))
    names = tuple(row["label"] for row in rows)
    told = [mark for mark in total if mark]
    leading = _leading(names, told) if told else "chance drowns what the parameters do"
    title = f"{label}: {leading} for {measure[0]}" if told else f"{label}: {leading} to {measure[0]}"
    share = f"Share of the variance of {_within(*measure)}, alone and with all interactions"
    subtitle = f"{share}; lines: 95{NB}%{NB}CI; hollow: cannot be told from nothing"
    chance = f"Chance makes up {fixed(100 * found['chance'], 0)}{NB}% of the variance of a single run and is taken off."
    chance = chance if told else "No share is told: too little of the variance of the means is theirs."
    series = (Series("with interactions", style.SCENARIOS[0], total), Series("alone", style.BASELINE, alone))
    return Intervals(title, subtitle, names, series, False, _cut(len(found["rows"]) - MOST, "parameters", chance))


def _share(row: Mapping[str, Any], order: str) -> Mark | None:
    """A share of the variance; None where there is nothing to share."""
    if row[order] is None:
        return None
    low = row[f"{order}_low"]
    return Mark(row[order], low, row[f"{order}_high"], low <= 0)


def of_morris(found: Mapping[str, Any], *, label: str, measure: Measure) -> Intervals:
    """Mean size of the change through a parameter's whole range, from a screening's record."""
    rows = [row for row in found["rows"] if not row["inert"]]
    if not rows:
        raise FigureError("no parameter moves the outcome: nothing to draw")
    marks = tuple(Mark(r["mu_star"], r["low"], r["high"], r["low"] <= r["noise"]) for r in rows)
    names = tuple(row["label"] for row in rows)
    clear, inert = sum(not mark.faint for mark in marks), len(found["inert"])
    title = f"{label}: {clear} of {len(found['rows'])} parameters move {measure[0]} clearly, {inert} not at all"
    through = f"Mean size of the change in {_within(*measure)} through the whole range of a parameter"
    subtitle = f"{through}; lines: 95{NB}%{NB}CI; hollow: lost in chance"
    series = (Series("", style.SCENARIOS[0], marks[:MOST]),)
    return Intervals(title, subtitle, names[:MOST], series, False, _cut(len(found["rows"]) - MOST, "parameters"))


def _leading(names: Sequence[str], marks: Sequence[Mark]) -> str:
    """Who leads, where the intervals keep them apart."""
    close = [name for name, mark in zip(names, marks, strict=True) if mark.high >= marks[0].low]
    if len(close) > 3:
        return f"{len(close)} parameters matter about alike"
    return f"{listed(close)} {'matters' if len(close) == 1 else 'matter'} most"


def _mark(change: Mapping[str, Any]) -> Mark:
    return Mark(
        change["change"], change["ci_low"], change["ci_high"], change["verdict"] in ("cannot tell", "identical")
    )


def _cut(left_out: int, what: str, notes: str = "") -> str:
    more = f"{left_out} more {what} are not drawn." if left_out > 0 else ""
    return " ".join(filter(None, [more, notes]))


def draw(data: Intervals, ax: Axes) -> Axes:
    """Draw the rows into ``ax``."""
    rows, wide = len(data.rows), inches(ax)[0]
    ends = [e for s in data.series for m in s.marks if m for e in (m.low, m.high, m.value)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    pad = 0.04 * max(high - low, 1e-9)
    ax.set_xlim(low - pad, high + pad if high > low else 1.0)
    head = line_height(style.pt(style.SMALL)) / (inches(ax)[1] / rows) if len(data.series) > 1 else 0.0
    ax.set_ylim(rows - 0.5, -0.5 - 1.2 * head)
    ax.plot([0, 0], [-0.5, rows - 0.5], color=style.INK, linewidth=style.pt(0.9))
    for place, series in enumerate(data.series):
        offset = (place - (len(data.series) - 1) / 2) * 0.8 / max(len(data.series), 2) if len(data.series) > 1 else 0.0
        for row, mark in enumerate(series.marks):
            if mark is not None:
                _dot(ax, row + offset, mark, series.colour)
    _axis(ax, data, low, high, wide)
    _names(ax, data, wide, -0.5 - 0.6 * head)
    return ax


def _dot(ax: Axes, y: float, mark: Mark, colour: str) -> None:
    ax.plot([mark.low, mark.high], [y, y], color=colour, linewidth=style.pt(1.4), solid_capstyle="butt")
    face = "white" if mark.faint else colour
    ax.plot([mark.value], [y], "o", markersize=style.pt(4.6), color=colour, markerfacecolor=face, clip_on=False)


def _axis(ax: Axes, data: Intervals, low: float, high: float, wide: float) -> None:
    ticks = steps(low, high, 6)
    digits = 0 if len(ticks) < 2 or ticks[1] - ticks[0] >= 1 else 1 if ticks[1] - ticks[0] >= 0.1 else 2
    ax.set_xticks(ticks, [signed(t, digits) if data.signed else fixed(t, digits) for t in ticks])
    room = data.room.left * style.pt(1) - style.pt(0.1)
    size, row_height = style.pt(style.SMALL), inches(ax)[1] / max(len(data.rows), 1)
    most = 2 if row_height > 2.1 * line_height(size) else 1
    ax.set_yticks(range(len(data.rows)), ["\n".join(shorten(row, size, room, most)) for row in data.rows])
    ax.tick_params(axis="y", labelcolor=style.INK, labelsize=style.pt(style.SMALL))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")


def _names(ax: Axes, data: Intervals, wide: float, y: float) -> None:
    """The names of the series, in their colours, in one line above the rows."""
    if len(data.series) < 2:
        return
    size, gap = style.pt(style.SMALL), 0.2 * style.pt(1)
    place, unit = 0.0, (ax.get_xlim()[1] - ax.get_xlim()[0]) / wide
    names = [series.name for series in data.series]
    if sum(width(name, size, style.STRONG) + gap for name in names) > wide:
        names = [shorten(name, size, wide / len(names) - gap, 1, style.STRONG)[0] for name in names]
    for name, series in zip(names, data.series, strict=True):
        left = ax.get_xlim()[0] + place * unit
        ax.text(left, y, name, color=series.colour, fontsize=size, fontweight=style.STRONG, va="center_baseline")
        place += width(name, size, style.STRONG) + gap
