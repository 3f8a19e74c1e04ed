"""Hostility: the limits of model.md §2.1–2.2, bounds, what each push does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import floats

from detente.laws import hostility
from detente.laws.hostility import Parameters as HostilityParameters

MEMBERS, WEEKS, SIGMA = 20_000, 200, 0.4


def parameters(**given: float) -> HostilityParameters:
    usual = dict.fromkeys(
        ("inertia", "reciprocity", "incident_feedback", "conduct", "external_coercion", "volatility"), 0.0
    )
    return HostilityParameters(**{name: np.asarray(value) for name, value in (usual | given).items()})


def pair(p: HostilityParameters, start: np.ndarray, weeks: int, seed: int | None = None) -> np.ndarray:
    """Both sides of a reciprocal pair after ``weeks``, around rest 5; without a seed nothing shakes them."""
    rng = np.random.default_rng(seed)
    h, rest = start, np.full_like(start, 5.0)
    nothing = np.zeros_like(start)
    for _ in range(weeks):
        shock = nothing if seed is None else rng.standard_normal(h.shape)
        h = hostility.relax(h, h[::-1], rest, rest, surprise=nothing, deed=nothing, coercion=nothing, shock=shock, p=p)
    return h


def assert_variance(sample: np.ndarray, expected: float) -> None:
    """Variance of independent normals, within five standard errors of it."""
    error = expected * np.sqrt(2.0 / sample.size)
    assert abs(sample.var() - expected) < 5 * error, (sample.var(), expected)


@pytest.mark.parametrize("inertia", [0.0, 0.6, 0.9])
def test_alone_it_is_an_ar1_process(inertia: float) -> None:
    p = parameters(inertia=inertia, volatility=SIGMA)
    h = pair(p, np.full((2, MEMBERS), 5.0), WEEKS, seed=11)
    expected = SIGMA**2 / (1 - inertia**2)
    assert abs(h.mean() - 5.0) < 5 * np.sqrt(expected / h.size)
    assert_variance(h[0], expected)
    assert_variance(h[1], expected)


@pytest.mark.parametrize("answer", [0.1, 0.35, -0.2])
def test_the_modes_of_a_reciprocal_pair_have_their_variances(answer: float) -> None:
    inertia = 0.6
    h = pair(parameters(inertia=inertia, reciprocity=answer, volatility=SIGMA), np.full((2, MEMBERS), 5.0), WEEKS, 12)
    assert_variance((h[0] + h[1]) / np.sqrt(2), SIGMA**2 / (1 - (inertia + answer) ** 2))
    assert_variance((h[0] - h[1]) / np.sqrt(2), SIGMA**2 / (1 - (inertia - answer) ** 2))


@given(floats(0.0, 1.2), floats(-0.6, 0.6))
def test_a_pair_returns_to_rest_exactly_where_it_is_called_stationary(inertia: float, answer: float) -> None:
    p = parameters(inertia=inertia, reciprocity=answer)
    radius = max(abs(inertia + answer), abs(inertia - answer))
    if abs(radius - 1) < 0.02:
        return  # too slow either way to tell within the weeks run here
    away = pair(p, np.array([[6.0, 6.0], [6.0, 4.0]]), 400) - 5.0
    assert bool(hostility.stationary(p)) == (np.abs(away).max() < 1.0)
    assert bool(hostility.stationary(p)) == (radius < 1)


@pytest.mark.parametrize("push", ["surprise", "deed", "coercion", "shock"])
def test_each_push_adds_its_coefficient(push: str) -> None:
    names = {"surprise": "incident_feedback", "deed": "conduct", "coercion": "external_coercion", "shock": "volatility"}
    rest = np.full((2, 3), 4.0)
    pushes = {name: np.zeros((2, 3)) for name in names} | {push: np.full((2, 3), 2.0)}
    stepped = hostility.relax(rest, rest, rest, rest, **pushes, p=parameters(inertia=0.8, **{names[push]: 0.3}))
    np.testing.assert_allclose(stepped, 4.6, rtol=1e-12)


def test_outside_coercion_may_lower_hostility() -> None:
    rest, nothing = np.full((2, 1), 4.0), np.zeros((2, 1))
    p = parameters(external_coercion=-0.05)
    pressed = np.full((2, 1), 6.0)
    stepped = hostility.relax(
        rest, rest, rest, rest, surprise=nothing, deed=nothing, coercion=pressed, shock=nothing, p=p
    )
    np.testing.assert_allclose(stepped, 3.7)


@given(st.lists(floats(-1e6, 1e6), min_size=1, max_size=20))
def test_hostility_stays_on_its_scale(values: list[float]) -> None:
    bounded = hostility.bounded(np.array(values))
    assert ((bounded >= 0) & (bounded <= 10)).all()
    inside = np.array([v for v in values if 0 <= v <= 10])
    np.testing.assert_array_equal(hostility.bounded(inside), inside)


@given(floats(0.0, 100.0), floats(0.5, 200.0))
def test_a_felt_act_fades_by_a_factor_e_in_its_memory(stock: float, memory: float) -> None:
    left = np.asarray(stock)
    weeks = 50
    for _ in range(weeks):
        left = hostility.fade(left, np.asarray(memory))
    np.testing.assert_allclose(left, stock * np.exp(-weeks / memory), rtol=1e-9, atol=1e-300)
