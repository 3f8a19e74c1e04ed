"""Events: the sum of the next ``AHEAD`` intervals lies above the pair's own ``HIGH`` quantile of training.

``onset`` leaves out origins that lie above it already: a war that goes on is no feat.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts.baselines import WINDOW, smoothed
from detente.evidence.forecasts.parts import Part
from detente.evidence.forecasts.skill import by_week, skill

Array = NDArray[np.float64]

#: intervals that an event sums over, and the quantile of training that it lies above
AHEAD, HIGH = 12, 0.9
#: naive forecasts of events
NAIVE = ("climatology", "smoothing", "ar1")


@dataclass
class Events:
    """Forecast probabilities of events, (forecast,): week, probability, whether it came, whether it was there."""

    week: list[int] = field(default_factory=list)
    chance: list[float] = field(default_factory=list)
    came: list[bool] = field(default_factory=list)
    there: list[bool] = field(default_factory=list)

    def take(self, part: Part, t: int, chance: Array) -> None:
        """The probabilities of all pairs (pair,) after interval ``t``."""
        edge = threshold(part)
        ahead, now = (part.value[:, t + 1 + k : t + 1 + k + AHEAD].sum(axis=1) for k in (0, -AHEAD))
        self.week += [part.start + t] * len(edge)
        self.chance += chance.tolist()
        self.came += (ahead > edge).tolist()
        self.there += (now > edge).tolist()

    def row(self, method: str, onset: bool, reference: Events, seed: int) -> dict[str, Any]:
        """Scores of one ``method`` as a record; with ``onset`` of origins that do not lie above the edge already."""
        kept = ~np.array(self.there) if onset else np.ones(len(self.there), dtype=bool)
        came, chance, week = (np.array(one)[kept] for one in (self.came, self.chance, self.week))
        about = {"method": method, "horizon": AHEAD, "onset_only": onset, "n": len(came)}
        if not len(came):
            none = ("share", "brier", "auc", "skill_vs_smoothing", "skill_low", "skill_high")
            return {**about, **dict.fromkeys(none)}
        errors = [(np.array(one.chance)[kept] - came) ** 2 for one in (self, reference)]
        told = skill(by_week(week, errors[0]), by_week(week, errors[1]), AHEAD, seed)
        return {
            **about,
            "share": float(came.mean()),
            "brier": float(errors[0].mean()),
            "auc": auc(chance, came),
            "skill_vs_smoothing": told.value,
            "skill_low": told.low,
            "skill_high": told.high,
        }


def threshold(part: Part) -> Array:
    """The pairs' own high quantile of sums over the training window, (pair,)."""
    return np.asarray(np.quantile(sums(part.value)[:, : part.trained - AHEAD + 1], HIGH, axis=1))


def sums(value: Array) -> Array:
    """Sums of ``AHEAD`` intervals that begin with each, (pair, interval)."""
    total = np.cumsum(np.pad(value, ((0, 0), (1, 0))), axis=1)
    return np.asarray(total[:, AHEAD:] - total[:, :-AHEAD])


def naive(part: Part, told: dict[str, Events]) -> None:
    """Baselines: the share of the window, and level or regression dressed with their own past errors."""
    edge, window, last = threshold(part), WINDOW[part.series[0].step], int(part.rows[-1])
    log_sums, levels = np.log1p(sums(part.value)), [smoothed(pair) for pair in np.log1p(part.value)]
    for t in range(int(part.rows[0]) - 1, last - AHEAD + 1):
        # sums that are whole at the origin, with the levels they were forecast from
        known = slice(max(t - AHEAD + 1 - window, 0), t - AHEAD + 1)
        made = {name: np.empty(len(edge)) for name in NAIVE}
        for pair, limit in enumerate(np.log1p(edge)):
            past, level = log_sums[pair, 1:][known], levels[pair][known]
            own = np.log1p(part.value[pair])
            slope, mean = np.polyfit(own[known], past, 1) if own[known].std() > 0 else (0.0, past.mean())
            made["climatology"][pair] = (past > limit).mean()
            made["smoothing"][pair] = (levels[pair][t] + past - level > limit).mean()
            made["ar1"][pair] = (mean + slope * own[t] + (past - mean - slope * own[known]) > limit).mean()
        for name, chance in made.items():
            told[name].take(part, t, chance)


def auc(chance: Array, came: NDArray[np.bool_]) -> float | None:
    """Area under the receiver operating characteristic: the chance that an event was given the higher probability."""
    from scipy.stats import rankdata

    yes, no = int(came.sum()), int((~came).sum())
    if not yes or not no:
        return None
    return float((rankdata(chance)[came].sum() - yes * (yes + 1) / 2) / (yes * no))
