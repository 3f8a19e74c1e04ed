"""Weekly dyad tables: dyad, week, n, n_conf, conf[, coop]."""

from __future__ import annotations

import numpy as np

from detente.observations.codes import Codes
from detente.observations.reading import Days, ObservationError, Reading
from detente.observations.series import Dates, Observations, Series, monday, weeks
from detente.observations.table import Row, Table


def read(table: Table, codes: Codes | None = None) -> Observations:
    """Series by dyad on the file's whole span, and the sums that the codes file defines.

    A week that is not listed had no event.
    """
    found: dict[str, dict[np.datetime64, Row]] = {}
    days, reading = Days(), Reading()
    for row in table.rows("dyad", "week", "n", "n_conf", "conf"):
        week, dyad = row.date("week"), row.name("dyad")
        if week != monday(week):
            raise row.fault(f"{week} is not a Monday: weeks are named by their first day", "week")
        if week in found.setdefault(dyad, {}):
            raise row.fault(f"dyad {dyad} has week {week} twice", "week")
        found[dyad][week] = row
        days.add(week, row.line)
        reading.read += 1
    if not found:
        raise ObservationError(f"{table.path.name}: no rows below the header")
    series = {dyad: _series(dyad, weeks(*days.span()), some) for dyad, some in found.items()}
    reading.remarks += [*days.remarks(table.path.name, ordered=False), *_turned(list(found))]
    sums = codes.whole_sums(series) if codes else {}
    series |= {name: summed(name, [series[part] for part in parts]) for name, parts in sums.items()}
    return Observations(table.path, "dyad_week", series, reading=reading)


def _turned(dyads: list[str]) -> list[str]:
    """Pairs that stand in the table in both orders: asked for by one name, the other's events are not read."""
    ends = [dyad.split("-") for dyad in dyads]
    pairs = [(k, n) for k in range(len(ends)) for n in range(k + 1, len(ends)) if ends[k][::-1] == ends[n]]
    said = '"{}" and "{}" are two series: what is asked of one leaves the other out'
    return [said.format(dyads[k], dyads[n]) for k, n in pairs if len(ends[k]) == 2]


def _series(dyad: str, grid: Dates, listed: dict[np.datetime64, Row]) -> Series:
    value, count, total = np.zeros((3, len(grid)))
    for week, row in listed.items():
        at = int((week - grid[0]).astype(int)) // 7
        value[at], count[at], total[at] = row.number("conf"), row.count("n_conf"), row.count("n")
        if value[at] < 0:
            raise row.fault("conf is a sum of magnitudes and must not be negative", "conf")
        if count[at] > total[at]:
            raise row.fault("n_conf is larger than n: some of the n events are conflictual", "n_conf")
        if (value[at] > 0) != (count[at] > 0):
            raise row.fault("conf and n_conf must be zero together", "conf")
    return Series(dyad, "week", grid, value, count, total - count, np.ones(len(grid)), counted=True)


def summed(name: str, parts: list[Series]) -> Series:
    """Series on one grid, added up under another name."""
    one = parts[0]
    value, count, other = (np.sum([getattr(s, k) for s in parts], axis=0) for k in ("value", "count", "other"))
    return Series(name, one.step, one.dates, value, count, other, one.size, one.counted)
