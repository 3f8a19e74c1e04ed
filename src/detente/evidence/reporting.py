"""Between what happens and what a file holds: reports are missed, misread, clumped and over-dispersed.

Of the incidents that happen a share is reported, and coding reads about a fifth of all reports wrongly
(model.md §1.8: event-code accuracy about 0.8). Given the week's common news factor G ~ Gamma(r)/r

    reported ~ Poisson(G p lambda) + Poisson(G f),   unreported ~ Poisson(G (1 - p) lambda),

p = reported share x share read rightly, f = misread reports of other events. Then reported counts are negative
binomial with mean m = p lambda + f and size r, and given them the unreported and the misread are known in closed form.
The size grows with the mean, r = r1 m^a: one striking incident fills a quiet week, many average out in a busy one
(in the training years of the KEDS dyads r rises from 0.4 at a report in five weeks to 3.6 at nine a week). And it
wanders: there are spells of even and of fitful reporting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

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
#: intervals over which the scatter of reports, or the pace of the drift, keeps its character
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


def trailing(values: Array, kept: float, start: Array | float = 0.0) -> Array:
    """x' = kept x + (1 - kept) value, along the last axis, begun at ``start``."""
    from scipy.signal import lfilter

    begun = np.broadcast_to(np.asarray(kept * start), (*values.shape[:-1], 1))
    return np.asarray(lfilter([1.0 - kept], [1.0, -kept], values, zi=begun)[0])


def remembered(other: Array) -> Array:
    """Mean flow of other reports before each interval and the one to come, (series, time + 1)."""
    return np.concatenate([np.zeros((len(other), 1)), trailing(other, float(np.exp(-1.0 / ATTENTION)))], axis=1)


@dataclass(frozen=True)
class News:
    """How reports scatter: size of the negative binomial at one report, its growth with the mean, its wandering.

    Each (group, 1), or ``dispersion`` (group, member) where it is that of the moment.
    """

    dispersion: Array
    averaging: Array
    unsteadiness: Array

    def now(self, steadiness: Array) -> News:
        """The scatter of the moment, by member."""
        return replace(self, dispersion=self.dispersion * np.exp(self.unsteadiness * steadiness))

    def size(self, mean: Array) -> Array:
        """Size of the negative binomial for ``mean`` reports."""
        return self.dispersion * np.maximum(mean, FEW) ** self.averaging


def wander(state: Array, rng: np.random.Generator, steady: float = STEADY) -> Array:
    """A slow state an interval later: stationary, standard normal, remembered for ``steady`` intervals."""
    keep = np.exp(-1.0 / steady)
    return np.asarray(keep * state + np.sqrt(1.0 - keep**2) * rng.standard_normal(state.shape))


def log_chance(count: Array, rate: Array, misread: Array, news: News) -> Array:
    """Log probability of ``count`` reports when incidents come at ``rate``; broadcasts."""
    mean = SEEN * rate + misread
    size = news.size(mean)
    constant = gammaln(count + size) - gammaln(size) - gammaln(count + 1.0)
    return np.asarray(constant + size * np.log(size / (size + mean)) + count * np.log(mean / (size + mean)))


def happened(count: Array, rate: Array, misread: Array, news: News) -> Array:
    """Expected incidents behind ``count`` reports: those read rightly and those never reported."""
    seen = SEEN * rate
    mean = seen + misread
    size = news.size(mean)
    unreported = (1.0 - SEEN) * rate * (size + count) / (size + mean)
    return count * seen / mean + unreported


def draw(rate: Array, misread: Array, news: News, rng: np.random.Generator) -> tuple[Array, Array]:
    """A future interval: (incidents, reports), each like ``rate``; incidents are negative binomial as in the law."""
    size = news.size(SEEN * rate + misread)
    factor = rng.standard_gamma(size) / size
    right = rng.poisson(factor * SEEN * rate)
    hidden = rng.poisson(factor * (1.0 - SEEN) * rate)
    wrong = rng.poisson(factor * misread)
    return (right + hidden).astype(float), (right + wrong).astype(float)
