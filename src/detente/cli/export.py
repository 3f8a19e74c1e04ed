"""``detente export``: scenarios or results as a tidy table or as netCDF."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress


@click.command(cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("results", nargs=-1, required=True, metavar="RESULT...", shell_complete=complete.results)
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="FILE.csv or FILE.nc")
@click.option(
    "--variable",
    "-v",
    "variables",
    multiple=True,
    help="Only this variable; repeatable. Default: all.",
    shell_complete=complete.variables,
)
@options.members(text="Members to run (1000), or only the first of a stored result.")
@click.option("--every", default=1, show_default=True, type=click.IntRange(1), help="Only every so many weeks.")
@options.seed(None, text="Key of all chance; default 1.")
@options.weeks
@options.workers
@options.sets("Change a number wherever a scenario is run.")
@click.option("--all", "whole", is_flag=True, help="Write all of it, even where that is more than 50 MB.")
@options.force("Replace the file.")
@options.as_json()
def command(results: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """Write RESULTs to one file: scenario, member, date, variable, dyad, value (.csv), or netCDF (.nc).

    RESULTs are folders that ``detente run`` saved, or scenarios (files or shipped names), which are run.
    """
    from detente.api.export import TooMuch, export
    from detente.experiment.room import written

    work = partial(export, *results, **asked, tell=Progress())
    try:
        told = work()
    except TooMuch as error:
        if as_json or not _confirmed(error.told):
            raise
        told = work(whole=True)
    if as_json:
        say.as_json(told)
        return
    say.ending([f"{told['saved']}  ({told['rows']:,} values, {written(told['bytes'])})"])


def _confirmed(text: str) -> bool:
    """Whether somebody who can be asked wants it so; nobody is waited for where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    click.echo(text, err=True)
    return click.confirm("Write all of it?", err=True)
