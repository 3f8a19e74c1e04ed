"""Chances of war over time: of any pair and of the likeliest, with what chance and parameters leave open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import chances
from detente.analysis.chances import Chance, Change
from detente.analysis.pairing import pair
from detente.figures import reading, style, timeband
from detente.figures.axes import as_days
from detente.figures.reading import FigureError
from detente.figures.timeband import DASHED, Band, Line, Panel, TimeBand
from detente.figures.words import NB, month
from detente.prose.wording import percent, sentence, the, whole

if TYPE_CHECKING:
    import xarray as xr

#: pairs shown beside any pair
PAIRS = 3
#: percent in a share
PERCENT = 100.0

draw = timeband.draw


def collect(ds: xr.Dataset, baseline: xr.Dataset | None = None) -> TimeBand:
    """Any pair and the three likeliest, against ``baseline`` if given. FigureError where a result holds no chances."""
    for one in (ds, *([] if baseline is None else [baseline])):
        if not chances.stored(one):
            raise FigureError(f"{reading.label(one)} holds no chances of war: run it again")
    changes = [] if baseline is None else chances.changes(*pair(baseline, ds))
    rows = _shown(chances.chances(ds), [one.pair for one in changes[:2]])
    found = {row.pair: _over_time(ds, row.pair) for row in rows}
    days = as_days(ds["quarter"].values.astype("datetime64[D]"))
    top = max(float(part["range"][1].max()) for part in found.values())
    colour = style.palette([reading.name(ds)])[reading.name(ds)]
    panels = []
    for row in rows:
        told = found[row.pair]
        grey = [] if baseline is None else [Line(_mean(baseline, row.pair), style.BASELINE, 1.2, DASHED)]
        bands = [Band(style.tint(colour, 0.16), *told["range"]), Band(style.tint(colour, 0.5), *told["interval"])]
        panels.append(
            Panel(
                label=sentence(row.label),
                head=f"{percent(row.armed)}{NB}in{NB}100",
                colour=colour,
                days=days,
                limits=(0.0, 1.05 * max(top, 0.1)),
                bands=bands,
                lines=[Line(told["mean"], colour), *grey],
            )
        )
    when, members = month(ds["time"].values[-1]), int(ds.sizes["member"])
    dashed = "" if baseline is None else f"; dashed = {the(reading.label(baseline))}"
    return TimeBand(
        title=_title(ds, rows, when) if baseline is None else _compared(ds, baseline, changes[:2], when),
        subtitle=f"Chance of war by then, in 100 runs: mean of {whole(members)}{NB}runs, its 95%{NB}interval (dark),"
        f" and the middle 80% of parameter draws (light){dashed}.",
        reading=f"{sentence(chances.STANDING)}. Weekly chances added up until the event, not counts.",
        panels=tuple(panels),
        each=2.1,
        numbers={"rows": [row.as_dict() for row in rows], "changes": [one.as_dict() for one in changes[:2]]},
        footnotes=reading.footnotes(ds, [reading.label(ds), *(row.label for row in rows)]),
    )


def _shown(rows: Sequence[Chance], first: Sequence[str]) -> list[Chance]:
    """Any pair, the pair that changes most where there is a base, and the likeliest, likeliest first."""
    chosen = dict.fromkeys([rows[0].pair, *first, *(row.pair for row in rows)])
    return [row for row in rows if row.pair in list(chosen)[: PAIRS + 1]]


def _title(ds: xr.Dataset, rows: Sequence[Chance], when: str) -> str:
    one = rows[min(1, len(rows) - 1)]
    told = f"war in {one.label} in {percent(one.armed)} of 100 runs by {when}"
    return f"{reading.label(ds)}: {told}, if the assumed level holds"


def _compared(ds: xr.Dataset, base: xr.Dataset, changes: Sequence[Change], when: str) -> str:
    """Levels of any pair, or of the one that changes most, where only that is told; none where nothing is."""
    label, held = reading.label(ds), the(reading.label(base))
    one = next((one for one in changes if one.armed.is_significant), None)
    if one is None:
        return f"{label}: no detectable difference from {held} in the chance of war by {when}"
    levels = f"{percent(one.other)} of 100 runs by {when}, {percent(one.base)} of 100 in {held}"
    return f"{label}: war in {one.label} in {levels}, if the assumed level holds"


def _mean(ds: xr.Dataset, pair: str) -> Any:
    if pair != chances.ANY and pair not in ds["dyad"].values:
        return np.full(ds.sizes["quarter"], np.nan)
    return PERCENT * chances.mean(ds, "armed", pair)


def _over_time(ds: xr.Dataset, pair: str) -> dict[str, Any]:
    """Mean, its interval and the range over draws at each date, per cent."""
    whole_ = chances.interval(ds, "armed", pair)
    low, high = np.quantile(chances.over_draws(ds, "armed", pair), chances.RANGE, axis=-1)
    ends = [PERCENT * np.clip(np.nan_to_num(part), 0.0, 1.0) for part in (whole_.low, whole_.high, low, high)]
    return {"mean": PERCENT * np.clip(whole_.mean, 0.0, 1.0), "interval": tuple(ends[:2]), "range": tuple(ends[2:])}
