"""Monthly news-based risk indices by country (AI-GPR layout: Date, GPR_AI, one column per series).

Such a value is a number of articles over all articles of the month. The number is recovered from the largest
unit of which the month's values are whole multiples; where values are too large for their rounding to tell,
the unit of earlier months stands in.
"""

from __future__ import annotations

import numpy as np

from detente.observations.codes import Codes
from detente.observations.reading import ObservationError, Reading
from detente.observations.series import Array, Dates, Observations, Series, months
from detente.observations.table import Table

#: half a unit in the fourth decimal, for a sum of two rounded values
ROUNDING = 1e-4
#: months over which the unit is taken as the median
MEMORY = 12
#: the smallest value of a month is at most this many units: with more, whole multiples are found by accident
MOST = 12
#: accidents make the unit too large, hence a low quantile of the months remembered
QUANTILE = 0.3
#: residual from a whole number that is still taken as rounding
NEAR = 0.12


def read(given: Table, codes: Codes | None = None) -> Observations:
    """Series by column name, and by the sums that the codes file defines; columns with empty cells are left out."""
    dates, table, refused = _columns(given)
    unit = units(np.array(list(table.values())))
    sums = codes.whole_sums(table) if codes else {}
    table |= {name: np.sum([table[part] for part in parts], axis=0) for name, parts in sums.items()}
    series = {
        n: Series(n, "month", dates, v, v / unit, np.zeros_like(v), unit, counted=False) for n, v in table.items()
    }
    left = [f"column {why.split(': column ')[-1]} in line {why.split(':')[1]}: not read" for why in refused.values()]
    return Observations(given.path, "ai_gpr", series, refused=refused, reading=Reading(len(dates), remarks=left))


def _columns(given: Table) -> tuple[Dates, dict[str, Array], dict[str, str]]:
    """The months, the columns that have a value in each of them, and why the others are refused."""
    rows = list(given.rows("Date", "GPR_AI"))
    if not rows:
        raise ObservationError(f"{given.path.name}: no rows below the header")
    dates = np.array([row.month("Date") for row in rows])
    for row, gap in zip(rows[1:], np.diff(dates).astype(int), strict=True):
        if gap != 1:
            raise row.fault(f"the month {row.text('Date')} does not follow the one before it", "Date")
    table, refused = {}, {}
    for name in (name for known, name in given.columns.items() if known not in ("date", "gprai")):
        empty = next((row for row in rows if not row.text(name)), None)
        if empty:
            refused[name] = str(empty.fault(f"column {name} is empty", name))
            continue
        table[name] = np.array([row.number(name) for row in rows])
        if (table[name] < 0).any():
            raise rows[int(np.argmax(table[name] < 0))].fault(f"{name} is negative", name)
    if not table:
        raise ObservationError(f"{given.path.name}:1:1: no column beside Date and GPR_AI has a value in every month")
    return months(dates[0], dates[-1]), table, refused


def units(table: Array) -> Array:
    """Value of one article by month, from a (column, month) table: a low quantile over the last ``MEMORY`` months."""
    raw = np.array([unit(table[:, t]) for t in range(table.shape[1])])
    told = raw[~np.isnan(raw)]
    # until a unit is told the first one stands in, and after that the last
    out, last = np.empty(len(raw)), told[0] if len(told) else 1.0
    for t in range(len(raw)):
        known = raw[max(0, t - MEMORY + 1) : t + 1]
        known = known[~np.isnan(known)]
        out[t] = last = np.quantile(known, QUANTILE) if len(known) else last
    return out


def unit(values: Array) -> float:
    """Largest unit of which ``values``, shape (column,), are whole multiples; NaN where rounding hides it."""
    some = np.unique(values[values > 0])
    for parts in range(1, MOST + 1) if len(some) > 1 else ():
        size = some[0] / parts
        blur = ROUNDING / size * (1 + some / some[0])
        told = blur < NEAR
        if told.sum() < 2:
            break
        if (np.abs(some / size - np.round(some / size))[told] <= np.maximum(blur[told], 1e-3)).all():
            return float(size)
    return float("nan")
