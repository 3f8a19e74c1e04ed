"""The dynamical vector at one instant, for all members of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from detente.model.build import Given, Layout
    from detente.scenario.schema import Scenario

Array = NDArray[np.float64]


@dataclass
class Situation:
    """Arrays (entity, member). A week replaces arrays, it never edits one that an earlier phase handed out.

    Directed dyads: hostility [points], excitation and counts [events], rung [0 to 4], severity of the rung [0 to 1],
    the felt acts visit, cooperation, rhetoric, incident, grievance [goldstein]. Dyads: recent severity [goldstein per
    week], growth [1/year], substitutes and hollow [persons], vacuum [share]. Actors: lift [log], capital and supply
    [USD m], insecurity and influence [share], coercion [goldstein]. Pacts: perceived, news, in_force. Missions:
    troops, police, their goals [persons], ramp, waiting, serving [weeks]. Tracks: track [state], age [weeks].
    Bases: bases [persons].
    """

    hostility: Array
    excitation: Array
    rung: NDArray[np.int8]
    counts: Array
    visit: Array
    cooperation: Array
    rhetoric: Array
    incident: Array
    grievance: Array
    recent: Array
    growth: Array
    substitutes: Array
    hollow: Array
    troops_near: Array
    police_near: Array
    vacuum: Array
    lift: Array
    capital: Array
    supply: Array
    insecurity: Array
    influence: Array
    influence_rest: Array
    coercion: Array
    perceived: Array
    news: Array
    in_force: Array
    troops: Array
    police: Array
    troops_goal: Array
    police_goal: Array
    ramp: Array
    waiting: Array
    serving: Array
    track: NDArray[np.int8]
    age: Array
    bases: Array


def start(scenario: Scenario, rows: Layout, given: Given, opening: dict[str, Array], members: int) -> Situation:
    """The first row: everything at rest; ``opening`` holds the theatre's opening levels by field name."""

    def flat(count: int, value: float = 0.0) -> Array:
        return np.full((count, members), value)

    def wide(values: Array) -> Array:
        return np.array(np.broadcast_to(values, (values.shape[0], members)))

    d, u, a = len(rows.directed), len(rows.dyads), len(rows.actors)
    m, p = len(rows.missions), len(rows.pacts)
    acts = {name: flat(d) for name in ("visit", "cooperation", "rhetoric", "incident", "grievance")}
    clocks = {name: flat(m) for name in ("ramp", "waiting", "serving")}
    return Situation(
        hostility=wide(given.resting),
        excitation=wide(opening["excitation"]),
        rung=np.ones((d, members), dtype=np.int8),
        counts=flat(d),
        recent=wide(opening["recent"]),
        growth=wide(opening["growth"]),
        substitutes=flat(u),
        hollow=flat(u),
        troops_near=wide(opening["troops_near"]),
        police_near=wide(opening["police_near"]),
        vacuum=wide(opening["vacuum"]),
        lift=flat(a),
        capital=wide(given.capital),
        supply=flat(a),
        insecurity=wide(given.insecurity),
        influence=wide(given.openness),
        influence_rest=wide(given.openness),
        coercion=flat(a),
        perceived=wide(opening["perceived"]),
        news=flat(p),
        in_force=wide(opening["in_force"]),
        troops=wide(opening["troops"]),
        police=wide(opening["police"]),
        troops_goal=wide(opening["troops"]),
        police_goal=wide(opening["police"]),
        track=wide(opening["track"]).astype(np.int8),
        age=wide(opening["age"]),
        bases=wide(opening["bases"]),
        **acts,
        **clocks,
    )
