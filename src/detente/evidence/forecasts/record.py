"""A hindcast as one record: what was asked, what was scored, what was fitted, how the filter fared."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from detente.evidence import reporting
from detente.evidence.code import FORECASTS, code
from detente.evidence.forecasts import fit, skill
from detente.evidence.forecasts.baselines import SMOOTHING, WINDOW
from detente.evidence.forecasts.hindcast import DRAWS, Hindcast
from detente.evidence.forecasts.leakage import proof
from detente.evidence.forecasts.rolling import Path as Followed

CONVENTIONS = {
    "target": "log1p of the value; weeks of a monthly target are those that begin in the month",
    "crps": "of the ensemble as issued; crps_fair leaves out the pairs of a member with itself",
    "skill": f"1 - mean score / mean score of smoothing, {skill.LEVEL:.0%} interval of a circular block bootstrap; "
    "null where smoothing errs by nothing: skill_undefined says so",
    "block": "twice the cube root of the number of forecasts, at least twice the horizon",
    "coverage90": "share of observations in the central 90 % interval, its ends included",
    "baselines": f"dressed with all own past errors in the window of {WINDOW['week']} weeks or {WINDOW['month']} "
    f"months, cut at 0; smoothing constant {SMOOTHING}; AR(1) by least squares with bootstrapped residuals",
    "strata": "active: smoothed level at the origin above the upper quartile of the training window",
    "log_score": "nats; point mass at 0 and a kernel density above",
}


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def record(result: Hindcast) -> dict[str, Any]:
    """The hindcast as plain values, ready for JSON."""
    prepared = result.prepared
    question = prepared.question
    return {
        "file": question.observations.path.name,
        "sha256": digest(question.observations.path),
        "layout": question.observations.layout,
        "reading": question.observations.reading.record(),
        "dyad": question.dyad,
        "step": prepared.series.step,
        "every": prepared.aim.step,
        "train": str(question.train),
        "test": str(question.test),
        "trained_intervals": len(prepared.pool[0]),
        "seed": question.seed,
        "members": question.members,
        "draws": DRAWS,
        "rows": result.rows(),
        "model_against_best": result.best(),
        "fits": {name: _fitted(one) for name, one in result.fits.items()},
        "degeneracy": {name: _degeneracy(path) for name, path in result.paths.items()},
        "leakage": proof(result).record(),
        "code": code(FORECASTS),
        "reporting": {"entered": reporting.ENTERED, "misread": reporting.MISREAD},
        "conventions": CONVENTIONS,
    }


def _fitted(one: fit.Fitted) -> dict[str, Any]:
    return {"dyads": list(one.dyads), "temper": one.temper, "parameters": one.summary()}


def _degeneracy(path: Followed) -> dict[str, float]:
    """Effective share of members over intervals: a filter that lives on a few members says so here."""
    low, fifth, median = np.quantile(path.effective, (0.0, 0.05, 0.5))
    return {"effective_min": float(low), "effective_5pct": float(fifth), "effective_median": float(median)}
