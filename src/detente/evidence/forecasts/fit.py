"""Parameters of the law from a training window: the mode of the posterior of all pairs of a file together.

One quiet pair cannot tell how fast its own war will rise: pairs that report often enough are read together, on the
exact filter (grid.py). What is a pair's own, its level, the filter itself tells. Nothing after the window is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from detente.evidence.forecasts import grid, priors
from detente.evidence.forecasts.priors import CLUMP, Free, Off
from detente.evidence.reporting import Reports
from detente.observations import Observations, Series
from detente.observations.series import Step

Array = NDArray[np.float64]
#: told of the evaluations done, and how many there are at most
Progress = Callable[[int, int], None]

#: share of training intervals with a report from which on a pair is read
OFTEN = 0.1
#: pairs read beside the one that is forecast: those with the most events
DONORS = 15
#: rounds of the search, evaluations in all, and how far it goes, in standard deviations of what is believed beforehand
ROUNDS, CALLS, REACH = 15, 350, 4.0
#: length of an interval in weeks
WEEKS: dict[Step, float] = {"week": 1.0, "month": 365.25 / 12 / 7}


@dataclass(frozen=True)
class Fitted:
    """Values at the mode of the posterior, by name; the log of its density there; the pairs that were read."""

    free: tuple[Free, ...]
    values: Mapping[str, float]
    off: Off
    density: float
    dyads: tuple[str, ...]

    def law(self, step: Step) -> grid.Law:
        """The law for intervals of one ``step``."""
        return grid.Law(self.values, self.off, WEEKS[step])

    @property
    def clump(self) -> float:
        """Articles per report; 1 where a file counts reports."""
        return self.values.get(CLUMP.name, 1.0)

    def record(self) -> dict[str, Any]:
        """Plain values: the pairs read, and each parameter beside the 90 % interval believed before."""
        told = {}
        for free in self.free:
            low, high = free.reach
            told[free.name] = {"value": self.values[free.name], "prior_low": low, "prior_high": high}
        return {"dyads": list(self.dyads), "log_density": self.density, "parameters": told}


def pool(observations: Observations, dyad: str, length: int) -> list[Series]:
    """The series that the fit reads, cut to ``length`` intervals: the dyad and others that report often enough.

    In the order of the file, so that pairs that all report often are read alike. Series of a file without counts may
    hold each other: there the dyad is read alone.
    """
    own = observations[dyad].until(length)
    if not own.counted:
        return [own]
    others = [s.until(length) for s in observations.series.values() if s.key != own.key]
    often = sorted(reporting(others, OFTEN), key=lambda s: (-s.count.sum(), s.key))
    read = {own.key, *(s.key for s in often[:DONORS])}
    return [s.until(length) for s in observations.series.values() if s.key in read]


def reporting(series: Sequence[Series], often: float) -> list[Series]:
    """Those with a report in at least the share ``often`` of their intervals."""
    return [s for s in series if len(s) and np.count_nonzero(s.count) >= often * len(s)]


def believed(off: Off, counted: bool) -> Fitted:
    """What is believed before any file is read."""
    free = priors.chosen(off, counted)
    return Fitted(free, priors.values(free, np.array([f.centre for f in free])), off, 0.0, ())


def fit(series: Sequence[Series], off: Off, tell: Progress | None = None) -> Fitted:
    """The mode of the posterior of all ``series`` of one training window together, with ``off`` standing still.

    A density of values needs the change of unit from articles to reports: one log clump for each interval with any.
    """
    counted, step = series[0].counted, series[0].step
    free = priors.chosen(off, counted)
    centre, spread = (np.array([getattr(one, name) for one in free]) for name in ("centre", "spread"))
    plain, done = Reports.of(series), 0
    some = int(np.count_nonzero(plain.count))

    def cost(away: Array) -> float:
        nonlocal done
        values, done = priors.values(free, centre + spread * away), done + 1
        law, clump = grid.Law(values, off, WEEKS[step]), values.get(CLUMP.name, 1.0)
        told = plain.unclumped(clump)
        evidence = sum(float(now.evidence.sum()) for now in grid.filtered(law, grid.Prior.of(told.count, law), told))
        if tell:
            tell(min(done, CALLS), CALLS)
        return 0.5 * float(away @ away) + some * float(np.log(clump)) - evidence

    bounds = [(-REACH, REACH)] * len(free)
    found = minimize(
        cost, np.zeros(len(free)), method="L-BFGS-B", bounds=bounds, options={"maxiter": ROUNDS, "maxfun": CALLS}
    )
    values = priors.values(free, centre + spread * found.x)
    if tell:
        tell(CALLS, CALLS)
    return Fitted(free, values, off, -float(found.fun), tuple(s.key for s in series))
