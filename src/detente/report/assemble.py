"""From results and scenarios to a report: the one place that decides what goes in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from detente.analysis import changes, claims
from detente.analysis.wording import fixed, in_100
from detente.figures.words import compact
from detente.report import content, evidence
from detente.report import facts as ledger
from detente.report.content import Input, Report, Table

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.compare import Row
    from detente.analysis.constructions import HeadlineUncertainty

#: what no scenario model of this kind can say; printed in every report
LIMITS = (
    "The index is a composite of six indicators against fixed goalposts. It is a measure of tension in this model, not"
    " a probability of war.",
    "Intervals and shares describe chance and parameters inside the model. What the model leaves out is in none of"
    " them.",
    "The effects of peace missions come from United Nations operations, mostly in Africa. How far they carry over is"
    " unknown: their range is wide, and every figure that rests on them inherits it.",
    "Signs that are built into a mechanism's range are verification of the code, not findings about the world.",
    "Effects of scenarios that were not run together must not be added up.",
    "Dated acts after the record ends are plans or suppositions.",
)


class Leaf(Protocol):
    """A number of the scenario with its place, as ``Loaded.leaves()`` gives it."""

    path: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: tuple[str, ...]
    grade: str


@dataclass(frozen=True)
class Material:
    """What a report is made of: results and comparisons, the base's numbers and sources, scenarios as mappings."""

    base: xr.Dataset
    others: Mapping[str, xr.Dataset]
    rows: Sequence[Row]
    uncertain: Mapping[str, HeadlineUncertainty]
    leaves: Sequence[Leaf]
    sources: Mapping[str, str]
    scenarios: Mapping[str, Mapping[str, Any]] = field(repr=False)
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    title: str = ""
    command: str = ""


def assemble(made_of: Material) -> Report:
    """The report; every number in it is in ``report.facts``."""
    base, others, rows = made_of.base, made_of.others, list(made_of.rows)
    facts = ledger.gathered(base, others, rows)
    figures = content.drawn(base, others, rows)
    moved, still = content.movers(rows)
    uncertain = {name: split.as_dict() for name, split in made_of.uncertain.items()}
    facts |= {"figures": {piece.kind: ledger.of_figure(piece) for piece in figures}, "uncertainty": uncertain}
    card = evidence.card()
    headline = claims.title(rows)
    return Report(
        title=made_of.title or figures[0].data.title,
        headline=headline,
        subtitle=content.subtitle(base, others),
        bottom=content.bottom_line(rows),
        table=content.main_table(base, rows, facts),
        figures=figures,
        moved=moved,
        unmoved=still,
        uncertainty=content.shares_table(made_of.uncertain, rows),
        inputs=tuple(inputs(made_of.leaves)),
        assumption_share=_assumed(made_of.leaves),
        sources=tuple(_cited(made_of)),
        differences=differences(made_of),
        trust=evidence.sentences(card),
        limits=(*LIMITS, *_suppositions(made_of)),
        again=again(made_of),
        footnotes=_footnotes(base),
        facts={**facts, "evidence": card},
    )


def inputs(leaves: Sequence[Leaf]) -> list[Input]:
    """Every number that went in, with its range, unit, sources and grade."""
    return [Input(leaf.path, _ranged(leaf), leaf.unit, ", ".join(leaf.source) or "–", leaf.grade) for leaf in leaves]


def _ranged(leaf: Leaf) -> str:
    if leaf.low is None or leaf.high is None:
        return compact(leaf.value)
    return f"{compact(leaf.value)} ({compact(leaf.low)} to {compact(leaf.high)})"


def _assumed(leaves: Sequence[Leaf]) -> float:
    return sum(not leaf.source for leaf in leaves) / len(leaves) if leaves else 0.0


def _cited(made_of: Material) -> list[tuple[str, str]]:
    """(id, what it is) of every source that the base's numbers name, in order of first use."""
    used = dict.fromkeys(name for leaf in made_of.leaves for name in leaf.source)
    return [(name, made_of.sources[name]) for name in used if name in made_of.sources]


def differences(made_of: Material) -> Table:
    """What each scenario changes against the base."""
    mine = made_of.scenarios[str(made_of.base.attrs["scenario"])]
    lines = []
    for name, scenario in made_of.scenarios.items():
        if name in made_of.others:
            lines += [
                (name, change.what, _cell(change.before), _cell(change.after)) for change in _moving(mine, scenario)
            ]
    return Table("differences", ("Scenario", "What", "Base", "Scenario's own"), tuple(lines))


def _moving(mine: Mapping[str, Any], yours: Mapping[str, Any]) -> list[changes.Change]:
    nothing: dict[str, Any] = {}
    found = changes.why_changed(changes.Record({}, nothing, mine), changes.Record({}, nothing, yours))
    return [change for change in found if change.moves]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return str(value.get("title") or value.get("label") or compact(value["value"])) if value else "–"
    return compact(value) if isinstance(value, float) else str(value)


def _suppositions(made_of: Material) -> list[str]:
    return [f"{name}: {note}" for name, notes in made_of.notes.items() for note in notes]


def again(made_of: Material) -> tuple[str, ...]:
    """The commands that make every number of the report again."""
    runs = [str(ds.attrs["command"]) for ds in (made_of.base, *made_of.others.values()) if ds.attrs.get("command")]
    named = shlex.join(["detente", "report", str(made_of.base.attrs["scenario"]), *made_of.others])
    return (*dict.fromkeys(runs), made_of.command or named)


def _footnotes(base: xr.Dataset) -> tuple[str, ...]:
    from detente.analysis import attributes

    return tuple(str(text) for text in attributes.decoded(base, "footnotes", {}).values())


def shares_told(report: Report) -> str:
    """How much of the input is assumption, in words."""
    count = len(report.inputs)
    return f"{in_100(report.assumption_share, count)} of the {fixed(count, 0)} numbers that went in are assumptions."
