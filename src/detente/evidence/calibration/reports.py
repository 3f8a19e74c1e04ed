"""From simulated incidents to what a file would hold, with what the laws leave out: the stated discrepancy.

Of the incidents a share is reported; reports clump, some are misread reports of other acts; news volume wanders for
all pairs together, and every pair's course wanders about what the laws and the dated acts make of it. None of this is
known: each simulation draws its own values and the inference averages over them.

    reports ~ NegBin(mean m, size r m^a),  m = p exp(N_t + W_dt) y_dt + f (flow of other reports) + trace

The wandering W is the discrepancy of the model (Wilkinson 2013, Stat. Appl. Genet. Mol. Biol. 12(2)): a war told
by one act with one size goes up and down in ways that no parameter of the laws explains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence.reporting import FEW, TRACE, wander

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Unknown:
    """A number of the observation process: uniform between ``low`` and ``high`` [assumption]."""

    name: str
    low: float
    high: float
    note: str


UNKNOWN = (
    Unknown("share", 0.5, 0.95, "share of incidents that end as hostile reports; 0.72 where a fifth is miscoded"),
    Unknown("misread", 0.05, 0.2, "share of reports of other acts that are coded as hostile: about 20 % miscoded"),
    Unknown("size", 1.0, 8.0, "size of the negative binomial at one report expected"),
    Unknown("averaging", 0.2, 0.6, "growth of that size with the reports expected"),
    Unknown("news", 0.0, 0.3, "standard deviation of the log news volume, common to all pairs"),
    Unknown("wandering", 0.2, 0.8, "standard deviation of each pair's log course about the laws': discrepancy"),
)
#: weeks over which news volume and a pair's course are remembered [assumption]
STEADY = 26.0


def reported(incidents: NDArray[np.uint16], other: Array, rng: np.random.Generator) -> NDArray[np.float32]:
    """Weekly reports, shape (dyad, draw, week), of ``incidents`` (week, dyad, draw); ``other`` is (week, dyad)."""
    weeks, dyads, draws = incidents.shape
    known = {u.name: rng.uniform(u.low, u.high, draws) for u in UNKNOWN}
    news, course = rng.standard_normal((1, draws)), rng.standard_normal((dyads, draws))
    out = np.zeros((dyads, draws, weeks), dtype=np.float32)
    for week in range(weeks):
        level = np.exp(known["news"] * news + known["wandering"] * course)
        mean = known["share"] * level * incidents[week] + known["misread"] * other[week][:, None] + TRACE
        size = known["size"] * np.maximum(mean, FEW) ** known["averaging"]
        out[:, :, week] = rng.poisson(mean * rng.standard_gamma(size) / size)
        news, course = wander(news, rng, STEADY), wander(course, rng, STEADY)
    return out
