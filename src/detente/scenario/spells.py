"""What is told to last: campaigns, and wars of a pair from their outbreak to the ceasefire or settlement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from detente.scenario.acts import Act, Peace, Rhetoric, War
from detente.scenario.schema import Scenario


@dataclass(frozen=True)
class Spell:
    """What the act ``name`` begins between the sides of ``pair``: its first day, and the day after its last."""

    name: str
    act: Act
    pair: str
    first: date
    end: date


def spells(scenario: Scenario) -> Iterator[Spell]:
    """Every lasting campaign and every war, once for each pair that it is between, in the order of the file."""
    for name, act in scenario.acts.items():
        if isinstance(act, Rhetoric) and act.lasting.value > 1:
            end = act.date + timedelta(weeks=round(act.lasting.value))
            yield from (Spell(name, act, pair, act.date, end) for pair in _between(scenario, act))
        if isinstance(act, War) and act.kind == "war":
            yield from (Spell(name, act, pair, act.date, _ended(scenario, act, pair)) for pair in act.pairs)


def _between(scenario: Scenario, act: Rhetoric) -> list[str]:
    """Pairs of which one side speaks to the other."""
    spoken = [(key, *pair.between) for key, pair in scenario.dyads.items()]
    return [k for k, a, b in spoken if (a in act.by and b in act.to) or (b in act.by and a in act.to)]


def _ended(scenario: Scenario, war: War, pair: str) -> date:
    """The first peace of the pair after its war, or the last day of the scenario."""
    ends = [a.date for a in scenario.acts.values() if isinstance(a, Peace) and pair in a.pairs and a.date > war.date]
    return min(ends, default=scenario.calendar.end)
