"""The whole of a scenario file, after its ``extends`` is merged in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field, create_model

from detente.laws.extensions import named, weekly
from detente.laws.mechanism import Mechanism
from detente.scenario.acts import KINDS, AnyAct, any_of
from detente.scenario.card import brief, card
from detente.scenario.parameters import Parameters, records
from detente.scenario.quantity import Day, Float, Names, Record, Ref, Sources, Told, Truth, Use
from detente.scenario.theatre import Actor, Base, Dialogue, Dyad, Entity, Mission, Pact, Programme, Source


class Level(Record):
    """A verbal level of the index: it begins at ``edge``."""

    label: Told
    edge: Float = Field(ge=0, le=100)
    crisis: Truth = False


class Calendar(Record):
    """When the run starts and ends; up to ``documented_until`` the dated acts are record, after it plan."""

    start: Day
    end: Day
    documented_until: Annotated[Day, Use.READING]


class Claim(Record):
    """A statement that the theatre rests on: the mechanism that carries it, and the changes that switch it off.

    ``carried_by`` names parameters, records or acts by dotted path; ``ablation`` maps a dotted path to the value that
    takes the mechanism away (null removes). Without an ablation nothing in the run depends on the statement.
    ``sign`` says whether the law's priors fix which way that goes, ``faint`` why little comes of it, where that is so.
    """

    statement: str
    mechanism: str
    carried_by: Names
    ablation: dict[str, str | float | None] = Field(default_factory=dict)
    dyad: Annotated[str, Ref("dyads")] = ""
    sign: Literal["built_in", "open"] = "built_in"
    faint: str = ""
    source: Sources = ()


class Scenario(Record):
    """A theatre with its dated acts and parameters: everything a run needs, and nothing else."""

    #: mechanisms and kinds from outside that it is read with
    extensions: ClassVar[tuple[str, ...]] = ()

    name: Annotated[str, Use.WORDS] = Field(default="", pattern=r"^(\w[\w.-]*)?$", max_length=100)
    title: Annotated[str, Use.WORDS]
    question: Annotated[str, Use.WORDS] = ""
    theatre: Told
    notes: Annotated[tuple[str, ...], Use.WORDS] = ()
    #: it changes the record; the loader says so where the file does not
    counterfactual: Annotated[Truth, Use.SHOWN] = False
    footnotes: Annotated[dict[str, str], Use.SHOWN] = Field(default_factory=dict)
    #: what a reader must not take the results for; one named after a section is told where there is something in it
    caveats: Annotated[dict[str, str], Use.WORDS] = Field(default_factory=dict)
    calendar: Calendar
    actors: dict[str, Actor]
    dyads: dict[str, Dyad]
    pacts: dict[str, Pact] = Field(default_factory=dict)
    missions: dict[str, Mission] = Field(default_factory=dict)
    dialogues: dict[str, Dialogue] = Field(default_factory=dict)
    programmes: dict[str, Programme] = Field(default_factory=dict)
    bases: dict[str, Base] = Field(default_factory=dict)
    acts: dict[str, AnyAct] = Field(default_factory=dict)
    levels: Annotated[dict[str, Level], Use.READING]
    parameters: Parameters
    claims: Annotated[dict[str, Claim], Use.WORDS] = Field(default_factory=dict)
    sources: Annotated[dict[str, Source], Use.WORDS] = Field(default_factory=dict)

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        return brief(self)

    def _repr_html_(self) -> str:
        return card(self).html()

    def mechanisms(self) -> tuple[Mechanism, ...]:
        """The mechanisms at work, in their weekly order: an extension is where its section is in the file."""
        return tuple(m for m in weekly(self.extensions) if getattr(self.parameters, m.name) is not None)

    def cautions(self) -> tuple[str, ...]:
        """The caveats that apply: one named after a section, where there is something in it."""
        return tuple(text for name, text in self.caveats.items() if getattr(self, name, True))

    def near(self, base: Base) -> tuple[str, ...]:
        """The pairs in which a base is a presence: those it names, or all of its host but that with its operator.

        An operator from abroad keeps no peace with itself.
        """
        abroad = {base.operator} - {base.host}
        of_host = (key for key, d in self.dyads.items() if base.host in d.between and not abroad & set(d.between))
        return base.dyads or tuple(of_host)

    def in_use(self) -> tuple[str, ...]:
        """The names of the extensions that make a difference here: mechanisms at work, and kinds of agents."""
        working = self.mechanisms()
        found = ((name, named(name)) for name in self.extensions)
        return tuple(name for name, one in found if not isinstance(one, Mechanism) or one in working)


#: sections of a file whose entries other parts name: those of the theatre, and with them the dated acts
ENTITIES = tuple(
    name
    for name, info in Scenario.model_fields.items()
    for kind in get_args(info.annotation)
    if isinstance(kind, type) and issubclass(kind, Entity)
)
SECTIONS = (*ENTITIES, "acts")


class Extended(Scenario):
    """A scenario with the parameters of further mechanisms."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Its class is made from the names of the extensions where it arrives."""
        return _restored, (self.extensions, self.__getstate__())


def _restored(extensions: tuple[str, ...], state: dict[str, Any]) -> Scenario:
    kind = scenario_with(extensions)
    made = kind.__new__(kind)
    made.__setstate__(state)
    return made


@lru_cache(maxsize=16)
def scenario_with(extensions: tuple[str, ...]) -> type[Scenario]:
    """The record of a scenario that is read with ``extensions``. ExtensionError where one cannot be had."""
    if not extensions:
        return Scenario
    added = tuple(kind for mechanism in weekly(extensions) for kind in mechanism.acts)
    fields: dict[str, Any] = {"parameters": (records(extensions)["Parameters"], ...)}
    fields["acts"] = (dict[str, any_of((*KINDS, *added))], Field(default_factory=dict))  # type: ignore[misc]
    made: type[Scenario] = create_model("Scenario", __base__=Extended, __doc__=Scenario.__doc__, **fields)
    made.extensions = extensions
    return made
