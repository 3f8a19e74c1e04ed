"""What the schema expects at a path of a scenario file: which record, which keys, which measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from detente.laws.extensions import IN_FORCE
from detente.scenario.quantity import Measure, Quantity, Refers
from detente.scenario.schema import scenario_with
from detente.scenario.tree import Node, Path

#: keys of the file that are not part of the scenario
FILE_KEYS = ("extends", "overlay")


@dataclass(frozen=True)
class Shape:
    """What belongs at a place: the records possible there, or what the values of a mapping are."""

    records: tuple[type[BaseModel], ...] = ()
    values: Any = None
    measure: Measure | None = None

    @property
    def keys(self) -> list[str]:
        """The keys a record may have there."""
        return list(dict.fromkeys(key for record in self.records for key in record.model_fields))

    @property
    def quantity(self) -> bool:
        """Whether a quantity belongs there."""
        return self.records == (Quantity,)


def shape_at(path: Path, tree: Node) -> Shape | None:
    """The shape expected at ``path``; None where nothing can stand. Acts are told apart by their kind in ``tree``."""
    shape: Shape | None = Shape((scenario_with(IN_FORCE.get()),))
    for depth, step in enumerate(path):
        shape = _below(shape, str(step), tree.find(path[:depth])) if shape else None
    return shape


def field_at(path: Path, tree: Node) -> FieldInfo | None:
    """The field of a record that stands at ``path``; None where a mapping of names or nothing does."""
    shape = shape_at(path[:-1], tree) if path else None
    records = _of_kind(shape.records, tree.find(path[:-1])) if shape else ()
    return next((r.model_fields[str(path[-1])] for r in records if str(path[-1]) in r.model_fields), None)


def references_at(path: Path, tree: Node) -> list[tuple[str, tuple[str, ...], bool]]:
    """Fields of the record at ``path`` that name other records: field, sections, whether it must be there."""
    shape = shape_at(path, tree)
    found = {
        name: (name, note.sections, info.is_required())
        for record in (_of_kind(shape.records, tree.find(path)) if shape else ())
        for name, info in record.model_fields.items()
        for note in info.metadata
        if isinstance(note, Refers)
    }
    return list(found.values())


def _below(shape: Shape, step: str, node: Node | None) -> Shape | None:
    if shape.values is not None:
        return _shape(shape.values)
    for record in _of_kind(shape.records, node):
        if step in record.model_fields:
            info = record.model_fields[step]
            return _shape(info.annotation, info.metadata)
    return None


def _of_kind(records: tuple[type[BaseModel], ...], node: Node | None) -> tuple[type[BaseModel], ...]:
    """Those of several records that fit the kind written in the file; all of them where it does not say."""
    kind = node.child("kind") if node and len(records) > 1 else None
    fitting = tuple(r for r in records if kind and kind.data in get_args(r.model_fields["kind"].annotation))
    return fitting or records


def _shape(annotation: Any, metadata: Any = ()) -> Shape:
    measure = next((m for m in metadata if isinstance(m, Measure)), None)
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _shape(inner, [*metadata, *more])
    if origin in (Union, UnionType):
        inner = [_shape(a, metadata) for a in get_args(annotation) if a is not type(None)]
        records = tuple(record for s in inner for record in s.records)
        return Shape(records, inner[0].values, inner[0].measure or measure)
    if origin is dict:
        return Shape(values=get_args(annotation)[1])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape((annotation,), measure=measure)
    return Shape()


def keys_at(path: Path, tree: Node) -> list[str]:
    """The words that can stand as a key at ``path``: of a record its fields, of a mapping of names those it has."""
    shape, node = shape_at(path, tree), tree.find(path)
    if shape is None:
        return []
    if shape.values is not None:
        return list(node.mapping) if node else []
    of_kind = Shape(_of_kind(shape.records, node))
    return [*of_kind.keys, *(FILE_KEYS if not path else ())]


@dataclass(frozen=True)
class Held:
    """A quantity in a validated scenario, with its path."""

    path: Path
    quantity: Quantity
    written: bool = field(default=True)


def quantities(record: BaseModel, path: Path = ()) -> Iterator[Held]:
    """Every quantity below a validated record; ``written`` is False for those left at the schema's default."""
    for name in type(record).model_fields:
        yield from _held(getattr(record, name), (*path, name), name in record.model_fields_set)


def _held(value: Any, path: Path, written: bool) -> Iterator[Held]:
    if isinstance(value, Quantity):
        yield Held(path, value, written)
    elif isinstance(value, BaseModel):
        yield from quantities(value, path)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _held(entry, (*path, key), written)


def measured(record: BaseModel, path: Path = ()) -> Iterator[tuple[Path, Quantity, Measure]]:
    """Every quantity below a validated record with its path and what measures it."""
    for name, info in type(record).model_fields.items():
        shape = _shape(info.annotation, info.metadata)
        yield from _measured(getattr(record, name), (*path, name), shape)


def _measured(value: Any, path: Path, shape: Shape) -> Iterator[tuple[Path, Quantity, Measure]]:
    if isinstance(value, Quantity) and shape.measure:
        yield path, value, shape.measure
    elif isinstance(value, BaseModel) and not isinstance(value, Quantity):
        yield from measured(value, path)
    elif isinstance(value, dict) and shape.values is not None:
        for key, entry in value.items():
            yield from _measured(entry, (*path, str(key)), _shape(shape.values))
