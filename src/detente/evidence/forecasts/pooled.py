"""All pairs of a file hindcast together: one fit, one score, windows side by side.

One pair cannot tell whether a law helps: fourteen can. All pairs that report often enough in the training window are
fitted together, forecast from rolling origins over the test window, and scored on all weeks of all pairs. Intervals
resample blocks of weeks with the pairs of a week kept together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.code import FORECASTS, code
from detente.evidence.forecasts import events, fit, leakage, scores
from detente.evidence.forecasts.baselines import BASELINES, WINDOW
from detente.evidence.forecasts.events import AHEAD, HIGH, Events
from detente.evidence.forecasts.fit import Fitted
from detente.evidence.forecasts.forecaster import Forecaster
from detente.evidence.forecasts.leakage import Proof
from detente.evidence.forecasts.parts import Part, parts_of
from detente.evidence.forecasts.priors import methods
from detente.evidence.forecasts.skill import Skill, by_week, skill
from detente.evidence.forecasts.targets import Window
from detente.evidence.unfinished import keeping
from detente.observations import Observations

Array = NDArray[np.float64]
Tell = Callable[[str, int, int], None]

#: members of a forecast
MEMBERS = 400
CONVENTIONS = {
    "target": "log1p of the value, every interval of the test windows, every pair that reports in the share seen of "
    "the training intervals",
    "fit": "the mode of the posterior of all pairs together, by training window",
    "skill": "1 - mean score / mean score of smoothing; vs_off: of the law switched off; vs_best: of the naive "
    "forecast that did best, found afterwards. 95 % intervals of a block bootstrap, pairs of a week kept together",
    "coverage90": "share of the randomised PIT in the central 90 %, randomness integrated out: 0.9 where calibrated",
    "events": f"the sum of the next {AHEAD} intervals lies above the pair's own {HIGH:.0%} quantile of training; "
    "onset_only: of origins whose last sum does not lie above it. Brier score and area under the ROC curve",
}


@dataclass
class Scores:
    """Forecasts of a method at one horizon, (forecast,): which week each is of, its CRPS, its PIT interval, the week
    after which it was made with its hash."""

    week: list[int] = field(default_factory=list)
    crps: list[float] = field(default_factory=list)
    pit: list[tuple[float, float]] = field(default_factory=list)
    made: list[tuple[int, str]] = field(default_factory=list)

    def take(self, week: int, origin: int, ensemble: Array, observed: float) -> None:
        """Score one forecast, log1p."""
        self.week.append(week)
        self.crps.append(scores.crps(ensemble, observed))
        self.pit.append(scores.pit(ensemble, observed))
        self.made.append((origin, leakage.prints([ensemble])[0]))

    @property
    def coverage(self) -> float:
        """Share of the randomised PIT in the central interval."""
        return scores.coverage(self.pit)

    def against(self, other: Scores, horizon: int, seed: int) -> Skill:
        """Skill against another method on the same forecasts."""
        return skill(by_week(self.week, self.crps), by_week(other.week, other.crps), horizon, seed)


#: scores by method and horizon
Table = dict[str, dict[int, Scores]]


def modelled(
    part: Part, fitted: Fitted, horizons: Sequence[int], seed: int, told: Mapping[int, Scores], happened: Events
) -> None:
    """Forecast every target of the test window from its own origin and score it."""
    forecaster = Forecaster.of(fitted, part.series, part.trained, part.training, MEMBERS, seed)
    observed, first, last, edge = np.log1p(part.value), int(part.rows[0]), int(part.rows[-1]), events.threshold(part)
    for t, now in enumerate(forecaster.path()):
        steps = [h for h in horizons if first <= t + h <= last]
        summed = first <= t + 1 and t + AHEAD <= last
        if not steps and not summed:
            continue
        value = forecaster.ahead(now, t, max([*steps, AHEAD * summed]))[1]
        for h in steps:
            for pair, ensemble in enumerate(np.log1p(value[h - 1])):
                told[h].take(part.start + t + h, part.start + t, ensemble, float(observed[pair, t + h]))
        if summed:
            happened.take(part, t, (value[:AHEAD].sum(axis=0) > edge[:, None]).mean(axis=1))


def naive(part: Part, horizons: Sequence[int], seed: int, told: Table) -> None:
    """The baselines' forecasts of the same targets."""
    window = WINDOW[part.series[0].step]
    for pair in np.log1p(part.value):
        for h in horizons:
            for row in part.rows.tolist():
                for name, forecast in BASELINES.items():
                    ensemble = forecast(pair[: row - h + 1], h, window, seed)
                    told[name][h].take(part.start + row, part.start + row - h, ensemble, float(pair[row]))


@dataclass(frozen=True)
class Asked:
    """What is asked of all pairs of a file: training windows with their test windows, horizons in intervals, from which
    share of intervals with a report on a pair is read."""

    observations: Observations
    windows: tuple[tuple[Window, Window], ...]
    horizons: tuple[int, ...] = (1, 4)
    seen: float = fit.OFTEN
    seed: int = 1
    ablations: bool = False


@dataclass(frozen=True)
class Pooled:
    """Scores of all methods by horizon, events by method, the fits by window and method."""

    asked: Asked
    parts: tuple[Part, ...]
    fits: tuple[dict[str, Fitted], ...]
    scores: Table
    events: dict[str, Events]

    @classmethod
    def of(
        cls, asked: Asked, parts: tuple[Part, ...], fits: tuple[dict[str, Fitted], ...], names: Iterable[str]
    ) -> Pooled:
        """Nothing forecast yet by the methods ``names`` and the baselines."""
        known = tuple(names)
        table = {name: {h: Scores() for h in asked.horizons} for name in (*known, *BASELINES)}
        return cls(asked, parts, fits, table, {name: Events() for name in (*known, *events.NAIVE)})

    def model(self, method: str) -> None:
        """Forecast and score all windows as fitted."""
        for part, fits in zip(self.parts, self.fits, strict=True):
            told = self.scores[method], self.events[method]
            modelled(part, fits[method], self.asked.horizons, self.asked.seed, *told)

    def naive(self) -> None:
        """The naive forecasts of all windows."""
        for part in self.parts:
            naive(part, self.asked.horizons, self.asked.seed, self.scores)
            events.naive(part, self.events)

    def ended(self) -> Pooled | None:
        """With the naive forecasts beside the methods done; None where the law and the law switched off are not."""
        done = [name for name in self.fits[-1] if self.events[name].week]
        if not {"model", "laws_off"} <= set(done):
            return None
        self.naive()
        some = {name: by for name, by in self.scores.items() if name in (*done, *BASELINES)}
        return replace(self, scores=some, events={n: e for n, e in self.events.items() if n in (*done, *events.NAIVE)})

    @cached_property
    def proof(self) -> Proof:
        """That no forecast knows its future, made on the file itself, window by window."""
        found = [_proof(self, part, fits) for part, fits in zip(self.parts, self.fits, strict=True)]
        return Proof(
            after=", ".join(one.after for one in found),
            forecasts=sum(one.forecasts for one in found),
            changed=sum(one.changed for one in found),
            fit_changed=any(one.fit_changed for one in found),
            later_changed=all(one.later_changed for one in found),
        )

    def known(self, part: Part, origin: int) -> list[object]:
        """What was forecast in one part up to its interval ``origin``: hashes, and probabilities of events."""
        span = range(part.start, part.start + origin + 1)
        made = [told for by in self.scores.values() for one in by.values() for week, told in one.made if week in span]
        chances = [zip(one.week, one.chance, strict=True) for one in self.events.values()]
        return [*made, *(chance for some in chances for week, chance in some if week in span)]

    def record(self) -> dict[str, Any]:
        """As plain values: ``pooled`` and ``events`` rows, windows, pairs, fits."""
        file = self.asked.observations
        return {
            **file.record(),
            "layout": file.layout,
            "dyad": "all",
            "every": self.parts[0].series[0].step,
            "seen": self.asked.seen,
            "seed": self.asked.seed,
            "members": MEMBERS,
            "windows": [p.record() for p in self.parts],
            "pooled": self.rows(),
            "events": self.event_rows(),
            "fits": [{name: one.record() for name, one in fits.items()} for fits in self.fits],
            "leakage": self.proof.record(),
            "code": code(FORECASTS),
            "conventions": CONVENTIONS,
        }

    def rows(self) -> list[dict[str, Any]]:
        """One record per method and horizon."""
        return [self._row(name, h) for h in self.asked.horizons for name in self.scores]

    def event_rows(self) -> list[dict[str, Any]]:
        """One record per method, of all origins and of those before an onset."""
        seed, reference = self.asked.seed, self.events["smoothing"]
        return [e.row(name, onset, reference, seed) for onset in (False, True) for name, e in self.events.items()]

    def _row(self, method: str, horizon: int) -> dict[str, Any]:
        own = self.scores[method][horizon]
        rivals = {name: by[horizon] for name, by in self.scores.items()}
        best = min(BASELINES, key=lambda name: float(np.mean(rivals[name].crps)))
        row: dict[str, Any] = {
            "method": method,
            "horizon": horizon,
            "pairs": len({s.key for p in self.parts for s in p.series}),
            "n": len(own.crps),
            "crps": float(np.mean(own.crps)),
        }
        for name, rival in (("skill_vs_smoothing", "smoothing"), ("vs_off", "laws_off"), ("vs_best", best)):
            told, stem = own.against(rivals[rival], horizon, self.asked.seed), name.removesuffix("_vs_smoothing")
            row |= {name: told.value, f"{stem}_low": told.low, f"{stem}_high": told.high}
        return row | {"best": best, "coverage90": own.coverage}


def _proof(usual: Pooled, part: Part, fits: dict[str, Fitted]) -> Proof:
    """Shuffle the future of one origin of one part, forecast again as ``fits`` do, compare."""
    origin = int(part.rows[0]) - 1 + int(len(part.rows) * leakage.PART)
    day, asked = part.series[0].ends[origin], usual.asked
    other = Part.of(
        leakage.shuffled(asked.observations, day, asked.seed), part.train, part.test, asked.seen, part.start
    )
    again = Pooled.of(asked, (other,), (fits,), [name for name in usual.scores if name in fits])
    for method in set(again.scores) - set(BASELINES):
        again.model(method)
    again.naive()
    pairs = list(zip(usual.known(part, origin), again.known(other, origin), strict=True))
    return Proof(
        after=str(day),
        forecasts=len(pairs),
        changed=sum(one != two for one, two in pairs),
        fit_changed=not leakage.same_pool(part.training, other.training),
        later_changed=not np.array_equal(part.value, other.value),
    )


def hindcast_all(asked: Asked, tell: Tell | None = None) -> Pooled:
    """Fit on each training window, forecast its test window, score all together; ``tell`` hears (method, done, of).

    Raises ObservationError; Unfinished with the methods done so far where it is stopped after the law and the law
    switched off.
    """
    parts = parts_of(asked.observations, list(asked.windows), asked.seen)
    known = methods(parts[0].series[0].counted, asked.ablations)
    result = Pooled.of(asked, parts, tuple({} for _ in parts), known)
    with keeping(result.ended):
        for method, off in known.items():
            for part, fits in zip(result.parts, result.fits, strict=True):
                fits[method] = fit.fit(part.training, off, partial(tell, method) if tell else None)
            result.model(method)
    return result.ended() or result
