"""``detente discover``: the conditions under which something happens, from a finished experiment."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from detente.cli import say


@click.command("discover")
@click.argument("experiment")
@click.option("--when", required=True, metavar="CONDITION", help='A chance metric ("crisis") or "METRIC > NUMBER".')
@click.option("--density", type=click.FloatRange(0, 1), default=0.0, help="Prefer boxes at least this dense.")
@click.option(
    "--resamples", type=click.IntRange(10, 1000), default=50, show_default=True, help="To see if it comes back."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Seed of the resampling.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(experiment: str, when: str, density: float, resamples: int, seed: int, as_json: bool) -> None:
    """Find the conditions under which WHEN happens in EXPERIMENT (its folder, or the name of a finished one).

    A box of parameter ranges (PRIM) is reported only if it comes back in at least 80 % of the resamples.
    """
    from detente.analysis.happening import explore, happening
    from detente.cli.experiment import plain
    from detente.cli.finished import finished
    from detente.experiment.results import open_experiment

    folder = finished(experiment)
    data = open_experiment(folder)
    explored = explore(data, happening(data, when), density=density, resamples=resamples, seed=seed)
    found = explored.found
    if as_json:
        say.as_json(plain({"experiment": data.attrs["experiment"], "folder": str(folder), **asdict(found)}))
        return
    click.echo(found.sentence)
    if found.limits:
        click.echo(_table(found, explored.space))
    say.ending(then=[f"detente discover {folder} --when {when!r} --json"])


def _table(found: Any, space: Any) -> str:
    """The box's limits, and its measures."""
    rows = [["condition", "from", "to", "comes back"]]
    for limit in found.limits:
        column = space.paths.index(limit.path)
        low, high = ("" if v is None else space.shown(column, v) for v in (limit.low, limit.high))
        rows.append([limit.label, low, high, f"{100 * limit.reproduced:.0f} %"])
    coverage, density, mass = (f"{100 * v:.0f} %" for v in (found.coverage, found.density, found.mass))
    unseen = f"{100 * found.density_unseen:.0f} %"
    measures = f"coverage {coverage}, density {density} (on unseen cases {unseen}), size {mass} of {found.cases} cases"
    return "\n".join("  " + line for line in [*say.table(rows, right=(1, 2, 3)).splitlines(), measures])
