"""Rows of a table with their places, so that an error names file, line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from detente.observations import layouts
from detente.observations.names import HARMFUL, plain
from detente.observations.reading import ObservationError
from detente.observations.text import lines_of

#: years that an event can be of, and the largest number a cell may hold
YEARS, LARGEST = (1900, 2200), 1e6
#: a day with the month spelt out, as ACLED exports write it, and the day of a timestamp
SPELT = ("%d %B %Y", "%d %b %Y")
STAMPED = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{8})([T ]\d{2}:?\d{2}.*)?")
MONTH = re.compile(r"\d{4}-\d{2}")
#: separators of columns; a first line by which a spreadsheet names its own
SEPARATORS, NAMED = "\t;,|", re.compile(r'"?sep=(.)"?')
#: a number with a decimal comma, and one that may as well be thousands
COMMA, THOUSANDS = re.compile(r"[-+]?\d*,\d+"), re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")


@dataclass
class Table:
    """A file's header: column names, the separator, the line it ends on (0 where the file has none)."""

    path: Path
    names: list[str]
    mark: str
    line: int
    #: decimal sign met first, and its line: a file that has both cannot be read
    decimal: tuple[str, int] = ("", 0)

    @classmethod
    def of(cls, path: Path) -> Table:
        """The header. Raises ObservationError where there is none, or a column stands twice."""
        heads = [text for _, text in zip(range(2), lines_of(path), strict=False)] + [""]
        told = NAMED.fullmatch(heads[0].strip())
        line, head = (2, heads[1]) if told else (1, heads[0])
        if not head.strip():
            raise ObservationError(f"{path.name}:{line}:1: the file is empty: expected a header with column names")
        mark = told[1] if told else max(SEPARATORS, key=head.count)
        cells = next(_records(path, [head], mark, line - 1)).cells
        known = layouts.headless(cells)
        table = cls(path, known or list(map(plain, cells)), mark, line - 1 if known else line)
        table._check(cells)
        return table

    @cached_property
    def columns(self) -> dict[str, str]:
        """Column names as the table writes them, by what they are compared by."""
        return {layouts.key(name): name for name in self.names if name}

    def _check(self, cells: Sequence[str]) -> None:
        """Refuse a header that is none."""
        place = f"{self.path.name}:{self.line or 1}:1"
        keys = [layouts.key(name) for name in self.names]
        if self.line and layouts.values(cells):
            known = layouts.NOT_READ.get(len(cells))
            what = f"these look like {known}, which are not read. {layouts.CONVERT}" if known else "add a header"
            raise ObservationError(f"{place}: the first line holds values instead of column names: {what}")
        for twice in (name for name, key in zip(self.names, keys, strict=True) if name and keys.count(key) > 1):
            raise ObservationError(f"{place}: column {twice} stands twice")
        if any(HARMFUL.search(name) for name in self.names):
            raise ObservationError(f"{place}: a column name holds a control character: the file is damaged")

    def column(self, options: Iterable[str]) -> str:
        """The first of ``options`` that the table has, as it writes it; "" for none."""
        return next((self.columns[layouts.key(name)] for name in options if layouts.key(name) in self.columns), "")

    def rows(self, *needed: str) -> Iterator[Row]:
        """The rows, in order. Raises ObservationError when a column is absent, or a row or a quote is broken."""
        if absent := [name for name in needed if layouts.key(name) not in self.columns]:
            place, found = f"{self.path.name}:{self.line or 1}:1", ", ".join(self.names[:12])
            raise ObservationError(f"{place}: column {', '.join(absent)} is missing. Found: {found}")
        keys, lines = list(map(layouts.key, self.names)), lines_of(self.path)
        for _ in range(self.line):
            next(lines)
        for record in _records(self.path, lines, self.mark, self.line, len(keys)):
            if any(cell.strip() for cell in record.cells):
                row = Row(self, record.line, dict(zip(keys, record.cells, strict=False)), record.raw)
                if len(record.cells) != len(keys):
                    raise row.fault(f"{len(record.cells)} cells, the header has {len(keys)} columns")
                yield row


class Record(NamedTuple):
    """A line cut into cells; ``raw`` as written."""

    line: int
    raw: str
    cells: list[str]


def _records(path: Path, lines: Iterable[str], mark: str, before: int, columns: int = 0) -> Iterator[Record]:
    """Lines cut into cells; the first is that after ``before``. Raises ObservationError where a quote is broken."""
    if mark == "\t":
        # tables with tabs are published unquoted, and their texts hold single quotes
        for number, line in enumerate(lines, before + 1):
            yield Record(number, line, [_unwrapped(cell) for cell in line.rstrip("\n").split("\t")])
        return
    #: the lines of one record
    kept: list[str] = []
    reader = csv.reader((kept.append(line) or line for line in lines), delimiter=mark, strict=True)  # type: ignore[func-returns-value]
    while True:
        first = before + reader.line_num + 1
        kept.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _broken(path, first, kept) from None
        swallowed = any(line.count(mark) + 1 == columns for line in kept[1:])
        if swallowed or (len(kept) > 1 and len(cells) != columns):
            raise _broken(path, first, kept)
        yield Record(first, kept[0], cells)


def _unwrapped(cell: str) -> str:
    """A cell without the quotes that a spreadsheet put around it."""
    inner = cell[1:-1]
    wrapped = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if wrapped else cell


def _broken(path: Path, first: int, kept: Sequence[str]) -> ObservationError:
    """A quote that is not closed where it should be, at the place where it opens; or a cell that is too long."""
    at = next((k for k, line in enumerate(kept) if line.count('"') % 2), 0)
    odd = kept[at].count('"') % 2
    column = (kept[at].rfind('"') if odd else kept[at].find('"')) + 1
    place = f"{path.name}:{first + at}:{max(column, 1)}"
    if not column:
        return ObservationError(f"{place}: a cell of more than {csv.field_size_limit():,} characters: this is no table")
    if len(kept) - at > 1:
        end = f"and is not closed on its line: it would swallow {len(kept) - at - 1} lines"
    else:
        end = "and is not closed" if odd else "and something follows where it closes"
    return ObservationError(
        f'{place}: a quote opens here {end}. Take it out; in a quoted cell, write "" for a quote, and no line break'
    )


@dataclass(frozen=True)
class Row:
    """One row; ``cells`` by column, capitals and spaces folded; ``raw`` is its line as written."""

    table: Table
    line: int
    cells: dict[str, str]
    raw: str = ""

    def fault(self, message: str, column: str = "") -> ObservationError:
        """An error at this row, at the cell of ``column``."""
        names, at, quoted, name = list(self.cells), 1, False, layouts.key(column)
        before = names.index(name) if name in names else 0
        for place, letter in enumerate(self.raw, start=2):
            quoted ^= letter == '"' and self.table.mark != "\t"
            if not before:
                break
            if letter == self.table.mark and not quoted:
                before, at = before - 1, place
        return ObservationError(f"{self.table.path.name}:{self.line}:{at}: {message}")

    def text(self, column: str) -> str:
        """The cell in Unicode's composed form, its white space folded."""
        cell = plain(self.cells.get(layouts.key(column)) or "")
        if not cell.isprintable() and HARMFUL.search(cell):
            raise self.fault(f"a control character in column {column}: the file is damaged", column)
        return cell

    def name(self, column: str) -> str:
        """The cell, which must not be empty."""
        if not (text := self.text(column)):
            raise self.fault(f"column {column} is empty", column)
        return text

    def number(self, column: str) -> float:
        """The cell as a finite number."""
        raw = self.text(column)
        try:
            value = float(self._pointed(raw, column).replace("_", "?"))
        except ValueError:
            raise self.fault(f'"{raw}" in column {column} is not a number', column) from None
        if not np.isfinite(value):
            raise self.fault(f'"{raw}" in column {column} is not a finite number', column)
        if abs(value) > LARGEST:
            raise self.fault(f"{raw} in column {column} is beyond what an interval can hold, {LARGEST:,.0f}", column)
        return value

    def _pointed(self, raw: str, column: str) -> str:
        """A number's text with a decimal point. Raises ObservationError where a comma may mean two things."""
        text = raw.replace("\N{MINUS SIGN}", "-")
        comma = self.table.mark != "," and COMMA.fullmatch(text) is not None
        if comma and self.table.mark == "\t" and THOUSANDS.fullmatch(text):
            two = f"{text.replace(',', '.')} or {text.replace(',', '')}"
            raise self.fault(f'"{raw}" in column {column} may be {two}: write it with a decimal point', column)
        sign = "," if comma else "." if "." in text else ""
        if sign and not self.table.decimal[0]:
            self.table.decimal = sign, self.line
        first, line = self.table.decimal
        if sign and sign != first:
            raise self.fault(f'"{raw}" in column {column}, but line {line} has "{first}" before its decimals', column)
        return text.replace(",", ".") if comma else text

    def count(self, column: str) -> float:
        """The cell as a number of events: whole, and not negative."""
        value = self.number(column)
        if value < 0 or value != round(value):
            raise self.fault(f"{self.text(column)} in column {column} is not a number of events", column)
        return value

    def month(self, column: str) -> np.datetime64:
        """The cell as a month: 2001-03, or a day in it."""
        raw = self.text(column)
        return np.datetime64(str(self._dated(f"{raw}-01" if MONTH.fullmatch(raw) else raw, raw, column))[:7], "M")

    def date(self, column: str) -> np.datetime64:
        """The cell as a day: 2001-03-17, 20010317 or 17 March 2001."""
        raw = self.text(column)
        return self._dated(raw, raw, column)

    def _dated(self, text: str, raw: str, column: str) -> np.datetime64:
        day = _day(text)
        if day is None:
            raise self.fault(f'"{raw}" in column {column} is not a date: write 2001-03-17', column)
        if not YEARS[0] <= int(str(day)[:4]) <= YEARS[1]:
            raise self.fault(f'"{raw}" in column {column}: the year is not one of {YEARS[0]} to {YEARS[1]}', column)
        return day


@lru_cache(maxsize=4096)
def _day(raw: str) -> np.datetime64 | None:
    """The day that a text states; None where it states none."""
    stamped = STAMPED.fullmatch(raw)
    for form in ("%Y-%m-%d" if "-" in stamped[1] else "%Y%m%d",) if stamped else SPELT:
        try:
            return np.datetime64(datetime.strptime(stamped[1] if stamped else raw, form).date())
        except ValueError:
            continue
    return None
