"""Rows of dots with their intervals: what each option changes, under each theory, or which parameter matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from detente.analysis.findings import findings, sensitivity
from detente.figures import reading, rows, style
from detente.figures.reading import FigureError
from detente.figures.rows import Mark, Rows, Series, within
from detente.figures.words import NB
from detente.prose.wording import SHARE, fixed, listed

if TYPE_CHECKING:
    import xarray as xr

#: what is measured, and over which weeks, in words
Measure: TypeAlias = tuple[str, str]

#: rows beyond these are counted in the note only
MOST, MOST_OPTIONS = 16, 30


def collect(data: xr.Dataset, metric: str, kind: str = "") -> Rows:
    """The numbers of the figure that an experiment's design calls for, or of ``kind``: options, theories, sensitivity.

    FigureError where there is nothing to draw: one option, or a design that neither compares nor screens.
    """
    data, measure = reading.as_drawn(data, metric)
    label, design = reading.titled(data), str(data.attrs["design"])
    if design in ("sobol", "morris") and kind in ("", "sensitivity"):
        screened = sensitivity(data, metric)
        return (of_sobol if screened["design"] == "sobol" else of_morris)(screened, label=label, measure=measure)
    if kind == "sensitivity":
        raise FigureError(f"sensitivity is drawn from a morris or sobol design; this one is {design}")
    found = findings(data, metric)
    if kind == "theories" or (not kind and "rivals" in found):
        if "rivals" not in found:
            raise FigureError("no rival theories in this experiment")
        colours = style.palette([option["label"] for option in found["options"]], found["options"][0]["label"])
        return of_rivals(found, colours, label=label, measure=measure)
    return of_options(found, label=label, measure=measure)


def of_options(found: Mapping[str, Any], *, label: str, measure: Measure) -> Rows:
    """What each option changes against the first, from an experiment's findings; beside it, in behaviour.

    Of crossed levers, what each does on average over the others. FigureError where there is one option only.
    """
    first, *others = found.get("options", [None])
    if not others:
        raise FigureError("no options to compare: the experiment has one setting")
    if "effects" in found:
        others, twins = found["effects"], found.get("behaviour_effects", [])
        names = [f"{effect['lever']}: {effect['value']}" for effect in others]
        against = "the lever’s first value, averaged over the other levers; "
        most, hollow = len(others), "; hollow: cannot tell"
    else:
        names, twins = [option["label"] for option in others], found.get("behaviour", [None])[1:]
        against, most, hollow = f"{first['label']}, paired run by run; ", MOST_OPTIONS, ""
    marks = [_mark(one["change"]) for one in others]
    series = [Series(measure[0], style.SCENARIOS[0], marks[:most])]
    if twins:
        twin = [_mark(one["change"]) for one in twins[:most]]
        series.append(Series("hostility and incidents alone", style.SCENARIOS[1], twin))
    return Rows(
        _told(names, marks, label, measure[0], unit=" in 100" if found.get("unit") == SHARE else ""),
        f"Change in {within(*measure)} against {against}lines: 95{NB}%{NB}CI{hollow}",
        tuple(names[:most]),
        tuple(series),
        signed=True,
        notes=rows.cut(len(others) - most, "options"),
    )


def _told(names: Sequence[str], marks: Sequence[Mark], label: str, measure: str, unit: str) -> str:
    """The farthest up and the farthest down that can be told; a superlative where the interval of the one leaves out
    those of all others."""
    named = [(mark.value, f"“{name}”", mark) for name, mark in zip(names, marks, strict=True) if not mark.faint]
    told = sorted(named, key=lambda one: one[:2])
    if not told:
        return f"{label}: no detectable difference between the options in {measure}"
    (least, lowest, down), (most, highest, up) = told[0], told[-1]
    if most > 0 > least:
        return f"{label}: {highest} raises {measure} by {up.size}{unit}, {lowest} lowers it by {down.size}{unit}"
    verb, name, far, others = ("raises", highest, up, told[:-1]) if most > 0 else ("lowers", lowest, down, told[1:])
    near = min(abs(far.low), abs(far.high))
    alone = others and all(max(abs(mark.low), abs(mark.high)) < near for _, _, mark in others)
    return f"{label}: {name} {verb} {measure}{' most,' if alone else ''} by {far.size}{unit}"


def of_rivals(found: Mapping[str, Any], colours: Mapping[str, str], *, label: str, measure: Measure) -> Rows:
    """What every option changes under every theory, and on average."""
    rivals = found["rivals"]
    series = []
    for rival in rivals:
        marks = [_mark(rival["average"]), *(_mark(row["difference"]) for row in rival["rows"])]
        series.append(Series(rival["option"], colours[rival["option"]], marks))
    return Rows(
        f"{label}: {_agreed(rivals, measure[0])}",
        f"Change in {within(*measure)} against {found['options'][0]['label']}, under each theory; "
        f"lines: 95{NB}%{NB}CI; hollow: cannot tell",
        ("average", *(row["label"] for row in rivals[0]["rows"])),
        tuple(series),
        signed=True,
    )


def _agreed(rivals: Sequence[Mapping[str, Any]], what: str) -> str:
    """What all theories say alike, and what they do not."""
    said = {way: [f"“{r['option']}”" for r in rivals if r["verdict"] == way] for way in ("higher", "lower")}
    open_ = [f"“{r['option']}”" for r in rivals if r["verdict"] not in said]
    alike = " and ".join(f"{way} with {listed(names)}" for way, names in said.items() if names)
    if not alike:
        return "no conclusion survives every theory"
    return f"under every theory {what} is {alike}" + (f"; {listed(open_)} cannot be told under all" if open_ else "")


def of_sobol(found: Mapping[str, Any], *, label: str, measure: Measure) -> Rows:
    """Shares of the variance, alone and with interactions, from a sensitivity record."""
    moving = _moving(found)[:MOST]
    alone, total = ([_share(row, order) for row in moving] for order in ("first", "total"))
    told = [mark for mark in total if mark]
    chance = f"Chance makes up {fixed(100 * found['chance'], 0)}{NB}% of the variance of a single run and is taken off."
    if told:
        title = f"{label}: {_leading([row['label'] for row in moving], told)} for {measure[0]}"
    else:
        title = f"{label}: chance drowns what the parameters do to {measure[0]}"
        chance = "No share is told: too little of the variance of the means is theirs."
    return Rows(
        title,
        f"Share of the variance of {within(*measure)}, alone and with all interactions; lines: 95{NB}%{NB}CI; hollow: "
        "cannot be told from nothing",
        tuple(row["label"] for row in moving),
        (Series("with interactions", style.SCENARIOS[0], total), Series("alone", style.BASELINE, alone)),
        signed=False,
        notes=f"{rows.cut(len(found['rows']) - MOST, 'parameters')} {chance}".strip(),
    )


def _moving(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parameters that move the outcome. FigureError where there is none."""
    moving = [row for row in found["rows"] if not row["inert"]]
    if not moving:
        raise FigureError("no parameter moves the outcome: nothing to draw")
    return moving


def _share(row: Mapping[str, Any], order: str) -> Mark | None:
    """A share of the variance; None where there is nothing to share."""
    if row[order] is None:
        return None
    low = row[f"{order}_low"]
    return Mark(row[order], low, row[f"{order}_high"], low <= 0)


def of_morris(found: Mapping[str, Any], *, label: str, measure: Measure) -> Rows:
    """Mean size of the change through a parameter's whole range, from a screening's record."""
    moving = _moving(found)
    marks = [Mark(r["mu_star"], r["low"], r["high"], r["low"] <= r["noise"]) for r in moving]
    clear, total = sum(not mark.faint for mark in marks), len(found["rows"])
    return Rows(
        f"{label}: {clear} of {total} parameters move {measure[0]} clearly, {len(found['inert'])} not at all",
        f"Mean size of the change in {within(*measure)} through the whole range of a parameter; lines: 95{NB}%{NB}CI; "
        "hollow: lost in chance",
        tuple(row["label"] for row in moving[:MOST]),
        (Series("", style.SCENARIOS[0], marks[:MOST]),),
        signed=False,
        notes=rows.cut(total - MOST, "parameters"),
    )


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


draw = rows.draw
