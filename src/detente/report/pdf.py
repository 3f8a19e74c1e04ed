"""report.pdf through Typst: the same report, typeset. User text travels as JSON data and is never evaluated."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from detente import extras
from detente.report.content import MOVERS, OPENING, RECORD, Report

if TYPE_CHECKING:
    from detente.report.experiments import Chapter

LAYOUT, DATA, PDF = "report.typ", "report.json", "report.pdf"
#: tagged, with a title, a language and a text for every figure, so that a screen reader can read it
STANDARD: Literal["ua-1"] = "ua-1"


def require() -> None:
    """ExtraMissing without the extra "pdf"; asked before anything is run."""
    extras.require("pdf", "a PDF")


def render(report: Report, place: Path) -> None:
    """Write report.pdf into ``place``, where figures/ holds the SVG files. ExtraMissing without the extra "pdf"."""
    require()
    import matplotlib as mpl
    import typst

    (place / DATA).write_text(json.dumps(content(report), ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(str(files("detente.report") / LAYOUT), place / LAYOUT)
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    try:
        typst.compile(
            str(place / LAYOUT),
            output=str(place / PDF),
            root=str(place),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            pdf_standards=STANDARD,
        )
    finally:
        (place / DATA).unlink()
        (place / LAYOUT).unlink()


def content(report: Report) -> dict[str, Any]:
    """What the layout prints, as text."""
    return {
        "title": report.title,
        "running": f"Tension report · {report.subtitle.split(' · ')[0]}",
        "subtitle": report.subtitle,
        "bottom": [[list(run) for run in sentence.runs] for sentence in report.bottom],
        "table": asdict(report.table.unbroken()),
        "opening": _figures(report, OPENING),
        "movers": _figures(report, MOVERS),
        "record": _figures(report, RECORD),
        "moved": asdict(report.moved.unbroken()),
        "causes": None if report.causes is None else asdict(report.causes.unbroken()),
        "unmoved": [claim.text for claim in report.unmoved],
        "uncertainty": asdict(report.uncertainty.unbroken()),
        "told": report.inputs.told,
        "grades": asdict(report.inputs.graded.unbroken()),
        "experiments": [_chapter(one) for one in report.experiments],
        "supposed": [asdict(one) for one in report.supposed],
        "inputs": asdict(report.inputs.table.unbroken()),
        "works": list(report.inputs.works),
        "trust": list(report.trust),
        "forecasts": None if report.forecasts is None else asdict(report.forecasts.unbroken()),
        "limits": list(report.limits),
        "again": list(report.again),
        "footnotes": list(report.footnotes),
    }


def _chapter(one: Chapter) -> dict[str, Any]:
    drawn = [{"file": f"figures/{d.stem}.svg", "alt": d.piece.alt, "kind": d.piece.kind} for d in one.figures]
    return {
        "title": one.title,
        "question": one.question,
        "size": f"{'; '.join(one.size)}, seed {one.identity['seed']}.",
        "says": list(one.says),
        "figures": drawn,
        "tables": [asdict(table.unbroken()) for table in one.tables],
        "silent": " ".join(one.silent),
    }


def _figures(report: Report, kinds: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"file": f"figures/{piece.kind}.svg", "alt": piece.alt, "kind": piece.kind} for piece in report.shown(*kinds)
    ]
