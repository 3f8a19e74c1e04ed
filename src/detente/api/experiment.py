"""Experiments: run one, go on with one that was stopped, and what a finished one found."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from detente.api import Tell, silent
from detente.errors import UsageError
from detente.experiment.pools import one_thread_each

# imported where they are needed: workers load the model while this process still reads the experiment
if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.happening import Explored
    from detente.engine.choice import Engine
    from detente.experiment.pools import Cluster, Local
    from detente.experiment.status import Status
    from detente.experiment.study import Study


@dataclass(frozen=True)
class Experiment(os.PathLike[str]):
    """A finished experiment in its folder, which other calls take in its place.

    ``data`` are the results of the last stage, as :func:`detente.experiment.results.open_experiment` describes them;
    ``files`` the pictures drawn, ``seconds`` what it took.
    """

    folder: Path
    status: Status
    data: xr.Dataset
    files: tuple[Path, ...] = ()
    seconds: float = 0.0

    def __fspath__(self) -> str:
        return str(self.folder)

    def __repr__(self) -> str:
        from detente.api.shown import size_of

        metrics = ", ".join(json.loads(self.data.attrs["metrics"]))
        return f"Experiment({self.data.attrs['experiment']!r}: {size_of(self.data)}; {metrics}; {self.folder})"

    def _repr_html_(self) -> str:
        from detente.api.shown import experiment

        return experiment(self).html()

    def findings(self, metric: str | None = None) -> dict[str, Any]:
        """What the design allows to be said of a metric, the first by default: see :mod:`detente.analysis.findings`.

        Raises MetricError.
        """
        from detente.analysis.findings import findings
        from detente.analysis.happening import metric_of

        return findings(self.data, metric_of(self.data, metric))


def experiment(
    file: str | os.PathLike[str],
    workers: int | None = None,
    dask: str | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    keep: Literal["summary", "index", "all"] = "index",
    members: int | None = None,
    seed: int | None = None,
    *,
    tell: Tell = silent,
) -> Experiment:
    """Run the experiment of a file or a shipped name into ``out`` (results/NAME-HASH where none is named).

    ``workers`` processes of this machine (one per core), or the cluster whose scheduler is at ``dask``. ``resume``
    goes on with what is in the folder. ``members`` and ``seed`` stand in place of the file's.
    Raises ScenarioError for a faulty file, ExperimentError where the folder is not free, or batches failed.
    A KeyboardInterrupt passes through after the finished batches are safe.
    """
    with one_thread_each(), _pool(workers, dask) as pool:
        from detente.experiment.provenance import RESULTS
        from detente.experiment.read import read
        from detente.experiment.study import asked, digest

        study = read(str(file), members, seed)
        study = study.run_by(_engine(study))
        folder = Path(out) if out is not None else RESULTS / f"{study.name}-{digest(asked(study, keep))[:8]}"
        return _conducted(study, folder, pool(), keep, resume, tell)


def resume(
    folder: str | os.PathLike[str], workers: int | None = None, dask: str | None = None, *, tell: Tell = silent
) -> Experiment:
    """Go on with the experiment in ``folder``: only what is missing is computed. Raises NoExperiment, as experiment."""
    from detente.experiment.status import whole_inputs

    place = Path(folder)
    content = whole_inputs(place)
    with one_thread_each(), _pool(workers, dask) as pool:
        from detente.experiment.execute import ExperimentError
        from detente.experiment.read import read
        from detente.scenario.diagnostics import ScenarioMissing

        try:
            study = read(content["info"]["file"], **content["info"]["given"])
        except ScenarioMissing as error:
            why = error.faults[0].message
            advice = f"the experiment file of {place} is not to be found: {why}; go where it is, or"
            raise ExperimentError(f"{advice} write: detente experiment run FILE --resume --out {place}", 3) from None
        return _conducted(study, place, pool(), content["asked"]["keep"], True, tell)


def _engine(study: Study) -> Engine:
    """The engine of the context, for all settings: it must be able to run the first."""
    from detente.engine.choice import NUMPY, noticed, refusal, settled
    from detente.experiment.evaluation import document

    content = study.settings[0].content
    scenario = document(content["document"], tuple(content.get("extensions", ())))
    engine = settled(scenario, study.runs, study.info["weeks"])
    if engine != NUMPY and refusal(scenario):
        noticed(scenario, engine, NUMPY)
        return NUMPY
    return engine


def _conducted(study: Study, folder: Path, pool: Local | Cluster, keep: str, resume: bool, tell: Tell) -> Experiment:
    from detente.experiment.execute import ExperimentError, execute
    from detente.experiment.room import require_disk

    weeks, begun = study.info["weeks"], time.monotonic()
    tell(f"{study.name}: {len(study.settings)} settings, {study.runs:,} runs of {weeks:,} weeks")
    require_disk(folder, study.stored(keep, weeks), "Take fewer members or --keep summary.")
    again = f"detente experiment resume {shlex.quote(str(folder))}"
    title = study.title or study.name
    try:
        now = execute(
            study, folder, pool, keep=keep, resume=resume,
            progress=lambda done, left, _: tell(title, done, done + left, "runs"),
        )  # fmt: skip
        pool.close()
    except KeyboardInterrupt:
        tell(f"\nstopped; finished batches are kept. Go on with: {again}")
        raise
    if not now.complete:
        failures = "\n".join(f"  {failure}" for failure in now.failures[:5])
        told = f"{now.failed} of {now.total} batches failed:\n{failures}\nTry them again with: {again}"
        raise ExperimentError(told, 1)
    spent = time.monotonic() - begun
    found = opened(folder)
    return Experiment(folder, now, found.data, tuple(_drawn(found, tell)), spent)


@contextmanager
def _pool(workers: int | None, dask: str | None) -> Iterator[Callable[[], Local | Cluster]]:
    """What gives the pool: local workers load the model from now on; a cluster is looked for when it is needed."""
    from detente.experiment.pools import Cluster, Local

    if dask is not None and workers is not None:
        raise UsageError("--workers is for this machine, --dask for a cluster: choose one")
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


def opened(experiment: str | os.PathLike[str], stage: int | None = None) -> Experiment:
    """A finished experiment by its folder or name, with the results of a ``stage`` counted from 1, the last without.

    Raises ResultRefused, NoExperiment; UsageError where there is no such stage.
    """
    from detente.experiment.results import finished, open_experiment
    from detente.experiment.status import status

    if isinstance(experiment, Experiment) and stage is None:
        return experiment
    folder = finished(experiment)
    now = status(folder)
    if stage is not None and stage > len(now.stages):
        raise UsageError(f"the experiment has {len(now.stages)}", "--stage")
    return Experiment(folder, now, open_experiment(folder, -1 if stage is None else stage - 1))


def _drawn(found: Experiment, tell: Tell) -> list[Path]:
    """The figure that the design calls for, as PNG and SVG in the folder; none where there is nothing to draw."""
    from detente.analysis.happening import metric_of
    from detente.api.run import drawn
    from detente.figures.gallery import of_experiment
    from detente.figures.reading import FigureError
    from detente.figures.save import save

    metric = metric_of(found.data, None)
    if metric not in found.data:
        return []
    try:
        made = of_experiment("", found.data, metric)
    except FigureError:
        return []

    def draw() -> list[Path]:
        figure, paths = made.figure(), [found.folder / f"figure{suffix}" for suffix in (".png", ".svg")]
        return [save(figure, path, made.provenance, title=made.data.title, force=True) for path in paths]

    return drawn(draw, found.folder, tell)


def sensitivity(experiment: str | os.PathLike[str], metric: str | None = None, setting: int = 1) -> dict[str, Any]:
    """Which parameters matter for a metric (the first by default) in a finished experiment.

    ``stages`` has what :func:`detente.analysis.findings.sensitivity` tells of each; ``setting`` is counted from 1.
    Raises NotThisDesign, MetricError; UsageError where there is no such setting.
    """
    from detente.analysis import findings
    from detente.analysis.difference import cleaned
    from detente.analysis.happening import metric_of
    from detente.experiment.results import finished, open_experiment
    from detente.experiment.status import status

    folder = finished(experiment)
    stages = [open_experiment(folder, number) for number in range(len(status(folder).stages))]
    name, found = metric_of(stages[0], metric), []
    for data in stages:
        settings = len(set(data["setting"].values.tolist()))
        if setting > settings:
            raise UsageError(f"there are {settings} settings", "--setting")
        found.append(findings.sensitivity(data, name, setting - 1))
    head = {"experiment": stages[0].attrs["experiment"], "folder": str(folder), "metric": name}
    told: dict[str, Any] = cleaned({**head, "stages": found})
    return told


def discover(
    experiment: str | os.PathLike[str], when: str, density: float = 0.0, resamples: int = 50, seed: int = 1
) -> Explored:
    """The conditions under which ``when`` happens in a finished experiment.

    ``when`` is "METRIC > NUMBER" or a metric that is a share. A box is given only if it comes back in four of five
    resamples. Raises MetricError, NothingToTell where it always happens or never.
    """
    from detente.analysis.happening import explore, happening

    data = opened(experiment).data
    return explore(data, happening(data, when), density=density, resamples=resamples, seed=seed)
