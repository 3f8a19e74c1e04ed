"""Incidents: self-exciting counts, damped by presence.

    lambda = mu exp(theta (h - h*)) R M + n (1 - phi) [(1 - s) E_ij + s E_ji],   E' = phi E + y,  phi = e^(-1/tau)

mu background rate, R factor of the rung chosen, M of missions, n branching ratio, s share that answers the
other side's incidents. Counts are negative binomial with size r. model.md §1.7; Lewis et al. (2012), Porter &
White (2012). The pair's branching matrix has spectral radius n whatever s is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: more incidents of one directed dyad in one week than any observed week; ends the inversion
MOST = 400
#: the exponent theta (h - h*) is kept within this, so that a rate stays finite
REACH = 6.0


@dataclass(frozen=True)
class IncidentParameters:
    """``memory`` in weeks; ``severity`` in goldstein points per incident; the rest pure numbers."""

    branching: Array
    answering: Array
    memory: Array
    sensitivity: Array
    dispersion: Array
    when_coercing: Array
    when_forcing: Array
    severity: Array


def rung_factors(p: IncidentParameters) -> tuple[Array, Array, Array, Array, Array]:
    """Factor of each rung on the background rate: those who coerce and those who use force have more incidents."""
    one = np.ones(())
    return one, one, one, p.when_coercing, p.when_forcing


def rung_factor(rung: NDArray[np.int8], p: IncidentParameters) -> Array:
    """Factor on the background rate under the rungs chosen, (directed dyad, member)."""
    factor = np.ones(rung.size)
    cells = np.flatnonzero(rung >= 3)  # few: nobody else is looked at twice
    coercing, forcing = (_at(f, cells, rung.shape) for f in (p.when_coercing, p.when_forcing))
    factor[cells] = np.where(rung.ravel()[cells] == 4, forcing, coercing)
    return factor.reshape(rung.shape)


def _at(parameter: Array, cells: NDArray[np.intp], shape: tuple[int, ...]) -> Array:
    """Values of a parameter at ``cells`` of the flattened (entity, member) array of ``shape``."""
    if parameter.ndim == 0:
        return parameter
    if parameter.ndim == 1:
        return np.asarray(parameter[cells % shape[-1]])
    return np.asarray(np.broadcast_to(parameter, shape).ravel()[cells])


def background(rate: Array, excess: Array, presence: Array, rung: Array, p: IncidentParameters) -> Array:
    """Rate of first causes [events/week]; ``excess`` is hostility above its rest [points]."""
    exponent = p.sensitivity * excess
    np.clip(exponent, -REACH, REACH, out=exponent)
    return rate * np.exp(exponent) * presence * rung


def intensity(first: Array, excitation: Array, answered: Array, p: IncidentParameters) -> Array:
    """Expected incidents this week: first causes plus those that earlier incidents, own or suffered, set off."""
    gain = p.branching * -np.expm1(-1.0 / p.memory)
    return first + gain * (excitation + p.answering * (answered - excitation))


def excite(excitation: Array, counts: Array, memory: Array) -> Array:
    """Excitation a week later, in events: E' = phi E + y."""
    return excitation * np.exp(-1.0 / memory) + counts


def expected(rate: Array, p: IncidentParameters) -> Array:
    """Stationary mean count at rest, mu / (1 - n) (model.md §2.3)."""
    return rate / (1.0 - p.branching)


def counts(uniform: Array, rate: Array, dispersion: Array) -> Array:
    """Negative binomial counts by inversion: mean ``rate``, variance rate + rate²/dispersion.

    One uniform per cell whatever comes out, so that a small change of a rate moves a path a little.
    The probability of none is at least 1 - rate; what lies below that is 0, the other cells are inverted together.
    """
    out = np.zeros_like(rate)
    some = np.flatnonzero(uniform > 1.0 - rate)
    if some.size:
        mean = rate.ravel()[some]
        size = _at(np.asarray(dispersion), some, rate.shape)
        share = mean / (mean + size)
        mass = np.exp(size * np.log1p(-share))
        out.flat[some] = _invert(uniform.ravel()[some], mass, share, size)
    return out


def _invert(uniform: Array, mass: Array, share: Array, size: Array) -> Array:
    count = np.zeros_like(uniform)
    total = mass.copy()
    for k in range(MOST):
        below = uniform > total
        if not below.any():
            break
        count += below
        mass = mass * share * (size + k) / (k + 1.0)
        total += mass
    return count
