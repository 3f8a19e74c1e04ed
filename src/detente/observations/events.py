"""Tables of single events (KEDS/WEIS, CAMEO, ACLED exports), summed to weekly dyad series."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from detente.observations.codes import Codes
from detente.observations.layouts import EVENTS
from detente.observations.reading import Days, ObservationError, Reading
from detente.observations.series import Dates, Observations, Series, monday, weeks
from detente.observations.table import Table
from detente.observations.weights import ACLED, Coded, Given, Severity

NOBODY = "name an actor that stands for nobody here"
WITHIN, UNWANTED = "join an actor with itself", "are of a pair that the codes file does not list"
AGAIN = "repeat an act of the same day, which counts once"


class Event(NamedTuple):
    """One reported act of a dyad; ``goldstein`` is negative for conflict."""

    day: np.datetime64
    dyad: str
    goldstein: float


def read(table: Table, layout: str, codes: Codes) -> Observations:
    """Weekly series over the days of all rows, whoever they are about; the same act on the same day counts once.

    Raises ObservationError where a row is not understood, and where no event joins two of the actors.
    """
    columns = {what: table.column(names) for what, names in EVENTS[layout].items()}
    absent = [what for what, name in columns.items() if not name and what != "weight"]
    if absent and layout != "acled":
        found = ", ".join(table.names[:12])
        raise ObservationError(f"{table.path.name}:1:1: no column for {', '.join(absent)} among {found}")
    scheme = Coded(columns["code"])
    own = Given(columns["weight"]) if columns.get("weight") else scheme
    weigh = Severity(ACLED | codes.severity) if layout == "acled" else own
    events: dict[tuple[object, ...], Event] = {}
    days, reading, nameless = Days(), Reading(), list[int]()
    for number, row in enumerate(table.rows()):
        ends, act = (row.text(columns["source"]), row.text(columns["target"])), row.text(columns["code"])
        if layout == "acled" and not act:
            nameless.append(hash(tuple(row.cells.values())))
            act = str(number)
        day = row.date(columns["date"])
        days.add(day, row.line)
        weight = weigh(row)
        one, other = map(codes.actor, ends)
        if one is None or other is None:
            nobody = [name for name, who in zip(ends, (one, other), strict=True) if who is None]
            reading.leave(NOBODY, row.line, nobody)
        elif (dyad := codes.dyad(one, other)) is None:
            reading.leave(WITHIN if one == other else UNWANTED, row.line)
        elif isinstance(weight, tuple):
            reading.leave(weight[0], row.line, [weight[1]])
        elif (key := (day, one, other, act)) in events:
            reading.leave(AGAIN, row.line)
        else:
            events[key] = Event(day, dyad, weight)
            reading.read += 1
    scheme.settle()
    if not days:
        raise ObservationError(f"{table.path.name}: no rows below the header")
    if again := len(nameless) - len(set(nameless)):
        reading.remarks.append(
            f"{again:,} rows are the same as an earlier one and count as events of their own: only with the column "
            "event_id_cnty is an event told from its repetition"
        )
    reading.remarks += days.remarks(table.path.name)
    if not events:
        why = "; ".join(f"{one.rows:,} {why}" for why, one in reading.left.items())
        raise ObservationError(
            f"{table.path.name}: no event joins two of the actors named: say with --codes FILE which code stands for "
            f"whom. Of {reading.rows:,} rows {why}"
        )
    first, last = days.span()
    return Observations(table.path, layout, weekly(events.values(), weeks(first, last)), last, reading=reading)


def weekly(events: Iterable[Event], grid: Dates) -> dict[str, Series]:
    """Weekly series by dyad on a grid of weeks; those without events are zero."""
    by_dyad: dict[str, list[Event]] = {}
    for event in events:
        by_dyad.setdefault(event.dyad, []).append(event)
    return {dyad: _series(dyad, grid, some) for dyad, some in sorted(by_dyad.items())}


def _series(dyad: str, grid: Dates, events: list[Event]) -> Series:
    week = (monday(np.array([e.day for e in events])) - grid[0]).astype(int) // 7
    weight = np.array([e.goldstein for e in events])
    hostile = weight < 0
    parts = np.where(hostile, -weight, 0.0), hostile.astype(float), (~hostile).astype(float)
    value, count, other = (np.bincount(week, part, len(grid)).astype(float) for part in parts)
    return Series(dyad, "week", grid, value, count, other, np.ones(len(grid)), counted=True)
