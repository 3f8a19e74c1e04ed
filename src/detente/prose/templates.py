"""The templates in which sentences stand (``*.j2`` beside this file), and the one place where they are filled.

A template says what facts it is given; numbers are put by the filters of ``wording``. In ``said`` a paragraph of the
template is one line of what is told, however it is broken in the file; a paragraph that comes out empty is left out.
"""

from __future__ import annotations

import re
from functools import cache
from inspect import isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.prose import wording
from detente.prose.table import Table, escaped

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """Jinja, asked for a template only when one is filled; what a page prints is text, whatever a user wrote."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=lambda name: bool(name and ".html" in name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters.update({name: told for name, told in vars(wording).items() if isfunction(told)})
    found.filters.update(escaped=escaped, literal=literal)
    found.globals.update(digits_for=wording.digits_for, table=lambda *of: Table(*of).markdown())
    return found


def filled(name: str, **facts: Any) -> str:
    """A template as it stands, with these facts."""
    return environment().get_template(name).render(facts)


def said(name: str, clause: str, *told: Any, **facts: Any) -> list[str]:
    """What a macro of a template says, a line a paragraph; ``facts`` are at hand in all of the template."""
    text = str(getattr(environment().get_template(name).make_module(facts), clause)(*told))
    return [re.sub(r" *\n", " ", part.strip("\n")) for part in re.split(r"\n *\n", text) if part.strip()]


def literal(text: str) -> str:
    """Text as a string of Typst, which nothing in it can leave."""
    clean = re.sub(r"[\x00-\x1f]", " ", text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{clean}"'


def flowing(text: str) -> str:
    """Markdown with every paragraph on one line, however it is broken in its template."""
    return re.sub(r"(?<!\n)\n(?![\n|#!-])", " ", text.strip("\n")) + "\n"
