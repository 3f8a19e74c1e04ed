"""A theatre of documented years against the record: reports by pair in spans of four weeks, recorded and simulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.pairs import footnotes
from detente.evidence.past.history import History
from detente.figures import style, timeband
from detente.figures.axes import as_days
from detente.figures.numbers import Floats
from detente.figures.provenance import Provenance, of_file
from detente.figures.style import Colour
from detente.figures.timeband import DASHED, Band, Line, Panel, Rule, TimeBand
from detente.figures.words import NB
from detente.prose.wording import fixed, whole
from detente.scenario.spells import spells
from detente.storage import sha256

SEEN, TOLD, BLIND, WAR = style.INK, style.SCENARIOS[1], style.SCENARIOS[0], style.tint(style.TENSION[1], 0.45)
#: weeks of a span
SPAN = 4
#: a level within this factor of the recorded one counts as reached
REACHED = 2.0

draw = timeband.draw


def collect(found: History, record: Mapping[str, Any]) -> TimeBand:
    """A panel per pair, those with most reports first; ``record`` is the history's record."""
    order = [found.keys[int(n)] for n in np.argsort(-found.observed.sum(axis=1), kind="stable")]
    shown = {key: _reports(found, found.keys.index(key)) for key in order}
    ratios = {key: [_ratio(record["pairs"][key][part]) for part in ("fitted", "later")] for key in order}
    top = max(float(np.nanmax(one[name])) for one in shown.values() for name in ("seen", "high"))
    days = as_days(found.dates[: len(found.dates) // SPAN * SPAN : SPAN]) + 3.5 * SPAN
    until, year = str(found.fitted), str(found.fitted)[:4]
    panels = tuple(
        Panel(
            label=found.labels[key],
            head="{} to {year}, {} after".format(*map(_times, ratios[key]), year=year),
            days=days,
            limits=(0.0, 1.1 * top),
            bands=[Band(style.tint(TOLD, 0.3), one["low"], one["high"])],
            lines=[
                Line(one["middle"], TOLD, 1.0),
                Line(one["blind"], BLIND, 0.9, DASHED),
                Line(one["seen"], SEEN, 0.8),
            ],
            dates=[Rule(float(as_days(np.array([found.fitted]))[0]), style.GREY)],
            shades=_wars(found, key),
        )
        for key, one in shown.items()
    )
    return TimeBand(
        title="Told of the wars, simulated reports reach the recorded level within a factor of "
        f"{fixed(REACHED, 0)} in {_reached(ratios, 0, f'{NB}pairs')} up to {year}, and in {_reached(ratios, 1)} "
        "afterwards",
        subtitle="Reports of conflict in four weeks (logarithmic scale). Black: recorded. Blue: median and 90% band of "
        f"{whole(found.members)}{NB}runs told of the dated acts. Dashed: median of runs told of none. Yellow: the "
        "pair’s wars in the calendar. Dotted: end of the fitting window",
        reading="The wars themselves are typed into the calendar: the blue bands are no forecast. Simulated incidents "
        "pass through the model of reports (thinning, misreading); rates and hostility at rest come from weeks up to "
        f"{until} outside the wars; nothing is fitted later. × is simulated over recorded reports, up to {year} and "
        "after. A pair is read from its first report.",
        panels=panels,
        each=1.72,
        left=0.52,
        logarithmic=True,
        footnotes=" ".join(footnotes(found.scenario, [panel.label for panel in panels])),
    )


def _reports(found: History, n: int) -> dict[str, Floats]:
    """Reports of a pair by span (span,): recorded, and simulated with what is told and without."""
    known = _spans(found.known[n]) > 0
    told, blind = (np.where(known, _spans(found.told[k].reports[n]), np.nan) for k in ("record", "blind"))
    low, middle, high = np.quantile(told, (0.05, 0.5, 0.95), axis=0)
    seen = np.where(known, _spans(found.observed[n]), np.nan)
    return {"seen": seen, "low": low, "middle": middle, "high": high, "blind": np.quantile(blind, 0.5, axis=0)}


def _spans(counts: NDArray[Any]) -> Floats:
    """Sums of ``counts`` (..., week) by span, (..., span); what is left at the end is no span."""
    spans = counts.shape[-1] // SPAN
    parts = counts[..., : spans * SPAN].reshape(*counts.shape[:-1], spans, SPAN)
    return np.asarray(parts.sum(axis=-1, dtype=np.float64))


def _ratio(window: Mapping[str, Any]) -> float | None:
    """Simulated over recorded reports; None where there are none."""
    return float(window["variants"]["record"]["level_ratio"]) if window["reports"] and "variants" in window else None


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"×{fixed(ratio, 1 if ratio >= 0.95 else 2)}"


def _reached(ratios: Mapping[str, list[float | None]], window: int, noun: str = "") -> str:
    """In how many pairs the level is reached, of those that have one."""
    known = [both[window] for both in ratios.values() if both[window] is not None]
    return f"{sum(1 / REACHED <= ratio <= REACHED for ratio in known if ratio)} of {len(known)}{noun}"


def _wars(found: History, key: str) -> list[tuple[float, float, Colour]]:
    """First and last day of the wars and lasting campaigns between the sides of a pair."""
    told = [(spell.first, spell.end) for spell in spells(found.scenario) if spell.pair == key]
    days = as_days(np.array(told, dtype="datetime64[D]").reshape(-1, 2))
    return [(float(first), float(end), WAR) for first, end in days]


def provenance(found: History, command: str = "") -> Provenance:
    """Where the figure comes from: the file, the scenario and the run."""
    path, size = found.observations.path, f"{whole(found.members)} runs × {whole(len(found.weeks))} weeks"
    return of_file(path.name, sha256(path), found.seed, size, command)
