"""Who is there: actors, politically relevant dyads, pacts, missions, dialogue tracks, programmes, bases."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from detente.scenario.quantity import Day, Measure, Names, Quantity, Record, Ref, Sources, Told, Truth

Share = Annotated[Quantity, Measure("share", 0, 1)]
Signed = Annotated[Quantity, Measure("share", -1, 1)]
Persons = Annotated[Quantity, Measure("persons", 0, 5e6)]
Points = Annotated[Quantity, Measure("points", 0, 10)]
Money = Annotated[Quantity, Measure("USD m", 0, 3e7)]
Cost = Annotated[Quantity, Measure("USD m", 0, 5e4, also=("EUR m",))]
Weeks = Annotated[Quantity, Measure("weeks", 0, 5000)]
Growth = Annotated[Quantity, Measure("1/year", -0.5, 1)]
Rate = Annotated[Quantity, Measure("events/week", 0, 200)]
Number = Annotated[Quantity, Measure("1", 0, 1e5)]
Actors = Annotated[Names, Ref("actors")]
Pairs = Annotated[Names, Ref("dyads")]


def _unspent(stated: dict[str, Any]) -> Quantity | None:
    """The stock of an actor whose file says nothing about it: none without spending, otherwise left open."""
    spending = stated.get("spending")
    return None if spending and (spending.value or spending.spread) else Quantity(value=0, unit="USD m")


class Source(Record):
    """Where a number comes from."""

    publisher: str
    title: str
    date: str = ""
    url: str = ""
    grade: Literal["high", "medium", "low", "estimate", "background"] = "medium"
    fact: str = ""


class Entity(Record):
    """What the theatre consists of: other parts of a file name it."""


class Actor(Entity):
    """A state, an entity below the state, or an outside power."""

    kind: Literal["state", "entity", "power"]
    label: Told
    short: Told = ""
    note: Told = ""
    map_key: Told = ""
    region: Truth = True
    spending: Money = Quantity(value=0, unit="USD m")
    gdp: Money = Quantity(value=0, unit="USD m")
    personnel: Persons = Quantity(value=0, unit="persons")
    #: left out, it opens at the stock that the opening spending sustains (None); without spending there is none
    capital: Money | None = Field(default_factory=_unspent)
    build_up: Growth = Quantity(value=0, unit="1/year")
    readiness: Share = Quantity(value=1, unit="share")
    alignment: Signed = Quantity(value=0, unit="share")
    insecurity: Share = Quantity(value=0, unit="share")
    coalition: Share = Quantity(value=0.5, unit="share")
    war_aversion: Share = Quantity(value=0.5, unit="share")
    #: powers only: how strongly each client is backed, and the lean of arms it supplies (+1 revisionist)
    backing: Annotated[dict[str, Share], Ref("actors")] = Field(default_factory=dict)
    influence: Annotated[dict[str, Share], Ref("actors")] = Field(default_factory=dict)
    orientation: Signed = Quantity(value=0, unit="share")
    dependence: Annotated[dict[str, Share], Ref("actors")] = Field(default_factory=dict)


class Opening(Record):
    """Chances that a pair opens tense, and armed; what is left of 1 is quiet."""

    tense: Share = Quantity(value=0, unit="share")
    armed: Share = Quantity(value=0, unit="share")


class Dyad(Entity):
    """A politically relevant pair. Mappings keyed by actor say whose: ``stake[A]`` is A's stake against B."""

    between: Annotated[tuple[str, str], Ref("actors")]
    label: Told = ""
    weight: Number = Quantity(value=1, unit="1")
    distance: Annotated[Quantity, Measure("km", 0, 5000)] = Quantity(value=0, unit="km")
    stake: dict[str, Share]
    resting_hostility: dict[str, Points]
    incident_rate: dict[str, Rate]
    demand: Persons = Quantity(value=0, unit="persons")
    #: left out, the pair opens quiet or tense as often as it is in the long run
    opening: Opening | None = None
    note: Told = ""


class Pact(Entity):
    """An alliance, declaration or agreement."""

    label: Told
    members: Actors
    commitment: Share
    reliability: Share
    perceived: Share
    in_force: Day | None = None
    #: documents the members and the date
    source: Sources = ()
    #: actors that read the pact as directed at them
    against: Actors = ()
    #: pacts that this one is presented as an answer to: it is believed the more, the more they are
    answers: Annotated[Names, Ref("pacts")] = ()
    activity: Number = Quantity(value=1, unit="1")
    note: Told = ""


class Mission(Entity):
    """A peace mission: strength, area, reserve, mandate."""

    label: Told
    dyads: Pairs
    troops: Persons
    police: Persons = Quantity(value=0, unit="persons")
    reserve: Persons = Quantity(value=0, unit="persons")
    #: of the troops, those of each nation named: what leaves when an act takes the nation out
    contributors: dict[str, Persons] = Field(default_factory=dict)
    trigger: Annotated[Quantity, Measure("goldstein", 0, 1000)] = Quantity(value=20, unit="goldstein")
    call_up_lag: Weeks = Quantity(value=2, unit="weeks")
    stay: Weeks = Quantity(value=26, unit="weeks")
    coordination: Share = Quantity(value=1, unit="share")
    wind_down: Weeks = Quantity(value=26, unit="weeks")
    headquarters: str = ""
    note: Told = ""


class Dialogue(Entity):
    """A negotiation track or settlement order between parties."""

    label: Told
    dyads: Pairs
    parties: Actors
    mediators: Actors = ()
    start: Literal["active", "stalled", "signed", "agreement"] = "active"
    flexibility: dict[str, Share]
    leverage: Share
    style: Literal["facilitation", "manipulation"] = "facilitation"
    age: Weeks = Quantity(value=0, unit="weeks")
    #: hazard that an agreement of this kind lapses; left out, that of the dialogue parameters
    lapse: Annotated[Quantity, Measure("1/week", 0, 1)] | None = None
    note: Told = ""


class Programme(Entity):
    """A procurement with its delivery window; the value is spread evenly over it."""

    label: Told
    actor: Annotated[str, Ref("actors")]
    supplier: str
    value: Cost
    quantity: Number = Quantity(value=0, unit="1")
    ordered: Day | None = None
    first_delivery: Day
    last_delivery: Day
    #: documents the dates
    source: Sources = ()
    note: Told = ""


class Base(Entity):
    """A base: the strength its operator keeps there, and money that goes into it."""

    label: Told
    host: Annotated[str, Ref("actors")]
    operator: Annotated[str, Ref("actors", "pacts", "missions")]
    personnel: Persons = Quantity(value=0, unit="persons")
    capacity: Persons = Quantity(value=0, unit="persons")
    investment: Cost = Quantity(value=0, unit="USD m")
    works_from: Day | None = None
    open: Day | None = None
    dyads: Pairs = ()
    #: documents the dates
    source: Sources = ()
    note: Told = ""
