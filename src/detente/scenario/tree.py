"""What a file says, with the place of every key and value: mappings, lists and scalars that know where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from detente.scenario.diagnostics import Fault, Mark


class _Broken:
    """Stands for a value that a fault was already reported for."""

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN: Final = _Broken()
Scalar: TypeAlias = str | int | float | bool | _Broken | None
Path: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True)
class Node:
    """A value with its place; ``key`` is the place of the key that leads to it, where there is one."""

    data: dict[str, Node] | list[Node] | Scalar
    mark: Mark
    key: Mark | None = None

    @property
    def mapping(self) -> dict[str, Node]:
        """The entries of a mapping; nothing for anything else."""
        return self.data if isinstance(self.data, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The entries of a list; a single scalar counts as a list of one."""
        if isinstance(self.data, list):
            return self.data
        return [] if isinstance(self.data, dict) or self.data is None else [self]

    @property
    def text(self) -> str | None:
        """The value where it is text."""
        return self.data if isinstance(self.data, str) else None

    @property
    def place(self) -> Mark:
        """Where the key stands that leads here, otherwise the value."""
        return self.key or self.mark

    def names(self, key: str) -> list[Node]:
        """The names written under a key: one or a list."""
        node = self.child(key)
        return [item for item in node.items if item.text is not None] if node else []

    def plain(self) -> object:
        """Nested dicts, lists and scalars without places; NaN stands for what was broken."""
        if isinstance(self.data, dict):
            return {k: n.plain() for k, n in self.data.items()}
        if isinstance(self.data, list):
            return [n.plain() for n in self.data]
        return float("nan") if self.data is BROKEN else self.data

    def child(self, step: str | int) -> Node | None:
        """The entry under a key or at a position."""
        if isinstance(self.data, dict):
            return self.data.get(str(step))
        if isinstance(self.data, list) and isinstance(step, int) and step < len(self.data):
            return self.data[step]
        return None

    def find(self, path: Path) -> Node | None:
        """The node at ``path``, where there is one."""
        node: Node | None = self
        for step in path:
            node = node.child(step) if node else None
        return node

    def nearest(self, path: Path) -> tuple[Node, int]:
        """The deepest node on ``path``, and how many steps of the path it covers."""
        node = self
        for depth, step in enumerate(path):
            below = node.child(step)
            if below is None:
                return node, depth
            node = below
        return node, len(path)

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """Every node below and including this one, with its path."""
        waiting = [(path, self)]
        while waiting:
            path, node = waiting.pop()
            yield path, node
            data = node.data
            if isinstance(data, dict):
                waiting += [((*path, name), below) for name, below in reversed(data.items())]
            elif isinstance(data, list):
                waiting += [((*path, n), data[n]) for n in reversed(range(len(data)))]


@dataclass
class Texts:
    """The lines of every file read, and the faults found so far."""

    lines: dict[str, list[str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, mark: Mark) -> str:
        """The source line of a place."""
        lines = self.lines.get(mark.file, [])
        return lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""

    def fault(self, code: str, mark: Mark, message: str, hint: str = "") -> Fault:
        """A fault at a place, with the source line."""
        return Fault(code, mark.file, mark.line, mark.col, message, hint, self.line(mark), mark.width)

    def report(self, code: str, mark: Mark, message: str, hint: str = "") -> None:
        """Keep a fault."""
        self.faults.append(self.fault(code, mark, message, hint))
