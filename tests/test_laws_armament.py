"""Armament: Richardson's fixed point and its stability (model.md §2.4), stocks, ceiling, supply shocks."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import floats

from detente.laws import armament
from detente.laws.armament import YEAR
from detente.laws.armament import Parameters as ArmamentParameters

USUAL = {
    "adjustment": 0.2,
    "reaction": 0.075,
    "depreciation": 0.08,
    "procurement_share": 0.25,
    "budget_ceiling": 0.05,
    "embolden": 0.6,
    "reassure": 0.2,
    "alarm": 0.8,
    "dependence_brake": 0.6,
    "arms_cap": 0.25,
    "exchange": 1.08,
    "person_value": 0.05,
}


def parameters(**given: float) -> ArmamentParameters:
    values = {field.name: 0.0 for field in fields(ArmamentParameters)} | USUAL | given
    return ArmamentParameters(**{name: np.asarray(value) for name, value in values.items()})


def race(p: ArmamentParameters, rivals: np.ndarray, growth: np.ndarray, start: np.ndarray, years: int) -> np.ndarray:
    """Log lift of all actors after ``years``, without noise; ``rivals`` weights (actor, actor)."""
    lift = start
    for _ in range(round(years * YEAR)):
        lift = armament.spend(lift, rivals @ lift, growth, np.zeros_like(lift), p)
    return lift


@st.composite
def weights(draw: st.DrawFn) -> np.ndarray:
    """Rivals' shares of three actors; each row sums to one."""
    raw = np.array(draw(st.lists(floats(0.1, 1.0), min_size=9, max_size=9))).reshape(3, 3)
    np.fill_diagonal(raw, 0.0)
    return raw / raw.sum(axis=1, keepdims=True)


@settings(max_examples=20)
@given(weights(), st.lists(floats(-0.05, 0.1), min_size=3, max_size=3), floats(-1, 1))
def test_the_race_settles_at_its_fixed_point(rivals: np.ndarray, growth: list[float], start: float) -> None:
    p, g = parameters(adjustment=0.3, reaction=0.12), np.array(growth)[:, None]
    settled = race(p, rivals, g, np.full((3, 1), start), years=60)
    fixed = np.linalg.solve(0.3 * np.eye(3) - 0.12 * rivals, g)
    np.testing.assert_allclose(settled, fixed, atol=2e-4)
    once_more = armament.spend(fixed, rivals @ fixed, g, np.zeros((3, 1)), p)
    np.testing.assert_allclose(once_more, fixed, atol=1e-12)


@pytest.mark.parametrize(("reaction", "stable"), [(0.19, True), (0.21, False)])
def test_the_race_is_stable_exactly_where_its_spectral_abscissa_is_negative(reaction: float, stable: bool) -> None:
    rivals = np.array([[0.0, 0.7, 0.3], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    abscissa = np.linalg.eigvals(reaction * rivals - 0.2 * np.eye(3)).real.max()
    assert (abscissa < 0) == stable
    start = np.full((3, 1), 0.5)
    far = race(parameters(reaction=reaction), rivals, np.zeros((3, 1)), start, years=100)
    assert (np.abs(far).max() < 0.5) == stable


def test_adjustment_is_exact_for_constant_inputs() -> None:
    p, rivals, growth = parameters(), np.full((1, 1), 0.4), np.full((1, 1), 0.02)
    lift = np.full((1, 1), 0.3)
    for _ in range(round(10 * YEAR)):
        lift = armament.spend(lift, rivals, growth, np.zeros((1, 1)), p)
    goal = (0.075 * 0.4 + 0.02) / 0.2
    years = round(10 * YEAR) / YEAR
    np.testing.assert_allclose(lift, goal + (0.3 - goal) * np.exp(-0.2 * years), rtol=1e-9)


def test_noise_of_spending_has_its_annual_size() -> None:
    rng, p = np.random.default_rng(4), parameters(volatility=0.05, adjustment=1e-6, reaction=0.0)
    lift = np.zeros((1, 20_000))
    for _ in range(52):
        lift = armament.spend(lift, 0 * lift, 0 * lift, rng.standard_normal(lift.shape), p)
    expected = 0.05**2 * 52 / YEAR
    assert lift.var() == pytest.approx(expected, rel=5 * np.sqrt(2 / lift.size))


@given(floats(-3, 3), floats(0, 5000), floats(0, 1e5))
def test_spending_never_passes_its_ceiling(lift: float, spending: float, gdp: float) -> None:
    held = armament.within_budget(*(np.array([x]) for x in (lift, spending, gdp)), parameters())[0]
    assert held <= lift
    if spending > 0 and gdp > 0:
        most = max(0.05 * gdp, spending)
        assert spending * np.exp(held) <= most * (1 + 1e-9)
    else:
        assert held == lift


def test_a_stock_tends_to_procurement_over_wear() -> None:
    p = parameters()
    capital = np.array([0.0])
    for _ in range(round(150 * YEAR)):
        capital = armament.stock(capital, np.array([1000.0]), np.array([0.0]), p)
    weekly = 0.25 * 1000.0 / YEAR
    np.testing.assert_allclose(capital, weekly / -np.expm1(-0.08 / YEAR), rtol=1e-4)
    np.testing.assert_allclose(capital, 0.25 * 1000.0 / 0.08, rtol=2e-3)


def test_without_procurement_a_stock_halves_in_its_half_life() -> None:
    p, weeks = parameters(procurement_share=0.0), round(np.log(2) / 0.08 * YEAR)
    capital = np.array([800.0])
    for _ in range(weeks):
        capital = armament.stock(capital, np.array([500.0]), np.array([0.0]), p)
    np.testing.assert_allclose(capital, 400.0, rtol=1e-3)


def test_a_delivery_arrives_whole() -> None:
    p, spending = parameters(), np.array([100.0])
    with_it, without = (armament.stock(np.array([50.0]), spending, np.array([d]), p) for d in (30.0, 0.0))
    np.testing.assert_allclose(with_it - without, 30.0)


@given(floats(0, 2), floats(0, 1))
def test_revisionist_supply_emboldens_dependence_restrains(supply: float, dependence: float) -> None:
    p, bound = parameters(), np.array([dependence])
    bold, calm = (armament.supply_shock(np.array([s]), bound, p)[0] for s in (supply, -supply))
    assert bold >= 0 >= calm
    freer = armament.supply_shock(np.array([supply]), 0 * bound, p)[0]
    assert bold <= freer
    np.testing.assert_allclose(bold, 0.6 * supply * (1 - 0.6 * dependence))


@given(floats(-50, 50), floats(0, 10))
def test_arms_are_kept_within_a_share_of_conflict(points: float, rest: float) -> None:
    kept = armament.capped(np.array([points]), np.array([rest]), parameters())[0]
    assert abs(kept) <= 0.25 * rest + 1e-12
    assert abs(kept) <= abs(points)


def test_strength_is_capital_and_people_times_readiness() -> None:
    strength = armament.strength(np.array([1000.0]), np.array([8000.0]), np.array([0.5]), parameters())
    np.testing.assert_allclose(strength, 0.5 * (1000 + 0.05 * 8000))
