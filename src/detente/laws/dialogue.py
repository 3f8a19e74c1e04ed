"""Dialogue and settlement tracks: a three-state chain whose hazards depend on hostility, and its effect.

States: 0 stalled, 1 active, 2 agreement. Relief of an active track, in hostility points,

    delta_s e^(-age/tau) - delta_l (1 - e^(-age/tau)),

a short-run gain that wanes, with long-run erosion (Beardsley 2008; disputed by Ruhe & Volg 2021); an agreement
adds its own gain. Manipulation settles sooner and erodes more, facilitation the reverse (Beardsley et al. 2006).
model.md §1.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.laws.mechanism import Changes, Mechanism, State, Week, memory, per_week, points, ratio, signed
from detente.laws.rows import mean_over_rows
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]
States = NDArray[np.int8]

STALLED, ACTIVE, AGREEMENT = 0, 1, 2


@dataclass(frozen=True)
class Parameters:
    """Gains in hostility points; memory in weeks; stall, resume, settle, lapse are weekly hazards at rest."""

    short_gain: Array = points(off=0.0, about="what fresh talks relieve")
    long_erosion: Array = points(off=0.0, about="what long talks wear away")
    settlement_gain: Array = points(off=0.0, about="what an agreement relieves")
    memory: Array = memory(about="talks grow stale")
    stall: Array = per_week(scales="multiplied", about="hazard that talks stall")
    resume: Array = per_week(scales="multiplied", about="hazard that they resume")
    settle: Array = per_week(scales="multiplied", about="hazard that they settle")
    lapse: Array = per_week(scales="multiplied", about="hazard that an agreement lapses")
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
    p: Parameters,
) -> States:
    """State a week later; shape (track, member).

    ``leverage`` is the mediators' (visits included), ``flexibility`` the product over the parties, ``tilt`` the
    style's factor on settling. Low uniforms break a track off, high ones carry it on: one draw, paired paths.
    """
    down = -np.expm1(-heat * np.where(state == ACTIVE, p.stall, p.lapse))
    up = -np.expm1(-leverage / heat * np.where(state == ACTIVE, p.settle * flexibility * tilt, p.resume))
    falls = (uniform < down) & (state != STALLED)
    rises = (uniform > 1.0 - up) & (state != AGREEMENT)
    return np.where(falls, STALLED, np.where(rises, state + 1, state)).astype(np.int8)


def relief(state: States, age: Array, erosion: Array, p: Parameters) -> Array:
    """Hostility points the track takes away; ``age`` weeks in its state, ``erosion`` the style's factor."""
    fresh = np.exp(-age / p.memory)
    talks = p.short_gain * fresh - p.long_erosion * erosion * (1.0 - fresh)
    return np.where(state == ACTIVE, talks, np.where(state == AGREEMENT, p.settlement_gain, 0.0))


STATE = {
    "track": State("tracks", "0, 1, 2", "stalled, active, agreement", lambda x, p: x.track, np.int8),
    "age": State("tracks", "weeks", "in its state", lambda x, p: x.age),
    "track_relief": State("tracks", "points", "hostility taken away, beyond what was at the opening"),
    "opening_relief": State("tracks", "points", "hostility taken away at the opening"),
}


def decide(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Tracks move on the situation of their dyads."""
    if not x.layout.tracks:
        return {}
    excess = now.hostility - x.resting
    mood, visited = np.zeros(now.age.shape), np.zeros(now.age.shape)
    for n, rows in enumerate(x.incidence.heard):
        mood[n], visited[n] = mean_over_rows(excess, rows), mean_over_rows(now.visit, rows)
    state = turn(
        now.track,
        week.uniform("dialogue"),
        heat=heat(mood, p),
        leverage=x.leverage * (1.0 + p.visit_leverage * visited),
        flexibility=x.flexibility,
        tilt=1.0 + (p.style_tilt - 1.0) * x.manipulates,
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
    limit="stationary shares of the three states at constant hazards",
)
