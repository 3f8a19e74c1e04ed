"""Alliances and pacts: commitment, actual and perceived reliability, guarantees, local balance.

Perceived reliability decays to the actual one; an announced pact is therefore feared more than it can do, and
the fear fades. Guarantees of several pacts combine as 1 - prod(1 - C r). model.md §1.3: Leeds, Long & Mitchell
(2000), Berkemeier & Fuhrmann (2018), Benson (2011), Kenwick, Vasquez & Powers (2015), Huth & Russett (1984).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.laws.hostility import fade
from detente.laws.mechanism import Changes, Mechanism, State, Week, memory, points, share
from detente.laws.rows import collected
from detente.laws.situation import Inputs, Situation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Parameters:
    """Memories in weeks; threat and formation in hostility points at full commitment; echo 0 to 1."""

    perceived_memory: Array = memory(about="belief in a pact decays to what it is worth")
    threat: Array = points(off=0.0, about="standing threat of a fully believed pact")
    formation: Array = points(off=0.0, scales="impulse", fades="formation_memory", about="threat of its announcement")
    formation_memory: Array = memory(about="news of a pact fades")
    echo: Array = share(about="answer to a pact that is overrated")


def perceive(perceived: Array, reliability: Array, answered: Array, p: Parameters) -> Array:
    """Perceived reliability a week later, 0 to 1; ``answered`` is how overrated the pact it answers is."""
    rest = np.clip(reliability + p.echo * answered, 0.0, 1.0)
    return rest + (perceived - rest) * np.exp(-1.0 / p.perceived_memory)


def join(guarantee: Array, commitment: Array, reliability: Array) -> Array:
    """Chance that somebody comes, after one more pact: 1 - (1 - G)(1 - C r)."""
    return 1.0 - (1.0 - guarantee) * (1.0 - commitment * reliability)


def threat(perceived: Array, news: Array, activity: Array, p: Parameters) -> Array:
    """Hostility points a pact adds in those who read it as directed at them: standing threat plus its news."""
    return p.threat * perceived * activity + p.formation * news


STATE = {
    "perceived": State("pacts", "share", "reliability that others believe in", lambda x, p: x.perceived),
    "news": State("pacts", "share", "freshness of the announcement", 0.0),
    "standing": State("memberships", "0 or 1", "whether the member is in the pact and it binds it", 1.0),
    "in_force": State("pacts", "0 or 1", "whether it is in force", lambda x, p: x.in_force),
    "guarantee": State("directed", "share", "chance that somebody comes to the aid of the second"),
    "pact_threat": State("directed", "points", "threat that the first reads into pacts"),
    "feared": State("directed", "share", "how far the first believes in the pacts it reads as directed at it"),
    "opening_threat": State("directed", "points", "the same at the opening"),
}


def decide(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Belief decays toward what pacts are worth, and so does the news of them."""
    answered = collected((now.perceived - x.reliability) * now.in_force, x.incidence.answering)
    perceived = perceive(now.perceived, x.reliability, answered, p)
    return {"perceived": perceived, "news": fade(now.news, p.formation_memory)}


def step(now: Situation, x: Inputs, p: Parameters, week: Week) -> Changes:
    """Guarantees and threats of the week."""
    return pacts(now, x, p)


def open_(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Guarantees and threats as they stand at the opening; threat is felt as a change from there."""
    found = pacts(now, x, p)
    return {**found, "opening_threat": found["pact_threat"]}


def pacts(now: Situation, x: Inputs, p: Parameters) -> Changes:
    """Guarantee of the target, threat felt by the source [points], how far it believes the pacts, all (D, M)."""
    covers, pact, nobody = x.incidence, x.layout.pact, np.zeros_like(now.hostility)
    believed = now.perceived * now.in_force
    aid = x.commitment[pact] * (believed[pact] * now.standing)
    feel = threat(now.perceived, now.news, x.activity, p) * now.in_force
    return {
        "guarantee": collected(aid, covers.sheltering, "join", nobody),
        "pact_threat": collected(feel, covers.addressing, start=nobody),
        "feared": collected(believed, covers.addressing, start=nobody),
    }


ALLIANCES = Mechanism(
    name="alliances",
    title="perceived reliability, guarantees, threat read into pacts",
    parameters=Parameters,
    state=STATE,
    decide=decide,
    step=step,
    open=open_,
    who="Alliance",
    limit="an announced pact's threat decays with its memories to that of its true reliability",
)
