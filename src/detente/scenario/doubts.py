"""Warnings about a scenario that can be run: numbers implausible for their unit, and actors that take no part.

The bounds are wide: they find a slip of a unit or of three zeros, not a bold assumption. Fractions are those of any
state on record; persons are those of the largest deployments there were.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from detente.scenario.acts import Delivery
from detente.scenario.diagnostics import listed
from detente.scenario.quantity import written
from detente.scenario.schema import Scenario
from detente.scenario.suppositions import supposed
from detente.scenario.theatre import Actor, Mission
from detente.scenario.values import words

#: spending as a share of GDP: only states at total war spend more
BURDEN = 0.2
#: GDP in USD m: from the smallest island state up (the largest economy is the schema's bound)
LEAST_GDP = 100.0
#: USD m of GDP, and of spending a year, for each person under arms: poorest mass army to richest small one
GDP_EACH = 0.005, 200.0
SPENDING_EACH = 0.0003, 5.0
#: stock over yearly spending: decades of procurement at most, and not less than a few weeks of it
STOCK = 0.01, 100.0
#: persons under arms below which thousands were meant
LEAST_PERSONNEL = 100.0
#: growth of spending a year, kept up over a run
GROWTH = 0.5
#: persons: above the largest peace operation there was (IFOR 1996: 60,000; ISAF 2011: 130,000)
DEPLOYABLE = 150_000.0
#: persons: police of a mission (UNMIK: 4,500)
POLICE = 20_000.0
#: strength of a mission below which thousands were meant
LEAST_TROOPS = 5.0
#: incidents a week of one side against the other: several a day
RATE = 50.0
#: years that a run lasts: beyond, nothing that is stated of today's actors says anything
LASTING = 30.0
#: years of an actor's spending that one delivery, programme or base may cost
YEARS_OF_SPENDING = 20.0


class Doubt(NamedTuple):
    """A warning: code, dotted path, what is doubtful, what to do."""

    code: str
    path: str
    message: str
    hint: str


def doubts(scenario: Scenario) -> Iterator[Doubt]:
    """Everything doubtful that can be seen without a run."""
    yield from _long(scenario)
    for name, actor in scenario.actors.items():
        yield from _means(f"actors.{name}", actor)
    for name, mission in scenario.missions.items():
        yield from _strength(f"missions.{name}", mission)
    yield from _needs(scenario)
    yield from _costs(scenario)
    yield from _idle(scenario)
    yield from _remote(scenario)
    yield from _weak(scenario)


def _odd(path: str, message: str, hint: str) -> Doubt:
    return Doubt("W201", path, f"{path.split('.')[1]}: {message}", hint)


def _long(scenario: Scenario) -> Iterator[Doubt]:
    """A run over generations: a year that was mistyped forward, as 2121 for 2021."""
    years = (scenario.calendar.end - scenario.calendar.start).days / 365.25
    if years > LASTING:
        yield _odd(
            "calendar.end", f"the run lasts {years:.0f} years ({years * 52.18:,.0f} weeks)", "is the year right?"
        )


def _means(path: str, actor: Actor) -> Iterator[Doubt]:
    """What an actor has, each number against its neighbours."""
    gdp, spending, people = actor.gdp.value, actor.spending.value, actor.personnel.value
    stock = actor.capital.value if actor.capital else 0.0
    few, people = 0 < people < LEAST_PERSONNEL, people if people >= LEAST_PERSONNEL else 0.0
    if 0 < gdp < LEAST_GDP:
        yield _odd(f"{path}.gdp", f"a GDP of {written(gdp)} USD m is below any state's", 'with unit "USD bn"?')
    elif gdp > 0 and spending > BURDEN * gdp:
        share = f"spending is {spending / gdp:.0%} of GDP"
        yield _odd(f"{path}.spending", f"{share}: above a fifth, as only in total war", "look at both units")
    elif gdp > 0 and people > 0 and not GDP_EACH[0] <= gdp / people <= GDP_EACH[1]:
        each = f"{gdp / people:.3g} USD m of GDP for each person under arms"
        yield _odd(f"{path}.gdp", f"{each}: from {GDP_EACH[0]:g} to {GDP_EACH[1]:g} is on record", "in thousands?")
    if few:
        told = f"{written(actor.personnel.value)} persons under arms"
        yield _odd(f"{path}.personnel", told, 'with unit "thousand persons"?')
    elif people > 0 and spending > 0 and not SPENDING_EACH[0] <= spending / people <= SPENDING_EACH[1]:
        each = f"{spending / people:.3g} USD m a year for each person under arms"
        known = f"from {SPENDING_EACH[0]:g} to {SPENDING_EACH[1]:g} is on record"
        yield _odd(f"{path}.spending", f"{each}: {known}", "look at both units")
    if stock > 0 and spending > 0 and not STOCK[0] <= stock / spending <= STOCK[1]:
        yield _odd(f"{path}.capital", f"a stock worth {stock / spending:.3g} years of spending", "look at both units")
    if actor.capital and stock == 0 and spending > 0:
        left = "left out, it opens at what spending sustains"
        yield _odd(f"{path}.capital", "no stock at all beside spending: it grows from nothing", left)
    if abs(actor.build_up.value) > GROWTH:
        yield _odd(
            f"{path}.build_up", f"spending that grows by {actor.build_up.value:.0%} a year", 'with unit "% per year"?'
        )


def _strength(path: str, mission: Mission) -> Iterator[Doubt]:
    """A mission's persons, and what its contingents add up to."""
    for field, most in (("troops", DEPLOYABLE), ("reserve", DEPLOYABLE), ("police", POLICE)):
        value = getattr(mission, field).value
        if value > most:
            yield _odd(f"{path}.{field}", f"{written(value)} persons: no peace operation came near", "look at its unit")
    if 0 < mission.troops.value < LEAST_TROOPS:
        few = f"{written(mission.troops.value)} persons"
        yield _odd(f"{path}.troops", few, 'with unit "thousand persons"?')
    sent = sum(q.value for q in mission.contributors.values())
    if sent > mission.troops.value:
        both = f"contingents of {written(sent)} persons in a mission of {written(mission.troops.value)}"
        yield _odd(f"{path}.contributors", both, "no more can leave than there are")


def _needs(scenario: Scenario) -> Iterator[Doubt]:
    for name, dyad in scenario.dyads.items():
        if dyad.demand.value > DEPLOYABLE:
            need = f"a need for {written(dyad.demand.value)} persons is far above anything deployable"
            yield _odd(f"dyads.{name}.demand", f"{need}: the pair stays in a vacuum", "look at its unit")
        for actor, rate in dyad.incident_rate.items():
            if rate.value > RATE:
                often = f"{written(rate.value)} incidents a week, in a usual week"
                yield _odd(f"dyads.{name}.incident_rate.{actor}", often, "a yearly number? divide it by 52")


def _costs(scenario: Scenario) -> Iterator[Doubt]:
    """What one actor receives, against what it spends in a year."""
    costs = [(f"programmes.{name}.value", p.actor, p.value) for name, p in scenario.programmes.items()]
    costs += [(f"bases.{name}.investment", base.host, base.investment) for name, base in scenario.bases.items()]
    arrive = ((name, act) for name, act in scenario.acts.items() if isinstance(act, Delivery))
    costs += [(f"acts.{name}.value", act.to, act.value) for name, act in arrive]
    for path, actor, cost in costs:
        budget = scenario.actors[actor].spending.value
        if budget > 0 and cost.value > YEARS_OF_SPENDING * budget:
            yield _odd(path, f"{cost.value / budget:.3g} times what {actor} spends in a year", "look at both units")


def _idle(scenario: Scenario) -> Iterator[Doubt]:
    """Actors that nothing in a run depends on."""
    paired = {name for dyad in scenario.dyads.values() for name in dyad.between}
    called = _called(scenario)
    for name, actor in scenario.actors.items():
        if name in paired:
            continue
        if actor.kind != "power":
            what = f"{name} is in no pair: it decides nothing and nothing happens to it"
            yield Doubt("W203", f"actors.{name}", what, "add a dyad, or take it out")
        elif not (actor.backing or actor.influence or name in called):
            what = f"{name} is in no pair, backs and influences nobody, and is named nowhere"
            yield Doubt("W203", f"actors.{name}", what, "say what it does, or take it out")


def _remote(scenario: Scenario) -> Iterator[Doubt]:
    """Bases whose troops are a presence nowhere."""
    for name, base in scenario.bases.items():
        if (base.personnel.value or base.capacity.value) and not scenario.near(base):
            what = f"{name} is a presence in no pair: {base.host} has none but that with {base.operator}, if any"
            yield Doubt("W203", f"bases.{name}", what, "name its dyads, or take its strength out")


def _called(scenario: Scenario) -> set[str]:
    """All words that stand in pacts, tracks, programmes, bases and acts, and the suppliers of actors."""
    ties = [actor.dependence for actor in scenario.actors.values()]
    return set(words([ties, scenario.pacts, scenario.dialogues, scenario.programmes, scenario.bases, scenario.acts]))


def _weak(scenario: Scenario) -> Iterator[Doubt]:
    """Actors in a pair that have no strength and do not say so."""
    silent = {entry.path for entry in supposed(scenario)}
    for name, actor in scenario.actors.items():
        pairs = [key for key, dyad in scenario.dyads.items() if name in dyad.between]
        none = actor.spending.value == actor.personnel.value == 0 and actor.capital and actor.capital.value == 0
        if pairs and none and f"actors.{name}.personnel" in silent:
            what = f"{name} has neither forces nor spending: in {listed(pairs)} the other side prevails for certain"
            yield Doubt("W204", f"actors.{name}", what, "give it spending and personnel, or state personnel: 0")
