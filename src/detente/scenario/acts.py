"""Dated acts: what happens when. A scenario is a theatre plus such acts plus parameter changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union

import numpy as np
from pydantic import Field

from detente.laws import dialogue as talks
from detente.laws.effects import Dated, Effect, Translator
from detente.laws.situation import ARMED, QUIET, TENSE
from detente.scenario.quantity import Day, Measure, Names, Quantity, Record, Ref, Sources, Told, Truth, Use
from detente.scenario.theatre import Actors, Pairs, Persons, Share, Signed, Weeks

#: Goldstein magnitude, 0 to 10; the sign is the kind's own
Size = Annotated[Quantity, Measure("goldstein", 0, 10)]
#: who does something may be an alliance or a mission, too
Doers = Annotated[Names, Ref("actors", "pacts", "missions")]


#: words of a scenario file -> states of a track
STATES = {
    "stalled": talks.STALLED,
    "active": talks.ACTIVE,
    "signed": talks.SIGNED,
    "agreement": talks.AGREEMENT,
}


class Act(Record):
    """What every act has. ``chance`` below 1 makes it happen in that share of members only.

    ``source`` documents that and when it happened (or is planned); without it the act is an assumption.
    """

    #: arrays of the situation that it moves
    moves: ClassVar[tuple[str, ...]] = ()

    date: Day
    title: Told
    chance: Share = Quantity(value=1, unit="share")
    mark: Annotated[Truth, Use.SHOWN] = False
    source: Sources = ()
    note: Told = ""

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """What the act at ``path`` does: effects, each with how many weeks later."""
        raise NotImplementedError

    def happens(self, chance: Any, luck: Any) -> Any:
        """Members in which it comes about: their ``luck``, uniform on (0, 1), lies below ``chance``."""
        return luck < chance

    @property
    def certain(self) -> bool:
        """Whether it comes about in every member."""
        return self.chance.value == 1 and self.chance.spread is None


class Towards(Act):
    """Something that ``by`` does to ``to``."""

    by: Doers
    to: Actors
    size: Size


class Visit(Towards):
    """A high-level visit or meeting: calms every dyad of the hosts for a while."""

    moves = ("visit",)
    kind: Literal["visit"]

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        yield 0, Effect("visit", t.layout.of(self.to), t.size(self.size, f"{path}.size"))


class Cooperation(Towards):
    """A deal, a concession, a withdrawal: lowers hostility between ``by`` and ``to``, both ways."""

    moves = ("cooperation",)
    kind: Literal["cooperation"]

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        size = t.size(self.size, f"{path}.size")
        yield 0, Effect("cooperation", t.layout.rows(self.by, self.to), size)
        yield 0, Effect("cooperation", t.layout.rows(self.to, self.by), size)


class Rhetoric(Towards):
    """A statement or a campaign of ``lasting`` weeks: raises hostility of ``to`` toward ``by`` and, less, back."""

    moves = ("rhetoric",)
    kind: Literal["rhetoric"]
    lasting: Weeks = Quantity(value=1, unit="weeks")

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        size = t.size(self.size, f"{path}.size")
        for later in range(round(self.lasting.value)):
            yield later, Effect("rhetoric", t.layout.rows(self.to, self.by), size)
            yield later, Effect("echoed", t.layout.rows(self.by, self.to), size)


class Incident(Towards):
    """A documented or supposed violent or coercive event of ``by`` against ``to``."""

    moves = ("incident", "recorded", "recorded_severity")
    kind: Literal["incident"]

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        size = t.size(self.size, f"{path}.size")
        done = t.layout.rows(self.by, self.to)
        yield 0, Effect("incident", t.layout.reverse[done], size)
        yield 0, Effect("recorded", done, np.ones(()))
        yield 0, Effect("recorded_severity", np.unique(t.layout.pair[done]), size)


class Breach(Act):
    """A breach of a settlement order (a dialogue track): an incident that also stalls the track."""

    moves = (*Incident.moves, "track", "age")
    kind: Literal["breach"]
    by: Doers
    track: Annotated[str, Ref("dialogues")]
    size: Size

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        track = t.scenario.dialogues[self.track]
        parties = dict.fromkeys(name for d in track.dyads for name in t.scenario.dyads[d].between)
        others = tuple(name for name in parties if name not in self.by)
        told: dict[str, Any] = {"date": self.date, "title": self.title, "by": self.by, "to": others, "size": self.size}
        # not validated again: in an experiment a size may be given lane by lane
        yield from Incident.model_construct(**told).effects(path, t)
        yield 0, Effect("track", t.row("tracks", self.track), np.array(float(talks.STALLED)), how="put")


class PactAct(Act):
    """A pact is announced or renewed: perceived reliability jumps to the pact's ``perceived``."""

    moves = ("perceived", "news", "in_force")
    kind: Literal["pact"]
    pact: Annotated[str, Ref("pacts")]

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        row, pact = t.row("pacts", self.pact), t.scenario.pacts[self.pact]
        yield 0, Effect("perceived", row, t.size(pact.perceived, f"pacts.{self.pact}.perceived"), how="put")
        yield 0, Effect("news", row, np.ones(()))
        yield 0, Effect("in_force", row, np.ones(()), how="put")


class Delivery(Act):
    """Arms that arrive on one day, outside a programme."""

    moves = ("delivered", "supplied")
    kind: Literal["delivery"]
    to: Annotated[str, Ref("actors")]
    supplier: str
    value: Annotated[Quantity, Measure("USD m", 0, 5e4, also=("EUR m",))]

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        value = t.money(self.value, f"{path}.value")
        yield 0, Effect("delivered", t.row("actors", self.to), value)
        yield 0, Effect("supplied", t.row("actors", self.to), value * t.lean(self.supplier))


class MissionChange(Act):
    """A mission moves to a new strength, or loses the contingents of ``without``, within ``over`` weeks."""

    moves = ("troops_goal", "police_goal", "ramp")
    kind: Literal["mission"]
    mission: Annotated[str, Ref("missions")]
    troops: Persons | None = None
    police: Persons | None = None
    without: Names = ()
    over: Weeks = Quantity(value=4, unit="weeks")

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        row = t.row("missions", self.mission)
        if self.troops is not None:
            yield 0, Effect("troops_goal", row, t.size(self.troops, f"{path}.troops"), how="put")
        if self.police is not None:
            yield 0, Effect("police_goal", row, t.size(self.police, f"{path}.police"), how="put")
        for nation in self.without:
            sent = t.scenario.missions[self.mission].contributors[nation]
            yield 0, Effect("troops_goal", row, -t.size(sent, f"missions.{self.mission}.contributors.{nation}"))
        yield 0, Effect("ramp", row, t.size(self.over, f"{path}.over"), how="put")


class Mandate(Act):
    """A vote on a mission's mandate; ``chance`` is that of renewal. Not renewed: the mission winds down."""

    moves = ("troops_goal", "police_goal", "ramp")
    kind: Literal["mandate"]
    mission: Annotated[str, Ref("missions")]

    def happens(self, chance: Any, luck: Any) -> Any:
        """Members in which the vote fails."""
        return luck >= chance

    @property
    def certain(self) -> bool:
        """Whether it fails in every member: never."""
        return False

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        row = t.row("missions", self.mission)
        leave = t.size(t.scenario.missions[self.mission].wind_down, f"missions.{self.mission}.wind_down")
        for channel in ("troops_goal", "police_goal"):
            yield 0, Effect(channel, row, np.zeros(()), how="put")
        yield 0, Effect("ramp", row, leave, how="put")


class Election(Act):
    """An election or a protest wave: the elite's insecurity rises by ``size`` and ebbs."""

    moves = ("insecurity",)
    kind: Literal["election", "unrest"]
    actor: Annotated[str, Ref("actors")]
    size: Share

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        yield 0, Effect("insecurity", t.row("actors", self.actor), t.size(self.size, f"{path}.size"))


class Sanction(Act):
    """Outside coercion on an actor: imposed adds to the pressure, lifted takes it away."""

    moves = ("coercion",)
    kind: Literal["sanction"]
    by: Doers
    on: Annotated[str, Ref("actors")]
    size: Size
    lifted: Truth = False

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        size = t.size(self.size, f"{path}.size")
        yield 0, Effect("coercion", t.row("actors", self.on), -size if self.lifted else size)


class Accountability(Act):
    """A violent act is answered for (``delivered``) or goes unpunished."""

    moves = ("grievance",)
    kind: Literal["accountability"]
    by: Annotated[str, Ref("actors", "pacts", "missions")]
    to: Annotated[str, Ref("actors")]
    delivered: Truth
    size: Size

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        size = t.size(self.size, f"{path}.size")
        yield 0, Effect("grievance", t.layout.rows((self.to,), (self.by,)), -size if self.delivered else size)


class DialogueTurn(Act):
    """A dialogue track is put into a state."""

    moves = ("track", "age")
    kind: Literal["dialogue"]
    track: Annotated[str, Ref("dialogues")]
    state: Literal["active", "stalled", "signed", "agreement"]

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        yield 0, Effect("track", t.row("tracks", self.track), np.array(float(STATES[self.state])), how="put")


class War(Act):
    """Pairs turn armed, or (``crisis``) at least tense; for ``lasting`` weeks they cannot turn quieter by chance."""

    moves = ("regime",)
    kind: Literal["war", "crisis"]
    pairs: Pairs
    lasting: Weeks = Quantity(value=1, unit="weeks")

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        least = np.array(float(ARMED if self.kind == "war" else TENSE))
        for later in range(round(self.lasting.value)):
            yield later, Effect("regime", t.rows("dyads", self.pairs), least, how="at_least")


class Peace(Act):
    """Fighting or a crisis ends: with a ceasefire the pairs stay tense, with a settlement they turn quiet, and the
    ``track`` that settles it, if one is named, comes into force."""

    moves = ("regime", "track", "age")
    kind: Literal["ceasefire", "settlement"]
    pairs: Pairs
    track: Annotated[str, Ref("dialogues")] | None = None

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        most = TENSE if self.kind == "ceasefire" else QUIET
        yield 0, Effect("regime", t.rows("dyads", self.pairs), np.array(float(most)), how="at_most")
        if self.track is not None:
            yield 0, Effect("track", t.row("tracks", self.track), np.array(float(talks.AGREEMENT)), how="put")


class Membership(Act):
    """A member leaves a pact, freezes its membership, or takes it up again: whether the pact shields it."""

    moves = ("standing",)
    kind: Literal["membership"]
    pact: Annotated[str, Ref("pacts")]
    member: Annotated[str, Ref("actors")]
    standing: Literal["left", "frozen", "member"]

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        binds = np.array(float(self.standing == "member"))
        yield 0, Effect("standing", t.row("memberships", f"{self.pact}:{self.member}"), binds, how="put")


class Need(Act):
    """The presence that a pair needs becomes ``personnel``."""

    moves = ("demand",)
    kind: Literal["need"]
    pair: Annotated[str, Ref("dyads")]
    personnel: Persons

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        yield 0, Effect("demand", t.row("dyads", self.pair), t.size(self.personnel, f"{path}.personnel"), how="put")


class Influence(Act):
    """An outside power's influence on an actor changes by ``change``."""

    moves = ("influence_rest",)
    kind: Literal["influence"]
    power: Annotated[str, Ref("actors")]
    on: Annotated[str, Ref("actors")]
    change: Signed

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        yield 0, Effect("influence_rest", t.row("actors", self.on), t.size(self.change, f"{path}.change"))


class BaseOpens(Act):
    """A base reaches ``personnel`` strength."""

    moves = ("bases",)
    kind: Literal["base"]
    base: Annotated[str, Ref("bases")]
    personnel: Persons

    def effects(self, path: str, t: Translator) -> Iterator[Dated]:
        """See Act."""
        yield 0, Effect("bases", t.row("bases", self.base), t.size(self.personnel, f"{path}.personnel"), how="put")


#: the kinds of acts that scenario files know
KINDS: tuple[type[Act], ...] = (*Towards.__subclasses__(), *(k for k in Act.__subclasses__() if k is not Towards))


def any_of(kinds: tuple[type[Act], ...]) -> Any:
    """An act of one of these kinds, told apart by ``kind``."""
    return Annotated[Union[kinds], Field(discriminator="kind")]  # noqa: UP007  # the kinds are known when it runs


if TYPE_CHECKING:
    AnyAct = Any
else:
    AnyAct = any_of(KINDS)
