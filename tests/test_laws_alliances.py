"""Alliances: belief decays to what a pact is worth, guarantees combine, the contest's limits (model.md §2.6)."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import floats

from detente.laws import alliances, choice
from detente.laws.alliances import Parameters as AllianceParameters
from detente.laws.situation import Named

USUAL = {"perceived_memory": 40.0, "threat": 0.6, "formation": 0.5, "formation_memory": 12.0, "echo": 0.3}


def parameters(**given: float) -> AllianceParameters:
    return AllianceParameters(**{name: np.asarray(value) for name, value in (USUAL | given).items()})


def one(value: float) -> np.ndarray:
    return np.full((1, 1), value)


@given(floats(-10, 10), floats(0, 20))
def test_the_two_sides_of_a_contest_sum_to_one(advantage: float, exponent: float) -> None:
    win, lose = (choice.contest(one(a), np.asarray(exponent))[0, 0] for a in (advantage, -advantage))
    assert win + lose == pytest.approx(1.0)
    assert 0 <= lose <= 1


@given(floats(0, 20))
def test_equals_have_even_chances_whatever_the_exponent(exponent: float) -> None:
    assert choice.contest(one(0.0), np.asarray(exponent))[0, 0] == 0.5


@given(floats(0.01, 1e4), floats(0.01, 1e4), floats(0.2, 8))
def test_a_contest_is_the_ratio_of_powers(own: float, other: float, exponent: float) -> None:
    ahead = choice.advantage(np.log(one(own)), np.log(one(other)), one(0.0))
    expected = own**exponent / (own**exponent + other**exponent)
    assert choice.contest(ahead, np.asarray(exponent))[0, 0] == pytest.approx(expected, rel=1e-9)


def test_strength_fades_by_e_over_its_distance() -> None:
    far = Named({"distance": one(800.0), "layout": Named({"pair": [0]})})
    remote = choice.remoteness(far, Named({"strength_decay": np.asarray(800.0)}))  # type: ignore[arg-type]
    np.testing.assert_allclose(choice.advantage(one(2.0), one(2.0), remote), -1.0)


@given(floats(0, 1), floats(0, 1), floats(1, 200))
def test_belief_decays_to_what_the_pact_is_worth(perceived: float, worth: float, memory: float) -> None:
    p, weeks = parameters(perceived_memory=memory), 30
    belief = one(perceived)
    for _ in range(weeks):
        belief = alliances.perceive(belief, one(worth), one(0.0), p)
        assert 0 <= belief[0, 0] <= 1
    np.testing.assert_allclose(belief, worth + (perceived - worth) * np.exp(-weeks / memory), atol=1e-9)


def test_a_pact_is_believed_the_more_the_more_the_one_it_answers_is_overrated() -> None:
    p = parameters()
    plain, answering = (alliances.perceive(one(0.5), one(0.4), one(x), p)[0, 0] for x in (0.0, 0.5))
    assert answering - plain == pytest.approx(0.3 * 0.5 * -np.expm1(-1 / 40))


@given(st.lists(st.tuples(floats(0, 1), floats(0, 1)), min_size=1, max_size=4))
def test_guarantees_combine_in_any_order_and_never_weaken(pacts: list[tuple[float, float]]) -> None:
    expected = 1 - np.prod([1 - c * r for c, r in pacts])
    for order in permutations(pacts):
        total = one(0.0)
        for commitment, reliability in order:
            joined = alliances.join(total, one(commitment), one(reliability))
            assert total[0, 0] - 1e-15 <= joined[0, 0] <= 1 + 1e-15
            total = joined
        np.testing.assert_allclose(total, expected, atol=1e-12)


def test_a_treaty_of_full_worth_is_a_certain_guarantee() -> None:
    assert alliances.join(one(0.3), one(1.0), one(1.0))[0, 0] == 1.0


@given(floats(0, 1), floats(0, 1), floats(0, 3))
def test_threat_is_standing_belief_plus_news(perceived: float, news: float, activity: float) -> None:
    felt = alliances.threat(one(perceived), one(news), one(activity), parameters())[0, 0]
    assert felt == pytest.approx(0.6 * perceived * activity + 0.5 * news)
    assert felt >= 0
