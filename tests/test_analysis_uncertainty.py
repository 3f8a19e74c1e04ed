"""Shares of chance, parameters and construction: they sum to 1 and find what was put in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.analysis import metrics, uncertainty
from detente.analysis.constructions import NORMALISERS, Construction, alternatives, drawn, index
from tests.analysis_data import PILLARS, UP, WEIGHTS, result

MEAN = metrics.parse("mean")
NAMED = dict(zip(PILLARS, WEIGHTS, strict=True))
BASE, HIGH = result(), result("high", push=UP)


def nested(draws: int, parameters: float, chance: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    draw = np.arange(4 * draws) // 4
    return 1 + parameters * rng.normal(size=draws)[draw] + chance * rng.normal(size=4 * draws), draw


def by_source(shares: tuple[uncertainty.VarianceShare, ...]) -> dict[str, float]:
    return {share.source: share.share for share in shares}


@given(st.floats(0, 3), st.floats(0.1, 3), st.integers(2, 12), st.integers(0, 20))
def test_shares_sum_to_one_and_stay_between_0_and_1(parameters: float, chance: float, draws: int, seed: int) -> None:
    d, draw = nested(draws, parameters, chance, seed)
    given_values = np.random.default_rng(seed).normal(size=5)
    shares = uncertainty.shares(d, draw, given_values, resamples=10)
    assert sum(share.share for share in shares) == pytest.approx(1)
    assert all(0 <= share.share <= 1 for share in shares)
    assert all(0 <= share.low <= share.high <= 1 for share in shares)


@pytest.mark.parametrize(("parameters", "chance"), [(2.0, 1.0), (1.0, 2.0), (0.0, 1.0), (1.0, 1.0)])
def test_the_split_finds_what_was_put_in(parameters: float, chance: float) -> None:
    d, draw = nested(1500, parameters, chance)
    shares = by_source(uncertainty.shares(d, draw, resamples=20))
    assert shares["parameters"] == pytest.approx(parameters**2 / (parameters**2 + chance**2), abs=0.05)
    assert shares["construction"] == 0


def test_the_spread_of_draw_means_alone_would_overstate_parameters() -> None:
    d, draw = nested(1500, 0.0, 1.0)
    assert d.reshape(-1, 4).mean(axis=1).var() == pytest.approx(0.25, abs=0.03)  # what is taken off
    assert by_source(uncertainty.shares(d, draw, resamples=20))["parameters"] < 0.05


def test_constructions_given_as_means_add_their_variance() -> None:
    d, draw = nested(1500, 1.0, 1.0)
    means = np.random.default_rng(1).normal(0, 2**0.5, size=400)
    shares = by_source(uncertainty.shares(d, draw, means, resamples=20))
    assert shares["construction"] == pytest.approx(0.5, abs=0.06)
    assert shares["chance"] == pytest.approx(shares["parameters"], abs=0.06)


def test_constructions_given_member_by_member_are_freed_of_noise() -> None:
    rng = np.random.default_rng(4)
    draw = np.arange(160) // 4
    noise = rng.normal(size=(160, 60))
    same = by_source(uncertainty.shares(noise[:, 0], draw, noise, resamples=20))
    assert same["construction"] < 0.02
    shifted = by_source(uncertainty.shares(noise[:, 0], draw, noise + rng.normal(size=60), resamples=20))
    assert shifted["construction"] == pytest.approx(0.5, abs=0.12)


def test_the_interval_covers_the_share_of_parameters() -> None:
    hits = 0
    for seed in range(60):
        d, draw = nested(60, 1.0, 1.0, seed)
        share = next(s for s in uncertainty.shares(d, draw, resamples=100, seed=seed) if s.source == "parameters")
        hits += share.low <= 0.5 <= share.high
    assert hits >= 50


def test_what_cannot_be_split_is_not() -> None:
    assert uncertainty.shares(np.zeros(40), np.arange(40) // 4) == ()
    assert uncertainty.shares(np.arange(10.0), np.arange(10)) == ()  # one member per draw
    assert uncertainty.shares(np.arange(4.0), np.zeros(4, dtype=int)) == ()  # one draw


def test_the_split_repeats() -> None:
    d, draw = nested(30, 1.0, 1.0)
    assert uncertainty.shares(d, draw, resamples=30) == uncertainty.shares(d, draw, resamples=30)


# constructions


def test_the_chosen_construction_gives_the_index_that_was_run() -> None:
    calm = result(noise=0, members=4)
    chosen = Construction(WEIGHTS / WEIGHTS.sum(), NORMALISERS["linear"], 2.0)
    built = index(calm["mean_pillar"].values, calm["dyad_weight"].values, chosen.weights, chosen)
    np.testing.assert_allclose(built, calm["tension"].values.mean(axis=0), rtol=1e-10)


def test_the_chosen_construction_gives_the_difference_that_is_reported() -> None:
    chosen = Construction(WEIGHTS / WEIGHTS.sum(), NORMALISERS["linear"], 2.0)
    (change,) = alternatives(BASE, HIGH, MEAN, NAMED, [chosen])
    measured = (metrics.values(MEAN, HIGH) - metrics.values(MEAN, BASE)).mean()
    assert change == pytest.approx(measured, rel=1e-12)


def test_both_goalposts_stay_where_they_are() -> None:
    for bend in NORMALISERS.values():
        assert bend(np.array([0.0, 1.0])).tolist() == [0, 1]
        assert (np.diff(bend(np.linspace(0, 1, 50))) > 0).all()


def test_drawn_weights_lie_on_the_simplex_around_the_chosen_ones() -> None:
    near, far = (drawn(WEIGHTS, c, draws=300) for c in (1000.0, 10.0))
    for built in (near, far):
        weights = np.array([one.weights for one in built])
        np.testing.assert_allclose(weights.sum(axis=1), 1)
        np.testing.assert_allclose(weights.mean(axis=0), WEIGHTS / WEIGHTS.sum(), atol=0.04)
    assert np.array([one.weights for one in near]).std() < np.array([one.weights for one in far]).std()
    assert {one.exponent for one in far} == {1.0, 2.0, 3.0, 4.0}
    assert len({id(one.normaliser) for one in far}) == 3


def test_a_pillar_without_weight_stays_without() -> None:
    built = drawn(np.array([0.5, 0.5, 0.0]), 20, draws=50)
    assert max(one.weights[2] for one in built) < 1e-9


def test_differences_under_other_constructions_spread_and_copies_do_not() -> None:
    built = drawn(WEIGHTS, 20, draws=50)
    assert alternatives(BASE, HIGH, MEAN, NAMED, built).std() > 0.1
    assert not alternatives(BASE, result("copy"), MEAN, NAMED, built).any()


def test_only_mean_tension_can_be_built_otherwise() -> None:
    for text in ("max", "crisis", "behaviour"):
        with pytest.raises(metrics.MetricError, match="mean tension"):
            alternatives(BASE, HIGH, metrics.parse(text), NAMED, [])
