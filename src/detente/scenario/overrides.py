"""Changes from the command line: ``--set path=value`` laid over the merged tree as one more child."""

from __future__ import annotations

from collections.abc import Mapping

from detente.scenario.diagnostics import Mark, did_you_mean, listed
from detente.scenario.merge import merge
from detente.scenario.read import read_value, too_long
from detente.scenario.shape import FILE_KEYS, keys_at, shape_at
from detente.scenario.tree import Node, Texts
from detente.scenario.words import plain

#: the file name that positions of such changes carry
COMMAND_LINE = "command line"
PREFIX = "--set "


def apply(tree: Node, sets: Mapping[str, str], texts: Texts) -> Node:
    """``tree`` with every change; the values carry the command line as their place."""
    texts.lines[COMMAND_LINE] = [f"{PREFIX}{path}={value}" for path, value in sets.items()]
    for line, (path, value) in enumerate(sets.items(), start=1):
        tree = _one(tree, path, str(value), line, texts)
    return tree


def _one(tree: Node, path: str, value: str, line: int, texts: Texts) -> Node:
    steps = plain(path).split(".")
    mark = Mark(COMMAND_LINE, line, len(PREFIX) + 1, max(1, len(path)))
    if not _known(steps, tree, mark, texts):
        return tree
    faults = len(texts.faults)
    # blank lines and blanks before the value give it its place on the command line
    node = read_value("\n" * (line - 1) + " " * (len(PREFIX) + len(path) + 1) + value, COMMAND_LINE, texts)
    if node is None:
        if len(texts.faults) == faults:
            texts.report("E140", mark, f"{path}: no value after the equals sign", "write --set path=value")
        return tree
    node.key = mark
    too_long(steps[-1], node, texts)
    for step in reversed(steps):
        node = Node({step: node}, mark, mark)
    return merge(tree, node, texts)


def _known(steps: list[str], tree: Node, mark: Mark, texts: Texts) -> bool:
    """Whether the path can be set; otherwise a fault with advice."""
    column = mark.col
    for depth, step in enumerate(steps):
        above = tuple(steps[:depth])
        known = [key for key in keys_at(above, tree) if key not in FILE_KEYS]
        shape = shape_at(above, tree)
        entry = shape_at((*above, step), tree) if shape else None
        new_number = bool(step) and shape is not None and shape.values is not None and entry and entry.quantity
        if step not in known and not new_number:
            where = ".".join(above) or "a scenario"
            place = Mark(mark.file, mark.line, column, max(1, len(step)))
            hint = did_you_mean(step, known, f"known there: {listed(known)}" if known else "the path ends before")
            texts.report("E140", place, f'--set: there is no "{step}" in {where}', hint)
            return False
        column += len(step) + 1
    return True
