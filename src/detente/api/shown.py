"""What a terminal and a notebook show of what a call gives back: a result, a comparison, an experiment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from detente.analysis import attributes, summary
from detente.prose.card import Card
from detente.prose.table import Table
from detente.prose.wording import SHARE, changed, changed_in, counted, fixed, in_100, listed, month, percent, whole

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.compare import Row
    from detente.analysis.difference import Difference
    from detente.api.compare import Comparison
    from detente.api.experiment import Experiment


def _footnotes(ds: xr.Dataset) -> list[str]:
    return [str(note) for note in attributes.decoded(ds, "footnotes", {}).values()]


def result(ds: xr.Dataset, digest: str, more: str) -> Card:
    """Members, weeks, tension at the start and at the end with its spread, crisis, tensest pair, digest.

    ``more`` is the dataset itself as HTML.
    """
    attrs = ds.attrs
    size = f"{counted(summary.members_of(ds), 'member')} × {counted(int(attrs['weeks']), 'week')}, seed {attrs['seed']}"
    against = "Counterfactual: this scenario changes the record." if attrs.get("counterfactual") else ""
    table = Table((), [*_headline(ds), ("Digest", digest[:12])], name="result")
    notes = tuple(filter(None, [against]))
    return Card(str(attrs["title"]), size, [table], notes, _footnotes(ds), "The dataset", more)


def _headline(ds: xr.Dataset) -> Iterator[tuple[str, str]]:
    told, found, dates = summary.summary(ds), summary.bands(ds), attributes.dates(ds)
    for when, week in (("start", 0), ("end", -1)):
        median = found["median"][week]
        level = attributes.level_of(ds, median)
        named = f", {level.label.lower()}" if level else ""
        where = f"Tension at the {when}, {month(dates[week])}"
        yield where, f"median {fixed(median, 0)}{named} ({summary.spread_in(ds, week)})"
    if told["crisis_share"] is not None:
        yield "Reaches crisis", in_100(told["crisis_share"], summary.members_of(ds), "runs")
    if told["tensest_dyad"]:
        yield "Tensest pair", f"{told['tensest_dyad']['label']}, median {fixed(told['tensest_dyad']['median'], 0)}"


def comparison(told: Comparison) -> Card:
    """The paired change of every scenario, with its interval; two runs that do not pair are told apart."""
    measured = told.rows[0].measure if told.rows else "the two runs cannot be paired member by member"
    members = counted(told.rows[0].difference.members if told.rows else told.data.sizes["member"], "paired member")
    return Card(
        title=f"Against {told.data.attrs['title']}: {measured}",
        told=f"{members}, the same random shocks, seed {told.data.attrs['seed']}" if told.rows else "",
        tables=[scenarios(told.rows)] if told.rows else [_apart(told.unpaired)],
        notes=[f"{row.scenario}: {note}" for row in told.rows for note in row.notes],
        footnotes=_footnotes(told.data),
    )


def scenarios(rows: Sequence[Row]) -> Table:
    """One line for the base and one for every scenario: the median of tension, or the share itself that is compared."""
    shared = rows[0].metric.unit == SHARE
    level = "in 100" if shared else f"median {month(rows[0].date)}"
    head = ("scenario", level, "change [95% CI]", "crisis", "rises in", "verdict")
    first = percent(rows[0].base_value) if shared else fixed(rows[0].base_median, 0)
    lines = [(rows[0].base, first, "", _crisis(rows[0], "base_ever"), "", "")]
    for row in rows:
        d = row.difference
        rises = "" if d.verdict == "identical" else in_100(d.share_up, d.draws, "draws")
        verdict = d.verdict + ", negligibly" * (row.negligible and d.is_significant)
        value = percent(row.value) if shared else fixed(row.median, 0)
        lines.append((row.scenario, value, change(d), _crisis(row, "other_ever"), rises, verdict))
    return Table(head, lines, right=(1,))


def change(d: Difference) -> str:
    """A change with its interval: "+4.6 [+4.4, +4.7]"; of a share in hundredths."""
    if d.verdict == "identical":
        return "0 (identical)"
    return changed_in(d.unit, d.change, d.ci_low, d.ci_high)


def _crisis(row: Row, whose: str) -> str:
    return "–" if row.crisis is None else in_100(getattr(row.crisis, whose), row.difference.members)


def _apart(found: Sequence[dict[str, Any]]) -> Table:
    lines = [(str(one["scenario"]), changed(one["change"], one["ci_low"], one["ci_high"])) for one in found]
    return Table(("run", "change, unpaired [95% CI]"), lines)


def experiment(made: Experiment) -> Card:
    """Its size and metrics, and the options where it has several: what each changes of the first metric."""
    from detente.analysis.findings import measured, rulers
    from detente.report import experiment_tables

    data, metrics = made.data, json.loads(made.data.attrs["metrics"])
    found = made.findings() if metrics[0] in data else {}
    named = [", ".join(filter(None, measured(data, metric))) for metric in metrics]
    tables = [Table((), [("Points", size_of(data)), ("Metrics", listed(named)), ("Folder", str(made.folder))])]
    if "options" in found:
        tables.append(experiment_tables.options(found, measured(data, metrics[0])[0]))
    question, other = str(data.attrs.get("question", "")), rulers(data)
    title = str(data.attrs.get("title") or data.attrs["experiment"])
    return Card(title, question, tables, [other] if other else [], _footnotes(data))


def size_of(data: xr.Dataset) -> str:
    """How much was run: "12 points × 200 members, seed 1"."""
    points = counted(data.sizes["point"], "point")
    return f"{points} × {counted(int(data.attrs['members']), 'member')}, seed {whole(int(data.attrs['seed']))}"
