"""A hindcast: the model and naive forecasts on the same targets of a documented past, scored in one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence import reporting
from detente.evidence.code import FORECASTS, code
from detente.evidence.forecasts import fit, leakage, skill
from detente.evidence.forecasts.baselines import SMOOTHING, WINDOW
from detente.evidence.forecasts.fit import Fitted
from detente.evidence.forecasts.leakage import Proof, prints
from detente.evidence.forecasts.priors import methods
from detente.evidence.forecasts.rolling import Prepared, Question, prepare
from detente.evidence.forecasts.scoring import Scored, against_best
from detente.evidence.unfinished import keeping

Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

CONVENTIONS = {
    "target": "log1p of the value; weeks of a monthly target are those that begin in the month",
    "crps": "of the ensemble as issued; crps_fair leaves out the pairs of a member with itself",
    "skill": f"1 - mean score / mean score of smoothing, {skill.LEVEL:.0%} interval of a circular block bootstrap; "
    "null where smoothing errs by nothing: skill_undefined says so",
    "block": "twice the cube root of the number of forecasts, at least twice the horizon",
    "coverage90": "share of the randomised PIT in the central 90 %, randomness integrated out: 0.9 where calibrated",
    "baselines": f"dressed with all own past errors in the window of {WINDOW['week']} weeks or {WINDOW['month']} "
    f"months, cut at 0; smoothing constant {SMOOTHING}; AR(1) by least squares with bootstrapped residuals",
    "strata": "active: smoothed level at the origin above the upper quartile of the training window",
    "log_score": "nats; point mass at 0 and a kernel density above",
}


@dataclass(frozen=True)
class Hindcast:
    """All scores, the fits behind them, and the hash of every forecast by method and horizon."""

    prepared: Prepared
    scored: list[Scored] = field(default_factory=list)
    fits: dict[str, Fitted] = field(default_factory=dict)
    prints: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def take(self, method: str, horizon: int, ensembles: list[Array]) -> None:
        """Score one method's forecasts for one horizon."""
        self.scored.append(self.prepared.scored(method, horizon, ensembles))
        self.prints[method, horizon] = prints(ensembles)

    def ended(self) -> Hindcast | None:
        """With the naive forecasts beside it; None where the model's own are not made yet."""
        if "model" not in self.fits:
            return None
        for made in self.prepared.naive():
            self.take(*made)
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
        told = {h: against_best(self.at(h), self.prepared.question.seed) for h in self.prepared.targets}
        return [{"horizon": h, "best_baseline": name, **found.record()} for h, (name, found) in told.items()]

    @cached_property
    def proof(self) -> Proof:
        """That no forecast knows its future, made on the file itself."""
        return leakage.proof(self.prepared, self.fits, self.prints)

    def record(self) -> dict[str, Any]:
        """The hindcast as plain values, ready for JSON."""
        question, prepared = self.prepared.question, self.prepared
        return {
            **question.observations.record(),
            "layout": question.observations.layout,
            "dyad": question.dyad,
            "step": prepared.series.step,
            "every": prepared.aim.step,
            "train": str(question.train),
            "test": str(question.test),
            "trained_intervals": len(prepared.pool[0]),
            "seed": question.seed,
            "members": question.members,
            "rows": self.rows(),
            "model_against_best": self.best(),
            "fits": {name: one.record() for name, one in self.fits.items()},
            "leakage": self.proof.record(),
            "code": code(FORECASTS),
            "reporting": {"entered": reporting.ENTERED, "misread": reporting.MISREAD},
            "conventions": CONVENTIONS,
        }


def hindcast(question: Question, tell: Progress | None = None) -> Hindcast:
    """Fit on the training window, forecast every target of the test window, score; ``tell`` hears (method, done, of).

    Raises ObservationError; Unfinished with the methods done so far where it is stopped after the model's own.
    """
    result = Hindcast(prepared := prepare(question))
    with keeping(result.ended):
        for method, off in methods(prepared.series.counted, question.ablations).items():
            fitted = fit.fit(prepared.pool, off, partial(tell, method) if tell else None)
            issued = prepared.issued(fitted)
            result.fits[method] = fitted
            for horizon, some in issued.items():
                result.take(method, horizon, some)
    return result.ended() or result
