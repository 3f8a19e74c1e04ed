"""report.html: one self-contained page. Nothing is loaded from outside, and a content policy says so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from detente.prose import templates
from detente.report.content import MOVERS, OPENING, OUTBREAKS, RECORD, Report

#: what need not be escaped inside a data address within double quotes; "&" must be: the page would read it as its own
_PLAIN = " '/:;,=()!*@$?~+-._{}[]|^`\n"
#: the course of a line in an SVG, its long numbers, its commands with what surrounds them
_PATH, _LONG, _STEP = re.compile(r'\bd="[^"]*"'), re.compile(r"-?\d+\.\d+"), re.compile(r"\s*([MLCQz])\s*")
_BETWEEN = re.compile(r">\s+<")


def render(report: Report, figures: Path, narrow: Path | None = None) -> str:
    """The page as text; figures are read from their SVG files, those for a small screen from ``narrow``."""
    stems = list(report.drawn())
    images, small = (
        {stem: inline((folder / f"{stem}.svg").read_text("utf-8")) for stem in stems if folder}
        for folder in (figures, narrow)
    )
    return filled(report, "report.html.j2", images=images, small=small)


def filled(report: Report, layout: str, **more: Any) -> str:
    """The report in one of its layouts."""
    places = {"opening": OPENING, "movers": MOVERS, "outbreaks": OUTBREAKS, "record": RECORD}
    return templates.filled("report.j2", report=report, layout=layout, **places, **more)


def inline(svg: str) -> str:
    """An SVG as a data address: its ids stay its own, its text stays text."""
    return "data:image/svg+xml," + quote(_PATH.sub(_short, _BETWEEN.sub("><", svg)), safe=_PLAIN)


def _short(path: re.Match[str]) -> str:
    # to a tenth of a point, of which nobody sees a twentieth; a third of the bytes
    return _STEP.sub(r"\1", _LONG.sub(lambda number: f"{float(number[0]):.1f}", path[0]))
