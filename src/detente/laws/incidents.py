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

from detente.laws.choice import COERCE, mixed
from detente.laws.mechanism import Changes, Mechanism, State, Week, memory, number, ratio, share, signed
from detente.laws.rows import array, repeat_while, where_few
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]

#: more incidents of one directed dyad in one week than any observed week; ends the inversion
MOST = 400
#: the largest share below 1: where the mean dwarfs the size, the chance of none is 0
NEARLY_ONE = 1.0 - 2.0**-53
#: the exponent theta (h - h*) is kept within this, so that a rate stays finite
REACH = 6.0


@dataclass(frozen=True)
class Parameters:
    """``memory`` in weeks; ``severity`` in goldstein points per incident; the rest pure numbers."""

    branching: Array = share(off=0.0, about="incidents that one incident sets off")
    answering: Array = share(about="share of those that are the other side's answer")
    memory: Array = memory(about="an incident sets off others for so long")
    sensitivity: Array = signed(off=0.0, about="of first causes to hostility, per point")
    dispersion: Array = ratio(positive=True, scales="multiplied", about="size of the negative binomial")
    when_coercing: Array = ratio(off=1.0, about="factor on first causes while one coerces")
    severity: Array = number("goldstein", 0, 1000, scales="divided", about="of one incident")


def rung_factors(p: Parameters) -> tuple[Array, Array, Array, Array]:
    """Factor of each rung short of force on the background rate: those who coerce have more incidents; what
    force does to the rate is the armed regime's (regimes.py)."""
    one = np.ones(())
    return one, one, one, p.when_coercing


def rung_factor(rung: NDArray[np.int8], p: Parameters) -> Array:
    """Factor on the background rate under the rungs chosen, (directed dyad, member)."""
    return where_few(rung == COERCE, array, p.when_coercing, otherwise=1.0)


def background(rate: Array, excess: Array, presence: Array, rung: Array, p: Parameters) -> Array:
    """Rate of first causes [events/week]; ``excess`` is hostility above its rest [points], ``presence`` the pair's
    factor: presence, regime, slow background."""
    exponent = p.sensitivity * excess
    np.clip(exponent, -REACH, REACH, out=exponent)
    return rate * np.exp(exponent) * presence * rung


def intensity(first: Array, excitation: Array, answered: Array, p: Parameters) -> Array:
    """Expected incidents this week: first causes plus those that earlier incidents, own or suffered, set off."""
    gain = p.branching * -np.expm1(-1.0 / p.memory)
    return first + gain * (excitation + p.answering * (answered - excitation))


def excite(excitation: Array, counts: Array, memory: Array) -> Array:
    """Excitation a week later, in events: E' = phi E + y."""
    return excitation * np.exp(-1.0 / memory) + counts


def expected(rate: Array, p: Parameters) -> Array:
    """Stationary mean count at rest, mu / (1 - n) (model.md §2.3)."""
    return rate / (1.0 - p.branching)


def counts(uniform: Array, rate: Array, dispersion: Array) -> Array:
    """Negative binomial counts by inversion: mean ``rate``, variance rate + rate²/dispersion.

    One uniform per cell whatever comes out, so that a small change of a rate moves a path a little.
    The probability of none is at least 1 - rate; what lies below that is 0, the other cells are inverted together.
    """
    return where_few(uniform > 1.0 - rate, _inverted, uniform, rate, dispersion, otherwise=0.0)


def _inverted(uniform: Array, mean: Array, size: Array) -> Array:
    share = np.minimum(mean / (mean + size), NEARLY_ONE)
    mass = np.exp(size * np.log1p(-share))
    given, opening = (uniform, share, size), (mass, mass, np.zeros_like(uniform))
    return repeat_while(_above, _next_count, given, opening, MOST)[-1]


def _above(uniform: Array, share: Array, size: Array, total: Array, mass: Array, count: Array) -> NDArray[np.bool_]:
    return uniform > total


def _next_count(
    k: int, above: Array, uniform: Array, share: Array, size: Array, total: Array, mass: Array, count: Array
) -> tuple[Array, Array, Array]:
    mass = mass * share * (size + k) / (k + 1.0)
    return total + mass, mass, count + above


STATE = {
    "excitation": State("directed", "events", "past incidents that still set off others", lambda x, p: stirred(x, p)),
    "counts": State("directed", "events", "incidents of this week", 0.0),
    "recent": State(
        "dyads", "goldstein per week", "severity of incidents, remembered over weeks", lambda x, p: both(x, p)
    ),
    "first_causes": State("directed", "events/week", "background rate under everybody's usual conduct"),
}


def stirred(x: Inputs, p: Parameters) -> Array:
    """Excitation at rest, in events."""
    return array(x.rate / -np.expm1(-1.0 / p.memory))


def both(x: Inputs, p: Parameters) -> Array:
    """Severity per week of a pair's incidents at rest."""
    return array(p.severity * (x.rate[x.layout.forth] + x.rate[x.layout.back]))


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Incidents of the week, those on record among them."""
    rows = x.layout
    factor = rung_factor(now.rung, p)
    usual = now.damping * now.climate * now.background_factor
    # what a regime adds to hostility is in its own rate already
    excess = now.hostility - x.resting - now.regime_pressure
    first = background(now.first_causes, excess, usual[rows.pair], factor, p)
    rate = intensity(first, now.excitation, now.excitation[rows.reverse], p)
    found = counts(week.uniform("incident"), rate, p.dispersion)
    excitation = excite(now.excitation, found + now.recorded, p.memory)
    fresh = -np.expm1(-1.0 / x.incident_memory)
    severity = p.severity * (found[rows.forth] + found[rows.back]) + now.recorded_severity
    recent = now.recent + (severity - now.recent) * fresh
    return {"counts": found, "excitation": excitation, "recent": recent}


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """First causes such that the rates of the theatre are those of usual conduct."""
    usual = mixed(now.usual_odds, rung_factors(p))
    return {"first_causes": (1.0 - p.branching) * x.rate / usual}


INCIDENTS = Mechanism(
    name="incidents",
    title="self-exciting counts, damped by presence",
    parameters=Parameters,
    state=STATE,
    step=step,
    open=open_,
    noise={"incident": "directed"},
    limit="mean mu / (1 - n) and dispersion of the stationary counts",
)
