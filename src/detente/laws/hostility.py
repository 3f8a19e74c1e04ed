"""Hostility of one actor toward another: inertia, reciprocity, feedback from incidents and deeds.

    h' = h* + rho (h - h*) + kappa (g - g*) + kappa_y (y - E y) + kappa_d d + kappa_x X + sigma eps

h is the hostility of i toward j, g that of j toward i, h* and g* the levels they tend to. model.md §1.8;
inertia and reciprocity after Goldstein & Pevehouse (1997), whose sign for outside coercion may be negative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.laws.mechanism import Changes, Mechanism, State, Theory, Week, number, points, share
from detente.laws.rows import array, collected
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]

#: upper end of the hostility scale, points: the Goldstein range of conflict
SCALE = 10.0


@dataclass(frozen=True)
class Parameters:
    """Coefficients per week; points are those of the 0 to 10 hostility scale."""

    inertia: Array = share(about="what is left of a departure from the level after a week")
    reciprocity: Array = number("share", -1, 1, off=0.0, about="answer to the other's departure")
    incident_feedback: Array = points(-10, off=0.0, about="of one incident suffered beyond expectation")
    conduct: Array = points(-10, off=0.0, about="of the other's conduct, at full severity")
    external_coercion: Array = points(-10, off=0.0, about="of outside pressure, per goldstein")
    volatility: Array = points(off=0.0, about="chance in hostility")


def relax(
    hostility: Array,
    answered: Array,
    target: Array,
    target_answered: Array,
    *,
    surprise: Array,
    deed: Array,
    coercion: Array,
    shock: Array,
    p: Parameters,
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


def stationary(p: Parameters) -> NDArray[np.bool_]:
    """True where the reciprocal pair returns to rest: rho + abs(kappa) < 1 (model.md §2.2)."""
    return np.asarray(p.inertia + np.abs(p.reciprocity) < 1)


def fade(stock: Array, memory: Array) -> Array:
    """What is left of a felt act after a week, with ``memory`` weeks of e-folding."""
    return stock * np.exp(-1.0 / memory)


STATE = {
    "hostility": State(
        "directed", "points, 0 to 10", "how hostile the first is toward the second", lambda x, p: x.resting
    ),
    "level": State("directed", "points", "level that it tends to", lambda x, p: x.resting),
}


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Hostility tends to its level of the week and answers what was suffered."""
    rows, h, level = x.layout, now.hostility, target(now, x)
    relaxed = relax(
        h,
        h[rows.reverse],
        level,
        level[rows.reverse],
        surprise=(now.counts - x.rate)[rows.reverse],
        deed=now.severity[rows.reverse] - now.usual_severity[rows.reverse],
        coercion=now.coercion[rows.source],
        shock=week.normal("hostility"),
        p=p,
    )
    return {"hostility": bounded(relaxed, SCALE), "level": level}


def target(now: Situation, x: Inputs) -> Array:
    """Level that hostility tends to, points (D, M): rest, plus whatever differs from the opening."""
    level = now.pact_threat - now.opening_threat
    level += x.resting
    level += now.arms_pressure
    level += now.influence_pressure[x.layout.source]
    level += now.rhetoric_effect
    level += now.incident_effect
    level += now.grievance_effect
    level -= now.relief_effect
    level = collected(-now.track_relief, x.incidence.heeding, start=level)
    for name in x.pressures:
        level += getattr(now, name)
    return array(level)


def theory(option: str, p: Parameters, redraw: Callable[[str, str], Array]) -> Parameters:
    """An answer of the other sign."""
    return replace(p, reciprocity=-np.abs(p.reciprocity)) if option == "inverse" else p


HOSTILITY = Mechanism(
    name="hostility",
    title="inertia, reciprocity, incidents, arms, pacts, dialogue, coercion",
    parameters=Parameters,
    state=STATE,
    step=step,
    noise={"hostility": "directed"},
    theories={"reciprocity": Theory(("reciprocal", "inverse"), theory)},
    limit="stationary variance of a reciprocal pair, rho + |kappa| < 1",
)
