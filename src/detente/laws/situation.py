"""What the laws read: who stands in which row, who covers whom, the theatre's numbers, and the situation of the week.

Plain records of arrays. Entities first, members last; numbers that are certain have one column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from detente.laws.rows import Cover

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

#: regimes of a pair (regimes.py)
QUIET, TENSE, ARMED = 0, 1, 2


@dataclass(frozen=True)
class Layout:
    """Who stands in which row. Directed dyads are sorted by their source, so an actor's rows are a slice."""

    actors: tuple[str, ...]
    dyads: tuple[str, ...]
    directed: tuple[str, ...]
    source: Rows
    target: Rows
    pair: Rows
    reverse: Rows
    forth: Rows
    back: Rows
    pacts: tuple[str, ...]
    missions: tuple[str, ...]
    tracks: tuple[str, ...]
    bases: tuple[str, ...]
    memberships: tuple[str, ...]
    #: the pact of every membership
    pact: Rows
    #: one row for what concerns all pairs together
    region: ClassVar[tuple[str, ...]] = ("region",)

    def rows(self, by: Sequence[str], to: Sequence[str]) -> Rows:
        """Directed dyads from any of ``by`` toward any of ``to``."""
        names = [n for n, d in enumerate(self.directed) if d.split(">")[0] in by and d.split(">")[1] in to]
        return np.array(names, dtype=np.intp)

    def of(self, actors: Sequence[str]) -> Rows:
        """Directed dyads in which any of ``actors`` stands on either side."""
        names = [n for n, d in enumerate(self.directed) if set(d.split(">")) & set(actors)]
        return np.array(names, dtype=np.intp)

    def slice_of(self, actor: str) -> slice:
        """The rows in which ``actor`` is the source."""
        rows = np.flatnonzero(self.source == self.actors.index(actor))
        return slice(int(rows[0]), int(rows[-1]) + 1) if rows.size else slice(0, 0)

    def size(self, entity: str) -> int:
        """Number of rows of a kind of entity: actors, dyads, directed, pacts, missions, tracks, bases, memberships
        (a pact and one of its members), region."""
        return len(getattr(self, entity))

    @cached_property
    def ends(self) -> tuple[Rows, Rows]:
        """Actor rows of both ends of every dyad."""
        return self.source[self.forth], self.target[self.forth]

    @cached_property
    def own(self) -> Cover:
        """Every actor's directed dyads."""
        return Cover.paired(self.source, np.arange(len(self.directed)), len(self.actors))


@dataclass(frozen=True)
class Incidence:
    """Row sets, one per pact, mission, track or base.

    ``shields[p]`` directed dyads whose target pact p protects from an outsider, ``sheltered[p]`` the membership of
    that target; ``addressed[p]`` those whose source
    reads p as directed at it; ``answers[p]`` pacts that p answers; ``watched[m]`` dyads of mission m; ``discussed[g]``
    dyads of track g, ``heard[g]`` the same both ways; ``based[b]`` dyads of base b; ``gaps`` pairs (actor row, dyads
    with a demand).
    """

    shields: tuple[Rows, ...]
    sheltered: tuple[Rows, ...]
    addressed: tuple[Rows, ...]
    answers: tuple[Rows, ...]
    watched: tuple[Rows, ...]
    discussed: tuple[Rows, ...]
    heard: tuple[Rows, ...]
    based: tuple[Rows, ...]
    gaps: tuple[tuple[int, Rows], ...]
    layout: Layout

    @cached_property
    def answering(self) -> Cover:
        """Pacts by the pact that answers them."""
        return Cover.of(self.answers)

    @cached_property
    def sheltering(self) -> Cover:
        """Memberships by the directed dyad whose target they protect."""
        return Cover.paired(_joined(self.shields), _joined(self.sheltered), len(self.layout.directed))

    @cached_property
    def addressing(self) -> Cover:
        """Pacts by the directed dyad whose source reads them as directed at it."""
        return Cover.spread(self.addressed, len(self.layout.directed))

    @cached_property
    def watching(self) -> Cover:
        """Dyads by the mission that watches them."""
        return Cover.of(self.watched)

    @cached_property
    def keeping(self) -> Cover:
        """Missions by dyad."""
        return Cover.spread(self.watched, len(self.layout.dyads))

    @cached_property
    def hosting(self) -> Cover:
        """Bases by dyad."""
        return Cover.spread(self.based, len(self.layout.dyads))

    @cached_property
    def discussing(self) -> Cover:
        """Dyads by track."""
        return Cover.of(self.discussed)

    @cached_property
    def settling(self) -> Cover:
        """Tracks by dyad."""
        return Cover.spread(self.discussed, len(self.layout.dyads))

    @cached_property
    def hearing(self) -> Cover:
        """Directed dyads by track."""
        return Cover.of(self.heard)

    @cached_property
    def heeding(self) -> Cover:
        """Tracks by directed dyad."""
        return Cover.spread(self.heard, len(self.layout.directed))

    @cached_property
    def lacking(self) -> Cover:
        """Dyads with a demand by the actor whose they are."""
        actors = np.repeat([row for row, _ in self.gaps], [len(dyads) for _, dyads in self.gaps]).astype(np.intp)
        return Cover.paired(actors, _joined([dyads for _, dyads in self.gaps]), len(self.layout.actors))


def _joined(sets: Sequence[Rows]) -> Rows:
    return np.concatenate([*sets, np.empty(0, dtype=np.intp)])


class Named:
    """Arrays by name; an unknown name says which there are."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.__dict__.update(arrays)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f'nothing here is called "{name}": there are {", ".join(sorted(self.__dict__))}')

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)


class Situation(Named):
    """The dynamical vector at one instant with what the phases of the week have returned, by declared name.

    A week replaces arrays, it never edits one that an earlier phase handed out.
    """

    def update(self, changes: Mapping[str, NDArray[Any]]) -> None:
        """Put the arrays that a phase returned in their places."""
        self.__dict__.update(changes)


class Inputs(Named):
    """What does not change in a run: rows, incidence, the theatre's numbers (entity, 1 or member), rival theories.

    Of actors spending, gdp, personnel, capital, build_up, readiness, alignment, insecurity, coalition, war_aversion,
    backing, openness, dependence; of directed dyads stake, resting, rate, rivals; of dyads distance, demand; of pacts
    commitment, reliability, activity, perceived, in_force; of missions troops, police, reserve, trigger, lag, stay,
    coordination; of tracks leverage, flexibility, manipulates, track, age, lapse; of bases bases. ``opens`` says of
    which pairs the theatre states the opening regime, ``opens_tense`` and ``opens_armed`` with which chances;
    ``opening_regime`` are uniform, ``opening_background`` normal draws. ``works`` are the works on each base,
    ``growing`` whether there are any; ``pressures`` names what further mechanisms add to hostility.
    """

    layout: Layout
    incidence: Incidence
    theory: Mapping[str, str]
    pressures: tuple[str, ...]
    members: int
