"""Every number of a scenario with the place it comes from: the ledger behind ``scenarios show``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import get_args

from detente.scenario.diagnostics import Mark
from detente.scenario.schema import Scenario
from detente.scenario.theatre import Source
from detente.scenario.tree import Node, Path
from detente.scenario.values import quantities

ASSUMPTION = "assumption"
#: from the strongest to the weakest
GRADES: tuple[str, ...] = (*get_args(Source.model_fields["grade"].annotation), ASSUMPTION)


@dataclass(frozen=True)
class Leaf:
    """A quantity of the scenario, in the model's unit; ``line`` 0 means that the schema's default holds."""

    path: str
    value: float
    unit: str
    low: float | None
    high: float | None
    spread: str | None
    source: tuple[str, ...]
    grade: str
    file: str
    line: int


@dataclass(frozen=True)
class Dated:
    """A date of the scenario, with what documents it."""

    path: str
    value: str
    source: tuple[str, ...]
    grade: str
    file: str
    line: int


def leaves(scenario: Scenario, tree: Node, written: bool = True) -> Iterator[Leaf]:
    """Quantities written in the files; with ``written`` False those left at their default."""
    for held in quantities(scenario):
        if held.written is written:
            q, mark = held.quantity, place(tree, tuple(held.path.split("."))) if written else Mark("", 0, 0)
            grade = weakest(q.source, scenario.sources)
            yield Leaf(held.path, q.value, q.unit, q.low, q.high, q.spread, q.source, grade, mark.file, mark.line)


def dates(scenario: Scenario, tree: Node) -> Iterator[Dated]:
    """The dates of acts, programmes, pacts and bases."""
    for section in ("acts", "programmes", "pacts", "bases"):
        for name, record in getattr(scenario, section).items():
            grade = weakest(record.source, scenario.sources)
            for field, day in record:
                if isinstance(day, date):
                    mark = place(tree, (section, name, field))
                    path = f"{section}.{name}.{field}"
                    yield Dated(path, day.isoformat(), record.source, grade, mark.file, mark.line)


def place(tree: Node, path: Path) -> Mark:
    """Where the number at ``path`` is written."""
    node, _ = tree.nearest(path)
    value = node.mapping.get("value")
    return value.mark if value else node.mark


def weakest(ids: Iterable[str], sources: dict[str, Source]) -> str:
    """The weakest grade among sources; without a source the number is an assumption."""
    grades = [sources[i].grade for i in ids if i in sources]
    return max(grades, key=GRADES.index, default=ASSUMPTION)


def facts_used(tree: Node) -> list[str]:
    """Every source that some number or record names, in order of appearance."""
    named = (i.text for p, n in tree.walk() if p[-1:] == ("source",) and p[0] != "sources" for i in n.items)
    return list(dict.fromkeys(text for text in named if text))
