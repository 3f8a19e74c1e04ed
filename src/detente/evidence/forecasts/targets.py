"""What is forecast: which intervals of a series, from which origin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detente.observations import ObservationError, Series, Step
from detente.observations.series import Dates

Array = NDArray[np.float64]

#: a year, a month or a day
DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True)
class Window:
    """Days from ``first`` to ``last``, both included; None is open."""

    first: np.datetime64 | None
    last: np.datetime64 | None

    @classmethod
    def of(cls, text: str) -> Window:
        """``1998-01-01:2000-12-31``; a month or a year may stand for its days, either side may be empty.

        Raises ObservationError.
        """
        parts = [part.strip() for part in text.split(":")]
        if len(parts) != 2:
            raise ObservationError(
                f'"{text}" is not a window: write FROM:TO, such as 1998-01-01:2000-12-31 or :1997-12-31'
            )
        first, last = _day(parts[0], text, end=False), _day(parts[1], text, end=True)
        if first is not None and last is not None and first > last:
            raise ObservationError(f'window "{text}" ends before it begins')
        return cls(first, last)

    def __str__(self) -> str:
        return ":".join("" if day is None else str(day) for day in (self.first, self.last))

    def holds(self, dates: Dates) -> NDArray[np.bool_]:
        """Which dates lie in the window."""
        after = np.ones(len(dates), dtype=bool) if self.first is None else dates >= self.first
        return after if self.last is None else after & (dates <= self.last)


def _day(text: str, window: str, end: bool) -> np.datetime64 | None:
    """The day; of a year or month the first, or the last where the window ends with it."""
    if not text:
        return None
    unit: Literal["D", "M", "Y"] = {4: "Y", 7: "M"}.get(len(text), "D")  # type: ignore[assignment]
    try:
        # NumPy also takes words such as today and NaT for days
        whole = np.datetime64(text if DAY.fullmatch(text) else "?", unit)
    except ValueError:
        raise ObservationError(f'"{text}" in window "{window}" is not a date: write 1998-01-31') from None
    following = (whole + np.timedelta64(1, unit)).astype("datetime64[D]")
    return np.datetime64(following - np.timedelta64(1, "D") if end else whole.astype("datetime64[D]"))


@dataclass(frozen=True)
class Target:
    """The sum of ``value`` over intervals ``first`` to ``last`` of the series, known up to interval ``origin``.

    ``row`` is its place in the aggregated series that the baselines see, ``known`` how much of that they see.
    """

    origin: int
    first: int
    last: int
    row: int
    known: int


@dataclass(frozen=True)
class Aim:
    """A series at the step of the forecasts: ``dates`` and ``value`` (row,), and each row's intervals (row, 2)."""

    step: Step
    dates: Dates
    value: Array
    spans: NDArray[np.intp]

    def targets(self, test: Window, horizon: int) -> list[Target]:
        """Targets in the test window whose origin lies within the series."""
        spans, rows = self.spans.tolist(), np.flatnonzero(test.holds(self.dates)).tolist()
        return [
            Target(spans[r - horizon][1], spans[r][0], spans[r][1], r, r - horizon + 1) for r in rows if r >= horizon
        ]


def aim(series: Series, every: Step) -> Aim:
    """The series itself, or its weeks summed to the months in which they begin."""
    index = np.arange(len(series))
    if every == series.step:
        return Aim(every, series.dates, series.value, np.stack([index, index], axis=1))
    if every == "week":
        raise ObservationError("a monthly file cannot be forecast week by week")
    whole, where = np.unique(series.dates.astype("datetime64[M]"), return_inverse=True)
    value = np.bincount(where, series.value, len(whole)).astype(float)
    first = np.searchsorted(where, np.arange(len(whole)), side="left")
    last = np.searchsorted(where, np.arange(len(whole)), side="right") - 1
    return Aim(every, whole.astype("datetime64[D]"), value, np.stack([first, last], axis=1))
