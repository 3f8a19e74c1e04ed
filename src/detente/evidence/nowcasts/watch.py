"""What the filter knows on its way: rates, hostility and levels by interval, and the chance of a new regime.

Rates are incidents per interval as the law counts them, reported or not; ``level`` is what the file would show of them
on average: reports, or points of an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence import reporting
from detente.evidence.forecasts.fit import scaled
from detente.evidence.forecasts.pair import REST
from detente.evidence.forecasts.particles import Particles
from detente.evidence.forecasts.priors import CLUMP
from detente.evidence.forecasts.rolling import Forecaster, Path
from detente.evidence.forecasts.targets import Target
from detente.evidence.reporting import Reports
from detente.observations import Series

Array = NDArray[np.float64]

#: quantiles that are kept: ends of the 90 % and the 50 % interval, and the median
AT = (0.05, 0.25, 0.5, 0.75, 0.95)
#: intervals that count as recent: a new regime is looked for in them, degeneracy reported over them
RECENT = {"week": 8, "month": 6}


@dataclass(frozen=True)
class Watch:
    """A pair on its way and at the origin.

    ``rate``, ``background``, ``level`` [of the file] and ``hostility`` above rest [points] (time, quantile of ``AT``);
    ``effective`` share of members (time,); ``rates`` of all members at the origin (member,); ``reports`` and ``values``
    forecast (step, member); ``broke`` probability of a new regime in the recent intervals, ``broke_before`` the same
    before their reports.
    """

    rate: Array
    background: Array
    level: Array
    hostility: Array
    effective: Array
    rates: Array
    reports: Array
    values: Array
    broke: float
    broke_before: float
    members_each: int


def watched(
    forecaster: Forecaster, series: Series, targets: Mapping[int, list[Target]], ahead: int
) -> tuple[Watch, Path]:
    """``series`` to its end and ``ahead`` intervals on, and the path with the forecasts of ``targets``.

    What lies ahead is drawn with the chance of a forecast from the last origin.
    """
    law, last, recent = forecaster.law, len(series) - 1, RECENT[series.step]
    reports, size = scaled([series], forecaster.values), np.ones((1, 1))
    quantiles: list[list[Array]] = []
    kept: dict[int, Particles] = {}

    def unit(t: int) -> Array:
        """What one report is in the file: one report, or its articles' points; (draw, 1)."""
        return size if series.counted else forecaster.values[CLUMP.name][:, None] * float(series.size[t])

    def look(t: int, now: Particles) -> None:
        level = (reporting.SEEN * now.rate + reports.misread[:, [t + 1]]) * unit(t)
        states = (now.rate, np.exp(now.state["background"]), level, now.state["hostility"] - REST)
        quantiles.append([np.quantile(state, AT) for state in states])
        if t in (last, last - recent):
            kept[t] = now

    path = forecaster.follow(series, targets, look)
    rate, background, level, hostility = np.moveaxis(np.array(quantiles), 1, 0)
    drawn = kept[last].forecast(reports, last, ahead)
    begun = kept[min(kept)]
    before = float((1.0 - ((1.0 - law.breaking(begun.state)) ** recent).mean(axis=1)).mean())
    return Watch(
        rate=rate,
        background=background,
        level=level,
        hostility=hostility,
        effective=path.effective,
        rates=kept[last].rate.ravel(),
        reports=(drawn * unit(last)).reshape(ahead, -1),
        values=forecaster.valued(drawn, series, last),
        broke=broke(forecaster, begun, reports, range(last - recent + 1, last + 1)) if len(kept) > 1 else before,
        broke_before=before,
        members_each=forecaster.members,
    ), path


def broke(forecaster: Forecaster, begun: Particles, reports: Reports, intervals: range) -> float:
    """Probability, after their reports, that a new regime began in ``intervals``, before which the state is ``begun``.

    By the reports' likelihood with breaks and without: P(none | y) = p(none, y) / p(y), per draw; within an
    interval chance of a break and likelihood are taken as independent.
    """
    law, told = forecaster.law, []
    for held in (law, law.unbroken()):
        now, total = Particles(held, begun.state, begun.seed), np.zeros(len(law.drift))
        for t in intervals:
            if held is not law:
                total += np.log((1.0 - law.breaking(now.state)).mean(axis=1))
            updated = now.update(reports, t)
            now, total = updated.particles, total + updated.evidence
        told.append(total)
    return float((1.0 - np.exp(np.minimum(told[1] - told[0], 0.0))).mean())
