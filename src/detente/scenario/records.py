"""A merged tree as checks across a scenario read it: what stands where, which names there are, days, faults."""

from __future__ import annotations

from datetime import date

from detente.scenario.diagnostics import Mark
from detente.scenario.quantity import YEARS
from detente.scenario.shape import walk
from detente.scenario.tree import Node, Texts


class Records:
    """A merged tree, walked once: ``places`` holds every value with its path and what belongs there."""

    def __init__(self, tree: Node, texts: Texts) -> None:
        self.tree = tree
        self.texts = texts
        self.places = list(walk(tree))

    def section(self, name: str) -> dict[str, Node]:
        """The records of a section, by name."""
        node = self.tree.child(name)
        return node.mapping if node else {}

    def names(self, *sections: str) -> list[str]:
        """The names in sections."""
        return [name for section in sections for name in self.section(section)]

    def day(self, *path: str) -> tuple[Node, date] | None:
        """A day in the tree, where it is a possible one."""
        node = self.tree.find(path)
        try:
            day = date.fromisoformat(node.text) if node and node.text else None
        except ValueError:
            return None
        return (node, day) if node and day and YEARS[0] <= day.year <= YEARS[1] else None

    def fault(self, code: str, at: Node | Mark, message: str, hint: str = "") -> None:
        """Report a fault in a value, or at a place."""
        self.texts.report(code, at.mark if isinstance(at, Node) else at, message, hint)
