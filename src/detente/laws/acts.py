"""Dated acts as they are felt: they add to a stock that fades, and every stock has its effect on hostility.

    s' = s e^(-1/tau) + size,    points = a s

What an act does besides (a mission's goal, a track's state) it does at once. The calendar of the week is an input.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detente.laws.hostility import fade
from detente.laws.mechanism import Changes, Mechanism, State, Week, memory, ratio, share
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Parameters:
    """How strongly (points per goldstein) and how long (weeks) a dated act is felt."""

    visit: Array = ratio(off=0.0, scales="impulse", fades="visit_memory", about="points per goldstein of a visit")
    visit_memory: Array = memory(about="a visit is felt")
    cooperation: Array = ratio(off=0.0, scales="impulse", fades="cooperation_memory", about="points per goldstein")
    cooperation_memory: Array = memory(about="a deal is felt")
    rhetoric: Array = ratio(off=0.0, scales="impulse", fades="rhetoric_memory", about="points per goldstein")
    rhetoric_memory: Array = memory(about="words are felt")
    rhetoric_echo: Array = share(about="share of one's own words that works on oneself")
    incident: Array = ratio(off=0.0, scales="kept", fades="incident_memory", about="points per goldstein")
    incident_memory: Array = memory(about="a documented incident is felt")
    accountability: Array = ratio(
        off=0.0, scales="impulse", fades="accountability_memory", about="points per goldstein"
    )
    accountability_memory: Array = memory(about="impunity is felt")
    insecurity_memory: Array = memory(about="an elite's fear for its office fades")

    @cached_property
    def kept(self) -> dict[str, Array]:
        """What is left after a week of what is felt, and of an elite's fear; () or (member,)."""
        memories = {name: getattr(self, memory) for name, memory in FADES.items()}
        memories["insecurity"] = self.insecurity_memory
        return {name: fade(np.ones(()), memory) for name, memory in memories.items()}


#: what is felt -> the memory with which it fades
FADES = {
    "visit": "visit_memory",
    "cooperation": "cooperation_memory",
    "rhetoric": "rhetoric_memory",
    "incident": "incident_memory",
    "grievance": "accountability_memory",
}

STATE = {
    "visit": State("directed", "goldstein", "visits still felt", 0.0),
    "cooperation": State("directed", "goldstein", "deals and concessions still felt", 0.0),
    "rhetoric": State("directed", "goldstein", "hostile words still felt", 0.0),
    "incident": State("directed", "goldstein", "documented incidents still felt", 0.0),
    "grievance": State("directed", "goldstein", "impunity (or, below zero, accountability) still felt", 0.0),
    "insecurity": State("actors", "share", "the elite's fear of losing office", lambda x, p: x.insecurity),
    "coercion": State("actors", "goldstein", "outside pressure in force", 0.0),
    "delivered": State("actors", "USD m", "what arrives this week", 0.0),
    "supplied": State("actors", "USD m", "the same, signed by the supplier's orientation", 0.0),
    "recorded": State("directed", "events", "incidents of this week that are on record", 0.0),
    "recorded_severity": State("dyads", "goldstein", "severity of those", 0.0),
    "rhetoric_effect": State("directed", "points", "hostility that words add"),
    "relief_effect": State("directed", "points", "hostility that visits and deals take away"),
    "incident_effect": State("directed", "points", "hostility that documented incidents add"),
    "grievance_effect": State("directed", "points", "hostility that impunity adds"),
}


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """What was felt fades, then the week's acts add to it; levels that are set are set."""
    felt: Changes = {name: getattr(now, name) * p.kept[name] for name in FADES}
    felt["insecurity"] = x.insecurity + (now.insecurity - x.insecurity) * p.kept["insecurity"]
    felt["recorded"], felt["recorded_severity"] = np.zeros(now.recorded.shape), np.zeros(now.recorded_severity.shape)
    felt |= week.acts(now, felt, p)
    return felt | effects(felt, p)


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Nothing is felt yet."""
    return effects({name: getattr(now, name) for name in FADES}, p)


def effects(felt: Changes, p: Parameters) -> Changes:
    """Hostility points of what is felt, (directed dyad, member)."""
    return {
        "rhetoric_effect": p.rhetoric * felt["rhetoric"],
        "relief_effect": p.visit * felt["visit"] + p.cooperation * felt["cooperation"],
        "incident_effect": p.incident * felt["incident"],
        "grievance_effect": p.accountability * felt["grievance"],
    }


ACTS = Mechanism(
    name="acts",
    title="dated acts of the week take effect; earlier ones fade",
    parameters=Parameters,
    state=STATE,
    step=step,
    open=open_,
    limit="an act's effect over time sums to its size times 1 / (1 - e^(-1/tau))",
)
