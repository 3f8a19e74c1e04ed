"""The calibration: simulate, choose what can be learnt, infer it, check the inference, simulate again with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence import inference
from detente.evidence.calibration import checks
from detente.evidence.calibration.estimate import UNEVEN, Estimate
from detente.evidence.calibration.reports import STEADY, UNKNOWN
from detente.evidence.calibration.summaries import DISCREPANCY
from detente.evidence.calibration.table import Progress, Table, observed, table
from detente.evidence.calibration.window import Watched, watched
from detente.evidence.forecasts.scores import covered
from detente.evidence.forecasts.targets import Window
from detente.experiment.provenance import commit
from detente.observations import ObservationError, Observations
from detente.scenario.identity import content_hash
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import replaced, uncertain

Array = NDArray[np.float64]

#: simulations, and how many of them are treated as if they were the file
DRAWS, CHECKS, FEWEST_CHECKS = 12_000, 400, 200
#: simulations with the posterior
REPLAYS = 1024
#: share of the other simulations from which summaries are learnt; with the rest the inference is made
LEARNING = 0.4
#: a parameter is inferred where simulated files tell at least this share of its variance
INFORMED = 0.1
#: purposes of chance
RANKING = 3
#: fewest simulations for learning and for reference
LEAST = 500
CONVENTIONS = {
    "explained": "share of the variance of a parameter's normal score that simulated files tell, out of sample; "
    f"inferred from {INFORMED:g} on, chosen before the file is looked at",
    "parameters": "those for which a posterior may be used; not_used: told of by files, but the inference fails its "
    "check or leads out of the prior",
    "shrinkage": "1 - standard deviation of the posterior over that of the prior, in normal scores of the prior",
    "tail": f"share of simulations that tell as extreme a number of it as the file; below {checks.EDGE:g} the file "
    "asks for more than the prior allows, and the prior stays",
    "sbc_p": f"chi-square probability of the rank histogram in {checks.BINS} bins; at or below {UNEVEN:g} the prior "
    "stays",
    "as_far_out": "share of simulations at least as far from the middle of all simulations as the file, in all "
    f"summaries that are not strange; below {checks.OUTSIDE:g} the scenario could not have made the file",
    "strange": f"summaries that fewer than {checks.STRANGE:g} of the simulations reach: set aside, not learnt from; "
    f"where they are more than {checks.TOO_STRANGE:g} of all, the scenario could not have made the file",
    "not_ruled_out": f"share of prior draws with an implausibility below {checks.IMPLAUSIBLE:g} for every parameter",
    "replay": "the window simulated with the posterior as written; inside: share of the file's summaries within the "
    "central 90 % of simulations, before and after",
    "quantiles": "5, 25, 50, 75 and 95 %",
}


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
class Strange:
    """A summary of the file that hardly a simulation reaches: what the file holds, and the simulations' 90 % range."""

    summary: str
    file: float
    low: float
    high: float
    tail: float


@dataclass(frozen=True)
class Replay:
    """Share of simulations with the posterior that lie as far from their middle as the file, and share of the file's
    summaries within the central 90 % of the simulations, before and after."""

    as_far_out: float
    inside_before: float
    inside_after: float


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

    @property
    def learnt(self) -> Scenario:
        """The scenario with what was inferred, each parameter by itself, as it will be written."""
        return replaced(self.question.scenario, {e.path: e.written for e in self.inferred})

    def replay(self, tell: Progress | None = None) -> Replay | None:
        """The window again, the strange summaries set aside as before; None where nothing was inferred.

        What the file says of several parameters together is lost in what is written; this shows at what price.
        """
        if not self.inferred:
            return None
        question, odd = self.question, {s.summary for s in self.strange}
        made = table(self.learnt, self.watched, {}, REPLAYS, question.seed, question.workers, tell)
        usual = np.array([name not in odd for name in made.names])
        file, simulated = np.array(list(observed(self.watched).values()))[usual], made.summaries[:, usual]
        return Replay(checks.as_far_out(file, simulated), self.inside, float(covered(simulated, file).mean()))

    def record(self, command: str = "", again: Replay | None = None) -> dict[str, Any]:
        """The calibration as plain values, ready for JSON, with the ``command`` that made it."""
        question, seen = self.question, self.watched
        pairs = zip(seen.dyads, seen.series, seen.starts.tolist(), seen.count.sum(axis=0).tolist(), strict=True)
        unused = [e for e in self.estimates if e not in self.inferred]
        return {
            "kind": "calibration",
            "scenario": question.scenario.name,
            "theatre": question.scenario.theatre,
            "scenario_hash": content_hash(question.scenario),
            **question.observations.record(),
            "window": list(seen.span),
            "weeks": int(seen.stop - seen.first),
            "dyads": [
                {"dyad": dyad, "series": series, "watched_from_week": start + 1, "reports": int(count)}
                for dyad, series, start, count in pairs
            ],
            "left_out": dict(seen.left_out),
            "seed": question.seed,
            "draws": question.draws,
            "checks": question.checks,
            "summaries": self.summaries,
            "fits": self.fits,
            "as_far_out": self.as_far_out,
            "not_ruled_out": self.not_ruled_out,
            "replay": asdict(again) if again else None,
            "strange": [asdict(s) for s in self.strange],
            "parameters": [e.record() for e in self.inferred],
            "not_used": [e.record() for e in unused],
            "untold": self.untold,
            "discrepancy": {
                "summaries": DISCREPANCY,
                "process": {u.name: {"low": u.low, "high": u.high, "note": u.note} for u in UNKNOWN},
                "memory_weeks": STEADY,
            },
            "conventions": CONVENTIONS,
            "command": command,
            "detente_version": version("detente"),
            "commit": commit(),
        }


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


def judged(question: Question, seen: Watched, made: Table) -> Calibration:
    """The calibration from its table. What can be learnt is chosen before the file is looked at.

    The first rows are treated as files, the next are learnt from, with the rest the inference is made.
    """
    tested = slice(question.checks)
    learnt = slice(question.checks, question.checks + int(LEARNING * (question.draws - question.checks)))
    rest = slice(learnt.stop, question.draws)
    score, paths = inference.scores(made.place), list(made.parameters)
    read = inference.Reader.learnt(made.summaries[learnt], score[learnt])
    told = inference.explained(read(made.summaries[rest]), score[rest])
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
    low, high = np.quantile(made.summaries, (0.05, 0.95), axis=0)
    file, odd, simulated, score = file[usual], file, made.summaries[:, usual], score[:, chosen]
    read = inference.Reader.learnt(simulated[learnt], score[learnt])
    expected, at = read(simulated), read(file[None, :])[0]
    beyond, rng = checks.tail(at, expected), np.random.default_rng([question.seed, RANKING])
    estimates = []
    for k, n in enumerate(chosen):
        reference = expected[rest, k], score[rest, k]
        recovery = checks.recovery(expected[tested, k], score[tested, k], reference, rng)
        drawn = inference.posterior(float(at[k]), *reference)
        known = made.parameters[paths[n]]
        estimates.append(Estimate(paths[n], known, float(told[n]), float(beyond[k]), *drawn, recovery))
    return Calibration(
        question=question,
        watched=seen,
        estimates=tuple(estimates),
        untold={paths[n]: float(told[n]) for n in range(len(paths)) if n not in chosen},
        strange=tuple(
            Strange(made.names[n], *(float(values[n]) for values in (odd, low, high, tails)))
            for n in np.flatnonzero(~usual)
        ),
        summaries=len(odd),
        as_far_out=checks.as_far_out(file, simulated),
        inside=float(covered(simulated, file).mean()),
        not_ruled_out=checks.not_ruled_out(at, expected[rest], score[rest]),
    )
