"""Inference: how parameters are learnt where no likelihood is written down, and what every such method shares.

Where a likelihood can be estimated: adaptive multiple importance sampling, tempered so that enough draws stay alive
(Cornuet et al. 2012, Scand. J. Stat. 39; Andrieu & Roberts 2009 for estimated likelihoods).

Where there are simulations only: regression-adjusted ABC, one parameter at a time. Every parameter is put on the normal
score of its place in its prior, so that all priors are N(0, 1). A ridge regression on one part of the table turns the
summaries into one number per parameter, its expected score: a good summary for inference on it (Fearnhead & Prangle
2012, J. R. Stat. Soc. B 74(3)). On the other part the draws with the nearest such number are kept and moved to the
observed one by weighted local-linear regression of mean and log spread (Beaumont, Zhang & Balding 2002, Genetics
162(4); Blum & Francois 2010, Stat. Comput. 20).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]

#: draws of a round of adaptation, and rounds
DRAWS, ROUNDS = 40, 7
#: draws that the weights must keep effective
ALIVE = 12.0
#: draws are never narrower than this share of the prior
FLOOR = 0.1

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


def normalised(score: Array) -> Array:
    """Weights that sum to 1 of log scores, (draw,)."""
    weight = np.exp(score - score.max())
    return np.asarray(weight / weight.sum())


@dataclass(frozen=True)
class Normals:
    """Independent normals: mean and standard deviation by parameter; the power of the likelihood behind them."""

    at: Array
    wide: Array
    temper: float = 0.0

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Points, (draw, parameter)."""
        return self.at + self.wide * rng.standard_normal((size, len(self.at)))

    def log_density(self, points: Array) -> Array:
        """Log density of ``points`` (draw, parameter), (draw,), up to a constant."""
        return np.asarray((-0.5 * ((points - self.at) / self.wide) ** 2 - np.log(self.wide)).sum(axis=1))


def adapted(
    likelihood: Callable[[Array, int], Array],
    prior: Normals,
    goal: float,
    rng: np.random.Generator,
    tell: Callable[[int, int], None] | None = None,
) -> Normals:
    """The posterior as normals: ``likelihood`` (points, round) is a log likelihood (draw,), raised to ``goal`` at most.

    Draws of all rounds are weighed against the mixture that they came from.
    """
    now, rounds = prior, list[tuple[Normals, Array, Array]]()
    for turn in range(ROUNDS):
        fresh = now.draw(DRAWS, rng)
        rounds.append((now, fresh, likelihood(fresh, turn)))
        points, told = (np.concatenate([part[k] for part in rounds]) for k in (1, 2))
        mixture = np.logaddexp.reduce([one.log_density(points) for one, *_ in rounds]) - np.log(len(rounds))
        away = prior.log_density(points) - mixture
        temper = min(goal, tempered(told, away))
        weight = normalised(temper * told + away)
        at = weight @ points
        now = Normals(at, np.maximum(np.sqrt(weight @ (points - at) ** 2), FLOOR * prior.wide), temper)
        if tell:
            tell(turn + 1, ROUNDS)
    return now


def tempered(told: Array, away: Array) -> float:
    """The largest power of the likelihood, at most 1, that keeps ``ALIVE`` draws effective."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        alive = 1.0 / (normalised(middle * told + away) ** 2).sum()
        low, high = (middle, high) if alive >= ALIVE else (low, middle)
    return low


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
