"""Checks across a scenario: dates and levels in order, no text blank, no label twice, pacts of two or more, footnotes
to something. As references.py, on the merged tree, so that all faults are found in one pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

from detente.scenario.diagnostics import listed
from detente.scenario.quantity import written
from detente.scenario.records import Records
from detente.scenario.tree import Node

#: section -> fields that must not be later than the next
ORDER = {
    "programmes": ("ordered", "first_delivery", "last_delivery"),
    "bases": ("works_from", "open"),
}
#: sections without which there is nothing to run, and what to do
NEEDED = {"dyads": "add a pair of actors", "levels": "add one with edge: 0"}
#: sections whose records a reader tells apart by their labels
LABELLED = ("actors", "dyads", "pacts", "missions", "dialogues", "bases", "levels")
#: the footnote that belongs to maps, not to a name
MAP = "map"
LONGEST = 5200


def calendar(r: Records) -> None:
    """The run starts before it ends, lasts whole weeks, and what is record ends within it."""
    start, end = r.day("calendar", "start"), r.day("calendar", "end")
    if not start or not end:
        return
    days = (end[1] - start[1]).days
    if days <= 0:
        r.fault("E134", end[0], f"the run ends ({end[1]}) before it starts ({start[1]})", "swap them")
        return
    if days % 7:
        before = end[1] - timedelta(days % 7)
        hint = f"write {before} or {before + timedelta(7)}"
        r.fault("E134", end[0], f"the run lasts {days} days, which is no whole number of weeks", hint)
    elif days > 7 * LONGEST:
        r.fault("E134", end[0], f"the run lasts {days // 7} weeks", f"at most {LONGEST} are possible")
    record = r.day("calendar", "documented_until")
    if record and not start[1] <= record[1] <= end[1]:
        message = f"documented_until: {record[1]} is outside the run, {start[1]} to {end[1]}"
        near = "start: nothing is record" if record[1] < start[1] else "end: all of it is record"
        r.fault("E133", record[0], message, f"write the day of {near}")


def order(r: Records) -> None:
    """Orders come before deliveries, works before openings."""
    for section, names in ORDER.items():
        for key in r.section(section):
            days = [(name, day) for name in names if (day := r.day(section, key, name))]
            for (earlier, (_, first)), (later, (node, last)) in itertools.pairwise(days):
                if first > last:
                    r.fault("E134", node, f"{key}: {later} {last} is before {earlier} {first}", "swap them")


def levels(r: Records) -> None:
    """The levels of the index begin at 0 and rise; one of them is called a crisis."""
    found = list(r.section("levels").values())
    edges = [edge for level in found if (edge := level.child("edge"))]
    numbers = [(e, e.data) for e in edges if isinstance(e.data, int | float)]
    if numbers and numbers[0][1] != 0:
        r.fault("E135", numbers[0][0], f"the first level begins at {written(numbers[0][1])}", "let it be 0")
    for (_, lower), (node, upper) in itertools.pairwise(numbers):
        if upper <= lower:
            r.fault("E135", node, f"edge {written(upper)} is not above {written(lower)}", "order the levels upward")
    section = r.tree.child("levels")
    if section and found and not any(c.data is True for level in found if (c := level.child("crisis"))):
        r.fault("E135", section.place, "no level is marked as crisis", "write crisis: true in one of them")


def needed(r: Records) -> None:
    """What a run cannot do without is not empty."""
    for section, hint in NEEDED.items():
        node = r.tree.child(section)
        if node and node.data == {}:
            r.fault("E120", node.place, f"{section}: there is none", hint)


def blanks(r: Records) -> None:
    """A text says something; one that need not be written may be empty."""
    for path, node, shape in r.places:
        if not (shape and shape.text) or node.text is None or not (node.text or shape.required):
            continue
        if not any(c.isprintable() and not c.isspace() for c in node.text):
            hint = "write something" if shape.required else "leave the line out"
            r.fault("E127", node, f"{'.'.join(map(str, path))} is blank", hint)


def labels(r: Records) -> None:
    """No two actors, pairs, levels … are called the same: a reader could not tell them apart."""
    for section in LABELLED:
        seen: dict[str, str] = {}
        for name, node in _labels(r, section).items():
            first = seen.setdefault(" ".join(str(node.text).split()).casefold(), name)
            if first != name:
                message = f'{section}: {name} has the label of {first}, "{node.text}"'
                r.fault("E137", node, message, "call one of them otherwise")


def _labels(r: Records, section: str) -> dict[str, Node]:
    found = {name: label for name, record in r.section(section).items() if (label := record.child("label"))}
    return {name: label for name, label in found.items() if label.text and label.text.strip()}


def pacts(r: Records) -> None:
    """A pact joins two or more, and answers others."""
    for name, pact in r.section("pacts").items():
        members = pact.names("members")
        if len(members) == 1:
            message = f"{name} has one member, {members[0].text}: nobody is bound to it"
            r.fault("E132", members[0], message, "name two or more")
        for item in pact.names("answers"):
            if item.text == name:
                r.fault("E132", item, f"{name} answers itself", "name another pact, or none")


def footnotes(r: Records) -> None:
    """A footnote belongs to a name that stands in some text of the scenario."""
    notes = r.section("footnotes")
    told = "\n".join(node.text for path, node, _ in r.places if node.text and path[0] != "footnotes") if notes else ""
    for name, node in notes.items():
        if name != MAP and name not in told:
            marked = [text for label in _labels(r, "actors").values() if (text := str(label.text)).endswith("*")]
            otherwise = f'{MAP} is the one for maps; or "{name}: null"'
            hint = f"names with a mark: {listed(marked)}" if marked else otherwise
            r.fault("E136", node.place, f'footnotes: nothing is called "{name}"', hint)


COHERENT: tuple[Callable[[Records], None], ...] = (
    *(calendar, order, levels, needed),
    *(blanks, labels, pacts, footnotes),
)
