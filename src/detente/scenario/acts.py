"""Dated acts: what happens when. A scenario is a theatre plus such acts plus parameter changes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from detente.scenario.quantity import Day, Measure, Names, Quantity, Record, Truth, refers
from detente.scenario.theatre import Actors, Persons, Share, Signed, Weeks

#: Goldstein magnitude, 0 to 10; the sign is the kind's own
Size = Annotated[Quantity, Measure("goldstein", 0, 10)]
#: who does something may be an alliance or a mission, too
Doers = Annotated[Names, refers("actors", "pacts", "missions")]


class Act(Record):
    """What every act has. ``chance`` below 1 makes it happen in that share of members only.

    ``source`` documents that and when it happened (or is planned); without it the act is an assumption.
    """

    date: Day
    title: str
    chance: Share = Quantity(value=1, unit="share")
    mark: Truth = False
    source: Names = ()
    note: str = ""


class Visit(Act):
    """A high-level visit or meeting: calms every dyad of the hosts for a while."""

    kind: Literal["visit"]
    by: Doers
    to: Actors
    size: Size


class Cooperation(Act):
    """A deal, a concession, a withdrawal: lowers hostility between ``by`` and ``to``, both ways."""

    kind: Literal["cooperation"]
    by: Doers
    to: Actors
    size: Size


class Rhetoric(Act):
    """A statement or a campaign of ``lasting`` weeks: raises hostility of ``to`` toward ``by`` and, less, back."""

    kind: Literal["rhetoric"]
    by: Doers
    to: Actors
    size: Size
    lasting: Weeks = Quantity(value=1, unit="weeks")


class Incident(Act):
    """A documented or supposed violent or coercive event of ``by`` against ``to``."""

    kind: Literal["incident"]
    by: Doers
    to: Actors
    size: Size


class Breach(Act):
    """A breach of a settlement order (a dialogue track): an incident that also stalls the track."""

    kind: Literal["breach"]
    by: Doers
    track: Annotated[str, refers("dialogues")]
    size: Size


class PactAct(Act):
    """A pact is announced or renewed: perceived reliability jumps to the pact's ``perceived``."""

    kind: Literal["pact"]
    pact: Annotated[str, refers("pacts")]


class Delivery(Act):
    """Arms that arrive on one day, outside a programme."""

    kind: Literal["delivery"]
    to: Annotated[str, refers("actors")]
    supplier: str
    value: Annotated[Quantity, Measure("USD m", 0, 5e4, also=("EUR m",))]


class MissionChange(Act):
    """A mission moves to a new strength, or loses the contingents of ``without``, within ``over`` weeks."""

    kind: Literal["mission"]
    mission: Annotated[str, refers("missions")]
    troops: Persons | None = None
    police: Persons | None = None
    without: Names = ()
    over: Weeks = Quantity(value=4, unit="weeks")


class Mandate(Act):
    """A vote on a mission's mandate; ``chance`` is that of renewal. Not renewed: the mission winds down."""

    kind: Literal["mandate"]
    mission: Annotated[str, refers("missions")]


class Election(Act):
    """An election or a protest wave: the elite's insecurity rises by ``size`` and ebbs."""

    kind: Literal["election", "unrest"]
    actor: Annotated[str, refers("actors")]
    size: Share


class Sanction(Act):
    """Outside coercion on an actor: imposed adds to the pressure, lifted takes it away."""

    kind: Literal["sanction"]
    by: Doers
    on: Annotated[str, refers("actors")]
    size: Size
    lifted: Truth = False


class Accountability(Act):
    """A violent act is answered for (``delivered``) or goes unpunished."""

    kind: Literal["accountability"]
    by: Annotated[str, refers("actors", "pacts", "missions")]
    to: Annotated[str, refers("actors")]
    delivered: Truth
    size: Size


class DialogueTurn(Act):
    """A dialogue track is put into a state."""

    kind: Literal["dialogue"]
    track: Annotated[str, refers("dialogues")]
    state: Literal["active", "stalled", "agreement"]


class Influence(Act):
    """An outside power's influence on an actor changes by ``change``."""

    kind: Literal["influence"]
    power: Annotated[str, refers("actors")]
    on: Annotated[str, refers("actors")]
    change: Signed


class BaseOpens(Act):
    """A base reaches ``personnel`` strength."""

    kind: Literal["base"]
    base: Annotated[str, refers("bases")]
    personnel: Persons


AnyAct = Annotated[
    Visit
    | Cooperation
    | Rhetoric
    | Incident
    | Breach
    | PactAct
    | Delivery
    | MissionChange
    | Mandate
    | Election
    | Sanction
    | Accountability
    | DialogueTurn
    | Influence
    | BaseOpens,
    Field(discriminator="kind"),
]
