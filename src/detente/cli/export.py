"""``detente export``: results as a tidy table or as netCDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from detente.cli import options, say
from detente.cli.progress import Progress


@click.command(cls=options.Command)
@click.argument("results", nargs=-1, required=True, metavar="RESULT...")
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="FILE.csv or FILE.nc")
@click.option("--variable", "-v", "variables", multiple=True, help="Only this variable; repeatable. Default: all.")
@options.members(text="Only the first members.")
@click.option("--every", default=1, show_default=True, type=click.IntRange(1), help="Only every so many weeks.")
@options.force("Replace the file.")
@options.as_json()
def command(results: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """Write RESULT folders to one file: scenario, member, date, variable, dyad, value (.csv), or netCDF (.nc)."""
    from detente.api.export import export

    told = export(*results, **asked, tell=Progress())
    if as_json:
        say.as_json(told)
        return
    say.ending([f"{told['saved']}  ({told['rows']:,} values)"])
