"""The whole of a scenario file, after its ``extends`` is merged in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from detente.scenario.acts import AnyAct
from detente.scenario.parameters import Parameters
from detente.scenario.quantity import Day, Float, Names, Record, Truth, refers
from detente.scenario.theatre import Actor, Base, Dialogue, Dyad, Mission, Pact, Programme, Source


class Level(Record):
    """A verbal level of the index: it begins at ``edge``."""

    label: str
    edge: Float = Field(ge=0, le=100)
    crisis: Truth = False


class Calendar(Record):
    """When the run starts and ends; up to ``documented_until`` the dated acts are record, after it plan."""

    start: Day
    end: Day
    documented_until: Day


class Claim(Record):
    """A statement that the theatre rests on: the mechanism that carries it, and the changes that switch it off.

    ``carried_by`` names parameters, records or acts by dotted path; ``ablation`` maps a dotted path to the value that
    takes the mechanism away (null removes). Without an ablation nothing in the run depends on the statement.
    """

    statement: str
    mechanism: str
    carried_by: Names
    ablation: dict[str, str | float | None] = Field(default_factory=dict)
    dyad: Annotated[str, refers("dyads")] = ""
    source: Names = ()


class Scenario(Record):
    """A theatre with its dated acts and parameters: everything a run needs, and nothing else."""

    name: str = Field(default="", pattern=r"^(\w[\w.-]*)?$", max_length=100)
    title: str
    question: str = ""
    theatre: str
    notes: tuple[str, ...] = ()
    #: it changes the record; the loader says so where the file does not
    counterfactual: Truth = False
    footnotes: dict[str, str] = Field(default_factory=dict)
    calendar: Calendar
    actors: dict[str, Actor]
    dyads: dict[str, Dyad]
    pacts: dict[str, Pact] = Field(default_factory=dict)
    missions: dict[str, Mission] = Field(default_factory=dict)
    dialogues: dict[str, Dialogue] = Field(default_factory=dict)
    programmes: dict[str, Programme] = Field(default_factory=dict)
    bases: dict[str, Base] = Field(default_factory=dict)
    acts: dict[str, AnyAct] = Field(default_factory=dict)
    levels: dict[str, Level]
    parameters: Parameters
    claims: dict[str, Claim] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)
