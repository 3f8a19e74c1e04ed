"""The calibration: simulate, choose what can be learnt, infer it, check the inference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from detente.evidence import inference
from detente.evidence.calibration import checks
from detente.evidence.calibration.checks import Recovery
from detente.evidence.calibration.table import Progress, Table, observed, table
from detente.evidence.calibration.window import Watched, watched
from detente.evidence.forecasts.targets import Window
from detente.experiment.counts import INVERSES
from detente.observations import ObservationError, Observations
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import uncertain

Array = NDArray[np.float64]

#: simulations, and how many of them are treated as if they were the file
DRAWS, CHECKS, FEWEST_CHECKS = 12_000, 400, 200
#: share of the other simulations from which summaries are learnt; with the rest the inference is made
LEARNING = 0.4
#: a parameter is inferred where simulated files tell at least this share of its variance
INFORMED = 0.1
#: ranks less even than this chance allows: the inference on that parameter is not used
UNEVEN = 0.01
#: purposes of chance
RANKING = 3
#: fewest simulations for learning and for reference
LEAST = 500


@dataclass(frozen=True)
class Question:
    """A checked scenario, a file, a window; ``dyads`` {dyad: series} or all that fit."""

    scenario: Scenario
    observations: Observations
    window: Window
    dyads: Mapping[str, str]
    draws: int = DRAWS
    checks: int = CHECKS
    seed: int = 1
    workers: int = 1


@dataclass(frozen=True)
class Estimate:
    """One parameter that simulated files tell something of.

    ``score`` and ``weight`` (kept,) are its posterior in normal scores of the prior; ``tail`` the share of simulations
    whose summaries tell as extreme a number as the file; ``explained`` the share of variance that files can tell.
    """

    path: str
    prior: Quantity
    explained: float
    tail: float
    score: Array
    weight: Array
    recovery: Recovery

    @property
    def verdict(self) -> str:
        """``inferred``, ``edge`` (the file asks for more than the prior allows) or ``uneven`` (the check fails)."""
        if self.recovery.p <= UNEVEN:
            return "uneven"
        return "edge" if self.tail < checks.EDGE else "inferred"

    @property
    def shrinkage(self) -> float:
        """By how much the posterior's standard deviation falls short of the prior's, in scores; 0 is nothing learnt."""
        mean = self.weight @ self.score
        return float(1.0 - np.sqrt(self.weight @ np.square(self.score - mean)))

    def quantiles(self, shares: Array) -> Array:
        """Posterior quantiles in the parameter's own unit."""
        order = np.argsort(self.score, kind="stable")
        at = np.cumsum(self.weight[order]) - 0.5 * self.weight[order]
        return self.value(np.interp(shares, at, self.score[order]))

    def before(self, shares: Array) -> Array:
        """Prior quantiles in the parameter's own unit."""
        return self.value(ndtri(shares))

    def value(self, score: Array) -> Array:
        """Values of the parameter at normal scores of its prior."""
        assert self.prior.spread is not None
        return INVERSES[self.prior.spread](self.prior, inference.places(score))


@dataclass(frozen=True)
class Strange:
    """A summary of the file that hardly a simulation reaches: what the file holds, and the simulations' 90 % range."""

    name: str
    found: float
    low: float
    high: float
    tail: float


@dataclass(frozen=True)
class Calibration:
    """All that a calibration found; ``untold`` maps each parameter that files tell nothing of to what they do tell."""

    question: Question
    watched: Watched
    estimates: tuple[Estimate, ...]
    untold: dict[str, float]
    strange: tuple[Strange, ...]
    summaries: int
    as_far_out: float
    inside: float
    not_ruled_out: float

    @property
    def fits(self) -> bool:
        """Whether the scenario could have made the file, but for a few summaries that are set aside."""
        few = len(self.strange) <= checks.TOO_STRANGE * self.summaries
        return few and self.as_far_out >= checks.OUTSIDE

    @property
    def inferred(self) -> tuple[Estimate, ...]:
        """The parameters for which a posterior may be used: none where the scenario could not have made the file."""
        return tuple(e for e in self.estimates if e.verdict == "inferred" and self.fits)


def calibrate(question: Question, tell: Progress | None = None) -> Calibration:
    """Calibrate; the same bits whatever ``workers``. Raises ObservationError where window and file do not fit."""
    if question.checks < FEWEST_CHECKS:
        raise ObservationError(f"{question.checks} checks: at least {FEWEST_CHECKS} are needed to judge the inference")
    if question.draws - question.checks < 2 * LEAST:
        raise ObservationError(f"{question.draws} draws: give at least {question.checks + 2 * LEAST}")
    seen = watched(question.scenario, question.observations, question.window, question.dyads)
    known = learnable(question.scenario)
    if not known:
        raise ObservationError("no parameter of the laws has a spread: there is nothing to calibrate")
    made = table(question.scenario, seen, known, question.draws, question.seed, question.workers, tell)
    return judged(question, seen, made)


def learnable(scenario: Scenario) -> dict[str, Quantity]:
    """The uncertain parameters of the laws, but those that may be exactly 0: a spike has no normal score."""
    return {path: q for path, q in uncertain(scenario, "parameters.").items() if q.spread != "spike_slab"}


@dataclass(frozen=True)
class Parts:
    """Rows of the table: treated as files, learnt from, inferred with."""

    checked: slice
    learnt: slice
    reference: slice

    @classmethod
    def of(cls, draws: int, checked: int) -> Parts:
        """The first rows are the files, the next are learnt from."""
        end = checked + int(LEARNING * (draws - checked))
        return cls(slice(0, checked), slice(checked, end), slice(end, draws))


def judged(question: Question, seen: Watched, made: Table) -> Calibration:
    """The calibration from its table. What can be learnt is chosen before the file is looked at."""
    parts, score = Parts.of(question.draws, question.checks), inference.scores(made.place)
    reader = inference.Reader.learnt(made.summaries[parts.learnt], score[parts.learnt])
    told = inference.explained(reader(made.summaries[parts.reference]), score[parts.reference])
    paths = list(made.parameters)
    chosen = [n for n in np.argsort(-told, kind="stable") if told[n] >= INFORMED]
    if not chosen:
        raise ObservationError(
            "files of this window would tell nothing of any parameter: give a longer one or more pairs"
        )
    file = np.array(list(observed(seen).values()))
    tails = checks.tail(file, made.summaries)
    usual = tails >= checks.STRANGE
    if not usual.any():
        raise ObservationError("the file lies outside what the scenario can produce: hardly a simulation reaches it")
    chosen_ones = _Inference(made.summaries[:, usual], score[:, chosen], file[usual], parts)
    rng = np.random.default_rng([question.seed, RANKING])
    return Calibration(
        question=question,
        watched=seen,
        estimates=tuple(
            chosen_ones.estimate(k, paths[n], made.parameters[paths[n]], float(told[n]), rng)
            for k, n in enumerate(chosen)
        ),
        untold={paths[n]: float(told[n]) for n in range(len(paths)) if n not in chosen},
        strange=tuple(_strange(made, file, tails, int(n)) for n in np.flatnonzero(~usual)),
        summaries=len(file),
        as_far_out=checks.as_far_out(file[usual], made.summaries[:, usual]),
        inside=checks.inside(file[usual], made.summaries[:, usual]),
        not_ruled_out=chosen_ones.not_ruled_out(),
    )


def _strange(made: Table, file: Array, tails: Array, n: int) -> Strange:
    low, high = np.quantile(made.summaries[:, n], (0.05, 0.95))
    return Strange(made.names[n], float(file[n]), float(low), float(high), float(tails[n]))


class _Inference:
    """The chosen parameters, read from the summaries that are not set aside."""

    def __init__(self, summaries: Array, score: Array, file: Array, parts: Parts) -> None:
        reader = inference.Reader.learnt(summaries[parts.learnt], score[parts.learnt])
        self.told, self.at = reader(summaries), reader(file[None, :])[0]
        self.score, self.parts = score, parts

    def estimate(self, k: int, path: str, prior: Quantity, told: float, rng: np.random.Generator) -> Estimate:
        """The posterior of parameter ``k``, and how the same procedure fares on files with known parameters."""
        reference = self.told[self.parts.reference, k], self.score[self.parts.reference, k]
        drawn, weight = inference.posterior(float(self.at[k]), *reference)
        tested = self.parts.checked
        found = checks.recovery(self.told[tested, k], self.score[tested, k], reference, rng)
        beyond = float(checks.tail(self.at[[k]], self.told[:, [k]])[0])
        return Estimate(path, prior, told, beyond, drawn, weight, found)

    def not_ruled_out(self) -> float:
        """Share of prior draws that the file leaves."""
        rows = self.parts.reference
        return checks.not_ruled_out(self.at, self.told[rows], self.score[rows])
