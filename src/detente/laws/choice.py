"""Choice on the escalation ladder: logit over the expected worth of each rung.

Rungs: 0 de-escalate, 1 hold, 2 threaten, 3 coerce short of force, 4 use force. Holding is worth 0, de-escalating
costs a concession that hurts the more, the greater the animosity; for k > 1

    U_k = g_k (A h + V p) - c_k (1 + R B + W) - s_k (d G + l P - v U) - audience - office

A h animosity, V p stake times chance to prevail, c_k cost raised by strained resources B and the public's
aversion W, s_k severity, G guarantee of the other, P local presence, U own backing. model.md §1.9–1.11: McKelvey
& Palfrey (1995), Huth & Russett (1984), Benson (2011), Chiozza & Goemans (2003), Tomz (2007), Kertzer & Brutger
(2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rungs = NDArray[np.int8]

RUNGS = ("de-escalate", "hold", "threaten", "coerce", "force")


@dataclass(frozen=True)
class ChoiceParameters:
    """Utilities are in units of the prize; ``precision`` is the logit's lambda; strength_decay in km,
    presence_scale in persons: the presence that deters in full where no need is stated."""

    precision: Array
    gain_threaten: Array
    gain_coerce: Array
    gain_force: Array
    cost_threaten: Array
    cost_coerce: Array
    cost_force: Array
    severity_threaten: Array
    severity_coerce: Array
    severity_force: Array
    relief: Array
    concession: Array
    animosity: Array
    deterrence: Array
    emboldening: Array
    local_deterrence: Array
    presence_scale: Array
    belligerence: Array
    inconsistency: Array
    elite_fear: Array
    cheap_talk: Array
    resources: Array
    contest_exponent: Array
    strength_decay: Array

    @cached_property
    def ladder(self) -> Array:
        """Severities of the five rungs, (rung,) or (rung, member)."""
        return np.stack(np.broadcast_arrays(*severities(self)))


class Prospect(NamedTuple):
    """What an actor weighs toward one rival; each (directed dyad, member) or broadcastable to it.

    ``hostility`` as a share of its scale, the rest 0 to 1: ``prize`` stake times chance to prevail,
    ``guarantee`` of the other, ``presence`` in the area, ``backing`` of the actor itself, ``insecurity`` of its
    elite in office; ``brake`` is a factor (see :func:`brake`). Hostility and guarantee have the full shape.
    """

    hostility: Array
    prize: Array
    guarantee: Array
    presence: Array
    backing: Array
    brake: Array
    insecurity: Array


def severities(p: ChoiceParameters) -> tuple[Array, Array, Array, Array, Array]:
    """Severity of each rung, 0 to 1, as others feel it; de-escalation soothes by ``relief``."""
    calm = np.zeros_like(p.relief)
    return -p.relief, calm, p.severity_threaten, p.severity_coerce, p.severity_force


def brake(burden: Array, aversion: Array, p: ChoiceParameters) -> Array:
    """Factor on the costs of climbing, 1 + R B + W: strained resources and a public averse to war."""
    return 1.0 + p.resources * burden + aversion


def utilities(now: Prospect, previous: Array, office: Array, p: ChoiceParameters) -> tuple[Array, ...]:
    """Worth of the five rungs. ``previous`` is the severity of last week's rung, ``office`` the elite's
    net fear of losing power through confrontation (see :func:`office_fear`)."""
    anger = p.animosity * now.hostility
    appetite = anger + now.prize
    shield = p.deterrence * now.guarantee + p.local_deterrence * now.presence
    shield += p.belligerence - p.emboldening * now.backing
    step_down = p.inconsistency * np.maximum(previous, 0.0)

    def climb(gain: Array, cost: Array, severity: Array, shield: Array) -> Array:
        worth = gain * appetite
        worth -= cost * now.brake
        worth -= severity * shield
        worth -= p.inconsistency * np.maximum(previous - severity, 0.0)
        return worth

    threaten = climb(p.gain_threaten, p.cost_threaten, p.severity_threaten, shield)
    threaten += p.cheap_talk * now.insecurity
    shield += office
    coerce = climb(p.gain_coerce, p.cost_coerce, p.severity_coerce, shield)
    force = climb(p.gain_force, p.cost_force, p.severity_force, shield)
    return -p.concession - anger - step_down, -step_down, threaten, coerce, force


def office_fear(insecurity: Array, coalition: Array, p: ChoiceParameters) -> Array:
    """Peace through insecurity: who may lose office avoids confrontation, large coalitions the more."""
    return p.elite_fear * insecurity * coalition


def gamble(insecurity: Array, coalition: Array, p: ChoiceParameters) -> Array:
    """The resurrection variant: fear turns into its opposite once office is more likely lost than kept."""
    return p.elite_fear * insecurity * (1.0 - 2.0 * insecurity) * coalition


def probabilities(worth: tuple[Array, ...], precision: Array) -> Array:
    """Logit probabilities, shape (rung, ...): uniform at precision 0, the best rung as it grows."""
    stacked = np.stack(np.broadcast_arrays(*worth))
    odds = np.exp(precision * (stacked - stacked.max(axis=0)))
    return np.asarray(odds / np.add.accumulate(odds, axis=0)[-1])


def pick(uniform: Array, worth: tuple[Array, ...], p: ChoiceParameters) -> tuple[Rungs, Array]:
    """The rung chosen and its severity, by inversion from the lowest rung up: a worse mood never lowers it."""
    best = worth[0]
    for other in worth[1:]:
        best = np.maximum(best, other)
    upto: list[Array] = []
    for u in worth:
        odds = u - best
        odds *= p.precision
        np.exp(odds, out=odds)
        upto.append(odds if not upto else np.add(odds, upto[-1], out=odds))
    mark = uniform * upto[-1]
    rung = np.zeros(mark.shape, dtype=np.int8)
    for threshold in upto[:-1]:
        rung += mark > threshold
    return rung, shown(rung, p)


def shown(rung: Rungs, p: ChoiceParameters) -> Array:
    """Severity of the rungs chosen; a look-up, member by member."""
    table = p.ladder
    if table.ndim == 1:
        return table.take(rung)
    place = rung.astype(np.intp)
    place *= table.shape[1]
    place += np.arange(table.shape[1])
    return table.ravel().take(place)
