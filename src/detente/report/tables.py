"""The tables of a report, each from what was found; a cell never computes more than how a number is put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from detente.analysis.difference import Difference
from detente.analysis.metrics import Metric
from detente.prose.table import Table
from detente.prose.wording import (
    SHARE,
    changed,
    digits_for,
    fixed,
    in_100,
    per_hundred,
    printed,
    sentence,
    signed,
    unit_printed,
    whole,
)
from detente.report.sentences import order, same

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.attribution import Attribution, Share
    from detente.analysis.compare import Part, Row
    from detente.analysis.constructions import HeadlineUncertainty

NONE = "–"


def scenarios(base: xr.Dataset, rows: Sequence[Row], results: Mapping[str, Any]) -> Table:
    """One line a scenario: mean level, change with interval, behaviour, agreeing draws, crisis, tensest pair."""
    told, first = results[str(base.attrs["scenario"])], rows[0]
    chance = NONE if told["crisis_share"] is None else in_100(told["crisis_share"], int(base.sizes["member"]))
    lines = [
        (
            str(base.attrs["title"]),
            _level(first.base_value, first.metric.unit),
            NONE,
            NONE,
            NONE,
            chance,
            _tensest(told),
        )
    ]
    for row in rows:
        d, responds = row.difference, row.behavioural
        same_in_all = d.verdict == "identical"
        agree = in_100(d.share_up if d.verdict == "higher" else d.share_down, d.draws)
        line = (
            row.title,
            _level(row.value, row.metric.unit),
            "identical in every run" if same_in_all else _change(d),
            NONE if responds is None else signed(responds.change, digits_for(responds.half_width)),
            NONE if same_in_all else agree if d.is_significant else str(d.verdict),
            NONE if row.crisis is None else in_100(row.crisis.other_ever, d.members),
            _tensest(results[row.scenario]),
        )
        lines.append(line)
    named = f"{sentence(first.measure)}, {unit_printed(first.metric.unit)}"
    level = "Mean tension" if first.metric == Metric() else "Level"
    head = ("Scenario", level, "Change [95% interval]", "of which behaviour", "Draws with that sign")
    caption = (
        f"{named} (tension: 0 calm to 100 armed clash), mean of all runs; change against the first line. Tensest pair:"
        " its mean tension over the last 26 weeks."
    )
    return Table((*head, "Reaches crisis", "Tensest pair"), lines, caption, "scenarios")


def _level(value: float, unit: str) -> str:
    return f"{fixed(printed(unit) * value, 1)}{' in 100' if unit == SHARE else ''}"


def _tensest(told: Mapping[str, Any]) -> str:
    pair = told["tensest"]
    return f"{pair['label']} {fixed(pair['mean'], 0)}" if pair else NONE


def _change(d: Difference) -> str:
    if d.unit == SHARE:
        return per_hundred(d.change, d.ci_low, d.ci_high, signs=True)
    return changed(d.change, d.ci_low, d.ci_high)


def moved(rows: Sequence[Row]) -> Table:
    """The pair and the pillar with the largest told change under each scenario, and how many pairs stay as they are."""
    lines = []
    for row in order(rows):
        still = f"{len(same(row))} of {len(row.dyads)}" if row.dyads else NONE
        lines.append((row.title, _most(row.dyads), _most(row.pillars), still))
    caption = (
        "Points [95% interval]; largest measured change of those that can be told. A pair's change is of its own index,"
        " a pillar's of the regional one. As in the base: the same in every run. All pairs: tables/pairs.csv."
    )
    head = ("Scenario", "Pair that changes most", "Pillar that changes most", "Pairs as in the base")
    return Table(head, lines, caption, "moved")


def _most(parts: Sequence[Part]) -> str:
    clear = [part for part in parts if part.difference.is_significant]
    if not clear:
        return "none told"
    part = max(clear, key=lambda one: abs(one.difference.change))
    return f"{part.label} {_change(part.difference)}"


def pairs(rows: Sequence[Row]) -> Table:
    """Every pair under every scenario, for a spreadsheet."""
    lines = []
    for row, part in ((one, part) for one in rows for part in one.dyads):
        d = part.difference
        numbers = (f"{x:.6g}" for x in (part.base, part.other, d.change, d.ci_low, d.ci_high))
        lines.append((row.scenario, part.key, part.label, *numbers, str(d.verdict)))
    head = ("scenario", "pair", "label", "base", "other", "change", "ci_low", "ci_high", "verdict")
    return Table(head, lines, name="pairs")


def uncertainty(uncertain: Mapping[str, HeadlineUncertainty], rows: Sequence[Row]) -> Table:
    """Where the variance of each difference comes from, and in how many constructions of the index its sign holds."""
    lines = []
    for row in rows:
        split = uncertain[row.scenario]
        parts = {
            one.source: f"{fixed(100 * one.share, 0)}% [{fixed(100 * one.low, 0)}%, {fixed(100 * one.high, 0)}%]"
            for one in split.shares
        }
        steady = NONE if split.same_sign is None else in_100(split.same_sign, split.constructions)
        cells = (parts.get(name, NONE) for name in ("chance", "parameters", "construction"))
        lines.append((row.title, *cells, steady))
    caption = (
        "Shares of the variance of the change between runs, with 95% intervals. Chance: what differs from run to run."
        " Parameters: what nobody knows exactly. Construction: weights, normaliser and aggregator of the index."
        " Same sign: in so many of the constructions tried."
    )
    head = ("Scenario", "Chance", "Parameters", "Index construction", "Same sign in")
    return Table(head, lines, caption, "uncertainty")


def causes(rows: Sequence[Row], why: Mapping[str, Attribution]) -> Table | None:
    """The split of each difference over the files or changes of its scenario; None where nothing was split."""
    if not why:
        return None
    titles, lines = {row.scenario: row.title for row in rows}, []
    for name, share in ((name, share) for name, split in why.items() for share in split.shares):
        size = "none in any run" if share.inert else _change(share.difference)
        lines.append((titles[name], sentence(share.lever.label), size, _alone(share)))
    members, of_files = min(split.total.members for split in why.values()), all(one.of_files for one in why.values())
    what = "files" if of_files else "changes"
    caption = (
        f"Shapley values from ensembles of {whole(members)} runs with every mixture of the {what} [95% interval]; they"
        f" add up to the scenario's change in these runs. Alone: with this {what[:-1]} and no other."
    )
    head = ("Scenario", "File" if of_files else "What it changes", "Share of the change", "Alone")
    return Table(head, lines, caption, "causes")


def _alone(share: Share) -> str:
    """The effect of one part by itself, as precise as its share."""
    if share.alone is None:
        return NONE
    times = printed(share.difference.unit)
    told = signed(times * share.alone, digits_for(times * share.difference.half_width))
    return f"{told} in 100" if share.difference.unit == SHARE else told
