"""Incidents: the limits of the self-exciting count (model.md §2.3), its distribution, its couplings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom
from worlds import floats

from detente.laws import incidents
from detente.laws.incidents import Parameters as IncidentParameters

USUAL = {
    "branching": 0.0,
    "answering": 0.0,
    "memory": 1.3,
    "sensitivity": 0.3,
    "dispersion": 1e9,
    "when_coercing": 2.5,
    "severity": 6.5,
}
#: phi = e^(-1/tau) = 0.5
HALF = 1 / np.log(2)


def parameters(**given: float) -> IncidentParameters:
    return IncidentParameters(**{name: np.asarray(value) for name, value in (USUAL | given).items()})


def path(p: IncidentParameters, first: np.ndarray, weeks: int, seed: int) -> np.ndarray:
    """Counts of a pair, (week, directed dyad, member), the first quarter left out."""
    rng = np.random.default_rng(seed)
    excitation = np.zeros(first.shape)
    counts = []
    for _ in range(weeks):
        rate = incidents.intensity(first, excitation, excitation[::-1], p)
        counts.append(incidents.counts(rng.random(first.shape), rate, p.dispersion))
        excitation = incidents.excite(excitation, counts[-1], p.memory)
    return np.stack(counts[weeks // 4 :])


def assert_near(per_member: np.ndarray, expected: float) -> None:
    """Mean over independent members within five of its own standard errors."""
    error = per_member.std() / np.sqrt(per_member.size)
    assert abs(per_member.mean() - expected) < 5 * error, (per_member.mean(), expected, error)


@pytest.mark.parametrize("n", [0.37, 0.5, 0.8])
def test_mean_and_dispersion_are_those_of_the_linear_hawkes_process(n: float) -> None:
    mu, phi = 0.6, 0.5
    a = n * (1 - phi)
    counts = path(parameters(branching=n, memory=HALF), np.full((2, 3000), mu), 200, seed=7)
    mean = mu / (1 - n)
    assert_near(counts.mean(axis=0).ravel(), mean)
    ratio = (1 - (a + phi) ** 2 + a**2) / (1 - (a + phi) ** 2)
    assert_near(((counts - mean) ** 2).mean(axis=0).ravel(), ratio * mean)


@pytest.mark.parametrize(("n", "ratio"), [(0.37, 1.064), (0.5, 1.143), (0.8, 1.842)])
def test_the_formula_gives_the_published_ratios(n: float, ratio: float) -> None:
    a, phi = n * 0.5, 0.5
    assert (1 - (a + phi) ** 2 + a**2) / (1 - (a + phi) ** 2) == pytest.approx(ratio, abs=5e-4)


def test_answering_moves_incidents_across_but_keeps_their_number() -> None:
    p = parameters(branching=0.5, answering=0.4, memory=HALF)
    counts = path(p, np.stack([np.full(4000, 0.8), np.zeros(4000)]), 160, seed=8)
    assert_near(counts.sum(axis=1).mean(axis=0), 0.8 / (1 - 0.5))
    expected = np.linalg.solve(np.eye(2) - 0.5 * np.array([[0.6, 0.4], [0.4, 0.6]]), [0.8, 0.0])
    for side in (0, 1):
        assert_near(counts[:, side].mean(axis=0), expected[side])


@given(floats(0.0, 0.95), floats(0.0, 1.0))
def test_branching_of_a_pair_has_its_radius_whatever_is_answered(n: float, s: float) -> None:
    p = parameters(branching=n, answering=s)
    matrix = np.stack([incidents.intensity(np.zeros(2), one, one[::-1], p) for one in np.eye(2)], axis=1) / -np.expm1(
        -1 / p.memory
    )
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(n, abs=1e-9)


def test_the_stationary_mean_is_a_fixed_point() -> None:
    p = parameters(branching=0.43, answering=0.3)
    first = np.array([[0.3], [0.3]])
    mean = incidents.expected(first, p)
    settled = mean / -np.expm1(-1 / p.memory)
    np.testing.assert_allclose(incidents.intensity(first, settled, settled[::-1], p), mean)
    np.testing.assert_allclose(incidents.excite(settled, mean, p.memory), settled)


@given(floats(1e-9, 1 - 1e-9), floats(1e-6, 30.0), floats(0.2, 1e6))
def test_counts_are_the_inverse_of_the_negative_binomial(uniform: float, rate: float, size: float) -> None:
    drawn = incidents.counts(np.array([[uniform]]), np.array([[rate]]), np.asarray(size))[0, 0]
    assert drawn == int(drawn)
    below, upto = nbinom.cdf([drawn - 1, drawn], size, size / (size + rate))
    assert below - 1e-9 <= uniform <= upto + 1e-9


def test_counts_have_the_stated_mean_and_variance() -> None:
    rate, size = 0.7, 0.8
    counts = incidents.counts(
        np.random.default_rng(3).random((1, 200_000)), np.full((1, 200_000), rate), np.asarray(size)
    )
    assert_near(counts[0], rate)
    assert_near((counts[0] - rate) ** 2, rate + rate**2 / size)


@given(st.lists(floats(0.0, 20.0), min_size=2, max_size=8), floats(0.001, 0.9999), floats(0.2, 5.0))
def test_a_higher_rate_never_has_fewer_incidents_for_the_same_luck(rates: list[float], u: float, size: float) -> None:
    ordered = np.sort(np.array([rates]))
    counts = incidents.counts(np.full(ordered.shape, u), ordered, np.asarray(size))
    assert (np.diff(counts[0]) >= 0).all()


@pytest.mark.parametrize("rate", [0.0, 1e-300, 1e6])
def test_extreme_rates_give_finite_counts(rate: float) -> None:
    uniform = np.array([[1e-12, 0.5, 1 - 1e-12]])
    counts = incidents.counts(uniform, np.full((1, 3), rate), np.asarray(0.3))
    assert ((counts >= 0) & (counts <= incidents.MOST)).all()
    if rate < 1:
        assert (counts == 0).all()


def test_no_member_changes_another_ones_counts() -> None:
    rng = np.random.default_rng(5)
    uniform, rate = rng.random((4, 50)), rng.gamma(0.5, 2.0, (4, 50))
    whole = incidents.counts(uniform, rate, np.asarray(0.8))
    alone = [incidents.counts(uniform[:, [k]], rate[:, [k]], np.asarray(0.8)) for k in range(50)]
    np.testing.assert_array_equal(whole, np.concatenate(alone, axis=1))


@given(floats(-100.0, 100.0), floats(0.0, 5.0))
def test_first_causes_rise_with_hostility_and_stay_finite(excess: float, presence: float) -> None:
    p, one = parameters(), np.ones((1, 1))
    rates = [
        incidents.background(one, np.full((1, 1), x), presence * one, one, p)[0, 0] for x in (excess, excess + 1.0)
    ]
    assert np.isfinite(rates).all()
    assert rates[1] >= rates[0] >= 0
    at_rest = incidents.background(0.2 * one, 0 * one, one, one, p)
    np.testing.assert_array_equal(at_rest, 0.2 * one)


def test_coercion_raises_the_rate_and_force_leaves_that_to_the_regime() -> None:
    factor = incidents.rung_factor(np.arange(5, dtype=np.int8), parameters())
    np.testing.assert_array_equal(factor, [1, 1, 1, 2.5, 1])
