"""The levers between two scenarios: what was changed, and scenarios in which only some of it was.

A lever is a top-level change: an act added, removed or changed; one field of an entity (an actor, a mission,
a pact …), or the entity itself where it was added or removed; one parameter of a law. Changes that only make
sense together, such as a new pact and the act that announces it, are one lever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ValidationError

from detente.errors import DetenteError
from detente.prose.wording import compact
from detente.scenario.quantity import Quantity, Record, Use
from detente.scenario.schema import ENTITIES, Scenario
from detente.scenario.shape import use_of
from detente.scenario.values import Steps, at, differing, replaced, words


@dataclass(frozen=True)
class Lever:
    """One change between two scenarios: a name, a label, and the paths that move together."""

    key: str
    label: str
    paths: tuple[Steps, ...] = ()


@dataclass(frozen=True)
class Parts:
    """What a difference is split over: levers, and the scenario in which only some of them are moved."""

    levers: tuple[Lever, ...]
    mixed: Callable[[Collection[Lever]], Scenario]


class NoMixture(DetenteError, ValueError):
    """Two scenarios between which nothing lies: other dates, or a part of the changes that makes no scenario."""


def levers(base: Scenario, other: Scenario) -> list[Lever]:
    """The levers that differ, in the order of the file.

    Raises NoMixture where the calendars differ: runs of other dates cannot be paired.
    """
    if (base.calendar.start, base.calendar.end) != (other.calendar.start, other.calendar.end):
        raise NoMixture("the scenarios run over different dates: give both the same calendar")
    paths = list(dict.fromkeys(_paths(base, other)))
    told = {path: _label(path, base, other) for path in paths}
    groups = _grouped(paths, base, other)
    return [Lever(".".join(g[0]), " and ".join(told[path] for path in g), tuple(g)) for g in groups]


def changes(base: Scenario, other: Scenario) -> list[str]:
    """What ``other`` has changed, as few words as name it: "Observers, troops 2 350 persons". Raises NoMixture."""
    return [" and ".join(brief(path, base, other) for path in lever.paths) for lever in levers(base, other)]


def by_act(base: Scenario, other: Scenario) -> Parts:
    """Every change by itself: acts, fields of entities, parameters. Raises NoMixture."""
    return Parts(tuple(levers(base, other)), partial(hybrid, base, other))


def hybrid(base: Scenario, other: Scenario, chosen: Collection[Lever]) -> Scenario:
    """``base`` with the chosen levers moved to where ``other`` has them.

    Raises NoMixture where the mixture is no scenario.
    """
    if not chosen:
        return base
    moved = {".".join(path): at(other, path) for lever in chosen for path in lever.paths}
    try:
        return type(base).model_validate(replaced(base, moved).model_dump(warnings=False))
    except ValidationError as error:
        first = error.errors()[0]
        alone = ", ".join(lever.key for lever in chosen)
        place = ".".join(str(key) for key in first["loc"])
        raise NoMixture(f"{alone} alone make no scenario: {place}: {first['msg']}") from error


def _paths(base: Scenario, other: Scenario) -> Iterator[Steps]:
    """The lever that each value belongs to which differs and which the model reads."""
    for path, mine, yours in differing(base, other, whole=True):
        numbers = isinstance(mine, Quantity) and isinstance(yours, Quantity)
        if use_of(path) == Use.MODEL and not (numbers and mine.drawn == yours.drawn):
            whole = path[0] == "acts" or (path[0] in ENTITIES and None in (at(base, path[:2]), at(other, path[:2])))
            yield path[:2] if whole else path[:3]


def _grouped(paths: list[Steps], mine: Any, yours: Any) -> list[list[Steps]]:
    """Paths that must move together: those that name an entity which only one of the scenarios has."""
    lonely = [path for path in paths if len(path) == 2 and path[0] in ENTITIES]
    groups = [[path] for path in paths]
    for path in lonely:
        bound = [g for g in groups if path in g or any(path[1] in words([at(mine, p), at(yours, p)]) for p in g)]
        merged = [p for group in bound for p in group]
        groups = [merged if g is bound[0] else g for g in groups if g is bound[0] or g not in bound]
    return groups


def _label(path: Steps, mine: Any, yours: Any) -> str:
    """A change as a reader would say it."""
    before, after = at(mine, path), at(yours, path)
    if len(path) == 2:
        owner = after or before
        verb = "adds" if before is None else "drops" if after is None else "changes"
        return f"{verb} “{_name(path, mine, yours)}”" + (f" ({owner.date})" if hasattr(owner, "date") else "")
    values = " → ".join(", ".join(side) for side in zip(*_apart(before, after), strict=True))
    return f"{_field(path, mine, yours)}: {values}"


def brief(path: Steps, mine: Any, yours: Any) -> str:
    """What it was changed to."""
    if len(path) == 2:
        return _label(path, mine, yours)
    after = ", ".join(side for _, side in _apart(at(mine, path), at(yours, path)))
    return f"{_field(path, mine, yours)} {after}"


def _field(path: Steps, mine: Any, yours: Any) -> str:
    whose = "parameters of " if path[0] == "parameters" else ""
    return f"{whose}{_name(path, mine, yours)}, {' '.join(path[2:]).replace('_', ' ')}"


def _name(path: Steps, mine: Any, yours: Any) -> str:
    owner = at(yours, path[:2]) or at(mine, path[:2])
    return getattr(owner, "title", "") or getattr(owner, "label", "") or path[1].replace("_", " ")


def _apart(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Two values in few words; of two groups those that differ, each with its name."""
    for path, mine, yours in differing(before, after, whole=True):
        named = f"{' '.join(path)} " if path else ""
        yield f"{named}{_shown(mine)}", f"{named}{_shown(yours)}"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Quantity):
        return f"{compact(value.value)} {'' if value.unit == '1' else value.unit}".strip()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, Mapping | Record):
        return ", ".join(f"{key} {_shown(inner)}" for key, inner in dict(value).items()) or "none"
    return compact(value) if isinstance(value, float) else str(value)
