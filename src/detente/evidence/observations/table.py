"""Rows of a table with their places, so that an error names file, line and column."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import numpy as np

from detente.evidence.observations.series import ObservationError, ObservationMissing

#: years that an event can be of, and the largest number a cell may hold
YEARS, LARGEST = (1800, 2200), 1e6
#: a day with the month spelt out, as ACLED exports write it, and the day of a timestamp
SPELT = ("%d %B %Y", "%d %b %Y")
STAMPED = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{8})([T ]\d{2}:?\d{2}.*)?")
MONTH = re.compile(r"\d{4}-\d{2}")
UNREADABLE = (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error)


@dataclass(frozen=True)
class Row:
    """One row; values by column name; ``raw`` is its line as written, cut at ``mark``."""

    path: Path
    line: int
    cells: dict[str, str]
    raw: str = ""
    mark: str = ","

    def fault(self, message: str, column: str = "") -> ObservationError:
        """An error at this row, at the cell of ``column``."""
        return ObservationError(f"{self.path.name}:{self.line}:{self._place(column)}: {message}")

    def _place(self, column: str) -> int:
        """Where the cell of ``column`` begins in the line, from 1; 1 where that is not told."""
        names, at, quoted = list(self.cells), 1, False
        before = names.index(column) if column in names else 0
        for place, letter in enumerate(self.raw, start=2):
            quoted ^= letter == '"'
            if not before:
                break
            if letter == self.mark and not quoted:
                before, at = before - 1, place
        return at

    def text(self, column: str) -> str:
        """The cell, stripped."""
        return (self.cells.get(column) or "").strip()

    def name(self, column: str) -> str:
        """The cell, which must not be empty."""
        if not self.text(column):
            raise self.fault(f"column {column} is empty", column)
        return self.text(column)

    def number(self, column: str, empty: float | None = None) -> float:
        """The cell as a finite number; ``empty`` where it is blank, if given."""
        raw = self.text(column)
        if not raw and empty is not None:
            return empty
        try:
            value = float(raw.replace("_", "?"))
        except ValueError:
            raise self.fault(f'"{raw}" in column {column} is not a number', column) from None
        if not np.isfinite(value):
            raise self.fault(f'"{raw}" in column {column} is not a finite number', column)
        if abs(value) > LARGEST:
            raise self.fault(f"{raw} in column {column} is beyond what an interval can hold, {LARGEST:,.0f}", column)
        return value

    def count(self, column: str) -> float:
        """The cell as a number of events: whole, and not negative."""
        value = self.number(column)
        if value < 0 or value != round(value):
            raise self.fault(f"{self.text(column)} in column {column} is not a number of events", column)
        return value

    def month(self, column: str) -> np.datetime64:
        """The cell as a month: 2001-03, or a day in it."""
        raw = self.text(column)
        day = replace(self, cells={**self.cells, column: f"{raw}-01"}) if MONTH.fullmatch(raw) else self
        return np.datetime64(str(day.date(column))[:7], "M")

    def date(self, column: str) -> np.datetime64:
        """The cell as a day: 2001-03-17, 20010317 or 17 March 2001."""
        raw = self.text(column)
        day = _day(raw)
        if day is None:
            raise self.fault(f'"{raw}" in column {column} is not a date: write 2001-03-17', column)
        if not YEARS[0] <= day.year <= YEARS[1]:
            raise self.fault(f'"{raw}" in column {column}: the year is not one of {YEARS[0]} to {YEARS[1]}', column)
        return np.datetime64(day)


def _day(raw: str) -> date | None:
    """The day that a text states; None where it states none."""
    stamped = STAMPED.fullmatch(raw)
    if stamped:
        return _parsed(stamped[1], "%Y-%m-%d" if "-" in stamped[1] else "%Y%m%d")
    return next((day for form in SPELT if (day := _parsed(raw, form))), None)


def _parsed(raw: str, form: str) -> date | None:
    try:
        return datetime.strptime(raw, form).date()
    except ValueError:
        return None


def opened(path: Path) -> TextIO:
    """The file as text, unpacked when its name ends in .gz."""
    if not path.is_file():
        raise ObservationMissing(f"{path}: no such file. Name an observation file, or set DETENTE_OBSERVATIONS")
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise ObservationMissing(f"{path}: {error.strerror}") from None


def separator(head: str) -> str:
    """The column separator of a header line: tab, semicolon or comma."""
    return max("\t;,", key=head.count)


def header(path: Path) -> list[str]:
    """Column names. Raises ObservationError where there are none, or one stands twice."""
    with opened(path) as file:
        try:
            head = file.readline()
        except UNREADABLE as error:
            raise _unreadable(path, error) from None
    if not head.strip():
        raise ObservationError(f"{path.name}:1:1: the file is empty: expected a header with column names")
    names = [name.strip() for name in next(csv.reader([head], delimiter=separator(head)))]
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise ObservationError(f"{path.name}:1:1: column {twice[0]} stands twice")
    return names


def _unreadable(path: Path, error: BaseException) -> ObservationError:
    return ObservationError(f"{path.name}: not readable as a table of text in UTF-8 ({error})")


def rows(path: Path, needed: Sequence[str]) -> Iterator[Row]:
    """The rows, in order. Raises ObservationError when a column is absent or a row is cut short."""
    names = header(path)
    absent = [name for name in needed if name not in names]
    if absent:
        raise ObservationError(
            f"{path.name}:1:1: column {', '.join(absent)} is missing. Found: {', '.join(names[:12])}"
        )
    with opened(path) as file:
        try:
            yield from _rows(path, file, names)
        except UNREADABLE as error:
            raise _unreadable(path, error) from None


def _rows(path: Path, file: TextIO, names: Sequence[str]) -> Iterator[Row]:
    lines = Lines(file)
    mark = separator(next(lines))
    reader = csv.reader(lines, delimiter=mark)
    for cells in reader:
        row = Row(path, reader.line_num + 1, {}, lines.last, mark)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            raise row.fault(f"{len(cells)} cells, the header has {len(names)} columns")
        yield Row(path, row.line, dict(zip(names, cells, strict=True)), lines.last, mark)


class Lines:
    """The lines of a file; ``last`` is the one read last."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line."""
        self.last = next(self.file)
        return self.last
