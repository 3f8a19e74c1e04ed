"""report.html: one self-contained page. Nothing is loaded from outside, and a content policy says so."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from detente.report.content import MOVERS, OPENING, RECORD, Report

if TYPE_CHECKING:
    from jinja2 import Template

#: what need not be escaped inside a data address within double quotes; "&" must be: the page would read it as its own
_PLAIN = " '/:;,=()!*@$?~+-._{}[]|^`\n"
#: the course of a line in an SVG, its long numbers, its commands with what surrounds them
_PATH, _LONG, _STEP = re.compile(r'\bd="[^"]*"'), re.compile(r"-?\d+\.\d+"), re.compile(r"\s*([MLCQz])\s*")
_BETWEEN = re.compile(r">\s+<")


@cache
def template() -> Template:
    """The page; autoescape turns what a user wrote into text, whatever it holds."""
    from jinja2 import Environment, StrictUndefined

    source = (files("detente.report") / "page.html.j2").read_text(encoding="utf-8")
    rules = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return rules.from_string(source)


def render(report: Report, figures: Path) -> str:
    """The page as text; figures are read from their SVG files."""
    images = {piece.kind: inline((figures / f"{piece.kind}.svg").read_text("utf-8")) for piece in report.figures}
    for drawn in (one for chapter in report.experiments for one in chapter.figures):
        images[drawn.stem] = inline((figures / f"{drawn.stem}.svg").read_text("utf-8"))
    places = {"opening": OPENING, "movers": MOVERS, "record": RECORD}
    return template().render(
        report=report, images=images, shown={name: report.shown(*kinds) for name, kinds in places.items()}
    )


def inline(svg: str) -> str:
    """An SVG as a data address: its ids stay its own, its text stays text."""
    return "data:image/svg+xml," + quote(_PATH.sub(_short, _BETWEEN.sub("><", svg)), safe=_PLAIN)


def _short(path: re.Match[str]) -> str:
    # to a tenth of a point, of which nobody sees a twentieth; a third of the bytes
    return _STEP.sub(r"\1", _LONG.sub(lambda number: f"{float(number[0]):.1f}", path[0]))
