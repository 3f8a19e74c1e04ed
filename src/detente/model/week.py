"""One week, phase by phase. Everyone acts on the same situation; the order is WEEK.

| no | phase     | who        | what                                                                  |
|----|-----------|------------|-----------------------------------------------------------------------|
| 1  | calendar  | world      | dated acts of the week take effect; earlier ones fade                  |
| 2  | alliances | Alliance   | perceived reliability, guarantees, threat read into pacts              |
| 3  | missions  | Mission    | strength, reserve call-up, presence, vacuum and what it lets in        |
| 4  | dialogue  | Dialogue   | tracks stall, resume, settle or lapse                                  |
| 5  | choice    | State, Entity | a rung toward each rival                                            |
| 6  | incidents | world      | self-exciting counts, damped by presence                               |
| 7  | hostility | world      | inertia, reciprocity, incidents, arms, pacts, dialogue, coercion       |
| 8  | armament  | Power, State | spending, deliveries, stocks                                         |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.index.formula import summed
from detente.laws import alliances, armament, choice, dialogue, hostility, incidents, missions
from detente.model.calendar import Effect

if TYPE_CHECKING:
    from detente.model.build import Laws
    from detente.model.world import World

Array = NDArray[np.float64]

FELT = ("visit", "cooperation", "rhetoric", "incident", "grievance")


def fading(laws: Laws) -> dict[str, Array]:
    """What is left of every felt act, and of an elite's insecurity, after a week."""
    a = laws.acts
    memories = (a.visit_memory, a.cooperation_memory, a.rhetoric_memory, a.incident_memory, a.accountability_memory)
    named = zip((*FELT, "insecurity"), (*memories, a.insecurity_memory), strict=True)
    return {name: hostility.fade(np.ones(()), memory) for name, memory in named}


def calendar(world: World) -> None:
    """Phase 1. Felt acts fade, then the week's acts add to them; levels that are set are set."""
    now = world.now
    for name in FELT:
        setattr(now, name, getattr(now, name) * world.fading[name])
    rest = world.given.insecurity
    now.insecurity = rest + (now.insecurity - rest) * world.fading["insecurity"]
    world.delivered, world.supplied = world.flows.at(world.week)
    world.severity = np.zeros(now.recent.shape)
    world.recorded = np.zeros(now.counts.shape)
    for effect in world.timetable.get(world.week, ()):
        _apply(world, effect)
    world.heated, world.soothed = words(world)


def words(world: World) -> tuple[Array, Array]:
    """Hostility points that rhetoric adds, and that visits and deals take away, (D, M)."""
    now, a = world.now, world.laws.acts
    return a.rhetoric * now.rhetoric, a.visit * now.visit + a.cooperation * now.cooperation


def _apply(world: World, effect: Effect) -> None:
    """Add or put one effect; in members where the act does not come about nothing changes."""
    if effect.channel == "echoed":
        amount, channel = effect.amount * world.laws.acts.rhetoric_echo, "rhetoric"
    elif effect.channel == "unrest":
        amount, channel = effect.amount, "insecurity"
    else:
        amount, channel = effect.amount, effect.channel
    home = world if channel in ("delivered", "supplied", "severity", "recorded") else world.now
    shape = (getattr(home, channel).shape[0], world.size)
    array = np.array(np.broadcast_to(getattr(home, channel), shape))
    old = array[effect.rows]
    new = np.broadcast_to(amount, old.shape) if effect.put else old + amount
    array[effect.rows] = new if effect.happens is None else np.where(effect.happens, new, old)
    setattr(home, channel, array)
    if channel == "track":
        world.now.age = _reset(world.now.age, effect)


def _reset(age: Array, effect: Effect) -> Array:
    fresh = age.copy()
    fresh[effect.rows] = 0.0 if effect.happens is None else np.where(effect.happens, 0.0, age[effect.rows])
    return fresh


def reckon(world: World) -> None:
    """Phase 2. Pacts: belief decays toward what they are worth; guarantees and threats per directed dyad."""
    now, p, c = world.now, world.laws.alliances, world.cover
    excess = now.perceived - c.reliability
    answered = np.zeros_like(now.perceived)
    for n, rows in enumerate(c.answers):
        for row in rows:
            answered[n] = answered[n] + excess[row] * now.in_force[row]
    now.perceived = alliances.perceive(now.perceived, c.reliability, answered, p)
    now.news = hostility.fade(now.news, p.formation_memory)
    world.guarantee, world.pact_threat, world.feared = pacts(world)


def pacts(world: World) -> tuple[Array, Array, Array]:
    """Guarantee of the target, threat felt by the source [points], how far it believes the pacts, all (D, M)."""
    now, c = world.now, world.cover
    guarantee, threat, feared = (np.zeros(now.hostility.shape) for _ in range(3))
    feel = alliances.threat(now.perceived, now.news, c.activity, world.laws.alliances) * now.in_force
    for n, (shield, addressed) in enumerate(zip(c.shields, c.addressed, strict=True)):
        believed = now.perceived[n] * now.in_force[n]
        guarantee[shield] = alliances.join(guarantee[shield], c.commitment[n], believed)
        threat[addressed] += feel[n]
        feared[addressed] += believed
    return guarantee, threat, feared


def deploy(world: World) -> None:
    """Phase 3. Missions move toward their strength; presence, substitutes, vacuum, outside influence."""
    now, p = world.now, world.laws.missions
    now.troops = missions.toward(now.troops, now.troops_goal, now.ramp)
    now.police = missions.toward(now.police, now.police_goal, now.ramp)
    now.ramp = np.maximum(now.ramp - 1.0, 0.0)
    alarm = np.zeros(now.troops.shape)
    for n, rows in enumerate(world.cover.watched):
        alarm[n] = worst(now.recent, rows)
    c = world.cover
    now.waiting, now.serving = missions.call_up(now.waiting, now.serving, alarm > c.trigger, c.lag, c.stay)
    troops, police, bases = near(world)
    now.hollow = missions.hollow(now.hollow, now.troops_near, troops, p.transient_memory)
    now.troops_near, now.police_near = troops, police
    whole = missions.presence(troops, police, bases, p.police_weight)
    now.substitutes = missions.substitute(now.substitutes, world.full_presence - whole, p)
    world.presence = whole + now.substitutes
    now.vacuum = missions.vacuum(world.presence, world.given.demand)
    admit(world)


def worst(values: Array, rows: NDArray[np.intp]) -> Array:
    """Largest of some rows, member by member."""
    return np.asarray(np.maximum.reduce(values[rows], axis=0))


def near(world: World) -> tuple[Array, Array, Array]:
    """Troops, police and base strength by dyad, persons; reserves that serve count as troops."""
    now, c = world.now, world.cover
    troops, police, bases = (np.zeros((len(world.layout.dyads), world.size)) for _ in range(3))
    there = (now.troops + c.reserve * (now.serving > 0)) * c.coordination
    officers = now.police * c.coordination
    for n, rows in enumerate(c.watched):
        troops[rows] += there[n]
        police[rows] += officers[n]
    for n, rows in enumerate(c.based):
        bases[rows] += now.bases[n]
    for n in world.growing:
        bases[c.based[n]] += world.laws.missions.reinforcement * world.works[n].room(world.week)
    return troops, police, bases


def admit(world: World) -> None:
    """Outside influence follows the vacuum of an actor's worst covered dyad."""
    now = world.now
    gap = np.zeros(now.influence.shape)
    for n, (row, dyads) in enumerate(world.cover.gaps):
        gap[row] = np.maximum(worst(now.vacuum, dyads) - world.opening_gaps[n], 0.0)
    now.influence = missions.influence(
        now.influence, now.influence_rest, gap, world.given.openness, world.laws.missions
    )


def negotiate(world: World) -> None:
    """Phase 4. Tracks move on the situation of their dyads."""
    now, p, c = world.now, world.laws.dialogue, world.cover
    if not c.discussed:
        return
    excess = now.hostility - world.given.resting
    mood, visited = np.zeros(now.age.shape), np.zeros(now.age.shape)
    for n, rows in enumerate(world.discussed):
        mood[n], visited[n] = _mean(excess, rows), _mean(now.visit, rows)
    state = dialogue.step(
        now.track,
        world.streams["dialogue"].uniform(world.week),
        heat=dialogue.heat(mood, p),
        leverage=c.leverage * (1.0 + p.visit_leverage * visited),
        flexibility=c.flexibility,
        tilt=1.0 + (p.style_tilt - 1.0) * c.manipulates,
        p=p,
    )
    now.age = np.where(state == now.track, now.age + 1.0, 0.0)
    now.track = state


def _mean(values: Array, rows: NDArray[np.intp]) -> Array:
    return summed(values[rows]) / len(rows)


def prospect(world: World) -> choice.Prospect:
    """What every actor weighs toward every rival, on the situation of the week."""
    now, g, rows, p = world.now, world.given, world.layout, world.laws.choice
    strength = armament.strength(now.capital, g.personnel, g.readiness, world.laws.armament)
    force = np.log(np.maximum(strength, 1e-9))
    ahead = force[rows.source] - force[rows.target] - world.remoteness
    spending = g.spending * np.exp(now.lift)
    ceiling = world.laws.armament.budget_ceiling * g.gdp
    burden = np.where(g.gdp > 0, np.clip(spending / np.maximum(ceiling, 1e-9), 0.0, 1.0), 0.0)
    needed = np.where(g.demand > 0, g.demand, p.presence_scale)
    covered = np.minimum(world.presence / np.maximum(needed, 1.0), 1.0)
    world.chance = alliances.contest(ahead, p.contest_exponent)
    return choice.Prospect(
        hostility=now.hostility / world.scale,
        prize=g.stake * world.chance,
        guarantee=world.guarantee,
        presence=covered[rows.pair],
        backing=world.backed,
        brake=choice.brake(burden, g.war_aversion, p)[rows.source],
        insecurity=now.insecurity[rows.source],
    )


def office(world: World) -> Array:
    """The elite's net fear of confrontation under the theory the scenario has switched on, (D, M)."""
    insecurity, coalition = world.now.insecurity, world.given.coalition
    variant = world.laws.switches.diversion
    if variant == "resurrection":
        return choice.gamble(insecurity, coalition, world.laws.choice)[world.layout.source]
    fear = choice.office_fear(insecurity, coalition, world.laws.choice)[world.layout.source]
    return -fear if variant == "diversion" else fear


def choose(world: World) -> None:
    """Phase 5. All states and entities pick a rung toward each rival, before anyone moves."""
    now, p = world.now, world.laws.choice
    weighed = prospect(world)
    worth = choice.utilities(weighed, world.shown, office(world), p)
    now.rung, world.shown = choice.pick(world.streams["rung"].uniform(world.week), worth, p)


def happen(world: World) -> None:
    """Phase 6. Incidents of the week, those on record among them."""
    now, g, p, rows = world.now, world.given, world.laws.incidents, world.layout
    m = world.laws.missions
    damped = missions.multiplier(
        world.felt(now.troops_near) - world.felt(world.opening_troops),
        now.police_near - world.opening_police,
        now.hollow,
        m,
    )
    factor = incidents.rung_factor(now.rung, p)
    excess = now.hostility - g.resting
    first = incidents.background(world.first_causes, excess, damped[rows.pair], factor, p)
    rate = incidents.intensity(first, now.excitation, now.excitation[rows.reverse], p)
    now.counts = incidents.counts(world.streams["incident"].uniform(world.week), rate, p.dispersion)
    now.excitation = incidents.excite(now.excitation, now.counts + world.recorded, p.memory)
    both = now.counts[rows.forth] + now.counts[rows.back]
    memory = world.index.incident_memory
    fresh = -np.expm1(-1.0 / memory)
    now.recent = now.recent + (p.severity * both + world.severity - now.recent) * fresh


def turn(world: World) -> None:
    """Phase 7. Hostility tends to its level of the week and answers what was suffered."""
    now, p, rows = world.now, world.laws.hostility, world.layout
    level = target(world)
    h = now.hostility
    stepped = hostility.step(
        h,
        h[rows.reverse],
        level,
        level[rows.reverse],
        surprise=(now.counts - world.given.rate)[rows.reverse],
        deed=world.shown[rows.reverse] - world.usual_deed[rows.reverse],
        coercion=now.coercion[rows.source],
        shock=world.streams["hostility"].normal(world.week),
        p=p,
    )
    now.hostility = hostility.bounded(stepped, world.scale)


def target(world: World) -> Array:
    """Level that hostility tends to, points (D, M): rest, plus whatever differs from the opening."""
    now, g, a, rows = world.now, world.given, world.laws.acts, world.layout
    outside = world.laws.missions.influence_hostility * (now.influence - g.openness)
    level = world.pact_threat - world.opening_threat
    level += g.resting
    level += armed(world)
    level += outside[rows.source]
    level += world.heated
    level += a.incident * now.incident
    level += a.accountability * now.grievance
    level -= world.soothed
    world.relieve(level)
    return level


def armed(world: World) -> Array:
    """Hostility points from arms: own supply emboldens or reassures, a rival's build-up alarms; capped."""
    now, g, p, rows = world.now, world.given, world.laws.armament, world.layout
    received = now.supply / np.maximum(g.capital, 1e-9) * (g.capital > 0)
    own = armament.supply_shock(received, g.dependence, p)
    more = np.log(np.maximum(now.capital, 1e-9) / np.maximum(g.capital, 1e-9)) * (g.capital > 0)
    points = own[rows.source] + p.alarm * np.maximum(more[rows.target], 0.0)
    return armament.capped(points, g.resting, p)


def arm(world: World) -> None:
    """Phase 8. Spending adjusts, deliveries arrive, stocks wear out."""
    now, g, p = world.now, world.given, world.laws.armament
    rivals = world.rivalry(now.lift)
    lift = armament.spend(now.lift, rivals, g.build_up, world.streams["arms"].normal(world.week), p)
    now.lift = armament.within_budget(lift, g.spending, g.gdp, p)
    before = now.capital
    now.capital = armament.stock(before, g.spending * np.exp(now.lift), world.delivered, p)
    now.supply = now.supply * np.exp(-p.depreciation / armament.YEAR) + world.supplied
    i, j = world.ends
    joint, earlier = now.capital[i] + now.capital[j], before[i] + before[j]
    rise = np.log(np.maximum(joint, 1e-9) / np.maximum(earlier, 1e-9)) * armament.YEAR
    now.growth = now.growth + (rise - now.growth) * -np.expm1(-1.0 / world.index.growth_memory)
