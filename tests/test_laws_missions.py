"""Missions: dose and response (model.md §2.7), vacuum and its transient, reserves, substitutes, influence."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from worlds import floats

from detente.laws import missions
from detente.laws.missions import Parameters as MissionParameters

USUAL = {
    "dose": 0.46,
    "linear_dose": 0.06,
    "transient": 0.6,
    "transient_memory": 6.0,
    "substitution": 0.3,
    "substitution_delay": 26.0,
    "police_weight": 3.0,
    "influence_gain": 0.04,
    "influence_memory": 26.0,
}


def parameters(**given: float) -> MissionParameters:
    values = {field.name: 0.0 for field in fields(MissionParameters)} | USUAL | given
    return MissionParameters(**{name: np.asarray(value) for name, value in values.items()})


def one(value: float) -> np.ndarray:
    return np.full((1, 1), value)


def factor(presence: float, opening: float = 4000.0, lost: float = 0.0, variant: str = "logarithmic") -> float:
    p = parameters()
    there, then = (missions.presence_brake(one(persons), variant, p) for persons in (presence, opening))
    return float(missions.multiplier(there, then, one(lost), p)[0, 0])


def test_a_large_presence_doubled_takes_relapse_from_40_to_31_in_100() -> None:
    p = parameters(dose=np.log(np.log(0.6) / np.log(0.69)) / np.log(2))
    large, twice = (missions.presence_brake(one(x), "logarithmic", p) for x in (1e12, 2e12))
    assert -np.expm1(np.log(0.6) * missions.multiplier(twice, large, one(0), p)) == pytest.approx(0.31)
    assert float(p.dose) == pytest.approx(0.46, abs=0.005)


def test_a_force_of_60_000_cut_to_32_000_multiplies_the_rate_by_no_more_than_a_third() -> None:
    assert 1.2 < factor(32_000, 60_000) < 1.4


def test_ten_thousand_troops_take_22_deaths_a_month_to_6_where_dose_is_linear() -> None:
    p = parameters(linear_dose=0.130)
    brake = missions.presence_brake(one(10_000), "linear", p)
    assert 22 * missions.multiplier(brake, one(0), one(0), p) == pytest.approx(6.0, rel=0.005)


def test_no_change_of_presence_changes_nothing() -> None:
    assert factor(4000.0) == 1.0


@given(floats(0, 1e5), floats(0, 1e5), floats(0, 3))
def test_presence_damps_and_a_recent_loss_excites(there: float, opening: float, lost: float) -> None:
    usual = factor(there, opening, lost)
    assert 0 < usual < np.inf
    assert factor(there + 100, opening, lost) < usual
    assert factor(there, opening, lost + 0.1) > usual


def test_a_reduction_is_felt_for_its_memory_and_an_increase_is_not() -> None:
    felt = missions.recent_loss(one(0.0), one(3000.0), one(2000.0), np.asarray(6.0))
    assert felt[0, 0] == pytest.approx(np.log(4 / 3))
    for _ in range(6):
        felt = missions.recent_loss(felt, one(2000.0), one(2000.0), np.asarray(6.0))
    np.testing.assert_allclose(felt, np.log(4 / 3) / np.e)
    assert missions.recent_loss(one(0.0), one(2000.0), one(3000.0), np.asarray(6.0))[0, 0] == 0.0


def test_substitutes_approach_their_share_of_what_was_lost() -> None:
    p, local = parameters(), one(0.0)
    for week in range(1, 53):
        local = missions.substitute(local, one(1000.0), p)
        np.testing.assert_allclose(local, 300 * (1 - np.exp(-week / 26)))
    for _ in range(400):
        local = missions.substitute(local, one(-500.0), p)  # more presence than before: nobody steps in
    assert local[0, 0] == pytest.approx(0.0, abs=1e-3)


@given(floats(-1000, 1e5), floats(0, 1e5))
def test_a_vacuum_is_a_share_of_what_is_needed(presence: float, demand: float) -> None:
    gap = missions.vacuum(one(presence), one(demand))[0, 0]
    assert 0 <= gap <= 1
    if demand == 0:
        assert gap == 0
    if demand >= 1:
        assert gap == pytest.approx(np.clip(1 - presence / demand, 0, 1))


def test_a_reserve_comes_after_its_lag_stays_and_can_be_called_again() -> None:
    waiting, serving = one(0.0), one(0.0)
    served = []
    for week in range(30):
        alarm = np.full((1, 1), week in (2, 3, 6, 20))
        waiting, serving = missions.call_up(waiting, serving, alarm, one(3.0), one(5.0))
        served.append(bool(serving[0, 0] > 0))
    assert [week for week, there in enumerate(served) if there] == [*range(5, 10), *range(23, 28)]


def test_without_alarm_no_reserve_comes() -> None:
    waiting, serving = missions.call_up(one(0.0), one(0.0), np.full((1, 1), False), one(3.0), one(5.0))
    assert waiting[0, 0] == serving[0, 0] == 0


@given(floats(0, 1e4), floats(0, 1e4), floats(1, 40))
def test_strength_reaches_its_goal_on_a_straight_line(strength: float, goal: float, weeks: float) -> None:
    path, left = [strength], weeks
    for _ in range(int(np.ceil(weeks))):
        path.append(float(missions.toward(one(path[-1]), one(goal), one(left))[0, 0]))
        left = max(left - 1, 0)
    np.testing.assert_allclose(path[-1], goal, atol=1e-6)
    if weeks == int(weeks):
        np.testing.assert_allclose(path, np.linspace(strength, goal, int(weeks) + 1), atol=1e-6)


@given(floats(0, 1), floats(0, 1), floats(0, 1), floats(0, 1))
def test_influence_stays_a_share_and_a_vacuum_lets_it_in(
    level: float, rest: float, gap: float, openness: float
) -> None:
    p = parameters()
    calm, open_ = (missions.step_influence(one(level), one(rest), one(g), one(openness), p)[0, 0] for g in (0.0, gap))
    assert 0 <= calm <= open_ <= 1


def test_influence_ebbs_back_to_rest() -> None:
    level = one(0.9)
    for _ in range(26):
        level = missions.step_influence(level, one(0.3), one(0.0), one(0.3), parameters())
    np.testing.assert_allclose(level, 0.3 + 0.6 / np.e)
