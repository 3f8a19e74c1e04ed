"""A validated scenario as a tree of values: one walk over its numbers, one way to change it, one way to hold two apart.

Paths lead through fields of records and names of entries, as ``missions.watch.troops``. A quantity is one value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from detente.scenario.quantity import Measure, Quantity, Record
from detente.scenario.shape import Shape, fields

#: where a value stands: fields of records and names of entries
Steps: TypeAlias = tuple[str, ...]
Tree = TypeVar("Tree")
RecordT = TypeVar("RecordT", bound=Record)


class Held(NamedTuple):
    """A quantity with its dotted path and what measures it; ``written`` False where the schema's default holds."""

    path: str
    quantity: Quantity
    measure: Measure | None
    written: bool


def quantities(record: Record, path: str = "") -> Iterator[Held]:
    """Every quantity below a validated record, in the order of the schema."""
    for name, shape in fields(type(record)).items():
        yield from _held(getattr(record, name), f"{path}{name}", shape, name in record.model_fields_set)


def _held(value: Any, path: str, shape: Shape | None, written: bool) -> Iterator[Held]:
    if isinstance(value, Quantity):
        yield Held(path, value, shape.measure if shape else None, written)
    elif isinstance(value, Record):
        yield from quantities(value, f"{path}.")
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _held(entry, f"{path}.{key}", shape.values if shape else None, written)


def uncertain(record: Record, below: str = "") -> dict[str, Quantity]:
    """The quantities with a spread whose dotted path begins with ``below``, in the order of the schema."""
    held = ((one.path, one.quantity) for one in quantities(record))
    return {path: q for path, q in held if q.spread is not None and path.startswith(below)}


def at(held: Any, path: Sequence[str]) -> Any:
    """The value at a path; None where there is nothing."""
    for step in path:
        held = held.get(step) if isinstance(held, Mapping) else getattr(held, step, None)
    return held


def replaced(held: Tree, changes: Mapping[str, Any]) -> Tree:
    """``held`` with other values at dotted paths; only what lies on them is copied. None removes an entry by name."""
    below: dict[str, dict[str, Any]] = {}
    for path, value in changes.items():
        step, _, rest = path.partition(".")
        below.setdefault(step, {})[rest] = value
    put = {step: told[""] if "" in told else replaced(at(held, [step]), told) for step, told in below.items()}
    whole: Any = held
    if isinstance(held, Record):
        return held.model_copy(update=put)
    return cast("Tree", {k: v for k, v in {**whole, **put}.items() if v is not None})


def pinned(scenario: RecordT) -> RecordT:
    """The scenario with every number at its central value."""
    return replaced(scenario, {path: q.model_copy(update={"spread": None}) for path, q in uncertain(scenario).items()})


def differing(a: Any, b: Any, path: Steps = (), *, whole: bool = False) -> Iterator[tuple[Steps, Any, Any]]:
    """Path and both values wherever two records or mappings differ; what is missing is None.

    What only one of them has is told value by value, or as one with ``whole``.
    """
    mine, yours = _entries(a), _entries(b)
    if (mine is None and yours is None) or (whole and path and None in (mine, yours)):
        if a != b:
            yield path, a, b
        return
    before, after = mine or {}, yours or {}
    for key in {**before, **after}:
        yield from differing(before.get(key), after.get(key), (*path, str(key)), whole=whole)


def _entries(value: Any) -> Mapping[str, Any] | None:
    """The entries of a record or a mapping; None for a number, as a record or as read from JSON, and anything else."""
    if isinstance(value, Mapping):
        return None if isinstance(value.get("value"), int | float) else value
    return dict(value) if isinstance(value, Record) and not isinstance(value, Quantity) else None


def words(value: Any) -> Iterator[str]:
    """Every text in a value, and every name of an entry."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Record):
        yield from words([inner for _, inner in value])
    elif isinstance(value, Mapping):
        yield from value
        yield from words(list(value.values()))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from words(inner)
