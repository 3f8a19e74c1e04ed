"""Between what happens and what a file holds: reports are missed, misread, clumped and over-dispersed.

Of the incidents that happen a share is reported, and coding reads about a fifth of all reports wrongly
(model.md §1.8: event-code accuracy about 0.8). Given the week's common news factor G ~ Gamma(r)/r

    reported ~ Poisson(G p lambda) + Poisson(G f),   unreported ~ Poisson(G (1 - p) lambda),

p = reported share x share read rightly, f = misread reports of other events. Then reported counts are negative
binomial with mean p lambda + f and size r, and given them the unreported and the misread are known in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from detente.evidence.observations import Series

Array = NDArray[np.float64]

#: share of incidents that enter the file at all [assumption]
ENTERED = 0.8
#: share of reports coded on the wrong side of zero: half of the fifth that is coded wrongly [assumption]
MISREAD = 0.1
#: share of incidents that end as conflictual reports
SEEN = ENTERED * (1.0 - MISREAD)
#: intervals over which the flow of other reports is remembered
ATTENTION = 8.0
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


def remembered(other: Array) -> Array:
    """Mean flow of other reports before each interval and the one to come, (series, time + 1)."""
    out = np.zeros((other.shape[0], other.shape[1] + 1))
    keep = np.exp(-1.0 / ATTENTION)
    for t in range(1, out.shape[1]):
        out[:, t] = keep * out[:, t - 1] + (1.0 - keep) * other[:, t - 1]
    return out


def log_chance(count: Array, rate: Array, misread: Array, size: Array) -> Array:
    """Log probability of ``count`` reports when incidents come at ``rate``; broadcasts."""
    mean = SEEN * rate + misread
    constant = gammaln(count + size) - gammaln(size) - gammaln(count + 1.0)
    return np.asarray(constant + size * np.log(size / (size + mean)) + count * np.log(mean / (size + mean)))


def happened(count: Array, rate: Array, misread: Array, size: Array) -> Array:
    """Expected incidents behind ``count`` reports: those read rightly and those never reported."""
    seen = SEEN * rate
    mean = seen + misread
    unreported = (1.0 - SEEN) * rate * (size + count) / (size + mean)
    return count * seen / mean + unreported


def draw(rate: Array, misread: Array, size: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """A future interval: (incidents, reports), each like ``rate``; incidents are negative binomial as in the law."""
    news = rng.standard_gamma(np.broadcast_to(size, rate.shape)) / size
    right = rng.poisson(news * SEEN * rate)
    hidden = rng.poisson(news * (1.0 - SEEN) * rate)
    wrong = rng.poisson(news * misread)
    return (right + hidden).astype(float), (right + wrong).astype(float)
