"""Which series of a file stands for which pair of a theatre, and how actors are called in an own table.

A series is matched by the two actors in its name, in either order, under the theatre's keys, labels or short labels.
Where a file speaks of other names, a codes file says whom they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detente.observations import ObservationError, Observations
from detente.observations.names import folded, plain
from detente.prose.wording import MARKS, marked
from detente.scenario.diagnostics import did_you_mean, listed
from detente.scenario.schema import Scenario
from detente.scenario.theatre import Dyad


@dataclass(frozen=True)
class Pairs:
    """``read`` maps pairs of the theatre to series; ``unobserved`` pairs have no series, ``strangers`` no pair."""

    read: dict[str, str]
    unobserved: tuple[str, ...]
    strangers: tuple[str, ...]


def matched(scenario: Scenario, observations: Observations) -> Pairs:
    """The pairs of ``scenario`` in a file. Raises ObservationError where there is none, or two series for one."""
    names = {folded(name): key for key, known in actor_names(scenario).items() for name in known}
    pairs = {frozenset(dyad.between): key for key, dyad in scenario.dyads.items()}
    read: dict[str, str] = {}
    for series in observations.series:
        pair = series if series in scenario.dyads else pairs.get(_actors(series, names))
        if pair in read:
            raise ObservationError(
                f'{observations.path.name}: "{read[pair]}" and "{series}" both stand for {pair}: '
                "join them in the file, or say with --codes FILE which series are summed"
            )
        if pair is not None:
            read[pair] = series
    if not read:
        raise ObservationError(
            f"{observations.path.name}: none of the pairs of {scenario.name}. The file holds "
            f"{listed(observations.series)}; the theatre {listed(scenario.dyads)}. Name the theatre's own pairs in the "
            "file, or say with --codes FILE what stands for whom"
        )
    ordered = {pair: read[pair] for pair in scenario.dyads if pair in read}
    unobserved = tuple(pair for pair in scenario.dyads if pair not in read)
    return Pairs(ordered, unobserved, tuple(s for s in observations.series if s not in read.values()))


def chosen(pairs: Pairs, asked: Iterable[str]) -> dict[str, str]:
    """Of the pairs read those ``asked``, all where none is. Raises ObservationError for another."""
    wanted = tuple(dict.fromkeys(map(plain, asked))) or tuple(pairs.read)
    for pair in wanted:
        if pair in pairs.unobserved:
            raise ObservationError(f'the file does not hold "{pair}". It holds {listed(pairs.read)}')
        if pair not in pairs.read:
            raise ObservationError(f'there is no pair "{pair}": {did_you_mean(pair, pairs.read, listed(pairs.read))}')
    return {pair: pairs.read[pair] for pair in wanted}


def actor_names(scenario: Scenario) -> dict[str, list[str]]:
    """Names by actor: key, label, short label, without marks of footnotes."""
    named = {key: (name.strip(MARKS + " ") for name in (key, a.label, a.short)) for key, a in scenario.actors.items()}
    return {key: list(dict.fromkeys(filter(None, names))) for key, names in named.items()}


def _actors(series: str, names: Mapping[str, str]) -> frozenset[str]:
    """The two actors in the name of a series; empty where they are not told."""
    for dash in re.finditer(r"\s*[-–/_]\s*", series):
        ends = names.get(folded(series[: dash.start()])), names.get(folded(series[dash.end() :]))
        if ends[0] and ends[1]:
            return frozenset(e for e in ends if e)
    return frozenset()


def label(scenario: Scenario, pair: str) -> str:
    """What a pair is called in figures and words."""
    dyad: Dyad = scenario.dyads[pair]
    return dyad.label or "–".join(scenario.actors[a].short or scenario.actors[a].label for a in dyad.between)


def footnotes(scenario: Scenario, texts: Iterable[str]) -> list[str]:
    """The theatre's footnotes whose mark occurs in ``texts``."""
    return marked(scenario.footnotes.values(), texts)
