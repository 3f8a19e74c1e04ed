"""The 95 % interval of a mean over members: those that share a parameter draw are not independent of each other.

It is Student's t on G - 1 degrees of freedom with the cluster-robust variance G/(G-1) * sum_g (sum_k (d_k - mean))^2 /
N^2, which for draws of equal size is the variance of the draw means over G (Cameron & Miller 2015, Journal of Human
Resources 50(2)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.vocabulary import REPLICATES

Array = NDArray[np.float64]

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """Mean, standard error and ends of the 95 % interval, each of the shape that was left of the values.

    All but the mean are NaN with a single draw, unless all values are 0.
    """

    mean: Array
    se: Array
    low: Array
    high: Array


def clustered(values: Array, draw: NDArray[np.integer[Any]] | None = None) -> Interval:
    """Mean over the last axis of ``values`` (..., member), clustered by ``draw`` (member,); without, by member."""
    sums, sizes = by_draw(values, np.arange(values.shape[-1]) if draw is None else draw)
    same = (values == values[..., :1]).all(axis=-1)
    return _interval(sums, sizes, np.asarray(values.mean(axis=-1)), same)


def of_sums(sums: Array, sizes: Array) -> Interval:
    """The same from sums over the members of every draw (..., draw) and their number (draw,)."""
    means = sums / sizes
    return _interval(sums, sizes, sums.sum(axis=-1) / sizes.sum(), (means == means[..., :1]).all(axis=-1))


def _interval(sums: Array, sizes: Array, mean: Array, same: NDArray[np.bool_]) -> Interval:
    groups = len(sizes)
    if groups < 2:
        se = half = np.where(same & (mean == 0), 0.0, np.nan)
    else:
        residual = sums - sizes * mean[..., None]
        se = np.where(same, 0.0, np.sqrt(groups / (groups - 1) * (residual**2).sum(axis=-1)) / sizes.sum())
        half = student(groups) * se
    return Interval(mean, se, mean - half, mean + half)


def by_draw(values: Array, draw: NDArray[np.integer[Any]]) -> tuple[Array, Array]:
    """Sums of ``values`` (..., member) over the members of every draw, (..., draw), and their number, (draw,)."""
    _, index, sizes = np.unique(draw, return_inverse=True, return_counts=True)
    flat = values.reshape(-1, values.shape[-1])
    place = index + len(sizes) * np.arange(len(flat))[:, None]
    sums = np.asarray(
        np.bincount(place.ravel(), weights=flat.ravel(), minlength=len(flat) * len(sizes)), dtype=np.float64
    )
    return sums.reshape(*values.shape[:-1], len(sizes)), np.asarray(sizes, dtype=np.float64)


def student(draws: int) -> float:
    """Two-sided 95 % point of Student's t on ``draws`` - 1 degrees of freedom; infinite with one draw."""
    from scipy.special import stdtrit

    return float(stdtrit(draws - 1, (1 + CONFIDENCE) / 2)) if draws > 1 else math.inf


def draw_means(values: Array) -> Array:
    """Means of the whole draws, (..., member) -> (..., draw); the members themselves where there are too few."""
    draws = values.shape[-1] // REPLICATES
    if draws < 2:
        return values
    whole = values[..., : draws * REPLICATES]
    return np.asarray(whole.reshape(*values.shape[:-1], draws, REPLICATES).mean(axis=-1))


def half_width(differences: Array) -> Array:
    """Half-width of the 95 % interval of the mean of paired differences, (..., member) -> (...).

    Members of one draw share their parameters, so the interval rests on the draws' means.
    """
    found = clustered(draw_means(differences))
    return np.nan_to_num((found.high - found.low) / 2, nan=np.inf)
