"""The compiled engine against NumPy's: the same incidents and regimes, the same tension to nine digits."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.engine import compiled
from detente.engine.block import Block, simulate_block
from detente.engine.compiled import simulate
from detente.laws.default import DEFAULT
from detente.model.calendar import weeks as weeks_of
from detente.scenario import places
from detente.scenario.load import load, load_scenario
from detente.scenario.schema import Scenario
from tests.worlds import theatres, village

WEEKS = 70


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """A village in which everything there is happens."""
    return village()


def arrays(block: Block) -> dict[str, Any]:
    return {field.name: getattr(block, field.name) for field in fields(block) if field.name != "engine"}


def test_it_agrees_with_numpy(scenario: Scenario) -> None:
    fast, slow = simulate(scenario, range(100), 7, WEEKS), simulate_block(scenario, range(100), 7, WEEKS)
    for name, expected in arrays(slow).items():
        found = arrays(fast)[name]
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype
    for name in ("incidents", "regimes"):
        np.testing.assert_array_equal(arrays(fast)[name], arrays(slow)[name])
    for name in ("tension", "contribution", "behaviour"):
        np.testing.assert_allclose(arrays(fast)[name], arrays(slow)[name], rtol=0, atol=1e-9)
    for name in ("crisis_chance", "armed_chance", "any_crisis_chance", "any_armed_chance"):
        np.testing.assert_allclose(arrays(fast)[name], arrays(slow)[name], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("precision", ["fast", "fast32"])
def test_no_bit_depends_on_who_shares_the_block(scenario: Scenario, precision: Any) -> None:
    whole = arrays(simulate(scenario, range(80), 7, 40, precision=precision))
    for part in (range(0, 80, 1), range(5, 6), range(17, 80)):
        for name, found in arrays(simulate(scenario, part, 7, 40, precision=precision)).items():
            if not name.endswith("_sum"):
                np.testing.assert_array_equal(found, whole[name][..., part.start : part.stop])


@pytest.mark.parametrize("precision", ["fast", "fast32"])
def test_no_bit_depends_on_the_width_of_vectors(
    scenario: Scenario, precision: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = arrays(simulate(scenario, range(70), 7, 30, precision=precision))
    monkeypatch.setattr(compiled, "LANES", 2)
    for name, found in arrays(simulate(scenario, range(70), 7, 30, precision=precision)).items():
        np.testing.assert_array_equal(found, wide[name])


def test_sums_add_up_over_blocks(scenario: Scenario) -> None:
    whole = simulate(scenario, range(80), 7, 20)
    parts = [simulate(scenario, part, 7, 20) for part in (range(33), range(33, 80))]
    for name in ("contribution_sum", "pillar_sum"):
        np.testing.assert_array_equal(sum(getattr(part, name) for part in parts), getattr(whole, name))


def test_floats_stay_near(scenario: Scenario) -> None:
    fast, slow = simulate(scenario, range(64), 7, 26, precision="fast32"), simulate_block(scenario, range(64), 7, 26)
    same = (fast.incidents == slow.incidents).all(axis=(0, 1))
    assert same.mean() > 0.95
    np.testing.assert_allclose(fast.tension[:, same], slow.tension[:, same], rtol=0, atol=1e-2)


def agrees(scenario: Scenario, members: int, weeks: int, seed: int = 1) -> None:
    """Every incident and regime equal, tension to nine digits."""
    fast = simulate(scenario, range(members), seed, weeks)
    slow = simulate_block(scenario, range(members), seed, weeks)
    np.testing.assert_array_equal(fast.incidents, slow.incidents)
    np.testing.assert_array_equal(fast.regimes, slow.regimes)
    np.testing.assert_allclose(fast.tension, slow.tension, rtol=0, atol=1e-9)
    np.testing.assert_allclose(fast.dyads, slow.dyads, rtol=0, atol=1e-4)  # kept as floats


#: a theatre each, with a settlement, a war of the record and acts that may not come about
FEW = ("baseline", "south_caucasus_baseline", "aegean_baseline", "dayton_breach")
#: rival theory -> its options
RIVALS = [(name, option) for m in DEFAULT for name, theory in m.theories.items() for option in theory.options]


@pytest.mark.parametrize("name", FEW)
def test_shipped_scenarios_agree(name: str) -> None:
    agrees(load_scenario(name), 8, 40)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(places.names()))
def test_every_shipped_scenario_agrees_over_all_its_weeks(name: str) -> None:
    scenario = load_scenario(name)
    agrees(scenario, 12, weeks_of(scenario))


@pytest.mark.slow
@pytest.mark.parametrize(("theory", "option"), RIVALS)
def test_every_rival_theory_agrees(theory: str, option: str) -> None:
    agrees(load("baseline", {f"parameters.switches.{theory}": option}).scenario, 12, 104)


@pytest.mark.slow
@settings(max_examples=60)
@given(scenario=theatres(), members=st.integers(1, 20), seed=st.integers(0, 2**40))
def test_generated_worlds_agree(scenario: Scenario, members: int, seed: int) -> None:
    agrees(scenario, members, 12, seed)
