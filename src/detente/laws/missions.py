"""Peace missions: dose–response, reserve, vacuum and its transient, and what a vacuum lets in.

    log M = -[beta_T dT + beta_P dP] + gamma V,   V' = V e^(-1/tau) + max(0, P_before - P)

Troops and police in thousands against the reference strength at which the incident rates were estimated.
model.md §1.4–1.5: Hultman, Kathman & Shannon (2014), Bara (2020), Smidt (2021). The populations behind these
values are UN operations, mostly in Africa.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.laws.mechanism import (
    Changes,
    Mechanism,
    State,
    Theory,
    Week,
    memory,
    number,
    per_week,
    persons,
    points,
    ratio,
    share,
)
from detente.laws.rows import max_over_rows
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]

#: persons in the unit of the effects
THOUSAND = 1000.0
#: log of the factor on incident rates is kept within this; no deployment comes near
REACH = 50.0


@dataclass(frozen=True)
class Parameters:
    """Effects per 1000 persons; memories and delays in weeks; saturation in persons; shares 0 to 1."""

    troops_effect: Array = number("per 1000 persons", -1, 20, off=0.0, about="of troops on the log of the rate")
    police_effect: Array = number("per 1000 persons", -1, 20, off=0.0, about="of police on the log of the rate")
    saturation: Array = persons(positive=True, about="presence at which half of the effect is there")
    transient: Array = number(
        "per 1000 persons", -1, 20, off=0.0, scales="impulse", fades="transient_memory", about="of recent losses"
    )
    transient_memory: Array = memory(about="a loss is felt as one")
    substitution: Array = share(about="share of a loss that local forces make up for")
    substitution_delay: Array = memory(about="until they do")
    police_weight: Array = ratio(about="of police beside troops")
    influence_gain: Array = per_week(
        scales="kept", fades="influence_memory", about="what a vacuum lets in where a power is heard"
    )
    influence_memory: Array = memory(about="influence ebbs back")
    influence_hostility: Array = points(off=0.0, about="hostility that influence adds")
    influence_alignment: Array = share(about="alignment that influence draws along")
    reinforcement: Array = share(about="share of a base's room that counts as presence")


def multiplier(troops: Array, police: Array, transient: Array, p: Parameters) -> Array:
    """Factor on incident rates; ``troops``, ``police``, ``transient`` are persons above reference."""
    dose = p.troops_effect * troops + p.police_effect * police - p.transient * transient
    return np.exp(np.clip(-dose / THOUSAND, -REACH, REACH))


def saturating(troops: Array, half: Array) -> Array:
    """Effective troops when presence saturates: P P50 / (P + P50), persons."""
    return troops * half / (troops + half)


def recent_loss(transient: Array, before: Array, now: Array, memory: Array) -> Array:
    """Recent loss of presence, persons, felt for ``memory`` weeks: the transient after a reduction."""
    return transient * np.exp(-1.0 / memory) + np.maximum(before - now, 0.0)


def substitute(local: Array, lost: Array, p: Parameters) -> Array:
    """Local police and others who step in, persons: a share of what was lost, with a delay."""
    return local + (p.substitution * np.maximum(lost, 0.0) - local) * -np.expm1(-1.0 / p.substitution_delay)


def vacuum(presence: Array, demand: Array) -> Array:
    """Share of the needed presence that is missing, 0 to 1; 0 where nothing is needed."""
    needed = np.maximum(demand, 1.0)
    return np.where(demand > 0, np.clip(1.0 - presence / needed, 0.0, 1.0), 0.0)


def presence(troops: Array, police: Array, bases: Array, police_weight: Array) -> Array:
    """Presence in troop equivalents, persons; public-security police weigh more (Bara 2020)."""
    return troops + police_weight * police + bases


def call_up(waiting: Array, serving: Array, alarm: NDArray[np.bool_], lag: Array, stay: Array) -> tuple[Array, Array]:
    """Reserve clocks a week later: weeks until it arrives and weeks it still serves.

    An idle reserve is called when ``alarm`` is raised, arrives after ``lag`` weeks and stays ``stay`` weeks.
    """
    idle = (waiting <= 0) & (serving <= 0)
    arrives = (waiting > 0) & (waiting <= 1)
    return (
        np.where(idle & alarm, np.maximum(lag, 1.0), np.maximum(waiting - 1.0, 0.0)),
        np.where(arrives, stay, np.maximum(serving - 1.0, 0.0)),
    )


def toward(strength: Array, goal: Array, weeks_left: Array) -> Array:
    """Strength a week later on a straight line to ``goal``, reached in ``weeks_left`` weeks."""
    return strength + (goal - strength) / np.maximum(weeks_left, 1.0)


def step_influence(level: Array, rest: Array, gap: Array, openness: Array, p: Parameters) -> Array:
    """Outside influence on an actor, 0 to 1: a vacuum ``gap`` lets it in, and it ebbs back to ``rest``.

    ``openness`` is the outside powers' own weight with the actor; seed article: a vacuum invites influence.
    """
    ebb = rest + (level - rest) * np.exp(-1.0 / p.influence_memory)
    return np.clip(ebb + p.influence_gain * openness * gap, 0.0, 1.0)


STATE = {
    "troops": State("missions", "persons", "strength", lambda x, p: x.troops),
    "police": State("missions", "persons", "police strength", lambda x, p: x.police),
    "troops_goal": State("missions", "persons", "strength it moves toward", lambda x, p: x.troops),
    "police_goal": State("missions", "persons", "police strength it moves toward", lambda x, p: x.police),
    "ramp": State("missions", "weeks", "time left to get there", 0.0),
    "waiting": State("missions", "weeks", "until a reserve that was called arrives", 0.0),
    "serving": State("missions", "weeks", "that a reserve still stays", 0.0),
    "bases": State("bases", "persons", "strength", lambda x, p: x.bases),
    "substitutes": State("dyads", "persons", "local police and others who step in for lost presence", 0.0),
    "recent_presence_loss": State("dyads", "persons", "presence lost recently: the transient", 0.0),
    "influence": State("actors", "share", "hold of outside powers on the actor", lambda x, p: x.openness),
    "influence_rest": State("actors", "share", "level that influence ebbs back to", lambda x, p: x.openness),
    "troops_near": State("dyads", "persons", "troops in the pair's area"),
    "police_near": State("dyads", "persons", "police in the pair's area"),
    "presence": State("dyads", "persons", "presence in the pair's area in troop equivalents"),
    "vacuum": State("dyads", "share", "needed presence that is missing"),
    "damping": State("dyads", "1", "factor of presence on incident rates"),
    "influence_pressure": State("actors", "points", "hostility that it adds"),
    "alignment_drawn": State("actors", "share", "alignment that it draws along"),
    "opening_troops": State("dyads", "persons", "troops at the opening"),
    "opening_police": State("dyads", "persons", "police at the opening"),
    "full_presence": State("dyads", "persons", "presence at the opening"),
    "opening_gaps": State("actors", "share", "vacuum at the opening, of the actor's worst dyad with a demand"),
}


def decide(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Missions move toward their strength and call up their reserves."""
    alarm = np.zeros(now.troops.shape)
    for n, rows in enumerate(x.incidence.watched):
        alarm[n] = max_over_rows(now.recent, rows)
    waiting, serving = call_up(now.waiting, now.serving, alarm > x.trigger, x.lag, x.stay)
    return {
        # more contingents may leave than there are troops
        "troops": toward(now.troops, np.maximum(now.troops_goal, 0.0), now.ramp),
        "police": toward(now.police, now.police_goal, now.ramp),
        "ramp": np.maximum(now.ramp - 1.0, 0.0),
        "waiting": waiting,
        "serving": serving,
    }


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Presence, substitutes, vacuum, outside influence."""
    near, officers, bases = presence_by_dyad(now, week.number, x, p)
    lost = recent_loss(now.recent_presence_loss, now.troops_near, near, p.transient_memory)
    whole = presence(near, officers, bases, p.police_weight)
    substitutes = substitute(now.substitutes, now.full_presence - whole, p)
    there = whole + substitutes
    missing = vacuum(there, x.demand)
    return {
        "troops_near": near,
        "police_near": officers,
        "recent_presence_loss": lost,
        "substitutes": substitutes,
        "presence": there,
        "vacuum": missing,
        "damping": damped(near, officers, lost, now, x, p),
        **influenced(step_influence(now.influence, now.influence_rest, gaps(missing, now, x), x.openness, p), x, p),
    }


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Presence at the opening: the reference of dose and response, and of what is lost later."""
    near, officers, bases = presence_by_dyad(now, 0, x, p)
    whole = presence(near, officers, bases, p.police_weight)
    missing = vacuum(whole, x.demand)
    worst = np.zeros((len(x.layout.actors), missing.shape[1]))
    for row, dyads in x.incidence.gaps:
        worst[row] = max_over_rows(missing, dyads)
    return {
        "troops_near": near,
        "police_near": officers,
        "opening_troops": near,
        "opening_police": officers,
        "full_presence": whole,
        "presence": whole,
        "vacuum": missing,
        "opening_gaps": worst,
        "damping": np.ones((len(x.layout.dyads), x.members)),
        **influenced(now.influence, x, p),
    }


def presence_by_dyad(now: Situation, week: int, x: Inputs, p: Parameters) -> tuple[Array, Array, Array]:
    """Troops, police and base strength by dyad, persons; reserves that serve count as troops."""
    near, officers, based = (np.zeros((len(x.layout.dyads), x.members)) for _ in range(3))
    there = (now.troops + x.reserve * (now.serving > 0)) * x.coordination
    present = now.police * x.coordination
    for n, rows in enumerate(x.incidence.watched):
        near[rows] += there[n]
        officers[rows] += present[n]
    for n, rows in enumerate(x.incidence.based):
        based[rows] += now.bases[n]
    for n in x.growing:
        based[x.incidence.based[n]] += p.reinforcement * x.works[n].room(week)
    return near, officers, based


def damped(near: Array, officers: Array, lost: Array, now: Situation, x: Inputs, p: Parameters) -> Array:
    """Factor of presence on incident rates, (dyad, member), as the scenario's theory counts troops."""
    if x.theory["mission"] == "saturating":
        beyond = saturating(near, p.saturation) - saturating(now.opening_troops, p.saturation)
    else:
        beyond = near - now.opening_troops
    return multiplier(beyond, officers - now.opening_police, lost, p)


def gaps(missing: Array, now: Situation, x: Inputs) -> Array:
    """Vacuum beyond the opening's, of every actor's worst dyad with a demand; (actor, member)."""
    gap = np.zeros(now.influence.shape)
    for row, dyads in x.incidence.gaps:
        gap[row] = np.maximum(max_over_rows(missing, dyads) - now.opening_gaps[row], 0.0)
    return gap


def influenced(influence: Array, x: Inputs, p: Parameters) -> Changes:
    """Outside influence, and the hostility [points] and alignment [share] that it adds beyond the opening."""
    gained = influence - x.openness
    return {
        "influence": influence,
        "influence_pressure": p.influence_hostility * gained,
        "alignment_drawn": p.influence_alignment * gained,
    }


def theory(option: str, p: Parameters, redraw: Callable[[str, str], Array]) -> Parameters:
    """Missions that do nothing to incidents."""
    none = np.zeros(())
    return replace(p, troops_effect=none, police_effect=none, transient=none) if option == "none" else p


MISSIONS = Mechanism(
    name="missions",
    title="strength, reserve call-up, presence, vacuum and what it lets in",
    parameters=Parameters,
    state=STATE,
    decide=decide,
    step=step,
    open=open_,
    who="Mission",
    theories={"mission": Theory(("linear", "saturating", "none"), theory)},
    limit="published effects of a thousand troops or police on violence",
)
