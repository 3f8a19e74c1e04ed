"""Choice: the logit's limits (model.md §2.5), what pulls up and what holds down, paired luck."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import floats, pair

from detente.laws import choice
from detente.laws.choice import Parameters as ChoiceParameters
from detente.laws.choice import Prospect

NEUTRAL = {
    "hostility": 0.3,
    "prize": 0.3,
    "guarantee": 0.3,
    "presence": 0.3,
    "backing": 0.3,
    "brake": 1.6,
    "insecurity": 0.3,
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
    odds = choice.probabilities(worth, p.precision)[:, 0, 0]
    return float(sum(o * s for o, s in zip(odds, choice.severities(p), strict=True)))


worths = st.lists(floats(-5, 5), min_size=5, max_size=5).map(lambda w: tuple(np.full((1, 1), u) for u in w))


@given(worths)
def test_without_precision_every_rung_is_as_likely(worth: tuple[np.ndarray, ...]) -> None:
    np.testing.assert_array_equal(choice.probabilities(worth, np.asarray(0.0)).ravel(), 0.2)


@given(worths)
def test_with_unlimited_precision_the_best_rung_is_chosen(worth: tuple[np.ndarray, ...]) -> None:
    values = np.array(worth).ravel()
    best = values.max()
    if (values > best - 1e-3).sum() > 1:
        return
    odds = choice.probabilities(worth, np.asarray(1e6)).ravel()
    assert odds[values.argmax()] == pytest.approx(1.0)
    rung = choice.pick(np.full((1, 1), 0.37), worth, parameters(precision=1e6))
    assert rung[0, 0] == values.argmax()
    shown = choice.severity(rung, parameters())
    np.testing.assert_allclose(shown[0, 0], choice.severities(parameters())[values.argmax()], atol=1e-12)


@given(worths, floats(0, 1000))
def test_probabilities_sum_to_one_and_do_not_mind_a_common_shift(worth: tuple[np.ndarray, ...], sharp: float) -> None:
    odds = choice.probabilities(worth, np.asarray(sharp))
    assert odds.sum() == pytest.approx(1.0)
    assert (odds >= 0).all()
    shifted = choice.probabilities(tuple(u + 2.0 for u in worth), np.asarray(sharp))
    np.testing.assert_allclose(shifted, odds, atol=1e-9)


def test_rungs_are_picked_as_often_as_their_probabilities() -> None:
    p = parameters(precision=3.0)
    worth = tuple(np.full((1, 200_000), u) for u in (0.1, 0.3, 0.0, -0.2, -0.4))
    rung = choice.pick(np.random.default_rng(2).random((1, 200_000)), worth, p)
    odds = choice.probabilities(worth, p.precision)[:, 0, 0]
    often = np.bincount(rung[0], minlength=5) / rung.size
    assert (np.abs(often - odds) < 5 * np.sqrt(odds * (1 - odds) / rung.size)).all()


@given(worths, floats(0, 1), floats(0, 1))
def test_more_luck_never_lowers_the_rung(worth: tuple[np.ndarray, ...], one: float, other: float) -> None:
    p = parameters()
    low, high = (choice.pick(np.full((1, 1), u), worth, p)[0, 0] for u in sorted((one, other)))
    assert 0 <= low <= high <= 4


PULLS = {"hostility": 1, "prize": 1, "guarantee": -1, "presence": -1, "backing": 1, "brake": -1}


@pytest.mark.parametrize(("field", "sign"), PULLS.items())
def test_each_consideration_pulls_its_way(field: str, sign: int) -> None:
    p = parameters()
    low, high = (severity(prospect(**{field: value}), p) for value in (0.1, 0.8))
    assert (high - low) * sign > 0


def test_strained_resources_and_an_averse_public_brake() -> None:
    p, one = parameters(resources=0.4), np.ones((1, 1))
    assert choice.brake(0 * one, 0 * one, p)[0, 0] == 1
    assert choice.brake(one, 0 * one, p)[0, 0] == pytest.approx(1.4)
    assert choice.brake(0 * one, 0.7 * one, p)[0, 0] == pytest.approx(1.7)


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
    assert raised[:2] + raised[3:] == [0, 0, 0, 0]


def test_backing_down_costs_what_the_last_rung_was_worth() -> None:
    p = parameters(inconsistency=0.1, severity_threaten=0.4, severity_coerce=0.7)
    worth = [choice.utilities(prospect(), np.full((1, 1), previous), np.zeros((1, 1)), p) for previous in (0.0, 0.7)]
    lost = [float((a - b)[0, 0]) for a, b in zip(*worth, strict=True)]
    np.testing.assert_allclose(lost, 0.1 * np.array([0.7, 0.7, 0.7 - 0.4, 0.0, 0.0]), atol=1e-12)


def test_deterrence_of_the_wrong_sign_invites() -> None:
    p = parameters()
    wrong = replace(p, deterrence=-p.deterrence)
    assert severity(prospect(guarantee=0.9), wrong) > severity(prospect(guarantee=0.1), wrong)
