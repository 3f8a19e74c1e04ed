"""Checks before the first week (model.md §3): each constraint, over every draw that is possible, with its place."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from worlds import act, eventful, floats, pair, village

from detente.engine.block import simulate_block
from detente.experiment.run import run
from detente.model import stability
from detente.model.draws import INVERSES
from detente.model.world import World
from detente.scenario.diagnostics import ScenarioError
from detente.scenario.load import load
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import quantities, replaced


def between(low: float, high: float, spread: str = "triangular", **more: Any) -> dict[str, Any]:
    return {"value": (low + high) / 2, "low": low, "high": high, "spread": spread, **more}


#: what is changed -> path of the fault
UNSOUND: dict[str, tuple[dict[str, Any], str]] = {
    "pair": ({"parameters.hostility.inertia": 0.97, "parameters.hostility.reciprocity": 0.04}, "hostility.inertia"),
    "pair, inverse": (
        {"parameters.hostility.inertia": 0.9, "parameters.hostility.reciprocity": -0.2},
        "hostility.inertia",
    ),
    "pair at the end of its range": ({"parameters.hostility.inertia": between(0.8, 1.0)}, "hostility.inertia"),
    "pair far out": ({"parameters.hostility.inertia": between(0.78, 0.92, "normal")}, "hostility.inertia"),
    "branching": ({"parameters.incidents.branching": 0.85}, "incidents.branching"),
    "branching at the end of its range": (
        {"parameters.incidents.branching": between(0.5, 0.9, "uniform")},
        "incidents.branching",
    ),
    "race": ({"parameters.armament.reaction": 0.3}, "armament.reaction"),
    "a theory that draws what is fixed": (
        {"parameters.armament.reaction": 0.02, "parameters.switches.reaction": "slab"},
        "switches.reaction",
    ),
    "race in its slab": (
        {"parameters.armament.reaction": between(0, 0.25, "spike_slab", spike=0.5)},
        "armament.reaction",
    ),
    "no memory": ({"parameters.incidents.memory": 0}, "incidents.memory"),
    "next to no memory": ({"parameters.incidents.memory": 1e-320}, "incidents.memory"),
    "goalposts next to one another": ({"parameters.index.vacuum.clash": 1e-320}, "index.vacuum.clash"),
    "no memory at the end of its range": ({"parameters.dialogue.memory": between(0, 100)}, "dialogue.memory"),
    "goalposts turned": ({"parameters.index.vacuum.calm": 1, "parameters.index.vacuum.clash": 0}, "index.vacuum.clash"),
    "no weights": (
        {f"parameters.index.{p}.weight": 0 for p in ("hostility", "incidents", "militarisation")}
        | {f"parameters.index.{p}.weight": 0 for p in ("alignment", "vacuum", "diplomacy")},
        "index.hostility.weight",
    ),
    "no wear, and a stock left open": (
        {"actors.A.capital": None, "parameters.armament.depreciation": 0},
        "armament.depreciation",
    ),
    "share below 0": ({"parameters.choice.inconsistency": between(0.0, 0.3, "normal")}, "choice.inconsistency"),
}


@pytest.mark.parametrize("case", UNSOUND)
def test_each_constraint_is_checked_and_its_parameter_named(case: str) -> None:
    changes, path = UNSOUND[case]
    found = stability.faults(pair(changes))
    assert {f.path for f in found} == {f"parameters.{path}"}
    assert found[0].message
    assert found[0].hint


def test_dyads_are_named_too() -> None:
    assert [f.path for f in stability.faults(pair({"dyads.A-B.weight": 0}))] == ["dyads.A-B.weight"]
    wide = between(0.0, 0.8, "normal")
    assert [f.path for f in stability.faults(pair({"dyads.A-B.stake": {"A": wide, "B": 0.4}}))] == ["dyads.A-B.stake.A"]
    many = {"dyads.A-B.incident_rate": {"A": 8.0, "B": 9.0}, "parameters.hostility.incident_feedback": 0.12}
    found = stability.faults(pair(many))
    assert [f.path for f in found] == ["dyads.A-B.incident_rate.B"]
    assert "always" in found[0].message


def test_all_faults_are_told_at_once() -> None:
    changes = UNSOUND["pair"][0] | UNSOUND["branching"][0] | UNSOUND["race"][0] | UNSOUND["no memory"][0]
    assert len(stability.faults(pair(changes))) == 4


@pytest.mark.parametrize("certain", [True, False])
def test_sound_theatres_have_no_fault(certain: bool) -> None:
    assert stability.faults(village(certain=certain)) == []
    assert stability.faults(pair(certain=certain)) == []


def test_the_race_is_not_checked_where_nobody_reacts() -> None:
    changes = {"parameters.armament.reaction": 0.3, "parameters.switches.reaction": "none"}
    assert stability.faults(pair(changes)) == []


def test_a_few_unstable_draws_are_let_pass_and_many_are_not() -> None:
    feeding = {"parameters.hostility.inertia": 0.9, "parameters.hostility.incident_feedback": 0.1}
    feeding |= {"parameters.incidents.sensitivity": 0.3}
    rare, often = between(0.05, 0.5, "lognormal", value=0.15), between(0.2, 4.0, "lognormal", value=1.0)
    for rate, found in ((rare, 0), (often, 1)):
        changed = pair(feeding | {"dyads.A-B.incident_rate": {"A": rate, "B": 0.1}})
        assert stability.possible(changed.dyads["A-B"].incident_rate["A"])[1] > 2.0  # the corner itself fails
        assert len(stability.faults(changed)) == found
    assert "%" in stability.faults(changed)[0].message


def jacobian(rho: float, kappa: float, push: float, n: float, s: float, phi: float, rates: list[float]) -> np.ndarray:
    """The linearised pair on (h_ij, h_ji, E_ij, E_ji), built from the equations; the feedback is 1."""
    swap, same = np.eye(2)[::-1], np.eye(2)
    felt = push * (1 - n) * np.diag(rates)
    excited = n * (1 - phi) * ((1 - s) * same + s * swap)
    return np.block([[rho * same + kappa * swap + swap @ felt, swap @ excited], [felt, phi * same + excited]])


@given(
    floats(0, 1.05),
    floats(0, 0.3),
    floats(0, 0.3),
    floats(0, 0.8),
    floats(0, 1),
    floats(0.05, 0.9),
    floats(0, 2),
    floats(0, 2),
)
def test_growth_tells_whether_the_joint_radius_is_below_one(
    rho: float, kappa: float, push: float, n: float, s: float, phi: float, one: float, other: float
) -> None:
    arrays = (np.asarray(x) for x in (rho, kappa, push, n, s))
    growth = float(stability.growth(*arrays, (np.asarray(one), np.asarray(other))))
    radius = np.abs(np.linalg.eigvals(jacobian(rho, kappa, push, n, s, phi, [one, other]))).max()
    if abs(growth - 1) > 1e-6:
        assert (growth < 1) == (radius < 1)
    if one == other:
        assert growth == pytest.approx(rho + kappa + push * one)


@pytest.mark.parametrize(
    "q",
    [
        between(1.0, 2.0, "uniform"),
        between(1.0, 2.0, "triangular", value=1.2),
        between(-1.0, 2.0, "normal"),
        between(0.5, 9.0, "lognormal", value=2.0),
        between(0.2, 0.6, "spike_slab", spike=0.4),
        {"value": 3.0, "low": 1.0, "high": 5.0},
    ],
)
def test_what_is_possible_holds_nearly_every_draw(q: dict[str, Any]) -> None:
    quantity = Quantity.model_validate(q)
    low, high = stability.possible(quantity)
    assert low <= quantity.value <= high
    if quantity.spread:
        drawn = INVERSES[quantity.spread](quantity, np.linspace(1.1e-6, 1 - 1.1e-6, 100_001))
        assert low <= drawn.min()
        assert drawn.max() <= high
        assert drawn.max() > low + 0.8 * (high - low) or quantity.spread == "lognormal"


UNSTABLE = pair({"parameters.hostility.inertia": 1.0})


@pytest.mark.parametrize("start", [World, lambda s: run(s, 2), lambda s: run(s, 2, keep="summary")])
def test_nothing_is_run_with_unstable_parameters(start: Any) -> None:
    with pytest.raises(ScenarioError, match=r"E150.*parameters\.hostility\.inertia"):
        start(UNSTABLE)


THEATRE = """\
extends: theatres/laws
title: Small
theatre: Nowhere
calendar: {start: 2024-01-01, end: 2024-12-30, documented_until: 2024-01-01}
actors:
  A: {kind: state, label: A}
  B: {kind: state, label: B}
dyads:
  A-B: {between: [A, B], stake: {A: 0.5, B: 0.5}, resting_hostility: {A: 3, B: 3}, incident_rate: {A: 0.1, B: 0.1}}
levels: {calm: {label: Calm, edge: 0}, crisis: {label: Crisis, edge: 50, crisis: true}}
parameters:
  hostility:
    inertia: {value: 0.99, unit: share}
  incidents:
    branching: 0.9
"""


def test_faults_are_placed_where_the_values_are_written(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(THEATRE, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        stability.require_placed(load(str(file)))
    lines = THEATRE.splitlines()
    for fault, text in zip(caught.value.faults, ["0.99", "0.9"], strict=True):
        assert fault.code == "E150"
        assert Path(fault.file).name == "small.yaml"
        assert lines[fault.line - 1][fault.col - 1 :].startswith(text)


def test_a_change_on_the_command_line_is_placed_there(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(THEATRE.split("parameters:")[0], encoding="utf-8")
    stability.require_placed(load(str(file)))
    with pytest.raises(ScenarioError, match="command line"):
        stability.require_placed(load(str(file), {"parameters.incidents.branching.value": "0.9"}))


@pytest.mark.parametrize("arguments", [["check"], ["run", "--members", "4"]])
def test_the_command_line_refuses_unstable_parameters(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from detente.cli.main import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(THEATRE, encoding="utf-8")
    done = CliRunner().invoke(main, [arguments[0], "small.yaml", *arguments[1:]])
    line = next(n for n, text in enumerate(THEATRE.splitlines(), 1) if "0.99" in text)
    assert done.exit_code == 2
    assert f"small.yaml:{line}" in done.output
    assert "parameters.hostility.inertia" in done.output
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("path", "value", "beyond"),
    [
        ("acts.cut.troops", {"value": 900, "low": 100, "high": 1700, "spread": "normal"}, "acts.cut.troops"),
        ("parameters.choice.strength_decay", between(100, 900, "spike_slab", spike=0.5), "choice.strength_decay"),
        ("actors.A.capital", between(100, 3000, "normal"), "actors.A.capital"),
    ],
)
def test_no_draw_of_any_quantity_leaves_its_range(path: str, value: dict[str, Any], beyond: str) -> None:
    """Of those that may be left out too, and of those that cannot be 0 when a slab has a spike at 0."""
    changes = {"acts.cut": act("mission", 3), path: value} if path.startswith("acts") else {path: value}
    found = stability.faults(village(changes))
    assert [f.path for f in found if f.path.endswith(beyond)], found


def test_a_number_is_told_from_the_bound_that_it_passes() -> None:
    assert stability.apart(1.0004, 0.0, 1.0) == "1.0004"
    assert stability.apart(-0.123456, 0.0, 1.0) == "-0.123"


#: a number at an end of its range at which the model broke or warned
EXTREMES: dict[str, dict[str, Any]] = {
    "a state whose pairs have no weight": {"dyads.A-E.weight": 0},
    "millions of troops that leave": {"missions.watch.troops": 5e6},
    "odds far apart": {"parameters.choice.contest_exponent": 1000},
    "troops that quell everything": {"parameters.missions.dose": 10},
    "a vacuum that kindles everything": {"parameters.missions.transient": 10},
    "more contingents than troops": {"missions.watch.contributors": {"P": 5e6}},
    "highest exponent": {"parameters.index.exponent": 50},
}


def finite(scenario: Scenario, weeks: int) -> None:
    """Run what check lets pass: every output is finite, the index on its scale, and its parts add up to it."""
    block = simulate_block(scenario, range(4), 1, weeks)
    for name in ("tension", "contribution", "behaviour", "dyads", "states"):
        assert np.isfinite(getattr(block, name)).all(), name
    assert (block.tension >= 0).all()
    assert (block.tension <= 100 + 1e-9).all()
    np.testing.assert_allclose(block.contribution.sum(axis=1), block.tension, atol=1e-6)


@pytest.mark.parametrize("case", EXTREMES)
def test_what_check_lets_pass_is_finite(case: str) -> None:
    scenario = eventful(EXTREMES[case], certain=True)
    assert not stability.faults(scenario)
    finite(scenario, 44)


@pytest.mark.slow
def test_every_number_at_the_ends_of_its_range_is_refused_or_finite() -> None:
    base, ran = eventful(weeks=46, certain=True), 0
    for path, _, measure, _ in quantities(base):
        assert measure is not None, path
        for value in (measure.ge, measure.le, max(measure.ge, 1e-320), max(measure.ge, 1e-9)):
            certain = Quantity(value=value, unit=measure.unit)
            scenario = replaced(base, {path: certain})
            if not stability.faults(scenario):
                finite(scenario, 10)
                ran += 1
    assert ran > 900


def test_missions_never_have_fewer_than_no_troops() -> None:
    world = World(eventful({"missions.watch.contributors": {"P": 5e6}}, certain=True), members=4)
    for _ in range(44):
        world.step()
        assert (world.now.troops >= 0).all()
