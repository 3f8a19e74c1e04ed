"""Metrics in words, split over pillars and pairs; what they are is said in experiment/metrics.py."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes
from detente.experiment.metrics import (
    CHANCES,
    DEFAULT_WEEKS,
    Metric,
    MetricError,
    at,
    edge,
    holds,
    level,
    mean,
    parse,
    reduced,
    rows,
    series,
    summarised,
    values,
)

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

__all__ = [
    "CHANCES",
    "DEFAULT_WEEKS",
    "Metric",
    "MetricError",
    "at",
    "edge",
    "holds",
    "level",
    "mean",
    "parse",
    "reduced",
    "rows",
    "series",
    "summarised",
    "values",
]


def parts(metric: Metric, ds: xr.Dataset) -> Array | None:
    """The metric split over pillars, shape (member, pillar); the rows sum to ``values``.

    Only regional tension has parts. For ``@max`` they are the contributions in each member's own highest week.
    """
    if metric.what != "tension":
        return None
    if metric.window != "max" or summarised(ds):
        return at("contribution", metric.window, ds)
    shares = np.asarray(ds["contribution"].transpose("member", "time", "pillar").values, dtype=np.float64)
    highest = series(metric, ds).argmax(axis=1)
    return np.asarray(shares[np.arange(len(shares)), highest])


def by_dyad(metric: Metric, ds: xr.Dataset) -> Array:
    """Tension of every dyad over the metric's window, shape (member, dyad); a level's window is the default one."""
    return at("tension_dyad", windowed(metric).window, ds)


def windowed(metric: Metric, what: str = "tension") -> Metric:
    """``what`` over the window of ``metric``: the default window where that is a level's."""
    usual = metric.what in ("level", *CHANCES)
    return Metric(what, "", str(DEFAULT_WEEKS)) if usual else replace(metric, what=what, key="")


def label(metric: Metric, ds: xr.Dataset) -> str:
    """The metric in words, as "mean tension over the last 26 weeks"."""
    if metric.what == "level":
        when = {"ever": " at least once", "end": f" on {attributes.dates(ds)[-1]}"}
        chance = "chance of reaching" if metric.window in when else "share of weeks in"
        return f"{chance} {level(metric, ds).label.lower()}{when.get(metric.window) or _when(metric.window, ds)}"
    if metric.what in CHANCES:
        who = attributes.dyad_label(ds, metric.key) if metric.key else "any pair"
        return f"chance that {who} turns {'armed' if metric.what == 'war' else 'tense'} by {attributes.dates(ds)[-1]}"
    over = {"end": "", "max": "highest"}.get(metric.window, "mean")
    return f"{over} {_thing(metric, ds)}{_when(metric.window, ds)}".strip()


def _thing(metric: Metric, ds: xr.Dataset) -> str:
    named = {"tension": "tension", "behaviour": "behaviour-only tension", "incidents": "weekly incidents"}
    if metric.what == "dyad" or (metric.what == "incidents" and metric.key):
        noun = "tension" if metric.what == "dyad" else "weekly incidents"
        return f"{noun} {attributes.dyad_label(ds, metric.key)}"
    if metric.what == "state":
        return f"tension around {attributes.actor_label(ds, metric.key)}"
    return f"contribution of {metric.key}" if metric.what == "pillar" else named[metric.what]


def _when(window: str, ds: xr.Dataset) -> str:
    if window == "end":
        return f" on {attributes.dates(ds)[-1]}"
    if window in ("max", "all") or int(window) >= ds.sizes["time"]:
        return " of the whole run"
    return f" over the last {window} weeks"
