"""``detente report``: one folder with page, PDF, figures, tables and facts."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import say
from detente.cli.contenders import Contender, ready, resolve, settings

if TYPE_CHECKING:
    from detente.analysis.compare import Row
    from detente.report.assemble import Material
    from detente.report.content import Report


@click.command()
@click.argument("base")
@click.argument("others", nargs=-1, required=True, metavar="OTHER...")
@click.option("--pdf", is_flag=True, help="Also write report.pdf (extra: pdf).")
@click.option("--title", default="", help="Title; default: the largest told change, as a sentence.")
@click.option("--metric", default="mean", show_default=True, help="What to compare; see detente compare --help.")
@click.option("--members", "-n", type=click.IntRange(8), help="Members to run (1000), or to take of stored results.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Key of all chance; default 1.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default reports/BASE-vs-OTHERS.")
@click.option("--force", is_flag=True, help="Replace a report in --out.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as one JSON object.")
def command(
    base: str,
    others: tuple[str, ...],
    pdf: bool,
    title: str,
    metric: str,
    members: int | None,
    seed: int | None,
    workers: int,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Report on every OTHER against BASE: scenarios, which are run or found in results/, or stored result folders."""
    from detente.report import folder

    found = resolve([base, *others], {})
    how = settings(found, members, seed, None, workers)
    target = folder.free(out or _default(found), force)
    for contender in found:
        _reuse(contender, how.members, how.seed)
    ready(found, how)
    report = made(found, metric, members and how.members, title, _again(base, others, pdf))
    saved = folder.write(report, target, pdf=pdf)
    if as_json:
        say.as_json({**report.facts, "saved": [str(path) for path in saved]})
        return
    click.echo(report.title)
    for claim in report.bottom:
        click.echo(f"  {claim.text}")
    say.ending(saved, ["open report.html"])


def _default(found: Sequence[Contender]) -> Path:
    names = "-".join(Path(contender.name).name for contender in found[1:3])
    more = f"-and-{len(found) - 3}-more" if len(found) > 3 else ""
    return Path("reports") / f"{Path(found[0].name).name}-vs-{names}{more}"


def _again(base: str, others: Sequence[str], pdf: bool) -> str:
    return shlex.join(["detente", "report", base, *others, *(["--pdf"] if pdf else [])])


def _reuse(contender: Contender, members: int, seed: int) -> None:
    """Take a result that ``detente run`` left in results/ for this very scenario, size and seed."""
    from detente.cli.run import default_folder
    from detente.experiment.store import DONE, open_result
    from detente.scenario.load import load

    if contender.stored is not None:
        return
    place = default_folder(load(contender.word), members, seed, None)
    if (place / DONE).exists():
        contender.folder, contender.stored = place, open_result(place)


def made(found: Sequence[Contender], metric: str, members: int | None, title: str, again: str) -> Report:
    """The report on contenders that are ready; the first is the base."""
    from detente.analysis.compare import compare
    from detente.report.assemble import assemble

    base, others = found[0], found[1:]
    results = {other.name: other.result(members) for other in others}
    rows = compare(base.result(members), results, metric)
    return assemble(_material(base, others, rows, members, title, again))


def _material(
    base: Contender, others: Sequence[Contender], rows: Sequence[Row], members: int | None, title: str, again: str
) -> Material:
    from detente.report.assemble import Material

    results = {other.name: other.result(members) for other in others}
    leaves, sources = _ledger(base)
    everyone = {contender.name: contender.known_scenario() for contender in (base, *others)}
    return Material(
        base=base.result(members),
        others=results,
        rows=rows,
        uncertain={row.scenario: _uncertain(base, results[row.scenario], row, members) for row in rows},
        leaves=leaves,
        sources=sources,
        scenarios={name: scenario.model_dump(mode="json") for name, scenario in everyone.items()},
        notes={everyone[other.name].title: everyone[other.name].notes for other in others},
        title=title,
        command=again,
    )


def _uncertain(base: Contender, other: Any, row: Row, members: int | None) -> Any:
    from detente.analysis import constructions
    from detente.analysis.pairing import pair

    weights, concentration = constructions.weights_of(base.known_scenario())
    mine, yours = pair(base.result(members), other)
    return constructions.headline(mine, yours, row.metric, weights, concentration)


def _ledger(base: Contender) -> tuple[list[Any], dict[str, str]]:
    """The base's numbers with their places, and what each source is; from the stored folder or the file."""
    from types import SimpleNamespace

    from detente.experiment.store import SCENARIO, read_json
    from detente.scenario.load import load

    sources = {name: _named(source) for name, source in base.known_scenario().sources.items()}
    if base.folder is not None:
        stored = read_json(base.folder, SCENARIO).get("parameters", [])
        return [SimpleNamespace(**record) for record in stored], sources
    return list(load(base.word).leaves()), sources


def _named(source: Any) -> str:
    parts = [source.publisher, source.title, source.date]
    return ", ".join(part for part in parts if part) + (f". {source.fact}" if source.fact else ".")
