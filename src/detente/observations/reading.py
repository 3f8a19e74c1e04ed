"""What became of the rows of a file: read, or left out and why; and what looks odd about them and their days."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detente.errors import DetenteError
from detente.scenario.diagnostics import listed

#: of what was left out most often, how many are named
NAMED = 3
#: years without a row beyond which a few rows are taken for mistyped; a gap longer than ``LONG`` is remarked on
LONELY, LONG = 10.0, 1.0
#: few rows: so many, or this share of all
FEW, SHARE = 2, 0.01
#: share of rows that may be out of order in a table that is sorted; days that a row may lie off
UNSORTED, SLACK = 0.05, 7
YEAR = 365.25


class ObservationError(DetenteError):
    """An observation file that cannot be read, or does not hold what was asked for; says what to do."""


class ObservationMissing(ObservationError):
    """The file itself is not there."""

    exit_code = 3


@dataclass
class Left:
    """Rows left out for one reason: how many, the line of the first, and what stood there how often."""

    rows: int = 0
    line: int = 0
    what: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        some = [f"{what or 'empty'} ({count:,})" for what, count in self.what.most_common(NAMED)]
        often = f": {listed(some)}{' …' * (len(self.what) > NAMED)}" if some else ""
        return f"(first: line {self.line}){often}"


@dataclass
class Reading:
    """Rows of a file: ``read`` and those ``left`` out, by reason; ``remarks`` are doubts that do not stop the reading.

    ``rows`` is always what was read and what was left out together.
    """

    read: int = 0
    left: dict[str, Left] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows below the header that are not blank."""
        return self.read + sum(one.rows for one in self.left.values())

    def leave(self, why: str, line: int, what: Iterable[str] = ()) -> None:
        """Count a row as left out."""
        one = self.left.setdefault(why, Left(line=line))
        one.rows += 1
        one.what.update(what)

    def record(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        left = [
            {"rows": one.rows, "why": why, "first_line": one.line, "most_often": dict(one.what.most_common(NAMED))}
            for why, one in self.left.items()
        ]
        return {"rows": self.rows, "read": self.read, "left_out": left, "remarks": list(self.remarks)}

    def words(self, file: str) -> list[str]:
        """What a user must know: nothing where all rows were read and nothing is odd."""
        why = [f"  {one.rows:,} {reason} {one}" for reason, one in self.left.items()]
        head = [f"{file}: {self.read:,} of {self.rows:,} rows are read; left out:"] if why else []
        return [*head, *why, *(f"{file}: {text}" for text in self.remarks)]


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
        return [*self._gaps(file), *(self._unsorted() if ordered else ())]

    def _gaps(self, file: str) -> list[str]:
        """Long gaps between rows, in words; few rows beyond a very long one are refused."""
        days, lines = np.array(self.days), np.array(self.lines)
        order = np.argsort(days, kind="stable")
        days, lines = days[order], lines[order]
        gaps = np.diff(days) / YEAR
        for k in np.flatnonzero(gaps > LONELY):
            before, after = k + 1, len(days) - k - 1
            if min(before, after) <= max(FEW, SHARE * len(days)):
                lonely, near = (k + 1, k) if after <= before else (k, k + 1)
                raise ObservationError(
                    f"{file}:{lines[lonely]}:1: {_day(days[lonely])} lies {gaps[k]:.0f} years away from the nearest "
                    f"other row (line {lines[near]}, {_day(days[near])}): a mistyped year? Correct the row, or take it "
                    "out"
                )
        return [
            f"no row between {_day(days[k])} (line {lines[k]}) and {_day(days[k + 1])} (line {lines[k + 1]}), "
            f"{gaps[k]:.1f} years: they count as time without an event"
            for k in np.flatnonzero(gaps > LONG)
        ]

    def _unsorted(self) -> Iterator[str]:
        """Rows that stand outside the days of their neighbours, in a table that is sorted otherwise."""
        days, lines = np.array(self.days), np.array(self.lines)
        before, here, after = days[:-2], days[1:-1], days[2:]
        odd = np.flatnonzero((before <= after) & ((here < before - SLACK) | (here > after + SLACK)))
        if 0 < len(odd) <= max(1.0, UNSORTED * len(days)) and (np.diff(days) < 0).mean() <= 2 * UNSORTED:
            at = int(odd[0]) + 1
            many = f"{len(odd)} rows stand" if len(odd) > 1 else "a row stands"
            yield (
                f"{many} out of the order of days (line {lines[at]}: {_day(days[at])} between {_day(days[at - 1])} and "
                f"{_day(days[at + 1])}): day and month swapped, or a mistyped date?"
            )


def _day(number: int) -> np.datetime64:
    return np.datetime64(int(number), "D")
