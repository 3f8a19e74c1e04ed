"""``detente compare``: scenarios or stored results against a base, member by member."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from detente.cli import condition, say
from detente.cli.contenders import Contender, Ensemble, Settings, each_run, ready, rebuilt, resolve, settings
from detente.cli.options import with_extensions
from detente.cli.run import changes as read_sets

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.attribution import Attribution
    from detente.analysis.changes import Change
    from detente.analysis.compare import Row
    from detente.analysis.constructions import HeadlineUncertainty
    from detente.scenario.schema import Scenario

FAILED = 4
#: members at most under --precision, and members of the ensembles run for --why, unless told otherwise
MOST, FOR_WHY = 20_000, 200
#: a growing ensemble grows by at least this factor, so that few rounds are needed
GROWTH, MARGIN = 1.25, 1.05


@dataclass
class Comparison:
    """Everything that is told about one base and its others."""

    base: Contender
    others: list[Contender]
    rows: list[Row]
    changed: dict[str, list[Change]]
    unpaired: list[dict[str, Any]]
    uncertain: dict[str, HeadlineUncertainty]
    why: dict[str, Attribution]
    data: xr.Dataset

    def as_dict(self, weekly: bool) -> dict[str, Any]:
        """One JSON object; ``rows`` in the order of the others."""
        attrs = self.data.attrs
        members = self.rows[0].difference.members if self.rows else int(self.data.sizes["member"])
        head = {"base": self.base.name, "title": attrs["title"], "members": members}
        head |= {"seed": int(attrs["seed"]), "weeks": int(attrs["weeks"])}
        rows = [row.as_dict(weekly) | self._extra(row.scenario) for row in self.rows] + self.unpaired
        listed = [{"scenario": k, **change.as_dict()} for k, found in self.changed.items() for change in found]
        told = [{"scenario": k, **found.as_dict()} for k, found in self.why.items()]
        dates = {"dates": [str(day) for day in self.data["time"].values.astype("datetime64[D]")]} if weekly else {}
        return {**head, **dates, "rows": rows, "changes": listed, "attributions": told}

    def _extra(self, name: str) -> dict[str, Any]:
        return {"uncertainty": self.uncertain[name].as_dict()} if name in self.uncertain else {}


@click.command()
@with_extensions
@click.argument("base")
@click.argument("others", nargs=-1, required=True, metavar="OTHER...")
@click.option("--metric", default="mean", show_default=True, help="What to compare; see below.")
@click.option(
    "--members", "-n", type=click.IntRange(1, 10_000_000), help="Members to run (1000), or to take of stored results."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Key of all chance; default 1.")
@click.option("--weeks", type=click.IntRange(1), help="Stop after so many weeks.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 512), help="Processes.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change a number wherever a scenario is run.")
@click.option("--precision", type=click.FloatRange(0, min_open=True), help="Add members until the interval is ± this.")
@click.option("--most", default=MOST, show_default=True, type=click.IntRange(1, 10_000_000), help="Members at most.")
@click.option("--why", is_flag=True, help="Split each difference over the changes of the scenario.")
@click.option(
    "--why-members", default=FOR_WHY, show_default=True, type=click.IntRange(8, 10_000_000), help="Members for --why."
)
@click.option("--fail-if", "fail_if", metavar="EXPR", help='Exit 4 if a row fulfils it, such as "change>2".')
@click.option("--detail", is_flag=True, help="Print pillars, pairs and levels, and where the variance comes from.")
@click.option("--weekly", is_flag=True, help="With --json: the chance of every level in every week.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    base: str,
    others: tuple[str, ...],
    metric: str,
    members: int | None,
    seed: int | None,
    weeks: int | None,
    workers: int,
    sets: tuple[str, ...],
    precision: float | None,
    most: int,
    why: bool,
    why_members: int,
    fail_if: str | None,
    detail: bool,
    weekly: bool,
    as_json: bool,
) -> None:
    """Compare every OTHER with BASE under the same random shocks.

    BASE and OTHER are scenarios (files or shipped names), which are run, or stored result folders. Two stored runs
    of one scenario are also told apart: why the number changed.

    \b
    Metrics: mean (mean tension of the last 26 weeks), end, max, crisis, behaviour,
    pillar:hostility, dyad:A-B, state:A, incidents, incidents:A-B, level:NAME;
    with @26, @all, @end, @max or @ever for the window, as in dyad:A-B@max.
    """
    from detente.analysis import metrics
    from detente.analysis.compare import COLUMNS

    metrics.parse(metric)
    failing = None if fail_if is None else condition.parse(fail_if, COLUMNS)
    found = resolve([base, *others], read_sets(sets))
    how = settings(found, members, seed, weeks, workers)
    ready(found, how)
    told = _compared(found, metric, how, members, precision, most)
    if why:
        told.why = {other.name: _attributed(found[0], other, metric, how, why_members) for other in told.others}
    say.as_json(told.as_dict(weekly)) if as_json else _print(told, detail)
    failed = [row for row in told.as_dict(False)["rows"] if failing and row["paired"] and failing(row)]
    for row in failed:
        say.note(f"failed: {row['scenario']} fulfils {fail_if}")
    ctx.exit(FAILED if failed else 0)


def _compared(
    found: list[Contender], metric: str, how: Settings, members: int | None, precision: float | None, most: int
) -> Comparison:
    from detente.analysis import compare
    from detente.analysis.pairing import NotComparable

    base, others = found[0], found[1:]
    try:
        rows, data = _rows(found, metric, how.members if members else None, how, precision, most)
    except NotComparable as error:
        if len(others) != 1 or not _same_scenario(base, others[0]):
            raise
        say.note(str(error))
        unpaired = compare.unpaired(base.result(), others[0].result(), metric)
        changed = {others[0].name: _why_changed(base, others[0])}
        return Comparison(base, others, [], changed, [unpaired], {}, {}, base.result())
    changed = {other.name: _why_changed(base, other) for other in others if _same_scenario(base, other)}
    uncertain = {row.scenario: _uncertainty(base, other, row, data) for row, other in zip(rows, others, strict=True)}
    return Comparison(base, others, rows, changed, [], uncertain, {}, data)


def _rows(
    found: Sequence[Contender], metric: str, members: int | None, how: Settings, precision: float | None, most: int
) -> tuple[list[Row], xr.Dataset]:
    """Rows at the members asked for, or at those that give the precision asked for."""
    from detente.analysis.compare import compare

    if precision is not None and any(contender.stored is not None for contender in found):
        raise click.UsageError("--precision adds members, and stored results cannot grow: name scenarios instead")
    while True:
        data = found[0].result(members)
        others = {other.name: other.result(members) for other in found[1:]}
        rows = compare(data, others, metric, rebuilt(found[1:], members))
        have = rows[0].difference.members
        if precision is None or have >= most or _wide(rows) <= precision:
            break
        members = more(have, _wide(rows), precision, most)
        say.note(f"± {_wide(rows):.3g} at {have} members; going on to {members}")
    if precision is not None and _wide(rows) > precision:
        say.note(f"± {_wide(rows):.3g} is what {have} members give; allow more with --most")
    return rows, data


def _wide(rows: Sequence[Row]) -> float:
    widths = [row.difference.half_width for row in rows]
    return max(width if width == width else float("inf") for width in widths)


def more(members: int, width: float, precision: float, most: int) -> int:
    """Members for the next round: what the width found asks for, whole parameter draws, no more than ``most``."""
    asked = members * min((width / precision) ** 2 * MARGIN, 100.0)
    return min(most, 4 * round(max(asked, members * GROWTH, members + 4) / 4 + 0.5))


def _same_scenario(base: Contender, other: Contender) -> bool:
    if base.stored is None or other.stored is None:
        return False
    return bool(base.stored.attrs["scenario"] == other.stored.attrs["scenario"])


def _why_changed(base: Contender, other: Contender) -> list[Change]:
    from detente.analysis.changes import why_changed

    return why_changed(_record(base), _record(other))


def _record(contender: Contender) -> Any:
    from detente.analysis.changes import Record
    from detente.experiment.store import RUN, SCENARIO, read_json

    assert contender.folder is not None
    assert contender.stored is not None
    scenario = read_json(contender.folder, SCENARIO).get("scenario", {})
    return Record(contender.stored.attrs, read_json(contender.folder, RUN), scenario)


def _uncertainty(base: Contender, other: Contender, row: Row, data: xr.Dataset) -> HeadlineUncertainty:
    from detente.analysis import constructions
    from detente.analysis.pairing import pair

    weights, concentration = constructions.weights_of(base.known_scenario())
    mine, yours = pair(data, other.result(int(data.sizes["member"])))
    return constructions.headline(mine, yours, row.metric, weights, concentration)


def _attributed(base: Contender, other: Contender, metric: str, how: Settings, members: int) -> Attribution:
    from detente.analysis.attribution import attribute

    def simulate(scenario: Scenario) -> xr.Dataset:
        return Ensemble(scenario, how).result(members)

    def many(scenarios: Sequence[Scenario]) -> Iterator[xr.Dataset]:
        return each_run(scenarios, how, members, f"Why {other.name} differs")

    return attribute(base.known_scenario(), other.measured_scenario(), simulate, metric, many=many)


def _print(told: Comparison, detail: bool) -> None:
    from detente.cli import compared

    for line in compared.rulers(told.rows):
        click.echo(f"{line}\n")
    if told.rows:
        click.echo(f"{compared.heading(told.rows, told.data)}\n\n{compared.table(told.rows)}\n")
        for line in compared.remarks(told.rows):
            click.echo(f"  {line}")
    for row in told.rows if detail else []:
        click.echo(f"\n{compared.parts(row)}\n")
        click.echo(f"  {compared.sources(row, told.uncertain[row.scenario])}")
    for difference in told.unpaired:
        click.echo(compared.apart(difference))
    for name, found in told.changed.items():
        click.echo(f"\n{compared.reasons(name, found)}")
    for name, split in told.why.items():
        click.echo(f"\n{compared.causes(name, split)}")
    names = " ".join([told.base.word, *(other.word for other in told.others)])
    say.ending(then=[f"detente report {names} --pdf"] if told.rows else [])
