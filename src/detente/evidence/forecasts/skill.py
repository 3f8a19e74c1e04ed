"""Skill against a reference, with an interval that respects dependence in time.

Scores of neighbouring weeks are alike; a bootstrap of single weeks would promise too much. Blocks are drawn
instead (circular block bootstrap, Politis & Romano 1992). Rule for the block length, fixed beforehand:
twice the cube root of the number of forecasts, and never less than twice the horizon.

A skill is a share of the reference's error. Where the reference errs by nothing there is no such share: the skill is
None then, with the reason, and never a number of a thousand million per cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: scores of single forecasts, or a mean over them
Scores: TypeAlias = Array | Sequence[float] | float

RESAMPLES = 2000
LEVEL = 0.95


#: a mean score below this is none: a thousandth of a log unit, a tenth of a per cent of the value
SMALLEST = 1e-3


class Skill(NamedTuple):
    """1 - mean score / mean reference score, with the ends of its interval; all None, and ``why``, where undefined."""

    value: float | None
    low: float | None
    high: float | None
    why: str = ""

    def record(self) -> dict[str, float | str | None]:
        """Plain values."""
        return {
            "skill": self.value,
            "skill_low": self.low,
            "skill_high": self.high,
            "skill_undefined": self.why or None,
        }


def share(score: Scores, reference: Scores) -> float | None:
    """1 - mean score / mean reference score, both (forecast,); None where the reference errs by nothing."""
    mean = float(np.mean(reference))
    return 1.0 - float(np.mean(score)) / mean if mean >= SMALLEST else None


def verdict(low: float | None, high: float | None) -> str:
    """``better``, ``worse``, ``untold`` or, without an interval, ``undefined``."""
    if low is None or high is None:
        return "undefined"
    return "better" if low > 0 else "worse" if high < 0 else "untold"


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
    value = share(score, reference)
    rng = np.random.default_rng([seed, len(score), horizon])
    rows = blocks(len(score), block_length(len(score), horizon), RESAMPLES, rng)
    means = reference[rows].mean(axis=1)
    none = float((means < SMALLEST).mean())
    if value is None or none > (1 - level) / 2:
        often = f"mean score {reference.mean():.2g}" if value is None else f"so it is in {none:.0%} of the resamples"
        return Skill(None, None, None, f"not defined: the reference errs by (nearly) nothing ({often})")
    drawn = 1.0 - score[rows].mean(axis=1) / np.maximum(means, SMALLEST)
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return Skill(value, float(low), float(high))


def by_week(week: Sequence[int] | NDArray[np.intp], score: Sequence[float] | Array) -> Array:
    """Scores of the pairs of each week together, (week,): blocks keep the pairs of a week together.

    In units of the mean number of pairs, so that their mean is that of all scores, however many pairs a week has.
    """
    found, place = np.unique(np.asarray(week), return_inverse=True)
    return np.asarray(np.bincount(place, weights=np.asarray(score)) * (len(found) / len(place)))
