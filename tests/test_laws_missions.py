"""Missions: dose and response (model.md §2.7), vacuum and its transient, reserves, substitutes, influence."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from worlds import floats

from detente.laws import missions
from detente.laws.missions import Parameters as MissionParameters

USUAL = {
    "troops_effect": 0.06,
    "police_effect": 0.6,
    "saturation": 5000.0,
    "transient": 0.12,
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


def factor(troops: float = 0.0, police: float = 0.0, transient: float = 0.0, **given: float) -> float:
    return float(missions.multiplier(one(troops), one(police), one(transient), parameters(**given))[0, 0])


def test_ten_thousand_troops_take_22_deaths_a_month_to_6() -> None:
    assert 22 * factor(10_000, troops_effect=0.130) == pytest.approx(6.0, rel=0.005)
    assert 1 - factor(1000, troops_effect=0.130) == pytest.approx(0.122, abs=5e-4)


def test_no_change_of_presence_changes_nothing() -> None:
    assert factor() == 1.0


@given(floats(-3000, 3000), floats(-500, 500), floats(0, 2000))
def test_presence_damps_and_a_recent_loss_excites(troops: float, police: float, lost: float) -> None:
    usual = factor(troops, police, lost)
    assert 0 < usual < np.inf
    assert factor(troops + 100, police, lost) < usual
    assert factor(troops, police + 100, lost) < factor(troops + 100, police, lost)  # police weigh more than troops
    assert factor(troops, police, lost + 100) > usual


@given(floats(0, 1e5), floats(100, 1e5))
def test_a_saturating_presence_starts_like_troops_and_ends_at_its_half(troops: float, half: float) -> None:
    felt = missions.saturating(one(troops), np.asarray(half))[0, 0]
    assert 0 <= felt <= min(troops, half) * (1 + 1e-12)
    assert missions.saturating(one(half * 1e-6), np.asarray(half))[0, 0] == pytest.approx(half * 1e-6, rel=1e-5)
    assert missions.saturating(one(half), np.asarray(half))[0, 0] == pytest.approx(half / 2)


def test_a_reduction_is_felt_for_its_memory_and_an_increase_is_not() -> None:
    felt = missions.recent_loss(one(0.0), one(3000.0), one(2000.0), np.asarray(6.0))
    assert felt[0, 0] == 1000.0
    for _ in range(6):
        felt = missions.recent_loss(felt, one(2000.0), one(2000.0), np.asarray(6.0))
    np.testing.assert_allclose(felt, 1000 / np.e)
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


def test_police_weigh_more_than_troops() -> None:
    np.testing.assert_allclose(missions.presence(one(1000), one(100), one(50), np.asarray(3.0)), 1350)


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
