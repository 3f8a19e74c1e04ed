"""What a kernel works on: arrays of NumPy's laid out in groups of lanes, and the way back.

A group's members lie side by side, row after row: (group, row, lane). Lanes behind the last member repeat it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.engine import chance
from detente.engine.graph import FULL, MEMBER, ROW, STATE, Graph
from detente.engine.measures import kept_type
from detente.engine.places import GROUP, Places
from detente.model.motion import Motion

#: addresses that vectors are stored to are multiples of this
ALIGNED = 64


def aligned(shape: tuple[int, ...], dtype: Any, fill: bool = False) -> NDArray[Any]:
    """An array that starts where a vector may; zeros where ``fill``."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = (np.zeros if fill else np.empty)(size + ALIGNED, dtype=np.uint8)
    start = -raw.ctypes.data % ALIGNED
    laid: NDArray[Any] = raw[start : start + size].view(dtype).reshape(shape)
    return laid


class Memory:
    """The memory of a block of members: states, inputs, scratch and measures by key, and their addresses."""

    def __init__(self, graph: Graph, bits: int) -> None:
        self.members, self.real = graph.members, np.float64 if bits == 64 else np.float32
        self.groups = -(-self.members // GROUP)
        self.held: dict[Hashable, NDArray[Any]] = {}
        for node in graph.nodes:
            if node.op in (ROW, MEMBER, FULL):
                key = ("array", node.note)
                if key not in self.held:
                    self.held[key] = self._input(node.op, graph.arrays[node.note])
        self.held["numbers"] = np.array(
            [a.reshape(-1)[0] if a.size == 1 else 0.0 for a in graph.arrays] or [0.0], dtype=self.real
        )
        self.held["parabolas"] = _copied(chance.table(bits))
        for slot, table in enumerate(graph.tables):
            self.held["table", slot] = table
        for slot, cover in enumerate(graph.covers):
            starts = cover.starts.astype(np.int32)
            self.held["starts", slot], self.held["ends", slot] = starts[:-1].copy(), starts[1:].copy()
            self.held["sources", slot] = cover.sources.astype(np.int32)

    def _input(self, kind: str, array: NDArray[Any]) -> NDArray[Any]:
        if kind == ROW:
            return _copied(array.reshape(-1).astype(self.real))
        return self.packed(np.atleast_2d(array))

    def packed(self, array: NDArray[Any], dtype: Any = None) -> NDArray[Any]:
        """(row, member) as (group, row, lane)."""
        laid = aligned((self.groups, array.shape[0], GROUP), dtype or self.real)
        self.put(laid, array)
        return laid

    def put(self, laid: NDArray[Any], array: NDArray[Any]) -> None:
        """Write (row, member or 1) into memory laid out (group, row, lane)."""
        whole = self.members // GROUP
        wide = np.broadcast_to(array, (array.shape[0], self.members))
        laid[:whole] = wide[:, : whole * GROUP].reshape(len(array), whole, GROUP).swapaxes(0, 1)
        if rest := self.members - whole * GROUP:
            laid[whole, :, :rest] = wide[:, whole * GROUP :]
            laid[whole, :, rest:] = wide[:, -1:]

    def unpacked(self, laid: NDArray[Any]) -> NDArray[Any]:
        """(group, row, lane) as a new array (row, member)."""
        rows = laid.shape[1]
        return np.ascontiguousarray(laid.swapaxes(0, 1).reshape(rows, -1)[:, : self.members])

    def streams(self, graph: Graph, world: Motion) -> None:
        """Starts of the sequences of chance."""
        for slot, purpose in enumerate(graph.streams):
            self.held["stream", slot] = self.packed(world.streams[purpose].start, np.uint64)

    def states(self, now: Mapping[str, NDArray[Any]]) -> None:
        """States by name."""
        for name, array in now.items():
            self.held[STATE, name] = self.packed(array)

    def scratch(self, rows: Sequence[int]) -> None:
        """Room for what loops hand on to each other, by slot."""
        for slot, number in enumerate(rows):
            self.held["scratch", slot] = aligned((number, GROUP), self.real)

    def output(self, name: str, weeks: int, parts: int, rows: int) -> NDArray[Any]:
        """Room for a measure, (week, part, row, padded member)."""
        shape = (weeks, parts, rows, self.groups * GROUP)
        self.held["output", name] = aligned(shape, kept_type(name))
        return self.held["output", name]

    def sums(self, name: str, weeks: int, rows: int, parts: int) -> NDArray[Any]:
        """Room for sums over members, (week, row, part)."""
        self.held["output", name] = aligned((weeks, rows, parts), np.int64, fill=True)
        return self.held["output", name]

    def addresses(self, places: Places) -> tuple[NDArray[np.uintp], NDArray[np.int64]]:
        """What the kernel is called with: addresses and numbers of rows."""
        found = np.array([self.held[key].ctypes.data for key in places.memory] or [0], dtype=np.uintp)
        return found, np.array(list(places.rows) or [0], dtype=np.int64)


def _copied(array: NDArray[Any]) -> NDArray[Any]:
    laid = aligned(array.shape, array.dtype)
    laid[...] = array
    return laid
