"""``detente scenarios facts``: every statement of the theatre, its mechanism, and what happens without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress


@click.command(cls=options.Command)
@options.engine
@click.argument("scenario", default="baseline", shell_complete=complete.scenarios)
@options.members(1000, 8, text="Paired members.")
@options.seed()
@options.workers
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table (.md) there.")
@options.as_json()
def command(scenario: str, out: Path | None, as_json: bool, **asked: Any) -> None:
    """Switch off the mechanism behind every statement of SCENARIO's theatre, one at a time."""
    from detente.api.facts import facts

    content = facts(scenario, **asked, out=out, tell=Progress())
    if as_json:
        say.as_json(content)
        return
    click.echo(words(content))
    say.ending([str(out)] if out else [], [f"detente scenarios show {scenario}"])


def words(content: dict[str, Any]) -> str:
    """Two tables, and how many statements count."""
    from detente.api.facts import tables
    from detente.prose.templates import filled

    told = {name: content[name] for name in ("counting", "statements", "least", "chances")}
    return filled("facts.j2", **told, tables=[table.text() for table in tables(content)]).strip("\n")
