"""A posterior in the registry's own terms: value, low, high and spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.evidence.calibration.infer import Estimate
from detente.experiment.counts import INVERSES
from detente.scenario.quantity import Quantity

Array = NDArray[np.float64]

#: the quantiles by which a family is fitted
SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
#: significant digits in the file
DIGITS = 4


def fitted(estimate: Estimate) -> Quantity:
    """The posterior in the prior's family; one that is bounded becomes a triangle within the prior's bounds."""
    prior, quantiles = estimate.prior, estimate.quantiles(SHARES)
    low, middle, high = quantiles[0], quantiles[2], quantiles[4]
    if prior.spread == "lognormal":
        return _quantity(prior, float(middle), float(low), float(high), "lognormal")
    if prior.spread == "normal":
        half = (float(high) - float(low)) / 2.0
        return _quantity(prior, float(middle), float(middle) - half, float(middle) + half, "normal")
    return _quantity(prior, *_triangle(prior, quantiles), "triangular")


def _quantity(prior: Quantity, value: float, low: float, high: float, spread: str) -> Quantity:
    numbers = {"value": value, "low": low, "high": high}
    rounded = {key: float(f"{number:.{DIGITS}g}") for key, number in numbers.items()}
    return Quantity.model_validate({**rounded, "unit": prior.unit, "spread": spread})


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
