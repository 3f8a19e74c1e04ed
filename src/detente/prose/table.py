"""A table of text cells, for a terminal, Markdown, CSV, a notebook; pages and papers take its cells as they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

from detente.prose.wording import GROUP

#: a cell that begins so is run as a formula by spreadsheets
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: what Markdown reads as a sign of its own
MARKS = "\\*_`[]<>"


@dataclass(frozen=True)
class Table:
    """A heading, which may be empty, and rows of as many cells; ``name`` is that of its file, without a suffix.

    ``right``: columns that a terminal aligns to the right.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    name: str = ""
    right: Sequence[int] = ()

    def text(self, indent: str = "") -> str:
        """Aligned columns for a terminal, every line after ``indent``; "" where there is nothing."""
        lines = [*([self.head] if self.head else []), *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            indent
            + "  ".join(
                cell.rjust(width) if n in self.right else cell.ljust(width)
                for n, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )

    def markdown(self, *, literal: bool = False) -> str:
        """For a Markdown page, without the caption. Cells are Markdown themselves unless they are ``literal``."""
        say = escaped if literal else str
        lines = [[say(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in (self.head, *self.rows)]
        return "\n".join(f"| {' | '.join(row)} |" for row in (lines[0], ["---"] * len(self.head), *lines[1:]))

    def html(self) -> str:
        """For a notebook, under its caption; every cell is text."""

        def line(cells: Sequence[str], tag: str) -> str:
            sides = ["right" if n in self.right else "left" for n in range(len(cells))]
            told = (
                f'<{tag} style="text-align: {side}">{escape(cell)}</{tag}>'
                for side, cell in zip(sides, cells, strict=True)
            )
            return f"<tr>{''.join(told)}</tr>"

        head = f"<thead>{line(self.head, 'th')}</thead>" if self.head else ""
        caption = f'<caption style="text-align: left">{escape(self.caption)}</caption>' if self.caption else ""
        return f"<table>{caption}{head}<tbody>{''.join(line(row, 'td') for row in self.rows)}</tbody></table>"

    def csv(self) -> str:
        """For a spreadsheet, which must not take a cell for a formula."""
        return csv_text((self.head, *self.rows))

    def unbroken(self) -> Table:
        """The same with intervals that do not break over two lines, for a page or a paper."""

        def bound(cell: str) -> str:
            return re.sub(r"\[[^\]]*\]", lambda found: found[0].replace(" ", GROUP), cell)

        return replace(self, rows=[[bound(cell) for cell in row] for row in self.rows])


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV: numbers to six significant digits, so that a file says what was meant and repeats; None is empty."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.6g}"
    return "" if cell is None else harmless(str(cell))


def harmless(cell: str) -> str:
    """``cell`` with an apostrophe before what a spreadsheet would run; numbers stay numbers."""
    if not cell.lstrip(" ").startswith(FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def escaped(text: str, marks: str = MARKS) -> str:
    """Text on one line that Markdown prints as it is."""
    return re.sub(f"[{re.escape(marks)}]", r"\\\g<0>", text).replace("\n", " ")
