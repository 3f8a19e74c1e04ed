"""Scores of ensemble forecasts: lower is better, except coverage.

An ensemble is the members of one forecast, shape (member,); the observation is one number.
Gneiting & Raftery (2007), J. Am. Stat. Assoc. 102(477); Ferro (2014), Q. J. R. Meteorol. Soc. 140 (fair scores);
Czado, Gneiting & Held (2009), Biometrics 65 (PIT of discrete data); Murphy (1973), J. Appl. Meteorol. 12.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: narrowest kernel of the density behind the log score, in units of the target
NARROWEST = 0.1
#: ends of the central 90 % interval
TAILS = (0.05, 0.95)


def crps(ensemble: ArrayLike, observed: float, fair: bool = False) -> float:
    """CRPS of an ensemble, by sorting: E|X - y| - E|X - X'|/2.

    Plain: the ensemble *is* the forecast distribution, as issued. ``fair``: the ensemble is a sample of it, and
    the pairs of a member with itself are left out, so that more members score no better (Ferro 2014).
    """
    x = np.sort(np.asarray(ensemble, dtype=float))
    size = len(x)
    if fair and size < 2:
        raise ValueError("a fair score needs at least two members")
    pairs = size * (size - 1) if fair else size * size
    spread = float((2.0 * np.arange(1, size + 1) - size - 1.0) @ x) / pairs
    return float(np.abs(x - observed).mean()) - spread


def log_score(ensemble: ArrayLike, observed: float) -> float:
    """-ln of the forecast's density at the observation [nats]: a point mass at 0 and a kernel density above it."""
    x = np.asarray(ensemble, dtype=float)
    zero = (np.count_nonzero(x <= 0) + 0.5) / (len(x) + 1.0)
    if observed <= 0:
        return -float(np.log(zero))
    above = x[x > 0] if (x > 0).any() else np.zeros(1)
    width = max(1.06 * float(above.std()) * len(above) ** -0.2, NARROWEST)
    distance = (observed - above) / width
    density = float(np.exp(-0.5 * distance**2).mean()) / (width * np.sqrt(2 * np.pi))
    return -float(np.log((1.0 - zero) * density + 1e-9))


def covered(ensemble: ArrayLike, observed: ArrayLike) -> Flags:
    """Where observations (...) lie in the central 90 % of their ensembles (member, ...), its ends included."""
    low, high = np.quantile(np.asarray(ensemble), TAILS, axis=0)
    return np.asarray((observed >= low - 1e-12) & (observed <= high + 1e-12))


def pit(ensemble: ArrayLike, observed: float) -> tuple[float, float]:
    """Forecast probability below, and up to, the observation: the ends of its PIT interval."""
    x = np.asarray(ensemble, dtype=float)
    return float((x < observed).mean()), float((x <= observed).mean())


def coverage(ends: list[tuple[float, float]]) -> float:
    """Share of PIT mass in the central 90 %: the randomised PIT, its randomness integrated out.

    A calibrated forecast has 0.9 here whatever is forecast; counting observations between quantiles, a quiet pair's
    would have more, since an interval of counts cannot be narrower than its atoms.
    """
    low, high = np.array(ends).T
    inside = np.clip(np.minimum(high, TAILS[1]) - np.maximum(low, TAILS[0]), 0.0, None)
    point = (low >= TAILS[0]) & (low <= TAILS[1])
    wide = high - low
    return float(np.where(wide > 0, inside / np.where(wide > 0, wide, 1.0), point).mean())


def pit_histogram(ends: list[tuple[float, float]], bins: int = 10) -> Array:
    """Share of PIT mass by bin, shape (bin,); flat for a calibrated forecast. Deterministic (Czado et al. 2009)."""
    low, high = np.array(ends).T
    edges = np.linspace(0.0, 1.0, bins + 1)
    width = np.maximum(high - low, 1e-12)
    reached = np.clip((edges[:, None] - low) / width, 0.0, 1.0)
    return np.asarray(np.diff(reached.mean(axis=1)))


class Brier(NamedTuple):
    """Brier score with Murphy's parts: score = reliability - resolution + uncertainty, up to binning."""

    score: float
    reliability: float
    resolution: float
    uncertainty: float


def brier(probability: Array, happened: Flags, bins: int = 10) -> Brier:
    """Threshold Brier score of forecasts, shape (forecast,)."""
    table = reliability(probability, happened, bins)
    rate = float(happened.mean())
    weight = np.array([row.cases for row in table]) / len(probability)
    off = np.array([row.forecast - row.observed for row in table])
    told = np.array([row.observed - rate for row in table])
    score = float(np.mean((probability - happened) ** 2))
    return Brier(score, float(weight @ off**2), float(weight @ told**2), rate * (1 - rate))


class Bin(NamedTuple):
    """One point of a reliability diagram."""

    forecast: float
    observed: float
    cases: int


def reliability(probability: Array, happened: Flags, bins: int = 10) -> list[Bin]:
    """Mean forecast probability and observed frequency, by bins of forecast probability that have cases."""
    which = np.minimum((probability * bins).astype(int), bins - 1)
    used = [which == b for b in range(bins) if (which == b).any()]
    return [Bin(float(probability[b].mean()), float(happened[b].mean()), int(b.sum())) for b in used]
