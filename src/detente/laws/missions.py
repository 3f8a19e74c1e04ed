"""Peace missions: dose–response, reserve, vacuum and its transient, and what a vacuum lets in.

    D = eps ln(1 + P / 1000),   log M = -(D - D_opening) + gamma V,   V' = V e^(-1/tau) + max(0, ln of the loss)

P presence in troop equivalents [persons]: troops, police at their weight, bases, and substitutes. The same D brakes
the onset of crises (regimes.py). A loss is that of the whole presence, so that a hand-over counts who comes.
model.md §1.4–1.5: Collier, Hoeffler & Söderbom (2008), Hultman, Kathman & Shannon (2014), Bara (2020), Smidt (2021).
The populations behind these values are UN operations, mostly in Africa.
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
    points,
    ratio,
    share,
    signed,
)
from detente.laws.rows import array, collected, where_few
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]

#: persons in the unit of the effects
THOUSAND = 1000.0
#: log of the factor on incident rates is kept within this; no deployment comes near
REACH = 50.0


@dataclass(frozen=True)
class Parameters:
    """``dose`` and ``transient`` on logs; memories and delays in weeks; shares 0 to 1."""

    dose: Array = signed(
        off=0.0, brake="presence", about="of the log of presence on the logs of incidents and of crises"
    )
    linear_dose: Array = number(
        "per 1000 persons", -1, 20, about="of presence on the same, where a rival theory has it linear"
    )
    transient: Array = signed(
        off=0.0, scales="impulse", fades="transient_memory", about="of the log of recent losses on that of incidents"
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


def presence_brake(presence: Array, variant: str, p: Parameters) -> Array:
    """D: what presence [persons] takes off the log of rates and hazards, under a theory of dose and response."""
    if variant == "linear":
        return array(p.linear_dose * presence / THOUSAND)
    return array(p.dose * where_few(presence > 0, np.log1p, presence / THOUSAND, otherwise=0.0))


def multiplier(brake: Array, opening: Array, transient: Array, p: Parameters) -> Array:
    """Factor on incident rates; ``transient`` is the log of recent losses of presence."""
    log = np.clip(opening - brake + p.transient * transient, -REACH, REACH)
    return where_few(log != 0, np.exp, log, otherwise=1.0)


def recent_loss(transient: Array, before: Array, now: Array, memory: Array) -> Array:
    """Recent loss of presence, as a log, felt for ``memory`` weeks; ``before`` and ``now`` in persons."""
    lost = where_few(before > now, _lost, before, now, otherwise=0.0)
    return array(transient * np.exp(-1.0 / memory) + lost)


def _lost(before: Array, now: Array) -> Array:
    return array(np.maximum(np.log1p(before / THOUSAND) - np.log1p(now / THOUSAND), 0.0))


def substitute(local: Array, lost: Array, p: Parameters) -> Array:
    """Local police and others who step in, persons: a share of what was lost, with a delay."""
    return local + (p.substitution * np.maximum(lost, 0.0) - local) * -np.expm1(-1.0 / p.substitution_delay)


def vacuum(presence: Array, demand: Array) -> Array:
    """Share of the needed presence that is missing, 0 to 1; 0 where nothing is needed."""
    needed = np.maximum(demand, 1.0)
    return np.where(demand > 0, np.clip(1.0 - presence / needed, 0.0, 1.0), 0.0)


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
    "recent_presence_loss": State("dyads", "log", "presence lost recently: the transient", 0.0),
    "demand": State("dyads", "persons", "presence that is needed", lambda x, p: x.demand),
    "influence": State("actors", "share", "hold of outside powers on the actor", lambda x, p: x.openness),
    "influence_rest": State("actors", "share", "level that influence ebbs back to", lambda x, p: x.openness),
    "posted": State("dyads", "persons", "missions and bases in the pair's area in troop equivalents"),
    "presence": State("dyads", "persons", "the same with substitutes"),
    "presence_brake": State("dyads", "log", "what presence takes off the log of rates and hazards"),
    "vacuum": State("dyads", "share", "needed presence that is missing"),
    "damping": State("dyads", "1", "factor of presence on incident rates"),
    "influence_pressure": State("actors", "points", "hostility that it adds"),
    "alignment_drawn": State("actors", "share", "alignment that it draws along"),
    "opening_brake": State("dyads", "log", "what presence takes off at the opening"),
    "full_presence": State("dyads", "persons", "presence at the opening"),
    "opening_gaps": State("actors", "share", "vacuum at the opening, of the actor's worst dyad with a demand"),
}


def decide(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Missions move toward their strength and call up their reserves."""
    alarm = collected(now.recent, x.incidence.watching, "max")
    # a mission that is to end, or has no strength, calls nobody up
    able = (now.troops_goal > 0) & (now.troops > 0)
    waiting, serving = call_up(now.waiting, now.serving, (alarm > x.trigger) & able, x.lag, x.stay)
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
    posted = presence_by_dyad(now, week.number, x, p)
    lost = recent_loss(now.recent_presence_loss, now.posted, posted, p.transient_memory)
    substitutes = substitute(now.substitutes, now.full_presence - posted, p)
    there = posted + substitutes
    brake = presence_brake(there, x.theory["mission"], p)
    missing = vacuum(there, now.demand)
    return {
        "posted": posted,
        "recent_presence_loss": lost,
        "substitutes": substitutes,
        "presence": there,
        "presence_brake": brake,
        "vacuum": missing,
        "damping": multiplier(brake, now.opening_brake, lost, p),
        **influenced(step_influence(now.influence, now.influence_rest, gaps(missing, now, x), x.openness, p), x, p),
    }


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Presence at the opening: the reference of dose and response, and of what is lost later."""
    posted = presence_by_dyad(now, 0, x, p)
    brake = presence_brake(posted, x.theory["mission"], p)
    missing = vacuum(posted, now.demand)
    return {
        "posted": posted,
        "full_presence": posted,
        "presence": posted,
        "presence_brake": brake,
        "opening_brake": brake,
        "vacuum": missing,
        "opening_gaps": collected(missing, x.incidence.lacking, "max"),
        "damping": np.ones((len(x.layout.dyads), x.members)),
        **influenced(now.influence, x, p),
    }


def presence_by_dyad(now: Situation, week: int, x: Inputs, p: Parameters) -> Array:
    """Missions and bases by dyad in troop equivalents, persons; reserves that serve count as troops."""
    there = (now.troops + x.reserve * (now.serving > 0) + p.police_weight * now.police) * x.coordination
    posted = collected(there, x.incidence.keeping, start=np.zeros_like(now.demand))
    posted = collected(now.bases, x.incidence.hosting, start=posted)
    if not x.growing:
        return posted
    return collected(p.reinforcement * x.works.room(week), x.incidence.hosting, start=posted)


def gaps(missing: Array, now: Situation, x: Inputs) -> Array:
    """Vacuum beyond the opening's, of every actor's worst dyad with a demand; (actor, member)."""
    return array(np.maximum(collected(missing, x.incidence.lacking, "max") - now.opening_gaps, 0.0))


def influenced(influence: Array, x: Inputs, p: Parameters) -> Changes:
    """Outside influence, and the hostility [points] and alignment [share] that it adds beyond the opening."""
    gained = influence - x.openness
    return {
        "influence": influence,
        "influence_pressure": p.influence_hostility * gained,
        "alignment_drawn": p.influence_alignment * gained,
    }


def theory(option: str, p: Parameters, redraw: Callable[[str, str], Array]) -> Parameters:
    """Missions that do nothing to incidents and crises."""
    none = np.zeros(())
    return replace(p, dose=none, transient=none) if option == "none" else p


MISSIONS = Mechanism(
    name="missions",
    title="strength, reserve call-up, presence, vacuum and what it lets in",
    parameters=Parameters,
    state=STATE,
    decide=decide,
    step=step,
    open=open_,
    who="Mission",
    theories={"mission": Theory(("logarithmic", "linear", "none"), theory)},
    limit="published effects of a thousand troops or police on violence",
)
