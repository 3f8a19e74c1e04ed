"""What an observation file becomes: one regular series per dyad."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from detente.observations.names import plain
from detente.observations.reading import ObservationError, Reading
from detente.scenario.diagnostics import did_you_mean, listed
from detente.storage import sha256

Array = NDArray[np.float64]
Dates = NDArray[np.datetime64]
Step = Literal["week", "month"]


@dataclass(frozen=True)
class Series:
    """One dyad on a regular grid of weeks (from Monday) or months; every array has shape (time,).

    ``value`` is the sum of severities (Goldstein points, index points), ``count`` the conflictual events,
    ``other`` the events that were not. ``counted`` is False where a file gives no counts: then ``count`` is
    ``value`` over ``size``, the value of one report at that time, known from reports up to it.
    """

    key: str
    step: Step
    dates: Dates
    value: Array
    count: Array
    other: Array
    size: Array
    counted: bool

    def __len__(self) -> int:
        return len(self.dates)

    def until(self, length: int) -> Series:
        """The first ``length`` intervals: all that somebody at that time could know."""
        return self._cut(slice(length))

    def since(self, day: np.datetime64 | None) -> Series:
        """The intervals that begin on or after ``day``; all where it is None."""
        return self if day is None else self._cut(slice(int(np.searchsorted(self.dates, day)), None))

    def _cut(self, part: slice) -> Series:
        return replace(self, **{k: getattr(self, k)[part] for k in ("dates", "value", "count", "other", "size")})

    @property
    def ends(self) -> Dates:
        """Last day of each interval."""
        if self.step == "week":
            return self.dates + np.timedelta64(6, "D")
        following = (self.dates.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
        return np.asarray(following - np.timedelta64(1, "D"))


@dataclass(frozen=True)
class Observations:
    """All series of one file, by dyad key.

    ``last`` is the day of its last event, where it holds single events; ``refused`` says why a series was left out;
    ``reading`` what became of the rows.
    """

    path: Path
    layout: str
    series: dict[str, Series]
    last: np.datetime64 | None = None
    refused: dict[str, str] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    def __getitem__(self, key: str) -> Series:
        key = plain(key)
        if key in self.refused:
            raise ObservationError(self.refused[key])
        if key not in self.series:
            known = did_you_mean(key, self.series, f"it holds {listed(sorted(self.series), 30)}")
            raise ObservationError(f'{self.path.name}: no dyad "{key}": {known}')
        return self.series[key]

    def record(self) -> dict[str, Any]:
        """Which file it is, and what became of its rows."""
        return {"file": self.path.name, "sha256": sha256(self.path), "reading": self.reading.record()}

    def since(self, day: np.datetime64 | None) -> Observations:
        """All series from ``day`` on."""
        return replace(self, series={key: one.since(day) for key, one in self.series.items()})


def weeks(first: np.datetime64, last: np.datetime64) -> Dates:
    """Mondays from the week of ``first`` to that of ``last``."""
    return np.arange(monday(first), monday(last) + np.timedelta64(7, "D"), np.timedelta64(7, "D"))


def monday(days: Any) -> Any:
    """The Monday on or before a day, or before each of many."""
    whole = days.astype("datetime64[D]")
    # 1970-01-01 was a Thursday
    return whole - ((whole.astype(int) + 3) % 7).astype("timedelta64[D]")


def months(first: np.datetime64, last: np.datetime64) -> Dates:
    """First days of the months from ``first`` to ``last``."""
    start, end = first.astype("datetime64[M]"), last.astype("datetime64[M]")
    return np.arange(start, end + np.timedelta64(1, "M")).astype("datetime64[D]")
