"""The text of a new file: what it extends with examples from that theatre to uncomment, or a theatre of one's own."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib.resources import files
from string import Template

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
MISSION = """
missions:
  {mission}:
    reserve: {{value: {reserve:g}, unit: persons}}
"""
VISIT = """
acts:
  my_visit:
    kind: visit
    date: {day}
    title: A visit
    by: [{between[0]}]
    to: [{between[1]}]
    size: {{value: 3, unit: goldstein}}
"""
CUT = """\
  my_cut:
    kind: mission
    date: {day}
    title: Half the troops leave
    mission: {mission}
    troops: {{value: {half:g}, unit: persons}}
    over: {{value: 26, unit: weeks}}
"""
LAW = """
parameters:
  hostility:
    volatility: {volatility:g}
"""


def starter(name: str, base: str, scenario: Scenario, schema: str) -> str:
    """The file's text for a scenario called ``name`` over ``base``; ``schema`` is the place of the JSON Schema."""
    title = _title(name)
    calendar, dyad = scenario.calendar, next(iter(scenario.dyads.values()))
    day = min(max(calendar.documented_until, calendar.start) + timedelta(7), calendar.end - timedelta(7))
    told = {"day": day, "between": dyad.between, "volatility": scenario.parameters.hostility.volatility.value}
    for key, mission in list(scenario.missions.items())[:1]:
        told |= {"mission": key, "reserve": mission.reserve.value, "half": mission.troops.value / 2}
    text = (MISSION + VISIT + CUT + LAW if scenario.missions else VISIT + LAW).format(**told)
    examples = "".join(f"# {line}\n" if line else "\n" for line in text.splitlines())
    return HEAD.format(name=name, base=base, title=title, schema=schema) + examples


def theatre(name: str, schema: str) -> str:
    """The text of a small theatre called ``name``, valid as it is; ``schema`` is the place of the JSON Schema."""
    text = files("detente.scenario").joinpath("theatre_starter.yaml").read_text(encoding="utf-8")
    return Template(text).substitute(name=name, title=_title(name), theatre=_title(name), schema=schema)


def _title(name: str) -> str:
    return json.dumps(name.replace("_", " ").capitalize(), ensure_ascii=False)
