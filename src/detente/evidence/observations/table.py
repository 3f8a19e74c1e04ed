"""Rows of a table with their line numbers, so that an error names file and line."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import numpy as np

from detente.evidence.observations.series import ObservationError, ObservationMissing


@dataclass(frozen=True)
class Row:
    """One row; values by column name."""

    path: Path
    line: int
    cells: dict[str, str]

    def fault(self, message: str) -> ObservationError:
        """An error at this row."""
        return ObservationError(f"{self.path.name}:{self.line}: {message}")

    def text(self, column: str) -> str:
        """The cell, stripped."""
        return (self.cells.get(column) or "").strip()

    def number(self, column: str, empty: float | None = None) -> float:
        """The cell as a finite number; ``empty`` where it is blank, if given."""
        raw = self.text(column)
        if not raw and empty is not None:
            return empty
        try:
            value = float(raw)
        except ValueError:
            raise self.fault(f'"{raw}" in column {column} is not a number') from None
        if not np.isfinite(value):
            raise self.fault(f'"{raw}" in column {column} is not a finite number')
        return value

    def date(self, column: str) -> np.datetime64:
        """The cell as a day: 2001-03-17, 20010317 or 17 March 2001."""
        raw = self.text(column)
        try:
            return _day(raw)
        except ValueError:
            raise self.fault(f'"{raw}" in column {column} is not a date: write 2001-03-17') from None


def _day(raw: str) -> np.datetime64:
    try:
        return np.datetime64(date.fromisoformat(raw[:10]))
    except ValueError:
        return np.datetime64(_spelt(raw))


def _spelt(raw: str) -> date:
    """A day with the month spelt out, as ACLED exports write it."""
    form = "%d %B %Y" if len(raw) > 11 or "May" in raw else "%d %b %Y"
    return datetime.strptime(raw, form).date()


def opened(path: Path) -> TextIO:
    """The file as text, unpacked when its name ends in .gz."""
    if not path.is_file():
        raise ObservationMissing(f"{path}: no such file. Name an observation file, or set DETENTE_OBSERVATIONS")
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def separator(head: str) -> str:
    """The column separator of a header line: tab, semicolon or comma."""
    return max("\t;,", key=head.count)


def header(path: Path) -> list[str]:
    """Column names."""
    with opened(path) as file:
        try:
            head = file.readline()
        except (OSError, UnicodeDecodeError) as error:
            raise ObservationError(f"{path.name}: not readable as text ({error})") from None
    if not head.strip():
        raise ObservationError(f"{path.name}:1: the file is empty: expected a header with column names")
    return [name.strip() for name in next(csv.reader([head], delimiter=separator(head)))]


def rows(path: Path, needed: Sequence[str]) -> Iterator[Row]:
    """The rows, in order. Raises ObservationError when a column is absent or a row is cut short."""
    names = header(path)
    absent = [name for name in needed if name not in names]
    if absent:
        raise ObservationError(f"{path.name}:1: column {', '.join(absent)} is missing. Found: {', '.join(names[:12])}")
    with opened(path) as file:
        head = file.readline()
        reader = csv.reader(file, delimiter=separator(head))
        for cells in reader:
            line = reader.line_num + 1
            if not any(cells):
                continue
            if len(cells) != len(names):
                raise ObservationError(f"{path.name}:{line}: {len(cells)} cells, the header has {len(names)} columns")
            yield Row(path, line, dict(zip(names, cells, strict=True)))
