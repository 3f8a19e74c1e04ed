"""``detente experiment``: run an experiment file, go on with a stopped one, see how far it is and what it says."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import complete, options, say
from detente.cli.progress import Progress

if TYPE_CHECKING:
    from detente.api.experiment import Experiment


@click.group("experiment")
def command() -> None:
    """Run, resume and watch an experiment."""


def _workers(function: options.F) -> options.F:
    """The options that say where work is done."""
    for option in (
        click.option("--dask", metavar="ADDRESS", help="Work on the Dask cluster whose scheduler is there."),
        click.option(
            "--workers", "-w", type=click.IntRange(1, 512), help="Processes on this machine; default: one per core."
        ),
    ):
        function = option(function)
    return function


@command.command("run", cls=options.Command)
@options.with_extensions
@options.engine
@click.argument("file", shell_complete=complete.experiments)
@_workers
@options.out("Folder; default results/NAME-HASH.")
@click.option("--resume", is_flag=True, help="Go on with what is in the folder; start afresh where nothing is.")
@options.keep("summary", "index", "all", text="How much is stored.")
@options.members(most=1_000_000, text="Members per point, in place of the file's.")
@options.seed(None, 2**53, text="Seed, in place of the file's.")
@options.as_json()
def run(file: str, as_json: bool, **asked: Any) -> None:
    """Run the experiment FILE (a file or a shipped name)."""
    from detente.api.experiment import experiment

    _said(lambda: experiment(file, **asked, tell=Progress()), as_json)


@command.command("resume", cls=options.Command)
@options.with_extensions
@click.argument("folder", type=click.Path(path_type=Path), shell_complete=complete.finished)
@_workers
@options.as_json()
def resume_command(folder: Path, as_json: bool, **asked: Any) -> None:
    """Go on with the experiment in FOLDER: only what is missing is computed."""
    from detente.api.experiment import resume

    _said(lambda: resume(folder, **asked, tell=Progress()), as_json)


def _said(work: Callable[[], Experiment], as_json: bool) -> None:
    """The result of a finished run, on stdout; of one that was stopped it is told how to go on."""
    try:
        made = work()
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None
    from detente.analysis.difference import cleaned
    from detente.cli.experiment_words import described

    first = json.loads(made.data.attrs["metrics"])[0]
    found = made.findings() if first in made.data else {}
    if as_json:
        told = {"seconds": round(made.seconds, 1), "files": [str(path) for path in made.files]}
        say.as_json(cleaned({**made.status.record(), **told, **found}))
        return
    click.echo(described(made.data, found))
    say.ending([f"{made.folder}/", made.folder / "summary.csv", *made.files], next_commands(made.data, made.folder))


@command.command("check", cls=options.Command)
@options.with_extensions
@click.argument("file", shell_complete=complete.experiments)
@options.as_json()
def check(file: str, as_json: bool) -> None:
    """Check the experiment FILE and say how much work it is; nothing is run."""
    from detente.experiment.read import read

    study = read(file)
    stages = [
        {"design": s.design.kind, "factors": len(s.chosen), "points": len(s.pairs), "members": s.members,
         "runs": len(s.pairs) * s.members, "batches": len(s.batches)}
        for s in study.stages()
    ]  # fmt: skip
    if as_json:
        say.as_json({"experiment": study.name, "settings": len(study.settings), "stages": stages})
        return
    click.echo(f"{study.name}: no fault; {len(study.settings)} settings, {len(study.factors)} uncertain parameters")
    for stage in stages:
        click.echo(f"  {stage['design']}: {stage['points']} points × {stage['members']} members = {stage['runs']} runs")
    say.ending(then=[f"detente experiment run {file}"])


@command.command("status", cls=options.Command)
@click.argument("folder", type=click.Path(path_type=Path), shell_complete=complete.finished)
@options.as_json()
def status_command(folder: Path, as_json: bool) -> None:
    """Say how far the experiment in FOLDER is: works while it runs and after it was stopped."""
    from detente.experiment.status import status

    now = status(folder)
    if as_json:
        say.as_json(now.record())
        return
    state = "complete" if now.complete else f"{now.done} of {now.total} batches"
    click.echo(f"{now.experiment}: {state}" + (f", {now.failed} failed" if now.failed else ""))
    for failure in now.failures:
        click.echo(f"  failed  {failure}")
    click.echo(f"  digest  {now.digest}")
    say.ending(then=[f"detente experiment {'show' if now.complete else 'resume'} {shlex.quote(now.folder)}"])


@command.command("show", cls=options.Command)
@click.argument("experiment", shell_complete=complete.finished)
@click.option("--metric", help="Which metric; default the first.")
@options.as_json()
def show(experiment: str, metric: str | None, as_json: bool) -> None:
    """Say what a finished EXPERIMENT (folder or name) found: options, regret, rival theories, what would flip it."""
    from detente.analysis.difference import cleaned
    from detente.api.experiment import opened
    from detente.cli.experiment_words import described

    made = opened(experiment)
    found = made.findings(metric)
    if as_json:
        say.as_json(cleaned({"folder": str(made.folder), "experiment": made.status.experiment, **found}))
        return
    click.echo(described(made.data, found))
    say.ending(then=next_commands(made.data, made.folder))


@command.command("report", cls=options.Command)
@click.argument("experiments", nargs=-1, required=True, shell_complete=complete.finished)
@options.out("Folder.", default=Path("reports/experiments"), show_default=True)
@options.force("Replace a report in --out.")
@options.as_json("Print the facts as one JSON object.")
def report_command(experiments: tuple[str, ...], out: Path, force: bool, as_json: bool) -> None:
    """Write one page on finished EXPERIMENTS (folders or names): figures, tables, what they say and do not say."""
    from detente import storage
    from detente.report import experiment_page
    from detente.report.experiments import chapters
    from detente.report.folder import free

    with storage.locked(out):
        free(out, force)
        sections = chapters(experiments)
        saved = experiment_page.write(sections, out)
    if as_json:
        say.as_json({**experiment_page.facts(sections), "saved": [str(path) for path in saved]})
        return
    for one in sections:
        click.echo("\n".join([one.title, *(f"  {line}" for line in one.says)]))
    say.ending(saved)


def next_commands(data: Any, folder: Path) -> list[str]:
    """What to do next, by design."""
    place = shlex.quote(str(folder))
    if data.attrs["design"] in ("morris", "sobol", "one_at_a_time") and data.sizes["factor"]:
        return [f"detente sensitivity {place}"]
    if data.attrs["design"] == "latin_hypercube":
        return [f"detente discover {place} --when {shlex.quote(_rare(data))}"]
    return [f"detente experiment show {place} --metric {name}" for name in json.loads(data.attrs["metrics"])[1:2]]


def _rare(data: Any) -> str:
    """A condition that holds in some cases and not in others: the first metric that has one."""
    texts = json.loads(data.attrs.get("metric_texts", "{}"))
    for name in json.loads(data.attrs["metrics"]):
        values = data[name].values if name in data else data[f"{name}_moments"].values[:, 1]
        level = float(f"{sorted(values.ravel())[int(0.9 * values.size)]:.3g}")
        if values.min() >= 0 and values.max() == 1:
            return str(texts.get(name, name))
        if values.min() < level < values.max():
            return f"{texts.get(name, name)} > {level:g}"
    return "crisis"
