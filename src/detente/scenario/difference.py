"""What differs between two scenarios: numbers, words that say how things are, and the calendar of acts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from detente.scenario.quantity import NUMBERS, Quantity, Use
from detente.scenario.schema import Scenario
from detente.scenario.shape import use_of
from detente.scenario.values import Steps, differing


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
    mine, yours = ({k: v for k, v in one if k != "acts"} for one in (a, b))
    return list(_rows(mine, yours))


def acts(a: Scenario, b: Scenario) -> list[ActRow]:
    """Acts that differ, by date."""
    found = []
    for name in {**a.acts, **b.acts}:
        mine, yours = a.acts.get(name), b.acts.get(name)
        changes = tuple(_rows(mine, yours, ("acts", name))) if mine and yours else ()
        if changes or not (mine and yours):
            before, after = (act.date.isoformat() if act else None for act in (mine, yours))
            found.append(ActRow(name, (yours or a.acts[name]).title, before, after, changes))
    return sorted(found, key=lambda row: (row.date_a or row.date_b or "", row.id))


def _rows(a: Any, b: Any, above: Steps = ()) -> Iterator[Row]:
    """What differs below ``above``, but for what only says how it is told."""
    for path, mine, yours in differing(a, b, above):
        place = path[len(above) :]
        if isinstance(mine, Quantity) or isinstance(yours, Quantity):
            yield from _numbers(mine, yours, place)
        elif use_of(path) > Use.SHOWN:
            yield Row(".".join(place), _plain(mine), _plain(yours))


def _numbers(a: Quantity | None, b: Quantity | None, path: Steps) -> Iterator[Row]:
    unit = (b or a or Quantity(value=0)).unit
    for key in NUMBERS:
        mine, yours = getattr(a, key, None), getattr(b, key, None)
        if mine != yours:
            place = ".".join(path if key == "value" else (*path, key))
            yield Row(place, mine, yours, unit if key != "spread" else "")


def _plain(value: Any) -> Any:
    """A value for a table or for JSON."""
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)
