"""The records of a merged tree, and what is written in their fields: what checks across a scenario read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from detente.scenario.diagnostics import Mark
from detente.scenario.quantity import YEARS
from detente.scenario.tree import Node, Path, Texts


class Records:
    """A merged tree by sections; faults go to ``texts``."""

    def __init__(self, tree: Node, texts: Texts) -> None:
        self.tree = tree
        self.texts = texts

    def records(self, section: str) -> Iterator[tuple[Path, Node]]:
        """The records of a section, with their paths."""
        node = self.tree.child(section)
        for name, record in (node.mapping if node else {}).items():
            yield (section, name), record

    def names(self, *sections: str) -> list[str]:
        """The names in sections."""
        return [str(path[1]) for section in sections for path, _ in self.records(section)]

    @staticmethod
    def items(record: Node, name: str) -> list[Node]:
        """The names written in a field: one or a list."""
        node = record.child(name)
        return [item for item in node.items if item.text is not None] if node else []

    def at(self, node: Node) -> Mark:
        """The place of the key of a mapping, otherwise of the value."""
        return node.key or node.mark

    def day(self, *path: str) -> tuple[Node, date] | None:
        """A day in the tree, where it is a possible one."""
        node = self.tree.find(path)
        try:
            day = date.fromisoformat(node.text) if node and node.text else None
        except ValueError:
            return None
        return (node, day) if node and day and YEARS[0] <= day.year <= YEARS[1] else None
