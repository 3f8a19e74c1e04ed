"""report.pdf through Typst: the same report, typeset. User text travels as JSON data and is never evaluated."""

from __future__ import annotations

import dataclasses
import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

from detente.report.assemble import shares_told
from detente.report.content import Report, Table
from detente.report.folder import ReportError, inputs

LAYOUT, DATA, PDF = "report.typ", "report.json", "report.pdf"


def render(report: Report, place: Path) -> None:
    """Write report.pdf into ``place``, where figures/ holds the SVG files. ReportError without the extra "pdf"."""
    try:
        import typst
    except ImportError as error:
        raise ReportError('a PDF needs the extra "pdf": pip install "detente[pdf]"') from error
    import matplotlib as mpl

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
        )
    finally:
        (place / DATA).unlink()
        (place / LAYOUT).unlink()


def content(report: Report) -> dict[str, Any]:
    """What the layout prints, as text."""
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "bottom": [claim.text for claim in report.bottom],
        "table": _cells(report.table),
        "figures": [{"file": f"figures/{piece.kind}.svg", "alt": piece.alt} for piece in report.figures],
        "moved": [claim.text for claim in report.moved],
        "unmoved": [claim.text for claim in report.unmoved],
        "uncertainty": _cells(report.uncertainty),
        "assumed": shares_told(report),
        "differences": _cells(report.differences),
        "inputs": _cells(inputs(report)),
        "sources": [list(pair) for pair in report.sources],
        "trust": list(report.trust),
        "limits": list(report.limits),
        "again": list(report.again),
        "footnotes": list(report.footnotes),
    }


def _cells(table: Table) -> dict[str, Any]:
    return dataclasses.asdict(table)
