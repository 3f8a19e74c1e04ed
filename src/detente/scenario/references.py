"""Checks across a scenario: every name used exists, directed mappings name both members, acts work on somebody.

Which field names what is stated where the field is declared (``Ref`` in theatre.py, acts.py, schema.py). Not checked,
because they may be anybody: suppliers of arms, sending states of a mission, its headquarters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from detente.scenario.coherence import COHERENT
from detente.scenario.diagnostics import did_you_mean, listed
from detente.scenario.records import Records
from detente.scenario.schema import SECTIONS
from detente.scenario.shape import Shape, shape_at
from detente.scenario.tree import Node, Path, Texts

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


def _keys(r: Records, node: Node | None, known: list[str], called: str) -> None:
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
