"""Tables of single events: KEDS/WEIS, CAMEO, ACLED exports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from detente.evidence.observations.codes import Codes
from detente.evidence.observations.goldstein import ACLED, of_cameo
from detente.evidence.observations.series import ObservationError, Series
from detente.evidence.observations.table import Row, rows
from detente.evidence.observations.tally import Event, distinct, weekly

#: public column names of event tables that mean the same, in order of preference
CAMEO_COLUMNS = {
    "date": ("SQLDATE", "event_date", "Event Date", "date", "Date"),
    "source": ("Actor1Code", "source_actor", "source", "Source", "Actor1CountryCode", "actor1"),
    "target": ("Actor2Code", "target_actor", "target", "Target", "Actor2CountryCode", "actor2"),
    "code": ("EventCode", "cameo_code", "CAMEO Code", "CAMEO", "code", "Code"),
    "weight": ("GoldsteinScale", "goldstein", "Goldstein", "goldstein_scale", "Intensity", "intensity"),
}
#: ends of Goldstein's scale
HIGHEST = 10.0
ACLED_COLUMNS = ("event_date", "event_type", "sub_event_type", "actor1", "actor2")


class Read(NamedTuple):
    """Series by dyad, and the day of the table's last event."""

    series: dict[str, Series]
    last: np.datetime64


def keds(path: Path, codes: Codes) -> Read:
    """Daily events with WEIS codes and their Goldstein weights: date, source, target, code, goldstein."""
    names = {k: k for k in ("date", "source", "target", "code")}
    return _read(path, codes, {**names, "weight": "goldstein"})


def cameo(path: Path, codes: Codes, found: list[str]) -> Read:
    """Event tables with CAMEO codes under any of the public column names; root-code weights where none is given."""
    names = {k: next((c for c in options if c in found), "") for k, options in CAMEO_COLUMNS.items()}
    absent = [k for k in ("date", "source", "target", "code") if not names[k]]
    if absent:
        raise ObservationError(f"{path.name}:1: no column for {', '.join(absent)} among {', '.join(found[:12])}")
    return _read(path, codes, names)


def _read(path: Path, codes: Codes, names: dict[str, str]) -> Read:
    events: list[Event] = []
    days: list[np.datetime64] = []
    for row in rows(path, [n for n in names.values() if n]):
        days.append(row.date(names["date"]))
        event = _event(row, codes, names, days[-1])
        if event is not None:
            events.append(event)
    return _weekly(path, events, days)


def _event(row: Row, codes: Codes, names: dict[str, str], day: np.datetime64) -> Event | None:
    source, target = codes.actor(row.text(names["source"])), codes.actor(row.text(names["target"]))
    if source is None or target is None:
        return None
    dyad = codes.dyad(source, target)
    weight = _weight(row, names)
    if dyad is None or weight is None:
        return None
    return Event(day, source, target, dyad, row.text(names["code"]), weight)


def _weight(row: Row, names: dict[str, str]) -> float | None:
    """The table's own Goldstein weight; without such a column the root code's; None where a code has none."""
    column = names["weight"]
    if not column:
        return of_cameo(row.text(names["code"]))
    if not row.text(column):
        return None
    weight = row.number(column)
    if abs(weight) > HIGHEST:
        raise row.fault(f"{weight:g} in column {column} is outside Goldstein's scale, -10 to 10", column)
    return weight


def acled(path: Path, codes: Codes) -> Read:
    """An ACLED export. Severity by sub-event type, else event type: of the codes file, else as in goldstein.py."""
    events: list[Event] = []
    days: list[np.datetime64] = []
    for number, row in enumerate(rows(path, ACLED_COLUMNS)):
        days.append(row.date("event_date"))
        events += _clashes(row, codes, days[-1], row.text("event_id_cnty") or str(number))
    return _weekly(path, events, days)


def _clashes(row: Row, codes: Codes, day: np.datetime64, name: str) -> Iterator[Event]:
    kind, sub = row.text("event_type"), row.text("sub_event_type")
    known = {**ACLED, **codes.severity}
    size = known.get(sub, known.get(kind))
    if size is None:
        raise row.fault(
            f'no severity for "{kind}" / "{sub}": add it under acled.severity of a codes file', "event_type"
        )
    one, other = codes.actor(row.text("actor1")), codes.actor(row.text("actor2"))
    if one and other and (dyad := codes.dyad(one, other)):
        yield Event(day, one, other, dyad, name, -size)


def _weekly(path: Path, events: list[Event], days: list[np.datetime64]) -> Read:
    """Weekly series over the days of all rows, whoever they are about."""
    if not days:
        raise ObservationError(f"{path.name}: no rows below the header")
    return Read(weekly(path, distinct(events), (min(days), max(days))), max(days))
