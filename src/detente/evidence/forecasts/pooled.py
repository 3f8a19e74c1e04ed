"""All pairs of a file hindcast together: one fit, one score, windows side by side.

One pair cannot tell whether a law helps: fourteen can. All pairs that report often enough in the training window are
fitted together by maximum a posteriori on the exact filter (grid.py), forecast from rolling origins over the test
window, and scored on all weeks of all pairs. Intervals resample blocks of weeks with the pairs of a week kept together.

Events: the sum of the next ``AHEAD`` intervals lies above the pair's own ``HIGH`` quantile of training; ``onset_only``
leaves out origins that lie above it already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from detente.evidence.forecasts import grid
from detente.evidence.forecasts.baselines import BASELINES, WINDOW, smoothed
from detente.evidence.forecasts.priors import Free
from detente.evidence.forecasts.scores import crps
from detente.evidence.forecasts.severity import Marks
from detente.evidence.forecasts.skill import Skill, skill
from detente.evidence.forecasts.targets import Window
from detente.evidence.reporting import Reports
from detente.observations import ObservationError, Observations, Series

Array = NDArray[np.float64]
Tell = Callable[[str, int, int], None]

#: what is fitted: shared by all pairs, with what is believed before (the scenarios' own ranges)
FREE = (
    Free("branching", 0.33, 0.8, "share", None),
    Free("memory", 1.8, 0.5, "log", None, note="weeks"),
    Free("size", 1.5, 0.6, "log", None, note="of the negative binomial at one report"),
    Free("averaging", 0.4, 0.8, "share", None, note="growth of that size with the mean"),
    Free("background_memory", 19.5, 0.6, "log", None, note="weeks"),
    Free("volatility", 0.15, 0.5, "log", None, note="a week's step of the log background"),
    Free("onset", 0.35, 0.6, "log", None, note="1/year"),
    Free("outbreak", 0.25, 0.7, "log", None, note="1/year"),
    Free("ending", 0.65, 0.6, "log", None, note="1/year"),
    Free("tense_rate", 1.8, 0.3, "log", None, note="log factor"),
    Free("armed_more", 2.2, 0.3, "log", None, note="log factor of armed over tense"),
    Free("spread", 1.2, 0.4, "log", None, note="of the pairs' own log levels"),
)
#: the hazard that a tense pair calms cannot be told from reports beside the level of tense spells: 1/year
CALMING = 2.0
#: methods: what stands still in each
METHODS: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "laws_off": frozenset({"regimes", "background", "excitation"}),
    "no_regimes": frozenset({"regimes"}),
    "no_excitation": frozenset({"excitation"}),
}
#: share of training intervals with a report from which on a pair is read
OFTEN = 0.1
#: members of a forecast, rounds and evaluations of the fit
MEMBERS, ROUNDS, CALLS = 400, 15, 320
#: the central interval whose coverage is told, by the randomised PIT
TAILS = (0.05, 0.95)
#: intervals that an event sums over, and the quantile of training that it lies above
AHEAD, HIGH = 12, 0.9


@dataclass(frozen=True)
class Part:
    """One training window with its test window: the pairs that report often enough, as arrays.

    ``rows`` are the intervals of the test window; ``trained`` the number of training intervals.
    """

    series: tuple[Series, ...]
    reports: Reports
    value: Array
    trained: int
    rows: NDArray[np.intp]
    train: Window
    test: Window

    @classmethod
    def of(cls, observations: Observations, train: Window, test: Window, often: float) -> Part:
        """Raises ObservationError where the windows do not fit the file, each other, or leave no pair."""
        every = list(observations.since(train.first).series.values())
        if train.last is None or (test.first is not None and test.first <= train.last):
            raise ObservationError(f"the training window {train} must end before the test window {test} begins")
        trained = int(np.count_nonzero(every[0].ends <= train.last))
        told = [s for s in every if trained and np.count_nonzero(s.count[:trained]) >= often * trained]
        if not told:
            raise ObservationError(f"no pair reports in {often:.0%} of the intervals up to {train.last}")
        rows = np.flatnonzero(test.holds(told[0].dates) & (np.arange(len(told[0])) >= trained))
        if len(rows) <= AHEAD:
            raise ObservationError(f"the test window {test} holds {len(rows)} intervals: more than {AHEAD} are needed")
        last = int(rows[-1]) + 1
        cut = [s.until(last) for s in told]
        return cls(tuple(cut), Reports.of(cut), np.array([s.value for s in cut]), trained, rows, train, test)

    def record(self) -> dict[str, Any]:
        """Both windows and the pairs that are read."""
        return {"train": str(self.train), "test": str(self.test), "pairs": [s.key for s in self.series]}

    @property
    def weeks(self) -> float:
        """Length of an interval."""
        return 1.0 if self.series[0].step == "week" else 365.25 / 7 / 12


@dataclass(frozen=True)
class Fitted:
    """Values at the mode of the posterior, by name, and the log of its density there."""

    values: Mapping[str, float]
    density: float


def values_at(point: Array) -> dict[str, float]:
    """Natural values of a point on the free scale."""
    told = {free.name: float(free.value(np.asarray(x))) for free, x in zip(FREE, point, strict=True)}
    return told | {"calming": CALMING, "armed_rate": told["tense_rate"] + told["armed_more"]}


def fit(part: Part, off: frozenset[str]) -> Fitted:
    """The mode of the posterior of all pairs together; nothing after the training window is looked at."""
    centre, spread = (np.array([getattr(free, name) for free in FREE]) for name in ("centre", "spread"))
    count = part.reports.count[:, : part.trained]
    told = Reports(count, part.reports.misread[:, : part.trained + 1])

    def cost(point: Array) -> float:
        law = grid.Law(values_at(point), off, part.weeks)
        path = grid.filtered(law, grid.Prior.of(count, law), told)
        evidence = sum(float(step.evidence.sum()) for step in path)
        return 0.5 * float((((point - centre) / spread) ** 2).sum()) - evidence

    found = minimize(cost, centre, method="L-BFGS-B", options={"maxiter": ROUNDS, "maxfun": CALLS})
    return Fitted(values_at(found.x), -float(found.fun))


@dataclass
class Scores:
    """Forecasts of a method at one horizon, (forecast,): which week each is of, its CRPS, its PIT interval."""

    week: list[int] = field(default_factory=list)
    crps: list[float] = field(default_factory=list)
    pit: list[tuple[float, float]] = field(default_factory=list)

    def take(self, week: int, ensemble: Array, observed: float) -> None:
        """Score one forecast, log1p."""
        self.week.append(week)
        self.crps.append(crps(ensemble, observed))
        self.pit.append((float((ensemble < observed).mean()), float((ensemble <= observed).mean())))

    @property
    def coverage(self) -> float:
        """Share of the randomised PIT in the central interval, its randomness integrated out."""
        low, high = np.array(self.pit).T
        inside = np.clip(np.minimum(high, TAILS[1]) - np.maximum(low, TAILS[0]), 0.0, None)
        point = ((low >= TAILS[0]) & (low <= TAILS[1])).astype(float)
        wide = high - low
        return float(np.where(wide > 0, inside / np.where(wide > 0, wide, 1.0), point).mean())


@dataclass
class Events:
    """Forecast probabilities of events, (forecast,): week, probability, whether it came, whether it was there."""

    week: list[int] = field(default_factory=list)
    chance: list[float] = field(default_factory=list)
    came: list[bool] = field(default_factory=list)
    there: list[bool] = field(default_factory=list)


def modelled(part: Part, fitted: Fitted, off: frozenset[str], horizons: Sequence[int], seed: int,
             told: Mapping[int, Scores], events: Events, start: int) -> None:  # fmt: skip
    """Forecast every target of the test window from its own origin and score it; weeks are numbered from ``start``."""
    law = grid.Law(fitted.values, off, part.weeks)
    prior = grid.Prior.of(part.reports.count[:, : part.trained], law)
    marks = Marks.of([s.until(part.trained) for s in part.series])
    observed, last, edge = np.log1p(part.value), int(part.rows[-1]), threshold(part)
    for t, now in enumerate(grid.filtered(law, prior, part.reports)):
        steps = {h: t + h for h in horizons if part.rows[0] <= t + h <= last}
        summed = part.rows[0] <= t + 1 and t + AHEAD <= last
        if not steps and not summed:
            continue
        rng = np.random.default_rng([seed, t])
        longest = max([*(row - t for row in steps.values()), AHEAD if summed else 1])
        counts = grid.ahead(law, prior, now, part.reports.misread[:, t + 1], longest, MEMBERS, rng)
        value = marks.draw(counts, rng)
        for h, row in steps.items():
            for pair, ensemble in enumerate(np.log1p(value[h - 1])):
                told[h].take(start + row, ensemble, float(observed[pair, row]))
        if summed:
            _event(part, edge, t, (value[:AHEAD].sum(axis=0) > edge[:, None]).mean(axis=1), events, start)


def threshold(part: Part) -> Array:
    """The pairs' own high quantile of sums over the training window, (pair,)."""
    return np.quantile(sums(part.value)[:, : part.trained - AHEAD + 1], HIGH, axis=1)


def sums(value: Array) -> Array:
    """Sums of ``AHEAD`` intervals that begin with each, (pair, interval)."""
    total = np.cumsum(np.pad(value, ((0, 0), (1, 0))), axis=1)
    return np.asarray(total[:, AHEAD:] - total[:, :-AHEAD])


def _event(part: Part, edge: Array, t: int, chance: Array, events: Events, start: int) -> None:
    ahead, now = part.value[:, t + 1 : t + 1 + AHEAD].sum(axis=1), part.value[:, t + 1 - AHEAD : t + 1].sum(axis=1)
    events.week += [start + t] * len(edge)
    events.chance += chance.tolist()
    events.came += (ahead > edge).tolist()
    events.there += (now > edge).tolist()


def naive(part: Part, horizons: Sequence[int], seed: int, told: Mapping[str, Mapping[int, Scores]], start: int) -> None:
    """The baselines' forecasts of the same targets."""
    window = WINDOW[part.series[0].step]
    for pair in np.log1p(part.value):
        for h in horizons:
            for row in part.rows:
                for name, forecast in BASELINES.items():
                    known = pair[: row - h + 1]
                    told[name][h].take(start + int(row), forecast(known, h, window, seed), float(pair[row]))


def naive_events(part: Part, told: Mapping[str, Events], start: int) -> None:
    """Baselines of the events: the share of the window, and level or regression dressed with their own past errors."""
    edge, window, last = threshold(part), WINDOW[part.series[0].step], int(part.rows[-1])
    log_sums, levels = np.log1p(sums(part.value)), [smoothed(pair) for pair in np.log1p(part.value)]
    for t in range(int(part.rows[0]) - 1, last - AHEAD + 1):
        # sums that are whole at the origin, with the levels they were forecast from
        known = slice(max(t - AHEAD + 1 - window, 0), t - AHEAD + 1)
        made = {name: np.empty(len(edge)) for name in ("climatology", "smoothing", "ar1")}
        for pair, limit in enumerate(np.log1p(edge)):
            past, level = log_sums[pair, 1:][known], levels[pair][known]
            own = np.log1p(part.value[pair])
            slope, mean = np.polyfit(own[known], past, 1) if own[known].std() > 0 else (0.0, past.mean())
            made["climatology"][pair] = (past > limit).mean()
            made["smoothing"][pair] = (levels[pair][t] + past - level > limit).mean()
            made["ar1"][pair] = (mean + slope * own[t] + (past - mean - slope * own[known]) > limit).mean()
        for name, chance in made.items():
            _event(part, edge, t, chance, told[name], start)


@dataclass(frozen=True)
class Pooled:
    """Scores of all methods by horizon, events by method, the fits by window and method."""

    parts: tuple[Part, ...]
    often: float
    seed: int
    scores: dict[str, dict[int, Scores]]
    events: dict[str, Events]
    fits: tuple[dict[str, Fitted], ...]

    def record(self) -> dict[str, Any]:
        """As plain values: ``pooled`` and ``events`` rows, windows, pairs, fits."""
        return {
            "windows": [p.record() for p in self.parts],
            "often": self.often,
            "seed": self.seed,
            "members": MEMBERS,
            "pooled": [self._row(name, h) for name, by in self.scores.items() for h in by],
            "events": [self._event_row(name, onset) for name in self.events for onset in (False, True)],
            "fits": [{name: dict(one.values) for name, one in fits.items()} for fits in self.fits],
        }

    def _row(self, method: str, horizon: int) -> dict[str, Any]:
        own = self.scores[method][horizon]
        rivals = {name: by[horizon] for name, by in self.scores.items()}
        best = min((name for name in BASELINES), key=lambda name: float(np.mean(rivals[name].crps)))
        against = {"skill": rivals["smoothing"], "vs_off": rivals["laws_off"], "vs_best": rivals[best]}
        told = {name: self._skill(own, other, horizon) for name, other in against.items()}
        row: dict[str, Any] = {
            "method": method,
            "horizon": horizon,
            "pairs": max(len(p.series) for p in self.parts),
            "n": len(own.crps),
            "crps": float(np.mean(own.crps)),
            "skill_vs_smoothing": told["skill"].value,
            "skill_low": told["skill"].low,
            "skill_high": told["skill"].high,
        }
        for name in ("vs_off", "vs_best"):
            row |= {name: told[name].value, f"{name}_low": told[name].low, f"{name}_high": told[name].high}
        return row | {"best": best, "coverage90": own.coverage}

    def _skill(self, own: Scores, other: Scores, horizon: int) -> Skill:
        return skill(by_week(own.week, own.crps), by_week(other.week, other.crps), horizon, self.seed)

    def _event_row(self, method: str, onset: bool) -> dict[str, Any]:
        own, other = self.events[method], self.events["smoothing"]
        kept = ~np.array(own.there) if onset else np.ones(len(own.there), dtype=bool)
        came, chance = np.array(own.came)[kept], np.array(own.chance)[kept]
        week = np.array(own.week)[kept]
        errors = [(np.array(one.chance)[kept] - came) ** 2 for one in (own, other)]
        told = skill(by_week(week, errors[0]), by_week(week, errors[1]), AHEAD, self.seed)
        return {
            "method": method,
            "horizon": AHEAD,
            "onset_only": onset,
            "n": len(came),
            "share": float(came.mean()),
            "brier": float(errors[0].mean()),
            "auc": auc(chance, came),
            "skill_vs_smoothing": told.value,
            "skill_low": told.low,
            "skill_high": told.high,
        }


def by_week(week: Sequence[int] | NDArray[np.intp], score: Sequence[float] | Array) -> Array:
    """Mean score of the pairs of each week, (week,): blocks keep the pairs of a week together."""
    _, place, counts = np.unique(np.asarray(week), return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(place, weights=np.asarray(score)) / counts)


def auc(chance: Array, came: NDArray[np.bool_]) -> float | None:
    """Area under the receiver operating characteristic: the chance that an event was given the higher probability."""
    from scipy.stats import rankdata

    yes, no = int(came.sum()), int((~came).sum())
    if not yes or not no:
        return None
    return float((rankdata(chance)[came].sum() - yes * (yes + 1) / 2) / (yes * no))


def hindcast_all(
    observations: Observations,
    windows: Sequence[tuple[Window, Window]],
    horizons: Sequence[int] = (1, 4),
    often: float = OFTEN,
    seed: int = 1,
    methods: Sequence[str] = tuple(METHODS),
    tell: Tell | None = None,
) -> Pooled:
    """Fit on each training window, forecast its test window, score all together. Raises ObservationError."""
    parts = tuple(Part.of(observations, train, test, often) for train, test in windows)
    names = [*methods, *BASELINES]
    scores = {name: {h: Scores() for h in horizons} for name in names}
    events = {name: Events() for name in (*methods, "climatology", "smoothing", "ar1")}
    fits: tuple[dict[str, Fitted], ...] = tuple({} for _ in parts)
    for number, part in enumerate(parts):
        start = number * len(part.series[0].dates) * 2
        for place, method in enumerate(methods):
            if tell:
                tell(method, number * len(methods) + place, len(parts) * len(methods))
            fits[number][method] = fit(part, METHODS[method])
            modelled(part, fits[number][method], METHODS[method], horizons, seed, scores[method], events[method], start)
        naive(part, horizons, seed, {name: scores[name] for name in BASELINES}, start)
        naive_events(part, events, start)
    return Pooled(parts, often, seed, scores, events, fits)
