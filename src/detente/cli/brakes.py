"""``detente brakes``: what holds war back, one brake at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress

if TYPE_CHECKING:
    from detente.api.brakes import Brake, Brakes


@click.command(cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("scenario", shell_complete=complete.scenarios)
@options.members(1000, text="Paired members.")
@options.seed()
@options.weeks
@options.workers
@options.sets()
@click.option("--pairs", default=3, show_default=True, type=click.IntRange(0), help="Likeliest pairs beside any pair.")
@options.as_json()
def command(scenario: str, as_json: bool, **asked: Any) -> None:
    """Say what each brake on war is worth in SCENARIO (a file or a shipped name): the chance with and without it.

    Every brake that the laws declare is taken away in turn, then all of them, under the same random shocks. The level
    of a chance is an assumption and the sign of a brake is built in; how much hangs on which is what the model says.
    """
    from detente.api.brakes import brakes

    told = brakes(scenario, **asked, tell=Progress())
    if as_json:
        say.as_json(told.as_dict())
        return
    click.echo(_words(told))
    say.ending(then=[f"detente scenarios show {scenario}"])


def _words(told: Brakes) -> str:
    """A heading and a table for any pair and for each that is told of."""
    from detente.analysis.chances import STANDING
    from detente.prose.templates import filled

    pairs: dict[str, list[Brake]] = {}
    for row in told.rows:
        pairs.setdefault(row.label, []).append(row)
    tables = {label: _table(rows) for label, rows in pairs.items()}
    return filled("brakes.j2", **told.attrs, standing=STANDING, tables=tables).strip("\n")


def _table(rows: list[Brake]) -> str:
    from detente.prose.table import Table
    from detente.prose.wording import SHARE, changed_in, percent, times

    held = ("all as they are", percent(rows[0].armed), "", "")
    lines = [
        (
            f"without {row.brake}",
            percent(row.armed_without),
            changed_in(SHARE, row.change, row.low, row.high),
            times(row.ratio, row.ratio_low, row.ratio_high),
        )
        for row in rows
    ]
    head = ("brakes", "in 100", "change [95% CI]", "times as likely [95% CI]")
    return Table(head, [held, *lines], right=(1,)).text("  ")
