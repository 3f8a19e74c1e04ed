"""The report's folder: facts.json, report.html, report.pdf, figures, tables; written beside and moved into place."""

from __future__ import annotations

import csv
import io
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from detente.report import facts as ledger
from detente.report.content import Report, Table

if TYPE_CHECKING:
    from detente.figures.gallery import Piece


class ReportError(Exception):
    """A report that cannot be written; the message says what to do."""

    exit_code = 3


def free(out: Path, force: bool) -> Path:
    """``out`` if nothing is lost there. ReportError where something is in the way."""
    if out.is_file():
        raise ReportError(f"{out} is a file: choose a folder with --out")
    if out.is_dir() and any(out.iterdir()) and not force:
        raise ReportError(f"{out} is not empty: replace the report in it with --force, or choose another --out")
    if out.is_dir() and any(out.iterdir()) and not (out / "facts.json").exists():
        raise ReportError(f"{out} holds other files: choose an empty folder with --out")
    return out


def write(report: Report, out: Path, *, pdf: bool = False) -> list[Path]:
    """Write the folder; returns the files a reader opens. ReportError where it cannot be written."""
    beside = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        (beside / "figures").mkdir(parents=True)
        (beside / "tables").mkdir()
        _fill(report, beside, pdf)
        shutil.rmtree(out, ignore_errors=True)
        os.replace(beside, out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportError(f"cannot write {out}: {reason}. Choose another folder with --out.") from error
    return [out / "report.html", *([out / "report.pdf"] if pdf else [])]


def _fill(report: Report, place: Path, pdf: bool) -> None:
    from detente.report import page

    for piece in report.figures:
        save(piece, place / "figures")
    for table in (report.table, report.uncertainty, report.differences, inputs(report)):
        (place / "tables" / f"{table.name}.csv").write_text(as_csv(table), encoding="utf-8")
    (place / "facts.json").write_text(ledger.text(report.facts), encoding="utf-8")
    (place / "report.html").write_text(page.render(report, place / "figures"), encoding="utf-8")
    if pdf:
        from detente.report import pdf as printed

        printed.render(report, place)


def save(piece: Piece, place: Path) -> None:
    """A figure as SVG and PNG."""
    from detente.figures.save import save as write_figure

    figure = piece.figure()
    for suffix in (".svg", ".png"):
        write_figure(figure, place / f"{piece.kind}{suffix}", piece.provenance, title=piece.data.title)


def inputs(report: Report) -> Table:
    """All inputs as a table."""
    rows = tuple((i.path, i.value, i.unit, i.source, i.grade) for i in report.inputs)
    return Table("inputs", ("path", "value", "unit", "source", "grade"), rows)


def as_csv(table: Table) -> str:
    """A table as CSV text."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([table.head, *table.rows])
    return out.getvalue()
