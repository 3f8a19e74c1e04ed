"""The fitted law on its way through the reports of some pairs, and what it expects from any interval on.

Chance is keyed by (seed, interval): forecasts from an origin cannot depend on anything after it, nor on how many were
made before. Arrays are (pair, …), members last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import grid, severity
from detente.evidence.forecasts.fit import Fitted
from detente.evidence.forecasts.severity import Marks
from detente.evidence.reporting import Reports
from detente.observations import Series

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Forecaster:
    """All that is needed: the law, where levels lie before anything is seen, the reports, and what a report is worth.

    ``size`` is the value of one article (pair, interval), ``clump`` articles per report; ``marks`` tell severities
    where a file counts reports, and are None where it does not.
    """

    law: grid.Law
    prior: grid.Prior
    reports: Reports
    size: Array
    clump: float
    marks: Marks | None
    members: int
    seed: int

    @classmethod
    def of(
        cls, fitted: Fitted, series: Sequence[Series], trained: int, pool: Sequence[Series], members: int, seed: int
    ) -> Forecaster:
        """A forecaster of ``series``, of which the first ``trained`` intervals are training; so are all of ``pool``."""
        law, told = fitted.law(series[0].step), Reports.of(series).unclumped(fitted.clump)
        marks = Marks.of([s.until(trained) for s in series], pool) if series[0].counted else None
        size = np.array([s.size for s in series])
        prior = grid.Prior.of(told.count[:, :trained], law)
        return cls(law, prior, told, size, fitted.clump, marks, members, seed)

    def path(self) -> Iterator[grid.Filtered]:
        """The filter, interval by interval."""
        return grid.filtered(self.law, self.prior, self.reports)

    def ahead(self, now: grid.Filtered, t: int, steps: int) -> tuple[Array, Array]:
        """Reports and values of the ``steps`` intervals after ``t``, whose filter is ``now``: (step, pair, member)."""
        rng = np.random.default_rng([self.seed, t])
        counts = grid.ahead(self.law, self.prior, now, self.reports.misread[:, t + 1], steps, self.members, rng)
        if self.marks is not None:
            return counts, self.marks.draw(counts, rng)
        return counts, severity.articles(counts, self.clump, self.size[:, [t]], rng)
