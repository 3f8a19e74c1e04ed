"""Peace missions: dose–response, reserve, vacuum and its transient, and what a vacuum lets in.

    log M = -[beta_T dT + beta_P dP] + gamma V,   V' = V e^(-1/tau) + max(0, P_before - P)

Troops and police in thousands against the reference strength at which the incident rates were estimated.
model.md §1.4–1.5: Hultman, Kathman & Shannon (2014), Bara (2020), Smidt (2021). The populations behind these
values are UN operations, mostly in Africa.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: persons in the unit of the effects
THOUSAND = 1000.0


@dataclass(frozen=True)
class MissionParameters:
    """Effects per 1000 persons; memories and delays in weeks; saturation in persons; shares 0 to 1."""

    troops_effect: Array
    police_effect: Array
    saturation: Array
    transient: Array
    transient_memory: Array
    substitution: Array
    substitution_delay: Array
    police_weight: Array
    influence_gain: Array
    influence_memory: Array
    influence_hostility: Array
    influence_alignment: Array
    reinforcement: Array


def multiplier(troops: Array, police: Array, transient: Array, p: MissionParameters) -> Array:
    """Factor on incident rates; ``troops``, ``police``, ``transient`` are persons above reference."""
    dose = p.troops_effect * troops + p.police_effect * police - p.transient * transient
    return np.exp(-dose / THOUSAND)


def saturating(troops: Array, half: Array) -> Array:
    """Effective troops when presence saturates: P P50 / (P + P50), persons."""
    return troops * half / (troops + half)


def hollow(transient: Array, before: Array, now: Array, memory: Array) -> Array:
    """Recent loss of presence, persons, felt for ``memory`` weeks: the transient after a reduction."""
    return transient * np.exp(-1.0 / memory) + np.maximum(before - now, 0.0)


def substitute(local: Array, lost: Array, p: MissionParameters) -> Array:
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


def influence(level: Array, rest: Array, gap: Array, openness: Array, p: MissionParameters) -> Array:
    """Outside influence on an actor, 0 to 1: a vacuum ``gap`` lets it in, and it ebbs back to ``rest``.

    ``openness`` is the outside powers' own weight with the actor; seed article: a vacuum invites influence.
    """
    ebb = rest + (level - rest) * np.exp(-1.0 / p.influence_memory)
    return np.clip(ebb + p.influence_gain * openness * gap, 0.0, 1.0)
