"""Forecasts of one method scored against what came, and the rows that are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import scores
from detente.evidence.forecasts.baselines import BASELINES, smoothed
from detente.evidence.forecasts.skill import Skill, share, skill
from detente.evidence.forecasts.targets import Aim, Target

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: an origin is active when its smoothed level is above this quantile of the training window's
ACTIVE = 0.75
#: the threshold of Brier scores is this quantile of the training window's values
HIGH = 0.9
#: every skill is against this method
REFERENCE = "smoothing"
#: fewest forecasts of a stratum that are scored by themselves
FEWEST = 8


@dataclass(frozen=True)
class Strata:
    """Quiet and active origins, and the threshold [log1p]: both set by the training window."""

    level: Array
    active_above: float
    threshold: float

    @classmethod
    def of(cls, aim: Aim, trained: int) -> Strata:
        """From the aimed series, of which the first ``trained`` rows are training."""
        value = np.log1p(aim.value)
        level = smoothed(value)
        return cls(level, float(np.quantile(level[:trained], ACTIVE)), float(np.quantile(value[:trained], HIGH)))

    def active(self, targets: Sequence[Target]) -> Flags:
        """Which origins are active; only what was known there enters."""
        return np.array([self.level[t.known - 1] > self.active_above for t in targets])


@dataclass(frozen=True)
class Scored:
    """One method at one horizon; arrays (forecast,)."""

    method: str
    horizon: int
    crps: Array
    fair: Array
    log_score: Array
    pit: list[tuple[float, float]]
    exceeds: Array
    happened: Flags
    active: Flags

    @classmethod
    def of(
        cls, method: str, horizon: int, ensembles: Sequence[Array], observed: Array, active: Flags, high: float
    ) -> Scored:
        """Scores of ``ensembles`` (forecast, member) against ``observed`` (forecast,), both log1p."""
        pairs = list(zip(ensembles, observed.tolist(), strict=True))
        return cls(
            method=method,
            horizon=horizon,
            crps=np.array([scores.crps(x, y) for x, y in pairs]),
            # a single member is a point forecast: nothing to leave out
            fair=np.array([scores.crps(x, y, fair=len(x) > 1) for x, y in pairs]),
            log_score=np.array([scores.log_score(x, y) for x, y in pairs]),
            pit=[scores.pit(x, y) for x, y in pairs],
            exceeds=np.array([float((x > high).mean()) for x in ensembles]),
            happened=observed > high,
            active=active,
        )

    def row(self, rivals: Sequence[Scored], seed: int) -> dict[str, Any]:
        """The scores as one record; ``rivals`` are all methods at this horizon."""
        reference = next(r for r in rivals if r.method == REFERENCE)
        against = skill(self.crps, reference.crps, self.horizon, seed)
        exceeded = scores.brier(self.exceeds, self.happened)
        return {
            "method": self.method,
            "horizon": self.horizon,
            "n": len(self.crps),
            "crps": float(self.crps.mean()),
            "skill_vs_smoothing": against.value,
            "skill_low": against.low,
            "skill_high": against.high,
            "skill_undefined": against.why or None,
            "coverage90": scores.coverage(self.pit),
            "crps_fair": float(self.fair.mean()),
            "skill_fair": share(self.fair, reference.fair),
            "log_score": float(self.log_score.mean()),
            **_stratum("quiet", self, reference, ~self.active),
            **_stratum("active", self, reference, self.active),
            "brier": exceeded.score,
            "brier_reliability": exceeded.reliability,
            "brier_resolution": exceeded.resolution,
            "pit": [round(float(v), 4) for v in scores.pit_histogram(self.pit)],
            "reliability": [tuple(b) for b in scores.reliability(self.exceeds, self.happened)],
        }


def _stratum(name: str, one: Scored, reference: Scored, where: Flags) -> dict[str, Any]:
    """Scores on one kind of spell; None where too few forecasts are of it, or the reference errs by nothing."""
    enough = int(where.sum()) >= FEWEST
    return {
        f"n_{name}": int(where.sum()),
        f"crps_{name}": float(one.crps[where].mean()) if enough else None,
        f"skill_{name}": share(one.crps[where], reference.crps[where]) if enough else None,
    }


def against_best(rivals: Sequence[Scored], seed: int) -> tuple[str, Skill]:
    """The model's skill against the naive forecast that did best, found afterwards: the hardest comparison."""
    model = next(s for s in rivals if s.method == "model")
    best = min((s for s in rivals if s.method in BASELINES), key=lambda s: float(s.crps.mean()))
    return best.method, skill(model.crps, best.crps, model.horizon, seed)
