"""Annexes in readable words: what each scenario supposes and changes, every number that went in, its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detente.analysis.levers import levers
from detente.prose.table import Table
from detente.prose.wording import compact, fixed, in_100, sentence
from detente.scenario import suppositions
from detente.scenario.leaves import GRADES, Leaf
from detente.scenario.schema import Scenario


@dataclass(frozen=True)
class Supposed:
    """A scenario in words: its question, what it assumes, what it changes against the base."""

    title: str
    question: str
    notes: Sequence[str]
    changes: Sequence[str]
    counterfactual: bool


@dataclass(frozen=True)
class Inputs:
    """Every number that went in, and the works its sources are taken from, numbered in order of first use."""

    table: Table
    raw: Table
    works: tuple[str, ...]
    cited: Table
    grades: Mapping[str, int]
    defaults: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        """The numbers that are told of them."""
        count = sum(self.grades.values())
        share = self.grades.get("assumption", 0) / count if count else 0.0
        told = {"count": count, "assumed": share, "works": len(self.works), "grades": dict(self.grades)}
        return {**told, "defaults": self.defaults}

    @property
    def told(self) -> str:
        """How much of the input is assumption."""
        count = self.facts["count"]
        return (
            f"{fixed(count, 0)} numbers went in, from {fixed(len(self.works), 0)} works;"
            f" {in_100(self.facts['assumed'], count)} of them are assumptions."
            + (f" Left at a default that supposes something: {fixed(self.defaults, 0)}." if self.defaults else "")
        )

    @property
    def graded(self) -> Table:
        """How many numbers have which grade."""
        known = [name for name in (*GRADES, *self.grades) if name in self.grades]
        names = list(dict.fromkeys(known))
        line = tuple(fixed(self.grades[name], 0) for name in names)
        caption = "Numbers by grade of their weakest source; an estimate was fitted to cited data."
        return Table([name.capitalize() for name in names], [line], caption, "grades")


def supposed(base: Scenario, others: Sequence[Scenario]) -> tuple[Supposed, ...]:
    """The base and every other scenario in words. NoMixture where two run over different dates."""
    changed = [[], *([sentence(lever.label) for lever in levers(base, other)] for other in others)]
    return tuple(
        Supposed(one.title, one.question, [note.replace(" - ", " – ") for note in one.notes], said, one.counterfactual)
        for one, said in zip((base, *others), changed, strict=True)
    )


def inputs(leaves: Sequence[Leaf], scenario: Scenario) -> Inputs:
    """Every number with its range, unit, sources and grade; ``leaves`` are those written in the scenario's files."""
    sources = scenario.sources
    cited = {name: sources[name] for leaf in leaves for name in leaf.source if name in sources}
    texts = {name: ", ".join(str(p) for p in (s.publisher, s.title, s.date) if p) + "." for name, s in cited.items()}
    works = {text: k for k, text in enumerate(dict.fromkeys(texts.values()), 1)}
    rows, raw = [], []
    for leaf in leaves:
        ends = () if leaf.low is None or leaf.high is None else (leaf.low, leaf.high)
        value = compact(leaf.value) + (f" ({' to '.join(map(compact, ends))})" if ends else "")
        numbers = sorted({works[texts[name]] for name in leaf.source if name in cited})
        rows.append((leaf.path, value, leaf.unit, ", ".join(map(str, numbers)) or "–", leaf.grade))
        raw.append((leaf.path, value, leaf.unit, " ".join(leaf.source), leaf.grade))
    columns = ("publisher", "title", "date", "url", "grade", "fact")
    whole = [(name, str(works[texts[name]]), *(str(getattr(s, c) or "") for c in columns)) for name, s in cited.items()]
    head = ("Number", "Value (range)", "Unit", "Source", "Grade")
    return Inputs(
        table=Table(head, rows, "Numbers in the column Source are those of the list of works.", "inputs"),
        raw=Table(("path", "value", "unit", "sources", "grade"), raw, name="inputs"),
        works=tuple(works),
        cited=Table(("id", "work", *columns), whole, name="sources"),
        grades=Counter(leaf.grade for leaf in leaves),
        defaults=len(list(suppositions.supposed(scenario))),
    )
