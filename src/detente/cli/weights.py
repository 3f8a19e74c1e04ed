"""``detente scenarios weights``: what the weights of the index are worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress


@click.command(cls=options.Command)
@options.engine
@click.argument("scenario", default="baseline", shell_complete=complete.scenarios)
@click.argument("others", nargs=-1, metavar="[OTHER]...", shell_complete=complete.scenarios)
@options.members(200, 8, text="Paired members.")
@options.seed()
@options.workers
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the page (.md) there.")
@options.as_json()
def command(scenario: str, others: tuple[str, ...], out: Path | None, as_json: bool, **asked: Any) -> None:
    """Say what every pillar's weight is worth in the index of SCENARIO: of its level, of what moves it, of what tells
    it from OTHERs (without: all scenarios of its theatre and calendar), and which pillars move together."""
    from detente.api.weights import correlations, table, weights
    from detente.prose.templates import said

    content = weights(scenario, *others, **asked, out=out, tell=Progress())
    if as_json:
        say.as_json(content)
        return
    click.echo("Shares in 100\n" + table(content).text("  "))
    click.echo("\nCorrelations over paths, and below the diagonal over pairs\n" + correlations(content).text("  "))
    click.echo("\n".join(["", *said("weights.md.j2", "audited", content["redundant"], content["redundant_from"])]))
    say.ending([str(out)] if out else [], [f"detente compare {scenario} OTHER --detail"])
