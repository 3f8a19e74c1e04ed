"""From results and scenarios to a report: the one place that decides what goes in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from detente.analysis import attributes, summary
from detente.analysis.difference import cleaned
from detente.figures.words import window
from detente.prose.table import csv_text
from detente.prose.templates import said
from detente.prose.wording import marked
from detente.report import annex, chances, content, evidence, lead, lead_facts, sentences, tables
from detente.report import facts as ledger
from detente.report.content import Report

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.attribution import Attribution
    from detente.analysis.compare import Row
    from detente.analysis.constructions import HeadlineUncertainty
    from detente.analysis.leaning import Leaning
    from detente.report.experiments import Chapter
    from detente.scenario.leaves import Leaf
    from detente.scenario.schema import Scenario

#: where in a result the names stand that may carry the mark of a footnote
TOLD = ("title", "actor_labels", "dyad_labels", "events", "levels")


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
    leaning: Mapping[str, Leaning] = field(default_factory=dict)
    among: Mapping[str, Any] = field(default_factory=dict)
    why: Mapping[str, Attribution] = field(default_factory=dict)
    unsplit: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    command: str = ""
    experiments: Sequence[Chapter] = ()

    @property
    def base_scenario(self) -> Scenario:
        """The scenario that the others are held against."""
        return self.scenarios[self.base_name]

    @property
    def cautions(self) -> tuple[str, ...]:
        """The caveats of all that is compared, each once, the base's first."""
        compared = (self.base_scenario, *(self.scenarios[name] for name in self.others))
        return tuple(dict.fromkeys(text for one in compared for text in one.cautions()))


def assemble(made_of: Material) -> Report:
    """The report; every number in it is in ``report.facts``."""
    base, others, rows = made_of.base, made_of.others, list(made_of.rows)
    inputs = annex.inputs(made_of.leaves, made_of.base_scenario)
    figures = content.drawn(base, others, rows)
    tested = evidence.evidence(str(base.attrs["theatre"]), made_of.base_name)
    found = ledger.gathered(base, others, rows)
    headline, war = sentences.title(rows, window(base)), chances.chances(base, rows, found["results"])
    facts = {
        **found,
        **sentences.counts(rows),
        "figures": {piece.kind: ledger.of_figure(piece) for piece in figures},
        "uncertainty": {name: split.as_dict() for name, split in made_of.uncertain.items()},
        "inputs": inputs.facts,
        "why": {name: _split(split) for name, split in made_of.why.items()},
        **({"unsplit": dict(made_of.unsplit)} if made_of.unsplit else {}),
        "evidence": tested.facts,
        "forecasts": evidence.printed(tested.card),
        **({"chances": war.printed} if war else {}),
        "lead": lead_facts.gathered(made_of, tested),
        **({"experiments": {one.name: one.record() for one in made_of.experiments}} if made_of.experiments else {}),
    }
    return Report(
        title=made_of.title or headline.text.rstrip("."),
        headline=headline,
        subtitle=content.subtitle(base, others),
        lead=lead.answers(rows, window(base), facts),
        table=tables.scenarios(base, rows, facts["results"]),
        figures=figures,
        moved=tables.moved(rows),
        pairs=tables.pairs(rows),
        causes=tables.causes(rows, made_of.why),
        split=sentences.split(made_of.why, facts),
        waterfalls=content.waterfalls(base, others, made_of.why),
        unmoved=sentences.unmoved(rows),
        chances=war,
        uncertainty=tables.uncertainty(made_of.uncertain, rows),
        supposed=annex.supposed(made_of.base_scenario, [made_of.scenarios[name] for name in others]),
        inputs=inputs,
        trust=tuple(line for line in tested.sentences if line not in made_of.cautions),
        forecasts=evidence.forecasts(tested.card),
        limits=tuple(said("limits.j2", "limits", made_of.cautions)),
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
    return tuple(marked(notes, names, unmarked=mapped))


def _split(why: Attribution) -> dict[str, Any]:
    told: dict[str, Any] = {"members": why.total.members, "ensembles": why.ensembles, "total": why.total.change}
    told["together"] = None if why.together is None else why.together.as_dict()
    kept: dict[str, Any] = cleaned(told | {"levers": [share.as_dict() for share in why.shares]})
    return kept


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
