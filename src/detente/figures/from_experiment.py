"""Figures drawn from a finished experiment: choices, regret, theories, sensitivity, discovery."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from detente.analysis.findings import measured
from detente.analysis.metrics import Metric, MetricError, parse
from detente.analysis.sensitivity import ranges
from detente.analysis.worlds import options_of
from detente.figures import discovery, flip, intervals, regret, tornado
from detente.figures.gallery import Piece
from detente.figures.provenance import of_experiment
from detente.figures.reading import FigureError, legible
from detente.figures.words import compact

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.happening import Explored


#: kinds drawn from an experiment, with what they are drawn from beside it
KINDS = ("options", "regret", "flip", "theories", "sensitivity", "tornado", "discovery")


def piece(kind: str, data: xr.Dataset, metric: str) -> Piece:
    """A figure of ``kind``, any but discovery, of one metric.

    Raises FigureError or NotThisDesign where the experiment's design does not hold it.
    """
    data = legible(data)
    if kind == "tornado":
        return widths(data, metric)
    if kind in ("regret", "flip"):
        module = regret if kind == "regret" else flip
        notes = _footnotes(data, measured(data, metric)[0], *options_of(data))
        drawing: Any = module.collect(data, metric, label=_title(data), footnotes=notes)
        return Piece(kind, drawing, of_experiment(data))
    _needs(kind, str(data.attrs["design"]))
    return Piece(kind, intervals.collect(data, metric, kind), of_experiment(data))


def _needs(kind: str, design: str) -> None:
    if kind == "sensitivity" and design not in ("morris", "sobol"):
        raise FigureError(f"sensitivity is drawn from a morris or sobol design; this one is {design}")


def widths(data: xr.Dataset, metric: str) -> Piece:
    """A tornado of ``metric``. Raises NotThisDesign unless the design is one at a time."""
    data = legible(data)
    everything = ranges(data, metric)
    moving = [row for row in everything if row.low_change or row.high_change]
    about = _metric(data, metric)
    found = tornado.collect(
        moving or everything,
        label=_title(data),
        measure=_measure(about, metric),
        unit="" if about is None or about.what == "level" else about.unit,
        units=_units(data),
        period=_period(about),
        footnotes=_footnotes(data, *_labels(data)),
    )
    return Piece("tornado", found, of_experiment(data))


def box(data: xr.Dataset, explored: Explored) -> Piece:
    """The discovery box that a search found, or that there is none."""
    data, space = legible(data), explored.space

    def shown(column: int, value: float) -> str:
        return space.shown(column, value) if column in space.words else compact(value)

    numbers = discovery.collect(
        explored.found,
        space.values,
        explored.share,
        space.paths,
        space.labels,
        label=_title(data),
        shown=shown,
        words=space.words,
        footnotes=_footnotes(data, explored.found.when, *space.labels),
    )
    return Piece("discovery", numbers, of_experiment(data))


def _title(data: xr.Dataset) -> str:
    return str(data.attrs.get("title") or data.attrs.get("experiment", "Experiment"))


def _metric(data: xr.Dataset, name: str) -> Metric | None:
    """What an experiment calls ``name``; None where it is no metric of ``analysis.metrics``."""
    try:
        return parse(str(json.loads(data.attrs.get("metric_texts", "{}")).get(name, name)))
    except MetricError:
        return None


def _measure(metric: Metric | None, name: str) -> str:
    if metric is None:
        return name.replace("_", " ")
    nouns = {"tension": "tension", "behaviour": "behaviour-only tension", "incidents": "weekly incidents"}
    noun = nouns.get(metric.what, "tension" if metric.what in ("dyad", "state") else metric.what)
    if metric.what == "level":
        return f"the chance of {metric.key or 'crisis'}"
    return f"{'highest ' * (metric.window == 'max')}{noun} {metric.key}".strip()


def _period(metric: Metric | None) -> str:
    if metric is None or metric.window in ("ever", "max"):
        return ""
    return {"all": "mean of the run", "end": "last week"}.get(metric.window, f"mean of the last {metric.window} weeks")


def _units(data: xr.Dataset) -> dict[str, str]:
    """Unit of each factor, as the first scenario that varies it writes it."""
    records = json.loads(data.attrs.get("factors", "[]"))
    return {r["path"]: next((str(q.get("unit", "")) for q in r.get("spreads", {}).values()), "") for r in records}


def _footnotes(data: xr.Dataset, *texts: str) -> str:
    """The footnotes that a name in ``texts`` refers to."""
    notes = [str(text) for text in json.loads(data.attrs.get("footnotes", "{}")).values()]
    return " ".join(note for note in notes if note[:1] in "*†‡§" and any(note[:1] in text for text in texts))


def _labels(data: xr.Dataset) -> list[str]:
    return [str(label) for label in data["label"].values]
