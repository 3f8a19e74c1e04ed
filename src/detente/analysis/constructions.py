"""The index built otherwise: other weights, normalisers and exponents, from a stored result.

Composite indicators are to be tested over the choices of their maker (OECD/JRC Handbook 2008, step 7; Saisana,
Saltelli & Tarantola 2005, JRSS A 168). Weights are Dirichlet around the chosen ones, the normaliser is one of
three that keep both goalposts, the exponent of the power mean one of a list; all are drawn together.

Stored results hold the pillars of each dyad as ensemble means, so an alternative index is that of the mean
situation. The difference between two scenarios is corrected by what this leaves out under the chosen
construction, so that the chosen construction gives exactly the difference that is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import metrics, uncertainty
from detente.analysis.metrics import Metric
from detente.scenario.parameters import PILLARS

if TYPE_CHECKING:
    import xarray as xr

    from detente.scenario.schema import Scenario

Array = NDArray[np.float64]
Normaliser = Callable[[Array], Array]

#: distance between calm (0) and clash (1), bent to count early or late trouble for more; both ends stay
NORMALISERS: dict[str, Normaliser] = {
    "linear": lambda z: z,
    "early": lambda z: np.asarray(z ** (2 / 3)),
    "late": lambda z: np.asarray(z ** (3 / 2)),
}
EXPONENTS = (1.0, 2.0, 3.0, 4.0)
DRAWS = 200


@dataclass(frozen=True)
class Construction:
    """One way to build the index: weights (pillar,), normaliser, exponent of the power mean."""

    weights: Array
    normaliser: Normaliser
    exponent: float


def drawn(
    weights: Array,
    concentration: float,
    *,
    normalisers: Sequence[Normaliser] = tuple(NORMALISERS.values()),
    exponents: Sequence[float] = EXPONENTS,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[Construction]:
    """Random constructions around ``weights``, shape (pillar,); a larger ``concentration`` stays nearer to them."""
    rng = np.random.default_rng(seed)
    simplex = weights / weights.sum()
    alpha = np.where(simplex > 0, simplex * concentration, np.finfo(float).tiny)
    return [
        Construction(
            rng.dirichlet(alpha),
            normalisers[int(rng.integers(len(normalisers)))],
            exponents[int(rng.integers(len(exponents)))],
        )
        for _ in range(draws)
    ]


def index(points: Array, dyad_weight: Array, weights: Array, built: Construction) -> Array:
    """Regional tension, shape (time,), of mean pillar points (time, dyad, pillar) under another construction.

    ``weights`` are those with which ``points`` were built, so that points / (100 weights) is the indicator's
    place between calm (0) and clash (1).
    """
    place = np.divide(points, 100 * weights, out=np.zeros_like(points), where=weights > 0)
    dyads = 100 * (built.normaliser(np.clip(place, 0, 1)) * built.weights).sum(axis=-1)
    return np.asarray((dyads**built.exponent * dyad_weight).sum(axis=-1) ** (1 / built.exponent))


def alternatives(
    base: xr.Dataset,
    other: xr.Dataset,
    metric: Metric,
    weights: Mapping[str, float],
    constructions: Sequence[Construction],
) -> Array:
    """The difference of the metric's window [points] under each construction, shape (construction,).

    ``weights`` name every pillar's weight in the index as it was run. Only for means of regional tension.

    Raises MetricError for another metric.
    """
    if metric.what != "tension" or not metric.linear:
        raise metrics.MetricError(f'construction uncertainty is defined for mean tension, not for "{metric}"')
    own = np.array([weights[str(pillar)] for pillar in base["pillar"].values], dtype=np.float64)
    own = own / own.sum()
    chosen = Construction(own, NORMALISERS["linear"], float(base.attrs.get("exponent", 1)))
    measured = float((metrics.values(metric, other) - metrics.values(metric, base)).mean())

    def change(built: Construction) -> float:
        mine, yours = (_mean(ds, metric, own, built) for ds in (base, other))
        return yours - mine

    left_out = measured - change(chosen)
    return np.array([change(built) + left_out for built in constructions])


def weights_of(scenario: Scenario) -> tuple[dict[str, float], float]:
    """Weight of every pillar as the scenario states it, and the Dirichlet concentration around them."""
    given = scenario.parameters.index
    return {name: getattr(given, name).weight.value for name in PILLARS}, given.weight_concentration.value


@dataclass(frozen=True)
class HeadlineUncertainty:
    """Where the variance of a headline difference comes from, and what it is under other constructions.

    ``shares`` as in ``uncertainty.shares``; without construction where the metric cannot be built otherwise.
    ``low`` and ``high`` are the 2.5 and 97.5 % points of the difference over constructions [points], ``same_sign``
    the share of constructions in which it has the sign that is reported; None without constructions.
    """

    shares: tuple[uncertainty.VarianceShare, ...]
    constructions: int
    low: float | None
    high: float | None
    same_sign: float | None

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return {**self.__dict__, "shares": [vars(share) for share in self.shares]}


def headline(
    base: xr.Dataset,
    other: xr.Dataset,
    metric: Metric,
    weights: Mapping[str, float],
    concentration: float,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> HeadlineUncertainty:
    """Chance, parameters and construction in the difference of two paired results."""
    d = metrics.values(metric, other) - metrics.values(metric, base)
    if metric.what != "tension" or not metric.linear:
        parts = uncertainty.shares(d, base["draw"].values, seed=seed)
        return HeadlineUncertainty(tuple(p for p in parts if p.source != "construction"), 0, None, None, None)
    own = np.array([weights[str(pillar)] for pillar in base["pillar"].values], dtype=np.float64)
    changes = alternatives(base, other, metric, weights, drawn(own, concentration, draws=draws, seed=seed))
    low, high = (float(q) for q in np.quantile(changes, uncertainty.QUANTILES))
    same = float((np.sign(changes) == np.sign(d.mean())).mean())
    return HeadlineUncertainty(uncertainty.shares(d, base["draw"].values, changes, seed=seed), draws, low, high, same)


def _mean(ds: xr.Dataset, metric: Metric, own: Array, built: Construction) -> float:
    rows = metrics.rows(metric.window, ds.sizes["time"])
    points = ds["mean_pillar"].transpose("time", "dyad", "pillar").values[rows].astype(np.float64)
    return float(index(points, ds["dyad_weight"].values, own, built).mean())
