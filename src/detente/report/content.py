"""What a report holds, in order: title, the six answers, table, figures, what moved the index, inputs, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from detente.analysis.claims import Claim
from detente.analysis.compare import Row
from detente.figures.atlas import placeable
from detente.figures.gallery import Piece, compose, of_levers
from detente.figures.reading import events
from detente.prose.card import Card
from detente.prose.table import Table
from detente.prose.wording import counted
from detente.report.chances import most
from detente.report.sentences import Sentence, order

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from detente.analysis.attribution import Attribution
    from detente.report.annex import Inputs, Supposed
    from detente.report.chances import Chances
    from detente.report.experiments import Chapter
    from detente.report.lead import Answer

#: share of runs from which on it is worth drawing who reaches crisis
SEEN = 0.005


@dataclass(frozen=True, repr=False)
class Report:
    """Everything a page or a PDF prints; no page computes anything."""

    title: str
    headline: Sentence
    subtitle: str
    lead: tuple[Answer, ...]
    table: Table
    figures: tuple[Piece, ...]
    moved: Table
    pairs: Table
    causes: Table | None
    split: tuple[Claim, ...]
    waterfalls: Mapping[str, Piece]
    unmoved: tuple[Claim, ...]
    chances: Chances | None
    uncertainty: Table
    supposed: tuple[Supposed, ...]
    inputs: Inputs
    trust: tuple[str, ...]
    forecasts: Table | None
    limits: tuple[str, ...]
    again: tuple[str, ...]
    footnotes: tuple[str, ...]
    facts: Mapping[str, Any]
    weekly: str = ""
    experiments: tuple[Chapter, ...] = ()
    files: tuple[Path, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        written = ", ".join(map(str, self.files)) or "not written"
        return f"Report(“{self.title}”: {counted(len(self.figures), 'figure')}; {written})"

    def _repr_html_(self) -> str:
        told = [sentence.text for sentence in self.sentences()]
        return Card(self.title, self.subtitle, [self.table], told, self.footnotes).html()

    def sentences(self) -> list[Sentence]:
        """Those of the first half page."""
        return [sentence for answer in self.lead for sentence in answer.sentences]

    def claims(self) -> list[Claim]:
        """Every generated clause."""
        return [*(c for s in (self.headline, *self.sentences()) for c in s.clauses), *self.unmoved, *self.split]

    def tables(self) -> list[Table]:
        """The tables that a reader sees among the text."""
        chances = self.chances.table if self.chances else None
        own = [self.table, self.moved, self.causes, chances, self.uncertainty, self.forecasts, self.inputs.graded]
        return [
            *(table for table in own if table),
            *(table for chapter in self.experiments for table in chapter.tables),
        ]

    def spreadsheets(self) -> list[Table]:
        """The tables that lie beside the text as files only."""
        chances = [self.chances.every] if self.chances else []
        return [self.pairs, *chances, self.inputs.raw, self.inputs.cited]

    def drawn(self) -> dict[str, Piece]:
        """Every figure by the stem of its file's name."""
        own = {piece.kind: piece for piece in self.figures} | dict(self.waterfalls)
        return own | {one.stem: one.piece for chapter in self.experiments for one in chapter.figures}

    def shown(self, *kinds: str) -> list[Piece]:
        """The figures of these kinds that were drawn, in this order."""
        return [piece for kind in kinds for piece in self.figures if piece.kind == kind]


#: where a figure stands
OPENING, MOVERS = ("fan", "difference", "dots", "map"), ("waterfall", "pairs")
OUTBREAKS, RECORD = ("chances", "icons"), ("timeline",)


def drawn(base: xr.Dataset, others: Mapping[str, xr.Dataset], rows: Sequence[Row]) -> tuple[Piece, ...]:
    """The figures of a report; the scenario with the largest told change is shown in full."""
    top = others[order(rows)[0].scenario]
    everyone = [base, *others.values()]
    # dots that nobody fills say nothing
    reached = any(max(row.crisis.base_ever, row.crisis.other_ever) >= SEEN for row in rows if row.crisis)
    wanted: dict[str, list[xr.Dataset]] = {
        "fan": [base, top],
        "difference": everyone,
        **({"dots": everyone} if reached else {}),
        **({"map": [base]} if placeable(base) else {}),
        "waterfall": [base, top],
        "pairs": [base, top],
        **_of_war(base, others, rows),
        **({"timeline": [base]} if events(base, marked=False) else {}),
    }
    return tuple(compose(kind, results) for kind, results in wanted.items())


def _of_war(base: xr.Dataset, others: Mapping[str, xr.Dataset], rows: Sequence[Row]) -> Mapping[str, list[xr.Dataset]]:
    """The figures of the chances of war: over time under the scenario that changes them most, and as icons."""
    able = {row.scenario: others[row.scenario] for row in rows if row.outbreaks}
    if not able:
        return {}
    return {"chances": [base, able[most(rows)[0].scenario]], "icons": [base, *able.values()]}


def waterfalls(
    base: xr.Dataset, others: Mapping[str, xr.Dataset], why: Mapping[str, Attribution]
) -> Mapping[str, Piece]:
    """A waterfall over its files of every scenario that was split over them, by the stem of the figure's file."""
    able = [name for name, one in why.items() if one.of_files and len(one.shares) > 1]
    return {f"files-{n}": of_levers(base, others[name], why[name]) for n, name in enumerate(able, 1)}


def subtitle(base: xr.Dataset, others: Mapping[str, xr.Dataset]) -> str:
    """Theatre, scenarios, runs and weeks."""
    count, attrs = 1 + len(others), base.attrs
    sizes = ((count, "scenario"), (int(base.sizes["member"]), "run"), (int(attrs["weeks"]), "week"))
    parts = [
        str(attrs["theatre"]),
        " × ".join(counted(size, noun) for size, noun in sizes),
        f"record to {attrs['documented_until']}, plans after it",
        f"seed {attrs['seed']}",
        *([f"engine {attrs['engine']}"] if attrs.get("engine") else []),
        f"detente {attrs['detente_version']}",
    ]
    return " · ".join(parts)
