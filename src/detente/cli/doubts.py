"""Warnings about a loaded scenario, each placed in the file: from its numbers, from a small run, from the map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detente.scenario.diagnostics import Fault
    from detente.scenario.doubts import Doubt
    from detente.scenario.load import Loaded
    from detente.scenario.schema import Scenario


def warnings(loaded: Loaded) -> list[Fault]:
    """Every warning, in the order of the files; the scenario must be one that can be run."""
    from detente.experiment import probe
    from detente.scenario import doubts
    from detente.scenario.diagnostics import ScenarioError

    scenario = loaded.scenario
    found = [*doubts.doubts(scenario), *_unmapped(scenario), *probe.doubts(scenario)]
    return ScenarioError((loaded.doubt(*one) for one in found), loaded.texts.lines).faults


def told(found: Sequence[Fault], name: str) -> str:
    """One line on warnings, where there are any."""
    count = "1 warning" if len(found) == 1 else f"{len(found)} warnings"
    return f"{count}: detente check {name}" if found else ""


def _unmapped(scenario: Scenario) -> Iterator[Doubt]:
    from detente.figures.boundaries import place
    from detente.scenario.diagnostics import did_you_mean
    from detente.scenario.doubts import Doubt

    codes = None
    for name, actor in scenario.actors.items():
        if actor.map_key and place(actor.map_key) is None:
            from detente.figures.boundaries import codes as all_codes

            codes = codes or all_codes()
            what = f'{name}: no outline is called "{actor.map_key}", and it is no place'
            advice = 'the alpha-3 code of ISO 3166, or a point such as "44.8,17.2": latitude, longitude'
            yield Doubt("W202", f"actors.{name}.map_key", what, did_you_mean(actor.map_key, codes, advice))
