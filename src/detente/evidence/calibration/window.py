"""The training window: which pairs of a scenario a file watches, from when, and what it holds of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts.targets import Window
from detente.evidence.pairs import matched
from detente.evidence.reporting import remembered
from detente.observations import ObservationError, Observations, Series
from detente.observations.series import monday
from detente.scenario.diagnostics import listed
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]

#: a pair is read where it is watched for so many weeks of the window
SHORTEST = 52


@dataclass(frozen=True)
class Watched:
    """What the window holds; nothing in it comes from after the window.

    ``dyads`` of the scenario and ``series`` of the file, pair by pair; ``rows`` their places in the scenario;
    ``first`` and ``stop`` simulated weeks. ``count`` and ``other``, the remembered flow of reports of other kinds,
    have shape (week, dyad); ``starts`` (dyad,) is the week of the window from which a pair is watched.
    """

    dyads: tuple[str, ...]
    series: tuple[str, ...]
    rows: NDArray[np.intp]
    first: int
    stop: int
    count: Array
    other: Array
    starts: NDArray[np.intp]
    span: tuple[str, str]
    left_out: Mapping[str, str]


def watched(scenario: Scenario, observations: Observations, window: Window, asked: Mapping[str, str]) -> Watched:
    """The pairs to learn from; ``asked`` {dyad of the scenario: series of the file} takes these alone.

    A pair begins to count in the week after its first hostile report in the window: before an actor exists under its
    name it is silent for a reason that no parameter explains. Raises ObservationError where nothing is left.
    """
    pairs = {d: observations[s] for d, s in named(scenario, observations, asked).items()}
    first, cut = _inside(scenario, pairs, window)
    grid = next(iter(cut.values()))
    starts = {dyad: int(seen[0]) + 1 for dyad, s in cut.items() if len(seen := np.flatnonzero(s.count))}
    kept = [d for d, start in starts.items() if len(grid) - start >= SHORTEST]
    if not kept:
        raise ObservationError(
            f"no pair is reported on for {SHORTEST} weeks of the window {window}: give a longer window or other pairs"
        )
    brief = f"watched for less than {SHORTEST} weeks"
    return Watched(
        dyads=tuple(kept),
        series=tuple(cut[d].key for d in kept),
        rows=np.array([list(scenario.dyads).index(d) for d in kept], dtype=np.intp),
        first=first,
        stop=first + len(grid),
        count=np.stack([cut[d].count for d in kept], axis=1),
        other=remembered(np.array([cut[d].other for d in kept]))[:, :-1].T,
        starts=np.array([starts[d] for d in kept], dtype=np.intp),
        span=(str(grid.dates[0]), str(grid.ends[-1])),
        left_out={d: brief if d in starts else "no hostile report in the window" for d in cut if d not in kept},
    )


def named(scenario: Scenario, observations: Observations, asked: Mapping[str, str]) -> dict[str, str]:
    """The file's series for each dyad of the scenario, as ``asked`` or as matched by its actors.

    Raises ObservationError for a dyad that the scenario does not have, and where nothing fits.
    """
    for dyad in asked:
        if dyad not in scenario.dyads:
            raise ObservationError(f'--dyad: the scenario has no dyad "{dyad}". It has: {listed(scenario.dyads, 30)}')
    read: Mapping[str, str] = asked
    if not asked or not all(asked.values()):
        try:
            read = {**matched(scenario, observations).read, **{ours: name for ours, name in asked.items() if name}}
        except ObservationError as error:
            raise ObservationError(f"{error}, or with --dyad OURS=THEIRS") from None
    for dyad in asked:
        if dyad not in read:
            held = listed(sorted(observations.series), 30)
            raise ObservationError(
                f"{observations.path.name}: no series for {dyad}. It holds: {held}. Write --dyad {dyad}=NAME"
            )
    return {dyad: read[dyad] for dyad in scenario.dyads if dyad in read and (not asked or dyad in asked)}


def _inside(scenario: Scenario, pairs: Mapping[str, Series], window: Window) -> tuple[int, dict[str, Series]]:
    """First simulated week, and the series cut to the whole weeks that scenario, file and window share."""
    series = next(iter(pairs.values()))
    if series.step != "week" or not series.counted:
        raise ObservationError(f"{series.key}: a calibration needs weekly counts of events; this file has none")
    opened, last = monday(np.datetime64(scenario.calendar.start)), np.datetime64(scenario.calendar.end)
    inside = (series.dates >= opened) & (series.ends <= last) & window.holds(series.dates) & window.holds(series.ends)
    which = np.flatnonzero(inside)
    if len(which) < SHORTEST:
        raise ObservationError(
            f"the window {window} holds {len(which)} whole weeks of both the scenario ({scenario.calendar.start} to "
            f"{scenario.calendar.end}) and the file ({series.dates[0]} to {series.ends[-1]}): at least {SHORTEST} are "
            "needed"
        )
    begin = series.dates[which[0]]
    cut = {dyad: one.until(int(which[-1]) + 1).since(begin) for dyad, one in pairs.items()}
    return int((begin - opened).astype(int)) // 7, cut
