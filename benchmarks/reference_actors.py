"""The agents of the reference: actors, what they make of one another, pairs."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, expm1, log, log1p, sqrt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import mesa

if TYPE_CHECKING:
    from reference import Theatre
    from reference_orders import Mission, Track

YEAR = 365.25 / 7


def clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def fade(x: float, memory: float) -> float:
    return x * exp(-1.0 / memory)


def draw_count(u: float, rate: float, size: float) -> int:
    """Negative binomial count by inversion."""
    share = rate / (rate + size)
    mass = exp(size * log1p(-share))
    total, count = mass, 0
    while u > total and count < 400:
        mass *= share * (size + count) / (count + 1)
        total += mass
        count += 1
    return count


@dataclass(eq=False, slots=True)
class Relation:
    """What one actor makes of another."""

    source: Actor
    target: Actor
    dyad: Dyad
    stake: float
    resting: float
    rate: float
    hostility: float
    excitation: float
    name: str = ""
    back: Relation = field(init=False)
    count: int = 0
    rung: int = 1
    shown: float = 0.0
    visit: float = 0.0
    cooperation: float = 0.0
    rhetoric: float = 0.0
    incident: float = 0.0
    grievance: float = 0.0
    recorded: float = 0.0
    level: float = 0.0
    next_hostility: float = 0.0
    guarantee: float = 0.0
    threat: float = 0.0
    feared: float = 0.0
    opening_threat: float = 0.0
    usual_deed: float = 0.0
    usual_factor: float = 1.0
    chance: float = 0.5


class Actor(mesa.Agent):
    """A state, an entity or a power."""

    def __init__(self, model: Theatre, key: str) -> None:
        super().__init__(model)
        record = model.scenario.actors[key]
        value = model.value
        self.key, self.relations = key, {}
        for name in ("spending", "gdp", "personnel", "capital", "build_up", "readiness", "alignment"):
            setattr(self, name, value(getattr(record, name), f"actors.{key}.{name}"))
        for name in ("insecurity", "coalition", "war_aversion", "orientation"):
            setattr(self, name, value(getattr(record, name), f"actors.{key}.{name}"))
        supplied = [value(q, f"actors.{key}.dependence.{s}") for s, q in record.dependence.items()]
        self.dependence = max(supplied, default=0.0)
        self.opening_capital, self.resting_insecurity = self.capital, self.insecurity
        self.backing = self.openness = 0.0
        self.lift = self.next_lift = self.supply = self.coercion = 0.0
        self.delivered = self.supplied = 0.0
        self.rivals: list[tuple[Actor, float]] = []

    def know_rivals(self) -> None:
        total = max(sum(r.resting for r in self.relations.values()), 1e-9)
        self.rivals = [(r.target, r.resting / total) for r in self.relations.values()]

    def reckon(self) -> None:
        """One's own force (in logs) and how much of the purse it takes."""
        p = self.model.p.armament
        self.force = log(max(self.readiness * (self.capital + p.person_value * self.personnel), 1e-9))
        ceiling = max(p.budget_ceiling * self.gdp, 1e-9)
        self.burden = clip(self.spending * exp(self.lift) / ceiling, 0.0, 1.0) if self.gdp > 0 else 0.0

    def choose(self) -> None:
        """Pick a rung toward each rival, knowing what everyone did last week."""
        for relation in self.relations.values():
            odds = self.odds(relation)
            mark = self.model.luck.uniform("rung", relation.name, self.model.week) * sum(odds)
            relation.rung, total = 0, odds[0]
            while relation.rung < 4 and mark > total:
                relation.rung += 1
                total += odds[relation.rung]
        for relation in self.relations.values():
            relation.shown = self.model.severities[relation.rung]

    def odds(self, relation: Relation) -> list[float]:
        """Unnormalised logit odds of the five rungs."""
        p = self.model.p.choice
        ahead = self.force - relation.target.force - relation.dyad.distance / p.strength_decay
        relation.chance = 1.0 / (1.0 + exp(-p.contest_exponent * ahead))
        anger = p.animosity * relation.hostility / 10.0
        appetite = anger + relation.stake * relation.chance
        brake = 1.0 + p.resources * self.burden + self.war_aversion
        shield = p.deterrence * relation.guarantee + p.local_deterrence * relation.dyad.covered
        shield += p.belligerence - p.emboldening * self.backing
        fear = p.elite_fear * self.insecurity * self.coalition
        step_down = p.inconsistency * max(relation.shown, 0.0)
        worth = [-p.concession - anger - step_down, -step_down]
        for gain, cost, severity in self.model.climbs:
            climb_down = p.inconsistency * max(relation.shown - severity, 0.0)
            office = fear if len(worth) > 2 else 0.0
            worth.append(gain * appetite - cost * brake - severity * (shield + office) - climb_down)
        worth[2] += p.cheap_talk * self.insecurity
        best = max(worth)
        return [exp(p.precision * (u - best)) for u in worth]

    def expect(self) -> None:
        """Severity and incident factor of conduct at rest."""
        for relation in self.relations.values():
            odds = self.odds(relation)
            total = sum(odds)
            relation.usual_deed = sum(o * s for o, s in zip(odds, self.model.severities, strict=True)) / total
            relation.usual_factor = sum(o * f for o, f in zip(odds, self.model.factors, strict=True)) / total

    def admit(self) -> None:
        """Outside influence enters through the worst vacuum among one's dyads."""
        p = self.model.p.missions
        dyads = [r.dyad for r in self.relations.values() if r.dyad.watchful]
        gap = 0.0
        if dyads:
            gap = max(max(d.vacuum for d in dyads) - max(d.opening_vacuum for d in dyads), 0.0)
        ebb = self.influence_rest + (self.influence - self.influence_rest) * exp(-1.0 / p.influence_memory)
        self.influence = clip(ebb + p.influence_gain * self.openness * gap, 0.0, 1.0)

    def aim(self) -> None:
        """The level hostility tends to this week, toward each rival."""
        for relation in self.relations.values():
            relation.level = self.target(relation)

    def feel(self) -> None:
        """Next week's hostility toward each rival."""
        m, h = self.model, self.model.p.hostility
        for r in self.relations.values():
            there, back = r.hostility - r.level, r.back.hostility - r.back.level
            pushed = h.incident_feedback * (r.back.count - r.back.rate)
            pushed += h.conduct * (r.back.shown - r.back.usual_deed) + h.external_coercion * self.coercion
            stepped = r.level + h.inertia * there + h.reciprocity * back + pushed
            r.next_hostility = clip(stepped + h.volatility * m.luck.normal("hostility", r.name, m.week), 0.0, 10.0)

    def target(self, r: Relation) -> float:
        a, m = self.model.p.acts, self.model.p.missions
        acts = a.rhetoric * r.rhetoric + a.incident * r.incident + a.accountability * r.grievance
        calm = a.visit * r.visit + a.cooperation * r.cooperation + r.dyad.relief
        outside = m.influence_hostility * (self.influence - self.openness)
        return r.resting + (r.threat - r.opening_threat) + self.alarm(r) + outside + acts - calm

    def alarm(self, r: Relation) -> float:
        """Hostility from arms, one's own and the rival's."""
        p = self.model.p.armament
        own = 0.0
        if self.opening_capital > 0:
            received = self.supply / self.opening_capital
            gain = p.embolden if received > 0 else p.reassure
            own = gain * received * (1.0 - p.dependence_brake * self.dependence)
        other = r.target
        more = log(max(other.capital, 1e-9) / other.opening_capital) if other.opening_capital > 0 else 0.0
        bound = p.arms_cap * r.resting
        return clip(own + p.alarm * max(more, 0.0), -bound, bound)

    def spend(self) -> None:
        p, m = self.model.p.armament, self.model
        rivals = sum(weight * rival.lift for rival, weight in self.rivals)
        goal = (p.reaction * rivals + self.build_up) / p.adjustment
        lift = goal + (self.lift - goal) * exp(-p.adjustment / YEAR)
        lift += p.volatility / sqrt(YEAR) * m.luck.normal("arms", self.key, m.week)
        if self.gdp > 0 and self.spending > 0:
            lift = min(lift, max(log(p.budget_ceiling * self.gdp / self.spending), 0.0))
        self.next_lift = lift

    def arm(self) -> None:
        p = self.model.p.armament
        self.lift, self.before = self.next_lift, self.capital
        bought = p.procurement_share * self.spending * exp(self.lift) / YEAR
        self.capital = self.capital * exp(-p.depreciation / YEAR) + bought + self.delivered
        self.supply = self.supply * exp(-p.depreciation / YEAR) + self.supplied

    @property
    def tension(self) -> float | None:
        """Power mean of one's own dyads."""
        dyads = list({id(r.dyad): r.dyad for r in self.relations.values()}.values())
        if not dyads:
            return None
        q, total = self.model.exponent, sum(d.weight for d in dyads)
        return (sum(d.weight * d.tension**q for d in dyads) / total) ** (1.0 / q)


class Dyad(mesa.Agent):
    """An undirected pair: what lies between two actors."""

    def __init__(self, model: Theatre, key: str) -> None:
        super().__init__(model)
        record, value = model.scenario.dyads[key], model.value
        self.key = key
        self.weight = record.weight.value
        self.distance = value(record.distance, f"dyads.{key}.distance")
        self.demand = value(record.demand, f"dyads.{key}.demand")
        self.watchful = record.demand.value > 0
        self.substitutes = self.recent_presence_loss = self.vacuum = self.relief = 0.0
        self.severity, self.tension, self.points = 0.0, 0.0, [0.0] * 6
        self.missions: list[Mission] = []
        self.tracks: list[Track] = []
        self.bases: list[SimpleNamespace] = []
        a, b = (model.actors[name] for name in record.between)
        self.forth, self.back = self._relate(record, a, b), self._relate(record, b, a)
        self.forth.back, self.back.back = self.back, self.forth
        self.recent = model.p.incidents.severity * (self.forth.rate + self.back.rate)

    def _relate(self, record: Any, a: Actor, b: Actor) -> Relation:
        value = self.model.value

        def of(name: str) -> float:
            return value(getattr(record, name)[a.key], f"dyads.{self.key}.{name}.{a.key}")

        resting, rate = of("resting_hostility"), of("incident_rate")
        settled = rate / -expm1(-1.0 / self.model.p.incidents.memory)
        relation = Relation(a, b, self, of("stake"), resting, rate, resting, settled, f"{a.key}>{b.key}")
        a.relations[b.key] = relation
        return relation

    @property
    def both(self) -> tuple[Relation, Relation]:
        return self.forth, self.back

    def open(self) -> None:
        """What later weeks are measured against."""
        p = self.model.p.armament
        a, b = self.forth.source, self.back.source
        grown = sum(p.procurement_share * x.spending / max(x.capital, 1e-9) * x.capital for x in (a, b))
        self.growth = (grown - p.depreciation * (a.capital + b.capital)) / max(a.capital + b.capital, 1e-9)
        self.look()
        self.opening_troops, self.opening_police = self.troops, self.police
        self.opening_presence = self.presence = self.present
        self.vacuum = self.opening_vacuum = self.missing

    def look(self) -> None:
        """Count who is there."""
        self.troops = sum(m.strength * m.coordination for m in self.missions)
        self.police = sum(m.police * m.coordination for m in self.missions)
        self.based = sum(b.personnel + self.model.p.missions.reinforcement * b.room for b in self.bases)

    @property
    def present(self) -> float:
        return self.troops + self.model.p.missions.police_weight * self.police + self.based

    @property
    def missing(self) -> float:
        return clip(1.0 - self.presence / max(self.demand, 1.0), 0.0, 1.0) if self.demand > 0 else 0.0

    @property
    def covered(self) -> float:
        needed = self.demand if self.demand > 0 else self.model.p.choice.presence_scale
        return min(self.presence / max(needed, 1.0), 1.0)

    def watch(self) -> None:
        """Presence, what replaces it, and what is missing."""
        p, before = self.model.p.missions, self.troops
        self.look()
        self.recent_presence_loss = fade(self.recent_presence_loss, p.transient_memory) + max(before - self.troops, 0.0)
        lost = max(self.opening_presence - self.present, 0.0)
        self.substitutes += (p.substitution * lost - self.substitutes) * -expm1(-1.0 / p.substitution_delay)
        self.presence = self.present + self.substitutes
        self.vacuum = self.missing

    def happen(self) -> None:
        """Incidents of the week, both ways."""
        m, p = self.model, self.model.p.incidents
        mp = m.p.missions
        dose = mp.troops_effect * (self.troops - self.opening_troops)
        dose += mp.police_effect * (self.police - self.opening_police) - mp.transient * self.recent_presence_loss
        damped = exp(-dose / 1000.0)
        gain = p.branching * -expm1(-1.0 / p.memory)
        for r in self.both:
            mood = exp(clip(p.sensitivity * (r.hostility - r.resting), -6.0, 6.0))
            first = (1.0 - p.branching) * r.rate * mood * damped * (m.factors[r.rung] / r.usual_factor)
            rate = first + gain * (r.excitation + p.answering * (r.back.excitation - r.excitation))
            r.count = draw_count(m.luck.uniform("incident", r.name, m.week), rate, p.dispersion)
        for r in self.both:
            r.excitation = fade(r.excitation, p.memory) + r.count + r.recorded
        fresh = -expm1(-1.0 / m.p.index.incident_memory)
        now = p.severity * (self.forth.count + self.back.count) + self.severity
        self.recent += (now - self.recent) * fresh

    def grow(self) -> None:
        """Build-up of the two together, 1/year."""
        a, b = self.forth.source, self.back.source
        rise = log(max(a.capital + b.capital, 1e-9) / max(a.before + b.before, 1e-9)) * YEAR
        self.growth += (rise - self.growth) * -expm1(-1.0 / self.model.p.index.growth_memory)

    def measure(self) -> None:
        """Pillar points of the week."""
        m = self.model
        for n, (x, (calm, clash)) in enumerate(zip(self.indicators(), m.goalposts, strict=True)):
            self.points[n] = 100.0 * m.weights[n] * clip((x - calm) / (clash - calm), 0.0, 1.0)
        self.tension = sum(self.points)

    def indicators(self) -> tuple[float, ...]:
        p, a = self.model.p.index, self.model.p.acts
        forth, back = self.both
        pace = clip(self.growth / p.growth_reference, 0.0, 1.0)
        uneven = abs(2.0 * forth.chance - 1.0)
        leaning = [
            clip(x.alignment - self.model.p.missions.influence_alignment * (x.influence - x.openness), -1.0, 1.0)
            for x in (forth.source, back.source)
        ]
        apart = 0.5 * abs(leaning[0] - leaning[1]) + p.pact_polarisation * max(forth.feared, back.feared)
        heat = sum(a.rhetoric * r.rhetoric - a.visit * r.visit - a.cooperation * r.cooperation for r in self.both)
        table = (1.0, p.active_deficit, 0.0)  # stalled, active, agreement
        missing = max((table[t.state] for t in self.tracks), default=0.0)
        return (
            0.5 * (forth.hostility + back.hostility),
            log1p(self.recent),
            (1.0 - p.imbalance_share) * pace + p.imbalance_share * uneven,
            clip(apart, 0.0, 1.0),
            self.vacuum,
            clip(missing + heat * 0.05, 0.0, 1.0),
        )

    @property
    def incidents(self) -> int:
        return self.forth.count + self.back.count
