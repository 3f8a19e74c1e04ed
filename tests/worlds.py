"""Small theatres for tests: a pair of actors, and a village in which everything there is happens."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML

from detente.scenario.schema import Scenario

LAWS = Path(__file__).resolve().parent.parent / "scenarios" / "theatres" / "laws.yaml"
START = date(2024, 1, 1)
LEVELS = {
    "calm": {"label": "Calm", "edge": 0},
    "watch": {"label": "Watch", "edge": 25},
    "crisis": {"label": "Crisis", "edge": 50, "crisis": True},
}

Tree = dict[str, Any]


@cache
def _laws() -> Tree:
    return dict(YAML(typ="safe").load(LAWS.read_text(encoding="utf-8"))["parameters"])


def parameters(certain: bool = True) -> Tree:
    """The shipped parameters of the laws; ``certain`` leaves every one at its central value."""
    tree: Tree = copy.deepcopy(_laws())
    for record in _quantities(tree):
        for key in ("source", "note", *(("spread", "spike") if certain else ())):
            record.pop(key, None)
    return tree


def _quantities(tree: Tree) -> Iterator[Tree]:
    for entry in tree.values():
        if isinstance(entry, dict):
            yield from [entry] if "value" in entry else _quantities(entry)


def day(week: int) -> date:
    """A day within ``week``; week 1 is the first step."""
    return START + timedelta(days=7 * (week - 1) + 2)


def actor(kind: str = "state", **fields: Any) -> Tree:
    """An actor of a middling size."""
    usual: Tree = {"label": kind.title(), "spending": 500, "gdp": 30000, "personnel": 8000, "capital": 1500}
    return {"kind": kind, **usual, "readiness": 0.6, "insecurity": 0.3, **fields}


def dyad(a: str, b: str, **fields: Any) -> Tree:
    """A pair whose sides differ a little."""
    usual: Tree = {"between": [a, b], "distance": 150, "stake": {a: 0.6, b: 0.4}}
    return {**usual, "resting_hostility": {a: 3.0, b: 2.5}, "incident_rate": {a: 0.1, b: 0.08}, **fields}


def pair_tree(weeks: int = 60, certain: bool = True) -> Tree:
    """Two states, one dyad, nothing else."""
    return {
        "title": "A pair",
        "theatre": "Nowhere",
        "calendar": {"start": START, "end": START + timedelta(weeks=weeks), "documented_until": START},
        "actors": {
            "A": actor(label="A", alignment=0.5),
            "B": actor(label="B", alignment=-0.5, spending=400, capital=900),
        },
        "dyads": {"A-B": dyad("A", "B")},
        "levels": LEVELS,
        "parameters": parameters(certain),
    }


def village_tree(weeks: int = 60, certain: bool = False) -> Tree:
    """Three states, an entity and a power; pacts, a mission, tracks, a programme, bases; drawn parameters."""
    tree = pair_tree(weeks, certain)
    tree["title"] = "A village"
    wide = {"value": 2.0, "low": 1.0, "high": 3.0, "spread": "triangular"}
    rare = {"value": 0.1, "low": 0.03, "high": 0.3, "spread": "lognormal"}
    tree["actors"] |= {
        "C": actor(label="C", alignment=0.1, build_up=0.05, dependence={"P": 0.4}),
        "E": actor("entity", spending=0, gdp=0, capital=0, personnel=3000, coalition=0.3),
        "P": actor("power", orientation=0.7, backing={"B": 0.4}, influence={"B": 0.3, "C": 0.2}),
    }
    tree["dyads"]["A-B"] |= {"demand": 4000, "weight": 2}
    tree["dyads"] |= {
        "B-C": dyad("B", "C", resting_hostility={"B": wide, "C": 1.5}),
        "A-C": dyad("A", "C", incident_rate={"A": rare, "C": 0.05}),
        "A-E": dyad("A", "E", demand=1000),
    }
    tree["pacts"] = {
        "shield": pact(["A", "P"], against=["B"], in_force=date(2010, 1, 1), commitment=0.9),
        "answer": pact(["B", "C"], against=["A"], answers=["shield"], commitment=0.3),
    }
    tree["missions"] = {
        "watch": mission(["A-B"], contributors={"P": 500}),
        "post": mission(["A-E"], troops=700, reserve=200, trigger=2),
    }
    tree["dialogues"] = {
        "talks": track(["A-B"], ["A", "B"]),
        "order": track(["A-E"], ["A", "E"], start="agreement", style="manipulation"),
    }
    tree["programmes"] = {
        "jets": {"label": "Jets", "actor": "B", "supplier": "P", "value": {"value": 300, "unit": "EUR m"}}
        | {"first_delivery": day(10), "last_delivery": day(30)}
    }
    tree["bases"] = {
        "fort": {"label": "Fort", "host": "A", "operator": "P", "personnel": 600},
        "port": {"label": "Port", "host": "C", "operator": "C", "capacity": 900, "investment": 50, "dyads": ["B-C"]}
        | {"works_from": day(5), "open": day(40)},
    }
    return tree


def pact(members: list[str], **fields: Any) -> Tree:
    """A pact that is believed more than it is worth."""
    return {"label": "Pact", "members": members, "commitment": 0.5, "reliability": 0.4, "perceived": 0.8, **fields}


def mission(dyads: list[str], **fields: Any) -> Tree:
    """A mission with a reserve."""
    usual: Tree = {"label": "Mission", "dyads": dyads, "troops": 2500, "police": 200, "reserve": 1000}
    return {**usual, "trigger": 4, "call_up_lag": 3, "stay": 8, "wind_down": 10, "coordination": 0.9, **fields}


def track(dyads: list[str], parties: list[str], **fields: Any) -> Tree:
    """A track whose parties bend a little."""
    flexible = dict.fromkeys(parties, 0.5)
    return {"label": "Talks", "dyads": dyads, "parties": parties, "flexibility": flexible, "leverage": 0.6, **fields}


#: one act of every kind that works on the village, by name; ``date`` is added
ACTS: dict[str, Tree] = {
    "visit": {"kind": "visit", "by": ["P"], "to": ["B"], "size": 3},
    "cooperation": {"kind": "cooperation", "by": ["A"], "to": ["B"], "size": 5},
    "rhetoric": {"kind": "rhetoric", "by": ["A"], "to": ["B"], "size": 4, "lasting": 3},
    "incident": {"kind": "incident", "by": ["B"], "to": ["A"], "size": 8},
    "breach": {"kind": "breach", "by": ["E"], "track": "order", "size": 6},
    "pact": {"kind": "pact", "pact": "answer"},
    "delivery": {"kind": "delivery", "to": "C", "supplier": "P", "value": 200},
    "mission": {"kind": "mission", "mission": "watch", "troops": 500, "police": 50, "over": 6},
    "contingent": {"kind": "mission", "mission": "watch", "without": ["P"], "over": 3},
    "mandate": {"kind": "mandate", "mission": "post", "chance": 0},
    "election": {"kind": "election", "actor": "A", "size": 0.3},
    "unrest": {"kind": "unrest", "actor": "C", "size": 0.2},
    "sanction": {"kind": "sanction", "by": ["P"], "on": "A", "size": 6},
    "accountability": {"kind": "accountability", "by": "B", "to": "A", "delivered": False, "size": 5},
    "dialogue": {"kind": "dialogue", "track": "talks", "state": "stalled"},
    "influence": {"kind": "influence", "power": "P", "on": "B", "change": 0.2},
    "base": {"kind": "base", "base": "fort", "personnel": 100},
    "membership": {"kind": "membership", "pact": "shield", "member": "A", "standing": "frozen"},
    "need": {"kind": "need", "pair": "B-C", "personnel": 3000},
    "crisis": {"kind": "crisis", "pairs": ["A-C"]},
    "war": {"kind": "war", "pairs": ["A-E"]},
    "ceasefire": {"kind": "ceasefire", "pairs": ["A-E"]},
    "settlement": {"kind": "settlement", "pairs": ["A-E"], "track": "order"},
}


def act(name: str, week: int, **fields: Any) -> Tree:
    """The act ``name`` of ACTS in ``week``."""
    return {"date": day(week), "title": name.title(), **ACTS[name], **fields}


def scenario(tree: Tree, changes: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario in ``tree`` with ``changes`` at dotted paths; the file format's own merging is not needed here."""
    changed = copy.deepcopy(tree)
    for path, value in (changes or {}).items():
        *above, last = path.split(".")
        place = changed
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return Scenario.model_validate(changed)


def pair(changes: Mapping[str, Any] | None = None, *, weeks: int = 60, certain: bool = True) -> Scenario:
    """Two states, by default with every parameter at its central value."""
    return scenario(pair_tree(weeks, certain), changes)


def village(changes: Mapping[str, Any] | None = None, *, weeks: int = 60, certain: bool = False) -> Scenario:
    """A theatre in which everything there is happens; without acts."""
    return scenario(village_tree(weeks, certain), changes)


def eventful(changes: Mapping[str, Any] | None = None, *, weeks: int = 60, certain: bool = False) -> Scenario:
    """The village with one act of every kind, spread over the first forty weeks."""
    acts = {name: act(name, 2 + (2 * n) % 40) for n, name in enumerate(ACTS)}
    acts["visit"]["chance"] = 0.5
    acts["mandate"]["chance"] = 0.5
    return scenario(village_tree(weeks, certain) | {"acts": acts}, changes)


def quiet(**more: Any) -> Tree:
    """Changes that leave no chance in a world: nothing shakes hostility or spending, nothing happens by itself."""
    still: Tree = {"parameters.hostility.volatility": 0, "parameters.armament.volatility": 0}
    still |= {"parameters.dialogue.stall": 0, "parameters.dialogue.resume": 0}
    return still | {"parameters.dialogue.settle": 0, "parameters.dialogue.lapse": 0, **more}


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    """Finite numbers in [low, high]; subnormal ones stand for nothing in a scenario."""
    return st.floats(low, high, allow_nan=False, allow_infinity=False, allow_subnormal=False)


@st.composite
def theatres(draw: st.DrawFn) -> Scenario:
    """Pairs and villages with hostility, incident rates and parameters from the whole of their ranges."""
    tree = draw(st.sampled_from([pair_tree, village_tree]))(weeks=12, certain=draw(st.booleans()))
    changes: Tree = {
        "parameters.hostility.inertia": draw(floats(0.0, 0.9)),
        "parameters.hostility.reciprocity": draw(floats(-0.05, 0.05)),
        "parameters.incidents.branching": draw(floats(0.0, 0.8)),
        "parameters.incidents.sensitivity": draw(floats(0.0, 0.3)),
        "parameters.choice.precision": draw(floats(0.0, 50.0)),
        "parameters.index.exponent": draw(st.sampled_from([1, 2, 3, 2.5])),
        "dyads.A-B.resting_hostility": {"A": draw(floats(0, 10)), "B": draw(floats(0, 10))},
        "dyads.A-B.incident_rate": {"A": draw(floats(0, 1)), "B": draw(floats(0, 1))},
    }
    return scenario(tree, changes)
