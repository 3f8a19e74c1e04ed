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

Array = NDArray[np.float64]
States = NDArray[np.int8]

STALLED, ACTIVE, AGREEMENT = 0, 1, 2


@dataclass(frozen=True)
class DialogueParameters:
    """Gains in hostility points; memory in weeks; stall, resume, settle, lapse are weekly hazards at rest."""

    short_gain: Array
    long_erosion: Array
    settlement_gain: Array
    memory: Array
    stall: Array
    resume: Array
    settle: Array
    lapse: Array
    hostility_sensitivity: Array
    visit_leverage: Array
    style_tilt: Array


def heat(excess: Array, p: DialogueParameters) -> Array:
    """Factor by which hostility above rest [points] speeds collapse and slows agreement."""
    return np.exp(np.clip(p.hostility_sensitivity * excess, -3.0, 3.0))


def step(
    state: States,
    uniform: Array,
    *,
    heat: Array,
    leverage: Array,
    flexibility: Array,
    tilt: Array,
    p: DialogueParameters,
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


def relief(state: States, age: Array, erosion: Array, p: DialogueParameters) -> Array:
    """Hostility points the track takes away; ``age`` weeks in its state, ``erosion`` the style's factor."""
    fresh = np.exp(-age / p.memory)
    talks = p.short_gain * fresh - p.long_erosion * erosion * (1.0 - fresh)
    return np.where(state == ACTIVE, talks, np.where(state == AGREEMENT, p.settlement_gain, 0.0))
