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
#: the course of a line in an SVG, its commands with their numbers
_PATH, _COMMAND = re.compile(r'\bd="[^"]*"'), re.compile(r'([MLCQz])([^MLCQz"]*)')
#: where a mark stands, and what stands between elements
_PLACE, _BETWEEN = re.compile(r'\b([xy])="(-?\d+\.\d+)"'), re.compile(r">\s+<")


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
    placed = _PLACE.sub(lambda found: f'{found[1]}="{float(found[2]):.1f}"', _BETWEEN.sub("><", svg))
    return "data:image/svg+xml," + quote(_PATH.sub(_short, placed), safe=_PLAIN)


def _short(path: re.Match[str]) -> str:
    """A course in tenths of a point, of which nobody sees a twentieth, step by step: a sixth of the bytes."""
    out, here, begun = [], (0, 0), (0, 0)
    for command, numbers in _COMMAND.findall(path[0]):
        tenths = [round(10 * float(number)) for number in numbers.split()]
        points = list(zip(tenths[::2], tenths[1::2], strict=True))
        out.append(command.lower() + " ".join(_tenth(x - here[0]) + " " + _tenth(y - here[1]) for x, y in points))
        here = points[-1] if points else begun
        begun = here if command == "M" else begun
    return f'd="{"".join(out).replace(" -", "-")}"'


def _tenth(number: int) -> str:
    """A number of tenths: "12", ".4", "-.1"."""
    return f"{number / 10:g}".replace("0.", ".", 1) if abs(number) < 10 else f"{number / 10:g}"
