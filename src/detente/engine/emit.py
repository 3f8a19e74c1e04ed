"""LLVM's text of a week: loops over rows, and in each a loop over vectors of lanes.

    run(memory, rows, first group, last group, first week, last week, members)

carries groups of members through weeks. ``memory`` are addresses and ``rows`` numbers of rows in the order of Places:
no size is part of the code.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from llvmlite import ir

from detente.engine.block import EXACT
from detente.engine.flow import INT, counted
from detente.engine.graph import FULL, STATE, Graph, Node
from detente.engine.lanes import real
from detente.engine.measures import add_exact, store_measure, sum_exact
from detente.engine.operations import OPERATIONS, to_mask, to_number
from detente.engine.places import GROUP, Places
from detente.engine.readers import READERS
from detente.engine.schedule import Loop, Schedule, inline

SHORT, PTR = ir.IntType(32), ir.PointerType()


@dataclass
class Body:
    """One pass through a loop's inner body: its row and first lane, and what is known so far."""

    loop: Loop
    row: Any
    lane: Any
    header: Any
    known: list[dict[int, Any]] = field(default_factory=lambda: [{}])
    given: dict[Hashable, Any] = field(default_factory=dict)

    @contextmanager
    def within(self) -> Iterator[None]:
        """A part that is not always passed: what it computes is not known behind it."""
        self.known.append({})
        yield
        self.known.pop()


class Emitter:
    """Writes the function of a schedule: ``bits`` 64 or 32, ``lanes`` in a vector."""

    def __init__(self, graph: Graph, schedule: Schedule, places: Places, bits: int, lanes: int) -> None:
        self.graph, self.schedule, self.bits, self.lanes = graph, schedule, bits, lanes
        self.places, self.real = places, real(bits)
        self.vector = ir.VectorType(self.real, lanes)
        self.module = ir.Module("week")
        self.home = {node.place: loop for loop in schedule.loops for node in loop.nodes}
        self._found: dict[Hashable, Any] = {}

    def text(self) -> str:
        """The module in LLVM's assembly language."""
        kind = ir.FunctionType(ir.VoidType(), [PTR, PTR, INT, INT, INT, INT, INT])
        function = ir.Function(self.module, kind, "run")
        self.memory, self.numbers, first, last, begin, end, self.members = function.args
        self.top = function.append_basic_block("top")
        self.builder = builder = ir.IRBuilder(function.append_basic_block("entry"))
        with counted(builder, first, last) as groups, counted(builder, begin, end) as weeks:
            self.group, self.week = groups.counter, weeks.counter
            self.width = self._width()
            for loop in self.schedule.loops:
                self._loop(loop)
            for name, node in self.schedule.late.items():
                self._copied(name, node)
        builder.ret_void()
        ir.IRBuilder(self.top).branch(function.blocks[1])
        return str(self.module)

    def _width(self) -> Any:
        """Lanes of this group that are in use, rounded up to whole vectors."""
        builder = self.builder
        left = builder.sub(self.members, builder.mul(self.group, INT(GROUP)))
        rounded = builder.and_(builder.add(left, INT(self.lanes - 1)), INT(-self.lanes))
        return builder.select(builder.icmp_signed("<", rounded, INT(GROUP)), rounded, INT(GROUP))

    @contextmanager
    def at_top(self) -> Iterator[Any]:
        """A builder at the top of the function."""
        yield ir.IRBuilder(self.top)

    def _loop(self, loop: Loop) -> None:
        builder = self.builder
        with counted(builder, INT(0), self.size(loop.rows)) as rows:
            sums = [part for part in loop.outputs if part[0] in EXACT]
            zeros = [ir.Constant(ir.VectorType(INT, self.lanes), None)] * len(sums)
            header = builder.append_basic_block("row")
            builder.branch(header)
            builder.position_at_end(header)
            inner = builder.append_basic_block("lanes")
            builder.branch(inner)
            builder.position_at_end(inner)
            with counted(builder, INT(0), self.width, self.lanes, zeros) as lanes:
                body = Body(loop, rows.counter, lanes.counter, header)
                for node in loop.nodes:
                    self.value(node, body)
                self._stores(body)
                lanes.later = [
                    add_exact(self, total, self.plain(node, body), body)
                    for total, (*_, node) in zip(lanes.values, sums, strict=True)
                ]
            for total, (name, part, _) in zip(lanes.values, sums, strict=True):
                sum_exact(self, name, part, total, rows.counter, loop)

    def _stores(self, body: Body) -> None:
        """All that is kept of a pass; old values have been read by then."""
        loop, late = body.loop, self.schedule.late
        scratch = {node.place: node for node in loop.scratch}
        scratch |= {node.place: node for name, node in loop.states if name in late}
        keys: list[tuple[Hashable, Node, bool]] = [(self.kept(node), node, False) for node in scratch.values()]
        keys += [((STATE, name), node, True) for name, node in loop.states if name not in late]
        ready = [(key, grouped, self.plain(node, body)) for key, node, grouped in keys]
        measures = [(name, part, self.plain(node, body)) for name, part, node in loop.outputs if name not in EXACT]
        for key, grouped, value in ready:
            self.store(value, self.cell(key, loop.rows, body.row, body.lane, grouped))
        for name, part, value in measures:
            store_measure(self, name, part, value, body)

    def _copied(self, name: str, node: Node) -> None:
        """The new value of a state that had to wait."""
        rows, builder = node.height, self.builder
        with counted(builder, INT(0), self.size(rows)) as row, counted(builder, INT(0), self.width, self.lanes) as lane:
            value = self.load(self.cell(self.kept(node), rows, row.counter, lane.counter, False))
            self.store(value, self.cell((STATE, name), rows, row.counter, lane.counter, True))

    # memory
    def size(self, rows: int) -> Any:
        """A number of rows."""
        place = self.places.rows[rows]
        return self._once(("rows", place), self.numbers, place, INT)

    def address(self, key: Hashable) -> Any:
        """Where something starts."""
        place = self.places.memory[key]
        return self._once(("memory", place), self.memory, place, PTR)

    def _once(self, key: Hashable, table: Any, place: int, kind: Any) -> Any:
        if key not in self._found:
            with self.at_top() as builder:
                at = builder.gep(table, [INT(place)], source_etype=kind)
                self._found[key] = builder.load(at, typ=kind)
        return self._found[key]

    def cell(self, key: Hashable, rows: int, row: Any, lane: Any, grouped: bool, kind: Any = None) -> Any:
        """Address of a row's lanes, in what is laid out (group, row, lane), or (row, lane) for all groups."""
        builder = self.builder
        if grouped:
            row = builder.add(builder.mul(self.group, self.size(rows)), row) if rows != 1 else self.group
        place = builder.add(builder.mul(row, INT(GROUP)), lane)
        return builder.gep(self.address(key), [place], source_etype=kind or self.real)

    def load(self, place: Any, kind: Any = None) -> Any:
        """A vector."""
        kind = kind or self.vector
        return self.builder.load(place, typ=kind, align=64)

    def store(self, value: Any, place: Any) -> None:
        """A vector."""
        self.builder.store(value, place, align=64)

    def row_in(self, table: Hashable, place: Any, header: Any) -> Any:
        """An entry of a table of row numbers; read once a row where it is the same for all lanes."""
        with self.builder.goto_block(header or self.builder.block):
            entry = self.builder.gep(self.address(table), [place], source_etype=SHORT)
            return self.builder.sext(self.builder.load(entry, typ=SHORT), INT)

    # values
    def plain(self, node: Node, body: Body) -> Any:
        """The value of a node as numbers."""
        value = self.value(node, body)
        return to_number(self.builder, value, self.vector) if node.dtype.kind == "b" else value

    def value(self, node: Node, body: Body) -> Any:
        """The value of a node in this row and these lanes: a vector of numbers, or a mask."""
        for known in reversed(body.known):
            if node.place in known:
                return known[node.place]
        found = body.known[-1][node.place] = self._computed(node, body)
        return found

    def _computed(self, node: Node, body: Body) -> Any:
        if not inline(node) and node.scope == 0 and self.home[node.place] is not body.loop:
            return self.typed(self.load(self._scratch(node, body, body.row)), node)
        if node.op in READERS:
            return READERS[node.op](self, node, body)
        return OPERATIONS[node.op](self.builder, node, *(self.value(arg, body) for arg in node.args))

    def _scratch(self, node: Node, body: Body, row: Any) -> Any:
        return self.cell(self.kept(node), node.rows, row if node.rows != 1 else INT(0), body.lane, False)

    def kept(self, node: Node) -> Hashable:
        """The part of scratch that a node is kept in."""
        return "scratch", self.schedule.slots[node.place]

    def typed(self, value: Any, node: Node) -> Any:
        """What was in memory, as the node has it."""
        return to_mask(self.builder, value) if node.dtype.kind == "b" else value

    def at(self, node: Node, body: Body, row: Any) -> Any:
        """The value of a node in another row: from memory, or computed from what is there."""
        if node.op in (STATE, FULL):
            key = (STATE, node.note) if node.op == STATE else ("array", node.note)
            return self.typed(self.load(self.cell(key, node.rows, row, body.lane, True)), node)
        if not inline(node):
            return self.typed(self.load(self._scratch(node, body, row)), node)
        return self.value(node, Body(body.loop, row, body.lane, None))
