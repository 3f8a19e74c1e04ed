"""Rolling origin: the model carried through a series, forecasting from each origin asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import assimilate, severity
from detente.evidence.forecasts.assimilate import Cloud, Rules, Scale, stream
from detente.evidence.forecasts.fit import Fitted, scaled
from detente.evidence.forecasts.priors import CLUMP, Values
from detente.evidence.forecasts.severity import Marks
from detente.evidence.forecasts.targets import Target
from detente.evidence.observations import Series
from detente.evidence.reporting import Reports

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Path:
    """Forecasts by target (target, member), log1p of the value; effective share of members by interval (time,)."""

    forecasts: list[Array]
    effective: Array
    evidence: Array


@dataclass(frozen=True)
class Forecaster:
    """All that is needed beside the past: parameter draws and marks of the training window."""

    values: Values
    marks: Marks
    scale: Scale
    members: int
    seed: int

    @classmethod
    def of(cls, fitted: Fitted, pool: list[Series], members: int, seed: int) -> Forecaster:
        """A forecaster of the pool's first series, from its training window."""
        return cls(fitted.values, Marks.of(pool), Scale.of(pool).of_first(), members // len(fitted.points), seed)

    @property
    def rules(self) -> Rules:
        """The laws by draw."""
        return Rules.of(self.values, self.scale)

    def follow(self, series: Series, targets: Iterable[Target]) -> Path:
        """Filter ``series`` to the last origin; at each origin forecast its targets."""
        wanted: dict[int, list[tuple[int, Target]]] = {}
        for place, target in enumerate(targets):
            wanted.setdefault(target.origin, []).append((place, target))
        end = max(wanted) + 1
        past = series.until(end)
        reports, rules = scaled([past], self.values), self.rules
        cloud = assimilate.start(reports.count[:, : assimilate.OPENING], self.members, stream(self.seed, 0, "start"))
        forecasts: dict[int, Array] = {}
        effective, told = np.zeros(end), np.zeros(end)
        for t in range(end):
            seen = assimilate.see(cloud, reports.count[:, [t]], reports.misread[:, [t]], rules, self.seed, t)
            cloud, effective[t], told[t] = seen.cloud, seen.effective.mean(), seen.evidence.mean()
            if t in wanted:
                forecasts |= self.issue(cloud, reports, past, rules, t, wanted[t])
        return Path([forecasts[i] for i in sorted(forecasts)], effective, told)

    def issue(
        self, cloud: Cloud, reports: Reports, past: Series, rules: Rules, t: int, wanted: list[tuple[int, Target]]
    ) -> dict[int, Array]:
        """Forecasts from origin ``t`` by target number: log1p of the value, (member,)."""
        steps = max(target.last for _, target in wanted) - t
        ahead = assimilate.ahead(cloud, reports.misread[:, [t + 1]], rules, steps, stream(self.seed, t, "forecast"))
        value = self.valued(ahead, past, t)
        sums = np.concatenate([np.zeros((1, value.shape[1])), np.cumsum(value, axis=0)])
        return {i: np.log1p(sums[g.last - t] - sums[g.first - t - 1]) for i, g in wanted}

    def valued(self, reports: Array, past: Series, t: int) -> Array:
        """Values of simulated ``reports`` (step, draw, member), as (step, member of all draws)."""
        rng = stream(self.seed, t, "severity")
        if past.counted:
            out = self.marks.draw(reports, rng)
        else:
            out = severity.articles(reports, self.values[CLUMP.name][:, None], float(past.size[t]), rng)
        return out.reshape(len(reports), -1)
