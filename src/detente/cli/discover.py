"""``detente discover``: the conditions under which something happens, from a finished experiment."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import click

from detente.cli import say

COMPARED = re.compile(r"\s*(?P<metric>[^<>=]+?)\s*(?P<sign><=|>=|<|>)\s*(?P<limit>-?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*")


@click.command("discover")
@click.argument("experiment")
@click.option("--when", required=True, metavar="CONDITION", help='A chance metric ("crisis") or "METRIC > NUMBER".')
@click.option("--density", type=click.FloatRange(0, 1), default=0.0, help="Prefer boxes at least this dense.")
@click.option(
    "--resamples", type=click.IntRange(10, 1000), default=50, show_default=True, help="To see if it comes back."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the resampling.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(experiment: str, when: str, density: float, resamples: int, seed: int, as_json: bool) -> None:
    """Find the conditions under which WHEN happens in EXPERIMENT (its folder, or the name of a finished one).

    A box of parameter ranges (PRIM) is reported only if it comes back in at least 80 % of the resamples.
    """
    from detente.analysis.cases import cases
    from detente.analysis.discovery import discover
    from detente.cli.experiment import finished, plain
    from detente.experiment.results import open_experiment

    folder = finished(experiment)
    data = open_experiment(folder)
    metric, test = _condition(data, when)
    space = cases(data)
    happened = _happened(data, metric, test)
    if not 0 < happened.mean() < 1:
        always = "always" if happened.mean() else "never"
        raise click.UsageError(
            f'"{when}" {always} happens in these {happened.size} cases: there is nothing to tell apart'
        )
    found = discover(
        space.values, happened, space.paths, space.labels,
        when=_words(data, metric, test), density=density, resamples=resamples, seed=seed, shown=space.shown,
        chosen=space.words,
    )  # fmt: skip
    if as_json:
        say.as_json(plain({"experiment": data.attrs["experiment"], "folder": str(folder), **asdict(found)}))
        return
    click.echo(found.sentence)
    if found.limits:
        click.echo(_table(found, space))
    say.ending(then=[f"detente discover {folder} --when {when!r} --json"])


def _condition(data: Any, when: str) -> tuple[str, tuple[str, float] | None]:
    """Metric and comparison of ``--when``; a bare metric must itself be a share."""
    from detente.cli.experiment import metric_of

    compared = COMPARED.fullmatch(when)
    metric = metric_of(data, compared["metric"] if compared else when.strip())
    if compared:
        return metric, (compared["sign"], float(compared["limit"]))
    values = data[metric].values if metric in data else data[f"{metric}_moments"].values[:, 3:]
    if values.min() < 0 or values.max() > 1:
        raise click.BadParameter(f'"{metric}" is not a share: write "{metric} > NUMBER"', param_hint="--when")
    return metric, None


def _words(data: Any, metric: str, test: tuple[str, float] | None) -> str:
    """The condition as a reader would say it."""
    from detente.analysis.findings import measured

    what, weeks = measured(data, metric)
    if test is None:
        return what.removeprefix("chance of ")
    side = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}[test[0]]
    return f"{what} ({weeks}) {side} {test[1]:g}" if weeks else f"{what} {side} {test[1]:g}"


def _happened(data: Any, metric: str, test: tuple[str, float] | None) -> Any:
    """Share of members (point,) in which it happened."""
    import operator

    from detente.analysis.worlds import members_of

    values = members_of(data, metric)
    if test is None:
        return values.mean(axis=1)
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[test[0]]
    return compare(values, test[1]).mean(axis=1)


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
