"""The slow background: its variance, its memory, a factor that is 1 on average."""

import numpy as np
import pytest
from hypothesis import given
from worlds import floats, pair

from detente.laws import background
from detente.laws.background import Parameters as BackgroundParameters
from detente.model.world import World

MANY = 200_000


def parameters(memory: float = 19.5, volatility: float = 0.15) -> BackgroundParameters:
    return BackgroundParameters(np.asarray(memory), np.asarray(volatility))


@pytest.mark.parametrize("memory", [2.0, 19.5])
def test_it_stays_in_its_stationary_distribution(memory: float) -> None:
    p, rng = parameters(memory), np.random.default_rng(1)
    before = np.sqrt(background.spread(p)) * rng.standard_normal(MANY)
    after = background.wander(before, rng.standard_normal(MANY), p)
    spread = float(background.spread(p))
    assert after.var() == pytest.approx(spread, abs=5 * spread * np.sqrt(2 / MANY))
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(np.exp(-1 / memory), abs=5 / np.sqrt(MANY))


def test_its_factor_is_one_on_average() -> None:
    p = parameters()
    drawn = np.sqrt(background.spread(p)) * np.random.default_rng(2).standard_normal(MANY)
    factor = background.factor(drawn, p)
    assert factor.mean() == pytest.approx(1, abs=5 * factor.std() / np.sqrt(MANY))


@given(floats(-3, 3), floats(1, 500))
def test_left_alone_it_returns(start: float, memory: float) -> None:
    p, now = parameters(memory, 0.0), np.full((1, 1), start)
    for _ in range(3):
        now = background.wander(now, np.zeros((1, 1)), p)
    np.testing.assert_allclose(now, start * np.exp(-3 / memory))


def test_without_volatility_nothing_wanders() -> None:
    world = World(pair({"parameters.background.volatility": 0}), members=4)
    world.run_until(10)
    assert (world.now.background_factor == 1).all()
