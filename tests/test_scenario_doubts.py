"""Warnings: what can be run and is perhaps not what it seems, each with its place; quiet for every shipped file."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from worlds import pair, pair_tree, village
from worlds import scenario as built

from detente.api.check import warnings
from detente.cli.main import main
from detente.experiment import probe
from detente.scenario import places
from detente.scenario.diagnostics import WARNINGS
from detente.scenario.doubts import doubts
from detente.scenario.load import load
from detente.scenario.schema import Scenario
from detente.scenario.suppositions import balance, supposed

CASE = Path(__file__).parent / "data" / "scenarios" / "warnings.yaml"

#: what is changed in a pair of states -> code and path of the only warning
SLIPS: dict[str, tuple[dict[str, Any], str]] = {
    "GDP in billions without the unit": ({"actors.A.gdp": 30}, "actors.A.gdp"),
    "GDP three zeros short": ({"actors.A.gdp": 2600, "actors.A.personnel": 800_000}, "actors.A.gdp"),
    "GDP three zeros long": ({"actors.A.gdp": 2.9e7}, "actors.A.gdp"),
    "spending above a fifth of GDP": ({"actors.A.spending": 6001}, "actors.A.spending"),
    "personnel in thousands": ({"actors.A.personnel": 8}, "actors.A.personnel"),
    "spending in thousands": ({"actors.A.spending": 0.5, "actors.A.capital": 1.5}, "actors.A.spending"),
    "stock in thousands": ({"actors.A.capital": 1.5}, "actors.A.capital"),
    "stock of decades": ({"actors.A.capital": 60_000}, "actors.A.capital"),
    "no stock beside spending": ({"actors.A.capital": 0}, "actors.A.capital"),
    "growth in per cent": ({"actors.A.build_up": 0.9}, "actors.A.build_up"),
    "need of thousands of thousands": ({"dyads.A-B.demand": 4_000_000}, "dyads.A-B.demand"),
    "incidents a year": ({"dyads.A-B.incident_rate": {"A": 60, "B": 0.1}}, "dyads.A-B.incident_rate.A"),
    "a state in no pair": ({"actors.C": {"kind": "state", "label": "C"}}, "actors.C"),
    "a power that does nothing": ({"actors.C": {"kind": "power", "label": "C"}}, "actors.C"),
    "an entity without strength": (
        {
            "actors.C": {"kind": "entity", "label": "C"},
            "dyads.A-C": {
                "between": ["A", "C"],
                "stake": {"A": 0.1, "C": 0.1},
                "resting_hostility": {"A": 1, "C": 1},
                "incident_rate": {"A": 0, "C": 0},
            },
        },
        "actors.C",
    ),
}
MISSIONS: dict[str, tuple[dict[str, Any], str]] = {
    "troops of thousands of thousands": ({"missions.watch.troops": 2_500_000}, "missions.watch.troops"),
    "troops in thousands": ({"missions.watch.troops": 2.5, "missions.watch.contributors": {}}, "missions.watch.troops"),
    "police by the hundred thousand": ({"missions.watch.police": 200_000}, "missions.watch.police"),
    "contingents above the whole": ({"missions.watch.contributors": {"P": 2501}}, "missions.watch.contributors"),
    "a programme of decades": ({"programmes.jets.value": 30_000}, "programmes.jets.value"),
    "works of decades": ({"bases.port.investment": 30_000}, "bases.port.investment"),
}


@pytest.mark.parametrize("case", SLIPS)
def test_a_slip_is_doubted_where_it_stands(case: str) -> None:
    changes, path = SLIPS[case]
    assert not list(doubts(pair()))
    assert [doubt.path for doubt in doubts(pair(changes))] == [path]


@pytest.mark.parametrize("case", MISSIONS)
def test_a_slip_in_what_holds_or_arms_is_doubted(case: str) -> None:
    changes, path = MISSIONS[case]
    assert not list(doubts(village()))
    assert [doubt.path for doubt in doubts(village(changes))] == [path]


def test_strength_that_is_stated_as_nothing_is_not_doubted() -> None:
    changes, _ = SLIPS["an entity without strength"]
    stated = changes | {"actors.C": {"kind": "entity", "label": "C", "personnel": 0}}
    assert not list(doubts(pair(stated)))


@pytest.mark.parametrize("name", sorted(places.names()))
def test_no_shipped_scenario_is_doubted(name: str) -> None:
    assert not warnings(load(name))


def test_every_warning_has_its_place_and_advice() -> None:
    found = warnings(load(CASE))
    lines = CASE.read_text(encoding="utf-8").splitlines()
    assert {fault.code for fault in found} == set(WARNINGS)
    for fault in found:
        assert fault.hint
        assert f"{fault.code}" in lines[fault.line - 1], fault
    assert sum("# W2" in line for line in lines) == len(found)


def test_warnings_are_no_faults_unless_they_are_taken_for_such() -> None:
    runner = CliRunner()
    usual = runner.invoke(main, ["check", str(CASE)])
    assert usual.exit_code == 0
    assert "warning[W203]: EAS is in no pair" in usual.stdout
    assert "8 warnings\n" in usual.stdout
    assert runner.invoke(main, ["check", "--strict", str(CASE)]).exit_code == 2
    assert runner.invoke(main, ["check", "--strict", "baseline"]).exit_code == 0
    told = json.loads(runner.invoke(main, ["check", "--json", str(CASE)]).stdout)
    assert told["ok"]
    assert not told["checks"][0]["faults"]
    assert {"code", "file", "line", "col", "message", "hint"} == set(told["checks"][0]["warnings"][0])


def test_a_run_says_that_there_are_warnings(tmp_path: Path) -> None:
    runner = CliRunner()
    words = ["run", str(CASE), "-n", "4", "--weeks", "4", "--out"]
    printed = runner.invoke(main, [*words, str(tmp_path / "a"), "--set", "levels.watch.edge=20"]).stdout
    assert f"7 warnings: detente check {CASE} --set levels.watch.edge=20" in printed
    told = json.loads(runner.invoke(main, [*words, str(tmp_path / "b"), "--json"]).stdout)
    assert len(told["warnings"]) == 8
    quiet = runner.invoke(main, ["run", "baseline", "-n", "4", "--weeks", "4", "--out", str(tmp_path / "c")]).stdout
    assert "warning" not in quiet


def test_a_goalpost_at_the_end_of_its_scale_cannot_be_passed() -> None:
    assert "W205" not in {d.code for d in probe.doubts(village())}
    low = {"parameters.index.incidents.clash": {"value": 0.5}}
    assert [d.path for d in probe.doubts(village(low)) if d.code == "W205"] == ["parameters.index.incidents.clash"]


def test_a_level_is_measured_against_chance() -> None:
    def narrow(width: float) -> list[str]:
        edges = {"levels.watch.edge": 20, "levels.crisis.edge": 20 + width}
        return [d.path for d in probe.doubts(pair(edges, weeks=26)) if d.code == "W206"]

    assert narrow(0.2) == ["levels.watch.edge"]
    assert narrow(20) == []


def bare(**more: Any) -> Scenario:
    """A pair of which nothing is said but what must be, and spending."""
    tree = pair_tree(certain=True)
    for name in ("A", "B"):
        tree["actors"][name] = {"kind": "state", "label": name, "spending": 500, **more}
    return built(tree)


def test_defaults_that_suppose_something_are_counted() -> None:
    paths = [entry.path for entry in supposed(bare()) if entry.path.startswith("actors.A.")]
    left = ("gdp", "personnel", "capital", "build_up", "readiness", "alignment", "insecurity", "coalition")
    assert paths == [f"actors.A.{field}" for field in (*left, "war_aversion")]
    assert not [e for e in supposed(village()) if e.path.startswith("actors.P.")]  # in no pair: none of it is used
    assert str(balance(bare(), [])) == "0 numbers with a source, 0 assumptions, 18 left at defaults"
    loaded = load("baseline")
    held = balance(loaded.scenario, loaded.leaves())
    assert held.numbers == len(loaded.leaves())
    assert held.assumed == round(loaded.assumption_share * held.numbers)


def test_a_default_that_decides_is_named_and_one_that_does_not_is_not() -> None:
    decisive = {d.path for d in probe.doubts(bare()) if d.code == "W207"}
    assert "actors.A.alignment" in decisive
    assert "actors.A.coalition" not in decisive
    stated = bare(alignment=0.1)
    assert "actors.A.alignment" not in {d.path for d in probe.doubts(stated)}
