"""What the schema expects at a path of a scenario file: which record, which keys, which measure, for what use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from detente.laws.extensions import IN_FORCE
from detente.scenario.quantity import Measure, Quantity, Ref, Use
from detente.scenario.schema import scenario_with
from detente.scenario.tree import Node, Path

#: keys of the file that are not part of the scenario
FILE_KEYS = ("extends", "overlay")


@dataclass(frozen=True)
class Shape:
    """What belongs at a place: the records possible there, or what the entries of a mapping are.

    ``sections`` are those whose records its texts name; ``text`` says that it is a field of free text.
    """

    records: tuple[type[BaseModel], ...] = ()
    values: Shape | None = None
    measure: Measure | None = None
    sections: tuple[str, ...] = ()
    use: Use = Use.MODEL
    text: bool = False
    required: bool = False

    @property
    def quantity(self) -> bool:
        """Whether a quantity belongs there."""
        return self.records == (Quantity,)

    def fields(self, node: Node | None = None) -> dict[str, Shape]:
        """The fields of a record that belongs there: of the kind that ``node`` says, or of all."""
        if len(self.records) == 1:
            return fields(self.records[0])
        kind = node.child("kind") if node else None
        fitting = [r for r in self.records if kind and kind.data in get_args(r.model_fields["kind"].annotation)]
        found: dict[str, Shape] = {}
        for record in fitting or self.records:
            found = {**found, **{name: shape for name, shape in fields(record).items() if name not in found}}
        return found

    def below(self, step: str, node: Node | None = None) -> Shape | None:
        """What belongs under a key; None where nothing can stand."""
        return self.values or self.fields(node).get(step)


def root() -> Shape:
    """The shape of a whole scenario."""
    return Shape((scenario_with(IN_FORCE.get()),))


def shape_at(path: Path, tree: Node | None = None) -> Shape | None:
    """The shape expected at ``path``; None where nothing can stand. Acts are told apart by their kind in ``tree``."""
    shape: Shape | None = root()
    for depth, step in enumerate(path):
        shape = shape.below(str(step), tree.find(path[:depth]) if tree else None) if shape else None
    return shape


def use_of(path: Path) -> Use:
    """What depends on the value at ``path``: the least that is said of any field on the way."""
    shape, least = root(), Use.MODEL
    for step in path:
        below = shape.below(str(step))
        if below is None:
            break
        shape, least = below, min(least, below.use)
    return least


def keys_at(path: Path, tree: Node) -> list[str]:
    """The words that can stand as a key at ``path``: of a record its fields, of a mapping of names those it has."""
    shape, node = shape_at(path, tree), tree.find(path)
    if shape is None or shape.values is not None:
        return list(node.mapping) if shape and node else []
    return [*shape.fields(node), *(FILE_KEYS if not path else ())]


def astray(steps: Sequence[str], tree: Node) -> tuple[int, list[str]] | None:
    """The first step of a path that no key stands for, and the keys there are; None where it can be followed."""
    for depth, step in enumerate(steps):
        known = [key for key in keys_at(tuple(steps[:depth]), tree) if key not in FILE_KEYS]
        if step not in known:
            return depth, known
    return None


def walk(tree: Node) -> Iterator[tuple[Path, Node, Shape | None]]:
    """Every value of a file, with its path and what belongs there."""
    waiting: list[tuple[Path, Node, Shape | None]] = [((), tree, root())]
    while waiting:
        path, node, shape = waiting.pop()
        yield path, node, shape
        if isinstance(node.data, dict):
            inner = shape.fields(node) if shape and shape.values is None else {}
            same = shape.values if shape else None
            waiting += [((*path, k), n, same or inner.get(k)) for k, n in reversed(node.data.items())]
        elif isinstance(node.data, list):
            waiting += [((*path, n), node.data[n], None) for n in reversed(range(len(node.data)))]


@lru_cache(maxsize=512)
def fields(record: type[BaseModel]) -> dict[str, Shape]:
    """The shape of every field of a record."""
    return {
        name: replace(_shape(info.annotation, info.metadata), text=info.annotation is str, required=info.is_required())
        for name, info in record.model_fields.items()
    }


def _shape(annotation: Any, metadata: Any = ()) -> Shape:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _shape(inner, [*metadata, *more])
    said: dict[str, Any] = {}
    for note in metadata:
        said |= {"measure": note} if isinstance(note, Measure) else {}
        said |= {"sections": note.sections} if isinstance(note, Ref) else {}
        said |= {"use": note} if isinstance(note, Use) else {}
    if origin in (Union, UnionType):
        parts = [_shape(a, metadata) for a in get_args(annotation) if a is not type(None)]
        return replace(parts[0], records=tuple(record for part in parts for record in part.records))
    if origin is dict:
        return Shape(values=_shape(get_args(annotation)[1]), **said)
    return Shape((annotation,) if isinstance(annotation, type) and issubclass(annotation, BaseModel) else (), **said)
