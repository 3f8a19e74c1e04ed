"""Changes of an experiment: those of levers and theories stand side by side, over what is given."""

from pathlib import Path

import pytest

from detente.experiment.overlay import GIVEN, Change, Overlay, changes_at
from detente.scenario.load import Loaded, load
from detente.scenario.read import read_value
from detente.scenario.tree import Node, Texts
from tests.scenario_data import write

FILE = """
uncertainties:
  given:
    missions.watch.troops: {value: 2000, low: 1000, high: 3000, spread: uniform}
theories:
  strong: {changes: {missions.watch.troops: 5000}}
  weak: {changes: {missions.watch.troops: 10, acts.clash: null}}
levers:
  troops: {settings: {more: {missions.watch.troops: 4000}, same: {missions.watch.troops: 5000}}}
  cut: {settings: {sooner: {acts.cut.over: 1}, gone: {acts.cut: null}, fewer: {acts.cut.troops: 5}}}
  pact: {settings: {gone: {pacts.trio: null}}}
  act: {settings: {told: {acts.again: {kind: pact, date: 2026-01-05, title: T, pact: trio}}}}
  rungs: {settings: {all: {missions.*.troops: 7, missions.watch.troops: 8}}}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(write(tmp_path_factory.mktemp("scenarios")))


@pytest.fixture
def root() -> Node:
    node = read_value(FILE, "experiment", Texts({"experiment": FILE.splitlines()}))
    assert node is not None
    return node


def changes(root: Node, *paths: str) -> list[Change]:
    """The changes at dotted places of the file."""
    return [change for path in paths for change in changes_at(root, tuple(path.split(".")))]


def faults(small: Loaded, root: Node, *paths: str) -> list[tuple[str, int, str]]:
    texts = Texts({"experiment": FILE.splitlines()})
    assert Overlay(small, texts).scenario(changes(root, *paths)) is None
    return [(fault.code, fault.line, fault.message) for fault in texts.faults]


def test_levers_and_theories_go_over_what_is_given(small: Loaded, root: Node) -> None:
    for one in ("theories.strong.changes", "levers.troops.settings.same"):
        scenario = Overlay(small, Texts()).scenario(changes(root, ".".join(GIVEN), one))
        assert scenario is not None
        assert (scenario.missions["watch"].troops.value, scenario.missions["watch"].troops.spread) == (5000, None)


def test_a_lever_and_a_theory_that_set_one_number_are_both_placed(small: Loaded, root: Node) -> None:
    ((code, line, message),) = faults(small, root, "theories.strong.changes", "levers.troops.settings.more")
    assert (code, line) == ("E117", 9)
    assert message == "missions.watch.troops: 4000 here, 5000 in experiment:6:45"


def test_a_lever_and_a_theory_that_say_the_same_are_no_fault(small: Loaded, root: Node) -> None:
    both = changes(root, "theories.strong.changes", "levers.troops.settings.same")
    assert Overlay(small, Texts()).scenario(both) is not None


def test_one_removes_what_another_changes(small: Loaded, root: Node) -> None:
    gone = Change("acts.cut", Node(None, root.mark), root.mark, ("levers", "other"))
    texts = Texts()
    assert Overlay(small, texts).scenario([gone, *changes(root, "levers.cut.settings.sooner")]) is None
    assert [fault.code for fault in texts.faults] == ["E117"]


def test_within_one_lever_the_later_goes_over_the_earlier(small: Loaded, root: Node) -> None:
    scenario = Overlay(small, Texts()).scenario(changes(root, "levers.rungs.settings.all"))
    assert scenario is not None
    assert scenario.missions["watch"].troops.value == 8


def test_changes_that_are_sound_alone_are_checked_together(small: Loaded, root: Node, tmp_path: Path) -> None:
    texts = Texts()
    overlay = Overlay(small, texts)
    assert overlay.scenario(changes(root, "levers.act.settings.told")) is not None
    free = Change("missions.watch.troops", Node(5, root.mark), root.mark, ("levers", "troops"))
    assert overlay.scenario([free, *changes(root, "levers.act.settings.told")]) is not None
    assert overlay.scenario(changes(root, "levers.pact.settings.gone", "levers.act.settings.told")) is None
    assert "E131" in {fault.code for fault in texts.faults}
