"""Whether a scenario changes the record: what happened, or what was measured, in the file it extends.

Up to ``documented_until`` the calendar is record. A child that adds, moves, alters or removes an act before that day,
or gives another value to a sourced number of the theatre, asks what would have been: it is counterfactual, and is
labelled so. Parameters of the laws and numbers without a source are nobody's record.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from detente.scenario.acts import Act
from detente.scenario.diagnostics import Mark
from detente.scenario.merge import is_quantity
from detente.scenario.quantity import Use
from detente.scenario.schema import ENTITIES
from detente.scenario.shape import fields
from detente.scenario.tree import Node

#: what says how far the record goes
UNTIL = ("calendar", "documented_until")
#: keys of an act that only say how it is told
SHOWN = frozenset(name for name, field in fields(Act).items() if field.use <= Use.SHOWN)


def changed(parent: Node, child: Node) -> Mark | None:
    """Where the merged ``child`` first changes the record of its ``parent``; None where it leaves it alone."""
    until = parent.find(UNTIL)
    if until is None or until.text is None:
        return None
    return next(itertools.chain(_acts(parent, child, until.text), _numbers(parent, child)), None)


def labelled(tree: Node, label: Node | None) -> Node:
    """The tree with a label that says whether it is counterfactual; as it is where there is none."""
    return Node({**tree.mapping, "counterfactual": label}, tree.mark) if label else tree


def _acts(parent: Node, child: Node, until: str) -> Iterator[Mark]:
    before, after = (node.find(("acts",)) or Node({}, node.mark) for node in (parent, child))
    for name in {**before.mapping, **after.mapping}:
        mine, yours = before.mapping.get(name), after.mapping.get(name)
        days = [str(day.data) for act in (mine, yours) if act and (day := act.child("date"))]
        # days are written year first: their order is that of the text
        if _content(mine) != _content(yours) and any(day <= until for day in days):
            yield (yours or after).mark


def _content(act: Node | None) -> object:
    return {k: n.plain() for k, n in act.mapping.items() if k not in SHOWN} if act else None


def _numbers(parent: Node, child: Node) -> Iterator[Mark]:
    for section in ENTITIES:
        before = parent.child(section)
        for path, node in before.walk((section,)) if before else ():
            if is_quantity(node) and "source" in node.mapping:
                now = child.find(path)
                number = now.mapping.get("value", now) if now else None
                if number is None or number.data != node.mapping["value"].data:
                    yield (now or child).mark
