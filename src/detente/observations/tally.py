"""Single events to weekly dyad series."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.observations.series import Array, Dates, Series, mondays, weeks


class Event(NamedTuple):
    """One reported act of a dyad; ``goldstein`` is negative for conflict."""

    day: np.datetime64
    dyad: str
    goldstein: float


def weekly(events: list[Event], span: tuple[np.datetime64, np.datetime64]) -> dict[str, Series]:
    """Weekly series by dyad over ``span`` (first and last day of the whole file), weeks without events zero."""
    grid = weeks(*span)
    by_dyad: dict[str, list[Event]] = {}
    for event in events:
        by_dyad.setdefault(event.dyad, []).append(event)
    return {dyad: _series(dyad, grid, some) for dyad, some in sorted(by_dyad.items())}


def _series(dyad: str, grid: Dates, events: list[Event]) -> Series:
    week = (mondays(np.array([e.day for e in events])) - grid[0]).astype(int) // 7
    weight = np.array([e.goldstein for e in events])
    hostile = weight < 0
    return Series(
        key=dyad,
        step="week",
        dates=grid,
        value=_summed(week, np.where(hostile, -weight, 0.0), grid),
        count=_summed(week, hostile.astype(float), grid),
        other=_summed(week, (~hostile).astype(float), grid),
        size=np.ones(len(grid)),
        counted=True,
    )


def _summed(week: NDArray[np.intp], weight: Array, grid: Dates) -> Array:
    return np.bincount(week, weight, len(grid)).astype(float)
