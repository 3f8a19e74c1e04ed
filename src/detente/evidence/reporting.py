"""Between what happens and what a file holds: reports are missed, misread, clumped and over-dispersed.

Of the incidents that happen a share is reported, and coding reads about a fifth of all reports wrongly
(model.md §1.8: event-code accuracy about 0.8). Given the interval's common news factor G ~ Gamma(r)/r

    reports ~ Poisson(G p lambda) + Poisson(G f),

p = reported share x share read rightly, f = misread reports of other events: reported counts are negative binomial with
mean m = p lambda + f and size r. The size grows with the mean, r = r1 m^a: one striking incident fills a quiet week,
many average out in a busy one (in the training years of the KEDS dyads r rises from 0.4 at a report in five weeks to
3.6 at nine a week).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.observations import Series

Array = NDArray[np.float64]

#: share of incidents that enter the file at all [assumption]
ENTERED = 0.8
#: share of reports coded on the wrong side of zero: half of the fifth that is coded wrongly [assumption]
MISREAD = 0.1
#: share of incidents that end as conflictual reports
SEEN = ENTERED * (1.0 - MISREAD)
#: intervals over which the flow of other reports is remembered
ATTENTION = 8.0
#: below this mean [reports per interval] the size of the negative binomial falls no further
FEW = 0.05
#: intervals over which the scatter of reports keeps its character
STEADY = 50.0
#: misread reports per interval where a file counts no other events
TRACE = 0.005


@dataclass(frozen=True)
class Reports:
    """What the filter reads of some series: counts (series, time); misread reports expected (series, time + 1).

    What is expected of an interval is known before it, hence one column more: the first one ahead.
    """

    count: Array
    misread: Array

    @classmethod
    def of(cls, series: Sequence[Series]) -> Reports:
        """Reports of series on one grid."""
        other = np.array([s.other for s in series])
        return cls(np.array([s.count for s in series]), TRACE + MISREAD * remembered(other))

    def unclumped(self, clump: float) -> Reports:
        """Counts of articles as reports, of which each comes as ``clump`` articles."""
        return Reports(self.count / clump, self.misread)


def trailing(values: Array, kept: float, start: Array | float = 0.0) -> Array:
    """x' = kept x + (1 - kept) value, along the last axis, begun at ``start``."""
    from scipy.signal import lfilter

    begun = np.broadcast_to(np.asarray(kept * start), (*values.shape[:-1], 1))
    return np.asarray(lfilter([1.0 - kept], [1.0, -kept], values, zi=begun)[0])


def remembered(other: Array) -> Array:
    """Mean flow of other reports before each interval and the one to come, (series, time + 1)."""
    return np.concatenate([np.zeros((len(other), 1)), trailing(other, float(np.exp(-1.0 / ATTENTION)))], axis=1)


def wander(state: Array, rng: np.random.Generator, steady: float = STEADY) -> Array:
    """A slow state an interval later: stationary, standard normal, remembered for ``steady`` intervals."""
    keep = np.exp(-1.0 / steady)
    return np.asarray(keep * state + np.sqrt(1.0 - keep**2) * rng.standard_normal(state.shape))
