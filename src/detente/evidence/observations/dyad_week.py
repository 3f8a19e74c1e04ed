"""Weekly dyad tables: dyad, week, n, n_conf, conf[, coop]."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detente.evidence.observations.series import Dates, ObservationError, Series, monday, weeks
from detente.evidence.observations.table import Row, rows

COLUMNS = ("dyad", "week", "n", "n_conf", "conf")


def read(path: Path) -> dict[str, Series]:
    """Series by dyad on the file's whole span; a week that is not listed had no event."""
    table: dict[str, dict[np.datetime64, Row]] = {}
    for row in rows(path, COLUMNS):
        week = row.date("week")
        if week != monday(week):
            raise row.fault(f"{week} is not a Monday: weeks are named by their first day")
        if week in table.setdefault(row.text("dyad"), {}):
            raise row.fault(f"dyad {row.text('dyad')} has week {week} twice")
        table[row.text("dyad")][week] = row
    if not table:
        raise ObservationError(f"{path.name}: no rows below the header")
    listed = [week for some in table.values() for week in some]
    grid = weeks(min(listed), max(listed))
    return {dyad: _series(dyad, grid, some) for dyad, some in table.items()}


def _series(dyad: str, grid: Dates, listed: dict[np.datetime64, Row]) -> Series:
    value, count, total = (np.zeros(len(grid)) for _ in range(3))
    for week, row in listed.items():
        at = int((week - grid[0]).astype(int)) // 7
        value[at], count[at], total[at] = row.number("conf"), row.number("n_conf"), row.number("n")
        if min(value[at], count[at], total[at] - count[at]) < 0:
            raise row.fault("conf, n_conf and n - n_conf must not be negative")
        if (value[at] > 0) != (count[at] > 0):
            raise row.fault("conf and n_conf must be zero together")
    return Series(dyad, "week", grid, value, count, total - count, np.ones(len(grid)), counted=True)
