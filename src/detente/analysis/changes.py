"""Why a number changed: what differs between two stored runs of one scenario.

Construction of the index, data, parameters, formula version, code version, seed: whatever differs is named, with both
values, in that order of interest. Titles, notes and sources are listed as not moving a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detente.index import construction
from detente.scenario.quantity import NUMBERS, Use
from detente.scenario.shape import use_of
from detente.scenario.values import Steps, differing

#: kind of change, as printed, in the order of the list
KINDS = (
    "index construction",
    "data",
    "calendar of acts",
    "parameters",
    "levels",
    "formula version",
    "code version",
    "engine",
    "processor",
    "seed",
    "size",
    "text",
)
#: what of a number moves a path; low and high only where it is drawn from them, but then they differ in spread too
DRAWN = (*NUMBERS, "unit")
#: attribute -> kind of change
ATTRIBUTES = {
    "formula_version": "formula version",
    "detente_version": "code version",
    "commit": "code version",
    "engine": "engine",
    "processor": "processor",
    "seed": "seed",
    "members": "size",
    "weeks": "size",
}


@dataclass(frozen=True)
class Change:
    """One thing that differs. ``moves`` is False where it cannot move a number."""

    kind: str
    what: str
    before: Any
    after: Any
    moves: bool = True


@dataclass(frozen=True)
class Record:
    """What is stored beside a result: dataset attributes, run.json and scenario.json as mappings."""

    attrs: Mapping[str, Any]
    run: Mapping[str, Any]
    scenario: Mapping[str, Any]


def why_changed(before: Record, after: Record) -> list[Change]:
    """Everything that differs between two runs, in the order of ``KINDS``; empty for a repeated run."""
    found = [*_scenario(before.scenario, after.scenario), *_attributes(before, after)]
    if not any(change.kind in KINDS[:5] for change in found):
        found += _inputs(before, after)
    return sorted(found, key=lambda change: KINDS.index(change.kind))


def _attributes(before: Record, after: Record) -> Iterator[Change]:
    for name, kind in ATTRIBUTES.items():
        mine = before.attrs.get(name, before.run.get(name))
        yours = after.attrs.get(name, after.run.get(name))
        if str(mine) != str(yours):
            yield Change(kind, name, mine, yours)
    mine, yours = (record.run.get("packages") for record in (before, after))
    if isinstance(mine, Mapping) and isinstance(yours, Mapping):
        yield from (Change("code version", path[0], a, b) for path, a, b in differing(mine, yours))


def _scenario(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for path, mine, yours in _values(before, after):
        kind = _kind(path)
        yield Change(kind, ".".join(path), mine, yours, moves=kind != "text")


def _inputs(before: Record, after: Record) -> Iterator[Change]:
    # the scenario reads the same, yet a file it came from does not: a comment, or a source
    old, new = ({f["name"]: f["sha256"] for f in record.run.get("inputs") or []} for record in (before, after))
    for path, mine, yours in differing(old, new):
        yield Change("text", f"file {path[0]}", mine, yours, moves=False)


def _kind(path: Steps) -> str:
    if use_of(path) < Use.MODEL:
        return "levels" if path[0] == "levels" and use_of(path) == Use.READING else "text"
    if construction.counts(".".join(path)):
        return "index construction"
    return {"parameters": "parameters", "acts": "calendar of acts", "calendar": "calendar of acts"}.get(path[0], "data")


def _values(before: Any, after: Any) -> Iterator[tuple[Steps, Any, Any]]:
    """Path and both values of every value at which two scenarios differ, as they are stored.

    A number with its range is one value, written out where its range or spread differs; its sources are another.
    """
    for path, mine, yours in differing(before, after, whole=True):
        if any(isinstance(one, Mapping) and isinstance(one.get("value"), int | float) for one in (mine, yours)):
            yield from _numbers(mine, yours, path)
        else:
            yield path, mine, yours


def _numbers(before: Any, after: Any, path: Steps) -> Iterator[tuple[Steps, Any, Any]]:
    mine, yours = (value if isinstance(value, Mapping) else {} for value in (before, after))
    if {key: mine.get(key) for key in DRAWN} != {key: yours.get(key) for key in DRAWN}:
        yield path, *_written(mine, yours)
    for key in ("source", "note"):
        if mine and yours and mine.get(key) != yours.get(key):
            yield (*path, key), mine.get(key), yours.get(key)


def _written(mine: Mapping[str, Any], yours: Mapping[str, Any]) -> tuple[Any, Any]:
    if mine and yours and all(mine.get(key) == yours.get(key) for key in DRAWN if key != "value"):
        return mine["value"], yours["value"]
    return _number(mine), _number(yours)


def _number(q: Mapping[str, Any]) -> str | None:
    if not q:
        return None
    text = f"{q['value']:g} {q.get('unit', '')}".strip()
    return f"{text} ({q['spread']}, {q.get('low'):g} to {q.get('high'):g})" if q.get("spread") else text
