"""Choice: the logit's limits (model.md §2.5), what pulls up and what holds down, paired luck."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import floats, pair

from detente.laws import choice
from detente.laws.armament import YEAR
from detente.laws.choice import Parameters as ChoiceParameters
from detente.laws.choice import Prospect

NEUTRAL = {
    "hostility": 0.3,
    "prize": 0.3,
    "presence": 0.3,
    "insecurity": 0.3,
    "brakes": 0.6,
}


def parameters(**given: float) -> ChoiceParameters:
    """The shipped central values, changed."""
    shipped = pair().parameters.choice
    values = {field.name: getattr(shipped, field.name).value for field in fields(ChoiceParameters)}
    return ChoiceParameters(**{name: np.asarray(value) for name, value in (values | given).items()})


def prospect(**given: float) -> Prospect:
    return Prospect(**{name: np.full((1, 1), value) for name, value in (NEUTRAL | given).items()})


def severity(now: Prospect, p: ChoiceParameters, fear: float = 0.0, previous: float = 0.0) -> float:
    """Expected severity of the rung chosen."""
    worth = choice.utilities(now, np.full((1, 1), previous), np.full((1, 1), fear), p)
    odds = choice.probabilities(worth)[:, 0, 0]
    return float(sum(o * s for o, s in zip(odds, choice.severities(p), strict=False)))


NEVER = np.zeros((1, 1))
worths = st.lists(floats(-5, 5), min_size=4, max_size=4).map(lambda w: tuple(np.full((1, 1), u) for u in w))


def test_without_precision_and_brakes_every_rung_is_as_likely() -> None:
    p, none = parameters(precision=0, belligerence=0, cheap_talk=0), np.zeros((1, 1))
    worth = choice.utilities(prospect(brakes=0, presence=0), none, none, p)
    np.testing.assert_array_equal(choice.probabilities(worth).ravel(), 0.25)


@given(worths)
def test_with_unlimited_precision_the_best_rung_is_chosen(worth: tuple[np.ndarray, ...]) -> None:
    values = np.array(worth).ravel()
    best = values.max()
    if (values > best - 1e-3).sum() > 1:
        return
    sharp = tuple(1e6 * u for u in worth)
    assert choice.probabilities(sharp).ravel()[values.argmax()] == pytest.approx(1.0)
    rung = choice.pick(np.full((1, 1), 0.37), sharp, NEVER)
    assert rung[0, 0] == values.argmax()
    shown = choice.severity(rung, parameters())
    np.testing.assert_allclose(shown[0, 0], choice.severities(parameters())[values.argmax()], atol=1e-12)


@given(worths, floats(0, 1000))
def test_probabilities_sum_to_one_and_do_not_mind_a_common_shift(worth: tuple[np.ndarray, ...], sharp: float) -> None:
    odds = choice.probabilities(tuple(sharp * u for u in worth))
    assert odds.sum() == pytest.approx(1.0)
    assert (odds >= 0).all()
    shifted = choice.probabilities(tuple(sharp * u + 2.0 for u in worth))
    np.testing.assert_allclose(shifted, odds, atol=1e-9)


def test_rungs_are_picked_as_often_as_their_probabilities() -> None:
    worth = tuple(np.full((1, 200_000), 3.0 * u) for u in (0.1, 0.3, 0.0, -0.2))
    rung = choice.pick(np.random.default_rng(2).random((1, 200_000)), worth, np.full((1, 1), 0.1))
    odds = np.append(0.9 * choice.probabilities(worth)[:, 0, 0], 0.1)
    often = np.bincount(rung[0], minlength=5) / rung.size
    assert (np.abs(often - odds) < 5 * np.sqrt(odds * (1 - odds) / rung.size)).all()


@given(worths, floats(0, 1), floats(0, 1))
def test_more_luck_never_lowers_the_rung(worth: tuple[np.ndarray, ...], one: float, other: float) -> None:
    low, high = (choice.pick(np.full((1, 1), u), worth, NEVER + 0.2)[0, 0] for u in sorted((one, other)))
    assert 0 <= low <= high <= 4


@given(worths, floats(0, 1))
def test_nobody_uses_force_where_it_is_not_offered(worth: tuple[np.ndarray, ...], luck: float) -> None:
    assert choice.pick(np.full((1, 1), min(luck, 1 - 1e-12)), worth, NEVER)[0, 0] < choice.FORCE


PULLS = {"hostility": 1, "prize": 1, "presence": -1, "brakes": -1}


@pytest.mark.parametrize(("field", "sign"), PULLS.items())
def test_each_consideration_pulls_its_way(field: str, sign: int) -> None:
    p = parameters()
    low, high = (severity(prospect(**{field: value}), p) for value in (0.1, 0.8))
    assert (high - low) * sign > 0


BRAKES = {"guarantee": 0.3, "backing": -0.5, "burden": 0.4, "averse": 0.8}


@pytest.mark.parametrize(("brake", "size"), BRAKES.items())
def test_each_brake_takes_its_size_off_the_log_odds_of_force(brake: str, size: float) -> None:
    p, none = parameters(deterrence=0.3, emboldening=0.5, resources=0.4, aversion=0.8), np.zeros((1, 1))
    free = dict.fromkeys(BRAKES, none)
    odds = []
    for weighed in (free, free | {brake: none + 1}):
        chance = float(choice.force_chance(none, none, choice.brakes(**weighed, p=p), p)[0, 0])
        odds.append(np.log(chance / (1 - chance)))
    assert odds[0] - odds[1] == pytest.approx(size)


def test_an_even_tense_pair_without_brakes_turns_armed_at_its_hazard() -> None:
    p, none = parameters(outbreak=0.26), np.zeros((1, 1))
    side = float(choice.force_chance(none, none, none, p)[0, 0])
    assert side / (1 - side) * 2 * YEAR == pytest.approx(0.26)


def test_a_worse_mood_and_a_better_prospect_make_force_likelier() -> None:
    p, none = parameters(), np.zeros((1, 1))
    usual = choice.force_chance(none, none, none, p)
    assert choice.force_chance(none, none + 1, none, p) > usual
    assert choice.force_chance(none + 0.3, none, none, p) > usual


def test_fear_for_office_restrains_coercion_and_its_opposite_does_not() -> None:
    p, one = parameters(), np.ones((1, 1))
    afraid, gambling = choice.office_fear(0.8 * one, one, p), choice.gamble(0.8 * one, one, p)
    assert afraid > 0 > gambling
    assert severity(prospect(), p, fear=float(afraid[0, 0])) < severity(prospect(), p)
    assert severity(prospect(), p, fear=float(gambling[0, 0])) > severity(prospect(), p)
    assert choice.gamble(0.3 * one, one, p) > 0  # safe enough in office: the same brake as everyone's


def test_insecurity_makes_for_talk() -> None:
    p = parameters(elite_fear=0.0)
    worth = [choice.utilities(prospect(insecurity=x), np.zeros((1, 1)), np.zeros((1, 1)), p) for x in (0.0, 1.0)]
    raised = [float((b - a)[0, 0]) for a, b in zip(*worth, strict=True)]
    assert raised[2] == pytest.approx(float(p.cheap_talk))
    assert raised[:2] + raised[3:] == [0, 0, 0]


def test_backing_down_costs_what_the_last_rung_was_worth() -> None:
    p = parameters(inconsistency=0.1, severity_threaten=0.4, severity_coerce=0.7)
    worth = [choice.utilities(prospect(), np.full((1, 1), previous), np.zeros((1, 1)), p) for previous in (0.0, 0.7)]
    lost = [float((a - b)[0, 0]) for a, b in zip(*worth, strict=True)]
    expected = 0.1 * float(p.precision) * np.array([0.7, 0.7, 0.7 - 0.4, 0.0])
    np.testing.assert_allclose(lost, expected, atol=1e-12)


def test_deterrence_of_the_wrong_sign_invites() -> None:
    none, p = np.zeros((1, 1)), replace(parameters(), deterrence=np.asarray(-0.2))
    held = [choice.brakes(none + covered, none, none, none, p) for covered in (0.1, 0.9)]
    assert held[1] < held[0]
