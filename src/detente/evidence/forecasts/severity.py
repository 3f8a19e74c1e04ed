"""From reports to the value of an interval: the sum of their severities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.observations import Series

Array = NDArray[np.float64]

#: intervals of the training window that stand for a number of reports: those with the nearest counts
NEAREST = 60
#: reports of the pool that the dyad's own mean severity must outweigh
SHRINK = 50.0


@dataclass(frozen=True)
class Marks:
    """Severity per report of the training intervals over that of their pair, sorted by ``count``, (interval,).

    Severities grow with the number of reports (war is not only more of the same), hence drawing from intervals
    with about as many. ``scale`` (pair, 1) is a pair's own severity over what the pool shows at its counts, shrunk
    to 1.
    """

    count: Array
    relative: Array
    scale: Array

    @classmethod
    def of(cls, series: Sequence[Series], pool: Sequence[Series]) -> Marks:
        """Marks for ``series`` from the intervals of ``pool``, all of training."""
        some, own = ([(s.count[s.count > 0], s.value[s.count > 0]) for s in part] for part in (pool, series))
        count, value = (np.concatenate(parts) for parts in zip(*some, strict=True))
        order = np.argsort(count, kind="stable")
        # mean severity per report by number of reports, over all dyads, in bins of at least NEAREST intervals
        bins = np.array_split(order, max(len(order) // NEAREST, 1))
        level = np.array([count[one].mean() for one in bins])
        mean = np.array([value[one].sum() / count[one].sum() for one in bins])
        prior = SHRINK * float(mean.mean())

        def scale(n: Array, v: Array) -> float:
            return (float(v.sum()) + prior) / (float((n * np.interp(n, level, mean)).sum()) + prior)

        relative = np.concatenate([v / n / scale(n, v) for n, v in some])
        return cls(count[order], relative[order], np.array([[scale(n, v)] for n, v in own]))

    def draw(self, reports: Array, rng: np.random.Generator) -> Array:
        """A value for each number of reports (…, pair, member); 0 where there are none."""
        low = np.searchsorted(self.count, reports, side="left")
        high = np.searchsorted(self.count, reports, side="right")
        short = np.maximum(NEAREST - (high - low), 0) // 2
        low, high = np.maximum(low - short, 0), np.minimum(high + short, len(self.count))
        # above all counts seen: the intervals with the most
        low = np.minimum(low, np.maximum(high - NEAREST // 2, 0))
        which = (low + (high - low) * rng.random(reports.shape)).astype(int)
        which = np.minimum(which, len(self.count) - 1)
        return np.where(reports > 0, reports * self.relative[which] * self.scale, 0.0)


def articles(reports: Array, clump: float, size: Array, rng: np.random.Generator) -> Array:
    """Value of reports (…, pair, member) where a file counts articles: each report comes as one and some more, ``size``
    (pair, 1) each."""
    more = rng.poisson(reports * max(clump - 1.0, 0.0))
    return np.asarray((reports + more) * min(clump, 1.0) * size)
