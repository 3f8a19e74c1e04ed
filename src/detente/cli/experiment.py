"""``detente experiment``: run an experiment file, go on with a stopped one, see how far it is and what it says."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente import storage
from detente.cli import say
from detente.cli.finished import RESULTS, chapters, finished
from detente.cli.options import with_extensions
from detente.cli.progress import Progress
from detente.experiment.pools import one_thread_each

if TYPE_CHECKING:
    from detente.experiment.pools import Cluster, Local
    from detente.experiment.status import Status
    from detente.experiment.study import Study

KEEP = ["summary", "index", "all"]


@click.group("experiment")
def command() -> None:
    """Run, resume and watch an experiment."""


def _workers(function: Any) -> Any:
    """The options that say where work is done."""
    function = click.option("--dask", metavar="ADDRESS", help="Work on the Dask cluster whose scheduler is there.")(
        function
    )
    help_ = "Processes on this machine; default: one per core."
    return click.option("--workers", "-w", type=click.IntRange(1, 512), help=help_)(function)


@command.command("run")
@with_extensions
@click.argument("file")
@_workers
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default results/NAME-HASH.")
@click.option("--resume", is_flag=True, help="Go on with what is in the folder; start afresh where nothing is.")
@click.option("--keep", type=click.Choice(KEEP), default="index", show_default=True, help="How much is stored.")
@click.option("--members", "-n", type=click.IntRange(1, 1_000_000), help="Members per point, in place of the file's.")
@click.option("--seed", type=click.IntRange(0, 2**53), help="Seed, in place of the file's.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def run(
    file: str,
    workers: int | None,
    dask: str | None,
    out: Path | None,
    resume: bool,
    keep: str,
    members: int | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Run the experiment FILE (a file or a shipped name)."""
    with one_thread_each(), _pool(workers, dask) as pool:
        from detente.experiment.read import read

        study = read(file, members, seed)
        folder = out or _default_folder(study, keep)
        _conduct(study, folder, pool(), keep, resume, as_json)


@command.command("resume")
@with_extensions
@click.argument("folder", type=click.Path(path_type=Path))
@_workers
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def resume_command(folder: Path, workers: int | None, dask: str | None, as_json: bool) -> None:
    """Go on with the experiment in FOLDER: only what is missing is computed."""
    from detente.experiment.status import whole_inputs

    content = whole_inputs(folder)
    with one_thread_each(), _pool(workers, dask) as pool:
        from detente.experiment.conduct import ExperimentError
        from detente.experiment.read import read
        from detente.scenario.diagnostics import ScenarioMissing

        info, asked = content["info"], content["asked"]
        try:
            study = read(info["file"], **info["given"])
        except ScenarioMissing as error:
            advice = (
                f"the experiment file of {folder} is not to be found: {error.faults[0].message}; go where it is, or"
            )
            raise ExperimentError(f"{advice} write: detente experiment run FILE --resume --out {folder}", 3) from None
        _conduct(study, folder, pool(), asked["keep"], True, as_json)


@command.command("check")
@with_extensions
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
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


@command.command("status")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status_command(folder: Path, as_json: bool) -> None:
    """Say how far the experiment in FOLDER is: works while it runs and after it was stopped."""
    from detente.experiment.status import status

    now = status(folder)
    if as_json:
        say.as_json(now.record())
        return
    click.echo(_progress_line(now))
    for failure in now.failures:
        click.echo(f"  failed  {failure}")
    click.echo(f"  digest  {now.digest}")
    say.ending(then=[_next(now)])


@command.command("show")
@click.argument("experiment")
@click.option("--metric", help="Which metric; default the first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(experiment: str, metric: str | None, as_json: bool) -> None:
    """Say what a finished EXPERIMENT (folder or name) found: options, regret, rival theories, what would flip it."""
    from detente.analysis.findings import findings
    from detente.analysis.happening import metric_of
    from detente.cli.experiment_words import described
    from detente.experiment.results import open_experiment

    folder = finished(experiment)
    data = open_experiment(folder)
    found = findings(data, metric_of(data, metric))
    if as_json:
        say.as_json(plain({"folder": str(folder), "experiment": data.attrs["experiment"], **found}))
        return
    click.echo(described(data, found))
    say.ending(then=next_commands(data, folder))


@command.command("report")
@click.argument("experiments", nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("reports/experiments"), show_default=True,
              help="Folder.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a report in --out.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as one JSON object.")
def report_command(experiments: tuple[str, ...], out: Path, force: bool, as_json: bool) -> None:
    """Write one page on finished EXPERIMENTS (folders or names): figures, tables, what they say and do not say."""
    from detente.report import experiment_page
    from detente.report.folder import free

    with storage.locked(out):
        free(out, force)
        sections = chapters(experiments)
        saved = experiment_page.write(sections, out)
    if as_json:
        say.as_json({**experiment_page.facts(sections), "saved": [str(path) for path in saved]})
        return
    for one in sections:
        click.echo(one.title)
        for line in one.says:
            click.echo(f"  {line}")
    say.ending(saved)


def _conduct(study: Study, folder: Path, pool: Local | Cluster, keep: str, resume: bool, as_json: bool) -> None:
    """Run, then say what came out; exit 1 where batches failed."""
    from detente.experiment.conduct import ExperimentError, conduct
    from detente.experiment.room import require_disk

    weeks = study.info["weeks"]
    say.note(f"{study.name}: {len(study.settings)} settings, {study.runs:,} runs of {weeks:,} weeks")
    require_disk(folder, study.stored(keep, weeks), "Take fewer members or --keep summary.")
    begun = time.monotonic()
    told = Progress(study.title or study.name, "runs")
    try:
        now = conduct(study, folder, pool, keep=keep, resume=resume, progress=lambda d, left, _: told(d, d + left))
        pool.close()
    except KeyboardInterrupt:
        say.note(
            f"\nstopped; finished batches are kept. Go on with: detente experiment resume {shlex.quote(str(folder))}"
        )
        raise click.exceptions.Exit(130) from None
    if not now.complete:
        failures = "\n".join(f"  {failure}" for failure in now.failures[:5])
        again = f"detente experiment resume {shlex.quote(str(folder))}"
        raise ExperimentError(
            f"{now.failed} of {now.total} batches failed:\n{failures}\nTry them again with: {again}", 1
        )
    _said(folder, now, time.monotonic() - begun, as_json)


@contextmanager
def _pool(workers: int | None, dask: str | None) -> Iterator[Callable[[], Local | Cluster]]:
    """What gives the pool: local workers load the model from now on; a cluster is looked for when it is needed."""
    import os

    from detente.experiment.pools import Cluster, Local

    if dask is not None and workers is not None:
        raise click.UsageError("--workers is for this machine, --dask for a cluster: choose one")
    opened: list[Local | Cluster] = []
    if dask is None:
        local = Local(workers or os.cpu_count() or 1)
        opened.append(local)
        local.warm("detente.experiment.evaluation")

    def pool() -> Local | Cluster:
        if dask is not None:
            opened.append(Cluster(dask))
        return opened[0]

    try:
        yield pool
    finally:
        for one in opened:
            one.close()


def _default_folder(study: Study, keep: str) -> Path:
    from detente.experiment.study import asked, digest

    return RESULTS / f"{study.name}-{digest(asked(study, keep))[:8]}"


def _said(folder: Path, now: Status, spent: float, as_json: bool) -> None:
    """The result of a finished run, on stdout."""
    from detente.analysis.findings import findings
    from detente.analysis.happening import metric_of
    from detente.cli.experiment_words import described
    from detente.experiment.results import open_experiment

    data = open_experiment(folder)
    metric = metric_of(data, None)
    found = findings(data, metric) if metric in data else {}
    drawn = _drawn(data, metric, folder) if metric in data else []
    if as_json:
        saved = [str(path) for path in drawn]
        say.as_json(plain({**now.record(), "seconds": round(spent, 1), "files": saved, **found}))
        return
    click.echo(described(data, found))
    say.ending([f"{folder}/", f"{folder / 'summary.csv'}", *drawn], next_commands(data, folder))


def _drawn(data: Any, metric: str, folder: Path) -> list[Path]:
    """The figure that the design calls for, as PNG and SVG in the folder; none where there is nothing to draw."""
    from detente.cli.drawing import drawn
    from detente.figures.from_experiment import piece
    from detente.figures.reading import FigureError
    from detente.figures.save import save

    try:
        made = piece("", data, metric)
    except FigureError:
        return []

    def draw() -> list[Path]:
        figure, paths = made.figure(), [folder / f"figure{suffix}" for suffix in (".png", ".svg")]
        return [save(figure, path, made.provenance, title=made.data.title, force=True) for path in paths]

    return drawn(draw, folder)


def _progress_line(now: Status) -> str:
    state = "complete" if now.complete else f"{now.done} of {now.total} batches"
    failed = f", {now.failed} failed" if now.failed else ""
    return f"{now.experiment}: {state}{failed}"


def _next(now: Status) -> str:
    place = shlex.quote(now.folder)
    return f"detente experiment {'show' if now.complete else 'resume'} {place}"


def plain(content: Any) -> Any:
    """Values JSON can hold: what is not a finite number becomes null."""
    import math

    if isinstance(content, dict):
        return {str(key): plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def next_commands(data: Any, folder: Path) -> list[str]:
    """What to do next, by design."""
    place = shlex.quote(str(folder))
    if data.attrs["design"] in ("morris", "sobol", "one_at_a_time") and data.sizes["factor"]:
        return [f"detente sensitivity {place}"]
    if data.attrs["design"] == "latin_hypercube":
        return [f"detente discover {place} --when {shlex.quote(_rare(data))}"]
    return [f"detente experiment show {place} --metric {name}" for name in _others(data)]


def _rare(data: Any) -> str:
    """A condition that holds in some cases and not in others: the first metric that has one."""
    import json

    texts = json.loads(data.attrs.get("metric_texts", "{}"))
    for name in json.loads(data.attrs["metrics"]):
        values = data[name].values if name in data else data[f"{name}_moments"].values[:, 1]
        level = float(f"{sorted(values.ravel())[int(0.9 * values.size)]:.3g}")
        if values.min() >= 0 and values.max() == 1:
            return str(texts.get(name, name))
        if values.min() < level < values.max():
            return f"{texts.get(name, name)} > {level:g}"
    return "crisis"


def _others(data: Any) -> list[str]:
    import json

    return list(json.loads(data.attrs["metrics"]))[1:2]
