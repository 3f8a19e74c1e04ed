"""Rolling-origin hindcast: the model and naive forecasts on the same targets, scored in one run.

What is estimated is estimated on the training window and frozen; the state is carried to each origin by the reports
up to it; a naive forecast sees its own rolling window up to the origin. Nothing after an origin touches its forecasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import fit
from detente.evidence.forecasts.baselines import BASELINES, WINDOW
from detente.evidence.forecasts.fit import Fitted
from detente.evidence.forecasts.priors import LAWS, Law
from detente.evidence.forecasts.rolling import Forecaster, Path
from detente.evidence.forecasts.scoring import Scored, Strata, against_best
from detente.evidence.forecasts.targets import Aim, Target, Window, aim
from detente.evidence.observations import ObservationError, Observations, Series, Step
from detente.evidence.unfinished import keeping

Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

#: the model, and beside it the same filter and reporting with the laws switched off
MODEL: dict[str, tuple[Law, ...]] = {"model": LAWS, "laws_off": ()}
ABLATIONS: dict[str, tuple[Law, ...]] = {"no_excitation": ("hostility",), "no_hostility": ("incidents",)}
#: parameter draws behind a forecast, members in all
DRAWS, MEMBERS = 16, 4096
#: shortest training window, in intervals, and fewest targets that make a score
SHORTEST, FEWEST = 26, 4


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

    def observed(self, horizon: int) -> Array:
        """log1p of what came, (forecast,)."""
        return np.log1p(self.aim.value[[t.row for t in self.targets[horizon]]])

    def scored(self, method: str, horizon: int, ensembles: list[Array]) -> Scored:
        """One method's forecasts for one horizon."""
        active = self.strata.active(self.targets[horizon])
        return Scored.of(method, horizon, ensembles, self.observed(horizon), active, self.strata.threshold)


@dataclass(frozen=True)
class Hindcast:
    """All scores, the fits behind them, how the filters fared, and the hash of every forecast by method and horizon."""

    prepared: Prepared
    scored: list[Scored] = field(default_factory=list)
    fits: dict[str, Fitted] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    prints: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def take(self, method: str, horizon: int, ensembles: list[Array]) -> None:
        """Score one method's forecasts for one horizon."""
        self.scored.append(self.prepared.scored(method, horizon, ensembles))
        self.prints[method, horizon] = prints(ensembles)

    def ended(self) -> Hindcast | None:
        """With the naive forecasts beside it; None where the model's own are not made yet."""
        if "model" not in self.paths:
            return None
        for method, horizon, some in naive_forecasts(self.prepared):
            self.take(method, horizon, some)
        return self

    def at(self, horizon: int) -> list[Scored]:
        """All methods at one horizon."""
        return [s for s in self.scored if s.horizon == horizon]

    def rows(self) -> list[dict[str, Any]]:
        """One record per method and horizon."""
        seed = self.prepared.question.seed
        return [one.row(self.at(h), seed) for h in self.prepared.targets for one in self.at(h)]

    def best(self) -> list[dict[str, Any]]:
        """The model against the naive forecast that did best, by horizon."""
        return [dict(zip(_BEST, self._best(h), strict=True)) for h in self.prepared.targets]

    def _best(self, horizon: int) -> tuple[int, str, float | None, float | None, float | None, str | None]:
        rivals = self.at(horizon)
        model = next(s for s in rivals if s.method == "model")
        naive = [s for s in rivals if s.method in BASELINES]
        name, told = against_best(model, naive, self.prepared.question.seed)
        return horizon, name, told.value, told.low, told.high, told.why or None


_BEST = ("horizon", "best_baseline", "skill", "skill_low", "skill_high", "skill_undefined")


def prepare(question: Question) -> Prepared:
    """Series, pool and targets. Raises ObservationError where windows do not fit the file or each other."""
    seen = question.observations.since(question.train.first)
    series = seen[question.dyad]
    goal = aim(series, question.every or series.step)
    last = question.train.last
    if last is None:
        raise ObservationError("the training window has no end: write --train :1997-12-31")
    if question.test.first is not None and question.test.first <= last:
        raise ObservationError(f"the test window begins {question.test.first}, before the training window ends, {last}")
    trained = int(np.count_nonzero(series.ends <= last))
    if trained < SHORTEST:
        raise ObservationError(f"{trained} intervals of training: at least {SHORTEST} are needed")
    pool = fit.pool(seen, question.dyad, trained)
    if not sum(one.count.sum() for one in pool):
        raise ObservationError("no conflictual event in the training window: nothing can be learnt from it")
    rows = int(np.count_nonzero(goal.spans[:, 1] < trained))
    return Prepared(question, series, pool, goal, Strata.of(goal, rows), _targets(question, goal))


def _targets(question: Question, goal: Aim) -> dict[int, list[Target]]:
    later = replace(question.test, first=question.test.first or _after(question.train))
    targets = {h: goal.targets(later, h) for h in question.horizons}
    for horizon, some in targets.items():
        if len(some) < FEWEST:
            span = f"{goal.dates[0]} to {goal.dates[-1]}"
            raise ObservationError(
                f"the test window {question.test} holds {len(some)} targets at horizon {horizon}: "
                f"at least {FEWEST} are needed. {question.dyad} runs from {span}"
            )
    return targets


def _after(train: Window) -> np.datetime64 | None:
    return None if train.last is None else np.datetime64(train.last + np.timedelta64(1, "D"))


def hindcast(question: Question, tell: Progress | None = None) -> Hindcast:
    """Fit on the training window, forecast every target of the test window, score.

    Raises ObservationError; Unfinished with the methods done so far where it is stopped after the model's own.
    """
    prepared = prepare(question)
    result = Hindcast(prepared)
    with keeping(result.ended):
        for method, laws in {**MODEL, **(ABLATIONS if question.ablations else {})}.items():
            told = partial(tell, method) if tell else None
            fitted = fit.fit(prepared.pool, laws, question.seed, DRAWS, told)
            path, ensembles = issued(prepared, fitted)
            result.fits[method], result.paths[method] = fitted, path
            for horizon, some in ensembles.items():
                result.take(method, horizon, some)
    return result.ended() or result


def prints(ensembles: list[Array]) -> list[str]:
    """A hash of each forecast, to the last bit."""
    return [sha256(np.ascontiguousarray(one).tobytes()).hexdigest() for one in ensembles]


def issued(prepared: Prepared, fitted: Fitted) -> tuple[Path, dict[int, list[Array]]]:
    """The filter's path, and its forecasts by horizon, log1p (forecast, member)."""
    question = prepared.question
    forecaster = Forecaster.of(fitted, prepared.pool, question.members, question.seed)
    path = forecaster.follow(prepared.series, [t for some in prepared.targets.values() for t in some])
    rest = iter(path.forecasts)
    return path, {h: [next(rest) for _ in some] for h, some in prepared.targets.items()}


def naive(prepared: Prepared) -> Iterator[Scored]:
    """The baselines on the same targets."""
    return (prepared.scored(*made) for made in naive_forecasts(prepared))


def naive_forecasts(prepared: Prepared) -> Iterator[tuple[str, int, list[Array]]]:
    """The baselines' forecasts of the same targets: method, horizon, ensembles."""
    past, seed = np.log1p(prepared.aim.value), prepared.question.seed
    window = WINDOW[prepared.aim.step]
    for horizon, targets in prepared.targets.items():
        for method, forecast in BASELINES.items():
            yield method, horizon, [forecast(past[: t.known], horizon, window, seed) for t in targets]
