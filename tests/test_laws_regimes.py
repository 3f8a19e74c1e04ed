"""Regimes: how crises begin, last and end; wars by choice and by act; chances that are added up."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import act, day, floats, pair, village

from detente.laws import regimes
from detente.laws.armament import YEAR
from detente.laws.regimes import Parameters as RegimeParameters
from detente.laws.situation import ARMED, QUIET, TENSE
from detente.model.world import World
from detente.scenario.diagnostics import ScenarioError

#: everything happens soon
HOT = {
    "parameters.regimes.onset": 4,
    "parameters.choice.outbreak": 4,
    "parameters.choice.aversion": 0,
    "parameters.choice.elite_fear": 0,
}
MEMBERS = 2000


def parameters(**given: float) -> RegimeParameters:
    """The shipped central values, changed."""
    shipped = pair().parameters.regimes
    values = {field.name: getattr(shipped, field.name).value for field in fields(RegimeParameters)}
    return RegimeParameters(**{name: np.asarray(value) for name, value in (values | given).items()})


def one(value: float) -> np.ndarray:
    return np.full((1, 1), value)


def hazard(hostility: float = 5.0, brake: float = 0.0, agreed: float = 0.0) -> float:
    return float(regimes.onset_hazard(one(hostility), one(brake), one(agreed), parameters())[0, 0])


def test_each_consideration_moves_the_hazard_of_a_crisis_by_its_size() -> None:
    p = parameters()
    assert hazard() == pytest.approx(float(p.onset))
    assert np.log(hazard(hostility=6) / hazard()) == pytest.approx(float(p.onset_hostility))
    assert np.log(hazard() / hazard(brake=0.7)) == pytest.approx(0.7)
    assert np.log(hazard() / hazard(agreed=1)) == pytest.approx(float(p.agreement_brake))


@given(floats(0, 10), floats(0, 10), floats(0, 1))
def test_hazards_are_finite_and_positive(hostility: float, brake: float, agreed: float) -> None:
    assert 0 < hazard(hostility, brake, agreed) < np.inf


def test_anger_makes_a_regime_last() -> None:
    p = parameters()
    calm, angry = (regimes.ending_hazard(np.asarray(2.0), one(x), p)[0, 0] for x in (0.0, 2.0))
    assert calm == 2.0
    assert angry < calm


@given(st.sampled_from([QUIET, TENSE, ARMED]), floats(0, 1), floats(0, 1), floats(0, 1), floats(0, 1), st.booleans())
def test_more_luck_never_calms(regime: int, first: float, second: float, up: float, down: float, war: bool) -> None:
    low, high = (
        regimes.turned(
            np.full((1, 1), regime, dtype=np.int8),
            one(u),
            one(up * 0.5),
            one(down * 0.5),
            np.full((1, 1), war and regime == TENSE),
        )[0, 0]
        for u in sorted((first, second))
    )
    assert QUIET <= low <= high <= ARMED


def test_force_is_used_where_the_pair_is_tense_or_armed_only() -> None:
    world = World(pair(HOT), members=300)
    for _ in range(40):
        before = world.now.regime
        world.step()
        force = (world.now.rung == 4).any(axis=0)
        assert not force[before[0] == QUIET].any()
        assert force[before[0] == ARMED].all()
        begun = (before[0] == TENSE) & force
        assert (world.now.regime[0][begun] == ARMED).all()


def test_chances_added_up_are_the_shares_that_are_counted() -> None:
    world = World(village(HOT), members=MEMBERS)
    world.run_until(50)
    for event in ("crisis", "armed"):
        gap = getattr(world.now, f"{event}_seen") - getattr(world.now, f"{event}_chance")
        error = gap.std(axis=1) / np.sqrt(MEMBERS)
        assert (np.abs(gap.mean(axis=1)) < 5 * error + 1e-12).all()
        seen = getattr(world.now, f"{event}_seen").any(axis=0)
        gap = seen - getattr(world.now, f"any_{event}_chance")[0]
        assert abs(gap.mean()) < 5 * gap.std() / np.sqrt(MEMBERS)


def test_chances_never_fall_and_counts_scatter_more() -> None:
    world, before = World(pair(HOT), members=500), np.zeros((1, 500))
    for _ in range(30):
        world.step()
        assert (world.now.armed_chance >= before).all()
        before = world.now.armed_chance
    assert before.var() < world.now.armed_seen.var()


STEADY = {"parameters.regimes.onset": 0, "parameters.choice.outbreak": 0}
PAIR = ["A-E"]


def told(*acts: dict, **changes: object) -> World:
    acts_by_name = {f"act{n}": one for n, one in enumerate(acts)}
    return World(village({**STEADY, "acts": acts_by_name, **changes}), members=50)


def test_a_war_is_entered_and_ended_by_acts() -> None:
    world = told(act("war", 3), act("ceasefire", 8), act("settlement", 12))
    row = world.layout.dyads.index("A-E")
    seen = []
    for _ in range(14):
        world.step()
        seen.append(world.now.regime[row].max())
    assert seen[2] == ARMED
    assert seen[8] <= TENSE
    assert seen[12] == QUIET
    np.testing.assert_array_equal(world.now.armed_chance[row], 1.0)
    np.testing.assert_array_equal(world.now.any_armed_chance, 1.0)
    assert (world.now.track[world.layout.tracks.index("order")] == 3).mean() > 0.9


def test_a_war_leaves_a_scar_that_fades() -> None:
    world = told(act("war", 2), act("settlement", 4))
    row = world.layout.dyads.index("A-E")
    world.run_until(5)
    fresh = world.now.scar[row].copy()
    world.run_until(50)
    assert (fresh > 0.9).all()
    assert (world.now.scar[row] < fresh).all()
    assert (world.now.scar[row] > 0.5 * fresh).all()


def test_a_frozen_member_is_not_shielded_any_more() -> None:
    world = told(act("membership", 3))
    rows = world.layout.rows(("B",), ("A",))
    world.run_until(2)
    before = world.now.guarantee[rows].copy()
    world.run_until(3)
    assert (world.now.guarantee[rows] < before).all()


def test_a_need_opens_a_vacuum_where_nobody_stands() -> None:
    world = told(act("need", 3))
    row = world.layout.dyads.index("B-C")
    world.run_until(2)
    assert (world.now.vacuum[row] == 0).all()
    world.run_until(3)
    assert (world.now.vacuum[row] > 0).all()


def test_the_theatres_rates_are_means_over_the_regimes_it_opens_in() -> None:
    scenario = pair({"dyads.A-B.opening": {"tense": 0.3, "armed": 0.1}, "parameters.background.volatility": 0})
    world = World(scenario, members=40_000)
    shares = [(world.now.regime == regime).mean() for regime in (QUIET, TENSE, ARMED)]
    np.testing.assert_allclose(shares, [0.6, 0.3, 0.1], atol=0.01)
    assert world.now.climate.mean() == pytest.approx(1.0, abs=0.03)
    assert world.now.regime_pressure.mean() == pytest.approx(0.0, abs=0.02)


def test_without_regimes_every_pair_stays_quiet() -> None:
    world = World(pair({**HOT, "parameters.switches.regimes": "off", "dyads.A-B.opening": {"tense": 1}}), members=50)
    world.run_until(20)
    assert (world.now.regime == QUIET).all()
    assert (world.now.crisis_chance == 0).all()


@pytest.mark.parametrize(
    ("changes", "path", "word"),
    [
        ({"parameters.regimes.ending": 0}, "parameters.regimes.ending", "for ever"),
        ({"parameters.regimes.calming": 0.001}, "parameters.regimes.calming", "for ever"),
        ({"dyads.A-B.opening": {"tense": 0.7, "armed": 0.4}}, "dyads.A-B.opening.tense", "more than 1"),
        ({"acts.x": {"kind": "ceasefire", "date": day(3), "title": "X", "pairs": ["A-B"]}}, "acts.x.kind", "nothing"),
        ({"acts.x": {"kind": "settlement", "date": day(3), "title": "X", "pairs": ["A-B"]}}, "acts.x.kind", "nothing"),
    ],
)
def test_what_could_never_end_or_never_began_is_refused(changes: dict, path: str, word: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        World(pair(changes))
    assert path in str(caught.value)
    assert word in str(caught.value)


def test_a_week_has_the_share_of_a_years_hazard() -> None:
    assert 1 - (1 - float(regimes.weekly(np.asarray(0.5)))) ** YEAR == pytest.approx(1 - np.exp(-0.5))
