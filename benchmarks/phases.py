"""The job that kernels are compared on: choice, incidents and hostility with their chance, measured every week.

The baseline is carried to its week OPENS by the whole law; from then on everything that other phases move is held, and
only these three go on. NumPy does so by the package's own functions: what they say is what every rival must say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.block import Block, Measure, empty, measure_of, record
from detente.laws.acts import ACTS
from detente.laws.armament import YEAR
from detente.laws.choice import CHOICE
from detente.laws.hostility import HOSTILITY
from detente.laws.incidents import INCIDENTS
from detente.laws.mechanism import Changes, Week
from detente.laws.situation import Inputs, Situation
from detente.model.motion import Motion
from detente.scenario.load import load
from detente.scenario.schema import Scenario

Array = NDArray[Any]

SEED, OPENS = 1, 26


def undated(now: Situation, x: Inputs, p: Any, week: Week) -> Changes:
    """Where the calendar comes into a week: nothing is dated in this task, and what was done before is held."""
    week.acts(now, {}, p)
    return {}


PHASES = (replace(ACTS, step=undated), CHOICE, INCIDENTS, HOSTILITY)
#: what the three phases change
STATE = ("hostility", "level", "severity", "rung", "excitation", "counts", "chance", "recent", "outbreak")

#: the parameters of a kernel in their order: drawn ones, and what depends on them alone
PARAMETERS = (
    *("precision", "gain_threaten", "gain_coerce", "cost_threaten", "cost_coerce"),
    *("severity_threaten", "severity_coerce", "severity_force", "relief", "concession", "animosity"),
    *("deterrence", "emboldening", "local_deterrence", "presence_scale", "belligerence", "inconsistency"),
    *("elite_fear", "cheap_talk", "resources", "aversion", "weekly_outbreak", "force_prize", "force_hostility"),
    *("contest_exponent", "gain", "answering", "kept", "sensitivity", "dispersion", "when_coercing", "severity"),
    *("fresh", "inertia", "reciprocity", "incident_feedback", "conduct", "external_coercion", "volatility"),
)
#: what measures are held against
INDEX = (
    *("exponent", "imbalance_share", "hostile_pair", "growth_reference"),
    *("pact_polarisation", "active_deficit", "signed_deficit"),
)


@dataclass(frozen=True)
class Task:
    """Members of a scenario at the week they are held from, and how many weeks to go."""

    scenario: Scenario
    members: int
    weeks: int
    opening: Mapping[str, Array]

    def world(self) -> Motion:
        """The world at the opening, its calendar empty, its law the three phases."""
        world = Motion(self.scenario, self.members, SEED, checked=True)
        world.week, world.mechanisms, world.timetable = OPENS, PHASES, {}
        world.now.update(self.opening)
        return world

    @property
    def measure(self) -> Measure:
        """What is measured."""
        return measure_of(self.scenario)

    @property
    def units(self) -> float:
        """Members times directed dyads times weeks."""
        return self.members * 2.0 * len(self.scenario.dyads) * self.weeks


def task(members: int, weeks: int, name: str = "baseline") -> Task:
    """A scenario carried to week OPENS."""
    scenario = load(name).scenario
    world = Motion(scenario, members, SEED, checked=True)
    world.run_until(OPENS)
    return Task(scenario, members, weeks, {name: getattr(world.now, name) for name in world.now})


class ByNumPy:
    """The task by the package's own functions; ``call`` does all its weeks once more from the opening."""

    def __init__(self, given: Task) -> None:
        self.given, self.world, self.measure = given, given.world(), given.measure
        self.found = empty(given.weeks - 1, self.measure, given.members)

    def call(self) -> None:
        """All weeks, from the opening."""
        self.world.week = OPENS
        self.world.now.update(self.given.opening)
        for row in range(self.given.weeks):
            self.world.step()
            record(self.found, row, self.world, self.measure)

    def block(self) -> Block:
        """What the last call measured, its rows the weeks."""
        return self.found


def parameters(world: Motion) -> dict[str, Array]:
    """Every parameter of PARAMETERS, each () or (member,)."""
    choice, incidents, hostility = world.laws.choice, world.laws.incidents, world.laws.hostility
    folded = {
        "weekly_outbreak": 0.5 * choice.outbreak / YEAR,
        "gain": incidents.branching * -np.expm1(-1.0 / incidents.memory),
        "kept": np.exp(-1.0 / incidents.memory),
        "fresh": -np.expm1(-1.0 / world.inputs.incident_memory),
    }
    drawn = {**vars(choice), **vars(incidents), **vars(hostility), **folded}
    return {name: np.asarray(drawn[name]) for name in PARAMETERS}


def index(scenario: Scenario) -> Array:
    """The numbers of INDEX."""
    return np.array([getattr(scenario.parameters.index, name).value for name in INDEX], dtype=np.float64)


def inputs(world: Motion) -> dict[str, Array]:
    """What the phases and the measuring read, by name, each (entity, 1 or member)."""
    taken = {name: array for name, array in vars(world.inputs).items() if getattr(array, "ndim", 0) == 2}
    return {**taken, **{name: array for name, array in vars(world.now).items() if array.ndim == 2}}


def listed(sets: Any, count: int) -> tuple[Array, Array]:
    """Row sets one behind the other, and where each begins."""
    starts = np.cumsum([0, *(len(rows) for rows in sets)])
    return np.concatenate([*sets, np.zeros(0, np.intp)]).astype(np.int64), starts[: count + 1].astype(np.int64)


def rows(world: Motion, measure: Measure) -> dict[str, Array]:
    """Who stands where, as 64-bit integers; sets with a list of where each begins."""
    layout, incidence = world.layout, world.inputs.incidence
    named = ("source", "target", "pair", "reverse", "forth", "back")
    found = {name: getattr(layout, name).astype(np.int64) for name in named}
    tracks = [[n for n, dyads in enumerate(incidence.discussed) if u in dyads] for u in range(len(layout.dyads))]
    sets = {"heard": incidence.heard, "discussed": tracks, "own": [own for _, own in measure.states]}
    for name, members in sets.items():
        found[name], found[f"{name}_from"] = listed(members, len(members))
    return found
