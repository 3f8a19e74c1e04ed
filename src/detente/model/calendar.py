"""Dated acts turned into effects: which channel, which rows, how much, in which week, in which members.

A channel is an array of the situation (or of the week's input) that an act adds to or sets. What an act means is
stated here once, kind by kind; how strongly and how long it is felt is the laws' business.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.laws import dialogue as talks
from detente.laws.situation import Layout, Rows
from detente.model.draws import Draws, money
from detente.model.noise import Stream
from detente.scenario import acts as kinds
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]

#: words of a scenario file -> states of a track
STATES = {"stalled": talks.STALLED, "active": talks.ACTIVE, "agreement": talks.AGREEMENT}


@dataclass(frozen=True)
class Effect:
    """``amount`` is added to (or, with ``put``, replaces) ``channel`` in ``rows``, where ``happens``."""

    channel: str
    rows: Rows
    amount: Array
    put: bool = False
    happens: NDArray[np.bool_] | None = None


def week_of(day: date, start: date) -> int:
    """The week in which ``day`` lies; week 1 is the first step after the start row."""
    return (day - start).days // 7 + 1


def weeks(scenario: Scenario) -> int:
    """Number of steps from start to end."""
    return (scenario.calendar.end - scenario.calendar.start).days // 7


@dataclass(frozen=True)
class Translator:
    """What an act needs to become effects."""

    scenario: Scenario
    layout: Layout
    draws: Draws
    exchange: Array

    def size(self, quantity: Any, path: str) -> Array:
        """A quantity of an act for the block's members."""
        return self.draws.take(quantity, path)

    def lean(self, supplier: str) -> Array:
        """Orientation of a supplier; one from outside the theatre is taken as neutral."""
        if supplier not in self.scenario.actors:
            return np.zeros(())
        return self.draws.take(self.scenario.actors[supplier].orientation, f"actors.{supplier}.orientation")

    def actor(self, name: str) -> Rows:
        """Row of an actor."""
        return np.array([self.layout.actors.index(name)], dtype=np.intp)


def _one(names: tuple[str, ...], name: str) -> Rows:
    return np.array([names.index(name)], dtype=np.intp)


def _visit(act: kinds.Visit, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    yield 0, Effect("visit", t.layout.of(act.to), t.size(act.size, f"{path}.size"))


def _cooperation(act: kinds.Cooperation, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    size = t.size(act.size, f"{path}.size")
    yield 0, Effect("cooperation", t.layout.rows(act.by, act.to), size)
    yield 0, Effect("cooperation", t.layout.rows(act.to, act.by), size)


def _rhetoric(act: kinds.Rhetoric, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    size = t.size(act.size, f"{path}.size")
    for later in range(round(act.lasting.value)):
        yield later, Effect("rhetoric", t.layout.rows(act.to, act.by), size)
        yield later, Effect("echoed", t.layout.rows(act.by, act.to), size)


def _incident(act: kinds.Incident, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    size = t.size(act.size, f"{path}.size")
    done = t.layout.rows(act.by, act.to)
    yield 0, Effect("incident", t.layout.reverse[done], size)
    yield 0, Effect("recorded", done, np.ones(()))
    yield 0, Effect("recorded_severity", np.unique(t.layout.pair[done]), size)


def _breach(act: kinds.Breach, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    track = t.scenario.dialogues[act.track]
    others = tuple({name for d in track.dyads for name in t.scenario.dyads[d].between} - set(act.by))
    fields: dict[str, Any] = {
        "date": act.date,
        "title": act.title,
        "kind": "incident",
        "by": act.by,
        "to": others,
        "size": act.size,
    }
    # not validated again: in an experiment a size may be given lane by lane
    plain = kinds.Incident.model_construct(**fields)
    yield from _incident(plain, path, t)
    yield 0, Effect("track", _one(t.layout.tracks, act.track), np.array(float(talks.STALLED)), put=True)


def _pact(act: kinds.PactAct, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    row, pact = _one(t.layout.pacts, act.pact), t.scenario.pacts[act.pact]
    yield 0, Effect("perceived", row, t.size(pact.perceived, f"pacts.{act.pact}.perceived"), put=True)
    yield 0, Effect("news", row, np.ones(()))
    yield 0, Effect("in_force", row, np.ones(()), put=True)


def _delivery(act: kinds.Delivery, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    value = money(act.value, f"{path}.value", t.draws, t.exchange)
    yield 0, Effect("delivered", t.actor(act.to), value)
    yield 0, Effect("supplied", t.actor(act.to), value * t.lean(act.supplier))


def _mission(act: kinds.MissionChange, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    row = _one(t.layout.missions, act.mission)
    if act.troops is not None:
        yield 0, Effect("troops_goal", row, t.size(act.troops, f"{path}.troops"), put=True)
    if act.police is not None:
        yield 0, Effect("police_goal", row, t.size(act.police, f"{path}.police"), put=True)
    for nation in act.without:
        sent = t.scenario.missions[act.mission].contributors[nation]
        yield 0, Effect("troops_goal", row, -t.size(sent, f"missions.{act.mission}.contributors.{nation}"))
    yield 0, Effect("ramp", row, t.size(act.over, f"{path}.over"), put=True)


def _mandate(act: kinds.Mandate, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    row = _one(t.layout.missions, act.mission)
    leave = t.size(t.scenario.missions[act.mission].wind_down, f"missions.{act.mission}.wind_down")
    for channel in ("troops_goal", "police_goal"):
        yield 0, Effect(channel, row, np.zeros(()), put=True)
    yield 0, Effect("ramp", row, leave, put=True)


def _election(act: kinds.Election, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    yield 0, Effect("unrest", t.actor(act.actor), t.size(act.size, f"{path}.size"))


def _sanction(act: kinds.Sanction, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    size = t.size(act.size, f"{path}.size")
    yield 0, Effect("coercion", t.actor(act.on), -size if act.lifted else size)


def _accountability(act: kinds.Accountability, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    size = t.size(act.size, f"{path}.size")
    yield 0, Effect("grievance", t.layout.rows((act.to,), (act.by,)), -size if act.delivered else size)


def _dialogue(act: kinds.DialogueTurn, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    yield 0, Effect("track", _one(t.layout.tracks, act.track), np.array(float(STATES[act.state])), put=True)


def _influence(act: kinds.Influence, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    yield 0, Effect("influence_rest", t.actor(act.on), t.size(act.change, f"{path}.change"))


def _base(act: kinds.BaseOpens, path: str, t: Translator) -> Iterator[tuple[int, Effect]]:
    yield 0, Effect("bases", _one(t.layout.bases, act.base), t.size(act.personnel, f"{path}.personnel"), put=True)


TRANSLATIONS: dict[type, Callable[..., Iterator[tuple[int, Effect]]]] = {
    kinds.Visit: _visit,
    kinds.Cooperation: _cooperation,
    kinds.Rhetoric: _rhetoric,
    kinds.Incident: _incident,
    kinds.Breach: _breach,
    kinds.PactAct: _pact,
    kinds.Delivery: _delivery,
    kinds.MissionChange: _mission,
    kinds.Mandate: _mandate,
    kinds.Election: _election,
    kinds.Sanction: _sanction,
    kinds.Accountability: _accountability,
    kinds.DialogueTurn: _dialogue,
    kinds.Influence: _influence,
    kinds.BaseOpens: _base,
}


def _happens(name: str, act: kinds.Act, t: Translator) -> NDArray[np.bool_] | None:
    """Members in which the act comes about; None where it is certain. A mandate vote acts where it fails."""
    fails = isinstance(act, kinds.Mandate)
    if act.chance.value == 1 and act.chance.spread is None and not fails:
        return None
    chance = t.size(act.chance, f"acts.{name}.chance")
    luck = Stream(t.draws.seed, "act", [name], t.draws.members).uniform(0)[0]
    return np.asarray(luck >= chance if fails else luck < chance)


def compile_acts(t: Translator) -> dict[int, list[Effect]]:
    """Effects of all acts by week, in the file's order."""
    timetable: dict[int, list[Effect]] = defaultdict(list)
    for name, act in t.scenario.acts.items():
        happens = _happens(name, act, t)
        week = week_of(act.date, t.scenario.calendar.start)
        for later, effect in TRANSLATIONS[type(act)](act, f"acts.{name}", t):
            timetable[week + later].append(replace(effect, happens=happens))
    return dict(timetable)
