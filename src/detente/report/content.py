"""What a report holds, in order: title, bottom line, table, figures, what moved the index, inputs, trust, limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from detente.analysis import attributes
from detente.analysis.claims import Claim
from detente.analysis.compare import Part, Row
from detente.figures.atlas import placeable
from detente.figures.gallery import Piece, compose
from detente.prose.table import Table
from detente.prose.wording import counted, digits_for, fixed, in_100, interval, month, signed
from detente.report.sentences import Sentence, order, same

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from detente.analysis.constructions import HeadlineUncertainty
    from detente.analysis.uncertainty import VarianceShare
    from detente.report.annex import Inputs, Supposed
    from detente.report.experiments import Chapter

#: share of runs from which on it is worth drawing who reaches crisis
SEEN = 0.005
NONE = "–"


@dataclass(frozen=True)
class Report:
    """Everything a page or a PDF prints; no page computes anything."""

    title: str
    headline: Sentence
    subtitle: str
    bottom: tuple[Sentence, ...]
    table: Table
    figures: tuple[Piece, ...]
    moved: Table
    pairs: Table
    causes: Table | None
    unmoved: tuple[Claim, ...]
    uncertainty: Table
    supposed: tuple[Supposed, ...]
    inputs: Inputs
    trust: tuple[str, ...]
    forecasts: Table | None
    limits: tuple[str, ...]
    again: tuple[str, ...]
    footnotes: tuple[str, ...]
    facts: Mapping[str, Any] = field(repr=False)
    weekly: str = field(default="", repr=False)
    experiments: tuple[Chapter, ...] = ()
    files: tuple[Path, ...] = field(default=(), compare=False)

    def claims(self) -> list[Claim]:
        """Every generated clause."""
        return [*(c for s in (self.headline, *self.bottom) for c in s.clauses), *self.unmoved]

    def tables(self) -> list[Table]:
        """The tables that a reader sees among the text."""
        own = [self.table, self.moved, self.causes, self.uncertainty, self.forecasts, self.inputs.graded]
        return [
            *(table for table in own if table),
            *(table for chapter in self.experiments for table in chapter.tables),
        ]

    def shown(self, *kinds: str) -> list[Piece]:
        """The figures of these kinds that were drawn, in this order."""
        return [piece for kind in kinds for piece in self.figures if piece.kind == kind]


#: where a figure stands
OPENING, MOVERS, RECORD = ("fan", "difference", "dots", "map"), ("waterfall", "pairs"), ("timeline",)


def main_table(base: xr.Dataset, rows: Sequence[Row], facts: Mapping[str, Any]) -> Table:
    """One line a scenario: median, change with interval, behaviour, agreeing draws, crisis, tensest pair."""
    results = facts["results"]
    told = results[str(base.attrs["scenario"])]
    chance = NONE if told["crisis_share"] is None else in_100(told["crisis_share"], int(base.sizes["member"]))
    median = fixed(told["tension"]["median"], 0)
    first = (str(base.attrs["title"]), median, NONE, NONE, NONE, chance, _tensest(told))
    end = month(attributes.dates(base)[-1])
    head = ("Scenario", f"Median, {end}", "Change [95% interval]", "of which behaviour", "Draws with that sign")
    lines = [_line(row, _tensest(results[row.scenario])) for row in rows]
    measured = rows[0].measure if rows else ""
    caption = f"Median: tension index, 0 calm to 100 armed clash. Change: {measured}, points, against the first line."
    return Table((*head, "Reaches crisis", "Tensest pair"), (first, *lines), caption, "scenarios")


def _tensest(told: Mapping[str, Any]) -> str:
    pair = told["tensest_dyad"]
    return f"{pair['label']} {fixed(pair['median'], 0)}" if pair else NONE


def _line(row: Row, tensest: str) -> tuple[str, ...]:
    d = row.difference
    behaved = (
        NONE if row.behavioural is None else signed(row.behavioural.change, digits_for(row.behavioural.half_width))
    )
    chance = NONE if row.crisis is None else in_100(row.crisis.other_ever, d.members)
    return (row.title, fixed(row.median, 0), _change(row), behaved, _agreeing(row), chance, tensest)


def _change(row: Row) -> str:
    d = row.difference
    if d.verdict == "identical":
        return "identical in every run"
    digits = digits_for(d.half_width)
    return f"{signed(d.change, digits)} {interval(d.ci_low, d.ci_high, digits)}"


def _agreeing(row: Row) -> str:
    d = row.difference
    if d.verdict == "identical":
        return NONE
    return (
        in_100(d.share_up if d.verdict == "higher" else d.share_down, d.draws) if d.is_significant else str(d.verdict)
    )


def drawn(base: xr.Dataset, others: Mapping[str, xr.Dataset], rows: Sequence[Row]) -> tuple[Piece, ...]:
    """The figures of a report; the scenario with the largest told change is shown in full."""
    top = others[order(rows)[0].scenario]
    everyone = [base, *others.values()]
    wanted: dict[str, list[xr.Dataset]] = {
        "fan": [base, top],
        "difference": everyone,
        **({"dots": everyone} if _reached(rows) else {}),
        **({"map": [base]} if placeable(base) else {}),
        "waterfall": [base, top],
        "pairs": [base, top],
        "timeline": [base],
    }
    return tuple(compose(kind, results) for kind, results in wanted.items())


def _reached(rows: Sequence[Row]) -> bool:
    # dots that nobody fills say nothing
    return any(max(row.crisis.base_ever, row.crisis.other_ever) >= SEEN for row in rows if row.crisis)


def moved_table(rows: Sequence[Row]) -> Table:
    """The pair and the pillar with the largest told change under each scenario, and how many pairs stay as they are."""
    head = ("Scenario", "Pair that changes most", "Pillar that changes most", "Pairs as in the base")
    lines = [(row.title, _most(row.dyads), _most(row.pillars), _same(row)) for row in order(rows)]
    caption = (
        "Points [95% interval]; largest measured change of those that can be told. A pair's change is of its own index,"
        " a pillar's of the regional one. As in the base: the same in every run. All pairs: tables/pairs.csv."
    )
    return Table(head, lines, caption, "moved")


def _same(row: Row) -> str:
    return f"{len(same(row))} of {len(row.dyads)}" if row.dyads else NONE


def _most(parts: Sequence[Part]) -> str:
    told = [part for part in parts if part.difference.is_significant]
    if not told:
        return "none told"
    part = max(told, key=lambda one: abs(one.difference.change))
    d, digits = part.difference, digits_for(part.difference.half_width)
    return f"{part.label} {signed(d.change, digits)} {interval(d.ci_low, d.ci_high, digits)}"


def pairs_table(rows: Sequence[Row]) -> Table:
    """Every pair under every scenario, for a spreadsheet."""
    head = ("scenario", "pair", "label", "base", "other", "change", "ci_low", "ci_high", "verdict")
    return Table(head, list(_pairs(rows)), name="pairs")


def _pairs(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        for part in row.dyads:
            d = part.difference
            numbers = (part.base, part.other, d.change, d.ci_low, d.ci_high)
            yield (row.scenario, part.key, part.label, *(f"{x:.6g}" for x in numbers), str(d.verdict))


def shares_table(uncertain: Mapping[str, HeadlineUncertainty], rows: Sequence[Row]) -> Table:
    """Where the variance of each difference comes from, and in how many constructions of the index its sign holds."""
    lines = []
    for row in rows:
        split = uncertain[row.scenario]
        parts = {share.source: share for share in split.shares}
        cells = [_share(parts.get(name)) for name in ("chance", "parameters", "construction")]
        steady = NONE if split.same_sign is None else in_100(split.same_sign, split.constructions)
        lines.append((row.title, *cells, steady))
    head = ("Scenario", "Chance", "Parameters", "Index construction", "Same sign in")
    caption = (
        "Shares of the variance of the change between runs, with 95% intervals. Chance: what differs from run to run."
        " Parameters: what nobody knows exactly. Construction: weights, normaliser and aggregator of the index."
        " Same sign: in so many of the constructions tried."
    )
    return Table(head, lines, caption, "uncertainty")


def _share(part: VarianceShare | None) -> str:
    if part is None:
        return NONE
    return f"{fixed(100 * part.share, 0)}% [{fixed(100 * part.low, 0)}%, {fixed(100 * part.high, 0)}%]"


def subtitle(base: xr.Dataset, others: Mapping[str, xr.Dataset]) -> str:
    """Theatre, scenarios, runs and weeks."""
    count, attrs = 1 + len(others), base.attrs
    sizes = ((count, "scenario"), (int(base.sizes["member"]), "run"), (int(attrs["weeks"]), "week"))
    parts = [
        str(attrs["theatre"]),
        " × ".join(counted(size, noun) for size, noun in sizes),
        f"record to {attrs['documented_until']}, plans after it",
        f"seed {attrs['seed']}",
        f"detente {attrs['detente_version']}",
    ]
    return " · ".join(parts)
