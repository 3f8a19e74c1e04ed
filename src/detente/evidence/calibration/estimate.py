"""What a calibration says of one parameter: its posterior, how far to believe it, how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from detente.evidence import inference
from detente.evidence.calibration import checks
from detente.evidence.calibration.checks import Recovery
from detente.experiment.counts import INVERSES
from detente.scenario.quantity import Quantity

Array = NDArray[np.float64]

#: ranks less even than this chance allows: the inference on that parameter is not used
UNEVEN = 0.01
#: the quantiles that are told, and by which a family is fitted; significant digits of what is written
SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
DIGITS = 4


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
        return self._value(np.interp(shares, at, self.score[order]))

    def before(self, shares: Array) -> Array:
        """Prior quantiles in the parameter's own unit."""
        return self._value(ndtri(shares))

    def _value(self, score: Array) -> Array:
        assert self.prior.spread is not None
        return INVERSES[self.prior.spread](self.prior, inference.places(score))

    @cached_property
    def written(self) -> Quantity:
        """The posterior in the prior's family; one that is bounded becomes a triangle within the prior's bounds."""
        quantiles, family = self.quantiles(SHARES), self.prior.spread
        low, value, high = (float(quantiles[k]) for k in (0, 2, 4))
        if family == "normal":
            half = (high - low) / 2.0
            low, high = value - half, value + half
        elif family != "lognormal":
            family = "triangular"
            value, low, high = _triangle(self.prior, quantiles)
        numbers = {"value": value, "low": low, "high": high}
        rounded = {key: float(f"{number:.{DIGITS}g}") for key, number in numbers.items()}
        return Quantity.model_validate({**rounded, "unit": self.prior.unit, "spread": family})

    def record(self) -> dict[str, Any]:
        """Plain values."""
        q = self.written
        return {
            "path": self.path,
            "unit": self.prior.unit,
            "verdict": self.verdict,
            "explained": self.explained,
            "shrinkage": self.shrinkage,
            "tail": self.tail,
            "sbc_p": self.recovery.p,
            "sbc_covered90": self.recovery.covered,
            "sbc_histogram": self.recovery.histogram.tolist(),
            "sbc_draws": inference.SAMPLE,
            "prior": self.before(SHARES).tolist(),
            "prior_source": list(self.prior.source),
            "posterior": self.quantiles(SHARES).tolist(),
            "written": {"value": q.value, "low": q.low, "high": q.high, "spread": q.spread},
        }


def _triangle(prior: Quantity, quantiles: Array) -> tuple[float, float, float]:
    """Peak and ends, within the prior's bounds, of the triangle that comes nearest to ``quantiles``."""
    from scipy.optimize import minimize

    assert prior.low is not None
    assert prior.high is not None
    below, above = prior.low, prior.high

    def corners(shares: Array) -> tuple[float, float, float]:
        down, up, along = np.clip(shares, 0.0, 1.0)
        low = below + down * (quantiles[0] - below)
        high = above - up * (above - quantiles[-1])
        return float(np.clip(low + along * (high - low), low, high)), float(low), float(high)

    def miss(shares: Array) -> float:
        peak, low, high = corners(shares)
        tried = INVERSES["triangular"](Quantity(value=peak, low=low, high=high), SHARES)
        return float(
            np.square((tried - quantiles) / (above - below)).sum() + np.square(shares - np.clip(shares, 0, 1)).sum()
        )

    best = minimize(
        miss, np.full(3, 0.5), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-10, "maxiter": 600}
    )
    return corners(best.x)
