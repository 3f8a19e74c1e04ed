"""Choice on the escalation ladder: whether to use force, otherwise which rung; logit over the worth of each.

Rungs: 0 de-escalate, 1 hold, 2 threaten, 3 coerce short of force, 4 use force. Holding is worth 0, de-escalating
costs a concession that hurts the more, the greater the animosity; for k = 2 and 3, in log odds against holding,

    W_k = lambda [g_k (A h + V p) - c_k - step down] - s_k (K + l P + b) - [k = 3] s_3 F,   K = d G - v U + R B + w W

A h animosity, V p stake times chance to prevail, s_k severity; the brakes: G guarantee of the other, U own backing,
B strained resources, W the public's aversion to war, F the elite's fear for its office, P local presence.

Force is weighed first (a nested logit), and only where the pair is tense; in an armed pair everybody uses it. Its
log odds in a week are

    ln(eta12 / 2 per week) + a (V p - 1/2) + c (h - level) - K - F

so that eta12 is the yearly hazard of war of an even tense pair with all at stake and without any brake, and the log
of that hazard answers each brake by its published size. Presence acts on how crises begin (regimes.py), not again
here. model.md §1.9-1.11: McKelvey & Palfrey (1995), McFadden (1978), Huth & Russett (1984), Benson (2011), Chiozza &
Goemans (2003), Tomz (2007), Kertzer & Brutger (2016).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.laws.armament import YEAR
from detente.laws.hostility import SCALE
from detente.laws.mechanism import (
    Changes,
    Mechanism,
    State,
    Theory,
    Week,
    number,
    per_year,
    persons,
    ratio,
    share,
    signed,
)
from detente.laws.rows import array, looked_up, where_few
from detente.laws.situation import ARMED, TENSE, Inputs, Situation

Array = NDArray[np.float64]
Rungs = NDArray[np.int8]

RUNGS = ("de-escalate", "hold", "threaten", "coerce", "force")
#: log odds against a side beyond which its chance is 0 to every digit
REACH = 700.0
#: most that mood, prize and backing add to the log odds of force
FEVER = 8.0
#: chance to prevail of either side of an even pair
EVEN = 0.5
#: the rung of coercion short of force, and that of force
COERCE, FORCE = 3, 4


@dataclass(frozen=True)
class Parameters:
    """Gains, costs and animosity are in units of the prize, ``precision`` is the logit's lambda; brakes in log odds at
    full severity; strength_decay in km, presence_scale in persons: the presence that deters in full where no need is
    stated; ``outbreak`` per year."""

    precision: Array = ratio(about="how surely the best rung is chosen")
    gain_threaten: Array = share(about="what threatening gains of what is wanted")
    gain_coerce: Array = share(about="what coercing gains of what is wanted")
    cost_threaten: Array = share(about="cost of threatening")
    cost_coerce: Array = share(about="cost of coercing")
    severity_threaten: Array = share(about="how threats are felt")
    severity_coerce: Array = share(about="how coercion is felt")
    severity_force: Array = share(about="how force is felt")
    relief: Array = share(about="how de-escalation is felt")
    concession: Array = share(about="what de-escalating costs")
    animosity: Array = signed(about="hostility as an appetite to climb")
    deterrence: Array = signed(brake="guarantees", about="guarantees of the other, as a brake")
    emboldening: Array = signed(about="backing of one's own, against the brakes")
    local_deterrence: Array = signed(about="presence in the area, as a brake short of force")
    presence_scale: Array = persons(about="presence that deters in full where no need is stated")
    belligerence: Array = ratio(about="standing brake on severity short of force")
    inconsistency: Array = share(about="cost of stepping down from last week's rung")
    elite_fear: Array = ratio(brake="elites' fear", about="an insecure elite's fear of confrontation, as a brake")
    cheap_talk: Array = ratio(about="an insecure elite's taste for threats")
    resources: Array = ratio(brake="strained resources", about="strained resources, as a brake")
    aversion: Array = ratio(brake="public aversion", about="a public averse to war, as a brake")
    outbreak: Array = per_year(
        off=0.0, scales="multiplied", about="hazard of war of an even tense pair without any brake"
    )
    force_prize: Array = signed(about="of the log odds of force: stake times chance to prevail")
    force_hostility: Array = signed(about="of the log odds of force, per point above the level")
    preponderance: Array = ratio(about="of the log odds of force: imbalance, where a rival theory has it")
    contest_exponent: Array = ratio(about="decisiveness of strength")
    strength_decay: Array = number("km", 1, 1e5, about="distance over which strength fades")

    @cached_property
    def ladder(self) -> Array:
        """Severities of the five rungs, (rung,) or (rung, member)."""
        return np.stack(np.broadcast_arrays(*severities(self)))


class Prospect(NamedTuple):
    """What an actor weighs toward one rival; each (directed dyad, member) or broadcastable to it.

    ``hostility`` as a share of its scale, the rest 0 to 1: ``prize`` stake times chance to prevail, ``presence`` in the
    area, ``insecurity`` of its elite in office; ``brakes`` in log odds (see :func:`brakes`). Hostility has the full
    shape.
    """

    hostility: Array
    prize: Array
    presence: Array
    insecurity: Array
    brakes: Array


def severities(p: Parameters) -> tuple[Array, Array, Array, Array, Array]:
    """Severity of each rung, 0 to 1, as others feel it; de-escalation soothes by ``relief``."""
    calm = np.zeros_like(p.relief)
    return -p.relief, calm, p.severity_threaten, p.severity_coerce, p.severity_force


def brakes(guarantee: Array, backing: Array, burden: Array, averse: Array, p: Parameters) -> Array:
    """K = d G - v U + R B + w W, log odds: what holds back at full severity, whatever the rung."""
    return array(p.deterrence * guarantee - p.emboldening * backing + p.resources * burden + p.aversion * averse)


def utilities(now: Prospect, previous: Array, office: Array, p: Parameters) -> tuple[Array, ...]:
    """Log odds of the four rungs short of force against holding. ``previous`` is the severity of last week's rung,
    ``office`` the elite's net fear of losing power through confrontation (see :func:`office_fear`)."""
    anger = p.animosity * now.hostility
    appetite = anger + now.prize
    shield = now.brakes + p.local_deterrence * now.presence
    shield += p.belligerence
    step_down = p.inconsistency * np.maximum(previous, 0.0)

    def climb(gain: Array, cost: Array, severity: Array, shield: Array) -> Array:
        worth = gain * appetite
        worth -= cost
        worth -= p.inconsistency * np.maximum(previous - severity, 0.0)
        worth *= p.precision
        worth -= severity * shield
        return worth

    conceding = anger + p.concession
    conceding += step_down
    conceding *= -p.precision
    threaten = climb(p.gain_threaten, p.cost_threaten, p.severity_threaten, shield)
    threaten += p.cheap_talk * now.insecurity
    coerce = climb(p.gain_coerce, p.cost_coerce, p.severity_coerce, shield + office)
    return conceding, -p.precision * step_down, threaten, coerce


def force_chance(even: Array, excess: Array, held: Array, p: Parameters) -> Array:
    """Chance that one side of a tense pair chooses force within a week, (directed dyad, member). ``even`` is what the
    contest adds to the log odds, ``excess`` hostility above its level [points], ``held`` all brakes [log odds]."""
    return _chosen(even, excess, held, p.force_hostility, p.outbreak)


def _chosen(even: Array, excess: Array, held: Array, mood: Array, outbreak: Array) -> Array:
    log = np.clip(even + mood * excess - held, -REACH, FEVER)
    odds = 0.5 * outbreak / YEAR * np.exp(log)
    return array(odds / (1.0 + odds))


def office_fear(insecurity: Array, coalition: Array, p: Parameters) -> Array:
    """Peace through insecurity: who may lose office avoids confrontation, large coalitions the more."""
    return p.elite_fear * insecurity * coalition


def gamble(insecurity: Array, coalition: Array, p: Parameters) -> Array:
    """The resurrection variant: fear turns into its opposite once office is more likely lost than kept."""
    return p.elite_fear * insecurity * (1.0 - 2.0 * insecurity) * coalition


def probabilities(worth: tuple[Array, ...]) -> Array:
    """Logit probabilities, shape (rung, ...), of log odds ``worth``."""
    stacked = np.stack(np.broadcast_arrays(*worth))
    odds = np.exp(stacked - stacked.max(axis=0))
    return array(odds / np.add.accumulate(odds, axis=0)[-1])


def pick(uniform: Array, worth: tuple[Array, ...], force: Array) -> Rungs:
    """The rung chosen, by inversion from the lowest rung up: a worse mood never lowers it. ``force`` is the chance of
    the highest rung, ``worth`` the log odds of the others."""
    best = np.maximum(worth[0], worth[1])
    for other in worth[2:]:
        best = np.maximum(best, other)
    upto: list[Array] = []
    for u in worth:
        odds = u - best
        np.exp(odds, out=odds)
        if upto:
            odds += upto[-1]
        upto.append(odds)
    mark = uniform * upto[-1]
    mark /= 1.0 - force
    rung = np.zeros_like(mark, dtype=np.int8)
    for threshold in upto:
        rung += mark > threshold
    return rung


def severity(rung: Rungs, p: Parameters) -> Array:
    """Severity of the rungs chosen; a look-up, member by member."""
    return looked_up(rung, p.ladder)


def contest(advantage: Array, exponent: Array) -> Array:
    """Chance to prevail, S_i^m / (S_i^m + S_j^m), from ``advantage`` = ln S_i - ln S_j (model.md §1.1).

    No advantage gives one half whatever the exponent, and the two sides' chances sum to one.
    """
    return array(1.0 / (1.0 + np.exp(np.minimum(-exponent * advantage, REACH))))


def advantage(own: Array, other: Array, remoteness: Array) -> Array:
    """ln S_i - ln S_j at the other's place, S_i e^(-d/l): from log strengths and ``remoteness`` d / l."""
    return array(own - other - remoteness)


STATE = {
    "rung": State("directed", "0 to 4", "rung of the ladder chosen this week", 1.0, np.int8),
    "severity": State("directed", "share", "severity of that rung as the other feels it", 0.0),
    "chance": State("directed", "share", "chance of the first to prevail over the second"),
    "outbreak": State("dyads", "share", "chance that a side of a tense pair chooses force this week", 0.0),
    "remoteness": State("directed", "1", "distance over that in which strength fades", lambda x, p: remoteness(x, p)),
    "usual_severity": State("directed", "share", "severity of conduct to be expected at rest"),
    "usual_odds": State("directed", "share", "chance of every rung short of force at rest, (rung, directed pair)"),
}


def remoteness(x: Inputs, p: Parameters) -> Array:
    """Distance to the other over that in which strength fades, (directed dyad, 1 or member)."""
    return array((x.distance / p.strength_decay)[x.layout.pair])


def decide(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """All states and entities pick a rung toward each rival, before anyone moves."""
    rows, regime = x.layout, now.regime[x.layout.pair]
    weighed, chance = prospect(now, x, p)
    fear = office(now, x, p)
    even, excess, held = balance(weighed.prize, chance, x, p), now.hostility - now.level, weighed.brakes + fear
    force = where_few(regime == TENSE, _chosen, even, excess, held, p.force_hostility, p.outbreak, otherwise=0.0)
    rung = pick(week.uniform("rung"), utilities(weighed, now.severity, fear, p), force)
    either = where_few(now.regime == TENSE, _either, force[rows.forth], force[rows.back], otherwise=0.0)
    return {"rung": np.where(regime == ARMED, np.int8(FORCE), rung), "chance": chance, "outbreak": either}


def _either(one: Array, other: Array) -> Array:
    return 1.0 - (1.0 - one) * (1.0 - other)


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Everybody's conduct is felt by the other side."""
    return {"severity": severity(now.rung, p)}


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Conduct short of force to be expected at rest, so that rest is where things stay."""
    weighed, chance = prospect(now, x, p)
    odds = probabilities(utilities(weighed, now.severity, office(now, x, p), p))
    return {"chance": chance, "usual_odds": odds, "usual_severity": mixed(odds, severities(p)[:FORCE])}


def mixed(odds: Array, values: Sequence[Array]) -> Array:
    """Mean of the rungs' ``values`` under ``odds`` (rung, ...)."""
    total = odds[0] * values[0]
    for chance, value in zip(odds[1:], values[1:], strict=True):
        total = total + chance * value
    return array(total)


def prospect(now: Situation, x: Inputs, p: Parameters) -> tuple[Prospect, Array]:
    """What every actor weighs toward every rival on the situation of the week, and its chance to prevail."""
    rows = x.layout
    force = np.log(np.maximum(now.strength, 1e-9))
    ahead = advantage(force[rows.source], force[rows.target], now.remoteness)
    needed = np.where(now.demand > 0, now.demand, p.presence_scale)
    covered = np.minimum(now.presence / np.maximum(needed, 1.0), 1.0)
    chance = contest(ahead, p.contest_exponent)
    held = brakes(now.guarantee, x.backing[rows.source], now.burden[rows.source], x.war_aversion[rows.source], p)
    weighed = Prospect(
        hostility=now.hostility / SCALE,
        prize=x.stake * chance,
        presence=covered[rows.pair],
        insecurity=now.insecurity[rows.source],
        brakes=held,
    )
    return weighed, chance


def office(now: Situation, x: Inputs, p: Parameters) -> Array:
    """The elite's net fear of confrontation under the theory the scenario has switched on, (D, M)."""
    variant = x.theory["diversion"]
    if variant == "resurrection":
        return gamble(now.insecurity, x.coalition, p)[x.layout.source]
    fear = office_fear(now.insecurity, x.coalition, p)[x.layout.source]
    return -fear if variant == "diversion" else fear


def balance(prize: Array, chance: Array, x: Inputs, p: Parameters) -> Array:
    """What the balance of strength adds to the log odds of force under the theory switched on, (D, M): each side's own
    prospect, or the same for both, less the more uneven (preponderance pacifies) or the more even (parity does)."""
    if x.theory["balance"] == "prospect":
        return array(p.force_prize * (prize - EVEN))
    uneven = np.abs(2.0 * chance - 1.0)
    return array(-p.preponderance * (uneven if x.theory["balance"] == "preponderance" else 1.0 - uneven))


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
        "balance": Theory(("prospect", "preponderance", "parity")),
    },
    limit="uniform over the rungs short of force at precision 0 without brakes, the best of them as it grows",
)
