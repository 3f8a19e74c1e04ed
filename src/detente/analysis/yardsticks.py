"""What a change is held against: what one run moves by in a year, how far runs lie apart, what the record holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes, metrics
from detente.analysis.metrics import Metric
from detente.prose.wording import beside

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

YEAR = 52
#: ends of the range in which nine in ten runs lie
SPREAD = (0.05, 0.95)


@dataclass(frozen=True)
class Yardstick:
    """A length in the metric's unit; ``low`` and ``high`` are its ends where it has any, with the days it is of."""

    kind: str
    length: float
    low: float | None = None
    high: float | None = None
    since: str = ""
    until: str = ""

    def word(self, change: float) -> str:
        """How large a change is beside it; nothing is large beside nothing."""
        return beside(change / self.length) if self.length else "not to be compared"

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return dict(vars(self))


def yardsticks(base: xr.Dataset, metric: Metric) -> tuple[Yardstick, ...]:
    """Those of a base that are to be had for a metric: ``year``, ``record``, ``chance``; of a summary the last."""
    if metrics.summarised(base):
        return tuple(one for one in (_chance(base, metric),) if one)
    return tuple(one for one in (_year(base, metric), _record(base, metric), _chance(base, metric)) if one)


def _chance(base: xr.Dataset, metric: Metric) -> Yardstick | None:
    """The range in which nine in ten runs lie; a level or a chance has none."""
    if metric.unit != "points":
        return None
    low, high = (float(end) for end in np.quantile(metrics.values(metric, base), SPREAD))
    return Yardstick("chance", high - low, low, high)


def _year(base: xr.Dataset, metric: Metric) -> Yardstick | None:
    """By how much a run's own mean over the window differs from that a year earlier, whatever the sign; the mean over
    all runs, and over all years back to the start."""
    if not (metric.window.isdigit() and metric.unit == "points"):
        return None
    apart = [np.abs(after - before) for after, before in _pairs(metrics.series(metric, base), int(metric.window))]
    return Yardstick("year", float(np.mean(apart))) if apart else None


def _pairs(weekly: Array, weeks: int) -> Iterator[tuple[Array, Array]]:
    """Means over ``weeks`` and over those a year earlier, both (member,), from the end of (member, time) back."""
    ends = range(weekly.shape[1], weeks + YEAR - 1, -YEAR)
    for end in ends:
        before = end - YEAR
        yield weekly[:, end - weeks : end].mean(axis=1), weekly[:, before - weeks : before].mean(axis=1)


def _record(base: xr.Dataset, metric: Metric) -> Yardstick | None:
    """Lowest and highest week of the mean over runs while what happened is documented."""
    if not (metric.window.isdigit() and metric.unit == "points"):
        return None
    days = base["time"].values.astype("datetime64[D]")
    told = np.flatnonzero(days <= np.datetime64(str(base.attrs["documented_until"])))
    if len(told) < 2:
        return None
    weekly = metrics.series(metric, base)[:, told].mean(axis=0)
    low, high = float(weekly.min()), float(weekly.max())
    return Yardstick("record", high - low, low, high, attributes.iso(days[0]), attributes.iso(days[told[-1]]))
