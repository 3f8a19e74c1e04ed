"""Changes from the command line: ``--set path=value`` laid over the merged tree as one more child."""

from __future__ import annotations

from collections.abc import Mapping

from detente.scenario.diagnostics import Mark, did_you_mean, listed
from detente.scenario.merge import merge
from detente.scenario.read import read_value, too_long
from detente.scenario.shape import astray, shape_at
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
    lost = astray(steps, tree)
    if lost is not None:
        depth, known = lost
        shape, step = shape_at(tuple(steps[:depth]), tree), steps[depth]
        if not (step and shape and shape.values and shape.values.quantity):
            where = ".".join(steps[:depth]) or "a scenario"
            column = mark.col + sum(len(above) + 1 for above in steps[:depth])
            hint = did_you_mean(step, known, f"known there: {listed(known)}" if known else "the path ends before")
            place = Mark(mark.file, mark.line, column, max(1, len(step)))
            texts.report("E140", place, f'--set: there is no "{step}" in {where}', hint)
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
