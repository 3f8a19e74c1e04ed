"""A scenario under stress: to what it holds is added one of everything that a law can work on.

Where a parameter moves nothing in a scenario, either the scenario has nothing for it to work on, or the parameter is
dead. Here there is something: a pair of powers beside the others, and on the first pair a mission that shrinks, a need
for it, a base under way, a track led by manipulation, pacts that answer one another, arms from suppliers that lean
both ways, hostility near force, and acts of every kind, of which one is a war that goes on between the powers while the
first pair's ends. What moves nothing even here is dead.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from detente.scenario.schema import Scenario

#: weeks that it lasts at least
LONG = 104
#: keys of what is added; a scenario file cannot hold a name with a blank
WEST, EAST, THING = "a power", "another power", "added"
Tree = dict[str, Any]


def stress_scenario(scenario: Scenario) -> Scenario:
    """The scenario with something for every law, long enough for the slow ones to show."""
    (pair, dyad), start = next(iter(scenario.dyads.items())), scenario.calendar.start
    one, other = dyad.between
    tree = scenario.model_dump()
    tree["calendar"]["end"] = max(scenario.calendar.end, start + timedelta(days=7 * LONG))
    for name, lean, friend in ((WEST, -1.0, other), (EAST, 1.0, one)):
        ties = {"backing": {friend: 0.5}, "influence": {friend: 0.5}}
        tree["actors"][name] = {"kind": "power", "label": name, "orientation": lean, **ties}
    for name, supplier in ((one, EAST), (other, WEST)):
        tree["actors"][name] |= {"spending": 900.0, "gdp": 30_000.0, "capital": 3000.0, "personnel": 20_000.0}
        tree["actors"][name] |= {"insecurity": 0.6, "coalition": 0.7, "dependence": {supplier: 0.8}}
    tree["actors"][one]["build_up"] = 0.2
    tree["dyads"][pair] |= _at_odds(one, other, needed=5000.0)
    tree["dyads"][THING] = {"between": (WEST, EAST), **_at_odds(WEST, EAST, needed=0.0)}
    for section, records in _holdings(pair, one, other, start).items():
        tree[section] |= records
    for week, (kind, fields) in enumerate(_acts(pair, one, other).items(), start=1):
        day = start + timedelta(days=7 * week)
        tree["acts"][f"{THING} {kind}"] = {"kind": kind, "date": day, "title": kind, **fields}
    tree["parameters"]["switches"] |= {"mission": "logarithmic", "reaction": "drawn", "regimes": "on"}
    return type(scenario).model_validate(tree)


def _at_odds(one: str, other: str, needed: float) -> Tree:
    """A pair far apart, at odds, near force; ``needed`` presence in persons."""
    ways = {"resting_hostility": {one: 8.0, other: 0.5}, "incident_rate": {one: 0.3, other: 0.3}}
    return {"distance": 300.0, "demand": needed, "stake": {one: 1.0, other: 1.0}, **ways}


def _holdings(pair: str, one: str, other: str, start: date) -> dict[str, Tree]:
    """A mission, a base, a track and an order, two pacts, two programmes."""
    soon, later = start + timedelta(days=14), start + timedelta(days=140)
    mission = {"dyads": [pair, THING], "troops": 4000.0, "police": 400.0, "reserve": 800.0, "trigger": 0.5}
    base = {"host": one, "operator": EAST, "dyads": [pair], "works_from": soon, "open": later, "personnel": 300.0}
    led = {"label": THING, "mediators": [WEST], "style": "manipulation", "leverage": 0.9}
    talks = {"dyads": [pair], "parties": [one, other], "start": "active", "flexibility": {one: 0.7, other: 0.7}}
    order = {"dyads": [THING], "parties": [WEST, EAST], "start": "agreement", "flexibility": {WEST: 0.7, EAST: 0.7}}
    belief = {"label": THING, "commitment": 1.0, "reliability": 0.3, "perceived": 0.9}
    answer = {"members": [one, EAST], "against": [other], "answers": [f"{THING} first"], **belief}
    window = {"first_delivery": soon, "last_delivery": later, "value": 2000.0}
    bought = (("first", one, EAST), ("second", other, WEST))
    return {
        "missions": {THING: {"label": THING, **mission}},
        "bases": {THING: {"label": THING, **base, "capacity": 4000.0, "investment": {"value": 50.0, "unit": "EUR m"}}},
        "dialogues": {THING: {**led, **talks}, f"{THING} order": {**led, **order}},
        "pacts": {f"{THING} first": {"members": [other, WEST], "against": [one], **belief}, THING: answer},
        "programmes": {f"{THING} {n}": {"label": n, "actor": a, "supplier": s, **window} for n, a, s in bought},
    }


def _acts(pair: str, one: str, other: str) -> dict[str, Tree]:
    """An act of every kind that a parameter tells the size or the memory of, one a week."""
    towards = {"by": [one], "to": [other], "size": 6.0}
    return {
        "visit": {"by": [WEST], "to": [one], "size": 6.0},
        "cooperation": towards,
        "rhetoric": towards,
        "incident": towards,
        "accountability": {"by": one, "to": other, "delivered": False, "size": 6.0},
        "sanction": {"by": [WEST], "on": one, "size": 6.0},
        "election": {"actor": one, "size": 0.3},
        "mission": {"mission": THING, "troops": 500.0, "police": 50.0},
        "pact": {"pact": THING},
        "influence": {"power": EAST, "on": one, "change": 0.2},
        "membership": {"pact": THING, "member": one, "standing": "frozen"},
        "need": {"pair": pair, "personnel": 9000.0},
        "crisis": {"pairs": [pair]},
        "settlement": {"pairs": [pair], "track": THING},
        "war": {"pairs": [pair, THING]},
        "ceasefire": {"pairs": [pair]},
    }
