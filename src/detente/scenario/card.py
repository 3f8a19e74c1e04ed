"""A scenario in a few words, and on a card for a notebook: when, who, and what happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from detente.prose.card import Card
from detente.prose.table import Table
from detente.prose.wording import counted, listed, whole

if TYPE_CHECKING:
    from detente.scenario.acts import Act
    from detente.scenario.load import Loaded
    from detente.scenario.schema import Scenario

#: acts shown where the scenario marks none
MOST = 12


def brief(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    """What its ``repr`` tells: names and values."""
    yield from (("name", scenario.name), ("title", scenario.title), ("period", _period(scenario)))
    for section in ("actors", "dyads", "missions", "acts"):
        yield section, len(getattr(scenario, section))


def _period(scenario: Scenario) -> str:
    return f"{scenario.calendar.start:%Y-%m-%d} to {scenario.calendar.end:%Y-%m-%d}"


def card(scenario: Scenario, notes: tuple[str, ...] = ()) -> Card:
    """Period, actors, missions and the main acts: those that the scenario marks, else the first ones."""
    return Card(
        title=scenario.title,
        told=scenario.question,
        tables=[Table((), list(_theatre(scenario)), name="theatre"), _acts(scenario)],
        notes=notes,
        footnotes=scenario.footnotes.values(),
    )


def _theatre(scenario: Scenario) -> Iterator[tuple[str, str]]:
    kinds: dict[str, list[str]] = {"state": [], "entity": [], "power": []}
    for actor in scenario.actors.values():
        kinds[actor.kind].append(actor.label)
    yield "Theatre", scenario.theatre
    yield "Period", f"{_period(scenario)}; on record until {scenario.calendar.documented_until:%Y-%m-%d}"
    for heading, kind in (("States", "state"), ("Entities", "entity"), ("Outside powers", "power")):
        if kinds[kind]:
            yield heading, listed(kinds[kind])
    yield "Pairs", whole(len(scenario.dyads))
    if scenario.missions:
        yield "Missions", listed(mission.label for mission in scenario.missions.values())


def _acts(scenario: Scenario) -> Table:
    acts = sorted(scenario.acts.values(), key=lambda act: act.date)
    main = [act for act in acts if act.mark] or acts[:MOST]
    left = f", {len(main)} of {counted(len(acts), 'act')}" if len(main) < len(acts) else ""
    lines = [(f"{act.date:%Y-%m-%d}", act.title, _standing(act, scenario)) for act in main]
    return Table(("Date", f"What happens{left}", ""), lines, name="acts")


def _standing(act: Act, scenario: Scenario) -> str:
    """Whether it is on record; of what may not come about, that too."""
    on_record = act.date <= scenario.calendar.documented_until
    return ("on record" if on_record else "planned or supposed") + ("" if act.certain else ", not certain")


def card_of(loaded: Loaded) -> Card:
    """The scenario's card, with the files it was read from and how many of its numbers are assumptions."""
    numbers, files = loaded.leaves(), listed(file.name for file in loaded.files)
    assumed = f"{whole(100 * loaded.assumption_share)} in 100 of them assumptions"
    read = f"{counted(len(numbers), 'number')} from {files}, {assumed}." if files else ""
    return card(loaded.scenario, tuple(filter(None, [read])))
