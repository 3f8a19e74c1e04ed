"""Paired difference from a base run over time: mean with its interval, and the spread of the runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from detente.analysis import summary
from detente.analysis.difference import Difference
from detente.analysis.metrics import DEFAULT_WEEKS
from detente.analysis.pairing import caveats, pair
from detente.experiment.intervals import clustered
from detente.figures import reading, style, timeband
from detente.figures.axes import as_days
from detente.figures.timeband import Band, Line, Panel, Rule, TimeBand
from detente.figures.words import NB, against, change, outcome, window
from detente.prose.wording import sentence, the, whole

if TYPE_CHECKING:
    import xarray as xr

draw = timeband.draw


def collect(base: xr.Dataset, others: Sequence[xr.Dataset]) -> TimeBand:
    """A panel for each of ``others`` against ``base``. Raises NotComparable where one does not pair with the base."""
    paired = [pair(base, other) for other in others]
    apart = [reading.tension(yours) - reading.tension(mine) for mine, yours in paired]
    spread = [summary.quantiles(one, (0.05, 0.95)) for one in apart]
    changes = [reading.moved(base, other) for other in others]
    low, high = min(0.0, *(float(s[0].min()) for s in spread)), max(0.0, *(float(s[1].max()) for s in spread))
    pad = max(0.06 * (high - low), 0.5 if high - low < 1 else 0.0)
    days, labels = as_days(reading.days(base)), [reading.label(ds) for ds in others]
    colours = style.palette([reading.name(ds) for ds in (base, *others)], reading.name(base))
    panels = []
    for ds, label, values, middle, moved in zip(others, labels, apart, spread, changes, strict=True):
        colour, mean = colours[reading.name(ds)], clustered(values.T, reading.draws(base))
        certain = [Band(style.tint(colour, 0.65), mean.low, mean.high)] if np.isfinite(mean.low).all() else []
        panels.append(
            Panel(
                label=label,
                head=_head(moved),
                colour=colour,
                days=days,
                limits=(low - pad, high + pad),
                bands=[Band(style.tint(colour, 0.2), *middle), *certain],
                lines=[Line(mean.mean, colour, 1.3)],
                levels=[Rule(0.0, width=1.1, dashes=None)],
                shades=[(float(days[-min(DEFAULT_WEEKS, len(days))]), float(days[-1]), "#F1F2F4")],
            )
        )
    told, name = list(zip(labels, changes, strict=True)), reading.label(base)
    alone = f"{labels[0]}: {against(changes[0], name, window(base))}"
    notes = [f"Printed: mean over {window(base)} (shaded) and its 95%{NB}CI, over parameter draws."]
    if any(moved.verdict == "cannot tell" for moved in changes):
        notes.append("A direction is claimed only where the interval leaves out zero and the draws agree.")
    notes += [f"{sentence(one)}." for one in dict.fromkeys(one for other in others for one in caveats(base, other))]
    return TimeBand(
        title=outcome(told, name) if len(told) > 1 else alone,
        subtitle=f"{reading.measure(base)}: difference from {the(name)} in points, paired under the same random draws: "
        f"{_shown(changes, base.sizes['member'])}",
        reading=" ".join(notes),
        panels=tuple(panels),
        each=2.1 if len(told) > 1 else 2.6,
        numbers={"changes": dict(told)},
        left=0.38,
        signed=True,
        footnotes=reading.footnotes(base, [name, *labels]),
    )


def _head(moved: Difference) -> str:
    if moved.verdict == "identical":
        return "identical in every run"
    return change(moved) + ("" if moved.is_significant else " · cannot tell")


def _shown(changes: Sequence[Difference], members: int) -> str:
    """What the bands are; one parameter draw has no interval."""
    if all(math.isnan(moved.ci_low) for moved in changes):
        return f"{f'mean of {whole(members)}{NB}runs' if members > 1 else 'one run'} of one parameter draw: no interval"
    return f"mean with 95%{NB}CI (dark), middle 90% of {whole(members)}{NB}runs (light)"
