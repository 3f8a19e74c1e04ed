"""Rolling origin: a question to a file, and the forecasts of every target from its own origin.

What is estimated is estimated on the training window and frozen; the state is carried to each origin by the reports
up to it; a naive forecast sees its own rolling window up to the origin. Nothing after an origin touches its forecasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import fit
from detente.evidence.forecasts.baselines import BASELINES, WINDOW
from detente.evidence.forecasts.fit import Fitted
from detente.evidence.forecasts.forecaster import Forecaster
from detente.evidence.forecasts.grid import Filtered
from detente.evidence.forecasts.scoring import Scored, Strata
from detente.evidence.forecasts.targets import Aim, Target, Window, aim
from detente.observations import ObservationError, Observations, Series, Step

Array = NDArray[np.float64]
#: told of every interval that the filter has passed
Look = Callable[[int, Filtered], None]
#: forecasts by horizon, log1p of the value, (target, member)
Issued = dict[int, list[Array]]

#: members of a forecast
MEMBERS = 4096
#: shortest training window, in intervals, and fewest targets that make a score
SHORTEST, FEWEST = 26, 4


def followed(forecaster: Forecaster, targets: dict[int, list[Target]], look: Look | None = None) -> Issued:
    """Filter a single pair, to its end where somebody looks, else to the last origin; at each forecast its targets."""
    wanted = [target for some in targets.values() for target in some]
    last, made = max((target.origin for target in wanted), default=-1), dict[Target, Array]()
    for t, now in enumerate(forecaster.path()):
        if look:
            look(t, now)
        elif t > last:
            break
        if here := [target for target in wanted if target.origin == t]:
            value = forecaster.ahead(now, t, max(target.last for target in here) - t)[1][:, 0]
            sums = np.concatenate([np.zeros((1, value.shape[1])), np.cumsum(value, axis=0)])
            made |= {g: np.log1p(sums[g.last - t] - sums[g.first - t - 1]) for g in here}
    return {h: [made[target] for target in some] for h, some in targets.items()}


@dataclass(frozen=True)
class Question:
    """What is asked: a dyad of a file, windows, horizons in steps of ``every``."""

    observations: Observations
    dyad: str
    train: Window
    test: Window
    horizons: tuple[int, ...] = (1,)
    every: Step | None = None
    seed: int = 1
    members: int = MEMBERS
    ablations: bool = False


@dataclass(frozen=True)
class Prepared:
    """The question as arrays: the dyad's series, its training pool, what is aimed at."""

    question: Question
    series: Series
    pool: list[Series]
    aim: Aim
    strata: Strata
    targets: dict[int, list[Target]]

    def issued(self, fitted: Fitted) -> Issued:
        """The fitted law's forecasts of all targets."""
        asked = self.question
        forecaster = Forecaster.of(fitted, [self.series], len(self.pool[0]), self.pool, asked.members, asked.seed)
        return followed(forecaster, self.targets)

    def naive(self) -> Iterator[tuple[str, int, list[Array]]]:
        """The baselines' forecasts of the same targets: method, horizon, ensembles."""
        past, window = np.log1p(self.aim.value), WINDOW[self.aim.step]
        for horizon, targets in self.targets.items():
            for method, forecast in BASELINES.items():
                told = [forecast(past[: t.known], horizon, window, self.question.seed) for t in targets]
                yield method, horizon, told

    def scored(self, method: str, horizon: int, ensembles: list[Array]) -> Scored:
        """One method's forecasts for one horizon."""
        targets = self.targets[horizon]
        observed, active = np.log1p(self.aim.value[[t.row for t in targets]]), self.strata.active(targets)
        return Scored.of(method, horizon, ensembles, observed, active, self.strata.threshold)


def prepare(question: Question) -> Prepared:
    """Series, pool and targets. Raises ObservationError where windows do not fit the file or each other."""
    seen = question.observations.since(question.train.first)
    series = seen[question.dyad]
    goal = aim(series, question.every or series.step)
    last, test = question.train.last, question.test
    if last is None:
        raise ObservationError("the training window has no end: write --train :1997-12-31")
    if test.first is not None and test.first <= last:
        raise ObservationError(f"the test window begins {test.first}, before the training window ends, {last}")
    trained = int(np.count_nonzero(series.ends <= last))
    if trained < SHORTEST:
        raise ObservationError(f"{trained} intervals of training: at least {SHORTEST} are needed")
    pool = fit.pool(seen, question.dyad, trained)
    if not sum(one.count.sum() for one in pool):
        raise ObservationError("no conflictual event in the training window: nothing can be learnt from it")
    later = replace(test, first=test.first or np.datetime64(last + np.timedelta64(1, "D")))
    targets = {h: goal.targets(later, h) for h in question.horizons}
    for horizon, some in targets.items():
        if len(some) < FEWEST:
            raise ObservationError(
                f"the test window {test} holds {len(some)} targets at horizon {horizon}: at least {FEWEST} are "
                f"needed. {question.dyad} runs from {goal.dates[0]} to {goal.dates[-1]}"
            )
    strata = Strata.of(goal, int(np.count_nonzero(goal.spans[:, 1] < trained)))
    return Prepared(question, series, pool, goal, strata, targets)
