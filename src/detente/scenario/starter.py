"""The text of a new scenario file: what it extends, a title, and examples from that very theatre to uncomment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from detente.scenario.schema import Scenario

HEAD = """\
# yaml-language-server: $schema={schema}
## A scenario: what differs from the file it extends. Everything else is taken over.
##   detente check {name}                      name every fault with its place
##   detente scenarios diff {base} {name}      what differs
##   detente compare {base} {name}             what it does to the tension index
## Lines with one # are examples: take the # away and change them. Mappings merge, lists and single values replace,
## null removes. A number without `source` is an assumption, and is shown as one.
extends: {base}
title: {title}
question: What if …?
"""


def starter(name: str, base: str, scenario: Scenario, schema: str) -> str:
    """The file's text for a scenario called ``name`` over ``base``; ``schema`` is the place of the JSON Schema."""
    title = json.dumps(name.replace("_", " ").capitalize(), ensure_ascii=False)
    head = HEAD.format(name=name, base=base, title=title, schema=schema)
    return head + "".join(f"# {line}\n" if line else "\n" for line in _examples(scenario))


def _examples(scenario: Scenario) -> Iterator[str]:
    yield from ("", "missions:", *_mission(scenario)) if scenario.missions else ()
    yield from ("", "acts:", *_acts(scenario))
    yield from (
        "",
        "parameters:",
        "  hostility:",
        f"    volatility: {scenario.parameters.hostility.volatility.value:g}",
    )


def _mission(scenario: Scenario) -> Iterator[str]:
    name, mission = next(iter(scenario.missions.items()))
    yield f"  {name}:"
    yield f"    reserve: {{value: {mission.reserve.value:g}, unit: persons}}"


def _acts(scenario: Scenario) -> Iterator[str]:
    dyad = next(iter(scenario.dyads.values()))
    calendar = scenario.calendar
    day = min(max(calendar.documented_until, calendar.start) + timedelta(7), calendar.end - timedelta(7))
    yield from ("  my_visit:", "    kind: visit", f"    date: {day}", "    title: A visit")
    yield from (f"    by: [{dyad.between[0]}]", f"    to: [{dyad.between[1]}]", "    size: {value: 3, unit: goldstein}")
    for name in list(scenario.missions)[:1]:
        yield from ("  my_cut:", "    kind: mission", f"    date: {day}", "    title: Half the troops leave")
        yield f"    mission: {name}"
        yield f"    troops: {{value: {scenario.missions[name].troops.value / 2:g}, unit: persons}}"
        yield "    over: {value: 26, unit: weeks}"
