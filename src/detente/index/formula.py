"""The tension index from indicators: the same code for simulated arrays and for observed event counts.

    z_k = clip((x_k - calm_k) / (clash_k - calm_k), 0, 1)        dyad = 100 sum_k w_k z_k
    region = (sum_u v_u dyad_u^q)^(1/q)        contribution_uk = v_u dyad_u^(q-1) points_uk / region^(q-1)

Goalposts are fixed and sourced, weights sum to one, and contributions (Euler, exact because a power mean is
homogeneous of degree one) sum to the index. model.md §1.14 and §4; OECD/JRC handbook.
Axis order: (pillar, dyad, ...) for points, (dyad, ...) for dyads; trailing axes (members, weeks) are free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.laws.rows import array, stacked, summed
from detente.scenario.parameters import PILLARS as PILLARS
from detente.scenario.parameters import IndexParameters

Array = NDArray[np.float64]

#: pillars that respond; the others are moved by what a scenario sets
BEHAVIOURAL = ("hostility", "incidents")
#: the threats side of the threats / acts split; acts are the incidents pillar
THREATS = ("hostility",)
#: index points at the clash goalpost of every indicator
FULL = 100.0


@dataclass(frozen=True)
class Construction:
    """Goalposts and weights (pillar,), dyad weights (dyad,), exponent of the power mean. Weights sum to one."""

    calm: Array
    clash: Array
    weights: Array
    dyads: Array
    exponent: float


def construction(given: IndexParameters, dyad_weights: Sequence[float]) -> Construction:
    """The construction a scenario states; weights are normalised here."""
    posts = [getattr(given, pillar) for pillar in PILLARS]
    weights = np.array([post.weight.value for post in posts])
    dyads = np.array(dyad_weights, dtype=np.float64)
    return Construction(
        calm=np.array([post.calm.value for post in posts]),
        clash=np.array([post.clash.value for post in posts]),
        weights=weights / weights.sum(),
        dyads=dyads / dyads.sum(),
        exponent=given.exponent.value,
    )


def rescaled(indicators: Sequence[Array], c: Construction) -> Array:
    """Indicators between their goalposts, 0 calm to 1 clash, (pillar, dyad, ...)."""
    scaled = stacked(indicators)
    for row, calm, clash in zip(scaled, c.calm, c.clash, strict=True):
        row -= calm
        row /= clash - calm
        np.clip(row, 0.0, 1.0, out=row)
    return scaled


def points(scaled: Array, c: Construction) -> Array:
    """Index points of each pillar and dyad, (pillar, dyad, ...); they sum over pillars to the dyad's index."""
    return array(scaled * (FULL * c.weights).reshape((-1,) + (1,) * (scaled.ndim - 1)))


def blended(scaled: Array, c: Construction) -> Array:
    """Index of each dyad, (dyad, ...); as the sum of :func:`points`, pillars without weight left out."""
    kept = np.flatnonzero(c.weights)
    return summed(scaled[kept] * (FULL * c.weights[kept]).reshape((-1,) + (1,) * (scaled.ndim - 1)))


def raised(x: Array, exponent: float) -> Array:
    """``x**exponent``; whole exponents by multiplication, which is ten times faster than ``pow``."""
    if exponent == 0:
        return np.ones_like(x)
    if exponent != int(exponent) or not 1 <= exponent <= 8:
        return array(x**exponent)
    out = x
    for _ in range(int(exponent) - 1):
        out = out * x
    return out


def power_mean(dyads: Array, weights: Array, exponent: float) -> Array:
    """(sum_u v_u x_u^q)^(1/q) over the leading axis, on non-negative x."""
    return array(summed(powers(dyads, weights, exponent)) ** (1.0 / exponent))


def powers(dyads: Array, weights: Array, exponent: float) -> Array:
    """The terms v_u x_u^q of a power mean, (dyad, ...)."""
    return array(weights.reshape((-1,) + (1,) * (dyads.ndim - 1)) * raised(dyads, exponent))


def leverage(dyads: Array, region: Array, weights: Array, exponent: float) -> Array:
    """Derivative of the region by each dyad, v_u (x_u / region)^(q-1); contributions are this times points."""
    shaped = weights.reshape((-1,) + (1,) * (dyads.ndim - 1))
    return array(shaped * raised(dyads / np.where(region > 0, region, 1.0), exponent - 1.0))


def contributions(terms: Array, dyads: Array, region: Array, c: Construction) -> Array:
    """Contributions (pillar, dyad, ...) to the regional index, which sum to it exactly.

    ``terms`` are points, ``dyads`` their sums over pillars, ``region`` the power mean of those.
    """
    return terms * leverage(dyads, region, c.dyads, c.exponent)


def behavioural(c: Construction) -> Construction:
    """The construction restricted to the pillars that respond, its weights summing to one again."""
    mask = np.array([pillar in BEHAVIOURAL for pillar in PILLARS])
    kept = np.where(mask, c.weights, 0.0)
    return Construction(c.calm, c.clash, kept / kept.sum(), c.dyads, c.exponent)
