"""``detente sensitivity``: which parameters matter, from a finished experiment."""

from __future__ import annotations

from typing import Any

import click

from detente.cli import say


@click.command("sensitivity")
@click.argument("experiment")
@click.option("--metric", help="Which metric; default the first.")
@click.option("--setting", type=click.IntRange(1), default=1, show_default=True, help="Which setting, by number.")
@click.option("--all", "everything", is_flag=True, help="Show every parameter.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(experiment: str, metric: str | None, setting: int, everything: bool, as_json: bool) -> None:
    """Say which parameters matter in EXPERIMENT (its folder, or the name of a finished one).

    Morris: mean size of the change through the whole range. Sobol: shares of the variance, alone and with all
    interactions. One at a time: change at the low and at the high end. The noise of replication is set apart, and
    parameters that do nothing are named.
    """
    from detente.analysis.happening import metric_of
    from detente.cli.experiment import plain
    from detente.cli.experiment_words import sensitivity as words
    from detente.cli.finished import finished
    from detente.experiment.results import open_experiment
    from detente.experiment.status import status

    folder = finished(experiment)
    stages = range(len(status(folder).stages))
    datasets = [open_experiment(folder, stage) for stage in stages]
    name = metric_of(datasets[0], metric)
    found = [_stage(data, name, setting) for data in datasets]
    if as_json:
        base = {"experiment": datasets[0].attrs["experiment"], "folder": str(folder), "metric": name}
        say.as_json(plain({**base, "stages": found}))
        return
    for data, stage in zip(datasets, found, strict=True):
        click.echo(f"{data.attrs.get('title') or data.attrs['experiment']} · {stage['design']} · {name}")
        click.echo(words(stage, shown=10_000 if everything else 12) + "\n")
    say.ending(then=[f"detente sensitivity {folder} --json"])


def _stage(data: Any, metric: str, setting: int) -> dict[str, Any]:
    from detente.analysis.findings import sensitivity

    settings = len(set(data["setting"].values.tolist()))
    if setting > settings:
        raise click.BadParameter(f"there are {settings} settings", param_hint="--setting")
    return sensitivity(data, metric, setting - 1)
