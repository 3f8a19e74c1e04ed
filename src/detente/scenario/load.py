"""From a name to a frozen scenario: the file, what it extends, the changes, the checks; every fault in one pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from detente.errors import UsageError
from detente.laws.extensions import IN_FORCE, extended, names_of
from detente.scenario import leaves as ledger
from detente.scenario import places, references
from detente.scenario.card import card_of
from detente.scenario.diagnostics import Fault, Mark, ScenarioError, ScenarioMissing, did_you_mean, listed
from detente.scenario.extends import InputFile, Reading, changed, labelled
from detente.scenario.identity import content_hash
from detente.scenario.merge import merge
from detente.scenario.read import read_value, too_long
from detente.scenario.schema import Scenario
from detente.scenario.shape import astray, shape_at
from detente.scenario.tree import Node, Texts
from detente.scenario.validate import validate
from detente.scenario.words import plain

#: the file name that positions of such changes carry
COMMAND_LINE = "command line"
PREFIX = "--set "


@dataclass(frozen=True)
class Loaded:
    """A valid scenario together with where everything in it was written."""

    scenario: Scenario
    tree: Node = field(repr=False)
    texts: Texts = field(repr=False)
    files: tuple[InputFile, ...]
    sets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Loaded({self.scenario!r}, files={[file.name for file in self.files]}, sets={dict(self.sets)})"

    def _repr_html_(self) -> str:
        return card_of(self).html()

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
    return _load(_found(str(name_or_path)), sets or {}, Reading())


def reduced(known: Loaded, without: Collection[InputFile]) -> Scenario:
    """The scenario as it is if some of its files stated nothing; the rest stands as it stood.

    Raises ScenarioError where that is no scenario, as where a file changes what another one adds.
    """
    left_out = frozenset(file.path.resolve() for file in without)
    return _load(known.files[0].path, known.sets, Reading(without=left_out)).scenario


def _load(path: Path, sets: Mapping[str, str], reading: Reading) -> Loaded:
    tree = reading.root(path)
    if tree is not None and sets:
        before, tree = tree, _set_all(tree, sets, reading.texts)
        place = changed(before, tree) if "counterfactual" not in sets else None
        tree = labelled(tree, Node(True, place) if place else None)
    scenario = _checked(tree, reading)
    if scenario is None or tree is None or reading.texts.faults:
        raise ScenarioError(reading.texts.faults, reading.texts.lines)
    return Loaded(scenario, tree, reading.texts, tuple(reading.files.values()), dict(sets))


#: a scenario by name or file, or as a value
ScenarioLike: TypeAlias = str | PathLike[str] | Scenario | Loaded


def loaded(scenario: ScenarioLike, sets: Mapping[str, object] | None = None) -> Loaded:
    """A scenario by its name or file, or as a value, which then has no files and no places.

    Raises UsageError where ``sets`` would change a value, otherwise as ``load``.
    """
    if isinstance(scenario, str | PathLike):
        return load(scenario, {path: str(value) for path, value in (sets or {}).items()})
    if sets:
        raise UsageError("numbers are changed where a scenario is loaded: name it, or give sets to load", "--set")
    if isinstance(scenario, Loaded):
        return scenario
    return Loaded(scenario, Node({}, Mark("", 0, 0)), Texts(), (), {})


def check_part(path: str | PathLike[str]) -> None:
    """Check a part by itself: what is there must fit the schema. Raises ScenarioError with every fault."""
    reading = Reading()
    tree = reading.root(Path(path))
    if tree is not None:
        validate(tree, reading.texts, part=True)
    if reading.texts.faults:
        raise ScenarioError(reading.texts.faults, reading.texts.lines)


def load_scenario(
    name_or_path: str | PathLike[str],
    sets: Mapping[str, str] | None = None,
    *,
    mechanisms: Sequence[object] = (),
    kinds: Mapping[str, type] | None = None,
) -> Scenario:
    """The scenario alone; see ``load``. It runs with further ``mechanisms``, and with agents of one's own ``kinds`` by
    whom they stand in for. ExtensionError where these cannot be had by name, as a worker must have them.
    """
    with extended((*IN_FORCE.get(), *names_of(mechanisms, kinds))):
        return load(name_or_path, sets).scenario


def _found(name: str) -> Path:
    path = places.named(name) if name.strip() and "\0" not in name and len(name) < 1000 else None
    if path is None:
        known = list(places.names())
        hint = did_you_mean(Path(name).stem, known, f"there are: {listed(known)}" if known else "no scenarios found")
        raise ScenarioMissing([Fault("E101", name, 0, 0, f'no scenario "{name}"', hint)])
    return path


def _checked(tree: Node | None, reading: Reading) -> Scenario | None:
    """The validated scenario; where a file could not be read, nothing is missed in the others."""
    if tree is None:
        return None
    scenario = validate(tree, reading.texts, part=reading.incomplete)
    if not reading.incomplete:
        references.check(tree, reading.texts)
    return scenario


def _set_all(tree: Node, sets: Mapping[str, str], texts: Texts) -> Node:
    """``tree`` with every change; the values carry the command line as their place."""
    texts.lines[COMMAND_LINE] = [f"{PREFIX}{path}={value}" for path, value in sets.items()]
    for line, (path, value) in enumerate(sets.items(), start=1):
        tree = _set(tree, path, str(value), line, texts)
    return tree


def _set(tree: Node, path: str, value: str, line: int, texts: Texts) -> Node:
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
