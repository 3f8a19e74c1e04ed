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

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.laws.hostility import SCALE
from detente.laws.mechanism import Changes, Mechanism, State, Theory, Week, number, persons, ratio, share, signed
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]
Rungs = NDArray[np.int8]

RUNGS = ("de-escalate", "hold", "threaten", "coerce", "force")
#: log odds against a side beyond which its chance is 0 to every digit
REACH = 700.0


@dataclass(frozen=True)
class Parameters:
    """Utilities are in units of the prize; ``precision`` is the logit's lambda; strength_decay in km,
    presence_scale in persons: the presence that deters in full where no need is stated."""

    precision: Array = ratio(about="how surely the best rung is chosen")
    gain_threaten: Array = share(about="what threatening gains of what is wanted")
    gain_coerce: Array = share(about="what coercing gains of what is wanted")
    gain_force: Array = share(about="what force gains of what is wanted")
    cost_threaten: Array = share(about="cost of threatening")
    cost_coerce: Array = share(about="cost of coercing")
    cost_force: Array = share(about="cost of force")
    severity_threaten: Array = share(about="how threats are felt")
    severity_coerce: Array = share(about="how coercion is felt")
    severity_force: Array = share(about="how force is felt")
    relief: Array = share(about="how de-escalation is felt")
    concession: Array = share(about="what de-escalating costs")
    animosity: Array = signed(about="hostility as an appetite to climb")
    deterrence: Array = signed(about="guarantees of the other")
    emboldening: Array = signed(about="backing of one's own")
    local_deterrence: Array = signed(about="presence in the area")
    presence_scale: Array = persons(about="presence that deters in full where no need is stated")
    belligerence: Array = share(about="standing cost of severity")
    inconsistency: Array = share(about="cost of stepping down from last week's rung")
    elite_fear: Array = ratio(about="an insecure elite's fear of confrontation")
    cheap_talk: Array = ratio(about="an insecure elite's taste for threats")
    resources: Array = ratio(about="strained resources as a cost")
    contest_exponent: Array = ratio(about="decisiveness of strength")
    strength_decay: Array = number("km", 1, 1e5, about="distance over which strength fades")

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


def severities(p: Parameters) -> tuple[Array, Array, Array, Array, Array]:
    """Severity of each rung, 0 to 1, as others feel it; de-escalation soothes by ``relief``."""
    calm = np.zeros_like(p.relief)
    return -p.relief, calm, p.severity_threaten, p.severity_coerce, p.severity_force


def brake(burden: Array, aversion: Array, p: Parameters) -> Array:
    """Factor on the costs of climbing, 1 + R B + W: strained resources and a public averse to war."""
    return 1.0 + p.resources * burden + aversion


def utilities(now: Prospect, previous: Array, office: Array, p: Parameters) -> tuple[Array, ...]:
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


def office_fear(insecurity: Array, coalition: Array, p: Parameters) -> Array:
    """Peace through insecurity: who may lose office avoids confrontation, large coalitions the more."""
    return p.elite_fear * insecurity * coalition


def gamble(insecurity: Array, coalition: Array, p: Parameters) -> Array:
    """The resurrection variant: fear turns into its opposite once office is more likely lost than kept."""
    return p.elite_fear * insecurity * (1.0 - 2.0 * insecurity) * coalition


def probabilities(worth: tuple[Array, ...], precision: Array) -> Array:
    """Logit probabilities, shape (rung, ...): uniform at precision 0, the best rung as it grows."""
    stacked = np.stack(np.broadcast_arrays(*worth))
    odds = np.exp(precision * (stacked - stacked.max(axis=0)))
    return np.asarray(odds / np.add.accumulate(odds, axis=0)[-1])


def pick(uniform: Array, worth: tuple[Array, ...], p: Parameters) -> Rungs:
    """The rung chosen, by inversion from the lowest rung up: a worse mood never lowers it."""
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
    return rung


def severity(rung: Rungs, p: Parameters) -> Array:
    """Severity of the rungs chosen; a look-up, member by member."""
    table = p.ladder
    if table.ndim == 1:
        return table.take(rung)
    place = rung.astype(np.intp)
    place *= table.shape[1]
    place += np.arange(table.shape[1])
    return table.ravel().take(place)


def contest(advantage: Array, exponent: Array) -> Array:
    """Chance to prevail, S_i^m / (S_i^m + S_j^m), from ``advantage`` = ln S_i - ln S_j (model.md §1.1).

    No advantage gives one half whatever the exponent, and the two sides' chances sum to one.
    """
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(-exponent * advantage, REACH))))


def advantage(own: Array, other: Array, remoteness: Array) -> Array:
    """ln S_i - ln S_j at the other's place, S_i e^(-d/l): from log strengths and ``remoteness`` d / l."""
    return np.asarray(own - other - remoteness)


STATE = {
    "rung": State("directed", "0 to 4", "rung of the ladder chosen this week", 1.0, np.int8),
    "severity": State("directed", "share", "severity of that rung as the other feels it", 0.0),
    "chance": State("directed", "share", "chance of the first to prevail over the second"),
    "remoteness": State("directed", "1", "distance over that in which strength fades", lambda x, p: remoteness(x, p)),
    "usual_severity": State("directed", "share", "severity of conduct to be expected at rest"),
    "usual_odds": State("directed", "share", "chance of every rung at rest, (rung, directed pair)"),
}


def remoteness(x: Inputs, p: Parameters) -> Array:
    """Distance to the other over that in which strength fades, (directed dyad, 1 or member)."""
    return np.asarray((x.distance / p.strength_decay)[x.layout.pair])


def decide(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """All states and entities pick a rung toward each rival, before anyone moves."""
    weighed, chance = prospect(now, x, p)
    worth = utilities(weighed, now.severity, office(now, x, p), p)
    return {"rung": pick(week.uniform("rung"), worth, p), "chance": chance}


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Everybody's conduct is felt by the other side."""
    return {"severity": severity(now.rung, p)}


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Conduct to be expected at rest, so that rest is where things stay."""
    weighed, chance = prospect(now, x, p)
    worth = utilities(weighed, now.severity, office(now, x, p), p)
    odds = probabilities(worth, p.precision)
    return {"chance": chance, "usual_odds": odds, "usual_severity": mixed(odds, severities(p))}


def mixed(odds: Array, values: Sequence[Array]) -> Array:
    """Mean of the rungs' ``values`` under ``odds`` (rung, ...)."""
    total = odds[0] * values[0]
    for chance, value in zip(odds[1:], values[1:], strict=True):
        total = total + chance * value
    return np.asarray(total)


def prospect(now: Situation, x: Inputs, p: Parameters) -> tuple[Prospect, Array]:
    """What every actor weighs toward every rival on the situation of the week, and its chance to prevail."""
    rows = x.layout
    force = np.log(np.maximum(now.strength, 1e-9))
    ahead = advantage(force[rows.source], force[rows.target], now.remoteness)
    needed = np.where(x.demand > 0, x.demand, p.presence_scale)
    covered = np.minimum(now.presence / np.maximum(needed, 1.0), 1.0)
    chance = contest(ahead, p.contest_exponent)
    weighed = Prospect(
        hostility=now.hostility / SCALE,
        prize=x.stake * chance,
        guarantee=now.guarantee,
        presence=covered[rows.pair],
        backing=x.backing[rows.source],
        brake=brake(now.burden, x.war_aversion, p)[rows.source],
        insecurity=now.insecurity[rows.source],
    )
    return weighed, chance


def office(now: Situation, x: Inputs, p: Parameters) -> Array:
    """The elite's net fear of confrontation under the theory the scenario has switched on, (D, M)."""
    variant = x.theory["diversion"]
    if variant == "resurrection":
        return gamble(now.insecurity, x.coalition, p)[x.layout.source]
    fear = office_fear(now.insecurity, x.coalition, p)[x.layout.source]
    return -fear if variant == "diversion" else fear


def deterrence(option: str, p: Parameters, redraw: Callable[[str, str], Array]) -> Parameters:
    """Guarantees do not deter, or they are steps to war."""
    if option == "deters":
        return p
    return replace(p, deterrence=np.zeros(()) if option == "none" else -np.abs(p.deterrence))


CHOICE = Mechanism(
    name="choice",
    title="a rung toward each rival",
    parameters=Parameters,
    state=STATE,
    decide=decide,
    step=step,
    open=open_,
    noise={"rung": "directed"},
    who="Actor",
    reads=("armament",),
    theories={
        "deterrence": Theory(("deters", "none", "steps_to_war"), deterrence),
        "diversion": Theory(("peace_through_insecurity", "diversion", "resurrection")),
    },
    limit="uniform over the rungs at precision 0, the best rung as it grows",
)
