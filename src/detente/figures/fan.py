"""Fan chart: the spread of the tension index over time, with dated events, crisis level and baseline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import attributes, metrics, summary
from detente.analysis.attributes import Level
from detente.analysis.difference import difference
from detente.figures import reading, style, timeband
from detente.figures.axes import as_days
from detente.figures.provenance import provenance
from detente.figures.save import save
from detente.figures.sheet import sheet
from detente.figures.timeband import DASHED, Band, Line, Panel, Rule, TimeBand
from detente.figures.words import NB, against, chance, change, month, reaching, size, window
from detente.prose.wording import compact, fixed, sentence, the, whole

if TYPE_CHECKING:
    import xarray as xr

#: percent of runs in each band, outermost first, and how strong its colour is
BANDS = {95: 0.16, 80: 0.38, 50: 0.68}
#: points of the index: a smaller change over the run is called none
_NOTICEABLE = 1.0

draw = timeband.draw


def collect(ds: xr.Dataset, baseline: xr.Dataset | None = None) -> TimeBand:
    """The fan chart of ``ds``, against ``baseline`` if given (paired by member).

    Raises NotComparable where the two do not pair.
    """
    told = _numbers(ds, baseline)
    label, median, base, crisis = told["label"], told["median"], told["baseline"], told["crisis"]
    drawn = [*told["bands"][95], median, *([base["median"]] if base else [])]
    span = (float(min(map(np.min, drawn))), float(max(map(np.max, drawn))))
    limits = timeband.limits(*span, crisis.edge if crisis else None)
    colour = style.palette([reading.name(ds)])[reading.name(ds)]
    # the bands are named beside their ends where these lie apart
    named = told["bands"][95][1][-1] - median[-1] > 0.1 * (limits[1] - limits[0])
    bands = [Band(style.tint(colour, s), *told["bands"][b], end=f"{b}%" if named else "") for b, s in BANDS.items()]
    # beside a base no level is printed: the difference is one of means, the lines are medians
    lines = [Line(median, colour, 2.0, end=label if base else f"{label}{NB}{fixed(median[-1], 0)}")]
    if base:
        grey = Line(base["median"], style.BASELINE, 1.5, DASHED, base["label"])
        # a white edge: the grey line must be seen on a dark band too
        lines = [Line(base["median"], (1.0, 1.0, 1.0, 0.6), 2.5), grey, *lines]
    levels = [Rule(crisis.edge, left=f"{crisis.label}:{NB}{compact(crisis.edge)}")] if crisis else []
    dates, events = timeband.record(ds), reading.events(ds)
    panel = Panel(
        days=as_days(reading.days(ds)),
        limits=limits,
        lines=lines,
        bands=bands,
        levels=levels,
        dates=dates,
        colour=colour,
    )
    return TimeBand(
        title=f"{label}: {against(base['change'], base['label'], window(ds)) if base else _course(ds, told)}",
        subtitle=_subtitle(reading.measure(ds), told),
        reading=_reading(told, limits, dated=bool(events), counterfactual=bool(int(ds.attrs.get("counterfactual", 0)))),
        panels=(panel,),
        each=2.35,
        numbers=told,
        below=0.24 if dates else 0.0,
        left=0.32,
        events=events,
        untold="Acts without a label: see the timeline.",
        footnotes=reading.footnotes(ds, [label, *(e.title for e in events)]),
    )


def _numbers(ds: xr.Dataset, baseline: xr.Dataset | None) -> dict[str, Any]:
    """What is drawn and told; quantiles over time in points."""
    start, last = (metrics.at("tension", when, ds) for when in ("start", "end"))
    ends = {band: ((100 - band) / 200, (100 + band) / 200) for band in BANDS}
    told: dict[str, Any] = {
        "label": reading.label(ds),
        "window": window(ds),
        "median": summary.over_time(ds, [0.5])[0],
        "bands": {band: tuple(summary.over_time(ds, shares)) for band, shares in ends.items()},
        "since_start": difference(start, last, reading.draws(ds)),
        "members": ds.sizes["member"],
        "crisis": attributes.crisis(ds),
        "crisis_share": summary.crisis_share(ds),
        "baseline": None,
    }
    if baseline is not None:
        told["baseline"] = {
            "label": reading.label(baseline),
            "median": summary.over_time(baseline, [0.5])[0],
            "change": reading.moved(baseline, ds),
            "crisis_share": summary.crisis_share(baseline),
            "members": baseline.sizes["member"],
        }
    return told


def _course(ds: xr.Dataset, told: Mapping[str, Any]) -> str:
    """What the interval supports of the course from the first week to the last."""
    median, moved, when = told["median"], told["since_start"], month(ds["time"].values[-1])
    first, last = fixed(median[0], 0), fixed(median[-1], 0)
    if max(abs(moved.ci_low), abs(moved.ci_high)) < _NOTICEABLE:
        return f"median tension {last} in {when}, within a point of where it began"
    if not moved.is_significant:
        return f"median tension {last} in {when}, no clear change since {month(ds['time'].values[0])}"
    verb, sign = ("rises", 1) if moved.verdict == "higher" else ("falls", -1)
    if float(np.round(median[-1]) - np.round(median[0])) * sign <= 0:
        return f"mean tension {verb} by {size(moved)} points by {when}"
    return f"median tension {verb} from {first} to {last} by {when}"


def _subtitle(measure: str, told: Mapping[str, Any]) -> str:
    """Measure, bands, and the chance of reaching crisis at least once."""
    members, crisis, share, base = (told[key] for key in ("members", "crisis", "crisis_share", "baseline"))
    runs = f"{whole(members)}{NB}runs"
    # bands of a few are about where these lie and no chances
    shown = f"median and spread of {runs}" if members < summary.FEW else f"median and 50/80/95% of {runs}"
    shown = "one run, which has no spread" if members == 1 else shown
    text = f"{measure} (0{NB}calm, 100{NB}armed clash): {shown}."
    if crisis and share is not None:
        text += f" {sentence(reaching(share, members, crisis.label.lower()))} ({compact(crisis.edge)})"
        text += " at least once" if share or members > 1 else ""
        if base and base["members"] == 1:
            text += f"; that of {the(base['label'])} {'reaches' if base['crisis_share'] else 'does not reach'} it"
        elif base:
            text += f"; {chance(base['crisis_share'] or 0.0, base['members'])} in {the(base['label'])}"
        text += "."
    if base and base["change"].is_significant:
        text += f" Difference {change(base['change'])}, 95%{NB}CI."
    return text


def _reading(told: Mapping[str, Any], limits: tuple[float, float], *, dated: bool, counterfactual: bool) -> str:
    """How to read it."""
    crisis: Level | None = told["crisis"]
    spread = "Bands show the spread between runs and parameter draws, not what the model leaves out."
    parts = [spread if told["members"] > 1 else "Chance and parameters of other runs differ from those of this one."]
    if dated:
        parts.append("▲ dated act on record, △ planned or supposed.")
    if counterfactual:
        parts.append("Counterfactual: this scenario changes the record.")
    if crisis and not limits[0] <= crisis.edge <= limits[1]:
        side = "above" if crisis.edge > limits[1] else "below"
        parts.append(f"{crisis.label} ({compact(crisis.edge)}) lies {side} the chart.")
    return " ".join(parts)


def write(ds: xr.Dataset, stem: Path | str) -> tuple[Path, Path]:
    """Draw the fan chart of ``ds`` and save it as ``stem``.png and ``stem``.svg; returns both paths."""
    data, origin = collect(ds), provenance(ds)
    figure = sheet(draw, data, origin)
    png, svg = (save(figure, Path(f"{stem}{s}"), origin, title=data.title, force=True) for s in (".png", ".svg"))
    return png, svg
