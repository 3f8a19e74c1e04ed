"""From reports to the value of an interval: the sum of their severities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence.observations import Series

Array = NDArray[np.float64]

#: intervals of the training window that stand for a number of reports: those with the nearest counts
NEAREST = 60
#: reports of the pool that the dyad's own mean severity must outweigh
SHRINK = 50.0


@dataclass(frozen=True)
class Marks:
    """Mean severity per report of the training intervals, sorted by ``count``; each shape (interval,).

    Severities grow with the number of reports (war is not only more of the same), hence drawing from intervals
    with about as many. ``scale`` is the dyad's own mean severity over the pool's, shrunk to 1.
    """

    count: Array
    mean: Array
    scale: float

    @classmethod
    def of(cls, pool: list[Series]) -> Marks:
        """Marks of training series, the dyad itself first."""
        count, value = (np.concatenate([getattr(s, k) for s in pool]) for k in ("count", "value"))
        some = count > 0
        if not some.any():
            return cls(np.ones(1), np.ones(1), 1.0)
        order = np.argsort(count[some], kind="stable")
        common = value.sum() / count.sum()
        own = (pool[0].value.sum() + SHRINK * common) / (pool[0].count.sum() + SHRINK)
        return cls(count[some][order], (value[some] / count[some])[order], float(own / common))

    def draw(self, reports: Array, rng: np.random.Generator) -> Array:
        """A value for each number of reports; 0 where there are none."""
        low = np.searchsorted(self.count, reports, side="left")
        high = np.searchsorted(self.count, reports, side="right")
        short = np.maximum(NEAREST - (high - low), 0) // 2
        low, high = np.maximum(low - short, 0), np.minimum(high + short, len(self.count))
        # above all counts seen: the intervals with the most
        low = np.minimum(low, np.maximum(high - NEAREST // 2, 0))
        which = (low + (high - low) * rng.random(reports.shape)).astype(int)
        return np.where(reports > 0, reports * self.mean[np.minimum(which, len(self.mean) - 1)] * self.scale, 0.0)


def articles(reports: Array, clump: Array, size: float, rng: np.random.Generator) -> Array:
    """Value of reports where a file counts articles: each report comes as one and some more, ``size`` each."""
    more = rng.poisson(reports * np.maximum(clump - 1.0, 0.0))
    return (reports + more) * np.minimum(clump, 1.0) * size
