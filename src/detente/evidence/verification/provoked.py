"""A scenario provoked: to what it holds is added one of everything that a law can work on.

Where a parameter moves nothing in a scenario, either the scenario has nothing for it to work on, or the parameter is
dead. Here there is something: a pair of powers beside the others, and on the first pair a mission that shrinks, a need
for it, a base under way, a track led by manipulation, pacts that answer one another, arms from suppliers that lean
both ways, hostility near force, and an act of every kind. What moves nothing even here is dead.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

#: weeks that it lasts at least
LONG = 104
#: keys of what is added; a scenario file cannot hold a name with a blank
WEST, EAST, THING = "a power", "another power", "added"


def provoked(scenario: Scenario) -> Scenario:
    """The scenario with something for every law, long enough for the slow ones to show."""
    pair, dyad = next(iter(scenario.dyads.items()))
    tree = scenario.model_dump()
    tree["calendar"]["end"] = max(scenario.calendar.end, scenario.calendar.start + timedelta(days=7 * LONG))
    _actors(tree, *dyad.between)
    _pair(tree["dyads"][pair], *dyad.between)
    tree["dyads"][THING] = {"between": (WEST, EAST)}
    _pair(tree["dyads"][THING], WEST, EAST, needed=0.0)
    _holdings(tree, pair, *dyad.between, scenario.calendar.start)
    _acts(tree, *dyad.between, scenario.calendar.start)
    tree["parameters"]["switches"] |= {"mission": "saturating", "reaction": "drawn"}
    return type(scenario).model_validate(tree)


def _of(value: float, unit: str) -> dict[str, Any]:
    return Quantity(value=value, unit=unit).model_dump()


def _share(value: float) -> dict[str, Any]:
    return _of(value, "share")


def _actors(tree: dict[str, Any], one: str, other: str) -> None:
    """Two powers that back, influence and supply; means and insecure elites for the pair."""
    for name, lean, friend in ((WEST, -1.0, other), (EAST, 1.0, one)):
        ties = {"backing": {friend: _share(0.5)}, "influence": {friend: _share(0.5)}}
        tree["actors"][name] = {"kind": "power", "label": name, "orientation": _share(lean), **ties}
    for name, supplier in ((one, EAST), (other, WEST)):
        means = {"spending": 900.0, "gdp": 30_000.0, "capital": 3000.0}
        tree["actors"][name] |= {field: _of(value, "USD m") for field, value in means.items()}
        tree["actors"][name] |= {
            "insecurity": _share(0.6),
            "coalition": _share(0.7),
            "dependence": {supplier: _share(0.8)},
        }
        tree["actors"][name]["personnel"] = _of(20_000.0, "persons")
    tree["actors"][one]["build_up"] = _of(0.2, "1/year")


def _pair(dyad: dict[str, Any], one: str, other: str, needed: float = 5000.0) -> None:
    """Far apart, at odds, near force; ``needed`` presence in persons."""
    dyad["distance"], dyad["demand"] = _of(300.0, "km"), _of(needed, "persons")
    dyad["stake"] = {name: _share(1.0) for name in (one, other)}
    dyad["resting_hostility"] = {one: _of(8.0, "points"), other: _of(0.5, "points")}
    dyad["incident_rate"] = {name: _of(0.3, "events/week") for name in (one, other)}


def _holdings(tree: dict[str, Any], pair: str, one: str, other: str, start: date) -> None:
    """A mission, a base, a track, two pacts, two programmes."""
    soon, later = start + timedelta(days=14), start + timedelta(days=140)
    kept = {"troops": 4000.0, "police": 400.0, "reserve": 800.0}
    tree["missions"][THING] = {
        "label": THING,
        "dyads": [pair, THING],
        **{field: _of(value, "persons") for field, value in kept.items()},
        "trigger": _of(0.5, "goldstein"),
    }
    tree["bases"][THING] = {
        "label": THING, "host": one, "operator": EAST, "dyads": [pair], "works_from": soon, "open": later,
        "personnel": _of(300.0, "persons"), "capacity": _of(4000.0, "persons"), "investment": _of(50.0, "EUR m"),
    }  # fmt: skip
    tree["dialogues"][THING] = {
        "label": THING, "dyads": [pair], "parties": [one, other], "mediators": [WEST], "start": "active",
        "style": "manipulation", "flexibility": {one: _share(0.7), other: _share(0.7)}, "leverage": _share(0.9),
    }  # fmt: skip
    settled = {**tree["dialogues"][THING], "dyads": [THING], "parties": [WEST, EAST], "start": "agreement"}
    tree["dialogues"][f"{THING} order"] = {**settled, "flexibility": {WEST: _share(0.7), EAST: _share(0.7)}}
    belief = {"commitment": _share(1.0), "reliability": _share(0.3), "perceived": _share(0.9)}
    shield = {"label": THING, "members": [other, WEST], "against": [one], **belief}
    tree["pacts"] |= {f"{THING} first": shield, THING: {**shield, "members": [one, EAST], "against": [other]}}
    tree["pacts"][THING]["answers"] = [f"{THING} first"]
    for name, actor, supplier in (("first", one, EAST), ("second", other, WEST)):
        window = {"first_delivery": soon, "last_delivery": later, "value": _of(2000.0, "USD m")}
        tree["programmes"][f"{THING} {name}"] = {"label": name, "actor": actor, "supplier": supplier, **window}


def _acts(tree: dict[str, Any], one: str, other: str, start: date) -> None:
    """An act of every kind that a parameter tells the size or the memory of, in the first weeks."""
    towards, size = {"by": [one], "to": [other]}, {"size": _of(6.0, "goldstein")}
    kinds: dict[str, dict[str, Any]] = {
        "visit": {"by": [WEST], "to": [one], **size},
        "cooperation": {**towards, **size},
        "rhetoric": {**towards, **size},
        "incident": {**towards, **size},
        "accountability": {"by": one, "to": other, "delivered": False, **size},
        "sanction": {"by": [WEST], "on": one, **size},
        "election": {"actor": one, "size": _share(0.3)},
        "mission": {"mission": THING, "troops": _of(500.0, "persons"), "police": _of(50.0, "persons")},
        "pact": {"pact": THING},
        "influence": {"power": EAST, "on": one, "change": _share(0.2)},
    }
    for week, (kind, fields) in enumerate(kinds.items(), start=1):
        day = start + timedelta(days=7 * week)
        tree["acts"][f"{THING} {kind}"] = {"kind": kind, "date": day, "title": kind, **fields}
