"""Who covers whom: fixed incidence of pacts, missions, tracks and bases on dyads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.model.build import Layout, Rows
from detente.model.draws import Draws
from detente.scenario.schema import Scenario
from detente.scenario.theatre import Base

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cover:
    """Row sets, one per pact, mission, track or base, and the numbers that go with them.

    ``shields[p]`` directed dyads whose target pact p protects from an outsider; ``addressed[p]`` those whose source
    reads p as directed at it; ``watched[m]`` dyads of mission m; ``discussed[g]`` dyads of track g; ``based[b]``
    dyads of base b; ``gaps`` pairs (actor row, dyads with a demand).
    """

    shields: tuple[Rows, ...]
    addressed: tuple[Rows, ...]
    answers: tuple[Rows, ...]
    watched: tuple[Rows, ...]
    discussed: tuple[Rows, ...]
    based: tuple[Rows, ...]
    gaps: tuple[tuple[int, Rows], ...]
    tracked: Array
    commitment: Array
    reliability: Array
    activity: Array
    reserve: Array
    trigger: Array
    lag: Array
    stay: Array
    coordination: Array
    leverage: Array
    flexibility: Array
    manipulates: Array


def _places(names: tuple[str, ...], wanted: Iterable[str]) -> Rows:
    return np.array([names.index(name) for name in wanted], dtype=np.intp)


def _directed(rows: Layout, sources: set[str], targets: set[str]) -> Rows:
    return rows.rows(tuple(sources), tuple(targets))


def cover(scenario: Scenario, draws: Draws, rows: Layout) -> Cover:
    """Incidence and numbers of a scenario's pacts, missions, tracks and bases."""
    everyone = set(rows.actors)
    pacts = list(scenario.pacts.values())
    members = [set(p.members) for p in pacts]
    demanding = [n for n, key in enumerate(rows.dyads) if scenario.dyads[key].demand.value > 0]
    tracked = np.zeros((len(rows.dyads), 1))
    for track in scenario.dialogues.values():
        tracked[_places(rows.dyads, track.dyads)] = 1.0

    def of(group: str, names: tuple[str, ...], field: str) -> Array:
        records = getattr(scenario, group)
        return draws.rows([(f"{group}.{n}.{field}", getattr(records[n], field)) for n in names])

    return Cover(
        shields=tuple(_directed(rows, everyone - m, m) for m in members),
        addressed=tuple(_directed(rows, set(p.against) - m, m) for p, m in zip(pacts, members, strict=True)),
        answers=tuple(_places(rows.pacts, p.answers) for p in pacts),
        watched=tuple(_places(rows.dyads, m.dyads) for m in scenario.missions.values()),
        discussed=tuple(_places(rows.dyads, g.dyads) for g in scenario.dialogues.values()),
        based=tuple(_of_base(scenario, rows, b) for b in scenario.bases.values()),
        gaps=tuple(_gaps(rows, demanding)),
        tracked=tracked,
        commitment=of("pacts", rows.pacts, "commitment"),
        reliability=of("pacts", rows.pacts, "reliability"),
        activity=of("pacts", rows.pacts, "activity"),
        reserve=of("missions", rows.missions, "reserve"),
        trigger=of("missions", rows.missions, "trigger"),
        lag=of("missions", rows.missions, "call_up_lag"),
        stay=of("missions", rows.missions, "stay"),
        coordination=of("missions", rows.missions, "coordination"),
        leverage=of("dialogues", rows.tracks, "leverage"),
        flexibility=_flexibility(scenario, draws, rows),
        manipulates=np.array([[float(scenario.dialogues[g].style == "manipulation")] for g in rows.tracks]).reshape(
            -1, 1
        ),
    )


def _of_base(scenario: Scenario, rows: Layout, base: Base) -> Rows:
    if base.dyads:
        return _places(rows.dyads, base.dyads)
    return np.array([n for n, key in enumerate(rows.dyads) if base.host in scenario.dyads[key].between], dtype=np.intp)


def _gaps(rows: Layout, demanding: list[int]) -> Iterable[tuple[int, Rows]]:
    for n in range(len(rows.actors)):
        own = set(rows.pair[rows.source == n])
        wanting = np.array([u for u in demanding if u in own], dtype=np.intp)
        if wanting.size:
            yield n, wanting


def _flexibility(scenario: Scenario, draws: Draws, rows: Layout) -> Array:
    """Product over the parties of each track, (track, 1 or member): it takes all of them."""
    products = []
    for g in rows.tracks:
        flexible = scenario.dialogues[g].flexibility
        parts = draws.rows([(f"dialogues.{g}.flexibility.{a}", q) for a, q in flexible.items()])
        products.append(np.multiply.accumulate(parts, axis=0)[-1])
    if not products:
        return np.zeros((0, 1))
    return np.stack([np.broadcast_to(v, draws.members.shape) for v in products])


def opening_growth(capital: Array, spending: Array, procurement_share: Array, depreciation: Array) -> Array:
    """Growth of an actor's capital at the start, 1/year: procurement over stock less wear."""
    return procurement_share * spending / np.maximum(capital, 1e-9) - depreciation
