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


def dressed(level: Array, past: Array, horizon: int, window: int) -> Array:
    """The last level plus its errors: ``past`` against the level ``horizon`` intervals before."""
    errors = (past[horizon:] - level[:-horizon])[-window:]
    return np.asarray(np.maximum(level[-1] + (errors if len(errors) else np.zeros(1)), 0.0))


def smoothed(past: Array, constant: float = SMOOTHING) -> Array:
    """Exponentially smoothed level, shape (time,)."""
    out = np.empty_like(past)
    level = past[0]
    for t, value in enumerate(past):
        level = level + constant * (value - level)
        out[t] = level
    return out


def ar1(past: Array, horizon: int, window: int, seed: int) -> Array:
    """First-order autoregression fitted to the window, run forward with its own residuals; flat where none varies."""
    seen = past[-window:]
    if len(seen) < SHORTEST:
        return seen
    x, y = seen[:-1], seen[1:]
    spread = x - x.mean()
    square = float(spread @ spread)
    slope = float(spread @ y) / square if square > 0 else 0.0
    mean = float(y.mean() - slope * x.mean())
    errors = y - mean - slope * x
    rng = np.random.default_rng([seed, len(past), horizon])
    paths = np.full(PATHS, seen[-1])
    for _ in range(horizon):
        paths = mean + slope * paths + rng.choice(errors, PATHS)
    return np.asarray(np.maximum(paths, 0.0))


BASELINES: dict[str, Baseline] = {
    # the last value, dressed
    "persistence": lambda past, horizon, window, seed: dressed(past, past, horizon, window),
    # the values of the window
    "climatology": lambda past, horizon, window, seed: past[-window:],
    "ar1": ar1,
    # the exponentially smoothed level, dressed
    "smoothing": lambda past, horizon, window, seed: dressed(smoothed(past), past, horizon, window),
}
