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
    """Mean severity per report of the training intervals over that of their dyad, sorted by ``count``, (interval,).

    Severities grow with the number of reports (war is not only more of the same), hence drawing from intervals
    with about as many. ``scale`` is the dyad's own mean severity, shrunk toward the pool's.
    """

    count: Array
    relative: Array
    scale: float

    @classmethod
    def of(cls, pool: list[Series]) -> Marks:
        """Marks of training series, the dyad itself first."""
        common = sum(s.value.sum() for s in pool) / max(sum(s.count.sum() for s in pool), 1.0)
        own = [float((s.value.sum() + SHRINK * common) / (s.count.sum() + SHRINK)) for s in pool]
        some = [s.count > 0 for s in pool]
        count = np.concatenate([s.count[k] for s, k in zip(pool, some, strict=True)])
        mean = [s.value[k] / s.count[k] / level for s, k, level in zip(pool, some, own, strict=True)]
        order = np.argsort(count, kind="stable")
        return cls(count[order], np.concatenate(mean)[order], own[0])

    def draw(self, reports: Array, rng: np.random.Generator) -> Array:
        """A value for each number of reports; 0 where there are none."""
        low = np.searchsorted(self.count, reports, side="left")
        high = np.searchsorted(self.count, reports, side="right")
        short = np.maximum(NEAREST - (high - low), 0) // 2
        low, high = np.maximum(low - short, 0), np.minimum(high + short, len(self.count))
        # above all counts seen: the intervals with the most
        low = np.minimum(low, np.maximum(high - NEAREST // 2, 0))
        which = (low + (high - low) * rng.random(reports.shape)).astype(int)
        which = np.minimum(which, len(self.count) - 1)
        return np.where(reports > 0, reports * self.relative[which] * self.scale, 0.0)


def articles(reports: Array, clump: Array, size: float, rng: np.random.Generator) -> Array:
    """Value of reports where a file counts articles: each report comes as one and some more, ``size`` each."""
    more = rng.poisson(reports * np.maximum(clump - 1.0, 0.0))
    return (reports + more) * np.minimum(clump, 1.0) * size
