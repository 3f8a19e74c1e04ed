"""Which operation stands in which loop over rows, and what must be kept in memory in between.

Operations of as many rows share a loop; what reads other rows, or sums over them, needs those in memory and stands in a
later loop. Everything is computed as late as it can be: then most of it never leaves the registers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from detente.engine.graph import STATE, Node, reached
from detente.engine.trace import Program


@dataclass
class Loop:
    """A loop over ``rows``: operations in order, and of those what is stored: in ``scratch``, or as the new value of
    states; ``outputs`` are (measure, part) with their nodes."""

    level: int
    rows: int
    nodes: list[Node] = field(default_factory=list)
    scratch: list[Node] = field(default_factory=list)
    states: list[tuple[str, Node]] = field(default_factory=list)
    outputs: list[tuple[str, int, Node]] = field(default_factory=list)


@dataclass(frozen=True)
class Schedule:
    """Loops in their order. ``late`` are states whose old value is still read after the new one is known: that waits
    in scratch until the week is over. ``slots`` say by the place of a node which part of scratch it is kept in,
    ``scratch`` how many rows each part has: what nobody reads any more makes room."""

    loops: list[Loop]
    late: dict[str, Node]
    slots: dict[int, int]
    scratch: tuple[int, ...]


def inline(node: Node) -> bool:
    """Whether a node is read or computed wherever it is needed, and never kept."""
    return (
        node.leaf
        or (node.op == "gather" and node.args[0].leaf)
        or (node.op in ("same", "number") and inline(node.args[0]))
    )


def apart(node: Node, arg: Node, position: int) -> bool:
    """Whether a node needs an argument in memory, from an earlier loop."""
    if inline(arg):
        return False
    return node.op == "gather" or (node.op == "collect" and position == 0) or arg.rows != node.rows


def sources(node: Node) -> Iterable[tuple[Node, bool]]:
    """Operations that a node needs, with whether they must come from an earlier loop; through what is inline."""
    for position, arg in enumerate(node.args):
        if inline(arg):
            yield from sources(arg)
        else:
            yield arg, apart(node, arg, position)


def scheduled(program: Program) -> Schedule:
    """Loops of a program."""
    roots = [node for nodes in program.outputs.values() for node in nodes] + list(program.carried.values())
    nodes = [node for node in reached(roots, program.graph) if node.scope == 0 and not inline(node)]
    levels = _levels(nodes)
    last = max(levels.values(), default=0)
    loops: dict[tuple[int, int], Loop] = {}

    def loop(level: int, rows: int) -> Loop:
        return loops.setdefault((level, rows), Loop(level, rows))

    def home(node: Node, rows: int) -> Loop:
        return loop(last, rows) if inline(node) else loop(levels[node.place], node.rows)

    for node in nodes:
        loop(levels[node.place], node.rows).nodes.append(node)
    for name, parts in program.outputs.items():
        for part, node in enumerate(parts):
            home(node, node.height).outputs.append((name, part, node))
    for name, node in program.carried.items():
        home(node, node.height).states.append((name, node))
    ordered = [loops[key] for key in sorted(loops)]
    _keep(ordered)
    late = _late(ordered, program)
    return Schedule(ordered, late, *_slots(ordered, late))


def _slots(loops: list[Loop], late: dict[str, Node]) -> tuple[dict[int, int], tuple[int, ...]]:
    """Parts of scratch: one is free again for as many rows behind the last loop that reads it."""
    last = {arg.place: n for n, loop in enumerate(loops) for node in loop.nodes for arg, _ in sources(node)}
    last |= {node.place: len(loops) for node in late.values()}
    slots: dict[int, int] = {}
    rows: list[int] = []
    ends: list[int] = []
    for n, loop in enumerate(loops):
        waiting = [node for name, node in loop.states if name in late]
        for node in {node.place: node for node in (*loop.scratch, *waiting)}.values():
            free = (k for k in range(len(rows)) if ends[k] < n and rows[k] == loop.rows)
            slot = next(free, len(rows))
            if slot == len(rows):
                rows.append(loop.rows)
                ends.append(0)
            slots[node.place], ends[slot] = slot, last[node.place]
    return slots, tuple(rows)


def _levels(nodes: list[Node]) -> dict[int, int]:
    """The level of every node: as late as those that need it allow."""
    early: dict[int, int] = {}
    for node in nodes:
        early[node.place] = max((early[arg.place] + far for arg, far in sources(node)), default=0)
    last = max(early.values(), default=0)
    late = dict.fromkeys(early, last)
    for node in reversed(nodes):
        for arg, far in sources(node):
            late[arg.place] = min(late[arg.place], late[node.place] - far)
    return late


def _keep(loops: list[Loop]) -> None:
    """Mark what a later loop reads."""
    home = {node.place: loop for loop in loops for node in loop.nodes}
    wanted: dict[int, Node] = {}
    for loop in loops:
        for node in loop.nodes:
            for arg, far in sources(node):
                if far or home[arg.place] is not loop:
                    wanted[arg.place] = arg
    for place in sorted(wanted):
        home[place].scratch.append(wanted[place])


def _late(loops: list[Loop], program: Program) -> dict[str, Node]:
    """States that cannot be overwritten where their new value is computed."""
    stored = {name: n for n, loop in enumerate(loops) for name, _ in loop.states}
    late: dict[str, Node] = {}
    for n, loop in enumerate(loops):
        for name, through in _reads(loop):
            if name in stored and (n > stored[name] or (n == stored[name] and through)):
                late[name] = program.carried[name]
    return late


def _reads(loop: Loop) -> set[tuple[str, bool]]:
    """States whose old value a loop reads, with whether it reads other rows than its own."""
    found: set[tuple[str, bool]] = set()

    def look(node: Node, through: bool) -> None:
        if node.op == STATE:
            found.add((str(node.note), through or node.rows != loop.rows))
        elif inline(node):
            for arg in node.args:
                look(arg, through or node.op == "gather")

    for node in loop.nodes:
        for position, arg in enumerate(node.args):
            look(arg, node.op == "gather" or (node.op == "collect" and position == 0))
    for node in [node for _, node in loop.states] + [node for *_, node in loop.outputs]:
        look(node, False)
    return found
