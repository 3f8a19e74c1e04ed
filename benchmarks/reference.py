"""The same law as an ordinary Mesa model: one world, Python attributes, one agent at a time, a DataCollector.

It is what a careful Mesa user would write from docs/model.md, and it is written from there, not from the ensemble:
nothing of ``detente.laws`` or ``detente.model`` is used. Two purposes: fed the same draws it must walk the same path
(tests/test_reference.py), and its time per week is what the ensemble is compared with (benchmarks/rivals.py).
Only the theory a scenario starts with is written down: parameters.switches at their defaults.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from math import prod
from types import SimpleNamespace
from typing import Any, Protocol

import mesa
from reference_actors import AGREEMENT, ARMED, QUIET, TENSE, Actor, Dyad, Relation, clip, fade
from reference_orders import STALLED, STATES, Mission, Pact, Track

from detente.scenario.parameters import Switches
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

PILLARS = ("hostility", "incidents", "militarisation", "alignment", "vacuum", "diplomacy")

Value = Callable[[Quantity, str], float]


class Luck(Protocol):
    """Where chance comes from."""

    def uniform(self, purpose: str, entity: str, week: int) -> float: ...

    def normal(self, purpose: str, entity: str, week: int) -> float: ...


class Theatre(mesa.Model):
    """One world; ``value`` gives the number a quantity has in it, ``luck`` its chance."""

    def __init__(self, scenario: Scenario, value: Value, luck: Luck) -> None:
        super().__init__(rng=1)
        if scenario.parameters.switches != Switches():
            raise NotImplementedError("the reference states the default theory only")
        self.scenario, self.value, self.luck, self.week = scenario, value, luck, 0
        self.length = (scenario.calendar.end - scenario.calendar.start).days // 7
        self.p = self._parameters()
        self.actors = {key: Actor(self, key) for key in scenario.actors}
        self.dyads = {key: Dyad(self, key) for key in scenario.dyads}
        self.relations = [r for dyad in self.dyads.values() for r in dyad.both]
        self.pacts = {key: Pact(self, key) for key in scenario.pacts}
        self.missions = {key: Mission(self, key) for key in scenario.missions}
        self.tracks = {key: Track(self, key) for key in scenario.dialogues}
        self.bases = {key: self._base(key) for key in scenario.bases}
        self._outsiders()
        self._rungs()
        self._construction()
        self._calendar()
        self._open()
        self.datacollector = mesa.DataCollector(
            model_reporters={"tension": "tension", "behaviour": "behaviour", "contribution": "contribution"},
            agenttype_reporters={
                Dyad: {"tension": "tension", "incidents": "incidents"},
                Actor: {"tension": "tension"},
            },
        )
        self.measure()

    def _parameters(self) -> SimpleNamespace:
        laws = {}
        names = ("hostility", "choice", "incidents", "missions", "dialogue", "armament", "alliances", "acts")
        for law in (*names, "regimes", "background"):
            laws[law] = self._numbers(getattr(self.scenario.parameters, law), f"parameters.{law}")
        return SimpleNamespace(**laws, index=self._numbers(self.scenario.parameters.index, "parameters.index"))

    def _numbers(self, record: Any, path: str) -> SimpleNamespace:
        found = {name: getattr(record, name) for name in type(record).model_fields}
        return SimpleNamespace(**{n: self.value(q, f"{path}.{n}") for n, q in found.items() if isinstance(q, Quantity)})

    def _outsiders(self) -> None:
        """How far the powers back and reach each actor."""
        for key, actor in self.actors.items():
            for field_name, ours in (("backing", "backing"), ("influence", "openness")):
                shares = [
                    self.value(getattr(power, field_name)[key], f"actors.{name}.{field_name}.{key}")
                    for name, power in self.scenario.actors.items()
                    if key in getattr(power, field_name)
                ]
                setattr(actor, ours, 1.0 - prod(1.0 - share for share in shares))
            actor.influence = actor.influence_rest = actor.openness

    def _rungs(self) -> None:
        p, i = self.p.choice, self.p.incidents
        self.climbs = [
            (p.gain_threaten, p.cost_threaten, p.severity_threaten),
            (p.gain_coerce, p.cost_coerce, p.severity_coerce),
        ]
        self.severities = (-p.relief, 0.0, p.severity_threaten, p.severity_coerce, p.severity_force)
        self.factors = (1.0, 1.0, 1.0, i.when_coercing, 1.0)

    def _construction(self) -> None:
        index = self.scenario.parameters.index
        posts = [getattr(index, pillar) for pillar in PILLARS]
        self.goalposts = [(post.calm.value, post.clash.value) for post in posts]
        total = sum(post.weight.value for post in posts)
        self.weights = [post.weight.value / total for post in posts]
        self.exponent = index.exponent.value
        whole = sum(dyad.weight for dyad in self.dyads.values())
        for dyad in self.dyads.values():
            dyad.weight /= whole

    def week_of(self, day: Any) -> int:
        return (day - self.scenario.calendar.start).days // 7 + 1

    def money(self, q: Quantity, path: str) -> float:
        return self.value(q, path) * (self.p.armament.exchange if q.unit == "EUR m" else 1.0)

    def _base(self, key: str) -> SimpleNamespace:
        record = self.scenario.bases[key]
        base = SimpleNamespace(room=0.0, host=record.host, first=-1, last=0)
        base.personnel = self.value(record.personnel, f"bases.{key}.personnel")
        base.capacity = self.value(record.capacity, f"bases.{key}.capacity")
        base.cost = self.money(record.investment, f"bases.{key}.investment")
        if record.works_from or record.open:
            base.first = self.week_of(record.works_from) if record.works_from else 0
            last = self.week_of(record.open) if record.open else self.length
            base.last = max(last, base.first + 1)
        near = record.dyads or [k for k, d in self.scenario.dyads.items() if record.host in d.between]
        for dyad in near:
            self.dyads[dyad].bases.append(base)
        self._build(base)
        return base

    def _build(self, base: SimpleNamespace) -> None:
        base.room = base.capacity * clip((self.week - base.first + 1) / (base.last - base.first), 0.0, 1.0)

    def _calendar(self) -> None:
        self.acts: dict[int, list[tuple[str, Any]]] = defaultdict(list)
        for name, act in self.scenario.acts.items():
            lasting = round(act.lasting.value) if act.kind == "rhetoric" else 1
            if self._happens(name, act):
                for later in range(lasting):
                    self.acts[self.week_of(act.date) + later].append((name, act))

        self.deliveries = []
        for name, p in self.scenario.programmes.items():
            first, last = self.week_of(p.first_delivery), self.week_of(p.last_delivery)
            value = self.money(p.value, f"programmes.{name}.value") / (last - first + 1)
            self.deliveries.append((first, last, p.actor, p.supplier, value))
        for base in self.bases.values():
            cost = base.cost / (base.last - base.first)
            self.deliveries.append((base.first, base.last - 1, base.host, "", cost))

    def _happens(self, name: str, act: Any) -> bool:
        chance = self.value(act.chance, f"acts.{name}.chance")
        if act.chance.value == 1 and act.chance.spread is None and act.kind != "mandate":
            return True
        return (self.luck.uniform("act", name, 0) < chance) != (act.kind == "mandate")

    def _open(self) -> None:
        for actor in self.actors.values():
            actor.know_rivals()
        for dyad in self.dyads.values():
            dyad.open()
        self.each(Pact, "stand")
        for relation in self.relations:
            relation.opening_threat = relation.threat
        self.each(Actor, "reckon", "expect")

    def step(self) -> None:
        """One week."""
        self.week += 1
        self.date()
        self.each(Pact, "weigh", "pass_on")
        for relation in self.relations:
            relation.guarantee = relation.threat = relation.feared = 0.0
        self.each(Pact, "stand")
        self.each(Mission, "move", "call_up")
        for base in self.bases.values():
            self._build(base)
        self.each(Dyad, "watch")
        self.each(Actor, "admit")
        self.each(Track, "negotiate")
        for dyad in self.dyads.values():
            dyad.relief = 0.0
        self.each(Track, "help")
        self.each(Actor, "reckon", "choose")
        self.each(Dyad, "change", "happen")
        self.each(Actor, "aim", "feel")
        for relation in self.relations:
            relation.hostility = relation.next_hostility
        self.each(Actor, "spend", "arm")
        self.each(Dyad, "grow")
        self.measure()

    def each(self, kind: type[mesa.Agent], *methods: str) -> None:
        """Let all agents of a kind do one thing after the other."""
        if kind in self.agents_by_type:
            for method in methods:
                self.agents_by_type[kind].do(method)

    def measure(self) -> None:
        """The index of the week."""
        for dyad in self.dyads.values():
            dyad.measure()
        q, dyads = self.exponent, self.dyads.values()
        self.tension = sum(d.weight * d.tension**q for d in dyads) ** (1.0 / q)
        lever = [d.weight * (d.tension / (self.tension or 1.0)) ** (q - 1.0) for d in dyads]
        self.contribution = [sum(v * d.points[k] for v, d in zip(lever, dyads, strict=True)) for k in range(6)]
        share = self.weights[0] + self.weights[1]
        narrow = [(d.weight, (d.points[0] + d.points[1]) / share) for d in dyads]
        self.behaviour = sum(w * x**q for w, x in narrow) ** (1.0 / q)
        self.datacollector.collect(self)

    def date(self) -> None:
        """Acts fade; the week's acts take effect."""
        p = self.p.acts
        for r in self.relations:
            r.visit = fade(r.visit, p.visit_memory)
            r.cooperation = fade(r.cooperation, p.cooperation_memory)
            r.rhetoric = fade(r.rhetoric, p.rhetoric_memory)
            r.incident = fade(r.incident, p.incident_memory)
            r.grievance = fade(r.grievance, p.accountability_memory)
            r.recorded = 0.0
        for dyad in self.dyads.values():
            dyad.severity = 0.0
        for actor in self.actors.values():
            rest = actor.resting_insecurity
            actor.insecurity = rest + fade(actor.insecurity - rest, p.insecurity_memory)
            actor.delivered = actor.supplied = 0.0
        self._deliver()
        for name, act in self.acts.get(self.week, ()):
            size = self.value(act.size, f"acts.{name}.size") if hasattr(act, "size") else 0.0
            getattr(self, f"on_{act.kind}")(act, size, f"acts.{name}")

    def _deliver(self) -> None:
        for first, last, actor, supplier, value in self.deliveries:
            if first <= self.week <= last:
                self.receive(actor, supplier, value)

    def receive(self, actor: str, supplier: str, value: float) -> None:
        self.actors[actor].delivered += value
        if supplier in self.actors:
            self.actors[actor].supplied += value * self.actors[supplier].orientation

    def between(self, sources: Any, targets: Any) -> list[Relation]:
        return [r for r in self.relations if r.source.key in sources and r.target.key in targets]

    def on_visit(self, act: Any, size: float, path: str) -> None:
        for r in self.relations:
            if r.source.key in act.to or r.target.key in act.to:
                r.visit += size

    def on_cooperation(self, act: Any, size: float, path: str) -> None:
        for r in self.between(act.by, act.to) + self.between(act.to, act.by):
            r.cooperation += size

    def on_rhetoric(self, act: Any, size: float, path: str) -> None:
        for r in self.between(act.to, act.by):
            r.rhetoric += size
        for r in self.between(act.by, act.to):
            r.rhetoric += size * self.p.acts.rhetoric_echo

    def on_incident(self, act: Any, size: float, path: str) -> None:
        self.clash(act.by, act.to, size)

    def clash(self, by: Any, to: Any, size: float) -> None:
        done = self.between(by, to)
        for r in done:
            r.back.incident += size
            r.recorded += 1.0
        for dyad in {id(r.dyad): r.dyad for r in done}.values():
            dyad.severity += size

    def on_breach(self, act: Any, size: float, path: str) -> None:
        names = {n for d in self.scenario.dialogues[act.track].dyads for n in self.scenario.dyads[d].between}
        self.clash(act.by, names - set(act.by), size)
        self.put(act.track, STALLED)

    def put(self, track: str, state: int) -> None:
        self.tracks[track].state, self.tracks[track].age = state, 0.0

    def on_pact(self, act: Any, size: float, path: str) -> None:
        pact = self.pacts[act.pact]
        pact.perceived, pact.in_force = pact.announced, True
        pact.news += 1.0

    def on_delivery(self, act: Any, size: float, path: str) -> None:
        self.receive(act.to, act.supplier, self.money(act.value, f"{path}.value"))

    def on_mission(self, act: Any, size: float, path: str) -> None:
        mission = self.missions[act.mission]
        if act.troops is not None:
            mission.troops_goal = self.value(act.troops, f"{path}.troops")
        if act.police is not None:
            mission.police_goal = self.value(act.police, f"{path}.police")
        for nation in act.without:
            sent = mission.record.contributors[nation]
            mission.troops_goal -= self.value(sent, f"missions.{act.mission}.contributors.{nation}")
        mission.ramp = self.value(act.over, f"{path}.over")

    def on_mandate(self, act: Any, size: float, path: str) -> None:
        mission = self.missions[act.mission]
        mission.troops_goal = mission.police_goal = 0.0
        mission.ramp = mission.wind_down

    def on_election(self, act: Any, size: float, path: str) -> None:
        self.actors[act.actor].insecurity += size

    on_unrest = on_election

    def on_sanction(self, act: Any, size: float, path: str) -> None:
        self.actors[act.on].coercion += -size if act.lifted else size

    def on_accountability(self, act: Any, size: float, path: str) -> None:
        for r in self.between((act.to,), (act.by,)):
            r.grievance += -size if act.delivered else size

    def on_dialogue(self, act: Any, size: float, path: str) -> None:
        self.put(act.track, STATES[act.state])

    def on_war(self, act: Any, size: float, path: str) -> None:
        for dyad in (self.dyads[pair] for pair in act.pairs):
            dyad.regime = max(dyad.regime, ARMED if act.kind == "war" else TENSE)

    on_crisis = on_war

    def on_ceasefire(self, act: Any, size: float, path: str) -> None:
        for dyad in (self.dyads[pair] for pair in act.pairs):
            dyad.regime = min(dyad.regime, TENSE if act.kind == "ceasefire" else QUIET)
        if act.track:
            self.put(act.track, AGREEMENT)

    on_settlement = on_ceasefire

    def on_membership(self, act: Any, size: float, path: str) -> None:
        self.pacts[act.pact].standing[act.member] = float(act.standing == "member")

    def on_need(self, act: Any, size: float, path: str) -> None:
        self.dyads[act.pair].demand = self.value(act.personnel, f"{path}.personnel")

    def on_influence(self, act: Any, size: float, path: str) -> None:
        self.actors[act.on].influence_rest += self.value(act.change, f"{path}.change")

    def on_base(self, act: Any, size: float, path: str) -> None:
        self.bases[act.base].personnel = self.value(act.personnel, f"{path}.personnel")
