"""One readable page on several experiments: README.md with figures, tables as text and CSV, facts.json."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from detente import storage
from detente.figures.save import save
from detente.prose.table import Table, escaped
from detente.report import facts as ledger
from detente.report.experiments import Chapter
from detente.report.folder import OURS

OPENING = """# Experiments

Every number, sentence, table and figure on this page is printed by

    {command}

from finished experiments; `make experiments` runs them again and writes the page. All numbers are in `facts.json`.

Intervals are 95 %. Members of every option share their luck and their parameter draws, so differences are taken run by
run; a direction is claimed only where the interval leaves out zero and the draws agree, as in
[comparing](../../docs/comparing.md). A *world* is one set of parameters (and one theory) with its luck.
"""


def write(chapters: Sequence[Chapter], out: Path) -> list[Path]:
    """Write the folder; returns the page. Raises StorageError."""
    with storage.folder(out, ours=OURS) as place:
        (place / "figures").mkdir()
        (place / "tables").mkdir()
        for chapter in chapters:
            _files(chapter, place)
        _text(place / "facts.json", ledger.text(facts(chapters)))
        _text(place / "README.md", page(chapters))
    return [out / "README.md"]


def facts(chapters: Sequence[Chapter]) -> dict[str, Any]:
    """All numbers of the page by experiment, with the words made from them."""
    return {one.name: one.record() for one in chapters}


def _files(chapter: Chapter, place: Path) -> None:
    for drawn in chapter.figures:
        piece = drawn.piece
        path = place / "figures" / f"{drawn.stem}.png"
        save(piece.figure(), path, piece.provenance, title=piece.data.title, few=True)
    for table in chapter.tables:
        _text(place / "tables" / f"{table.name}.csv", table.csv())


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def page(chapters: Sequence[Chapter]) -> str:
    """The page as Markdown."""
    names = " ".join(one.name for one in chapters)
    rows = [(f"[{one.title}](#{_anchor(one.title)})", one.question, "; ".join(one.size)) for one in chapters]
    contents = f"{Table(('Experiment', 'Question', 'Size'), rows).markdown()}\n\n"
    notes = list(dict.fromkeys(note for one in chapters for note in one.footnotes))
    parts = [OPENING.format(command=f"detente experiment report {names}"), contents]
    parts += ["\n".join(_chapter(one)) for one in chapters]
    return "\n".join([*parts, *(f"\\{note}\n" for note in notes)])


def _anchor(title: str) -> str:
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


def _chapter(one: Chapter) -> Iterator[str]:
    yield f"## {one.title}\n"
    yield f"*{one.question}*\n"
    yield f"    {one.command}\n"
    yield from (f"- {line}" for line in one.size)
    yield f"- {_identity(one)}\n"
    yield "**What it says**\n"
    yield from (f"- {escaped(line)}" for line in one.says)
    yield "\n**What it does not say**\n"
    yield from (f"- {escaped(line)}" for line in one.silent)
    yield ""
    for drawn in one.figures:
        yield f"![{escaped(drawn.piece.alt)}](figures/{drawn.stem}.png)\n"
    for table in one.tables:
        yield f"{table.markdown(literal=True)}\n\n{escaped(table.caption)}\n"


def _identity(one: Chapter) -> str:
    """Seed and the first digits of what identifies inputs, code and results; whole in facts.json."""
    told = [f"{name} {value if name == 'seed' else f'`{value[:12]}`'}" for name, value in one.identity.items()]
    return ", ".join(told)
