"""Text in the cells of a CSV file: a spreadsheet must not take it for a formula."""

from __future__ import annotations

import csv
import io

#: a cell that begins so is run as a formula by spreadsheets
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """``cell`` with an apostrophe before what a spreadsheet would run; numbers stay numbers."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) and not _number(cell) else cell


def quoted(text: str) -> str:
    """One harmless cell of a line, in quotes where commas, quotes or line breaks ask for them."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([harmless(text)])
    return out.getvalue()


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
