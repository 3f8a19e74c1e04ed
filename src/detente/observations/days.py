"""The days of a table's rows: lonely years, long gaps, rows out of order."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detente.observations.series import ObservationError

#: years without a row beyond which a few rows are taken for mistyped; a gap longer than ``LONG`` is remarked on
LONELY, LONG = 10.0, 1.0
#: few rows: so many, or this share of all
FEW, SHARE = 2, 0.01
#: share of rows that may be out of order in a table that is sorted; days that a row may lie off
UNSORTED, SLACK = 0.05, 7
YEAR = 365.25


@dataclass
class Days:
    """Days since 1970 and lines of all rows, in the file's order."""

    days: array[int] = field(default_factory=lambda: array("l"))
    lines: array[int] = field(default_factory=lambda: array("l"))

    def __len__(self) -> int:
        return len(self.days)

    def add(self, day: np.datetime64, line: int) -> None:
        """One row."""
        self.days.append(int(day.astype("datetime64[D]").astype(int)))
        self.lines.append(line)

    def span(self) -> tuple[np.datetime64, np.datetime64]:
        """First and last day."""
        return _day(min(self.days)), _day(max(self.days))

    def remarks(self, file: str, ordered: bool = True) -> list[str]:
        """What is odd about them. Raises ObservationError where a few rows lie many years away from all others.

        ``ordered`` says that rows of a sorted file are in the order of their days.
        """
        days, lines = np.array(self.days), np.array(self.lines)
        order = np.argsort(days, kind="stable")
        gaps = np.diff(days[order]) / YEAR
        for k in np.flatnonzero(gaps > LONELY):
            _refuse_lonely(file, days, lines, order, int(k))
        long = [_gap(days[order], lines[order], int(k)) for k in np.flatnonzero(gaps > LONG)]
        return [*long, *(_unsorted(days, lines) if ordered else [])]


def _day(number: int) -> np.datetime64:
    return np.datetime64(int(number), "D")


def _refuse_lonely(file: str, days: NDArray[np.int_], lines: NDArray[np.int_], order: NDArray[np.intp], k: int) -> None:
    before, after = k + 1, len(days) - k - 1
    if min(before, after) > max(FEW, SHARE * len(days)):
        return
    lonely, near = (order[k + 1], order[k]) if after <= before else (order[k], order[k + 1])
    years = abs(int(days[lonely]) - int(days[near])) / YEAR
    raise ObservationError(
        f"{file}:{lines[lonely]}:1: {_day(days[lonely])} lies {years:.0f} years away from the nearest other row "
        f"(line {lines[near]}, {_day(days[near])}): a mistyped year? Correct the row, or take it out"
    )


def _gap(days: NDArray[np.int_], lines: NDArray[np.int_], k: int) -> str:
    years = (days[k + 1] - days[k]) / YEAR
    return (
        f"no row between {_day(days[k])} (line {lines[k]}) and {_day(days[k + 1])} (line {lines[k + 1]}), "
        f"{years:.1f} years: they count as time without an event"
    )


def _unsorted(days: NDArray[np.int_], lines: NDArray[np.int_]) -> list[str]:
    """Rows that stand outside the days of their neighbours, in a table that is sorted otherwise."""
    before, here, after = days[:-2], days[1:-1], days[2:]
    odd = np.flatnonzero((before <= after) & ((here < before - SLACK) | (here > after + SLACK)))
    if not 0 < len(odd) <= max(1.0, UNSORTED * len(days)) or (np.diff(days) < 0).mean() > 2 * UNSORTED:
        return []
    at = int(odd[0]) + 1
    many = f"{len(odd)} rows stand" if len(odd) > 1 else "a row stands"
    return [
        f"{many} out of the order of days (line {lines[at]}: {_day(days[at])} between {_day(days[at - 1])} and "
        f"{_day(days[at + 1])}): day and month swapped, or a mistyped date?"
    ]
