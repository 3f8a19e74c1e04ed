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
QUIET, TENSE, ARMED = 0, 1, 2
#: state of a track whose agreement is in force
AGREEMENT = 3


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
    force: float = 0.0


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
        self.opening_capital = self.usual = self.capital
        self.resting_insecurity = self.insecurity
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
            u = self.model.luck.uniform("rung", relation.name, self.model.week)
            force = self.force_chance(relation) if relation.dyad.regime == TENSE else 0.0
            relation.rung, total, mark = 0, odds[0], u / (1.0 - force) * sum(odds)
            while relation.rung < 3 and mark > total:
                relation.rung += 1
                total += odds[relation.rung]
            if u > 1.0 - force or relation.dyad.regime == ARMED:
                relation.rung = 4
            relation.force = force
        for relation in self.relations.values():
            relation.shown = self.model.severities[relation.rung]

    def odds(self, relation: Relation) -> list[float]:
        """Unnormalised logit odds of the four rungs short of force."""
        p = self.model.p.choice
        ahead = self.force - relation.target.force - relation.dyad.distance / p.strength_decay
        relation.chance = 1.0 / (1.0 + exp(-p.contest_exponent * ahead))
        anger = p.animosity * relation.hostility / 10.0
        appetite = anger + relation.stake * relation.chance
        shield = self.brakes(relation) + p.local_deterrence * relation.dyad.covered + p.belligerence
        step_down = p.inconsistency * max(relation.shown, 0.0)
        worth = [-p.concession - anger - step_down, -step_down]
        for gain, cost, severity in self.model.climbs:
            climb_down = p.inconsistency * max(relation.shown - severity, 0.0)
            office = self.fear if len(worth) > 2 else 0.0
            worth.append(gain * appetite - cost - climb_down - severity * (shield + office) / p.precision)
        worth[2] += p.cheap_talk * self.insecurity / p.precision
        best = max(worth)
        return [exp(p.precision * (u - best)) for u in worth]

    @property
    def fear(self) -> float:
        """What an elite's fear for its office holds back."""
        return self.model.p.choice.elite_fear * self.insecurity * self.coalition

    def brakes(self, relation: Relation) -> float:
        """What else holds back, whatever the rung."""
        p = self.model.p.choice
        held = p.deterrence * relation.guarantee - p.emboldening * self.backing
        return held + p.resources * self.burden + p.aversion * self.war_aversion

    def force_chance(self, r: Relation) -> float:
        """Chance to choose force this week."""
        p = self.model.p.choice
        log_odds = p.force_prize * (r.stake * r.chance - 0.5) + p.force_hostility * (r.hostility - r.level)
        odds = p.outbreak / 2.0 / YEAR * exp(min(log_odds - self.brakes(r) - self.fear, 8.0))
        return odds / (1.0 + odds)

    def expect(self) -> None:
        """Severity and incident factor of conduct at rest."""
        for relation in self.relations.values():
            odds = self.odds(relation)
            total = sum(odds)
            relation.usual_deed = sum(o * s for o, s in zip(odds, self.model.severities, strict=False)) / total
            relation.usual_factor = sum(o * f for o, f in zip(odds, self.model.factors, strict=False)) / total

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
        return r.resting + (r.threat - r.opening_threat) + self.alarm(r) + outside + acts - calm + r.dyad.pressure

    def alarm(self, r: Relation) -> float:
        """Hostility from arms, one's own and the rival's."""
        p = self.model.p.armament
        own = 0.0
        if self.opening_capital > 0:
            received = self.supply / self.opening_capital
            gain = p.embolden if received > 0 else p.reassure
            own = gain * received * (1.0 - p.dependence_brake * self.dependence)
        other = r.target
        more = log(max(other.capital, 1e-9) / max(other.usual, 1e-9)) if other.opening_capital > 0 else 0.0
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
        planned = self.usual * exp(-p.depreciation / YEAR) + p.procurement_share * self.spending / YEAR
        self.usual = planned + (self.capital - planned) * -expm1(-1.0 / p.alarm_memory)

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
        needs = [act.pair for act in model.scenario.acts.values() if act.kind == "need"]
        self.watchful = record.demand.value > 0 or key in needs
        self.substitutes = self.recent_presence_loss = self.vacuum = self.relief = 0.0
        self.regime, self.scar, self.pressure, self.climate = QUIET, 0.0, 0.0, 1.0
        self.stated = record.opening
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
        relation.level = resting
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
        self.opening_presence = self.presence = self.present
        self.vacuum = self.opening_vacuum = self.missing
        self.opening_brake = self.brake
        self.open_regime()

    def open_regime(self) -> None:
        """The regime the pair opens in, and what the theatre's numbers are means over."""
        m, p, b = self.model, self.model.p.regimes, self.model.p.background
        onset = self.onset()
        tense, armed = onset / (onset + p.calming), 0.0
        if self.stated is not None:
            tense = m.value(self.stated.tense, f"dyads.{self.key}.opening.tense")
            armed = m.value(self.stated.armed, f"dyads.{self.key}.opening.armed")
        u = m.luck.uniform("opening regime", self.key, 0)
        self.regime = ARMED if u > 1.0 - armed else TENSE if u > 1.0 - tense - armed else QUIET
        self.usual_climate = 1.0 + tense * (exp(p.tense_rate) - 1.0) + armed * (exp(p.armed_rate) - 1.0)
        self.usual_pressure = tense * p.tense_hostility + armed * p.armed_hostility
        self.opening_agreement = self.agreed
        spread = b.volatility**2 / (1.0 - exp(-2.0 / b.memory))
        self.background, self.half_spread = sqrt(spread) * m.luck.normal("opening background", self.key, 0), spread / 2
        self.feel_regime()

    @property
    def brake(self) -> float:
        """What presence takes off the log of rates and hazards."""
        return self.model.p.missions.dose * log1p(self.presence / 1000.0)

    @property
    def agreed(self) -> float:
        return float(any(track.state == AGREEMENT for track in self.tracks))

    @property
    def mean_hostility(self) -> float:
        return 0.5 * (self.forth.hostility + self.back.hostility)

    def onset(self) -> float:
        """Hazard of a crisis, per year."""
        p = self.model.p.regimes
        log_factor = p.onset_hostility * (self.mean_hostility - p.reference_hostility) - self.brake
        return p.onset * exp(clip(log_factor - p.agreement_brake * self.agreed, -8.0, 8.0))

    def change(self) -> None:
        """Turn tense, armed or quiet; what that does to rates and to hostility."""
        m, p, before = self.model, self.model.p.regimes, self.regime
        u = m.luck.uniform("regime", self.key, m.week)
        excess = self.mean_hostility - 0.5 * (self.forth.level + self.back.level)
        ends = p.ending if before == ARMED else p.calming
        down = -expm1(-ends * exp(clip(-p.duration_hostility * excess, -8.0, 8.0)) / YEAR)
        if before == TENSE and max(self.forth.rung, self.back.rung) == 4:
            self.regime = ARMED
        elif before != QUIET and u < down:
            self.regime -= 1
        elif before == QUIET and u > exp(-self.onset() / YEAR):
            self.regime = TENSE
        self.scar = max(fade(self.scar, p.scar_memory), float(ARMED in (before, self.regime)))
        b = m.p.background
        self.background *= exp(-1.0 / b.memory)
        self.background += b.volatility * m.luck.normal("background", self.key, m.week)
        self.feel_regime()

    def feel_regime(self) -> None:
        p = self.model.p.regimes
        rate = (0.0, p.tense_rate, p.armed_rate)[self.regime] + p.scar_rate * self.scar
        rate -= p.settled_rate * (self.agreed - self.opening_agreement)
        self.climate = exp(rate) / self.usual_climate * exp(self.background - self.half_spread)
        added = (0.0, p.tense_hostility, p.armed_hostility)[self.regime]
        self.pressure = added + p.scar_hostility * self.scar - self.usual_pressure

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
        p, before = self.model.p.missions, log1p(self.present / 1000.0)
        self.look()
        gone = max(before - log1p(self.present / 1000.0), 0.0)
        self.recent_presence_loss = fade(self.recent_presence_loss, p.transient_memory) + gone
        lost = max(self.opening_presence - self.present, 0.0)
        self.substitutes += (p.substitution * lost - self.substitutes) * -expm1(-1.0 / p.substitution_delay)
        self.presence = self.present + self.substitutes
        self.vacuum = self.missing

    def happen(self) -> None:
        """Incidents of the week, both ways."""
        m, p = self.model, self.model.p.incidents
        mp = m.p.missions
        damped = exp(self.opening_brake - self.brake + mp.transient * self.recent_presence_loss) * self.climate
        gain = p.branching * -expm1(-1.0 / p.memory)
        for r in self.both:
            mood = exp(clip(p.sensitivity * (r.hostility - r.resting - self.pressure), -6.0, 6.0))
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
        hostile = min(self.mean_hostility / p.hostile_pair, 1.0)
        uneven = abs(2.0 * forth.chance - 1.0)
        leaning = [
            clip(x.alignment - self.model.p.missions.influence_alignment * (x.influence - x.openness), -1.0, 1.0)
            for x in (forth.source, back.source)
        ]
        apart = 0.5 * abs(leaning[0] - leaning[1]) + p.pact_polarisation * max(forth.feared, back.feared)
        heat = sum(a.rhetoric * r.rhetoric - a.visit * r.visit - a.cooperation * r.cooperation for r in self.both)
        table = (1.0, p.active_deficit, p.signed_deficit, 0.0)  # stalled, active, signed, in force
        missing = max((table[t.state] for t in self.tracks), default=0.0)
        return (
            0.5 * (forth.hostility + back.hostility),
            log1p(self.recent),
            ((1.0 - p.imbalance_share) * pace + p.imbalance_share * uneven) * hostile,
            clip(apart, 0.0, 1.0),
            self.vacuum,
            clip(missing + heat * 0.05, 0.0, 1.0),
        )

    @property
    def incidents(self) -> int:
        return self.forth.count + self.back.count
