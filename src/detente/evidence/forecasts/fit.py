"""Parameters of the laws from a training window: a population of draws, pulled from the prior to the posterior.

Adaptive multiple importance sampling with a tempered particle likelihood (Cornuet et al. 2012, Scand. J. Stat. 39;
Andrieu & Roberts 2009 for estimated likelihoods). All dyads of a file that saw enough are read together: one quiet dyad
cannot tell how fast its own war will rise. Dyads share actors and reports, so their joint likelihood counts for no
more than ``INDEPENDENT`` of them: the stated discrepancy. Nothing after the window is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import assimilate, priors
from detente.evidence.forecasts.assimilate import Rules, Scale
from detente.evidence.forecasts.priors import CLUMP, LAWS, Free, Law, Values
from detente.evidence.observations import Observations, Series
from detente.evidence.reporting import Reports

Array = NDArray[np.float64]

#: dyads read beside the one that is forecast: those with the most events among those seen often enough
DONORS, SEEN_OFTEN = 7, 20
#: independent dyads that the joint likelihood is worth at most
INDEPENDENT = 3.0
#: draws and members of a round, and rounds
DRAWS, MEMBERS, ROUNDS = 40, 192, 7
#: draws that the weights must keep effective
ALIVE = 12.0
#: how far a dyad may stand off what is common, as a share of the prior's width
BETWEEN = 0.5
#: draws are never narrower than this share of the prior
FLOOR = 0.1

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fitted:
    """Parameter draws for the forecasts, and what is told about them."""

    free: tuple[Free, ...]
    points: Array
    temper: float
    dyads: tuple[str, ...]

    @property
    def values(self) -> Values:
        """Natural values by name, each (draw,)."""
        return priors.values(self.free, self.points)

    def summary(self) -> dict[str, dict[str, float]]:
        """Median and 90 % interval by parameter, beside the prior's."""
        out = {}
        for i, free in enumerate(self.free):
            low, mid, high = free.value(np.quantile(self.points[:, i], (0.05, 0.5, 0.95)))
            before = free.value(free.centre + free.spread * np.array([-1.645, 1.645]))
            out[free.name] = {"median": float(mid), "low": float(low), "high": float(high)}
            out[free.name] |= {"prior_low": float(before[0]), "prior_high": float(before[1])}
        return out


def pool(observations: Observations, dyad: str, length: int) -> list[Series]:
    """The series that the fit reads, cut to ``length`` intervals: the dyad itself first."""
    own = observations[dyad].until(length)
    if not own.counted:
        return [own]
    others = [s.until(length) for key, s in observations.series.items() if key != dyad]
    often = [s for s in others if np.count_nonzero(s.count) >= SEEN_OFTEN]
    often.sort(key=lambda s: (-s.count.sum(), s.key))
    return [own, *often[:DONORS]]


def scaled(series: Sequence[Series], values: Values) -> Reports:
    """Reports by group (draw, then series): counts of articles become reports where a file gives no counts."""
    draws = len(values["drift"])
    plain = Reports.of(series)
    clump = np.repeat(values[CLUMP.name], len(series))[:, None] if CLUMP.name in values else np.ones((1, 1))
    return Reports(np.tile(plain.count, (draws, 1)) / clump, np.tile(plain.misread, (draws, 1)))


def likelihood(
    series: Sequence[Series], values: Values, seed: int, scale: Scale | None = None, members: int = MEMBERS
) -> Array:
    """Log likelihood of the pooled series by draw, (draw,).

    A density of values needs the change of unit from articles to reports: one log clump for each interval.
    """
    total = assimilate.evidence(scaled(series, values), Rules.of(values, scale or Scale.of(series)), members, seed)
    joint = total.reshape(-1, len(series)).sum(axis=1)
    intervals = sum(np.count_nonzero(s.count) for s in series)
    return np.asarray(joint - intervals * np.log(values[CLUMP.name]) if CLUMP.name in values else joint)


@dataclass(frozen=True)
class Round:
    """One round of draws: where they were drawn from, where they fell, what the window says of them."""

    at: Array
    wide: Array
    points: Array
    told: Array


@dataclass(frozen=True)
class Common:
    """What the dyads of a pool have in common: the tempered posterior, and the dyads it was read from."""

    free: tuple[Free, ...]
    adapted: Adapted
    laws: tuple[int, ...]
    dyads: tuple[str, ...]


def fit(
    series: Sequence[Series], laws: Sequence[Law], seed: int, forecast_draws: int, tell: Progress | None = None
) -> Fitted:
    """Draws from the posterior of the dyad ``series[0]`` under ``laws``, all series of one training window.

    First what all dyads have in common, then the dyad itself around it.
    """
    return own(series, common(series, laws, seed, tell), seed, forecast_draws)


def common(series: Sequence[Series], laws: Sequence[Law], seed: int, tell: Progress | None = None) -> Common:
    """The posterior of all ``series`` together."""
    free = priors.chosen(laws, series[0].counted, series[0].step)
    mean, spread = priors.centre(free)
    task = Task(free, series, Scale.of(series), mean, spread, min(1.0, INDEPENDENT / len(series)), seed)
    on = tuple(int(law in laws) for law in LAWS)
    return Common(free, adapt(task, np.random.default_rng([seed, 1, *on]), tell), on, tuple(s.key for s in series))


def own(series: Sequence[Series], shared: Common, seed: int, forecast_draws: int) -> Fitted:
    """Draws for the dyad ``series[0]``, around what is shared; the others tell what levels are usual."""
    rng = np.random.default_rng([seed, 2, *shared.laws])
    found = _around(series, shared, seed, rng) if len(series) > 1 else shared.adapted
    drawn = found.at + found.wide * rng.standard_normal((forecast_draws, len(shared.free)))
    return Fitted(shared.free, drawn, shared.adapted.temper, shared.dyads)


def _around(series: Sequence[Series], shared: Common, seed: int, rng: np.random.Generator) -> Adapted:
    _, spread = priors.centre(shared.free)
    between = np.sqrt(shared.adapted.wide**2 + (BETWEEN * spread) ** 2)
    scale = Scale.of(series).of_first()
    return adapt(Task(shared.free, series[:1], scale, shared.adapted.at, between, 1.0, seed + ROUNDS), rng, None)


@dataclass(frozen=True)
class Task:
    """Parameters to adapt, to which series, from which normal prior, up to which power of the likelihood."""

    free: tuple[Free, ...]
    series: Sequence[Series]
    scale: Scale
    mean: Array
    spread: Array
    goal: float
    seed: int


@dataclass(frozen=True)
class Adapted:
    """Mean and standard deviation by parameter, on the free scale, and the power of the likelihood reached."""

    at: Array
    wide: Array
    temper: float


def adapt(task: Task, rng: np.random.Generator, tell: Progress | None) -> Adapted:
    """The tempered posterior as independent normals."""
    now = Adapted(task.mean, task.spread, 0.0)
    rounds: list[Round] = []
    for turn in range(ROUNDS):
        points = now.at + now.wide * rng.standard_normal((DRAWS, len(task.free)))
        told = likelihood(task.series, priors.values(task.free, points), task.seed + turn, task.scale)
        rounds.append(Round(now.at, now.wide, points, told))
        temper, weight, every = weighed(rounds, task.mean, task.spread, task.goal)
        at = weight @ every
        now = Adapted(at, np.maximum(np.sqrt(weight @ (every - at) ** 2), FLOOR * task.spread), temper)
        if tell:
            tell(turn + 1, ROUNDS)
    return now


def weighed(rounds: list[Round], mean: Array, spread: Array, goal: float) -> tuple[float, Array, Array]:
    """(temper, weights, points) of all rounds' draws: prior and tempered likelihood over the mixture they came from."""
    points, told = (np.concatenate([getattr(r, k) for r in rounds]) for k in ("points", "told"))
    mixture = np.logaddexp.reduce([normal(points, r.at, r.wide) for r in rounds]) - np.log(len(rounds))
    away = normal(points, mean, spread) - mixture
    temper = min(goal, tempered(told, away))
    return temper, weights(temper * told + away), points


def normal(points: Array, at: Array, wide: Array) -> Array:
    """Log density of independent normals, (draw,), up to a constant."""
    return np.asarray((-0.5 * ((points - at) / wide) ** 2 - np.log(wide)).sum(axis=1))


def weights(score: Array) -> Array:
    """Normalised weights of log scores, (draw,)."""
    weight = np.exp(score - score.max())
    return np.asarray(weight / weight.sum())


def tempered(told: Array, away: Array) -> float:
    """The largest power of the likelihood, at most 1, that keeps ``ALIVE`` draws effective."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        alive = 1.0 / (weights(middle * told + away) ** 2).sum()
        low, high = (middle, high) if alive >= ALIVE else (low, middle)
    return low
