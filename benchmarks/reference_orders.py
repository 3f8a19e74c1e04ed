"""The bodies of the reference that stand above the pairs: pacts, missions, negotiation tracks."""

from __future__ import annotations

from math import exp, expm1, prod
from typing import TYPE_CHECKING

import mesa
from reference_actors import AGREEMENT, ARMED, clip, fade

if TYPE_CHECKING:
    from reference import Theatre

STALLED, ACTIVE, SIGNED = 0, 1, 2
STATES = {"stalled": STALLED, "active": ACTIVE, "signed": SIGNED, "agreement": AGREEMENT}


class Pact(mesa.Agent):
    """An alliance, declaration or agreement."""

    def __init__(self, model: Theatre, key: str) -> None:
        super().__init__(model)
        record, value = model.scenario.pacts[key], model.value
        self.key, self.record, self.news = key, record, 0.0
        for name in ("commitment", "reliability", "activity", "perceived"):
            setattr(self, name, value(getattr(record, name), f"pacts.{key}.{name}"))
        self.announced = self.perceived
        self.in_force = record.in_force is None or record.in_force <= model.scenario.calendar.start
        inside, against = set(record.members), set(record.against) - set(record.members)
        relations = model.relations
        self.standing = dict.fromkeys(record.members, 1.0)
        self.shields = [r for r in relations if r.target.key in inside and r.source.key not in inside]
        self.addressed = [r for r in relations if r.target.key in inside and r.source.key in against]

    def weigh(self) -> None:
        """What it will be believed to be worth."""
        p = self.model.p.alliances
        answered = [self.model.pacts[name] for name in self.record.answers]
        excess = sum(other.perceived - other.reliability for other in answered if other.in_force)
        rest = clip(self.reliability + p.echo * excess, 0.0, 1.0)
        self.next_perceived = rest + (self.perceived - rest) * exp(-1.0 / p.perceived_memory)

    def stand(self) -> None:
        """Guarantee, threaten, be feared."""
        p = self.model.p.alliances
        if not self.in_force:
            return
        for r in self.shields:
            r.guarantee = 1.0 - (1.0 - r.guarantee) * (
                1.0 - self.commitment * self.perceived * self.standing[r.target.key]
            )
        for r in self.addressed:
            r.threat += p.threat * self.perceived * self.activity + p.formation * self.news
            r.feared += self.perceived

    def pass_on(self) -> None:
        self.perceived = self.next_perceived
        self.news = fade(self.news, self.model.p.alliances.formation_memory)


class Mission(mesa.Agent):
    """A peace mission with a reserve."""

    def __init__(self, model: Theatre, key: str) -> None:
        super().__init__(model)
        record, value = model.scenario.missions[key], model.value
        self.key, self.record = key, record
        for name in ("troops", "police", "reserve", "trigger", "call_up_lag", "stay", "coordination", "wind_down"):
            setattr(self, name, value(getattr(record, name), f"missions.{key}.{name}"))
        self.troops_goal, self.police_goal = self.troops, self.police
        self.ramp = self.waiting = self.serving = 0.0
        for dyad in record.dyads:
            model.dyads[dyad].missions.append(self)

    @property
    def strength(self) -> float:
        return self.troops + (self.reserve if self.serving > 0 else 0.0)

    def move(self) -> None:
        left = max(self.ramp, 1.0)
        self.troops += (max(self.troops_goal, 0.0) - self.troops) / left
        self.police += (self.police_goal - self.police) / left
        self.ramp = max(self.ramp - 1.0, 0.0)

    def call_up(self) -> None:
        alarm = max(self.model.dyads[name].recent for name in self.record.dyads) > self.trigger
        alarm = alarm and self.troops_goal > 0 and self.troops > 0
        idle, arrives = self.waiting <= 0 and self.serving <= 0, 0 < self.waiting <= 1
        self.serving = self.stay if arrives else max(self.serving - 1.0, 0.0)
        self.waiting = max(self.call_up_lag, 1.0) if idle and alarm else max(self.waiting - 1.0, 0.0)


class Track(mesa.Agent):
    """A negotiation track or settlement order."""

    def __init__(self, model: Theatre, key: str) -> None:
        super().__init__(model)
        record, value = model.scenario.dialogues[key], model.value
        self.key, self.state = key, STATES[record.start]
        self.age = value(record.age, f"dialogues.{key}.age")
        self.leverage = value(record.leverage, f"dialogues.{key}.leverage")
        self.flexibility = prod(value(q, f"dialogues.{key}.flexibility.{a}") for a, q in record.flexibility.items())
        p = model.p.dialogue
        self.lapse = p.lapse if record.lapse is None else value(record.lapse, f"dialogues.{key}.lapse")
        self.tilt = p.style_tilt if record.style == "manipulation" else 1.0
        self.dyads = [model.dyads[name] for name in record.dyads]
        for dyad in self.dyads:
            dyad.tracks.append(self)
        self.opening_relief = self.relief

    @property
    def relief(self) -> float:
        """Hostility points that the track takes away."""
        p = self.model.p.dialogue
        if self.state >= SIGNED:
            return p.settlement_gain * (p.signed_share if self.state == SIGNED else 1.0)
        fresh = exp(-self.age / p.memory)
        return p.short_gain * fresh - p.long_erosion * self.tilt * (1.0 - fresh) if self.state == ACTIVE else 0.0

    def negotiate(self) -> None:
        p, m = self.model.p.dialogue, self.model
        relations = [r for dyad in self.dyads for r in dyad.both]
        mood = sum(r.hostility - r.resting for r in relations) / len(relations)
        visited = sum(r.visit for r in relations) / len(relations)
        heat = exp(clip(p.hostility_sensitivity * mood, -3.0, 3.0))
        leverage = self.leverage * (1.0 + p.visit_leverage * visited)
        carries = (p.resume, p.settle * self.flexibility * self.tilt, p.ratify, 0.0)[self.state]
        breaks = (0.0, p.stall, p.unravel, self.lapse)[self.state]
        strain = p.armed_lapse if any(dyad.regime == ARMED for dyad in self.dyads) else 1.0
        down, up = -expm1(-heat * strain * breaks), -expm1(-leverage / heat * carries)
        before, u = self.state, m.luck.uniform("dialogue", self.key, m.week)
        if u < down and self.state != STALLED:
            self.state = STALLED
        elif u > 1.0 - up and self.state != AGREEMENT:
            self.state += 1
        self.age = self.age + 1.0 if self.state == before else 0.0

    def help(self) -> None:
        for dyad in self.dyads:
            dyad.relief += self.relief - self.opening_relief
