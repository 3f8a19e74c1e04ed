"""The training window: which pairs of a scenario a file watches, from when, and what it holds of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts.targets import Window
from detente.evidence.reporting import remembered
from detente.observations import ObservationError, Observations, Series
from detente.observations.names import plain
from detente.observations.series import monday
from detente.scenario.schema import Scenario
from detente.scenario.theatre import Dyad

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
    first, stop, cut = _inside(scenario, pairs, window)
    starts = {dyad: _start(series) for dyad, series in cut.items()}
    length = stop - first
    kept = [d for d, start in starts.items() if start is not None and length - start >= SHORTEST]
    if not kept:
        raise ObservationError(
            f"no pair is reported on for {SHORTEST} weeks of the window {window}: give a longer window or other pairs"
        )
    order = list(scenario.dyads)
    ends = next(iter(cut.values()))
    return Watched(
        dyads=tuple(kept),
        series=tuple(cut[d].key for d in kept),
        rows=np.array([order.index(d) for d in kept], dtype=np.intp),
        first=first,
        stop=stop,
        count=np.stack([cut[d].count for d in kept], axis=1),
        other=remembered(np.array([cut[d].other for d in kept]))[:, :-1].T,
        starts=np.array([starts[d] for d in kept], dtype=np.intp),
        span=(str(ends.dates[0]), str(ends.ends[-1])),
        left_out={d: _why(start) for d, start in starts.items() if d not in kept},
    )


def named(scenario: Scenario, observations: Observations, asked: Mapping[str, str]) -> dict[str, str]:
    """The file's series for each dyad of the scenario: of the same name, or of the same two actors in either order.

    Raises ObservationError for a dyad that the scenario does not have, and where nothing fits.
    """
    for dyad in asked:
        if dyad not in scenario.dyads:
            known = ", ".join(list(scenario.dyads)[:30])
            raise ObservationError(f'--dyad: the scenario has no dyad "{dyad}". It has: {known}')
    wanted = {key: dyad for key, dyad in scenario.dyads.items() if not asked or key in asked}
    found = {key: asked.get(key) or _alike(key, dyad, observations) for key, dyad in wanted.items()}
    if asked and (missing := [key for key, name in found.items() if not name]):
        raise ObservationError(
            f"{observations.path.name}: no series for {missing[0]}. "
            f"It holds: {', '.join(sorted(observations.series)[:30])}. Write --dyad {missing[0]}=NAME"
        )
    if not any(found.values()):
        raise ObservationError(
            f"{observations.path.name} has no series named after a dyad of the scenario. It holds: "
            f"{', '.join(sorted(observations.series)[:30])}. Say which is which with --dyad OURS=THEIRS"
        )
    return {key: name for key, name in found.items() if name}


def _alike(key: str, dyad: Dyad, observations: Observations) -> str:
    """The series of a dyad; "" for none. Raises ObservationError where two series are of the same actors."""
    one, other = dyad.between
    names = map(plain, dict.fromkeys((key, f"{one}-{other}", f"{other}-{one}")))
    there = [name for name in names if name in observations.series]
    if len(there) > 1:
        raise ObservationError(
            f'{observations.path.name}: "{there[0]}" and "{there[1]}" both stand for {key}: join them in the file, '
            f"or choose with --dyad {key}=NAME"
        )
    return there[0] if there else ""


def _inside(scenario: Scenario, pairs: Mapping[str, Series], window: Window) -> tuple[int, int, dict[str, Series]]:
    """First simulated week, the week after the last, and the series cut to them."""
    series = next(iter(pairs.values()))
    if series.step != "week" or not series.counted:
        raise ObservationError(f"{series.key}: a calibration needs weekly counts of events; this file has none")
    opened, last = monday(np.datetime64(scenario.calendar.start)), np.datetime64(scenario.calendar.end)
    inside = (series.dates >= opened) & (series.ends <= last)
    for day, after in ((window.first, True), (window.last, False)):
        if day is not None:
            inside &= (series.dates >= day) if after else (series.ends <= day)
    which = np.flatnonzero(inside)
    if len(which) < SHORTEST:
        raise ObservationError(
            f"the window {window} holds {len(which)} whole weeks of both the scenario ({scenario.calendar.start} to "
            f"{scenario.calendar.end}) and the file ({series.dates[0]} to {series.ends[-1]}): at least {SHORTEST} are "
            "needed"
        )
    first = int((series.dates[which[0]] - opened).astype(int)) // 7
    begin = series.dates[which[0]]
    cut = {dyad: one.until(int(which[-1]) + 1).since(begin) for dyad, one in pairs.items()}
    return first, first + len(which), cut


def _start(series: Series) -> int | None:
    """The week after the first hostile report; None where there is none."""
    seen = np.flatnonzero(series.count)
    return int(seen[0]) + 1 if len(seen) else None


def _why(start: int | None) -> str:
    return "no hostile report in the window" if start is None else f"watched for less than {SHORTEST} weeks"
