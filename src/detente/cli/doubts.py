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
    return ScenarioError((_placed(one, loaded) for one in found), loaded.texts.lines).faults


def counted(found: Sequence[Fault]) -> str:
    """ "1 warning", "3 warnings" """
    return "1 warning" if len(found) == 1 else f"{len(found)} warnings"


def _placed(doubt: Doubt, loaded: Loaded) -> Fault:
    """A warning where its number is written; where nothing is, at the name of what it belongs to."""
    node, _ = loaded.tree.nearest(tuple(doubt.path.split(".")))
    value = node.mapping.get("value", node)
    mark = value.mark if not isinstance(value.data, dict) else node.key or node.mark
    return loaded.texts.fault(doubt.code, mark, doubt.message, doubt.hint)


def _unmapped(scenario: Scenario) -> Iterator[Doubt]:
    """Actors whose key no map has."""
    from detente.figures.boundaries import codes, point
    from detente.scenario.diagnostics import did_you_mean
    from detente.scenario.doubts import Doubt

    known = codes()
    for name, actor in scenario.actors.items():
        if actor.map_key and actor.map_key not in known and point(actor.map_key) is None:
            what = f'{name}: no country is called "{actor.map_key}", and it is no place'
            advice = 'the alpha-3 code of ISO 3166, or latitude and longitude: "44.8,17.2"'
            yield Doubt("W202", f"actors.{name}.map_key", what, did_you_mean(actor.map_key, known, advice))
