"""What the filter knows on its way: rates, hostility and levels by interval, and the chance of a new regime.

A forecaster that looks at its members each time it stands at an origin. Rates are incidents per interval as the law
counts them, reported or not; ``level`` is what the file would show of them on average: reports, or points of an index.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from detente.evidence import reporting
from detente.evidence.forecasts import assimilate
from detente.evidence.forecasts.assimilate import Cloud, Rules, stream
from detente.evidence.forecasts.priors import CLUMP
from detente.evidence.forecasts.rolling import Forecaster, Path
from detente.evidence.forecasts.targets import Target
from detente.evidence.observations import Series
from detente.evidence.reporting import Reports

Array = NDArray[np.float64]

#: quantiles that are kept: ends of the 90 % and the 50 % interval, and the median
AT = (0.05, 0.25, 0.5, 0.75, 0.95)
#: intervals that count as recent: a new regime is looked for in them, degeneracy reported over them
RECENT = {"week": 8, "month": 6}


@dataclass(frozen=True)
class Seen:
    """Quantiles ``AT`` after one interval: rate, background, level [of the file], hostility above rest [points]."""

    rate: Array
    background: Array
    level: Array
    hostility: Array


@dataclass(frozen=True)
class Watch:
    """A pair on its way and at the origin.

    ``rate``, ``background``, ``level`` and ``hostility`` (time, quantile of ``AT``); ``effective`` share of members
    (time,); ``rates`` of all members at the origin (member,); ``reports`` and ``values`` forecast (step, member);
    ``broke`` probability of a new regime in the recent intervals, ``broke_before`` the same before their reports.
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


@dataclass(frozen=True)
class Watcher(Forecaster):
    """A forecaster that remembers what it saw at every origin; see ``every``."""

    seen: dict[int, Seen] = field(default_factory=dict)
    kept: dict[int, tuple[Cloud, Reports]] = field(default_factory=dict)

    @classmethod
    def beside(cls, forecaster: Forecaster) -> Watcher:
        """A watcher that forecasts as ``forecaster`` does."""
        return cls(**{f.name: getattr(forecaster, f.name) for f in fields(forecaster)})

    def every(self, length: int) -> list[Target]:
        """Empty targets from every interval, so that the filter is looked at there."""
        return [Target(t, t + 1, t, t, t + 1) for t in range(length)]

    def issue(
        self, cloud: Cloud, reports: Reports, past: Series, rules: Rules, t: int, wanted: list[tuple[int, Target]]
    ) -> dict[int, Array]:
        """As the forecaster; empty targets only let it look."""
        self.seen[t] = self._look(cloud, reports, past, rules, t)
        if t in (len(past) - 1, len(past) - 1 - RECENT[past.step]):
            self.kept[t] = (cloud, reports)
        real = [(i, target) for i, target in wanted if target.last > t]
        some = super().issue(cloud, reports, past, rules, t, real) if real else {}
        return {**{i: np.zeros(0) for i, _ in wanted}, **some}

    def _look(self, cloud: Cloud, reports: Reports, past: Series, rules: Rules, t: int) -> Seen:
        rate = assimilate.intensity(cloud, rules)
        level = (reporting.SEEN * rate + reports.misread[:, [t + 1]]) * self.unit(past, t)
        states = (rate, np.exp(cloud.background), level, cloud.hostility - assimilate.REST)
        return Seen(*(np.quantile(state, AT) for state in states))

    def unit(self, past: Series, t: int) -> Array:
        """What one report is in the file: one report, or its articles' points; (draw, 1)."""
        if past.counted:
            return np.ones((1, 1))
        return np.asarray(self.values[CLUMP.name][:, None] * float(past.size[t]))

    def told(self, series: Series, path: Path, ahead: int) -> Watch:
        """The path and the state at its end."""
        last, rules = len(series) - 1, self.rules
        cloud, reports = self.kept[last]
        # the same chance as the forecasts of the values, so that both tell the same future
        rng = stream(self.seed, last, "forecast")
        drawn = assimilate.ahead(cloud, reports.misread[:, [last + 1]], rules, ahead, rng)
        values = self.valued(drawn, series, last)
        quantiles = {k: np.array([getattr(self.seen[t], k) for t in range(last + 1)]) for k in Seen.__annotations__}
        after, before = self.broke(series)
        return Watch(
            **quantiles,
            effective=path.effective,
            rates=assimilate.intensity(cloud, rules).ravel(),
            reports=(drawn * self.unit(series, last)).reshape(ahead, -1),
            values=values,
            broke=after,
            broke_before=before,
            members_each=self.members,
        )

    def broke(self, series: Series) -> tuple[float, float]:
        """Probability that a new regime began in the recent intervals: after their reports, and before them.

        By the reports' likelihood with breaks and without: P(none | y) = p(none, y) / p(y), per draw; within an
        interval chance of a break and likelihood are taken as independent.
        """
        last, recent = len(series) - 1, RECENT[series.step]
        cloud = self.kept[min(self.kept)][0]
        before = 1.0 - ((1.0 - assimilate.breaking(cloud, self.rules)) ** recent).mean(axis=1)
        if last - recent not in self.kept:
            return float(before.mean()), float(before.mean())
        both, none = (self._evidence(last - recent, last, never) for never in (False, True))
        return float((1.0 - np.exp(np.minimum(none - both, 0.0))).mean()), float(before.mean())

    def _evidence(self, first: int, last: int, never: bool) -> Array:
        """Log likelihood of the intervals after ``first`` up to ``last``, (draw,); ``never``: that none breaks, too."""
        rules, (cloud, reports) = self.rules, self.kept[first]
        still = replace(rules, break_chance=np.zeros_like(rules.break_chance)) if never else rules
        total = np.zeros(len(rules.break_chance))
        for t in range(first + 1, last + 1):
            if never:
                total += np.log((1.0 - assimilate.breaking(cloud, rules)).mean(axis=1))
            seen = assimilate.see(cloud, reports.count[:, [t]], reports.misread[:, [t]], still, self.seed, t)
            cloud, total = seen.cloud, total + seen.evidence
        return total
