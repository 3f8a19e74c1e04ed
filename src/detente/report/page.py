"""report.html: one self-contained page. Nothing is loaded from outside, and a content policy says so."""

from __future__ import annotations

import base64
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from detente.report.assemble import shares_told
from detente.report.content import Report

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template() -> Template:
    """The page; autoescape turns what a user wrote into text, whatever it holds."""
    from jinja2 import Environment, StrictUndefined

    source = (files("detente.report") / "page.html.j2").read_text(encoding="utf-8")
    rules = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return rules.from_string(source)


def render(report: Report, figures: Path) -> str:
    """The page as text; figures are read from their SVG files."""
    images = {piece.kind: _inline(figures / f"{piece.kind}.svg") for piece in report.figures}
    return template().render(report=report, images=images, assumed=shares_told(report))


def _inline(svg: Path) -> str:
    """An SVG as a data address: its ids stay its own, and its text stays text."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.read_bytes()).decode("ascii")
