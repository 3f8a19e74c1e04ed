"""Annexes in readable words: what each scenario supposes and changes, every number that went in, its sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from detente.analysis.levers import Lever, levers
from detente.figures.words import compact
from detente.prose.table import Table
from detente.prose.wording import fixed, in_100
from detente.scenario import suppositions
from detente.scenario.leaves import GRADES
from detente.scenario.schema import Scenario


class Leaf(Protocol):
    """A number of the scenario with its place, as ``Loaded.leaves()`` gives it."""

    path: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: Sequence[str]
    grade: str


@dataclass(frozen=True)
class Supposed:
    """A scenario in words: its question, what it assumes, what it changes against the base."""

    title: str
    question: str
    notes: tuple[str, ...]
    changes: tuple[str, ...]
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
    """The base and every other scenario in words."""
    return (_supposed(base, ()), *(_supposed(other, changes(base, other)) for other in others))


def _supposed(one: Scenario, changed: tuple[str, ...]) -> Supposed:
    notes = tuple(note.replace(" - ", " – ") for note in one.notes)
    return Supposed(one.title, one.question, notes, changed, one.counterfactual)


def changes(base: Scenario, other: Scenario) -> tuple[str, ...]:
    """What ``other`` changes, one line a lever. ValueError where the two run over different dates."""
    return tuple(worded(lever, base, other) for lever in levers(base, other))


def worded(lever: Lever, base: Scenario, other: Scenario) -> str:
    """A lever as a reader would say it."""
    mine, yours = base.model_dump(), other.model_dump()
    said = " and ".join(_path(path, mine, yours) for path in lever.paths)
    return said[:1].upper() + said[1:]


def _path(path: Sequence[str], mine: Mapping[str, Any], yours: Mapping[str, Any]) -> str:
    before, after = _at(mine, path), _at(yours, path)
    if len(path) == 2:
        verb = "adds" if before is None else "drops" if after is None else "changes"
        return f"{verb} {_record(after or before, path)}"
    owner = _at(yours, path[:2]) or _at(mine, path[:2]) or {}
    name = str(owner.get("label") or owner.get("title") or path[1].replace("_", " "))
    if path[0] == "parameters":
        name = f"parameters of {name}"
    return f"{name}, {' '.join(path[2:]).replace('_', ' ')}: {' → '.join(map(shown, _apart(before, after)))}"


def _apart(before: Any, after: Any) -> tuple[Any, Any]:
    """Two values; of two groups of numbers those that differ."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping) or "value" in before or "value" in after:
        return before, after
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {key: before.get(key) for key in keys}, {key: after.get(key) for key in keys}


def _record(record: Any, path: Sequence[str]) -> str:
    named = record.get("title") or record.get("label") or path[1] if isinstance(record, Mapping) else path[1]
    date = f" ({record['date']})" if isinstance(record, Mapping) and record.get("date") else ""
    return f"“{named}”{date}"


def _at(tree: Any, path: Sequence[str]) -> Any:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def shown(value: Any) -> str:
    """A value of a scenario file in few words."""
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        unit = str(value.get("unit") or "")
        if "value" in value:
            return f"{compact(value['value'])} {'' if unit == '1' else unit}".strip()
        return ", ".join(f"{key} {shown(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "none"
    return compact(value) if isinstance(value, float) else str(value)


def inputs(leaves: Sequence[Leaf], scenario: Scenario) -> Inputs:
    """Every number with its range, unit, sources and grade; ``leaves`` are those written in the scenario's files."""
    sources = scenario.sources
    ids = list(dict.fromkeys(name for leaf in leaves for name in leaf.source if name in sources))
    works = {text: k + 1 for k, text in enumerate(dict.fromkeys(work(sources[name]) for name in ids))}
    at = {name: works[work(sources[name])] for name in ids}
    head = ("Number", "Value (range)", "Unit", "Source", "Grade")
    rows = [(leaf.path, ranged(leaf), leaf.unit, _refs(leaf, at), leaf.grade) for leaf in leaves]
    raw = [(leaf.path, ranged(leaf), leaf.unit, " ".join(leaf.source), leaf.grade) for leaf in leaves]
    cited = [(name, str(at[name]), *_fields(sources[name])) for name in ids]
    columns = ("id", "work", "publisher", "title", "date", "url", "grade", "fact")
    return Inputs(
        table=Table(head, rows, "Numbers in the column Source are those of the list of works.", "inputs"),
        raw=Table(("path", "value", "unit", "sources", "grade"), raw, name="inputs"),
        works=tuple(works),
        cited=Table(columns, cited, name="sources"),
        grades=Counter(leaf.grade for leaf in leaves),
        defaults=len(list(suppositions.supposed(scenario))),
    )


def work(source: Any) -> str:
    """Publisher, title and date: what several sources may share."""
    return ", ".join(str(part) for part in (source.publisher, source.title, source.date) if part) + "."


def _fields(source: Any) -> tuple[str, ...]:
    return tuple(str(getattr(source, name) or "") for name in ("publisher", "title", "date", "url", "grade", "fact"))


def _refs(leaf: Leaf, at: Mapping[str, int]) -> str:
    return ", ".join(map(str, sorted({at[name] for name in leaf.source if name in at}))) or "–"


def ranged(leaf: Leaf) -> str:
    """ "0.25 (0.15 to 0.35)" """
    if leaf.low is None or leaf.high is None:
        return compact(leaf.value)
    return f"{compact(leaf.value)} ({compact(leaf.low)} to {compact(leaf.high)})"
