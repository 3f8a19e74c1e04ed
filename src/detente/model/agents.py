"""The agents: State, Entity, Power, Alliance, Mission, Dialogue.

An agent owns rows of the world's arrays and sees them as views. Agents decide together, one call for all agents of
a kind and phase, because everyone decides on the same situation before anyone moves. What the built-in kinds decide
is the mechanism's own ``decide``; a kind of your own stands in for an actor, a pact, a mission or a track and says in
``decide`` what is different for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

import mesa
import numpy as np
from numpy.typing import NDArray

from detente.laws.extensions import ExtensionError, named
from detente.laws.mechanism import Changes

if TYPE_CHECKING:
    from detente.model.world import World
    from detente.scenario.schema import Scenario

Array = NDArray[np.float64]


class Agent(mesa.Agent):  # type: ignore[misc]  # Mesa carries no types
    """Somebody with a stable name. ``key`` is the name in the scenario file."""

    #: names for which a kind of one's own stands in, where the caller does not say
    stands_for: ClassVar[tuple[str, ...]] = ()
    model: World

    def __init__(self, world: World, key: str) -> None:
        super().__init__(world)
        self.key = key

    @classmethod
    def decide(cls, agents: Sequence[Self], phase: str, changes: Changes, world: World) -> Changes:
        """What ``agents`` of this kind decide in a phase. ``changes`` are the arrays as the law would have them, for
        everybody; return them with the own rows replaced. The situation before is ``world.now``."""
        return changes

    def owns(self, entity: str) -> slice:
        """Its rows of arrays of a kind of entity; none where it owns none."""
        names: tuple[str, ...] = getattr(self.model.layout, entity)
        place = names.index(self.key) if self.key in names else len(names)
        return slice(place, place + 1)


class Actor(Agent):
    """A state, entity or power; rows of directed dyads in which it is the source, and its actor row."""

    def __init__(self, world: World, key: str) -> None:
        super().__init__(world, key)
        self.row = world.layout.actors.index(key)
        self.rows = world.layout.slice_of(key)

    def owns(self, entity: str) -> slice:
        """Its rows: of directed dyads those in which it is the source."""
        return self.rows if entity == "directed" else super().owns(entity)

    @property
    def label(self) -> str:
        """What a reader calls it."""
        return str(self.model.scenario.actors[self.key].label)

    @property
    def rivals(self) -> tuple[str, ...]:
        """Names of those it has a dyad with, in row order."""
        return tuple(name.split(">")[1] for name in self.model.layout.directed[self.rows])

    @property
    def hostility(self) -> Array:
        """Its hostility toward each rival, points (rival, member); a view."""
        return np.asarray(self.model.now.hostility[self.rows])

    @property
    def rung(self) -> NDArray[np.int8]:
        """The rung it chose toward each rival, 0 to 4 (rival, member); a view."""
        return np.asarray(self.model.now.rung[self.rows])

    @property
    def capital(self) -> Array:
        """Its military capital, USD m (member,); a view."""
        return np.asarray(self.model.now.capital[self.row])


class State(Actor):
    """A state: arms, decides, suffers."""


class Entity(Actor):
    """A sub-state actor with its own rhetoric and elite incentive."""


class Power(Actor):
    """An outside power: supplies, backs, mediates, presses, and fills a vacuum."""


class Alliance(Agent):
    """A pact: legal commitment, actual and perceived reliability."""

    @property
    def perceived(self) -> Array:
        """How far it is believed, 0 to 1 (member,); a view."""
        return np.asarray(self.model.now.perceived[self.model.layout.pacts.index(self.key)])


class Mission(Agent):
    """A peace mission."""

    @property
    def troops(self) -> Array:
        """Strength without called-up reserves, persons (member,); a view."""
        return np.asarray(self.model.now.troops[self.model.layout.missions.index(self.key)])


class Dialogue(Agent):
    """A negotiation track or settlement order."""

    @property
    def state(self) -> NDArray[np.int8]:
        """0 stalled, 1 active, 2 agreement (member,); a view."""
        return np.asarray(self.model.now.track[self.model.layout.tracks.index(self.key)])


KINDS: dict[str, type[Actor]] = {"state": State, "entity": Entity, "power": Power}


def own_kinds(scenario: Scenario) -> dict[str, type[Agent]]:
    """The kinds that a scenario was read with, by the name each stands in for."""
    found: dict[str, type[Agent]] = {}
    for name in scenario.extensions:
        kind, key = named(name), name.partition("=")[2]
        if isinstance(kind, type) and issubclass(kind, Agent):
            found |= dict.fromkeys([key] if key else kind.stands_for, kind)
    return found


def settle(world: World, own: Mapping[str, type[Agent]]) -> dict[type[Agent], list[Agent]]:
    """Create the agents of a world, in the order of the files; ``own`` are kinds that stand in for the built-in ones.

    Returns the agents of those kinds. ExtensionError where one stands in for nobody.
    """
    rows = world.layout
    usual: dict[str, type[Agent]] = {key: KINDS[world.scenario.actors[key].kind] for key in rows.actors}
    usual |= dict.fromkeys(rows.pacts, Alliance) | dict.fromkeys(rows.missions, Mission)
    usual |= dict.fromkeys(rows.tracks, Dialogue)
    if unknown := [key for key in own if key not in usual]:
        raise ExtensionError(f"{', '.join(unknown)}: nobody of that name in this theatre")
    groups: dict[type[Agent], list[Agent]] = {}
    for key, kind in usual.items():
        agent = own.get(key, kind)(world, key)
        if key in own:
            groups.setdefault(own[key], []).append(agent)
    return groups
