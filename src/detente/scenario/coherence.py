"""Checks across a scenario: dates and levels in order, no text blank, no label twice, pacts of two or more, footnotes
to something. As references.py, on the merged tree, so that all faults are found in one pass."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta

from detente.scenario.diagnostics import listed
from detente.scenario.quantity import written
from detente.scenario.records import Records
from detente.scenario.shape import field_at
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


class Coherence(Records):
    """One pass over a merged tree."""

    def check(self) -> None:
        """All checks."""
        self.calendar()
        self.order()
        self.levels()
        self.needed()
        self.blanks()
        self.labels()
        self.pacts()
        self.footnotes()

    def calendar(self) -> None:
        """The run starts before it ends, lasts whole weeks, and what is record ends within it."""
        start, end = self.day("calendar", "start"), self.day("calendar", "end")
        if not start or not end:
            return
        days = (end[1] - start[1]).days
        if days <= 0:
            message = f"the run ends ({end[1]}) before it starts ({start[1]})"
            self.texts.report("E134", end[0].mark, message, "swap them")
            return
        if days % 7:
            before = end[1] - timedelta(days % 7)
            hint = f"write {before} or {before + timedelta(7)}"
            message = f"the run lasts {days} days, which is no whole number of weeks"
            self.texts.report("E134", end[0].mark, message, hint)
        elif days > 7 * LONGEST:
            hint = f"at most {LONGEST} are possible"
            self.texts.report("E134", end[0].mark, f"the run lasts {days // 7} weeks", hint)
        record = self.day("calendar", "documented_until")
        if record and not start[1] <= record[1] <= end[1]:
            message = f"documented_until: {record[1]} is outside the run, {start[1]} to {end[1]}"
            near = "start: nothing is record" if record[1] < start[1] else "end: all of it is record"
            self.texts.report("E133", record[0].mark, message, f"write the day of {near}")

    def order(self) -> None:
        """Orders come before deliveries, works before openings."""
        for section, names in ORDER.items():
            for path, _ in self.records(section):
                days = [(name, day) for name in names if (day := self.day(section, str(path[1]), name))]
                for (earlier, (_, first)), (later, (node, last)) in itertools.pairwise(days):
                    if first > last:
                        message = f"{path[1]}: {later} {last} is before {earlier} {first}"
                        self.texts.report("E134", node.mark, message, "swap them")

    def levels(self) -> None:
        """The levels of the index begin at 0 and rise; one of them is called a crisis."""
        levels = [record for _, record in self.records("levels")]
        edges = [edge for level in levels if (edge := level.child("edge"))]
        numbers = [(e, e.data) for e in edges if isinstance(e.data, int | float)]
        if numbers and numbers[0][1] != 0:
            message = f"the first level begins at {written(numbers[0][1])}"
            self.texts.report("E135", numbers[0][0].mark, message, "let it be 0")
        for (_, lower), (node, upper) in itertools.pairwise(numbers):
            if upper <= lower:
                message = f"edge {written(upper)} is not above {written(lower)}"
                self.texts.report("E135", node.mark, message, "order the levels upward")
        section = self.tree.child("levels")
        if section and levels and not any(c.data is True for level in levels if (c := level.child("crisis"))):
            message = "no level is marked as crisis"
            self.texts.report("E135", self.at(section), message, "write crisis: true in one of them")

    def needed(self) -> None:
        """What a run cannot do without is not empty."""
        for section, hint in NEEDED.items():
            node = self.tree.child(section)
            if node and node.data == {}:
                self.texts.report("E120", self.at(node), f"{section}: there is none", hint)

    def blanks(self) -> None:
        """A text says something; one that need not be written may be empty."""
        for path, node in self.tree.walk():
            if node.text is None or any(c.isprintable() and not c.isspace() for c in node.text):
                continue
            info = field_at(path, self.tree)
            if info and info.annotation is str and (node.text or info.is_required()):
                hint = "write something" if info.is_required() else "leave the line out"
                self.texts.report("E127", node.mark, f"{'.'.join(map(str, path))} is blank", hint)

    def labels(self) -> None:
        """No two actors, pairs, levels … are called the same: a reader could not tell them apart."""
        for section in LABELLED:
            seen: dict[str, str] = {}
            for name, node in self._labels(section):
                folded = " ".join(str(node.text).split()).casefold()
                first = seen.setdefault(folded, name)
                if first != name:
                    message = f'{section}: {name} has the label of {first}, "{node.text}"'
                    self.texts.report("E137", node.mark, message, "call one of them otherwise")

    def _labels(self, section: str) -> Iterator[tuple[str, Node]]:
        for path, record in self.records(section):
            label = record.child("label")
            if label and label.text and label.text.strip():
                yield str(path[1]), label

    def pacts(self) -> None:
        """A pact joins two or more, and answers others."""
        for path, pact in self.records("pacts"):
            members = self.items(pact, "members")
            if len(members) == 1:
                message = f"{path[1]} has one member, {members[0].text}: nobody is bound to it"
                self.texts.report("E132", members[0].mark, message, "name two or more")
            for item in self.items(pact, "answers"):
                if item.text == path[1]:
                    self.texts.report("E132", item.mark, f"{path[1]} answers itself", "name another pact, or none")

    def footnotes(self) -> None:
        """A footnote belongs to a name that stands in some text of the scenario."""
        section = self.tree.child("footnotes")
        told = [node.text for path, node in self.tree.walk() if node.text and path[0] != "footnotes"]
        for name, node in (section.mapping if section else {}).items():
            if name != MAP and not any(name in text for text in told):
                marked = [name for _, label in self._labels("actors") if (name := str(label.text)).endswith("*")]
                hint = (
                    f"names with a mark: {listed(marked)}"
                    if marked
                    else f'{MAP} is the one for maps; or "{name}: null"'
                )
                self.texts.report("E136", self.at(node), f'footnotes: nothing is called "{name}"', hint)
