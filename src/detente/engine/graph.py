"""What a week computes, written down: a graph of operations on rows of lanes, each found once.

A node stands for an array of one row per entity and one lane per member; a leaf is an array that comes from outside,
known by its slot. Values of leaves are no part of the graph: scenarios of one structure share its code.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import DetenteError
from detente.laws.rows import Cover

#: leaves: one number in all, one a row, one a member, one a row and member, what is carried from week to week
SCALAR, ROW, MEMBER, FULL, STATE = "scalar", "row", "member", "full", "state"
#: the number of the week, and the step of a repetition
WEEK, STEP = "week", "step"
#: leaves that every loop can read at no more than a load
LEAVES = frozenset({SCALAR, ROW, MEMBER, FULL, STATE, WEEK, STEP, "constant", "fill", "uniform", "normal", "given"})
#: in place of a number of rows: one number in all
ALONE = -1
#: numbers that stand in the code itself: halves and whole ones; others are leaves, so that codes are shared
LITERAL = 1024.0


class Untraceable(DetenteError):
    """A mechanism does what the compiled engine has no translation for; the message names both."""

    def __init__(self, operation: str, mechanism: str = "") -> None:
        self.operation, self.mechanism = operation, mechanism
        super().__init__(f"{mechanism or 'a mechanism'} cannot be compiled: {operation}")


@dataclass(frozen=True, eq=False, repr=False)
class Node:
    """An operation on nodes. ``rows`` is the number of its rows, 1 of what has none of its own, -1 of one number
    in all; ``scope`` the number of the region it is computed in, 0 outside of any; ``note`` what else decides it."""

    place: int
    op: str
    args: tuple[Node, ...]
    rows: int
    dtype: np.dtype[Any]
    note: Any = None
    scope: int = 0

    def __repr__(self) -> str:
        return f"{self.op}#{self.place}"

    @property
    def leaf(self) -> bool:
        """Whether it is read, not computed, or so cheap that it need not be kept."""
        return self.op in LEAVES or self.rows == ALONE

    @property
    def height(self) -> int:
        """Rows of the loop it stands in."""
        return abs(self.rows)


@dataclass(frozen=True, eq=False)
class Region:
    """Operations that are computed for few cells only, or again and again: inputs, results."""

    inputs: tuple[Node, ...]
    results: tuple[Node, ...]
    scope: int
    going: Node | None = None


@dataclass(repr=False)
class Graph:
    """Nodes in the order of their making, and the arrays from outside that they read."""

    members: int
    nodes: list[Node] = field(default_factory=list)
    arrays: list[NDArray[Any]] = field(default_factory=list)
    tables: list[NDArray[np.int32]] = field(default_factory=list)
    covers: list[Cover] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    scope: int = 0
    scopes: int = 0
    _known: dict[Hashable, Node] = field(default_factory=dict)
    _slots: dict[Hashable, int] = field(default_factory=dict)

    def add(self, op: str, args: tuple[Node, ...], rows: int, dtype: Any, note: Hashable = None) -> Node:
        """The node of an operation: one that is there already, or a new one."""
        # what is computed in a region stays there; what needs nothing of it could stand outside, but is found inside
        scope = self.scope if op not in LEAVES or op in (STEP, "given") else 0
        key = (op, tuple(arg.place for arg in args), rows, np.dtype(dtype).char, note, scope)
        node = self._known.get(key)
        if node is None:
            node = Node(len(self.nodes), op, args, rows, np.dtype(dtype), note, scope)
            self.nodes.append(node)
            self._known[key] = node
        return node

    def constant(self, value: float, dtype: Any) -> Node:
        """A number that the law states: in the code where it is a half or a whole one, else read."""
        number = float(value)
        if abs(number) <= LITERAL and (2.0 * number).is_integer():
            return self.add("constant", (), ALONE, dtype, number)
        slot = self._slot(("number", number), np.asarray(number))
        return self.add(SCALAR, (), ALONE, dtype, slot)

    def leaf(self, array: Any) -> Node:
        """An array of NumPy's: () or (member,), (row, 1) or (row, member)."""
        array = np.asarray(array)
        kind, rows = self._kind(array)
        return self.add(kind, (), rows, array.dtype, self._slot(id(array), array))

    def _kind(self, array: NDArray[Any]) -> tuple[str, int]:
        if array.dtype.kind not in "biuf":
            raise Untraceable(f"an array of {array.dtype}")
        # certain parameters read like uncertain ones: whether a number is known for sure is no part of the code
        if array.size == 1 or (array.ndim == 1 and array.shape[0] == self.members):
            return MEMBER, 1
        if array.ndim == 2 and array.shape[1] == 1:
            return ROW, array.shape[0]
        if array.ndim == 2 and array.shape[1] == self.members:
            return (MEMBER, 1) if array.shape[0] == 1 else (FULL, array.shape[0])
        raise Untraceable(f"an array of shape {array.shape}")

    def _slot(self, key: Hashable, array: NDArray[Any]) -> int:
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = len(self.arrays)
            self.arrays.append(array)
        return slot

    def stream(self, purpose: str) -> int:
        """Slot of a purpose of chance."""
        if purpose not in self.streams:
            self.streams.append(purpose)
        return self.streams.index(purpose)

    def table(self, rows: NDArray[Any]) -> int:
        """Slot of constant row numbers."""
        packed = np.ascontiguousarray(rows, dtype=np.int32)
        key = ("table", packed.tobytes())
        if key not in self._slots:
            self._slots[key] = len(self.tables)
            self.tables.append(packed)
        return self._slots[key]

    def cover(self, cover: Cover) -> int:
        """Slot of a cover."""
        key = ("cover", cover.starts.tobytes(), cover.sources.tobytes())
        if key not in self._slots:
            self._slots[key] = len(self.covers)
            self.covers.append(cover)
        return self._slots[key]

    def open(self) -> int:
        """Begin a region; returns the one to go back to."""
        before = self.scope
        self.scopes += 1
        self.scope = self.scopes
        return before

    def region(self, region: Region) -> int:
        """Slot of a region."""
        self.regions.append(region)
        return len(self.regions) - 1


def reached(roots: tuple[Node, ...] | list[Node], graph: Graph) -> Iterator[Node]:
    """Every node that ``roots`` need, in the order of their making; those within regions among them."""
    wanted, todo = set(), list(roots)
    while todo:
        node = todo.pop()
        if node.place not in wanted:
            wanted.add(node.place)
            todo.extend(node.args)
            if node.op in ("few", "repeat"):
                region = graph.regions[node.note[0]]
                todo.extend(region.results)
                todo.extend([region.going] if region.going else [])
    return (node for node in graph.nodes if node.place in wanted)
