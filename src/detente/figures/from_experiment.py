"""Figures drawn from a finished experiment: tornado (one at a time) and discovery (sampled cases)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from detente.analysis.cases import cases
from detente.analysis.discovery import discover
from detente.analysis.metrics import Metric, MetricError, parse
from detente.analysis.sensitivity import ranges
from detente.figures import discovery, tornado
from detente.figures.gallery import Piece
from detente.figures.numbers import Floats
from detente.figures.provenance import of_experiment
from detente.figures.reading import FigureError
from detente.figures.words import compact

if TYPE_CHECKING:
    import xarray as xr


def widths(data: xr.Dataset, metric: str) -> Piece:
    """A tornado of ``metric``. Raises NotThisDesign unless the design is one at a time."""
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
        footnotes=_footnotes(data),
    )
    return Piece("tornado", found, of_experiment(data))


def box(data: xr.Dataset, share: Floats, when: str, *, resamples: int = 50, seed: int = 1) -> Piece:
    """The discovery box for ``when``, which came about in ``share`` (point,) of each case's runs.

    FigureError where it always or never happened; NotThisDesign where nothing varies.
    """
    if not 0 < share.mean() < 1:
        always = "always" if share.mean() else "never"
        raise FigureError(f'"{when}" {always} happens in these {share.size} cases: there is nothing to tell apart')
    space = cases(data)

    def shown(column: int, value: float) -> str:
        return space.shown(column, value) if column in space.words else compact(value)

    found = discover(
        space.values, share, space.paths, space.labels, when=when, resamples=resamples, seed=seed, shown=shown
    )
    numbers = discovery.collect(
        found,
        space.values,
        np.asarray(share, dtype=np.float64),
        space.paths,
        space.labels,
        label=_title(data),
        shown=shown,
        words=space.words,
        footnotes=_footnotes(data),
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


def _footnotes(data: xr.Dataset) -> str:
    notes = [str(text) for text in json.loads(data.attrs.get("footnotes", "{}")).values()]
    shown = " ".join(str(label) for label in data["label"].values)
    return " ".join(note for note in notes if note[:1] in "*†‡§" and note[:1] in shown)
