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
    def own_rows(self) -> list[tuple[int, slice]]:
        """Row of every actor that has dyads, with its directed dyads."""
        found = [(row, self.slice_of(name)) for row, name in enumerate(self.actors)]
        return [(row, own) for row, own in found if own.stop > own.start]


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
    ``growing`` the bases that have any; ``pressures`` names what further mechanisms add to hostility.
    """

    layout: Layout
    incidence: Incidence
    theory: Mapping[str, str]
    pressures: tuple[str, ...]
    members: int
