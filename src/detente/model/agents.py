"""The agents: State, Entity, Power, Alliance, Mission, Dialogue.

An agent owns rows of the world's arrays and sees them as views. Built-in kinds act together, one law call for all
agents of a kind (week.py), because everyone decides on the same situation before anyone moves. An agent kind of
your own sets ``acts_alone = True`` and defines ``step``: it is called after the week's phases and may read the
world and edit its own rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from detente.model.world import World

Array = NDArray[np.float64]


class Agent(mesa.Agent):  # type: ignore[misc]  # Mesa carries no types
    """Somebody with a stable name. ``key`` is the name in the scenario file."""

    acts_alone = False
    model: World

    def __init__(self, world: World, key: str) -> None:
        super().__init__(world)
        self.key = key


class Actor(Agent):
    """A state, entity or power; rows of directed dyads in which it is the source, and its actor row."""

    def __init__(self, world: World, key: str) -> None:
        super().__init__(world, key)
        self.row = world.layout.actors.index(key)
        self.rows = world.layout.slice_of(key)

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
        return self.model.now.hostility[self.rows]

    @property
    def rung(self) -> NDArray[np.int8]:
        """The rung it chose toward each rival, 0 to 4 (rival, member); a view."""
        return self.model.now.rung[self.rows]

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


def settle(world: World) -> None:
    """Create the agents of a world; Mesa's AgentSet keeps them in the order of the files."""
    for key in world.layout.actors:
        KINDS[world.scenario.actors[key].kind](world, key)
    for key in world.layout.pacts:
        Alliance(world, key)
    for key in world.layout.missions:
        Mission(world, key)
    for key in world.layout.tracks:
        Dialogue(world, key)
