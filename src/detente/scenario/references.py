"""Checks across a scenario, on the merged tree, so that all faults are found in one pass.

Every name used exists, directed mappings name both members, acts work on somebody; dates and levels are in order, no
text is blank, no label stands twice, pacts join two or more, footnotes belong to something. Which field names what is
stated where the field is declared (``Ref`` in theatre.py, acts.py, schema.py). Not checked, as they may be anybody:
suppliers of arms, sending states of a mission, its headquarters.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta

from detente.scenario import mapped
from detente.scenario.diagnostics import Mark, did_you_mean, listed
from detente.scenario.quantity import YEARS, written
from detente.scenario.schema import SECTIONS
from detente.scenario.shape import Shape, shape_at, walk
from detente.scenario.tree import Node, Path, Texts


class Records:
    """A merged tree, walked once: ``places`` holds every value with its path and what belongs there."""

    def __init__(self, tree: Node, texts: Texts) -> None:
        self.tree = tree
        self.texts = texts
        self.places = list(walk(tree))
        self.known: dict[tuple[str, ...], dict[str, None]] = {}

    def section(self, name: str) -> dict[str, Node]:
        """The records of a section, by name."""
        node = self.tree.child(name)
        return node.mapping if node else {}

    def names(self, *sections: str) -> dict[str, None]:
        """The names in sections, in their order."""
        if sections not in self.known:
            self.known[sections] = {name: None for section in sections for name in self.section(section)}
        return self.known[sections]

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


DIRECTED = ("stake", "resting_hostility", "incident_rate")
#: acts that work on the dyads between ``by`` and ``to``
BETWEEN = ("cooperation", "rhetoric", "incident", "accountability")


def check(tree: Node, texts: Texts) -> None:
    """Report every name that names nobody, and everything that contradicts itself."""
    records = Records(tree, texts)
    for rule in (named, identifiers, dyads, dialogues, acts, claims, *COHERENT):
        rule(records)


def named(r: Records) -> None:
    """Every name used is that of a record; in a list it stands once, and where it must it stands."""
    for path, node, shape in r.places:
        if shape and shape.sections == ("sources",):
            for item in node.items:
                known = r.names("sources")
                if item.text is not None and item.text not in known:
                    hint = did_you_mean(item.text, known, "add it under sources, or leave source out: an assumption")
                    r.fault("E130", item, f'unknown source "{item.text}"', hint)
        elif shape and shape.sections:
            _named(r, path, node, shape)


def _named(r: Records, path: Path, node: Node, shape: Shape) -> None:
    known, where, place = r.names(*shape.sections), ".".join(map(str, path)), " or ".join(shape.sections)
    _keys(r, node, known, place)
    for item in node.items:
        if item.text is not None and item.text not in known:
            hint = did_you_mean(item.text, known, f"known: {listed(known)}" if known else f"there are no {place}")
            r.fault("E131", item, f'{where}: "{item.text}" is not among the {place}', hint)
    if path[-1] != "between":
        _once(r, where, node.items)
    if shape.required and node.data == []:
        r.fault("E136", node.place, f"{where}: nobody is named", f"name one or more of the {shape.sections[0]}")


def _once(r: Records, where: str, items: Iterable[Node]) -> None:
    """No name stands in a list twice."""
    seen: set[str] = set()
    for item in items:
        if item.text in seen:
            r.fault("E137", item, f"{where}: {item.text} stands there twice", "keep one")
        seen |= {item.text} if item.text is not None else set()


def _keys(r: Records, node: Node | None, known: Collection[str], called: str) -> None:
    """The keys of a mapping are known names."""
    for name, entry in (node.mapping if node else {}).items():
        if name not in known:
            hint = did_you_mean(name, known, f"known: {listed(known)}")
            r.fault("E131", entry.place, f'"{name}" is not among the {called}', hint)


def identifiers(r: Records) -> None:
    """Names are used in paths (--set a.b=1) and in keys of directed pairs (A>B)."""
    for section in SECTIONS:
        for name, record in r.section(section).items():
            if not re.fullmatch(r"[^\s.>=/\\]{1,60}", name):
                hint = "up to 60 characters, without blank . > = / \\"
                r.fault("E121", record.place, f'"{name}" cannot be a name in {section}', hint)


def dyads(r: Records) -> None:
    """A dyad joins two actors, once; its directed mappings name exactly these two."""
    seen: dict[frozenset[str], str] = {}
    for name, record in r.section("dyads").items():
        between = record.names("between")
        pair = frozenset(item.text for item in between if item.text)
        if len(pair) == 1 and between[1:]:
            r.fault("E132", between[1], f"{name} joins {between[0].text} with itself", "name two")
        elif pair in seen:
            r.fault("E132", record.place, f"{name} joins the same pair as {seen[pair]}", "keep one")
        elif len(pair) == 2 and pair <= set(r.names("actors")):
            seen[pair] = name
            for field in DIRECTED:
                _directed(r, record.child(field), [str(item.text) for item in between], f"{name}.{field}")


def _directed(r: Records, node: Node | None, members: list[str], where: str) -> None:
    """A mapping that says whose: for both members, and nobody else."""
    if node is None or not isinstance(node.data, dict):
        return
    for name, entry in node.data.items():
        if name not in members:
            hint = did_you_mean(name, members, f"the members are {listed(members)}")
            r.fault("E132", entry.place, f'{where}: "{name}" is no member of the dyad', hint)
    absent = [m for m in members if m not in node.data]
    if absent and all(name in members for name in node.data):
        r.fault("E132", node.place, f"{where}: nothing for {listed(absent)}", "give one for each member")


def dialogues(r: Records) -> None:
    """Flexibility is that of the parties."""
    for name, record in r.section("dialogues").items():
        parties = [str(item.text) for item in record.names("parties")]
        flexible = record.child("flexibility")
        _keys(r, flexible, parties, f"parties of {name}")
        absent = [p for p in parties if flexible and p not in flexible.mapping]
        if flexible and absent:
            message = f"{name}.flexibility: nothing for {listed(absent)}"
            r.fault("E132", flexible.place, message, "give one for each party")


def acts(r: Records) -> None:
    """Acts fall into the run and work on somebody."""
    actors = set(r.names("actors"))
    pairs = {frozenset(i.text for i in d.names("between")) for d in r.section("dyads").values()}
    sound = all(len(pair) == 2 and pair <= actors for pair in pairs)
    for name, act in r.section("acts").items():
        _inside(r, name)
        kind = act.child("kind")
        if kind and kind.data in BETWEEN and sound:
            _joins(r, name, act, pairs)
        if kind and kind.data == "mission":
            _strength(r, name, act)


def _strength(r: Records, name: str, act: Node) -> None:
    """A mission act changes something, and takes out only contingents that the mission names."""
    if not any(act.child(field) for field in ("troops", "police", "without")):
        r.fault("E136", act.place, f"{name}: neither troops nor police change", "give one of them")
    mission = r.tree.find(("missions", str(getattr(act.child("mission"), "text", None)), "contributors"))
    known = list(mission.mapping) if mission else []
    _once(r, f"acts.{name}.without", act.names("without"))
    for item in act.names("without"):
        if item.text not in known:
            hint = did_you_mean(str(item.text), known, f"known: {listed(known)}")
            r.fault("E131", item, f'{name}: "{item.text}" is not among the contributors', hint)


def _inside(r: Records, name: str) -> None:
    """The date of an act lies in the run."""
    start, end, day = r.day("calendar", "start"), r.day("calendar", "end"), r.day("acts", name, "date")
    if day is None or (start and end and start[1] >= end[1]):
        return
    if (start and day[1] < start[1]) or (end and day[1] >= end[1]):
        run = f"from {start[1] if start else '…'} to {end[1] - timedelta(1) if end else '…'}"
        hint = f"the run goes {run}; {name}: null removes the act"
        r.fault("E133", day[0], f"{name}: {day[1]} is outside the run", hint)


def _joins(r: Records, name: str, act: Node, pairs: set[frozenset[str | None]]) -> None:
    """An act between actors has at least one dyad to work on."""
    actors = r.names("actors", "pacts", "missions")
    by, to = act.names("by"), act.names("to")
    known = all(item.text in actors for item in (*by, *to))
    if by and to and known and not any(frozenset((b.text, t.text)) in pairs for b in by for t in to):
        between = f"{listed(str(b.text) for b in by)} and {listed(str(t.text) for t in to)}"
        r.fault("E136", act.place, f"{name}: no dyad joins {between}", "add the dyad, or name its members")


def claims(r: Records) -> None:
    """What carries a claim, and what switches it off, can be found."""
    for key, claim in r.section("claims").items():
        off = claim.child("ablation")
        used = [(str(item.text), item.mark) for item in claim.names("carried_by")]
        used += [(name, node.place) for name, node in (off.mapping if off else {}).items()]
        for name, mark in used:
            steps = tuple(name.split("."))
            if r.tree.find(steps) is None and shape_at(steps, r.tree) is None:
                node, depth = r.tree.nearest(steps)
                hint = did_you_mean(steps[depth], node.mapping, f"known there: {listed(node.mapping)}")
                r.fault("E131", mark, f'{key}: there is no "{name}"', hint)


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
        if not (shape and shape.text) or not isinstance(node.data, str) or not (node.data or shape.required):
            continue
        if not node.data[:1].isalnum() and not any(c.isprintable() and not c.isspace() for c in node.data):
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


def places(r: Records) -> None:
    """A map can place every actor that says where it stands."""
    for name, actor in r.section("actors").items():
        key = actor.child("map_key")
        if key and key.text and not mapped.known(key.text):
            message = f'{name}: no country is called "{key.text}", and it is no place'
            r.fault("E138", key, message, mapped.advice(key.text))


def footnotes(r: Records) -> None:
    """A footnote belongs to a name that stands in some text of the scenario."""
    notes = r.section("footnotes")
    texts = [(path[0], node.data) for path, node, _ in r.places if isinstance(node.data, str)] if notes else []
    told = "\n".join(text for section, text in texts if section != "footnotes")
    for name, node in notes.items():
        if name != MAP and name not in told:
            marked = [text for label in _labels(r, "actors").values() if (text := str(label.text)).endswith("*")]
            otherwise = f'{MAP} is the one for maps; or "{name}: null"'
            hint = f"names with a mark: {listed(marked)}" if marked else otherwise
            r.fault("E136", node.place, f'footnotes: nothing is called "{name}"', hint)


COHERENT: tuple[Callable[[Records], None], ...] = (
    *(calendar, order, levels, needed),
    *(blanks, labels, pacts, places, footnotes),
)
