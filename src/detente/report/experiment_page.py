"""One readable page on several experiments: README.md with figures, tables as text and CSV, facts.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from detente import storage
from detente.figures.save import save
from detente.prose.table import Table
from detente.prose.templates import filled
from detente.report import facts as ledger
from detente.report.experiments import Chapter
from detente.report.folder import OURS


def write(chapters: Sequence[Chapter], out: Path) -> list[Path]:
    """Write the folder; returns the page. Raises StorageError."""
    with storage.folder(out, ours=OURS) as place:
        (place / "figures").mkdir()
        (place / "tables").mkdir()
        for drawn in (one for chapter in chapters for one in chapter.figures):
            path, piece = place / "figures" / f"{drawn.stem}.png", drawn.piece
            save(piece.figure(), path, piece.provenance, title=piece.data.title, few=True)
        texts = {f"tables/{table.name}.csv": table.csv() for chapter in chapters for table in chapter.tables}
        for name, text in {**texts, "facts.json": ledger.text(facts(chapters)), "README.md": page(chapters)}.items():
            (place / name).write_text(text, encoding="utf-8", newline="\n")
    return [out / "README.md"]


def facts(chapters: Sequence[Chapter]) -> dict[str, Any]:
    """All numbers of the page by experiment, with the words made from them."""
    return {one.name: one.record() for one in chapters}


def page(chapters: Sequence[Chapter]) -> str:
    """The page as Markdown."""
    rows = [(f"[{one.title}](#{_anchor(one.title)})", one.question, "; ".join(one.size)) for one in chapters]
    notes = dict.fromkeys(note for one in chapters for note in one.footnotes)
    contents = Table(("Experiment", "Question", "Size"), rows)
    return filled("experiments.md.j2", chapters=chapters, contents=contents, notes=notes)


def _anchor(title: str) -> str:
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")
