"""What the filter knows on its way: rates and levels by interval, the regime, and what comes next.

Rates are incidents per interval as the law counts them, reported or not; ``level`` is what the file would show of them
on average: reports, or points of an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence import reporting
from detente.evidence.forecasts import grid
from detente.evidence.forecasts.forecaster import Forecaster
from detente.evidence.forecasts.rolling import Issued, followed
from detente.evidence.forecasts.targets import Target

Array = NDArray[np.float64]

#: quantiles that are kept: ends of the 90 % and the 50 % interval, and the median
AT = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Watch:
    """A pair on its way and at the origin.

    ``rate``, ``level`` [of the file] and ``background``, the rate that level, regime and slow background sustain (time,
    quantile of ``AT``); ``regime`` (time, regime), probabilities. At the origin ``rates`` and ``shares`` of the states
    (state,), and ``expected``, the mean of the background; ``reports`` and ``values`` forecast (step, member).
    """

    rate: Array
    level: Array
    background: Array
    regime: Array
    rates: Array
    shares: Array
    expected: float
    reports: Array
    values: Array


def watched(forecaster: Forecaster, targets: Mapping[int, list[Target]], ahead: int) -> tuple[Watch, Issued]:
    """A single pair to its end and ``ahead`` intervals on, and the forecasts of ``targets``.

    What lies ahead is drawn with the chance of a forecast from the last origin.
    """
    law, prior = forecaster.law, forecaster.prior
    first, misread = law.first_causes(prior.levels), forecaster.reports.misread
    whole = np.exp(prior.levels[:, :, None, None] + law.raised[:, None] + law.nodes[0]).ravel()
    found: list[tuple[list[Array], Array]] = []
    last: list[tuple[grid.Filtered, Array]] = []

    def unit(t: int) -> float:
        """What one report is in the file: one report, or its articles' points."""
        return 1.0 if forecaster.marks is not None else float(forecaster.clump * forecaster.size[0, t])

    def look(t: int, now: grid.Filtered) -> None:
        reports = grid.mean_reports(law, first, now.excitation[0], misread[0, t + 1]).ravel()
        rate = (reports - misread[0, t + 1]) / reporting.SEEN
        told = [quantiles(state, now.shares.ravel()) for state in (rate, reports * unit(t), whole)]
        found.append((told, now.shares.sum(axis=(0, 1, 3))))
        last[:] = [(now, rate)]

    issued = followed(forecaster, dict(targets), look)
    rate, level, background = np.moveaxis(np.array([told for told, _ in found]), 1, 0)
    (now, rates), end = last[0], len(found) - 1
    reports, values = forecaster.ahead(now, end, ahead)
    shares = now.shares.ravel()
    return Watch(
        rate=rate,
        level=level,
        background=background,
        regime=np.array([regime for _, regime in found]),
        rates=rates,
        shares=shares,
        expected=float(shares @ whole),
        reports=reports[:, 0] * unit(end),
        values=values[:, 0],
    ), issued


def quantiles(values: Array, shares: Array) -> Array:
    """Quantiles ``AT`` of ``values`` (state,) that have ``shares`` (state,) of the probability."""
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(shares[order])
    return np.asarray(np.interp(AT, upto - 0.5 * shares[order], values[order]))
