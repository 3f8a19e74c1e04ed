"""Regimes of a pair: quiet, tense, armed. Crises begin, last and end; a war begins where somebody chooses force.

    quiet -> tense    eta01 exp[theta (h - h5) - D - s A]       tense -> quiet    eta10 exp[-c (h - level)]
    tense -> armed    somebody chooses force (choice.py)        armed -> tense    eta21 exp[-c (h - level)]

Hazards per year; h mean hostility of the pair, h5 the hostility at which eta01 holds, D what presence takes off (log,
missions.py), A whether an agreement is in force, level the hostility tended to. A regime raises first causes by l_g
(log) and the level of hostility by Delta_g (points). A war leaves a scar that fades over years; an agreement in force
lowers first causes. What the theatre states (rates, resting hostility) holds on average over the regimes the pair may
open in. model.md §1.16.

Chances are not counted: while a pair has not been tense (armed) yet, its weekly chances of becoming so add up. That
sum, the compensator of the event, has the probability of the event by then as its mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.laws.armament import YEAR
from detente.laws.choice import FORCE
from detente.laws.dialogue import AGREEMENT
from detente.laws.hostility import fade
from detente.laws.mechanism import (
    Changes,
    Mechanism,
    State,
    Theory,
    Week,
    log_factor,
    memory,
    per_year,
    points,
    ratio,
    signed,
)
from detente.laws.rows import array, collected, product, where_few
from detente.laws.situation import ARMED, QUIET, TENSE, Inputs, Situation

Array = NDArray[np.float64]
Regimes = NDArray[np.int8]

#: logs of hazard factors are kept within this, so that a hazard stays finite
REACH = 8.0
#: hazards below this do not tell quiet from tense
LEAST = 1e-12


@dataclass(frozen=True)
class Parameters:
    """Hazards per year; rates as logs of factors; hostility in points; memory in weeks."""

    onset: Array = per_year(off=0.0, scales="multiplied", about="a quiet pair turns tense, at the reference hostility")
    calming: Array = per_year(scales="multiplied", about="a tense pair turns quiet")
    ending: Array = per_year(scales="multiplied", about="an armed pair stops fighting")
    onset_hostility: Array = signed(about="of the log hazard of a crisis, per point of the pair's hostility")
    reference_hostility: Array = points(about="hostility of the pair at which the hazard of a crisis holds")
    agreement_brake: Array = ratio(
        brake="agreements", about="what an agreement in force takes off the log hazard of a crisis"
    )
    duration_hostility: Array = signed(about="of the log hazard that a regime ends, per point above the level")
    tense_rate: Array = log_factor(off=0.0, about="log factor on first causes while tense")
    armed_rate: Array = log_factor(off=0.0, about="log factor on first causes while armed")
    tense_hostility: Array = points(off=0.0, about="added to the level of hostility while tense")
    armed_hostility: Array = points(off=0.0, about="added to the level while armed, beside the conduct of war")
    scar_rate: Array = log_factor(off=0.0, about="log factor on first causes of a war just ended")
    scar_hostility: Array = points(off=0.0, about="added to the level of hostility by a war just ended")
    scar_memory: Array = memory(about="a war is remembered")
    settled_rate: Array = log_factor(off=0.0, about="what an agreement in force takes off the log of first causes")


def onset_hazard(hostility: Array, presence_brake: Array, agreed: Array, p: Parameters) -> Array:
    """Hazard per year that a quiet pair turns tense; (dyad, member)."""
    log = p.onset_hostility * (hostility - p.reference_hostility) - presence_brake - p.agreement_brake * agreed
    return array(p.onset * np.exp(np.clip(log, -REACH, REACH)))


def ending_hazard(rate: Array, excess: Array, p: Parameters) -> Array:
    """Hazard per year that a regime ends whose mean is ``rate``; ``excess`` is hostility above its level, points."""
    return _ending(rate, excess, p.duration_hostility)


def _ending(rate: Array, excess: Array, duration: Array) -> Array:
    return array(rate * np.exp(np.clip(-duration * excess, -REACH, REACH)))


def _ends(armed: NDArray[np.bool_], excess: Array, ending: Array, calming: Array, duration: Array) -> Array:
    """Chance within a week that an armed or a tense pair steps down."""
    return weekly(_ending(np.where(armed, ending, calming), excess, duration))


def weekly(hazard: Array) -> Array:
    """Chance within a week of what has a ``hazard`` per year."""
    return -np.expm1(-hazard / YEAR)


def turned(regime: Regimes, uniform: Array, up: Array, down: Array, war: NDArray[np.bool_]) -> Regimes:
    """Regime a week later, (dyad, member). ``up`` is the chance that a quiet pair turns tense, ``down`` that a tense
    or an armed one steps down, ``war`` whether somebody chose force. Low uniforms calm, high ones carry on: paths of
    two scenarios stay paired."""
    falls = (uniform < down) & (regime != QUIET) & ~war
    rises = ((uniform > 1.0 - up) & (regime == QUIET)) | (war & (regime == TENSE))
    later: Regimes = (regime - falls + rises).astype(np.int8, copy=False)
    return later


def by_regime(regime: Regimes, tense: Array, armed: Array) -> Array:
    """What holds in each regime, nothing in the quiet one; (dyad, member)."""
    return np.where(regime == TENSE, tense, np.where(regime == ARMED, armed, 0.0))


STATE = {
    "regime": State("dyads", "0 to 2", "quiet, tense, armed", 0.0, np.int8),
    "scar": State("dyads", "share", "war that is remembered", 0.0),
    "crisis_seen": State("dyads", "0 or 1", "whether the pair has been tense or armed", 0.0, np.bool_),
    "armed_seen": State("dyads", "0 or 1", "whether the pair has been armed", 0.0, np.bool_),
    "crisis_chance": State("dyads", "share", "chance of a crisis by now: weekly chances added up"),
    "armed_chance": State("dyads", "share", "chance of war by now: weekly chances added up"),
    "any_crisis_chance": State("region", "share", "the same for a crisis of any pair"),
    "any_armed_chance": State("region", "share", "the same for a war of any pair"),
    "climate": State("dyads", "1", "factor of regime, memory and agreement on first causes"),
    "regime_pressure": State("directed", "points", "hostility that regime and memory add"),
    "opening_climate": State("dyads", "1", "the factor on average over the regimes the pair may open in"),
    "opening_pressure": State("dyads", "points", "the hostility they add on average at the opening"),
    "opening_agreement": State("dyads", "0 or 1", "whether an agreement is in force at the opening"),
}


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Pairs change their regime on the situation of the week, and the chances that they do are added up."""
    rows, before = x.layout, now.regime
    mean = 0.5 * (now.hostility[rows.forth] + now.hostility[rows.back])
    excess = mean - 0.5 * (now.level[rows.forth] + now.level[rows.back])
    agreed = agreement(now, x)
    up = weekly(onset_hazard(mean, now.presence_brake, agreed, p))
    kinds = before == ARMED, excess, p.ending, p.calming, p.duration_hostility
    down = where_few(before != QUIET, _ends, *kinds, otherwise=0.0)
    war = (now.rung[rows.forth] == FORCE) | (now.rung[rows.back] == FORCE)
    # in an armed pair everybody uses force: that is no new choice
    regime = turned(before, week.uniform("regime"), up, down, war & (before == TENSE))
    scar = np.maximum(fade(now.scar, p.scar_memory), (before == ARMED) | (regime == ARMED))
    up = np.where(before == QUIET, up, 0.0)
    return {
        "regime": regime,
        "scar": scar,
        **added("crisis", before >= TENSE, regime >= TENSE, up, now),
        **added("armed", before == ARMED, regime == ARMED, now.outbreak, now),
        **felt(regime, scar, agreed, now, x, p),
    }


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """The regime each pair opens in: drawn from what the theatre states, otherwise from the stationary shares of quiet
    and tense. Rates and hostility of the theatre are means over it."""
    chances = opening_chances(now, x, p)
    regime = (x.opening_regime > 1.0 - chances[0] - chances[1]).astype(np.int8)
    regime += x.opening_regime > 1.0 - chances[1]
    crisis, armed = np.minimum(chances[0] + chances[1], 1.0), chances[1]
    agreed = agreement(now, x)
    opened = {
        "opening_climate": 1.0 + chances[0] * np.expm1(p.tense_rate) + armed * np.expm1(p.armed_rate),
        "opening_pressure": chances[0] * p.tense_hostility + armed * p.armed_hostility,
        "opening_agreement": agreed,
    }
    now.update(opened)
    return {
        **opened,
        "regime": regime,
        "crisis_seen": regime >= TENSE,
        "armed_seen": regime == ARMED,
        "crisis_chance": crisis,
        "armed_chance": armed,
        "any_crisis_chance": at_least_one(crisis),
        "any_armed_chance": at_least_one(armed),
        **felt(regime, now.scar, agreed, now, x, p),
    }


def opening_chances(now: Situation, x: Inputs, p: Parameters) -> tuple[Array, Array]:
    """Chance that each pair opens tense, and armed; (dyad, member) each."""
    rows = x.layout
    mean = 0.5 * (now.hostility[rows.forth] + now.hostility[rows.back])
    onset = onset_hazard(mean, now.presence_brake, agreement(now, x), p)
    stationary = onset / np.maximum(onset + p.calming, LEAST)
    if x.theory["regimes"] == "off":
        return 0.0 * stationary, 0.0 * stationary
    return np.where(x.opens, x.opens_tense, stationary), np.where(x.opens, x.opens_armed, 0.0 * stationary)


def felt(regime: Regimes, scar: Array, agreed: Array, now: Situation, x: Inputs, p: Parameters) -> Changes:
    """What regime, memory and agreement do to first causes (factor) and to hostility (points), beyond the opening."""
    log = by_regime(regime, p.tense_rate, p.armed_rate) + p.scar_rate * scar
    log -= p.settled_rate * (agreed - now.opening_agreement)
    pressure = by_regime(regime, p.tense_hostility, p.armed_hostility) + p.scar_hostility * scar - now.opening_pressure
    factor = where_few(log != 0, np.exp, log, otherwise=1.0)
    return {"climate": factor / now.opening_climate, "regime_pressure": pressure[x.layout.pair]}


def agreement(now: Situation, x: Inputs) -> Array:
    """Whether an agreement between the pair is in force, 0 or 1; (dyad, member)."""
    nobody = np.zeros_like(now.scar)
    return collected(now.track == AGREEMENT, x.incidence.settling, "max", nobody)


def added(name: str, before: NDArray[np.bool_], after: NDArray[np.bool_], chance: Array, now: Situation) -> Changes:
    """Chances of an event a week later, of each pair and of any. ``before`` and ``after`` say where it holds,
    ``chance`` is that of its beginning this week; what an act brought about before anybody moved counts whole."""
    seen, by_pair, by_any = (getattr(now, of) for of in (f"{name}_seen", f"{name}_chance", f"any_{name}_chance"))
    fresh = np.where(seen, 0.0, np.where(before, 1.0, chance))
    nobody = ~np.logical_or.reduce(seen, axis=0, keepdims=True)
    return {
        f"{name}_seen": seen | before | after,
        f"{name}_chance": by_pair + fresh,
        f"any_{name}_chance": by_any + np.where(nobody, at_least_one(fresh), 0.0),
    }


def at_least_one(chances: Array) -> Array:
    """Chance that at least one of independent events comes about, (1, member)."""
    return (1.0 - product(1.0 - chances))[None]


def theory(option: str, p: Parameters, redraw: Callable[[str, str], Array]) -> Parameters:
    """No regimes: every pair stays quiet."""
    none = np.zeros(())
    return replace(p, onset=none) if option == "off" else p


REGIMES = Mechanism(
    name="regimes",
    title="pairs turn tense, armed and quiet again",
    parameters=Parameters,
    state=STATE,
    step=step,
    open=open_,
    noise={"regime": "dyads"},
    reads=("missions", "dialogue", "hostility"),
    presses="regime_pressure",
    theories={"regimes": Theory(("on", "off"), theory)},
    limit="stationary shares and mean durations at constant hazards; chances against counts",
)
