"""``detente report``: one folder with page, PDF, figures, tables and facts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente import storage
from detente.cli import say
from detente.cli.contenders import Contender, Ensemble, Settings, each_run, ready, rebuilt, resolve, settings
from detente.cli.finished import chapters, finished
from detente.cli.options import with_extensions

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.attribution import Attribution
    from detente.analysis.compare import Row
    from detente.report.assemble import Material
    from detente.report.content import Report
    from detente.scenario.schema import Scenario

#: runs of each ensemble that --why adds
FOR_WHY = 200
MEMBERS, SEED = 1000, 1


@dataclass(frozen=True)
class Asked:
    """What was asked for, beyond the results."""

    metric: str = "mean"
    title: str = ""
    pdf: bool = False
    png: bool = False
    why: Settings | None = field(default=None)
    experiments: tuple[str, ...] = ()


@click.command()
@with_extensions
@click.argument("base")
@click.argument("others", nargs=-1, required=True, metavar="OTHER...")
@click.option("--pdf", is_flag=True, help="Also write report.pdf (extra: pdf).")
@click.option("--png", is_flag=True, help="Also write the figures as PNG.")
@click.option("--why", is_flag=True, help="Split each change over what its scenario changes (more ensembles to run).")
@click.option("--experiment", "experiments", multiple=True, metavar="EXPERIMENT",
              help="Add a section on a finished experiment (folder or name); may be given several times.")  # fmt: skip
@click.option("--title", default="", help="Title; default: the largest told changes, as a sentence.")
@click.option("--metric", default="mean", show_default=True, help="What to compare; see detente compare --help.")
@click.option(
    "--members", "-n", type=click.IntRange(8, 10_000_000), help="Members to run (1000), or to take of stored results."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Key of all chance; default 1.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 512), help="Processes.")
@click.option("--fresh", is_flag=True, help="Run every scenario again, even where results/ has it.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default reports/BASE-vs-OTHERS.")
@click.option("--force", is_flag=True, help="Replace a report in --out.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as one JSON object.")
def command(
    base: str,
    others: tuple[str, ...],
    pdf: bool,
    png: bool,
    why: bool,
    experiments: tuple[str, ...],
    title: str,
    metric: str,
    members: int | None,
    seed: int | None,
    workers: int,
    fresh: bool,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Report on every OTHER against BASE: scenarios, which are run or found in results/, or stored result folders."""
    from detente.analysis import metrics
    from detente.report import folder

    metrics.parse(metric)
    found = resolve([base, *others], {})
    how = settings(found, members, seed, None, workers)
    target = out or _default(found)
    with storage.locked(target):
        folder.free(target, force)
        for word in experiments:
            require_finished(word)
        if pdf:
            _require_pdf()
        for contender in found if not fresh else ():
            _reuse(contender, found[0], how)
        ready(found, how)
        asked = Asked(metric, title, pdf, png, how if why else None, experiments)
        report = made(found, asked, members and how.members)
        saved = folder.write(report, target, pdf=pdf, png=png)
    if as_json:
        say.as_json({**report.facts, "saved": [str(path) for path in saved]})
        return
    click.echo(report.title)
    for sentence in report.bottom:
        click.echo(f"  {sentence.text}")
    say.ending(saved, [f"open {saved[0]}"])


def require_finished(word: str) -> None:
    """ResultRefused where an experiment is not complete: told before anything is run."""
    from detente.experiment.results import open_experiment

    open_experiment(finished(word))


def _require_pdf() -> None:
    # a missing typesetter is told before a minute of runs, not after it
    from detente.report import pdf

    pdf.require()


def _default(found: Sequence[Contender]) -> Path:
    names = "-".join(Path(contender.name).name for contender in found[1:3])
    more = f"-and-{len(found) - 3}-more" if len(found) > 3 else ""
    return Path("reports") / f"{Path(found[0].name).name}-vs-{names}{more}"


def again(found: Sequence[Contender], asked: Asked) -> str:
    """The command that writes this report again, from the scenarios' names: a reader has no folder of ours."""
    attrs = found[0].result().attrs
    words = [str(one.stored.attrs["scenario"]) if one.stored is not None else one.word for one in found]
    if len(set(words)) < len(words):
        words = [one.word for one in found]
    options: dict[str, tuple[Any, Any]] = {"--members": (attrs["members"], MEMBERS), "--seed": (attrs["seed"], SEED)}
    options |= {"--metric": (asked.metric, "mean"), "--title": (asked.title, "")}
    experiments = [word for one in asked.experiments for word in ("--experiment", _experiment(one))]
    given = [word for name, (value, usual) in options.items() if value != usual for word in (name, str(value))]
    flags = [name for name, on in (("--why", asked.why), ("--pdf", asked.pdf), ("--png", asked.png)) if on]
    return shlex.join(["detente", "report", *words, *given, *experiments, *flags])


def _experiment(word: str) -> str:
    """The name of an experiment, where a folder of ours was given."""
    from detente.experiment.status import inputs

    return str(inputs(finished(word))["name"])


def _reuse(contender: Contender, base: Contender, how: Settings) -> None:
    """Take a result that ``detente run`` left in results/ for this very scenario, size and seed.

    Not where the scenario builds the index otherwise than the base: it must be measured by the base's.
    """
    from detente.cli.run import commit, default_folder
    from detente.experiment.store import DONE, open_result
    from detente.index import construction
    from detente.scenario.load import load

    if contender.stored is not None or construction.changes(base.known_scenario(), contender.known_scenario()):
        return
    place = default_folder(load(contender.word), how.members, how.seed, how.weeks)
    if (place / DONE).exists():
        contender.folder, contender.stored = place, open_result(place)
        if contender.stored.attrs.get("commit", "") != commit():
            say.note(f"{place}: taken as it is, of another commit of the code; --fresh runs it again")


def made(found: Sequence[Contender], asked: Asked, members: int | None = None) -> Report:
    """The report on contenders that are ready; the first is the base."""
    from detente.analysis.compare import compare
    from detente.report.assemble import assemble

    base, *others = found
    results = {other.name: _result(other, members) for other in others}
    rows = compare(_result(base, members), results, asked.metric, rebuilt(others, members))
    return assemble(_material(found, results, rows, asked, members))


def _result(contender: Contender, members: int | None) -> xr.Dataset:
    from detente.cli.run import reproduce

    ds = contender.result(members)
    if contender.stored is None:
        ds.attrs["command"] = reproduce(contender.word, int(ds.sizes["member"]), int(ds.attrs["seed"]), None, ())
    return ds


def _material(
    found: Sequence[Contender], results: dict[str, xr.Dataset], rows: Sequence[Row], asked: Asked, members: int | None
) -> Material:
    from detente.report.assemble import Material

    base, *others = found
    scenarios = {contender.name: contender.known_scenario() for contender in found}
    ds = _result(base, members)
    split = {other.name: why(base, other, asked) for other in others} if asked.why else {}
    return Material(
        base=ds,
        base_name=base.name,
        others=results,
        rows=rows,
        uncertain={row.scenario: _uncertain(scenarios[base.name], ds, results[row.scenario], row) for row in rows},
        leaves=_leaves(base),
        scenarios=scenarios,
        why={name: found for name, found in split.items() if found is not None},
        title=asked.title,
        command=again(found, asked),
        experiments=chapters(asked.experiments),
    )


def _uncertain(scenario: Scenario, base: xr.Dataset, other: xr.Dataset, row: Row) -> Any:
    from detente.analysis import constructions
    from detente.analysis.pairing import pair

    weights, concentration = constructions.weights_of(scenario)
    mine, yours = pair(base, other)
    return constructions.headline(mine, yours, row.metric, weights, concentration)


def why(base: Contender, other: Contender, asked: Asked) -> Attribution | None:
    """The difference split over the scenario's changes; None where it makes one change, or more than can all be mixed.

    Base and other are not run again where this code ran them: their first members are what a smaller ensemble would
    be, bit for bit.
    """
    from detente.analysis.attribution import EXACT_UP_TO, attribute
    from detente.analysis.levers import levers

    first, last, how = base.known_scenario(), other.measured_scenario(), asked.why
    if how is None or not 2 <= len(levers(first, last)) <= EXACT_UP_TO:
        return None
    known = {id(one.measured_scenario()): one for one in (base, other) if _present(one)}

    def simulate(scenario: Scenario) -> xr.Dataset:
        if id(scenario) in known:
            return known[id(scenario)].result().isel(member=slice(FOR_WHY))
        return Ensemble(scenario, how).result(FOR_WHY)

    def many(scenarios: Sequence[Scenario]) -> Iterator[xr.Dataset]:
        return each_run(scenarios, how, FOR_WHY, f"Why {other.name} differs")

    return attribute(first, last, simulate, asked.metric, many=many)


def _present(contender: Contender) -> bool:
    from detente.cli.run import commit

    ds = contender.result()
    return bool(ds.sizes["member"] >= FOR_WHY and ds.attrs.get("commit", "") == commit())


def _leaves(base: Contender) -> list[Any]:
    """The base's numbers with their places, from the stored folder or the file."""
    from types import SimpleNamespace

    from detente.experiment.store import SCENARIO, read_json
    from detente.scenario.load import load

    if base.folder is not None:
        return [SimpleNamespace(**record) for record in read_json(base.folder, SCENARIO).get("parameters", [])]
    return list(load(base.word).leaves())
