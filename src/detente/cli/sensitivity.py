"""``detente sensitivity``: which parameters matter, from a finished experiment."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import complete, options, say


@click.command("sensitivity", cls=options.Command)
@click.argument("experiment", shell_complete=complete.finished)
@click.option("--metric", help="Which metric; default the first.")
@click.option("--setting", type=click.IntRange(1), default=1, show_default=True, help="Which setting, by number.")
@click.option("--all", "everything", is_flag=True, help="Show every parameter.")
@options.as_json()
def command(experiment: str, metric: str | None, setting: int, everything: bool, as_json: bool) -> None:
    """Say which parameters matter in EXPERIMENT (its folder, or the name of a finished one).

    Morris: mean size of the change through the whole range. Sobol: shares of the variance, alone and with all
    interactions. One at a time: change at the low and at the high end. The noise of replication is set apart, and
    parameters that do nothing are named.
    """
    from detente.api.experiment import sensitivity
    from detente.cli.experiment_words import sensitivity as words
    from detente.experiment.status import whole_inputs

    told = sensitivity(experiment, metric, setting)
    if as_json:
        say.as_json(told)
        return
    title = whole_inputs(Path(told["folder"]))["info"].get("title") or told["experiment"]
    for stage in told["stages"]:
        click.echo(f"{title} · {stage['design']} · {told['metric']}")
        click.echo(words(stage, shown=10_000 if everything else 12) + "\n")
    say.ending(then=[f"detente sensitivity {told['folder']} --json"])
