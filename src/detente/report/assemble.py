"""From results and scenarios to a report: the one place that decides what goes in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from detente.analysis import attributes, summary
from detente.analysis.compare import cleaned
from detente.figures.words import listed, window
from detente.prose.table import Table, csv_text
from detente.prose.wording import digits_for, interval, sentence, signed, whole
from detente.report import annex, content, evidence, sentences
from detente.report import facts as ledger
from detente.report.content import NONE, Report

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.attribution import Attribution, Share
    from detente.analysis.compare import Row
    from detente.analysis.constructions import HeadlineUncertainty
    from detente.report.experiments import Chapter
    from detente.scenario.leaves import Leaf
    from detente.scenario.schema import Scenario

#: what no scenario model of this kind can say; printed in every report
LIMITS = (
    "Whether there will be a war. The index is a composite of six indicators against fixed goalposts: it measures"
    " tension in this model and is no probability of war.",
    "What the model leaves out. Intervals and shares describe chance and parameters inside the model; what is not in"
    " the scenario file is in none of them.",
    "Whether a mechanism is real. Signs that are built into a mechanism's range verify the code; they are no findings"
    " about the world.",
    "What two scenarios do together. Effects of scenarios that were not run together must not be added up.",
    "What will be decided. Dated acts after the record ends are plans or suppositions.",
)
#: and where there are missions
OF_MISSIONS = (
    "How peace missions work here in particular. Their effects come from United Nations operations, mostly in Africa."
    " How far they carry over is unknown: their range is wide, and every number that rests on them inherits it."
)


#: marks of footnotes, and where in a result the names stand that may carry one
MARKS, TOLD = "*†‡§", ("title", "actor_labels", "dyad_labels", "events", "levels")


def limits(scenario: Scenario) -> tuple[str, ...]:
    """What the report cannot tell of a scenario."""
    return (*LIMITS[:2], *([OF_MISSIONS] if scenario.missions else []), *LIMITS[2:])


@dataclass(frozen=True)
class Material:
    """What a report is made of: results and comparisons, scenarios by name (the base among them), its numbers."""

    base: xr.Dataset
    others: Mapping[str, xr.Dataset]
    rows: Sequence[Row]
    uncertain: Mapping[str, HeadlineUncertainty]
    leaves: Sequence[Leaf]
    scenarios: Mapping[str, Scenario] = field(repr=False)
    base_name: str
    why: Mapping[str, Attribution] = field(default_factory=dict)
    title: str = ""
    command: str = ""
    experiments: Sequence[Chapter] = ()

    @property
    def base_scenario(self) -> Scenario:
        """The scenario that the others are held against."""
        return self.scenarios[self.base_name]


def assemble(made_of: Material) -> Report:
    """The report; every number in it is in ``report.facts``."""
    base, others, rows = made_of.base, made_of.others, list(made_of.rows)
    inputs = annex.inputs(made_of.leaves, made_of.base_scenario)
    figures = content.drawn(base, others, rows)
    tested = evidence.evidence(str(base.attrs["theatre"]), made_of.base_name)
    facts = {
        **ledger.gathered(base, others, rows),
        **sentences.counts(rows),
        "figures": {piece.kind: ledger.of_figure(piece) for piece in figures},
        "uncertainty": {name: split.as_dict() for name, split in made_of.uncertain.items()},
        "inputs": inputs.facts,
        "why": {name: _why(split) for name, split in made_of.why.items()},
        "evidence": tested.facts,
        "forecasts": evidence.printed(tested.card),
        **({"experiments": {one.name: one.record() for one in made_of.experiments}} if made_of.experiments else {}),
    }
    headline = sentences.title(rows, window(base))
    return Report(
        title=made_of.title or headline.text.rstrip("."),
        headline=headline,
        subtitle=content.subtitle(base, others),
        bottom=sentences.bottom_line(rows, window(base)),
        table=content.main_table(base, rows, facts),
        figures=figures,
        moved=content.moved_table(rows),
        pairs=content.pairs_table(rows),
        causes=causes(made_of),
        unmoved=sentences.unmoved(rows),
        uncertainty=content.shares_table(made_of.uncertain, rows),
        supposed=annex.supposed(made_of.base_scenario, [made_of.scenarios[name] for name in others]),
        inputs=inputs,
        trust=tested.sentences,
        forecasts=evidence.forecasts(tested.card),
        limits=limits(made_of.base_scenario),
        again=again(made_of),
        footnotes=footnotes(base, list(others.values()), mapped=any(piece.kind == "map" for piece in figures)),
        facts=facts,
        weekly=weekly({made_of.base_name: base, **others}),
        experiments=tuple(made_of.experiments),
    )


def footnotes(base: xr.Dataset, others: Sequence[xr.Dataset], *, mapped: bool) -> tuple[str, ...]:
    """The theatre's footnotes whose mark a reader meets; those without one belong to the map, where there is one."""
    names = [str(ds.attrs.get(key, "")) for ds in (base, *others) for key in TOLD]
    notes = [str(text) for text in attributes.decoded(base, "footnotes", {}).values()]
    met = {mark for mark in MARKS if any(mark in text for text in names)}
    return tuple(note for note in notes if (note[:1] in met if note[:1] in MARKS else mapped))


def _why(split: Attribution) -> dict[str, Any]:
    levers = [share.as_dict() for share in split.shares]
    members = split.total.members
    kept: dict[str, Any] = cleaned({"members": members, "ensembles": split.ensembles, "levers": levers})
    return kept | {"total": split.total.change}


def causes(made_of: Material) -> Table | None:
    """The split of each difference over the changes of its scenario; None where nothing was split."""
    if not made_of.why:
        return None
    titles = {row.scenario: row.title for row in made_of.rows}
    lines = [
        (titles[name], sentence(share.lever.label), *_shared(share))
        for name, split in made_of.why.items()
        for share in split.shares
    ]
    members = min(split.total.members for split in made_of.why.values())
    caption = (
        f"Shapley values from ensembles of {whole(members)} runs with every mixture of the changes, points [95%"
        " interval]; they add up to the scenario's change in these runs. Alone: with this change and no other."
    )
    left = [titles[name] for name in made_of.others if name not in made_of.why]
    caption += f" Not split, for they make a single change or too many to mix them all: {listed(left)}." if left else ""
    return Table(("Scenario", "What it changes", "Share of the change", "Alone"), lines, caption, "causes")


def _shared(share: Share) -> tuple[str, str]:
    d = share.difference
    digits = digits_for(d.half_width)
    alone = NONE if share.alone is None else signed(share.alone, digits)
    if share.inert:
        return "none in any run", alone
    return f"{signed(d.change, digits)} {interval(d.ci_low, d.ci_high, digits)}", alone


def again(made_of: Material) -> tuple[str, ...]:
    """The commands that make every number of the report again."""
    runs = [str(ds.attrs["command"]) for ds in (made_of.base, *made_of.others.values()) if ds.attrs.get("command")]
    named = shlex.join(["detente", "report", made_of.base_name, *made_of.others])
    return (*dict.fromkeys(runs), made_of.command or named)


def weekly(results: Mapping[str, xr.Dataset]) -> str:
    """Median, bands and shares in crisis of every result in each week, as CSV text."""
    tables = {name: summary.table(ds) for name, ds in results.items()}
    rows = ((name, *row) for name, columns in tables.items() for row in zip(*columns.values(), strict=True))
    return csv_text([("scenario", *next(iter(tables.values()))), *rows])
