"""Theatres of any size for the benchmark: a ring of states, each with a dyad to the next few on either side."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from detente.scenario.load import load
from detente.scenario.schema import Scenario

START = date(2024, 1, 1)


def ring(actors: int, weeks: int, reach: int = 2) -> Scenario:
    """A theatre of ``actors`` states with the shipped laws, each with dyads to the next ``reach`` on either side: four
    directed dyads each from five states on, with half of ``actors`` everybody with everybody."""
    names = [f"S{n}" for n in range(actors)]
    pairs = {frozenset((n, (n + step) % actors)) for n in range(actors) for step in range(1, reach + 1)}
    dyads = [tuple(names[n] for n in sorted(pair)) for pair in sorted(pairs, key=sorted) if len(pair) == 2]
    laws = load("baseline").scenario
    tree: dict[str, Any] = {
        "title": f"A ring of {actors}",
        "theatre": "Nowhere",
        "calendar": {"start": START, "end": START + timedelta(weeks=weeks), "documented_until": START},
        "actors": {name: _state(n) for n, name in enumerate(names)},
        "dyads": {f"{a}-{b}": _dyad(a, b) for a, b in dyads},
        "levels": {name: level.model_dump() for name, level in laws.levels.items()},
        "parameters": laws.parameters.model_dump(),
    }
    return Scenario.model_validate(tree)


def _state(n: int) -> dict[str, Any]:
    size = 1.0 + n % 5
    fields = {"spending": 300 * size, "gdp": 20_000 * size, "personnel": 5000 * size, "capital": 900 * size}
    return {"kind": "state", "label": f"State {n}", "alignment": (n % 3 - 1) / 2, "insecurity": 0.3, **fields}


def _dyad(a: str, b: str) -> dict[str, Any]:
    hostility = {"value": 2.5, "low": 1.5, "high": 3.5, "spread": "triangular"}
    rate = {"value": 0.02, "low": 0.005, "high": 0.08, "spread": "lognormal"}
    both = {"stake": 0.4, "resting_hostility": hostility, "incident_rate": rate}
    return {"between": [a, b], "distance": 200, **{name: {a: x, b: x} for name, x in both.items()}}
