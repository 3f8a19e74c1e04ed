"""What a report says, in order: title, bottom line, table, figures, what moved the index, inputs, trust, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from detente.analysis import claims
from detente.analysis.claims import Claim
from detente.analysis.compare import Row
from detente.analysis.wording import digits_for, fixed, in_100, interval, signed, whole
from detente.figures.gallery import Piece, compose

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.constructions import HeadlineUncertainty
    from detente.analysis.uncertainty import VarianceShare

#: sentences of the bottom line
SENTENCES = 3


@dataclass(frozen=True)
class Table:
    """A table as text cells; ``name`` is its file name."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True)
class Input:
    """A parameter or other number that went in."""

    path: str
    value: str
    unit: str
    source: str
    grade: str


@dataclass(frozen=True)
class Report:
    """Everything a page or a PDF prints; no page computes anything."""

    title: str
    headline: Claim
    subtitle: str
    bottom: tuple[Claim, ...]
    table: Table
    figures: tuple[Piece, ...]
    moved: tuple[Claim, ...]
    unmoved: tuple[Claim, ...]
    uncertainty: Table
    inputs: tuple[Input, ...]
    assumption_share: float
    sources: tuple[tuple[str, str], ...]
    differences: Table
    trust: tuple[str, ...]
    limits: tuple[str, ...]
    again: tuple[str, ...]
    footnotes: tuple[str, ...]
    facts: Mapping[str, Any] = field(repr=False)

    def claims(self) -> list[Claim]:
        """Every generated sentence."""
        return [self.headline, *self.bottom, *self.moved, *self.unmoved]


def order(rows: Sequence[Row]) -> list[Row]:
    """Rows with the largest told change first."""
    return sorted(rows, key=lambda row: (not row.difference.told, -abs(row.difference.change)))


def bottom_line(rows: Sequence[Row]) -> tuple[Claim, ...]:
    """Three sentences: what the largest told change is, how certain its sign, and what another scenario does."""
    first, *rest = order(rows)
    told = claims.bottom_line(first)[:2]
    others = [claims.headline(row) for row in rest[:1]]
    told += others or [claim for claim in [claims.crisis(first)] if claim]
    return tuple(told[:SENTENCES])


def main_table(base: xr.Dataset, rows: Sequence[Row], facts: Mapping[str, Any]) -> Table:
    """One line a scenario: median, change with interval, behaviour, chance of crisis, draws, verdict."""
    name = str(base.attrs["scenario"])
    told = facts["results"][name]
    crisis = told["crisis_share"]
    members = int(base.sizes["member"])
    chance = "–" if crisis is None else in_100(crisis, members)
    first = (str(base.attrs["title"]), fixed(told["tension"]["median"], 0), "–", "–", chance, "–", "–")
    head = (
        "Scenario",
        "Median at the end",
        "Change [95% interval]",
        "of which behaviour",
        "Reaches crisis",
        "Rises in",
        "",
    )
    measured = rows[0].measure if rows else ""
    return Table("scenarios", head, (first, *(_line(row) for row in rows)), f"Change in {measured}, points.")


def _line(row: Row) -> tuple[str, ...]:
    d = row.difference
    digits = digits_for(d.half_width)
    change = f"{signed(d.change, digits)} {interval(d.ci_low, d.ci_high, digits)}"
    behaved = "–" if row.behavioural is None else signed(row.behavioural.change, digits)
    chance = "–" if row.crisis is None else in_100(row.crisis.other_ever, d.members)
    draws = "–" if d.verdict == "identical" else in_100(d.share_up, d.draws, "draws")
    median = fixed(row.median, 0)
    return (row.title, median, change, behaved, chance, draws, str(d.verdict))


def drawn(base: xr.Dataset, others: Mapping[str, xr.Dataset], rows: Sequence[Row]) -> tuple[Piece, ...]:
    """The figures of a report; the scenario with the largest told change is shown in full."""
    top = others[order(rows)[0].scenario]
    everyone = [base, *others.values()]
    wanted: list[tuple[str, list[xr.Dataset], dict[str, str]]] = [
        ("fan", [base, top], {}),
        ("difference", everyone, {}),
        ("dots", everyone, {}),
        ("pairs", [base, top], {}),
        ("map", [base], {}),
        ("waterfall", [base, top], {}),
        ("multiples", everyone, {}),
        ("timeline", [base], {}),
    ]
    return tuple(compose(kind, results, **options) for kind, results, options in wanted)


def movers(rows: Sequence[Row]) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """What moved the index (largest pair and pillar of each scenario) and what did not move at all."""
    pairs = [c for row in order(rows) if (c := claims.largest(row, "dyads"))]
    pillars = [c for row in order(rows) if (c := claims.largest(row, "pillars"))]
    still = [c for row in rows if (c := claims.unmoved(row))]
    flat = [claims.headline(row) for row in rows if not row.difference.told]
    return tuple(_named(rows, [*pairs, *pillars])), (*flat, *_named(rows, still))


def _named(rows: Sequence[Row], told: Sequence[Claim]) -> list[Claim]:
    """Claims with the scenario's title in front, where several scenarios share a list."""
    titles = {row.scenario: row.title for row in rows}
    out = []
    for claim in told:
        scenario = next(path.split(".")[1] for path in claim.facts if path.startswith("comparisons."))
        text = f"{titles[scenario]}: {claim.text[0].lower()}{claim.text[1:]}"
        out.append(Claim(text, claim.facts, claim.direction, claim.interval))
    return out


def shares_table(uncertain: Mapping[str, HeadlineUncertainty], rows: Sequence[Row]) -> Table:
    """Where the variance of each difference comes from, and in how many constructions of the index its sign holds."""
    lines = []
    for row in rows:
        split = uncertain[row.scenario]
        parts = {share.source: share for share in split.shares}
        cells = [_share(parts.get(name)) for name in ("chance", "parameters", "construction")]
        same = "–" if split.same_sign is None else in_100(split.same_sign, split.constructions, "constructions")
        lines.append((row.title, *cells, same))
    head = ("Scenario", "Chance", "Parameters", "Index construction", "Same sign in")
    return Table("uncertainty", head, tuple(lines), "Shares of the variance of the difference, with 95% intervals.")


def _share(part: VarianceShare | None) -> str:
    if part is None:
        return "–"
    return f"{fixed(100 * part.share, 0)}% [{fixed(100 * part.low, 0)}, {fixed(100 * part.high, 0)}]"


def subtitle(base: xr.Dataset, others: Mapping[str, xr.Dataset]) -> str:
    """Theatre, scenarios, runs and weeks."""
    count, attrs = 1 + len(others), base.attrs
    return (
        f"{attrs['theatre']} · {count} scenarios × {whole(int(base.sizes['member']))} runs × {attrs['weeks']} weeks"
        f" · seed {attrs['seed']} · detente {attrs['detente_version']}"
    )
