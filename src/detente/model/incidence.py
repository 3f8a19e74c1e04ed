"""Who covers whom: fixed incidence of pacts, missions, tracks and bases on dyads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from detente.laws.situation import Incidence, Layout
from detente.scenario.schema import Scenario

Rows = NDArray[np.intp]


def incidence(scenario: Scenario, rows: Layout) -> Incidence:
    """Incidence of a scenario's pacts, missions, tracks and bases."""
    everyone = set(rows.actors)
    pacts = list(scenario.pacts.values())
    members = [set(p.members) for p in pacts]
    shields = tuple(_directed(rows, everyone - m, m) for m in members)
    needed = {act.pair for act in scenario.acts.values() if act.kind == "need"}
    wanting = [n for n, key in enumerate(rows.dyads) if scenario.dyads[key].demand.value > 0 or key in needed]
    discussed = tuple(_places(rows.dyads, g.dyads) for g in scenario.dialogues.values())
    return Incidence(
        shields=shields,
        sheltered=tuple(_memberships(rows, name, s) for name, s in zip(rows.pacts, shields, strict=True)),
        addressed=tuple(_directed(rows, set(p.against) - m, m) for p, m in zip(pacts, members, strict=True)),
        answers=tuple(_places(rows.pacts, p.answers) for p in pacts),
        watched=tuple(_places(rows.dyads, m.dyads) for m in scenario.missions.values()),
        discussed=discussed,
        heard=tuple(np.concatenate([rows.forth[pairs], rows.back[pairs]]) for pairs in discussed),
        based=tuple(_places(rows.dyads, scenario.near(b)) for b in scenario.bases.values()),
        gaps=tuple(_gaps(rows, wanting)),
        layout=rows,
    )


def _places(names: tuple[str, ...], wanted: Iterable[str]) -> Rows:
    return np.array([names.index(name) for name in wanted], dtype=np.intp)


def _directed(rows: Layout, sources: set[str], targets: set[str]) -> Rows:
    return rows.rows(tuple(sources), tuple(targets))


def _memberships(rows: Layout, pact: str, shielded: Rows) -> Rows:
    """The membership of the target of each of a pact's shielded directed dyads."""
    names = [f"{pact}:{rows.actors[rows.target[row]]}" for row in shielded]
    return _places(rows.memberships, names)


def _gaps(rows: Layout, demanding: list[int]) -> Iterable[tuple[int, Rows]]:
    for n in range(len(rows.actors)):
        own = set(rows.pair[rows.source == n])
        wanting = np.array([u for u in demanding if u in own], dtype=np.intp)
        if wanting.size:
            yield n, wanting
