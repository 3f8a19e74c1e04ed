"""``detente page``: the what-if page as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress


@click.command(cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("scenario", shell_complete=complete.scenarios)
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="File, ending in .html.")
@options.members(200, least=8, most=5000, text="Members of each stored ensemble.")
@options.seed()
@options.workers
@click.option("--levers", "groups", multiple=True, metavar="GROUP", help="Levers of this group only; repeatable.")
@options.force("Replace the file.")
@options.as_json()
def command(scenario: str, as_json: bool, **asked: Any) -> None:
    """Write the what-if page of SCENARIO as one file that works without a server.

    A few ensembles are run along every lever (some minutes for all of them); the page interpolates between them and
    says how far it is off. Groups: missions, talks, arms, pacts, accountability, plans, brakes, theories.
    """
    from detente.prose.templates import said
    from detente.serve.page import page

    told = page(scenario, **asked, tell=Progress())
    if as_json:
        say.as_json({**told, "saved": str(asked["out"])})
        return
    click.echo(f"{told['levers']} levers, {told['ensembles']} ensembles of {told['members']} members")
    click.echo(" ".join(said("whatif.j2", "interpolated", told["errors"], told["members"])))
    say.ending([f"{asked['out']}  ({told['bytes'] / 1e6:.2f} MB)"], [f"open {asked['out']}"])
