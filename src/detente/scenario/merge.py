"""A file over the files it extends: mappings merge, lists and scalars replace, ``null`` removes.

Positions travel with the values. A quantity is special in two ways, so that no number keeps a source that does not
state it: a child that changes ``value``, ``low``, ``high`` or ``spread`` without a ``source`` of its own loses the
parent's; and a child that sets ``value`` alone (or writes a bare number) restates the quantity: of the parent's entry
only the unit stays.
"""

from __future__ import annotations

from detente.scenario.diagnostics import did_you_mean
from detente.scenario.quantity import Quantity
from detente.scenario.tree import Node, Texts

QUANTITY = frozenset(Quantity.model_fields)
#: here null is a value: the change that takes a mechanism away
LITERAL = "ablation"
NUMBERS = frozenset({"value", "low", "high", "spread", "spike"})


def merge(parent: Node | None, child: Node, texts: Texts) -> Node:
    """``child`` laid over ``parent``; faults go to ``texts``."""
    if parent is None:
        return _without_null(child)
    if is_quantity(parent) and _is_number(child):
        child = Node({"value": child}, child.mark, child.key)
    elif _is_number(parent) and is_quantity(child, whole=False):
        parent = Node({"value": parent}, parent.mark, parent.key)
    if not (isinstance(parent.data, dict) and isinstance(child.data, dict)):
        return _without_null(child)
    merged = dict(_kept(parent, child))
    for name, node in child.data.items():
        if name == LITERAL:
            merged[name] = node
        elif node.data is not None:
            merged[name] = merge(merged.get(name), node, texts)
        elif merged.pop(name, None) is None and name not in parent.data:
            known = did_you_mean(name, parent.data, "delete the line")
            texts.report("E113", node.key or node.mark, f'there is no "{name}" that null could remove', known)
    return Node(merged, child.mark, child.key)


def is_quantity(node: Node, whole: bool = True) -> bool:
    """Whether a mapping is a quantity; with ``whole`` it has a value of its own."""
    keys = node.mapping.keys()
    return bool(keys) and keys <= QUANTITY and (not whole or "value" in keys)


def _is_number(node: Node) -> bool:
    return isinstance(node.data, int | float) and not isinstance(node.data, bool)


def _kept(parent: Node, child: Node) -> dict[str, Node]:
    """What of a parent's mapping the child's mapping is laid over."""
    entries = parent.mapping
    changed = NUMBERS & child.mapping.keys()
    if not (changed and is_quantity(parent)):
        return entries
    lost = {"source", "note"} if "source" not in child.mapping else set()
    if changed == {"value"}:
        lost |= NUMBERS | {"note"}
    return {name: node for name, node in entries.items() if name not in lost}


def _without_null(node: Node) -> Node:
    """A tree in which null means absent."""
    if isinstance(node.data, dict):
        kept = {k: n if k == LITERAL else _without_null(n) for k, n in node.data.items() if n.data is not None}
        return Node(kept, node.mark, node.key)
    return node
