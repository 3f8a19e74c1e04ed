"""Naive forecasts that anything must beat. All see log1p(value) up to the origin and nothing else.

Conventions (they reproduce the reference table): a window of the last 104 weeks or 60 months; every baseline is
dressed with its own past errors at the same horizon within the window, all of them, and cut at 0; the window holds
as many errors as it has intervals; AR(1) is fitted by least squares and run forward with 500 bootstrapped residuals;
smoothing starts from the first observation and has its constant fixed at 0.2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: intervals that a baseline looks back
WINDOW = {"week": 104, "month": 60}
#: smoothing constant, untuned
SMOOTHING = 0.2
#: paths of the AR(1) ensemble, and the shortest past that it is fitted to
PATHS, SHORTEST = 500, 4

#: past (time,), horizon, window, seed -> ensemble (member,)
Baseline = Callable[[Array, int, int, int], Array]


def _dressed(level: Array, past: Array, horizon: int, window: int) -> Array:
    """The last level plus its errors: ``past`` against the level ``horizon`` intervals before."""
    errors = (past[horizon:] - level[:-horizon])[-window:]
    return np.asarray(np.maximum(level[-1] + (errors if len(errors) else np.zeros(1)), 0.0))


def persistence(past: Array, horizon: int, window: int, seed: int) -> Array:
    """The last value, dressed."""
    return _dressed(past, past, horizon, window)


def climatology(past: Array, horizon: int, window: int, seed: int) -> Array:
    """The values of the window."""
    return past[-window:]


def smoothed(past: Array, constant: float = SMOOTHING) -> Array:
    """Exponentially smoothed level, shape (time,)."""
    out = np.empty_like(past)
    level = past[0]
    for t, value in enumerate(past):
        level = level + constant * (value - level)
        out[t] = level
    return out


def smoothing(past: Array, horizon: int, window: int, seed: int) -> Array:
    """The exponentially smoothed level, dressed."""
    return _dressed(smoothed(past), past, horizon, window)


def ar1(past: Array, horizon: int, window: int, seed: int) -> Array:
    """First-order autoregression fitted to the window, run forward with its own residuals."""
    seen = past[-window:]
    if len(seen) < SHORTEST:
        return seen
    slope, mean = _line(seen[:-1], seen[1:])
    errors = seen[1:] - mean - slope * seen[:-1]
    rng = np.random.default_rng([seed, len(past), horizon])
    paths = np.full(PATHS, seen[-1])
    for _ in range(horizon):
        paths = mean + slope * paths + rng.choice(errors, PATHS)
    return np.asarray(np.maximum(paths, 0.0))


def _line(x: Array, y: Array) -> tuple[float, float]:
    """Least-squares slope and intercept; a flat line through the mean where x does not vary."""
    spread = x - x.mean()
    square = float(spread @ spread)
    slope = float(spread @ y) / square if square > 0 else 0.0
    return slope, float(y.mean() - slope * x.mean())


BASELINES: dict[str, Baseline] = {
    "persistence": persistence,
    "climatology": climatology,
    "ar1": ar1,
    "smoothing": smoothing,
}
