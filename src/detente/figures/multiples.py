"""Small multiples: the fan of every scenario side by side on one scale, with the base run's median."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from detente.analysis import attributes, summary
from detente.analysis.difference import POINTS, Difference
from detente.figures import reading, style, timeband
from detente.figures.axes import as_days
from detente.figures.timeband import DASHED, Band, Line, Panel, Rule, TimeBand
from detente.figures.words import NB, month, outcome, window
from detente.prose.wording import compact, fixed, signed, the, whole

if TYPE_CHECKING:
    import xarray as xr

draw = timeband.draw


def collect(base: xr.Dataset, others: Sequence[xr.Dataset]) -> TimeBand:
    """A panel per result, the base first. Raises NotComparable where a result does not pair with the base."""
    results, names = (base, *others), [reading.name(ds) for ds in (base, *others)]
    found = [summary.over_time(ds, [0.5, 0.025, 0.975, 0.25, 0.75]) for ds in results]
    changes = [None, *(reading.moved(base, ds) for ds in others)]
    crisis, colours, labels = (
        attributes.crisis(base),
        style.palette(names, names[0]),
        [reading.label(r) for r in results],
    )
    low, high = min(float(lines[1].min()) for lines in found), max(float(lines[2].max()) for lines in found)
    limits = timeband.limits(low, high, crisis.edge if crisis else None)
    panels = []
    for name, label, lines, change in zip(names, labels, found, changes, strict=True):
        colour = colours[name]
        grey = Line(found[0][0], style.BASELINE, 1.2, DASHED)
        panels.append(
            Panel(
                label=label,
                head=_head(lines[0][-1], change),
                colour=colour,
                days=as_days(reading.days(base)),
                limits=limits,
                bands=[Band(style.tint(colour, 0.16), *lines[1:3]), Band(style.tint(colour, 0.5), *lines[3:])],
                lines=[Line(lines[0], colour), *([grey] if change else [])],
                levels=[Rule(crisis.edge)] if crisis else [],
            )
        )
    told = [(label, change) for label, change in zip(labels, changes, strict=True) if change]
    members = min(ds.sizes["member"] for ds in results)
    shown = f"median with 50% and 95% bands of {whole(members)}{NB}runs" if members > 1 else "one run"
    dotted = (
        f"; dotted = {crisis.label.lower()} ({compact(crisis.edge)})" if crisis and crisis.edge <= limits[1] else ""
    )
    return TimeBand(
        title=outcome(told, labels[0]) if told else f"{labels[0]}: tension in {window(base)}",
        subtitle=f"{reading.measure(base)} (0{NB}calm, 100{NB}armed clash): {shown}; "
        f"dashed = median of {the(labels[0])}{dotted}",
        reading=f"Medians in {month(base['time'].values[-1])}; in brackets the mean paired change in {window(base)} "
        "where the 95% interval and the draws support it, else “±?”.",
        panels=tuple(panels),
        each=2.1,
        numbers={
            "changes": dict(told),
            "crisis": crisis,
            "medians": dict(zip(labels, (f[0] for f in found), strict=True)),
        },
        footnotes=reading.footnotes(base, labels),
    )


def _head(median: float, change: Difference | None) -> str:
    text = f"median{NB}{fixed(median, 0)}"
    if change is None:
        return text
    if change.verdict == "identical":
        return f"{text} (identical)"
    return f"{text} ({signed(change.change) if change.direction(POINTS) else '±?'})"
