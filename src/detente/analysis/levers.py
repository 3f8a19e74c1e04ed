"""The levers between two scenarios: what was changed, and scenarios in which only some of it was.

A lever is a top-level change: an act added, removed or changed; one field of an entity (an actor, a mission,
a pact …), or the entity itself where it was added or removed; one parameter of a law. Changes that only make
sense together, such as a new pact and the act that announces it, are one lever.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from detente.errors import DetenteError
from detente.scenario.schema import Scenario

#: what no lever is: it moves no path
SILENT = frozenset(
    {"name", "title", "question", "theatre", "notes", "counterfactual", "footnotes", "sources", "levels", "claims"}
)
DOCUMENTATION = frozenset({"source", "note", "label", "title", "short", "mark", "map_key"})
ENTITIES = ("actors", "dyads", "pacts", "missions", "dialogues", "programmes", "bases")

Path = tuple[str, ...]


@dataclass(frozen=True)
class Lever:
    """One change between two scenarios: a name, a label, and the paths that move together."""

    key: str
    label: str
    paths: tuple[Path, ...]


class NoMixture(DetenteError, ValueError):
    """Two scenarios between which nothing lies: other dates, or a part of the changes that makes no scenario."""


def levers(base: Scenario, other: Scenario) -> list[Lever]:
    """The levers that differ, in the order of the file.

    Raises NoMixture where the calendars differ: runs of other dates cannot be paired.
    """
    if (base.calendar.start, base.calendar.end) != (other.calendar.start, other.calendar.end):
        raise NoMixture("the scenarios run over different dates: give both the same calendar")
    mine, yours = base.model_dump(), other.model_dump()
    paths = [path for path in _paths(mine, yours) if _effective(_at(mine, path)) != _effective(_at(yours, path))]
    return [_lever(group, mine, yours) for group in _grouped(paths, mine, yours)]


def hybrid(base: Scenario, other: Scenario, chosen: Collection[Lever]) -> Scenario:
    """``base`` with the chosen levers moved to where ``other`` has them.

    Raises NoMixture where the mixture is no scenario.
    """
    if not chosen:
        return base
    mixed, source = copy.deepcopy(base.model_dump()), other.model_dump()
    for path in (path for lever in chosen for path in lever.paths):
        _put(mixed, path, _at(source, path))
    try:
        return type(base).model_validate(mixed)
    except ValidationError as error:
        first = error.errors()[0]
        moved = ", ".join(lever.key for lever in chosen)
        place = ".".join(str(key) for key in first["loc"])
        raise NoMixture(f"{moved} alone make no scenario: {place}: {first['msg']}") from error


def _paths(mine: Mapping[str, Any], yours: Mapping[str, Any]) -> Iterator[Path]:
    for top in (key for key in mine if key not in SILENT and key != "calendar"):
        for name in _both(mine[top], yours[top]):
            a, b = mine[top].get(name), yours[top].get(name)
            if top == "acts" or (top in ENTITIES and (a is None or b is None)):
                yield (top, name)
            else:
                yield from ((top, name, field) for field in _both(a, b) if field not in DOCUMENTATION)


def _both(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    return [*a, *(key for key in b if key not in a)]


def _at(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def _put(tree: dict[str, Any], path: Path, value: Any) -> None:
    for key in path[:-1]:
        tree = tree[key]
    if value is None and len(path) == 2:
        tree.pop(path[-1], None)
    else:
        tree[path[-1]] = value


def _effective(value: Any) -> Any:
    """A value without what moves no path: its documentation, and the range of a number that is fixed."""
    if not isinstance(value, Mapping):
        return value
    fixed = {"low", "high", "spike"} if "spread" in value and value["spread"] is None else set()
    named = all(isinstance(entry, Mapping) for entry in value.values())  # of a mapping by name every key counts
    return {k: _effective(v) for k, v in value.items() if named or k not in DOCUMENTATION | fixed}


def _grouped(paths: list[Path], mine: Any, yours: Any) -> list[list[Path]]:
    """Paths that must move together: those that name an entity which only one of the scenarios has."""
    lonely = [path for path in paths if len(path) == 2 and path[0] in ENTITIES]
    groups = [[path] for path in paths]
    for path in lonely:
        bound = [g for g in groups if path in g or any(_names(p, path[1], mine, yours) for p in g)]
        merged = [p for group in bound for p in group]
        groups = [merged if g is bound[0] else g for g in groups if g is bound[0] or g not in bound]
    return groups


def _names(path: Path, name: str, mine: Any, yours: Any) -> bool:
    return name in set(_words(_at(mine, path))) | set(_words(_at(yours, path)))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        for inner in value.values():
            yield from _words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner)


def _lever(paths: list[Path], mine: Any, yours: Any) -> Lever:
    labels = [_label(path, _at(mine, path), _at(yours, path)) for path in paths]
    return Lever(".".join(paths[0]), " + ".join(labels), tuple(paths))


def _label(path: Path, before: Any, after: Any) -> str:
    if path[0] == "acts":
        act = after or before
        verb = "adds" if before is None else "drops" if after is None else "changes"
        return f"{verb} “{act['title']}” ({act['date']})"
    if before is None or after is None:
        name = (after or before).get("label") if len(path) == 2 else ""
        return f"{'adds' if before is None else 'drops'} " + (f"“{name}”" if name else ".".join(path))
    return f"{'.'.join(path)} {_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping) and "value" in value:
        return f"{value['value']:g} {value.get('unit') or ''}".strip()
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return "changed" if isinstance(value, Mapping) else str(value)
