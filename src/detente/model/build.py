"""From a scenario's records to arrays: names become rows. The one room that knows both scenarios and laws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from detente.laws.alliances import AllianceParameters
from detente.laws.armament import ArmamentParameters, sustained
from detente.laws.choice import ChoiceParameters
from detente.laws.dialogue import DialogueParameters
from detente.laws.hostility import HostilityParameters
from detente.laws.incidents import IncidentParameters
from detente.laws.missions import MissionParameters
from detente.model.draws import Draws
from detente.scenario.parameters import Switches
from detente.scenario.quantity import Quantity, Record
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
P = TypeVar("P")


@dataclass(frozen=True)
class ActParameters:
    """How strongly (points per goldstein) and how long (weeks) a dated act is felt."""

    visit: Array
    visit_memory: Array
    cooperation: Array
    cooperation_memory: Array
    rhetoric: Array
    rhetoric_memory: Array
    rhetoric_echo: Array
    incident: Array
    incident_memory: Array
    accountability: Array
    accountability_memory: Array
    insecurity_memory: Array


@dataclass(frozen=True)
class Laws:
    """The parameters of all laws, drawn for a block of members."""

    hostility: HostilityParameters
    choice: ChoiceParameters
    incidents: IncidentParameters
    missions: MissionParameters
    dialogue: DialogueParameters
    armament: ArmamentParameters
    alliances: AllianceParameters
    acts: ActParameters
    switches: Switches


def laws(scenario: Scenario, draws: Draws) -> Laws:
    """Draw every law's parameters; field names carry the values across."""
    given = scenario.parameters
    records: dict[str, Any] = {
        field.name: _drawn(field.name, getattr(given, field.name), draws)
        for field in fields(Laws)
        if field.name != "switches"
    }
    return switched(Laws(**records, switches=given.switches), scenario, draws)


def switched(drawn: Laws, scenario: Scenario, draws: Draws) -> Laws:
    """The rival theory a scenario has switched on, as a change of the drawn parameters."""
    choice, armament, missions = drawn.choice, drawn.armament, drawn.missions
    none = np.zeros(())
    if drawn.switches.deterrence != "deters":
        sign = none if drawn.switches.deterrence == "none" else -np.abs(choice.deterrence)
        choice = replace(choice, deterrence=sign)
    if drawn.switches.reaction == "none":
        armament = replace(armament, reaction=none)
    if drawn.switches.reaction == "slab":
        slab = scenario.parameters.armament.reaction.model_copy(update={"spread": "uniform"})
        armament = replace(armament, reaction=draws.take(slab, "parameters.armament.reaction"))
    if drawn.switches.mission == "none":
        missions = replace(missions, troops_effect=none, police_effect=none, transient=none)
    answer = drawn.hostility.reciprocity
    inverse = drawn.switches.reciprocity == "inverse"
    hostility = replace(drawn.hostility, reciprocity=-np.abs(answer) if inverse else answer)
    return replace(drawn, choice=choice, armament=armament, missions=missions, hostility=hostility)


KINDS: Mapping[str, type] = {
    "hostility": HostilityParameters,
    "choice": ChoiceParameters,
    "incidents": IncidentParameters,
    "missions": MissionParameters,
    "dialogue": DialogueParameters,
    "armament": ArmamentParameters,
    "alliances": AllianceParameters,
    "acts": ActParameters,
}


def _drawn(law: str, record: Record, draws: Draws) -> Any:
    kind = KINDS[law]
    return kind(**{f.name: draws.take(getattr(record, f.name), f"parameters.{law}.{f.name}") for f in fields(kind)})


@dataclass(frozen=True)
class Layout:
    """Who stands in which row. Directed dyads are sorted by their source, so an actor's rows are a slice."""

    actors: tuple[str, ...]
    dyads: tuple[str, ...]
    directed: tuple[str, ...]
    source: Rows
    target: Rows
    pair: Rows
    reverse: Rows
    forth: Rows
    back: Rows
    pacts: tuple[str, ...]
    missions: tuple[str, ...]
    tracks: tuple[str, ...]
    bases: tuple[str, ...]

    def rows(self, by: Sequence[str], to: Sequence[str]) -> Rows:
        """Directed dyads from any of ``by`` toward any of ``to``."""
        names = [n for n, d in enumerate(self.directed) if d.split(">")[0] in by and d.split(">")[1] in to]
        return np.array(names, dtype=np.intp)

    def of(self, actors: Sequence[str]) -> Rows:
        """Directed dyads in which any of ``actors`` stands on either side."""
        names = [n for n, d in enumerate(self.directed) if set(d.split(">")) & set(actors)]
        return np.array(names, dtype=np.intp)

    def slice_of(self, actor: str) -> slice:
        """The rows in which ``actor`` is the source."""
        rows = np.flatnonzero(self.source == self.actors.index(actor))
        return slice(int(rows[0]), int(rows[-1]) + 1) if rows.size else slice(0, 0)


def layout(scenario: Scenario) -> Layout:
    """Rows of a scenario, in the order of its files."""
    actors = tuple(scenario.actors)
    pairs = [(key, dyad.between) for key, dyad in scenario.dyads.items()]
    both = [(a, b, n) for n, (_, (a, b)) in enumerate(pairs)] + [(b, a, n) for n, (_, (a, b)) in enumerate(pairs)]
    both.sort(key=lambda row: (actors.index(row[0]), row[2]))
    names = [f"{a}>{b}" for a, b, _ in both]
    place = {name: n for n, name in enumerate(names)}
    return Layout(
        actors=actors,
        dyads=tuple(key for key, _ in pairs),
        directed=tuple(names),
        source=np.array([actors.index(a) for a, _, _ in both], dtype=np.intp),
        target=np.array([actors.index(b) for _, b, _ in both], dtype=np.intp),
        pair=np.array([n for _, _, n in both], dtype=np.intp),
        reverse=np.array([place[f"{b}>{a}"] for a, b, _ in both], dtype=np.intp),
        forth=np.array([place[f"{a}>{b}"] for _, (a, b) in pairs], dtype=np.intp),
        back=np.array([place[f"{b}>{a}"] for _, (a, b) in pairs], dtype=np.intp),
        pacts=tuple(scenario.pacts),
        missions=tuple(scenario.missions),
        tracks=tuple(scenario.dialogues),
        bases=tuple(scenario.bases),
    )


@dataclass(frozen=True)
class Given:
    """The theatre's numbers, each (entity, 1) or (entity, member)."""

    spending: Array
    gdp: Array
    personnel: Array
    capital: Array
    build_up: Array
    readiness: Array
    alignment: Array
    insecurity: Array
    coalition: Array
    war_aversion: Array
    backing: Array
    openness: Array
    dependence: Array
    stake: Array
    resting: Array
    rate: Array
    distance: Array
    demand: Array


def given(scenario: Scenario, draws: Draws, rows: Layout, arms: ArmamentParameters) -> Given:
    """Gather the theatre's numbers in the layout's order; stocks that no file states follow from spending."""
    actors = scenario.actors

    def of_actor(field: str) -> Array:
        return draws.rows([(f"actors.{a}.{field}", getattr(actors[a], field)) for a in rows.actors])

    def of_directed(field: str) -> Array:
        named = [(rows.dyads[n], d.split(">")[0]) for d, n in zip(rows.directed, rows.pair, strict=True)]
        return draws.rows([(f"dyads.{k}.{field}.{a}", getattr(scenario.dyads[k], field)[a]) for k, a in named])

    def of_dyad(field: str) -> Array:
        return draws.rows([(f"dyads.{k}.{field}", getattr(scenario.dyads[k], field)) for k in rows.dyads])

    simple = ("spending", "gdp", "personnel", "build_up", "readiness", "alignment", "insecurity")
    return Given(
        **{field: of_actor(field) for field in (*simple, "coalition", "war_aversion")},
        capital=_stacked([stock(scenario, name, draws, arms) for name in rows.actors], draws),
        backing=joined(scenario, draws, "backing"),
        openness=joined(scenario, draws, "influence"),
        dependence=dependence(scenario, draws),
        stake=of_directed("stake"),
        resting=of_directed("resting_hostility"),
        rate=of_directed("incident_rate"),
        distance=of_dyad("distance"),
        demand=of_dyad("demand"),
    )


def stock(scenario: Scenario, name: str, draws: Draws, arms: ArmamentParameters) -> Array:
    """An actor's opening stock, USD m, () or (member,): as stated, otherwise what its spending sustains."""
    actor, path = scenario.actors[name], f"actors.{name}"
    if actor.capital is not None:
        return draws.take(actor.capital, f"{path}.capital")
    return sustained(draws.take(actor.spending, f"{path}.spending"), arms)


def joined(scenario: Scenario, draws: Draws, field: str) -> Array:
    """For every actor, 1 - prod(1 - share) over the powers that back or influence it."""
    kept = [np.ones(()) for _ in scenario.actors]
    names = list(scenario.actors)
    for power, actor in scenario.actors.items():
        for client, share in getattr(actor, field).items():
            row = names.index(client)
            kept[row] = kept[row] * (1.0 - draws.take(share, f"actors.{power}.{field}.{client}"))
    return _stacked([1.0 - k for k in kept], draws)


def dependence(scenario: Scenario, draws: Draws) -> Array:
    """For every actor, the largest share of its arms that one supplier provides."""
    largest = []
    for name, actor in scenario.actors.items():
        taken = [draws.take(q, f"actors.{name}.dependence.{s}") for s, q in actor.dependence.items()]
        best = np.zeros(())
        for share in taken:
            best = np.maximum(best, share)
        largest.append(best)
    return _stacked(largest, draws)


def _stacked(values: Sequence[Array], draws: Draws) -> Array:
    if all(np.ndim(v) == 0 for v in values):
        return np.array(values, dtype=np.float64).reshape(-1, 1)
    return np.stack([np.broadcast_to(v, draws.members.shape) for v in values])


def money(q: Quantity, path: str, draws: Draws, exchange: Array) -> Array:
    """A cost in USD m; ``exchange`` in USD per EUR."""
    value = draws.take(q, path)
    return value * exchange if q.unit == "EUR m" else value
