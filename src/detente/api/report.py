"""A report: one folder with page, PDF, figures, tables and facts."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import storage
from detente.analysis import metrics
from detente.analysis.attribution import EXACT_UP_TO, Attribution
from detente.analysis.leaning import Leaning
from detente.analysis.leaning import leaning as hung
from detente.analysis.levers import levers
from detente.analysis.pairing import pair
from detente.api import Tell, silent
from detente.api.among import among as among_shipped
from detente.api.apart import tell_apart
from detente.api.compare import FOR_WHY, Split, compared, split, uncertain
from detente.experiment import drawn
from detente.experiment.results import finished, open_experiment
from detente.experiment.source import MEMBERS, SEED, Given, Settings, Source, ready, resolve, reuse, settings
from detente.experiment.status import inputs
from detente.prose.wording import counted
from detente.report import folder
from detente.report.assemble import Material, assemble
from detente.report.content import Report
from detente.report.experiments import chapters

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.compare import Row


@dataclass(frozen=True)
class Asked:
    """What was asked for, beyond the sources; with ``why`` how its ensembles are run, ``by`` what it splits over."""

    metric: str = "mean"
    title: str = ""
    pdf: bool = False
    png: bool = False
    why: Settings | None = None
    by: Split = "files"
    among: Settings | None = None
    experiments: Sequence[str | PathLike[str]] = ()


def report(
    base: Given,
    *others: Given,
    pdf: bool = False,
    png: bool = False,
    why: bool = False,
    why_by: Split | None = None,
    among: bool = False,
    experiments: Sequence[str | PathLike[str]] = (),
    title: str = "",
    metric: str = "mean",
    members: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    fresh: bool = False,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    tell: Tell = silent,
) -> Report:
    """Report on every other against ``base``, written to ``out`` (reports/BASE-vs-OTHERS where none is named).

    Each is a scenario or a result, as for :func:`detente.api.compare.compare`; scenarios are run, or found in results/
    unless ``fresh``. ``why`` splits each change over its scenario's files, ``why_by`` "acts" over what it changes;
    ``among`` runs the shipped scenarios of the base, too, for how large each change is among theirs; ``experiments``
    adds a section on each finished experiment. The files are in ``files`` of what is returned, all numbers in
    ``facts``.
    Raises ReportError where something is in the way, ExtraMissing for ``pdf`` without its package, and as ``compare``.
    """
    metrics.parse(metric)
    found = resolve([base, *others])
    how = settings(found, members, seed, None, workers, tell)
    target = Path(out) if out is not None else _default(found)
    with storage.locked(target):
        # what is missing is told before minutes of runs, not after them
        folder.free(target, force)
        for one in experiments:
            open_experiment(finished(one))
        if pdf:
            from detente.report import pdf as printed

            printed.require()
        if not fresh:
            reuse(found, how)
        ready(found, how)
        tell_apart(found)
        asked = Asked(
            metric,
            title,
            pdf,
            png,
            how if why or why_by else None,
            why_by or "files",
            how if among else None,
            experiments,
        )
        told = made(found, asked, members and how.members)
        files = folder.write(told, target, pdf=pdf, png=png)
    return replace(told, files=tuple(files))


def made(found: Sequence[Source], asked: Asked, members: int | None = None) -> Report:
    """The report on sources that are ready; the first is the base."""
    base, *others = found
    rows, data = compared(found, asked.metric, members)
    causes, whole = why(base, others, asked) if asked.why else ({}, {})
    return assemble(
        Material(
            base=data,
            base_name=base.name,
            others={other.name: other.result(members) for other in others},
            rows=rows,
            uncertain=uncertain(base, others, rows, data),
            leaning=leaning(base, others, rows, data),
            leaves=base.inputs()[0],
            scenarios={source.name: source.known_scenario() for source in found},
            among=among_shipped(base, rows, asked.among) if asked.among else {},
            why=causes,
            unsplit=whole,
            title=asked.title,
            command=again(found, asked),
            experiments=chapters(asked.experiments),
        )
    )


def leaning(base: Source, others: Sequence[Source], rows: Sequence[Row], data: xr.Dataset) -> dict[str, Leaning]:
    """Which uncertain numbers each row's difference hangs on, by name."""
    found = {}
    for other, row in zip(others, rows, strict=True):
        mine, yours = pair(data, other.result(int(data.sizes["member"])))
        change = metrics.values(row.metric, yours) - metrics.values(row.metric, mine)
        both, draw = (base.known_scenario(), other.known_scenario()), mine["draw"].values
        where = drawn.shares(both, int(data.attrs["seed"]), draw)
        found[row.scenario] = hung(change, draw, where, drawn.labels(both), row.metric.unit)
    return found


def why(
    base: Source, others: Sequence[Source], asked: Asked, members: int = FOR_WHY
) -> tuple[dict[str, Attribution], dict[str, str]]:
    """Every difference split over the scenario's files; over its changes where asked, but not one or too many of these.

    Beside it why what was asked for was not split.
    """
    assert asked.why is not None
    if asked.by == "files":
        return split(base, others, asked.metric, asked.why, members, by="files", known=True)
    counts = {one.name: len(levers(base.known_scenario(), one.measured_scenario())) for one in others}
    able = [one for one in others if 2 <= counts[one.name] <= EXACT_UP_TO]
    found, _ = split(base, able, asked.metric, asked.why, members, by="acts", known=True)
    return found, {one.name: counted(counts[one.name], "change") for one in others if one not in able}


def _default(found: Sequence[Source]) -> Path:
    names = "-".join(Path(source.name).name for source in found[1:3])
    more = f"-and-{len(found) - 3}-more" if len(found) > 3 else ""
    return Path("reports") / f"{Path(found[0].name).name}-vs-{names}{more}"


def again(found: Sequence[Source], asked: Asked) -> str:
    """The command that writes this report again, from the scenarios' names: a reader has no folder of ours."""
    if not all(source.named for source in found):
        return "detente.report(…), from Python: what it reports on was made there"
    attrs = found[0].result().attrs
    words = [str(one.stored.attrs["scenario"]) if one.stored is not None else one.word for one in found]
    if len(set(words)) < len(words):
        words = [one.word for one in found]
    options: dict[str, tuple[Any, Any]] = {"--members": (attrs["members"], MEMBERS), "--seed": (attrs["seed"], SEED)}
    options |= {"--metric": (asked.metric, "mean"), "--title": (asked.title, "")}
    options |= {"--engine": (attrs.get("engine", "numpy"), "numpy")}
    given = [word for name, (value, usual) in options.items() if value != usual for word in (name, str(value))]
    for one in asked.experiments:
        given += ["--experiment", str(inputs(finished(one))["name"])]
    flags = [*(["--why"] if asked.why and asked.by == "files" else ["--why-by", "acts"] if asked.why else [])]
    flags += [name for name, on in (("--among", asked.among), ("--pdf", asked.pdf), ("--png", asked.png)) if on]
    return shlex.join(["detente", "report", *words, *given, *flags])
