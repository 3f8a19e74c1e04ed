"""Inference: how parameters are learnt where no likelihood is written down, and resampling.

Regression-adjusted ABC, one parameter at a time. Every parameter is put on the normal
score of its place in its prior, so that all priors are N(0, 1). A ridge regression on one part of the table turns the
summaries into one number per parameter, its expected score: a good summary for inference on it (Fearnhead & Prangle
2012, J. R. Stat. Soc. B 74(3)). On the other part the draws with the nearest such number are kept and moved to the
observed one by weighted local-linear regression of mean and log spread (Beaumont, Zhang & Balding 2002, Genetics
162(4); Blum & Francois 2010, Stat. Comput. 20).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]

#: ridge penalty as a share of the rows: correlations of summaries smaller than this are not trusted
PENALTY = 0.1
#: standardised summaries are cut here: what lies far out weighs no more
CUT = 4.0
#: draws kept around the observed number: a share of those there are, between these bounds
KEPT, FEWEST, MOST = 0.08, 100, 1500
#: draws of a posterior that are ranked and stored
SAMPLE = 99


def resampled(weight: Array, points: Array) -> NDArray[np.intp]:
    """Positions (group, draw) of the members whose share of ``weight`` (group, member) holds ``points`` (group, draw).

    ``points`` lie in [0, 1) and ascend: evenly spaced after one random start they resample systematically.
    """
    groups, members = weight.shape
    steps = np.cumsum(weight, axis=1)
    steps /= steps[:, -1:]
    row = np.arange(groups)[:, None]
    found = np.searchsorted((steps + row).ravel(), (points + row).ravel(), side="right").reshape(points.shape)
    return np.asarray(np.clip(found - row * members, 0, members - 1))


def scores(place: Array) -> Array:
    """Normal scores of places in a prior."""
    return np.asarray(ndtri(np.clip(place, 1e-9, 1.0 - 1e-9)))


def places(score: Array) -> Array:
    """Places in a prior of normal scores."""
    return np.asarray(ndtr(score))


@dataclass(frozen=True)
class Reader:
    """Reads the expected score of every parameter from summaries; ``weights`` (1 + summary, parameter)."""

    centre: Array
    scale: Array
    weights: Array

    @classmethod
    def learnt(cls, summaries: Array, score: Array) -> Reader:
        """From rows of a table: summaries (draw, summary), scores (draw, parameter)."""
        centre, scale = summaries.mean(axis=0), np.asarray(summaries.std(axis=0) + 1e-9)
        terms = cls(centre, scale, np.zeros(0)).terms(summaries)
        penalty = np.full(terms.shape[1], PENALTY * len(terms))
        penalty[0] = 0.0
        weights = np.linalg.solve(terms.T @ terms + np.diag(penalty), terms.T @ score)
        return cls(centre, scale, np.asarray(weights, dtype=np.float64))

    def terms(self, summaries: Array) -> Array:
        """Standardised and cut, after a column of ones."""
        bounded = np.clip((summaries - self.centre) / self.scale, -CUT, CUT)
        return np.concatenate([np.ones((len(bounded), 1)), bounded], axis=1)

    def __call__(self, summaries: Array) -> Array:
        """Expected scores (draw, parameter)."""
        return np.asarray(self.terms(summaries) @ self.weights)


def explained(told: Array, score: Array) -> Array:
    """Share of the variance of scores (draw, parameter) that is read from summaries never seen in learning."""
    return np.asarray(1.0 - np.square(score - told).mean(axis=0) / np.square(score).mean(axis=0))


def posterior(at: float, told: Array, score: Array) -> tuple[Array, Array]:
    """Scores and weights (kept,) of one parameter, given the number ``at`` that the observed summaries tell.

    ``told`` (draw,) is that number of the reference draws, ``score`` (draw,) the truth behind them.
    """
    away = np.abs(told - at)
    number = min(max(int(KEPT * len(away)), FEWEST), MOST, len(away))
    near = np.argsort(away, kind="stable")[:number]
    weight = 1.0 - np.square(away[near] / (away[near[-1]] * (1.0 + 1e-9) + 1e-12))
    off = told[near] - at
    level, slope = _line(off, score[near], weight)
    left = score[near] - level - slope * off
    _, widening = _line(off, np.log(np.square(left) + 1e-9), weight)
    return level + left * np.exp(-0.5 * np.clip(widening * off, -2.0, 2.0)), weight / weight.sum()


def _line(x: Array, y: Array, weight: Array) -> tuple[float, float]:
    """Level at 0 and slope of a weighted line."""
    total = weight.sum()
    mean_x, mean_y = float(weight @ x / total), float(weight @ y / total)
    slope = float(weight @ ((x - mean_x) * (y - mean_y)) / (weight @ np.square(x - mean_x) + 1e-12))
    return mean_y - slope * mean_x, slope


def sample(score: Array, weight: Array, size: int, rng: np.random.Generator) -> Array:
    """``size`` draws of a weighted posterior, with as little chance as possible: one from each equal share of it."""
    order = np.argsort(score, kind="stable")
    points = (np.arange(size) + rng.random(size)) / size
    return np.asarray(score[order[resampled(weight[None, order], points[None, :])[0]]])
