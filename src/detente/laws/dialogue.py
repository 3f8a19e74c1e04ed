"""Dialogue and settlement tracks: a chain of four states whose hazards depend on hostility, and its effect.

States: 0 stalled, 1 active, 2 signed (or initialled: not yet in force), 3 agreement in force. How long agreements last
is each track's own; while one of its pairs is armed they lapse faster. Relief of an active track, in hostility points,

    delta_s e^(-age/tau) - delta_l (1 - e^(-age/tau)),

a short-run gain that wanes, with long-run erosion (Beardsley 2008; disputed by Ruhe & Volg 2021); an agreement
adds its own gain, a signed one a share of it. Manipulation settles sooner and erodes more, facilitation the reverse
(Beardsley et al. 2006). model.md §1.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.laws.mechanism import Changes, Mechanism, State, Week, memory, per_week, points, ratio, share, signed
from detente.laws.rows import collected
from detente.laws.situation import ARMED, Inputs, Situation

Array = NDArray[np.float64]
States = NDArray[np.int8]

STALLED, ACTIVE, SIGNED, AGREEMENT = 0, 1, 2, 3


@dataclass(frozen=True)
class Parameters:
    """Gains in hostility points; memory in weeks; stall, resume, settle, ratify, unravel, lapse are weekly hazards at
    rest."""

    short_gain: Array = points(off=0.0, about="what fresh talks relieve")
    long_erosion: Array = points(off=0.0, about="what long talks wear away")
    settlement_gain: Array = points(off=0.0, about="what an agreement relieves")
    signed_share: Array = share(about="share of that which one relieves before it is in force")
    memory: Array = memory(about="talks grow stale")
    stall: Array = per_week(scales="multiplied", about="hazard that talks stall")
    resume: Array = per_week(scales="multiplied", about="hazard that they resume")
    settle: Array = per_week(scales="multiplied", about="hazard that they come to a signature")
    ratify: Array = per_week(scales="multiplied", about="hazard that what is signed comes into force")
    unravel: Array = per_week(scales="multiplied", about="hazard that it never does")
    lapse: Array = per_week(scales="multiplied", about="hazard that an agreement lapses, where its track states none")
    armed_lapse: Array = ratio(about="factor on stalling, unravelling and lapse while a pair is armed")
    hostility_sensitivity: Array = signed(about="of the hazards, per point above rest")
    visit_leverage: Array = ratio(scales="impulse", fades="acts.visit_memory", about="visits as leverage")
    style_tilt: Array = ratio(about="manipulation settles sooner and erodes more")


def heat(excess: Array, p: Parameters) -> Array:
    """Factor by which hostility above rest [points] speeds collapse and slows agreement."""
    return np.exp(np.clip(p.hostility_sensitivity * excess, -3.0, 3.0))


def turn(
    state: States,
    uniform: Array,
    *,
    heat: Array,
    leverage: Array,
    flexibility: Array,
    tilt: Array,
    lapse: Array,
    strain: Array,
    p: Parameters,
) -> States:
    """State a week later; shape (track, member).

    ``leverage`` is the mediators' (visits included), ``flexibility`` the product over the parties, ``tilt`` the
    style's factor on settling, ``lapse`` the track's own hazard, ``strain`` a factor on all that breaks it off. Low
    uniforms break a track off, high ones carry it on: one draw, paired paths.
    """
    breaks = np.where(state == ACTIVE, p.stall, np.where(state == SIGNED, p.unravel, lapse))
    carries = np.where(state == STALLED, p.resume, np.where(state == ACTIVE, p.settle * flexibility * tilt, p.ratify))
    falls = (uniform < -np.expm1(-heat * strain * breaks)) & (state != STALLED)
    rises = (uniform > np.exp(-leverage / heat * carries)) & (state != AGREEMENT)
    return np.where(falls, STALLED, np.where(rises, state + 1, state)).astype(np.int8)


def relief(state: States, age: Array, erosion: Array, p: Parameters) -> Array:
    """Hostility points the track takes away; ``age`` weeks in its state, ``erosion`` the style's factor."""
    fresh = np.exp(-age / p.memory)
    talks = p.short_gain * fresh - p.long_erosion * erosion * (1.0 - fresh)
    settled = p.settlement_gain * np.where(state == SIGNED, p.signed_share, 1.0)
    return np.where(state == ACTIVE, talks, np.where(state >= SIGNED, settled, 0.0))


STATE = {
    "track": State("tracks", "0 to 3", "stalled, active, signed, in force", lambda x, p: x.track, np.int8),
    "age": State("tracks", "weeks", "in its state", lambda x, p: x.age),
    "track_relief": State("tracks", "points", "hostility taken away, beyond what was at the opening"),
    "opening_relief": State("tracks", "points", "hostility taken away at the opening"),
}


def decide(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Tracks move on the situation of their dyads."""
    if not x.layout.tracks:
        return {}
    excess = now.hostility - x.resting
    mood, visited = (collected(felt, x.incidence.hearing) / x.incidence.hearing.counts for felt in (excess, now.visit))
    fought = collected(now.regime, x.incidence.discussing, "max") == ARMED
    state = turn(
        now.track,
        week.uniform("dialogue"),
        heat=heat(mood, p),
        leverage=x.leverage * (1.0 + p.visit_leverage * visited),
        flexibility=x.flexibility,
        tilt=1.0 + (p.style_tilt - 1.0) * x.manipulates,
        lapse=np.where(np.isnan(x.lapse), p.lapse, x.lapse),
        strain=1.0 + (p.armed_lapse - 1.0) * fought,
        p=p,
    )
    return {"track": state, "age": np.where(state == now.track, now.age + 1.0, 0.0)}


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """What tracks relieve this week beyond the opening."""
    return {"track_relief": relieved(now.track, now.age, x, p) - now.opening_relief}


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Relief at the opening: only what differs from it is felt later."""
    relief = relieved(now.track, now.age, x, p)
    return {"opening_relief": relief, "track_relief": relief - relief}


def relieved(state: States, age: Array, x: Inputs, p: Parameters) -> Array:
    """Hostility points that every track takes away in its style, (track, member)."""
    return relief(state, age, 1.0 + (p.style_tilt - 1.0) * x.manipulates, p)


DIALOGUE = Mechanism(
    name="dialogue",
    title="tracks stall, resume, settle or lapse",
    parameters=Parameters,
    state=STATE,
    decide=decide,
    step=step,
    open=open_,
    noise={"dialogue": "tracks"},
    who="Dialogue",
    limit="stationary shares of the four states at constant hazards",
)
