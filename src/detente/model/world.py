"""The world: a Mesa model whose quantities all have a member axis.

``World(scenario, members=256, seed=1)`` holds the situation of all members at once; ``world.step()`` is one week;
``world.agents`` are Mesa agents that own rows of the arrays as views. A single run is one member of such a world,
so there is one implementation of the law.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from detente.index.formula import summed
from detente.laws import choice, dialogue, incidents
from detente.laws import missions as peace
from detente.model import calendar, cover, flows, stability, week
from detente.model.agents import settle
from detente.model.build import Given, Laws, Layout, given, laws, layout
from detente.model.draws import Draws
from detente.model.noise import Stream
from detente.model.situation import Situation, start
from detente.scenario.parameters import IndexParameters
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]

#: (number, phase, function): the weekly order; see week.py's table
WEEK: tuple[tuple[int, str, Callable[[World], None]], ...] = (
    (1, "calendar", week.calendar),
    (2, "alliances", week.reckon),
    (3, "missions", week.deploy),
    (4, "dialogue", week.negotiate),
    (5, "choice", week.choose),
    (6, "incidents", week.happen),
    (7, "hostility", week.turn),
    (8, "armament", week.arm),
)


class IndexMemories:
    """The two memories of the index that the world itself keeps, drawn for the block's members."""

    def __init__(self, index: IndexParameters, draws: Draws) -> None:
        self.incident_memory = draws.take(index.incident_memory, "parameters.index.incident_memory")
        self.growth_memory = draws.take(index.growth_memory, "parameters.index.growth_memory")


class World(mesa.Model):  # type: ignore[misc]  # Mesa carries no types
    """A theatre in motion for a block of members.

    Parameters: ``scenario`` a validated Scenario; ``members`` a count or the member numbers of the block; ``seed``
    (or Mesa's ``rng``) an integer. Raises ScenarioError where the parameters are unstable (see stability.py), unless
    the caller has ``checked`` that.
    """

    now: Situation
    delivered: Array
    supplied: Array
    severity: Array
    recorded: Array
    chance: Array
    presence: Array

    def __init__(
        self,
        scenario: Scenario,
        members: int | range = 1,
        seed: int = 1,
        rng: int | None = None,
        *,
        checked: bool = False,
        **extra: Any,
    ) -> None:
        if not checked:
            stability.require(scenario)
        seed = seed if rng is None else rng
        super().__init__(rng=seed)
        numbers = np.arange(members) if isinstance(members, int) else np.array(members)
        self.scenario, self.seed, self.members, self.size = scenario, seed, numbers, numbers.size
        self.week, self.length = 0, calendar.weeks(scenario)
        draws = Draws(seed, numbers)
        self.layout: Layout = layout(scenario)
        self.laws: Laws = laws(scenario, draws)
        self.given: Given = given(scenario, draws, self.layout, self.laws.armament)
        self.cover = cover.cover(scenario, draws, self.layout)
        self.index = IndexMemories(scenario.parameters.index, draws)
        self._open(draws)
        self._plan(draws)
        self.streams = {
            purpose: Stream(seed, purpose, entities, numbers)
            for purpose, entities in {
                "hostility": self.layout.directed,
                "incident": self.layout.directed,
                "rung": self.layout.directed,
                "dialogue": self.layout.tracks,
                "arms": self.layout.actors,
            }.items()
        }
        settle(self)

    def _plan(self, draws: Draws) -> None:
        """Compile the calendar: acts by week, deliveries and base works over the weeks."""
        translator = calendar.Translator(self.scenario, self.layout, draws, self.laws.armament.exchange)
        self.timetable = calendar.compile_acts(translator)
        _, spent = flows.works(translator, self.length)
        self.flows = flows.Flows([*flows.deliveries(translator), *spent], len(self.layout.actors), self.size)

    def _open(self, draws: Draws) -> None:
        """The start row and everything that later weeks are measured against."""
        s, rows, g = self.scenario, self.layout, self.given
        #: upper end of the hostility scale, points (Goldstein range of conflict)
        self.scale = 10.0
        self.now = start(s, rows, g, self._opening_levels(draws), self.size)
        self.rivals, self.own = self._rivals(), _own_rows(rows)
        self.discussed = [_both_ways(rows, pairs) for pairs in self.cover.discussed]
        decay = self.laws.choice.strength_decay
        self.remoteness = (g.distance / decay)[rows.pair]
        self.backed = g.backing[rows.source]
        #: actor rows of both ends of every dyad
        self.ends = rows.source[rows.forth], rows.target[rows.forth]
        self.fading = week.fading(self.laws)
        self.heated, self.soothed = week.words(self)
        self.guarantee, self.pact_threat, self.feared = week.pacts(self)
        self.opening_threat = self.pact_threat
        self.opening_relief = self._relief()
        self._settle_presence(draws)
        self._usual_conduct()

    def _opening_levels(self, draws: Draws) -> dict[str, Array]:
        s, rows, g, p = self.scenario, self.layout, self.given, self.laws.incidents
        opened = s.calendar.start
        pacts, tracks = [s.pacts[n] for n in rows.pacts], [s.dialogues[n] for n in rows.tracks]
        growth = cover.opening_growth(g.capital, g.spending, self.laws.armament.procurement_share, self._wear())
        in_force = [[float(p.in_force is None or p.in_force <= opened)] for p in pacts]
        nothing = np.zeros((len(rows.dyads), 1))
        return {
            "excitation": g.rate / -np.expm1(-1.0 / p.memory),
            "recent": p.severity * (g.rate[rows.forth] + g.rate[rows.back]),
            "growth": self._joint(growth, g.capital),
            "troops_near": nothing,
            "police_near": nothing,
            "vacuum": nothing,
            "perceived": draws.rows([(f"pacts.{n}.perceived", s.pacts[n].perceived) for n in rows.pacts]),
            "in_force": np.array(in_force).reshape(-1, 1),
            "troops": draws.rows([(f"missions.{n}.troops", s.missions[n].troops) for n in rows.missions]),
            "police": draws.rows([(f"missions.{n}.police", s.missions[n].police) for n in rows.missions]),
            "track": np.array([[float(calendar.STATES[t.start])] for t in tracks]).reshape(-1, 1),
            "age": draws.rows([(f"dialogues.{n}.age", s.dialogues[n].age) for n in rows.tracks]),
            "bases": draws.rows([(f"bases.{n}.personnel", s.bases[n].personnel) for n in rows.bases]),
        }

    def _wear(self) -> Array:
        return self.laws.armament.depreciation

    def _joint(self, growth: Array, capital: Array) -> Array:
        """Capital-weighted growth of each dyad, 1/year."""
        i, j = self.layout.source[self.layout.forth], self.layout.target[self.layout.forth]
        return (growth[i] * capital[i] + growth[j] * capital[j]) / np.maximum(capital[i] + capital[j], 1e-9)

    def _settle_presence(self, draws: Draws) -> None:
        """Presence at the start: the reference of dose–response and of what is lost later."""
        translator = calendar.Translator(self.scenario, self.layout, draws, self.laws.armament.exchange)
        self.works, _ = flows.works(translator, self.length)
        #: bases on which there are works, or that have room beside those who are there
        self.growing = [n for n, works in enumerate(self.works) if np.any(works.capacity > 0)]
        troops, police, bases = week.near(self)
        self.opening_troops, self.opening_police = troops, police
        self.now.troops_near, self.now.police_near = troops, police
        self.full_presence = peace.presence(troops, police, bases, self.laws.missions.police_weight)
        self.presence = self.full_presence
        self.opening_vacuum = peace.vacuum(self.presence, self.given.demand)
        self.now.vacuum = self.opening_vacuum
        self.opening_gaps = [week.worst(self.opening_vacuum, dyads) for _, dyads in self.cover.gaps]

    def _usual_conduct(self) -> None:
        """Expected severity and incident factor of conduct at rest, so that rest is where things stay."""
        p = self.laws.choice
        self.shown = np.zeros_like(self.now.hostility)
        weighed = week.prospect(self)
        worth = choice.utilities(weighed, self.shown, week.office(self), p)
        odds = choice.probabilities(worth, p.precision)
        severity = [o * s for o, s in zip(odds, choice.severities(p), strict=True)]
        factors = incidents.rung_factors(self.laws.incidents)
        self.usual_deed = _added(severity)
        usual_factor = _added([o * f for o, f in zip(odds, factors, strict=True)])
        #: background rates as they are under everybody's usual conduct, events/week
        self.first_causes = (1.0 - self.laws.incidents.branching) * self.given.rate / usual_factor

    def _relief(self) -> Array:
        p = self.laws.dialogue
        erosion = 1.0 + (p.style_tilt - 1.0) * self.cover.manipulates
        return dialogue.relief(self.now.track, self.now.age, erosion, p)

    def relieve(self, level: Array) -> None:
        """Take away from ``level``, points (D, M), what dialogue relieves beyond the opening."""
        for rows, points in zip(self.discussed, self._relief() - self.opening_relief, strict=True):
            level[rows] -= points

    def rivalry(self, lift: Array) -> Array:
        """Mean lift of an actor's rivals, weighted by resting hostility; (actor, member)."""
        weighted = self.rivals * lift[self.layout.target]
        mean = np.zeros(lift.shape)
        for actor, rows in self.own:
            mean[actor] = summed(weighted[rows])
        return mean

    def _rivals(self) -> Array:
        """Resting hostility as a share of the source's total, (directed dyad, 1 or member)."""
        rows, resting = self.layout, self.given.resting
        total = np.zeros((len(rows.actors), resting.shape[1]))
        for n, source in enumerate(rows.source):
            total[source] += resting[n]
        return np.asarray(resting / np.maximum(total, 1e-9)[rows.source])

    def felt(self, troops: Array) -> Array:
        """Troops as dose–response counts them under the scenario's theory."""
        if self.laws.switches.mission == "saturating":
            return peace.saturating(troops, self.laws.missions.saturation)
        return troops

    def step(self) -> None:
        """One week, in the order of WEEK."""
        self.week += 1
        for _, _, phase in WEEK:
            phase(self)
        for agent in self.agents:
            if agent.acts_alone:
                agent.step()

    def close(self) -> None:
        """Let go of the agents and of every array at once, not when Python next looks for circles."""
        self.remove_all_agents()
        self.__dict__.clear()

    def remove_all_agents(self) -> None:
        """Let the agents go, and Mesa's class-level register of this model with them: it would keep every world."""
        super().remove_all_agents()
        mesa.Agent._ids.pop(self, None)

    def run_until(self, last: int) -> None:
        """Step until ``last`` weeks have passed."""
        while self.week < last:
            self.step()


def _own_rows(rows: Layout) -> list[tuple[int, slice]]:
    """Row of every actor that has dyads, with its directed dyads."""
    found = [(row, rows.slice_of(name)) for row, name in enumerate(rows.actors)]
    return [(row, own) for row, own in found if own.stop > own.start]


def _both_ways(rows: Layout, pairs: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.concatenate([rows.forth[pairs], rows.back[pairs]])


def _added(terms: list[Array]) -> Array:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
