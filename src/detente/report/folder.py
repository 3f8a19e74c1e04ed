"""The report's folder: facts.json, report.html, report.pdf, figures, tables; written beside and moved into place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from detente import storage
from detente.errors import DetenteError
from detente.report import facts as ledger
from detente.report.content import Report

if TYPE_CHECKING:
    from detente.figures.gallery import Piece

#: what a report consists of; a new one replaces these and takes everything else along
OURS = ("facts.json", "report.html", "report.pdf", "README.md", "figures", "tables")


class ReportError(DetenteError):
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


def write(report: Report, out: Path, *, pdf: bool = False, png: bool = False) -> list[Path]:
    """Write the folder; returns the files a reader opens. Raises StorageError."""
    with storage.folder(out, ours=OURS) as place:
        (place / "figures").mkdir()
        (place / "tables").mkdir()
        _fill(report, place, pdf, (".svg", ".png") if png else (".svg",))
    return [out / "report.html", *([out / "report.pdf"] if pdf else [])]


def _fill(report: Report, place: Path, pdf: bool, suffixes: Sequence[str]) -> None:
    from detente.report import page

    for stem, piece in report.drawn().items():
        save(piece, place / "figures", suffixes, stem)
    for table in (*report.tables(), *report.spreadsheets()):
        _text(place / "tables" / f"{table.name}.csv", table.csv())
    _text(place / "tables" / "weekly.csv", report.weekly)
    _text(place / "facts.json", ledger.text(report.facts))
    with TemporaryDirectory() as narrow:
        for stem, piece in report.drawn().items():
            save(piece, Path(narrow), stem=stem, narrow=True)
        _text(place / "report.html", page.render(report, place / "figures", Path(narrow)))
    if pdf:
        from detente.report import pdf as printed

        printed.render(report, place)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def save(
    piece: Piece, place: Path, suffixes: Sequence[str] = (".svg",), stem: str = "", *, narrow: bool = False
) -> None:
    """A figure in each of these formats, named by its kind or ``stem``; ``narrow`` for a small screen."""
    from detente.figures.save import save as write_figure

    figure = piece.figure(narrow=narrow)
    for suffix in suffixes:
        write_figure(figure, place / f"{stem or piece.kind}{suffix}", piece.provenance, title=piece.data.title)
