"""``detente figure``: one figure from scenarios or stored results, in the house style."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress

#: stated here so that --help need not load the figures; a test holds them against figures.gallery
NAMES = (
    "fan", "difference", "dots", "chances", "icons", "discovery", "tornado", "options", "regret", "flip", "theories",
    "sensitivity", "pairs", "multiples", "map", "timeline", "calibration", "posterior", "waterfall",
)  # fmt: skip


@click.command(
    "figure", cls=options.Command, epilog="The first of several RESULTs is the base the others are held against."
)
@options.with_extensions
@options.engine
@click.argument("kind", type=click.Choice(NAMES))
@click.argument("results", nargs=-1, required=True, shell_complete=complete.drawn)
@click.option("--output", "-o", "outputs", multiple=True, required=True, type=click.Path(path_type=Path),
              help="File ending in .png, .svg or .pdf; may be given several times.")  # fmt: skip
@click.option("--slide", is_flag=True, help="16:9 with larger text in place of a page's width.")
@click.option("--dyad", help="Show this pair in the place of the region (fan, difference, dots, icons, multiples).")
@click.option("--by", type=click.Choice(["pillar", "dyad"]), default="pillar", help="What a waterfall is split over.")
@click.option("--metric", help="Which metric of an experiment; default the first.")
@click.option("--stage", type=click.IntRange(1), help="Which stage of an experiment of several; default the last.")
@click.option("--when", help='What is looked for (discovery): "crisis", "METRIC > NUMBER".')
@click.option("--method", default="model", show_default=True, help="Which forecasts (calibration).")
@click.option("--horizon", type=click.IntRange(1), help="How far ahead (calibration); default the first.")
@options.members(text="Members to run (1000), or to take of stored results.")
@options.seed(None, text="Key of all chance; default 1.")
@options.weeks
@options.workers
@options.sets("Change a number wherever a scenario is run.")
@options.force("Overwrite files that exist.")
@options.as_json()
def command(kind: str, results: tuple[str, ...], outputs: tuple[Path, ...], as_json: bool, **asked: Any) -> None:
    """Draw a figure of KIND from RESULTs: scenarios, which are run, or folders that ``detente run`` saved.

    options, regret, flip, theories, sensitivity, tornado and discovery are drawn from a finished experiment,
    calibration from what ``detente hindcast --json`` printed.
    """
    from detente.api.figure import figure

    piece = figure(kind, *results, outputs=outputs, **asked, tell=Progress())
    if as_json:
        files = [str(path) for path in outputs]
        say.as_json({"kind": kind, "title": piece.data.title, "alt": piece.alt, "files": files})
        return
    click.echo(piece.data.title)
    say.ending(outputs, [f"detente figure {kind} --help"] if len(outputs) > 1 else [])
