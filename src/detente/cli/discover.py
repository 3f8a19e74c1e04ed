"""``detente discover``: the conditions under which something happens, from a finished experiment."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from detente.cli import complete, options, say


@click.command("discover", cls=options.Command)
@click.argument("experiment", shell_complete=complete.finished)
@click.option("--when", required=True, metavar="CONDITION", help='A chance metric ("crisis") or "METRIC > NUMBER".')
@click.option("--density", type=click.FloatRange(0, 1), default=0.0, help="Prefer boxes at least this dense.")
@click.option(
    "--resamples", type=click.IntRange(10, 1000), default=50, show_default=True, help="To see if it comes back."
)
@options.seed(text="Seed of the resampling.")
@options.as_json()
def command(experiment: str, as_json: bool, **asked: Any) -> None:
    """Find the conditions under which WHEN happens in EXPERIMENT (its folder, or the name of a finished one).

    A box of parameter ranges (PRIM) is reported only if it comes back in at least 80 % of the resamples.
    """
    from detente.analysis.difference import cleaned
    from detente.api.experiment import discover, opened

    about = opened(experiment)
    explored = discover(about, **asked)
    found = explored.found
    if as_json:
        say.as_json(cleaned({"experiment": about.status.experiment, "folder": str(about.folder), **asdict(found)}))
        return
    click.echo(found.sentence)
    if found.limits:
        from detente.report.experiment_tables import limits_of

        coverage, density, unseen, mass = (
            f"{100 * share:.0f} %" for share in (found.coverage, found.density, found.density_unseen, found.mass)
        )
        click.echo(limits_of(explored).text("  "))
        click.echo(
            f"  coverage {coverage}, density {density} (on unseen cases {unseen}), size {mass} of {found.cases} cases"
        )
    say.ending(then=[f"detente discover {about.folder} --when {asked['when']!r} --json"])
