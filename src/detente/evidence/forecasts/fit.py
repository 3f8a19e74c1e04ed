"""Parameters of the laws from a training window: a population of draws, pulled from the prior to the posterior.

All dyads of a file that saw enough are read together: one quiet dyad cannot tell how fast its own war will rise. Dyads
share actors and reports, so their joint likelihood, that of the particle filter, counts for no more than
``INDEPENDENT`` of them: the stated discrepancy. Nothing after the window is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import priors
from detente.evidence.forecasts.pair import Pair, Scale
from detente.evidence.forecasts.particles import filtered
from detente.evidence.forecasts.priors import CLUMP, LAWS, Free, Law, Values
from detente.evidence.inference import ROUNDS, Normals, adapted
from detente.evidence.reporting import Reports
from detente.observations import Observations, Series

Array = NDArray[np.float64]

#: dyads read beside the one that is forecast: those with the most events among those seen often enough
DONORS, SEEN_OFTEN = 7, 20
#: independent dyads that the joint likelihood is worth at most
INDEPENDENT = 3.0
#: members of the filter behind a likelihood
MEMBERS = 192
#: how far a dyad may stand off what is common, as a share of the prior's width
BETWEEN = 0.5

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

    def record(self) -> dict[str, object]:
        """Plain values: the dyads read, and by parameter the median and 90 % interval beside the prior's."""
        out = {}
        for i, free in enumerate(self.free):
            low, mid, high = (float(v) for v in free.value(np.quantile(self.points[:, i], (0.05, 0.5, 0.95))))
            before = free.value(free.centre + free.spread * np.array([-1.645, 1.645]))
            out[free.name] = {"median": mid, "low": low, "high": high}
            out[free.name] |= {"prior_low": float(before[0]), "prior_high": float(before[1])}
        return {"dyads": list(self.dyads), "temper": self.temper, "parameters": out}


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
    free: tuple[Free, ...], series: Sequence[Series], scale: Scale, seed: int
) -> Callable[[Array, int], Array]:
    """Log likelihood of the pooled series by draw, (draw,), given points on the free scale and the round they are of.

    A density of values needs the change of unit from articles to reports: one log clump for each interval.
    """
    intervals = sum(np.count_nonzero(s.count) for s in series)

    def told(points: Array, turn: int) -> Array:
        values = priors.values(free, points)
        path = filtered(Pair.of(values, scale), scaled(series, values), MEMBERS, seed + turn)
        joint = sum((step.evidence for step in path), np.zeros(())).reshape(-1, len(series)).sum(axis=1)
        return np.asarray(joint - intervals * np.log(values[CLUMP.name]) if CLUMP.name in values else joint)

    return told


@dataclass(frozen=True)
class Common:
    """What the dyads of a pool have in common: the tempered posterior, and the dyads it was read from."""

    free: tuple[Free, ...]
    shared: Normals
    laws: tuple[int, ...]
    dyads: tuple[str, ...]

    def own(self, series: Sequence[Series], seed: int, draws: int) -> Fitted:
        """Draws for the dyad ``series[0]``, around what is shared; the others tell what levels are usual."""
        rng, found = np.random.default_rng([seed, 2, *self.laws]), self.shared
        if len(series) > 1:
            wide = np.sqrt(found.wide**2 + (BETWEEN * priors.centre(self.free).wide) ** 2)
            scale = Scale.of(series).of_first()
            told = likelihood(self.free, series[:1], scale, seed + ROUNDS)
            found = adapted(told, Normals(found.at, wide), 1.0, rng)
        return Fitted(self.free, found.draw(draws, rng), self.shared.temper, self.dyads)


def fit(series: Sequence[Series], laws: Sequence[Law], seed: int, draws: int, tell: Progress | None = None) -> Fitted:
    """Draws from the posterior of the dyad ``series[0]`` under ``laws``, all series of one training window.

    First what all dyads have in common, then the dyad itself around it.
    """
    return common(series, laws, seed, tell).own(series, seed, draws)


def believed(laws: Sequence[Law], series: Series, seed: int, draws: int) -> Fitted:
    """Draws from what is believed before any file is read."""
    free = priors.chosen(laws, series.counted, series.step)
    return Fitted(free, priors.centre(free).draw(draws, np.random.default_rng([seed, 3])), 0.0, ())


def common(series: Sequence[Series], laws: Sequence[Law], seed: int, tell: Progress | None = None) -> Common:
    """The posterior of all ``series`` together."""
    free = priors.chosen(laws, series[0].counted, series[0].step)
    on = tuple(int(law in laws) for law in LAWS)
    rng, goal = np.random.default_rng([seed, 1, *on]), min(1.0, INDEPENDENT / len(series))
    found = adapted(likelihood(free, series, Scale.of(series), seed), priors.centre(free), goal, rng, tell)
    return Common(free, found, on, tuple(s.key for s in series))
