"""A calibration as one record: what was asked, what was learnt, how far to believe it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np

from detente.evidence import inference
from detente.evidence.calibration import checks
from detente.evidence.calibration.families import fitted
from detente.evidence.calibration.infer import INFORMED, UNEVEN, Calibration, Estimate
from detente.evidence.calibration.replay import Replay
from detente.evidence.calibration.reports import STEADY, UNKNOWN
from detente.evidence.calibration.summaries import DISCREPANCY
from detente.scenario.identity import content_hash

#: the quantiles that are told
TOLD = np.array([0.05, 0.25, 0.5, 0.75, 0.95])

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
class Provenance:
    """Where a calibration comes from: command, scenario and file with their SHA-256, version and commit of the code."""

    command: str
    scenario: str
    scenario_hash: str
    file: str
    file_hash: str
    version: str
    commit: str

    @classmethod
    def of(cls, found: Calibration, command: str, commit: str) -> Provenance:
        """The provenance of a calibration made by ``command``."""
        scenario, path = found.question.scenario, found.question.observations.path
        return cls(
            command, scenario.name, content_hash(scenario), path.name, digest(path), installed("detente"), commit
        )


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def record(found: Calibration, about: Provenance, again: Replay | None) -> dict[str, Any]:
    """The calibration as plain values, ready for JSON."""
    question = found.question
    return {
        "kind": "calibration",
        "scenario": about.scenario,
        "theatre": question.scenario.theatre,
        "scenario_hash": about.scenario_hash,
        "file": about.file,
        "sha256": about.file_hash,
        "reading": question.observations.reading.record(),
        "window": list(found.watched.span),
        "weeks": int(found.watched.stop - found.watched.first),
        "dyads": _dyads(found),
        "left_out": dict(found.watched.left_out),
        "seed": question.seed,
        "draws": question.draws,
        "checks": question.checks,
        "summaries": found.summaries,
        "fits": found.fits,
        "as_far_out": found.as_far_out,
        "not_ruled_out": found.not_ruled_out,
        "replay": asdict(again) if again else None,
        "strange": [
            {"summary": s.name, "file": s.found, "low": s.low, "high": s.high, "tail": s.tail} for s in found.strange
        ],
        "parameters": [_estimate(e) for e in found.inferred],
        "not_used": [_estimate(e) for e in found.estimates if e not in found.inferred],
        "untold": found.untold,
        "discrepancy": {"summaries": DISCREPANCY, "process": _process(), "memory_weeks": STEADY},
        "conventions": CONVENTIONS,
        "command": about.command,
        "detente_version": about.version,
        "commit": about.commit,
    }


def _dyads(found: Calibration) -> list[dict[str, Any]]:
    seen = found.watched
    whole = zip(seen.dyads, seen.series, seen.starts, seen.count.sum(axis=0), strict=True)
    return [
        {"dyad": dyad, "series": series, "watched_from_week": int(start) + 1, "reports": int(count)}
        for dyad, series, start, count in whole
    ]


def _process() -> dict[str, Any]:
    return {u.name: {"low": u.low, "high": u.high, "note": u.note} for u in UNKNOWN}


def _estimate(e: Estimate) -> dict[str, Any]:
    q = fitted(e)
    return {
        "path": e.path,
        "unit": e.prior.unit,
        "verdict": e.verdict,
        "explained": e.explained,
        "shrinkage": e.shrinkage,
        "tail": e.tail,
        "sbc_p": e.recovery.p,
        "sbc_covered90": e.recovery.covered,
        "sbc_histogram": [int(n) for n in e.recovery.histogram],
        "sbc_draws": inference.SAMPLE,
        "prior": [float(v) for v in e.before(TOLD)],
        "prior_source": list(e.prior.source),
        "posterior": [float(v) for v in e.quantiles(TOLD)],
        "written": {"value": q.value, "low": q.low, "high": q.high, "spread": q.spread},
    }
