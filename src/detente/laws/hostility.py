"""Hostility of one actor toward another: inertia, reciprocity, feedback from incidents and deeds.

    h' = h* + rho (h - h*) + kappa (g - g*) + kappa_y (y - E y) + kappa_d d + kappa_x X + sigma eps

h is the hostility of i toward j, g that of j toward i, h* and g* the levels they tend to. model.md §1.8;
inertia and reciprocity after Goldstein & Pevehouse (1997), whose sign for outside coercion may be negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HostilityParameters:
    """Coefficients per week; points are those of the 0 to 10 hostility scale."""

    inertia: Array
    reciprocity: Array
    incident_feedback: Array
    conduct: Array
    external_coercion: Array
    volatility: Array


def step(
    hostility: Array,
    answered: Array,
    target: Array,
    target_answered: Array,
    *,
    surprise: Array,
    deed: Array,
    coercion: Array,
    shock: Array,
    p: HostilityParameters,
) -> Array:
    """Hostility a week later, in points, unbounded; shape (directed dyad, member).

    ``answered`` is hostility the other way round, ``target`` and ``target_answered`` the levels tended to;
    ``surprise`` suffered incidents above expectation [events], ``deed`` severity of the other's rung
    [0 to 1], ``coercion`` outside pressure on the actor [goldstein], ``shock`` standard normal.
    """
    drift = p.inertia * (hostility - target) + p.reciprocity * (answered - target_answered)
    push = p.incident_feedback * surprise + p.conduct * deed + p.external_coercion * coercion
    return target + drift + push + p.volatility * shock


def bounded(hostility: Array, ceiling: float = 10.0) -> Array:
    """Hostility kept on its scale, 0 to ``ceiling`` points: the Goldstein range of conflict."""
    return np.clip(hostility, 0.0, ceiling)


def stationary(p: HostilityParameters) -> NDArray[np.bool_]:
    """True where the reciprocal pair returns to rest: rho + abs(kappa) < 1 (model.md §2.2)."""
    return np.asarray(p.inertia + np.abs(p.reciprocity) < 1)


def fade(stock: Array, memory: Array) -> Array:
    """What is left of a felt act after a week, with ``memory`` weeks of e-folding."""
    return stock * np.exp(-1.0 / memory)
