"""One training window with its test window: the pairs of a file that report often enough, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import fit
from detente.evidence.forecasts.targets import Window
from detente.observations import ObservationError, Observations, Series

Array = NDArray[np.float64]

#: intervals that the shortest training window has, and the shortest test window more than
SHORTEST, FEWEST = 26, 12


@dataclass(frozen=True)
class Part:
    """``series`` up to the end of the test window, ``value`` (pair, interval); ``rows`` are the intervals of the test
    window, ``trained`` the number of training intervals; weeks of all parts are numbered from ``start``."""

    series: tuple[Series, ...]
    value: Array
    trained: int
    rows: NDArray[np.intp]
    train: Window
    test: Window
    start: int

    @classmethod
    def of(cls, observations: Observations, train: Window, test: Window, often: float, start: int = 0) -> Part:
        """Raises ObservationError where the windows do not fit the file, each other, or leave no pair."""
        if train.last is None:
            raise ObservationError(f"the training window {train} has no end: write --train :1997-12-31")
        if test.first is not None and test.first <= train.last:
            raise ObservationError(
                f"the test window begins {test.first}, before the training window ends, {train.last}"
            )
        every = list(observations.since(train.first).series.values())
        trained = int(np.count_nonzero(every[0].ends <= train.last))
        if trained < SHORTEST:
            raise ObservationError(f"{trained} intervals of training in {train}: at least {SHORTEST} are needed")
        told = {s.key for s in fit.reporting([s.until(trained) for s in every], often) if s.count.any()}
        if not told:
            raise ObservationError(f"no pair reports in {often:.0%} of the intervals up to {train.last}")
        rows = np.flatnonzero(test.holds(every[0].dates) & (np.arange(len(every[0])) >= trained))
        if len(rows) <= FEWEST:
            raise ObservationError(
                f"the test window {test} holds {len(rows)} intervals: more than {FEWEST} are needed. "
                f"The file runs from {every[0].dates[0]} to {every[0].dates[-1]}"
            )
        cut = tuple(s.until(int(rows[-1]) + 1) for s in every if s.key in told)
        return cls(cut, np.array([s.value for s in cut]), trained, rows, train, test, start)

    @property
    def training(self) -> list[Series]:
        """The series up to the end of the training window."""
        return [s.until(self.trained) for s in self.series]

    def record(self) -> dict[str, Any]:
        """Both windows and the pairs that are read."""
        return {"train": str(self.train), "test": str(self.test), "pairs": [s.key for s in self.series]}


def parts_of(observations: Observations, windows: list[tuple[Window, Window]], often: float) -> tuple[Part, ...]:
    """A part for each pair of windows, weeks numbered apart. Raises ObservationError."""
    length = 2 * max((len(s) for s in observations.series.values()), default=0)
    return tuple(Part.of(observations, *both, often, n * length) for n, both in enumerate(windows))
