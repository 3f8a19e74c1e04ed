"""Tornado: how far an outcome moves when one parameter goes to either end of its documented range."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from detente.analysis.sensitivity import Range, ranges
from detente.analysis.worlds import unit_of
from detente.figures import reading, rows
from detente.figures.reading import FigureError
from detente.figures.rows import Bar, Rows, Series
from detente.figures.words import NB
from detente.prose.wording import compact, listed, unit_printed

if TYPE_CHECKING:
    import xarray as xr

#: bars beyond these are named in the note only
_MOST = 14
#: units that go without saying
_BARE = ("", "1", "share")
_LOW, _HIGH = "#3E85C6", "#C2571A"


def collect(data: xr.Dataset, metric: str) -> Rows:
    """The numbers of the figure. Raises NotThisDesign unless the design is one at a time."""
    unit = unit_printed(unit_of(data, metric))
    drawn, measure = reading.as_drawn(data, metric)
    everything = ranges(drawn, metric)
    moving = [row for row in everything if row.low_change or row.high_change]
    units = {
        one["path"]: next((str(spread.get("unit", "")) for spread in one.get("spreads", {}).values()), "")
        for one in json.loads(data.attrs.get("factors", "[]"))
    }
    return of_ranges(moving or everything, label=reading.titled(data), measure=measure, unit=unit, units=units)


def of_ranges(
    ranges: Sequence[Range],
    *,
    label: str,
    measure: tuple[str, str] = ("tension", ""),
    unit: str = "points",
    units: Mapping[str, str] | None = None,
) -> Rows:
    """The rows of one-at-a-time ranges, the widest first; ``units`` gives the unit of a parameter by its path.

    FigureError where there is nothing to draw.
    """
    if not ranges:
        raise FigureError("no tornado: no parameter was varied")
    ranked = sorted(ranges, key=lambda row: -_reach(row))
    told = [row for row in ranked if abs(row.low_change) > row.low_half or abs(row.high_change) > row.high_half]
    notes = ["One at a time: joint effects are not seen here."]
    if len(ranked) > _MOST:
        notes.append(f"{len(ranked) - _MOST} more parameters have narrower bars.")
    if len(told) < len(ranked):
        notes.append(f"{len(ranked) - len(told)} of {len(ranked)} parameters cannot be told from no change.")
    named = f", in {unit}," if unit and not measure[1].endswith(unit) else ""  # shares say so with their weeks
    ends = [_ends(row, (units or {}).get(row.path, "")) for row in ranked[:_MOST]]
    return Rows(
        f"{label}: {_leading(told, len(ranked), measure[0], unit)}",
        f"Change in {rows.within(*measure)}{named} when one parameter goes to the low or the "
        f"high end of its documented range, the others as they are; lines: 95%{NB}CI",
        tuple(f"{row.label[:1].upper()}{row.label[1:]}" for row in ranked[:_MOST]),
        (
            Series("at the low value", _LOW, [low for low, _ in ends]),
            Series("at the high value", _HIGH, [high for _, high in ends]),
        ),
        signed=True,
        notes=" ".join(notes),
        each=0.255,
        apart=0.0,
    )


def _reach(row: Range) -> float:
    """The larger change."""
    return max(abs(row.low_change), abs(row.high_change))


def _leading(told: Sequence[Range], total: int, measure: str, unit: str) -> str:
    """Which parameters move the outcome most; ranks only where the intervals keep them apart."""
    if not told:
        return f"no single parameter moves {measure} detectably over its documented range"

    def half(row: Range) -> float:
        return row.low_half if abs(row.low_change) >= abs(row.high_change) else row.high_half

    first, *rest = told
    close = [row for row in rest if _reach(row) + half(row) >= _reach(first) - half(first)]
    if len(close) > 2:
        return f"{len(told)} of {total} parameters move {measure}, none clearly most"
    verb = "move" if close else "moves"
    size = f"{compact(_reach(first))} {unit}".strip()
    return f"{listed(row.label for row in (first, *close))} {verb} {measure} most, by up to {size}"


def _ends(row: Range, unit: str) -> list[Bar]:
    """The bars of both ends with their values; half a row each, named together, where both go the same way."""
    ends = [(row.low_change, row.low_half), (row.high_change, row.high_half)]
    texts = [_worded(value, unit) for value in (row.low_value, row.high_value)]
    same = row.low_change * row.high_change > 0
    if same:
        far = max((0, 1), key=lambda k: abs(ends[k][0]) + ends[k][1])
        texts = [", ".join(texts) if k == far else "" for k in (0, 1)]
    shift, thick = (0.17, 0.32) if same else (0.0, 0.64)
    lefts = [row.low_change < 0] * 2 if same else [ends[0][0] <= ends[1][0], ends[0][0] > ends[1][0]]
    return [
        Bar(change, change - half, change + half, text=text, left=left, shift=way * shift, thick=thick)
        for (change, half), text, left, way in zip(ends, texts, lefts, (-1, 1), strict=True)
    ]


def _worded(value: float, unit: str) -> str:
    """A value with its unit, where that is short enough to stand beside a bar."""
    short = unit.replace("1/", "per ")
    return f"{compact(value)} {short}".replace(" ", NB) if short not in _BARE and len(short) <= 12 else compact(value)


draw = rows.draw
