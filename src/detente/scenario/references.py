"""Checks across a scenario: every name used exists, directed mappings name both members, acts work on somebody.

Which field names what is stated where the field is declared (``refers`` in theatre.py, acts.py, schema.py). Not
checked, because they may be anybody: suppliers of arms, sending states of a mission, its headquarters.
"""

from __future__ import annotations

import re
from datetime import timedelta

from detente.scenario.coherence import Coherence
from detente.scenario.diagnostics import did_you_mean, listed
from detente.scenario.records import Records
from detente.scenario.shape import references_at, shape_at
from detente.scenario.tree import Node, Path, Texts

DIRECTED = ("stake", "resting_hostility", "incident_rate")
SECTIONS = ("actors", "dyads", "pacts", "missions", "dialogues", "programmes", "bases", "acts")
#: acts that work on the dyads between ``by`` and ``to``
BETWEEN = ("cooperation", "rhetoric", "incident", "accountability")


def check(tree: Node, texts: Texts) -> None:
    """Report every name that names nobody, and everything that contradicts itself."""
    References(tree, texts).check()
    Coherence(tree, texts).check()


class References(Records):
    """One pass over a merged tree."""

    def check(self) -> None:
        """All checks."""
        self.identifiers()
        self.sources()
        self.named()
        self.dyads()
        self.dialogues()
        self.acts()
        self.claims()

    def named(self) -> None:
        """Every name used is that of a record; in a list it stands once, and where it must it stands."""
        for section in (*SECTIONS, "claims"):
            for path, record in self.records(section):
                for field, sections, required in references_at(path, self.tree):
                    node, at = record.child(field), (*path, field)
                    self.known_keys(node, self.names(*sections), "actors")
                    items = self.items(record, field)
                    for item in items:
                        self.must_exist(item, sections, ".".join(map(str, at)))
                    self.once(at, items)
                    if required and node and node.data == []:
                        message = f"{'.'.join(map(str, at))}: nobody is named"
                        self.texts.report("E136", self.at(node), message, f"name one or more of the {sections[0]}")

    def once(self, path: Path, items: list[Node]) -> None:
        """No name stands in a list twice."""
        seen: set[str] = set()
        for item in items:
            name = str(item.text)
            if name in seen and path[-1] != "between":
                message = f"{'.'.join(map(str, path))}: {name} stands there twice"
                self.texts.report("E137", item.mark, message, "keep one")
            seen.add(name)

    def identifiers(self) -> None:
        """Names are used in paths (--set a.b=1) and in keys of directed pairs (A>B)."""
        for section in SECTIONS:
            for path, record in self.records(section):
                if not re.fullmatch(r"[^\s.>=/\\]{1,60}", str(path[1])):
                    hint = "up to 60 characters, without blank . > = / \\"
                    self.texts.report("E121", self.at(record), f'"{path[1]}" cannot be a name in {section}', hint)

    def sources(self) -> None:
        """Every source named is among ``sources``."""
        known = self.names("sources")
        for path, node in self.tree.walk():
            if path[-1:] != ("source",) or path[0] == "sources":
                continue
            for item in node.items:
                if item.text is not None and item.text not in known:
                    hint = did_you_mean(item.text, known, "add it under sources, or leave source out: an assumption")
                    self.texts.report("E130", item.mark, f'unknown source "{item.text}"', hint)

    def must_exist(self, item: Node, sections: tuple[str, ...], where: str) -> None:
        """``item`` names something in one of ``sections``."""
        known = self.names(*sections)
        if item.text not in known:
            place = " or ".join(sections)
            hint = did_you_mean(str(item.text), known, f"known: {listed(known)}" if known else f"there are no {place}")
            self.texts.report("E131", item.mark, f'{where}: "{item.text}" is not among the {place}', hint)

    def known_keys(self, node: Node | None, known: list[str], called: str) -> None:
        """The keys of a mapping are known names."""
        for name, entry in (node.mapping if node else {}).items():
            if name not in known:
                hint = did_you_mean(name, known, f"known: {listed(known)}")
                self.texts.report("E131", self.at(entry), f'"{name}" is not among the {called}', hint)

    def dyads(self) -> None:
        """A dyad joins two actors, once; its directed mappings name exactly these two."""
        seen: dict[frozenset[str | None], str] = {}
        for path, record in self.records("dyads"):
            between = self.items(record, "between")
            pair = frozenset(item.text for item in between)
            if len(pair) == 1 and between[1:]:
                self.texts.report("E132", between[1].mark, f"{path[1]} joins {between[0].text} with itself", "name two")
            elif pair in seen:
                self.texts.report("E132", self.at(record), f"{path[1]} joins the same pair as {seen[pair]}", "keep one")
            elif len(pair) == 2 and pair <= set(self.names("actors")):
                seen[pair] = str(path[1])
                for name in DIRECTED:
                    self.directed(record.child(name), [str(item.text) for item in between], f"{path[1]}.{name}")

    def directed(self, node: Node | None, members: list[str], where: str) -> None:
        """A mapping that says whose: for both members, and nobody else."""
        if node is None or not isinstance(node.data, dict):
            return
        for name, entry in node.data.items():
            if name not in members:
                hint = did_you_mean(name, members, f"the members are {listed(members)}")
                self.texts.report("E132", self.at(entry), f'{where}: "{name}" is no member of the dyad', hint)
        absent = [m for m in members if m not in node.data]
        if absent and all(name in members for name in node.data):
            self.texts.report(
                "E132", self.at(node), f"{where}: nothing for {listed(absent)}", "give one for each member"
            )

    def dialogues(self) -> None:
        """Flexibility is that of the parties."""
        for path, record in self.records("dialogues"):
            parties = [str(item.text) for item in self.items(record, "parties")]
            flexible = record.child("flexibility")
            self.known_keys(flexible, parties, f"parties of {path[1]}")
            absent = [p for p in parties if flexible and p not in flexible.mapping]
            if flexible and absent:
                message = f"{path[1]}.flexibility: nothing for {listed(absent)}"
                self.texts.report("E132", self.at(flexible), message, "give one for each party")

    def acts(self) -> None:
        """Acts fall into the run and work on somebody."""
        actors = set(self.names("actors"))
        pairs = {frozenset(i.text for i in self.items(d, "between")) for _, d in self.records("dyads")}
        sound = all(len(pair) == 2 and pair <= actors for pair in pairs)
        for path, act in self.records("acts"):
            self.inside(str(path[1]), act)
            kind = act.child("kind")
            if kind and kind.data in BETWEEN and sound:
                self.joins(str(path[1]), act, pairs)
            if kind and kind.data == "mission":
                self.strength(str(path[1]), act)

    def strength(self, name: str, act: Node) -> None:
        """A mission act changes something, and takes out only contingents that the mission names."""
        if not any(act.child(field) for field in ("troops", "police", "without")):
            self.texts.report("E136", self.at(act), f"{name}: neither troops nor police change", "give one of them")
        mission = self.tree.find(("missions", str(getattr(act.child("mission"), "text", None)), "contributors"))
        known = list(mission.mapping) if mission else []
        self.once(("acts", name, "without"), self.items(act, "without"))
        for item in self.items(act, "without"):
            if item.text not in known:
                hint = did_you_mean(str(item.text), known, f"known: {listed(known)}")
                self.texts.report("E131", item.mark, f'{name}: "{item.text}" is not among the contributors', hint)

    def inside(self, name: str, act: Node) -> None:
        """The date of an act lies in the run."""
        start, end, day = self.day("calendar", "start"), self.day("calendar", "end"), self.day("acts", name, "date")
        if day is None or (start and end and start[1] >= end[1]):
            return
        if (start and day[1] < start[1]) or (end and day[1] >= end[1]):
            run = f"from {start[1] if start else '…'} to {end[1] - timedelta(1) if end else '…'}"
            hint = f"the run goes {run}; {name}: null removes the act"
            self.texts.report("E133", day[0].mark, f"{name}: {day[1]} is outside the run", hint)

    def joins(self, name: str, act: Node, pairs: set[frozenset[str | None]]) -> None:
        """An act between actors has at least one dyad to work on."""
        actors = self.names("actors", "pacts", "missions")
        by, to = self.items(act, "by"), self.items(act, "to")
        known = all(item.text in actors for item in (*by, *to))
        if by and to and known and not any(frozenset((b.text, t.text)) in pairs for b in by for t in to):
            between = f"{listed(str(b.text) for b in by)} and {listed(str(t.text) for t in to)}"
            self.texts.report(
                "E136", self.at(act), f"{name}: no dyad joins {between}", "add the dyad, or name its members"
            )

    def claims(self) -> None:
        """What carries a claim, and what switches it off, can be found."""
        for path, claim in self.records("claims"):
            off = claim.child("ablation")
            named = [(str(item.text), item.mark) for item in self.items(claim, "carried_by")]
            named += [(name, self.at(node)) for name, node in (off.mapping if off else {}).items()]
            for name, mark in named:
                steps = tuple(name.split("."))
                if self.tree.find(steps) is None and shape_at(steps, self.tree) is None:
                    node, depth = self.tree.nearest(steps)
                    hint = did_you_mean(steps[depth], node.mapping, f"known there: {listed(node.mapping)}")
                    self.texts.report("E131", mark, f'{path[1]}: there is no "{name}"', hint)
