"""How commands speak: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click

from detente.cli import streams


def as_json(result: Any) -> None:
    """One JSON value on stdout; raises ValueError for NaN and infinities, which JSON cannot hold."""
    text = json.dumps(result, ensure_ascii=False, allow_nan=False, indent=2)
    click.echo(text if streams.takes(text) else json.dumps(result, allow_nan=False, indent=2))


def note(text: str) -> None:
    """A remark on stderr."""
    click.echo(text, err=True)


def ending(saved: Iterable[Any] = (), then: Iterable[str] = ()) -> None:
    """The last lines of a success: what was saved where, and what to do next."""
    for path in saved:
        click.echo(f"  Saved   {path}")
    for command in then:
        click.echo(f"  Next    {command}")
