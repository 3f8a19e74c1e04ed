"""From a scenario's records to arrays: names become rows. The one room that knows both scenarios and laws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.laws.armament import Parameters, sustained
from detente.laws.mechanism import Mechanism
from detente.laws.situation import Inputs, Layout, Named
from detente.model.calendar import Translator
from detente.model.draws import Draws
from detente.model.flows import Works
from detente.model.incidence import incidence
from detente.model.noise import Stream
from detente.scenario.acts import STATES
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.theatre import Dialogue, Opening

Array = NDArray[np.float64]


def laws(scenario: Scenario, mechanisms: Sequence[Mechanism], draws: Draws) -> Named:
    """Every mechanism's drawn parameters by its name, changed as the rival theories in force want it."""
    return Named({m.name: _drawn(m, scenario, draws) for m in mechanisms})


def _drawn(mechanism: Mechanism, scenario: Scenario, draws: Draws) -> Any:
    record = getattr(scenario.parameters, mechanism.name)

    def redraw(name: str, spread: str) -> Array:
        changed = getattr(record, name).model_copy(update={"spread": spread})
        return draws.take(changed, f"parameters.{mechanism.name}.{name}")

    names = [field.name for field in fields(mechanism.parameters)]
    drawn = {name: draws.take(getattr(record, name), f"parameters.{mechanism.name}.{name}") for name in names}
    parameters = mechanism.parameters(**drawn)
    for name, theory in mechanism.theories.items():
        if theory.apply is not None:
            parameters = theory.apply(getattr(scenario.parameters.switches, name), parameters, redraw)
    return parameters


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
        pact=np.array([n for n, pact in enumerate(scenario.pacts.values()) for _ in pact.members], dtype=np.intp),
        memberships=tuple(f"{key}:{member}" for key, pact in scenario.pacts.items() for member in pact.members),
    )


#: numbers of actors, directed dyads and dyads that the laws read under the name they have in the file
OF_ACTORS = ("spending", "gdp", "personnel", "build_up", "readiness", "alignment", "insecurity")
#: what stands for a hazard that a track does not state
UNSTATED = Quantity.model_construct(value=float("nan"), spread=None)
#: what a pair opens with whose file does not say
UNSAID = Opening()
OF_PACTS = ("commitment", "reliability", "activity", "perceived")


def inputs(t: Translator, mechanisms: Sequence[Mechanism], works: Works, arms: Parameters) -> Inputs:
    """Everything that does not change in a run, in the layout's order; stocks no file states follow from spending."""
    scenario, draws, rows = t.scenario, t.draws, t.layout
    index = scenario.parameters.index
    resting = _of_directed(scenario, draws, rows, "resting_hostility")
    return Inputs(
        {
            "layout": rows,
            "incidence": incidence(scenario, rows),
            "theory": _theories(scenario, mechanisms),
            "pressures": tuple(m.presses for m in mechanisms if m.presses),
            "members": draws.members.size,
            "works": works,
            # whether any base has works, or room beside those who are there
            "growing": bool(np.any(works.capacity > 0)),
            "capital": _stacked([stock(scenario, name, draws, arms) for name in rows.actors], draws),
            "resting": resting,
            "rivals": _rivals(resting, rows),
            "stake": _of_directed(scenario, draws, rows, "stake"),
            "rate": _of_directed(scenario, draws, rows, "incident_rate"),
            "backing": joined(scenario, draws, "backing"),
            "openness": joined(scenario, draws, "influence"),
            "dependence": dependence(scenario, draws),
            "incident_memory": draws.take(index.incident_memory, "parameters.index.incident_memory"),
            "growth_memory": draws.take(index.growth_memory, "parameters.index.growth_memory"),
            **_named(scenario, draws, "actors", rows.actors, (*OF_ACTORS, "coalition", "war_aversion")),
            **_named(scenario, draws, "dyads", rows.dyads, ("distance", "demand")),
            **_orders(scenario, draws, rows),
            **_openings(scenario, draws, rows),
        }
    )


def _openings(scenario: Scenario, draws: Draws, rows: Layout) -> dict[str, Array]:
    """With which chances pairs open tense and armed, where the theatre says so, and the luck of the opening."""
    stated = [(f"dyads.{name}.opening", scenario.dyads[name].opening or UNSAID) for name in rows.dyads]
    return {
        "opens": np.array([[scenario.dyads[name].opening is not None] for name in rows.dyads]).reshape(-1, 1),
        "opens_tense": draws.rows([(f"{path}.tense", opening.tense) for path, opening in stated]),
        "opens_armed": draws.rows([(f"{path}.armed", opening.armed) for path, opening in stated]),
        "opening_regime": Stream(draws.seed, "opening regime", rows.dyads, draws.members).uniform(0),
        "opening_background": Stream(draws.seed, "opening background", rows.dyads, draws.members).normal(0),
    }


def _theories(scenario: Scenario, mechanisms: Sequence[Mechanism]) -> dict[str, str]:
    return {name: getattr(scenario.parameters.switches, name) for m in mechanisms for name in m.theories}


def _named(
    scenario: Scenario, draws: Draws, section: str, names: Sequence[str], wanted: Sequence[str]
) -> dict[str, Array]:
    """Numbers of a section's records by field, each (entity, 1 or member)."""
    records = getattr(scenario, section)
    return {f: draws.rows([(f"{section}.{n}.{f}", getattr(records[n], f)) for n in names]) for f in wanted}


def _of_directed(scenario: Scenario, draws: Draws, rows: Layout, field: str) -> Array:
    named = [(rows.dyads[n], d.split(">")[0]) for d, n in zip(rows.directed, rows.pair, strict=True)]
    return draws.rows([(f"dyads.{k}.{field}.{a}", getattr(scenario.dyads[k], field)[a]) for k, a in named])


def _orders(scenario: Scenario, draws: Draws, rows: Layout) -> dict[str, Array]:
    """Numbers of pacts, missions, tracks and bases."""
    missions = ("troops", "police", "reserve", "trigger", "call_up_lag", "stay", "coordination")
    found = _named(scenario, draws, "missions", rows.missions, missions)
    found["lag"] = found.pop("call_up_lag")
    tracks = [scenario.dialogues[n] for n in rows.tracks]
    opened = scenario.calendar.start
    in_force = [[float(p.in_force is None or p.in_force <= opened)] for p in scenario.pacts.values()]
    return {
        **found,
        **_named(scenario, draws, "pacts", rows.pacts, OF_PACTS),
        **_named(scenario, draws, "dialogues", rows.tracks, ("leverage", "age")),
        "in_force": np.array(in_force).reshape(-1, 1),
        "flexibility": _flexibility(scenario, draws, rows),
        "manipulates": np.array([[float(t.style == "manipulation")] for t in tracks]).reshape(-1, 1),
        "track": np.array([[float(STATES[t.start])] for t in tracks]).reshape(-1, 1),
        "lapse": _lapses(tracks, draws, rows),
        "bases": draws.rows([(f"bases.{n}.personnel", scenario.bases[n].personnel) for n in rows.bases]),
    }


def _lapses(tracks: Sequence[Dialogue], draws: Draws, rows: Layout) -> Array:
    """Hazard per week that each track's agreement lapses, (track, 1 or member); not a number where none is stated."""
    named = zip(rows.tracks, tracks, strict=True)
    return draws.rows([(f"dialogues.{n}.lapse", UNSTATED if t.lapse is None else t.lapse) for n, t in named])


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


def _rivals(resting: Array, rows: Layout) -> Array:
    """Resting hostility as a share of the source's total, (directed dyad, 1 or member)."""
    total = np.zeros((len(rows.actors), resting.shape[1]))
    for n, source in enumerate(rows.source):
        total[source] += resting[n]
    return np.asarray(resting / np.maximum(total, 1e-9)[rows.source])


def stock(scenario: Scenario, name: str, draws: Draws, arms: Parameters) -> Array:
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
