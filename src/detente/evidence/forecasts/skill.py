"""Skill against a reference, with an interval that respects dependence in time.

Scores of neighbouring weeks are alike; a bootstrap of single weeks would promise too much. Blocks are drawn
instead (circular block bootstrap, Politis & Romano 1992). Rule for the block length, fixed beforehand:
twice the cube root of the number of forecasts, and never less than twice the horizon.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESAMPLES = 2000
LEVEL = 0.95


class Skill(NamedTuple):
    """1 - mean score / mean reference score, with the ends of its interval."""

    value: float
    low: float
    high: float


def block_length(forecasts: int, horizon: int) -> int:
    """Length of a block, in forecasts."""
    return max(1, min(forecasts, max(int(np.ceil(2 * forecasts ** (1 / 3))), 2 * horizon)))


def blocks(forecasts: int, length: int, resamples: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Rows of block-resampled positions, shape (resample, forecast)."""
    count = -(-forecasts // length)
    starts = rng.integers(0, forecasts, (resamples, count))
    rows = (starts[:, :, None] + np.arange(length)) % forecasts
    return np.asarray(rows.reshape(resamples, -1)[:, :forecasts])


def skill(score: Array, reference: Array, horizon: int, seed: int = 0, level: float = LEVEL) -> Skill:
    """Skill of paired ``score`` against ``reference``, both (forecast,), with a block-bootstrap interval.

    Both series are resampled by the same blocks, so weather common to both cancels.
    """
    value = 1.0 - score.mean() / reference.mean()
    rng = np.random.default_rng([seed, len(score), horizon])
    rows = blocks(len(score), block_length(len(score), horizon), RESAMPLES, rng)
    drawn = 1.0 - score[rows].mean(axis=1) / np.maximum(reference[rows].mean(axis=1), 1e-12)
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return Skill(float(value), float(low), float(high))
