"""From a name to a frozen scenario: the file, what it extends, the changes, the checks; every fault in one pass."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path

from detente.scenario import leaves as ledger
from detente.scenario import overrides, places, record, references
from detente.scenario.diagnostics import Fault, Mark, ScenarioError, ScenarioMissing, did_you_mean, listed
from detente.scenario.identity import content_hash
from detente.scenario.merge import merge
from detente.scenario.read import read_file
from detente.scenario.schema import Scenario
from detente.scenario.tree import Node, Texts
from detente.scenario.validate import validate

MAX_FILES = 40
#: what a child does not take over from the file it extends
OWN = ("extends", "name", "title", "question")


@dataclass(frozen=True)
class InputFile:
    """A file that went into a scenario: its name for people, its path, the SHA-256 of its bytes."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Loaded:
    """A valid scenario together with where everything in it was written."""

    scenario: Scenario
    tree: Node = field(repr=False)
    texts: Texts = field(repr=False)
    files: tuple[InputFile, ...]
    sets: Mapping[str, str]

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of the content: equal for a copy under another name, whatever files it was spread over."""
        return content_hash(self.scenario)

    def leaves(self) -> list[ledger.Leaf]:
        """Every quantity written in the files, with its place."""
        return list(ledger.leaves(self.scenario, self.tree))

    def defaults(self) -> list[ledger.Leaf]:
        """Every quantity left at the schema's default; no file, line 0."""
        return list(ledger.leaves(self.scenario, self.tree, written=False))

    def dates(self) -> list[ledger.Dated]:
        """Every date of acts, programmes, pacts and bases, with its place."""
        return list(ledger.dates(self.scenario, self.tree))

    def facts_used(self) -> list[str]:
        """The ids of all sources named somewhere in the scenario."""
        return ledger.facts_used(self.tree)

    @property
    def assumption_share(self) -> float:
        """Share of the quantities written in the files that name no source, 0 to 1."""
        assumed = [leaf.grade == ledger.ASSUMPTION for leaf in self.leaves()]
        return sum(assumed) / len(assumed) if assumed else 0.0

    def fault(self, path: str, code: str, message: str, hint: str = "") -> Fault:
        """A fault at a dotted path such as ``parameters.hostility.inertia``, placed where the value is written."""
        return self.texts.fault(code, ledger.place(self.tree, tuple(path.split("."))), message, hint)


def load(name_or_path: str | PathLike[str], sets: Mapping[str, str] | None = None) -> Loaded:
    """The scenario called ``name_or_path`` with the changes ``sets`` ({dotted path: value as text}).

    A bare name is looked for in the working folder, its ``scenarios`` folder, the folders in DETENTE_SCENARIOS and
    among the shipped scenarios. Raises ScenarioMissing where there is no such file, ScenarioError with every fault
    where it cannot be used.
    """
    reading = _Reading()
    tree = reading.root(_found(str(name_or_path)))
    if tree is not None and sets:
        tree = _labelled(tree, overrides.apply(tree, dict(sets), reading.texts), "counterfactual" in sets)
    scenario = reading.checked(tree)
    if scenario is None or tree is None or reading.texts.faults:
        raise ScenarioError(reading.texts.faults, reading.texts.lines)
    return Loaded(scenario, tree, reading.texts, tuple(reading.files.values()), dict(sets or {}))


def check_part(path: str | PathLike[str]) -> None:
    """Check a part by itself: what is there must fit the schema. Raises ScenarioError with every fault."""
    reading = _Reading()
    tree = reading.root(Path(path))
    if tree is not None:
        validate(tree, reading.texts, part=True)
    if reading.texts.faults:
        raise ScenarioError(reading.texts.faults, reading.texts.lines)


def load_scenario(name_or_path: str | PathLike[str], sets: Mapping[str, str] | None = None) -> Scenario:
    """The scenario alone; see ``load``."""
    return load(name_or_path, sets).scenario


def _found(name: str) -> Path:
    path = places.named(name) if name.strip() and "\0" not in name and len(name) < 1000 else None
    if path is None:
        known = list(places.names())
        hint = did_you_mean(Path(name).stem, known, f"there are: {listed(known)}" if known else "no scenarios found")
        raise ScenarioMissing([Fault("E101", name, 0, 0, f'no scenario "{name}"', hint)])
    return path


def _labelled(parent: Node | None, tree: Node, said: bool) -> Node:
    """The tree, marked as counterfactual where it changes the record of its parent and does not itself say."""
    place = record.changed(parent, tree) if parent and not said else None
    if place and isinstance(tree.data, dict):
        tree.data["counterfactual"] = Node(True, place)
    return tree


@dataclass
class _Reading:
    """The state of one load: texts and faults, files read, whether some file could not be read."""

    texts: Texts = field(default_factory=Texts)
    files: dict[Path, InputFile] = field(default_factory=dict)
    trees: dict[Path, Node | None] = field(default_factory=dict)
    incomplete: bool = False

    def root(self, path: Path) -> Node | None:
        """The merged tree of the file asked for, with its own name."""
        tree = self.merged(path, ())
        if tree is None or not isinstance(tree.data, dict):
            return None
        name = re.sub(r"[^\w.-]+", "_", path.stem).lstrip(".") or "scenario"
        tree.data.setdefault("name", Node(name, tree.mark))
        if "extends" in self.read(path).mapping:
            tree.data.setdefault("title", Node(name, tree.mark))
        return tree

    def checked(self, tree: Node | None) -> Scenario | None:
        """The validated scenario; where a file could not be read, nothing is missed in the others."""
        if tree is None:
            return None
        scenario = validate(tree, self.texts, part=self.incomplete)
        if not self.incomplete:
            references.check(tree, self.texts)
        return scenario

    def read(self, path: Path) -> Node:
        """The tree of one file, read once; an empty mapping where it cannot be read."""
        key = path.resolve()
        if key not in self.files:
            shown = places.shown(path)
            self.trees[key] = read_file(path, shown, self.texts)
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if self.trees[key] else ""
            self.files[key] = InputFile(shown, path, digest)
        tree = self.trees[key]
        self.incomplete |= tree is None
        return tree or Node({}, Mark(places.shown(path), 0, 0))

    def merged(self, path: Path, above: tuple[Path, ...]) -> Node | None:
        """The file at ``path`` laid over everything it extends; ``above`` are the files that led here."""
        own = self.read(path)
        if self.trees[path.resolve()] is None:
            return None
        parent: Node | None = None
        for item in self.extended(own):
            below = self.parent(item, path, above)
            if below is not None:
                inherited = {k: n for k, n in below.mapping.items() if k not in OWN}
                parent = merge(parent, Node(inherited, below.mark), self.texts)
        child = Node({k: n for k, n in own.mapping.items() if k != "extends"}, own.mark)
        return _labelled(parent, merge(parent, child, self.texts), "counterfactual" in own.mapping)

    def extended(self, own: Node) -> list[Node]:
        """The names after ``extends``."""
        node = own.mapping.get("extends")
        named = node.items if node else []
        if node and (isinstance(node.data, dict) or any(item.text is None for item in named)):
            self.texts.report("E121", node.mark, "extends: expected a name or a list of names", "extends: baseline")
            self.incomplete = True
        return [item for item in named if item.text]

    def parent(self, item: Node, path: Path, above: tuple[Path, ...]) -> Node | None:
        """The merged tree of one file that is extended; a fault where it is not to be had."""
        chain = (*above, path.resolve())
        found = self.resolve(item, path, chain)
        if found is None:
            self.incomplete = True
            return None
        if found.resolve() in chain:
            circle = " → ".join(p.stem for p in (*chain[chain.index(found.resolve()) :], found))
            self.texts.report("E115", item.mark, f"extends makes a circle: {circle}", "take one of them out")
            self.incomplete = True
            return None
        return self.merged(found, chain)

    def resolve(self, item: Node, path: Path, chain: tuple[Path, ...]) -> Path | None:
        """The file a name after ``extends`` means: beside the file, beside the one that led here, then shipped."""
        name = str(item.text)
        if name.startswith(("/", "~")) or ".." in Path(name).parts or "\\" in name or "\0" in name or len(name) > 200:
            self.texts.report("E116", item.mark, f'extends: "{name}" leaves the folder', "write a name without ../")
            return None
        folders = list(dict.fromkeys([path.parent, chain[0].parent, *places.folders()]))
        candidates = [(f, p) for f in folders if (p := places.in_folder(f, name))]
        others = [c for c in candidates if c[1].resolve() != path.resolve()] or candidates
        if not others:
            known = places.names(parts=True)
            hint = did_you_mean(name, known, f"there are: {listed(known)}" if known else "no scenarios found")
            self.texts.report("E114", item.mark, f'extends: there is no "{name}"', hint)
            return None
        folder, found = others[0]
        if not found.resolve().is_relative_to(folder.resolve()):
            self.texts.report("E116", item.mark, f'extends: "{name}" leads out of its folder', "copy the file there")
            return None
        if len(self.files) >= MAX_FILES:
            self.texts.report("E107", item.mark, f"more than {MAX_FILES} files", "extend fewer")
            return None
        return found
