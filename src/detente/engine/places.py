"""Where a kernel finds what, and what decides its code: the structure of a week, no size and no number of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from detente.engine.graph import ALONE, FULL, MEMBER, ROW, STATE, Node, reached
from detente.engine.schedule import Schedule
from detente.engine.trace import Program

#: members that are carried together
GROUP = 64


@dataclass(frozen=True)
class Places:
    """The place of every address by what stands there, and of every number of rows."""

    memory: dict[Hashable, int]
    rows: dict[int, int]


def placed(program: Program, schedule: Schedule) -> Places:
    """Places of a program, the same for all of one structure."""
    return Places({key: n for n, key in enumerate(_keys(program, schedule))}, _heights(nodes_of(program)))


def nodes_of(program: Program) -> list[Node]:
    """All nodes that a program needs."""
    return list(
        reached([*program.carried.values(), *(n for nodes in program.outputs.values() for n in nodes)], program.graph)
    )


def _keys(program: Program, schedule: Schedule) -> Iterator[Hashable]:
    graph = program.graph
    yield from ("numbers", "parabolas")
    leaves = {node.note for node in nodes_of(program) if node.op in (ROW, MEMBER, FULL)}
    yield from (("array", slot) for slot in sorted(leaves))
    yield from (("table", slot) for slot in range(len(graph.tables)))
    yield from ((kind, slot) for slot in range(len(graph.covers)) for kind in ("starts", "ends", "sources"))
    yield from (("stream", slot) for slot in range(len(graph.streams)))
    yield from ((STATE, name) for name in program.states)
    yield from (("scratch", slot) for slot in range(len(schedule.scratch)))
    yield from (("output", name) for name in program.outputs)


def _heights(nodes: list[Node]) -> dict[int, int]:
    """Numbers of rows in the order in which they come; 1 is always there."""
    found = {1: 0}
    for node in nodes:
        found.setdefault(node.height, len(found))
    return found


def structure(program: Program) -> str:
    """What decides the code of a program, in words: equal for programs that can share it."""
    nodes = nodes_of(program)
    heights = _heights(nodes)
    told = [_told(node, "-" if node.rows == ALONE else str(heights[node.rows])) for node in nodes]
    told += [f"{r.scope} {_numbers(r.results)} {r.going.place if r.going else ''}" for r in program.graph.regions]
    told += [f"{name} {node.place}" for name, node in program.carried.items()]
    told += [f"{name} {_numbers(tuple(parts))}" for name, parts in program.outputs.items()]
    told.append(" ".join(program.states))
    return "\n".join(told)


def _told(node: Node, height: str) -> str:
    return f"{node.place} {node.op} {_numbers(node.args)} {height} {node.dtype.char} {node.note} {node.scope}"


def _numbers(nodes: tuple[Node, ...]) -> str:
    return ",".join(str(node.place) for node in nodes)
