"""Changes of an experiment laid over a scenario's tree, so that every fault is placed in the experiment file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, cast

from detente.scenario import references
from detente.scenario.diagnostics import Mark, did_you_mean, listed
from detente.scenario.load import Loaded
from detente.scenario.merge import Layer, compose, is_quantity
from detente.scenario.schema import Scenario
from detente.scenario.shape import astray
from detente.scenario.tree import Node, Texts
from detente.scenario.validate import validate
from detente.scenario.values import at, quantities

#: where an experiment states distributions: levers and theories stand over them
GIVEN = ("uncertainties", "given")
#: how two levers, or a lever and a theory, that set one path are put right
ADVICE = "one lever with settings sets them together"


@dataclass(frozen=True)
class Change:
    """A value at a dotted path, which is written at ``place``; with ``relative`` it multiplies what stands there.

    ``origin`` is the lever, the theory or the mapping that makes the change: within one the later change goes over the
    earlier, those of several stand side by side.
    """

    path: str
    node: Node = field(compare=False)
    place: Mark
    origin: tuple[str, ...]
    relative: bool = False


def changes_at(root: Node, place: tuple[str, ...]) -> list[Change]:
    """The entries of a mapping {path: value} of the experiment file."""
    node = root.find(place)
    entries = node.mapping.items() if node else ()
    return [Change(path, value, value.place, place[:2]) for path, value in entries]


class Overlay:
    """One scenario that changes are laid over."""

    def __init__(self, loaded: Loaded, texts: Texts) -> None:
        self.loaded = loaded
        self.texts = texts
        self.sound: set[frozenset[str]] = set()

    def scenario(self, changes: Sequence[Change]) -> Scenario | None:
        """The scenario with all changes; None, and faults, where there is none such."""
        texts = Texts({**self.loaded.texts.lines, **self.texts.lines})
        scenario = self.checked(self.changed(changes, texts), changes, texts)
        self.texts.lines.update(texts.lines)
        self.texts.faults.extend(fault for fault in texts.faults if fault not in self.texts.faults)
        return scenario

    def changed(self, changes: Sequence[Change], texts: Texts) -> Node:
        """The tree with all changes, those of levers and theories side by side."""
        below = [Layer(self.loaded.tree)]
        for change in (c for c in changes if c.origin == GIVEN):
            below += self.layers(change, below, texts)
        tree = compose(below, texts) if len(below) > 1 else self.loaded.tree
        base = Layer(tree)
        over: dict[tuple[str, ...], list[Layer]] = {}
        for change in (c for c in changes if c.origin != GIVEN):
            own = over.setdefault(change.origin, [])
            own += self.layers(change, [base, *own], texts)
        return compose([base, *(layer for own in over.values() for layer in own)], texts, ADVICE)

    def layers(self, change: Change, below: Sequence[Layer], texts: Texts) -> list[Layer]:
        """A change at every path that it means, over what stands ``below``."""
        if "*" in change.path:
            paths = [h.path for h in quantities(self.loaded.scenario) if fnmatchcase(h.path, change.path)]
            if not paths:
                hint = "detente scenarios show lists all paths"
                texts.report("E131", change.place, f'no number at "{change.path}"', hint)
        else:
            paths = [change.path] if self.known(change, texts) else []
        return [Layer(self.lifted(path, change, below[0].node), frozenset(below)) for path in paths]

    def checked(self, tree: Node, changes: Sequence[Change], texts: Texts) -> Scenario | None:
        """The validated scenario; names are looked up once for each number, and each combination of all else."""
        scenario = validate(tree, texts)
        told = {f"{change.path}={change.node.plain()}": change.node.data for change in changes}
        numbers = {text for text, data in told.items() if isinstance(data, int | float)}
        fresh = {frozenset({number}) for number in numbers} | {frozenset(told.keys() - numbers)}
        if fresh - self.sound:
            references.check(tree, texts)
        if texts.faults:
            return None
        self.sound |= fresh
        return scenario

    def known(self, change: Change, texts: Texts) -> bool:
        """Whether the path leads somewhere; a new name may only stand at its end, with all that belongs to it."""
        steps = change.path.split(".")
        lost = astray(steps, self.loaded.tree)
        if lost is None or (0 < lost[0] == len(steps) - 1 and change.node.mapping):
            return True
        depth, there = lost
        hint = did_you_mean(steps[depth], there, f"known there: {listed(there)}" if there else "the path ends before")
        where = ".".join(steps[:depth]) or "a scenario"
        texts.report("E131", change.place, f'there is no "{steps[depth]}" in {where}', hint)
        return False

    def lifted(self, path: str, change: Change, tree: Node) -> Node:
        """The change as a tree of its own, to be merged; a relative one times what stands there, in the unit there."""
        steps, mark, node = tuple(path.split(".")), change.node.mark, change.node
        if change.relative:
            found = tree.find(steps)
            found = found.child("value") if found is not None and is_quantity(found) else found
            # the schema's own value where the files say nothing
            value: Any = found.data if found is not None else at(self.loaded.scenario, steps).value
            node = Node(value * cast("float", change.node.data), mark, mark)
        for step in reversed(steps):
            node = Node({step: node}, mark, change.node.place)
        return node
