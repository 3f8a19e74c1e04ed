"""What differs between two scenarios: numbers, words the model reads, and the calendar of acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detente.scenario.acts import Act
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

#: keys that only say how something is told; no run depends on them
TOLD = frozenset(
    {"name", "title", "question", "notes", "note", "label", "short", "footnotes", "sources", "source", "claims", "mark"}
    | {"map_key", "theatre", "counterfactual"}
)
NUMBERS = ("value", "low", "high", "spread", "spike")


@dataclass(frozen=True)
class Row:
    """One place that differs; ``a`` and ``b`` are what stands there, None where nothing does."""

    path: str
    a: Any
    b: Any
    unit: str = ""

    @property
    def text(self) -> str:
        """The place with both values, as "missions.watch.troops 500 → 800 persons"."""
        return f"{self.path} {word(self.a)} → {word(self.b)} {'' if self.unit == '1' else self.unit}".strip()


def word(value: Any) -> str:
    """A value in a line of text."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True)
class ActRow:
    """An act that only one of the two has, or that differs between them."""

    id: str
    title: str
    date_a: str | None
    date_b: str | None
    changes: tuple[Row, ...] = ()

    @property
    def what(self) -> str:
        """``added``, ``removed`` or ``changed``, from the first to the second."""
        if self.date_a is None:
            return "added"
        return "removed" if self.date_b is None else "changed"


def rows(a: Scenario, b: Scenario) -> list[Row]:
    """Everything but acts that differs, by path; a number is shown with its range where that differs."""
    return list(_rows(_content(a), _content(b)))


def acts(a: Scenario, b: Scenario) -> list[ActRow]:
    """Acts that differ, by date."""
    names = [*a.acts, *(name for name in b.acts if name not in a.acts)]
    found = [row for name in names if (row := _act(name, a.acts.get(name), b.acts.get(name)))]
    return sorted(found, key=lambda row: (row.date_a or row.date_b or "", row.id))


def _content(scenario: Scenario) -> dict[str, Any]:
    return {name: getattr(scenario, name) for name in Scenario.model_fields if name != "acts"}


def _act(name: str, a: Act | None, b: Act | None) -> ActRow | None:
    if a is not None and b is not None:
        changes = tuple(_rows(dict(a), dict(b)))
        return ActRow(name, b.title, a.date.isoformat(), b.date.isoformat(), changes) if changes else None
    act = a or b
    assert act is not None
    return ActRow(name, act.title, a.date.isoformat() if a else None, b.date.isoformat() if b else None)


def _rows(a: Any, b: Any, path: tuple[str, ...] = ()) -> Iterator[Row]:
    """What differs at and below ``path``; only keys of a record can be told, names that a user chose never are."""
    named = isinstance(b if a is None else a, Mapping) and bool(path)
    mine, yours = _entries(a), _entries(b)
    if mine is not None or yours is not None:
        before, after = mine or {}, yours or {}
        for key in [*before, *(k for k in after if k not in before)]:
            if named or key not in TOLD:
                yield from _rows(before.get(key), after.get(key), (*path, key))
    elif isinstance(a, Quantity) or isinstance(b, Quantity):
        yield from _numbers(a, b, path)
    elif a != b:
        yield Row(".".join(path), _plain(a), _plain(b))


def _entries(record: Any) -> Mapping[str, Any] | None:
    """The entries of a record or a mapping; None for a quantity and for anything else."""
    if isinstance(record, Quantity):
        return None
    if isinstance(record, Mapping):
        return record
    return dict(record) if hasattr(type(record), "model_fields") else None


def _numbers(a: Quantity | None, b: Quantity | None, path: tuple[str, ...]) -> Iterator[Row]:
    unit = (b or a or Quantity(value=0)).unit
    for key in NUMBERS:
        mine, yours = getattr(a, key, None), getattr(b, key, None)
        if mine != yours:
            yield Row(".".join(path if key == "value" else (*path, key)), mine, yours, unit if key != "spread" else "")


def _plain(value: Any) -> Any:
    """A value for a table or for JSON."""
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)
