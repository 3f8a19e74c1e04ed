"""Tables of single events: KEDS/WEIS, CAMEO, ACLED exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detente.observations import cameo as cameo_codes
from detente.observations.codes import Codes
from detente.observations.days import Days
from detente.observations.goldstein import ACLED
from detente.observations.layouts import ACLED_COLUMNS, CAMEO_COLUMNS
from detente.observations.reading import Reading
from detente.observations.series import ObservationError, Series
from detente.observations.table import Row, Table
from detente.observations.tally import Event, weekly

#: ends of Goldstein's scale
HIGHEST = 10.0
NOBODY = "name an actor that stands for nobody here"
WITHIN, UNWANTED = "join an actor with itself", "are of a pair that the codes file does not list"
AGAIN = "repeat an act of the same day, which counts once"
#: weight of a row in Goldstein points; or why it has none, and what stands there
Weigh = Callable[[Row], "float | tuple[str, str]"]


class Read(NamedTuple):
    """Series by dyad, the day of the table's last event, and what became of the rows."""

    series: dict[str, Series]
    last: np.datetime64
    reading: Reading


@dataclass
class _Collected:
    """The events of a table so far, and what became of its rows."""

    table: Table
    codes: Codes
    events: dict[tuple[object, ...], Event] = field(default_factory=dict)
    days: Days = field(default_factory=Days)
    reading: Reading = field(default_factory=Reading)

    def take(self, row: Row, day: np.datetime64, ends: tuple[str, str], act: str, weigh: Weigh) -> None:
        """One row: an event between two of the actors, or left out; the same act on the same day counts once."""
        self.days.add(day, row.line)
        weight = weigh(row)
        one, other = map(self.codes.actor, ends)
        if one is None or other is None:
            nobody = [name for name, who in zip(ends, (one, other), strict=True) if who is None]
            return self.reading.leave(NOBODY, row.line, nobody)
        dyad = self.codes.dyad(one, other)
        if dyad is None:
            return self.reading.leave(WITHIN if one == other else UNWANTED, row.line)
        if isinstance(weight, tuple):
            return self.reading.leave(weight[0], row.line, [weight[1]])
        key = day, one, other, act
        if key in self.events:
            return self.reading.leave(AGAIN, row.line)
        self.events[key] = Event(day, dyad, weight)
        self.reading.read += 1
        return None

    def read(self) -> Read:
        """Weekly series over the days of all rows, whoever they are about. Raises ObservationError where none is."""
        name = self.table.path.name
        if not self.days:
            raise ObservationError(f"{name}: no rows below the header")
        self.reading.remarks += self.days.remarks(name)
        if not self.events:
            why = "; ".join(f"{one.rows:,} {why}" for why, one in self.reading.left.items())
            raise ObservationError(
                f"{name}: no event joins two of the actors named: say with --codes FILE which code stands for whom. "
                f"Of {self.reading.rows:,} rows {why}"
            )
        first, last = self.days.span()
        return Read(weekly(list(self.events.values()), (first, last)), last, self.reading)


def keds(table: Table, codes: Codes) -> Read:
    """Daily events with WEIS codes and their Goldstein weights: date, source, target, code, goldstein."""
    return _read(table, codes, {"date": "date", "source": "source", "target": "target", "code": "code"}, "goldstein")


def cameo(table: Table, codes: Codes) -> Read:
    """Event tables with CAMEO codes under any of the public column names; root-code weights where none is given."""
    names = {what: table.column(options) for what, options in CAMEO_COLUMNS.items()}
    weight = names.pop("weight")
    absent = [what for what, name in names.items() if not name]
    if absent:
        found = ", ".join(table.names[:12])
        raise ObservationError(f"{table.path.name}:1:1: no column for {', '.join(absent)} among {found}")
    return _read(table, codes, names, weight)


def _read(table: Table, codes: Codes, names: dict[str, str], weight: str) -> Read:
    found, scheme = _Collected(table, codes), cameo_codes.Codes(names["code"])
    weigh = _given(weight) if weight else _coded(scheme)
    for row in table.rows([*names.values(), *([weight] if weight else [])]):
        ends = row.text(names["source"]), row.text(names["target"])
        found.take(row, row.date(names["date"]), ends, row.text(names["code"]), weigh)
    scheme.settle()
    return found.read()


def _given(column: str) -> Weigh:
    """The table's own Goldstein weight."""

    def weigh(row: Row) -> float | tuple[str, str]:
        if not row.text(column):
            return f"have no weight in column {column}", ""
        value = row.number(column)
        if abs(value) > HIGHEST:
            raise row.fault(f"{value:g} in column {column} is outside Goldstein's scale, -10 to 10", column)
        return value

    return weigh


def _coded(scheme: cameo_codes.Codes) -> Weigh:
    """The weight of the CAMEO root code."""

    def weigh(row: Row) -> float | tuple[str, str]:
        value = scheme.weight(row)
        return ("have a code that is none of CAMEO's", row.text(scheme.column)) if value is None else value

    return weigh


def acled(table: Table, codes: Codes) -> Read:
    """An ACLED export. Severity by sub-event type, else event type: of the codes file, else as in goldstein.py."""
    found, known = _Collected(table, codes), {**ACLED, **codes.severity}
    nameless: list[int] = []
    for number, row in enumerate(table.rows(ACLED_COLUMNS)):
        ends, act = (row.text("actor1"), row.text("actor2")), row.text("event_id_cnty")
        if not act:
            nameless.append(hash(tuple(row.cells.values())))
        found.take(row, row.date("event_date"), ends, act or str(number), lambda row: _clash(row, known))
    again = len(nameless) - len(set(nameless))
    if again:
        found.reading.remarks.append(
            f"{again:,} rows are the same as an earlier one and count as events of their own: only with the column "
            "event_id_cnty is an event told from its repetition"
        )
    return found.read()


def _clash(row: Row, known: dict[str, float]) -> float:
    kind, sub = row.text("event_type"), row.text("sub_event_type")
    size = known.get(sub, known.get(kind))
    if size is None:
        raise row.fault(
            f'no severity for "{kind}" / "{sub}": add it under acled.severity of a codes file', "event_type"
        )
    return -size
