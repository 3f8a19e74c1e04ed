"""The present state of a theatre's pairs from an event file: the hindcast's filter, stopped at a date.

The same machinery as the hindcast and nothing else: parameters of the laws from the training window, the state carried
to the origin by the reports up to it, forecasts from there. Where the file is long enough, its last year (two years of
months) is left out of the training, so that this very filter, with these very parameters, is scored on it beside naive
forecasts. Nothing after the origin is read.

All pairs share one fit of what dyads have in common (the file's busiest series), each then has its own around it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import fit, hindcast, priors
from detente.evidence.forecasts.fit import Common, Fitted
from detente.evidence.forecasts.hindcast import DRAWS, SHORTEST, Prepared, Question
from detente.evidence.forecasts.priors import LAWS
from detente.evidence.forecasts.rolling import Forecaster
from detente.evidence.forecasts.scoring import Scored
from detente.evidence.forecasts.targets import Target, Window
from detente.evidence.nowcasts.watch import Watch, Watcher
from detente.evidence.observations import ObservationError, Observations, Series
from detente.evidence.unfinished import keeping

Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

#: intervals left out of the training to score the filter on, and fewest that must be left to train
HELD = {"week": 52, "month": 24}
REST = {"week": 104, "month": 60}
#: horizons scored on the held-out intervals
SCORED_AT = {"week": (1, 4), "month": (1, 3)}
#: fewest intervals of a file
FEWEST = 8


@dataclass(frozen=True)
class Asked:
    """What is asked of one file: up to which day, how many intervals ahead, which training window."""

    observations: Observations
    at: np.datetime64 | None = None
    ahead: int = 12
    train: Window | None = None
    seed: int = 1
    members: int = hindcast.MEMBERS


@dataclass(frozen=True)
class Now:
    """One pair at the origin: its series up to there, how many intervals trained, what the filter saw, its scores.

    ``scored`` is empty where no interval was held out; ``fitted`` is None where the file was too short to fit.
    """

    series: Series
    trained: int
    fitted: Fitted | None
    watch: Watch
    scored: tuple[Scored, ...]
    prepared: Prepared | None


def origin(asked: Asked) -> tuple[Observations, str]:
    """The file up to the origin, and a remark where that is not what one might expect.

    Raises ObservationError where nothing, or too little, is left.
    """
    file = asked.observations
    grid = next(iter(file.series.values()))
    last = asked.at or file.last or grid.ends[-1]
    length = int(np.count_nonzero(grid.ends <= last))
    if length < FEWEST:
        raise ObservationError(
            f"{file.path.name}: {length} whole {grid.step}s up to {last}: at least {FEWEST} are needed. "
            f"The file runs from {grid.dates[0]} to {grid.ends[-1]}"
        )
    return replace(file, series={k: s.until(length) for k, s in file.series.items()}), _remark(asked, grid, length)


def _remark(asked: Asked, grid: Series, length: int) -> str:
    """That the last week is cut short, or that the file ends before the day asked for."""
    file = asked.observations
    if asked.at is None and length < len(grid):
        return (
            f"The {grid.step} of {grid.dates[length]} is left out: the file's last entry is of {file.last}. "
            f"If it covers the whole {grid.step}, say --at {grid.ends[length]}."
        )
    if asked.at is not None and asked.at > grid.ends[-1]:
        return f"The file ends {grid.ends[-1]}, before {asked.at}: the nowcast is of that day."
    return ""


def windows(asked: Asked, series: Series) -> tuple[Window, Window | None]:
    """Training window, and the window held out for scoring; None where the file is too short for one."""
    first, last = series.dates[0], series.ends[-1]
    if asked.train is not None:
        given = replace(asked.train, last=asked.train.last or _default(series, asked.train.first))
    else:
        given = Window(None, _default(series, None))
    end = min(given.last, last) if given.last is not None else last
    if end < first:
        raise ObservationError(f"the training window {given} ends before the file begins, {first}")
    train, after = Window(given.first, end), int(np.count_nonzero(series.dates > end))
    enough = after >= hindcast.FEWEST + max(SCORED_AT[series.step]) and _inside(series, train) >= SHORTEST
    return train, Window(end + np.timedelta64(1, "D"), last) if enough else None


def _inside(series: Series, window: Window) -> int:
    """Whole intervals of the series in the window."""
    return int(np.count_nonzero(window.holds(series.dates) & window.holds(series.ends)))


def _default(series: Series, first: np.datetime64 | None) -> np.datetime64:
    """Last day of the training: before the held-out intervals where enough are left, else the origin."""
    some = series.since(first)
    held = HELD[series.step] if len(some) >= HELD[series.step] + REST[series.step] else 0
    return np.datetime64(series.ends[len(series) - 1 - held])


def nowcast(asked: Asked, wanted: dict[str, str], tell: Progress | None = None) -> dict[str, Now]:
    """The state of every pair ``wanted`` (pair -> series) at the origin.

    Raises ObservationError; Unfinished with the pairs done so far where it is stopped on the way.
    """
    file, _ = origin(asked)
    grid = next(iter(file.series.values()))
    train, test = windows(asked, grid)
    seen = file.since(train.first)
    trained = int(np.count_nonzero(next(iter(seen.series.values())).ends <= (train.last or grid.ends[-1])))
    if trained < FEWEST:
        raise ObservationError(f"{trained} intervals of training in {train}: at least {FEWEST} are needed")
    shared = common(seen, trained, asked.seed, tell) if trained >= SHORTEST else None
    out: dict[str, Now] = {}
    with keeping(lambda: out or None):
        for done, (pair, key) in enumerate(wanted.items()):
            question = None
            if test is not None:
                horizons = tuple(h for h in SCORED_AT[grid.step])
                question = Question(file, key, train, test, horizons, seed=asked.seed, members=asked.members)
            out[pair] = one(asked, seen, key, trained, shared, question)
            if tell:
                tell("pairs", done + 1, len(wanted))
    return out


def common(seen: Observations, trained: int, seed: int, tell: Progress | None) -> Common | None:
    """The fit that all pairs share; None where series share nothing (a risk index) or the window holds no event."""
    busiest = max(seen.series.values(), key=lambda s: (s.until(trained).count.sum(), s.key))
    pool = fit.pool(seen, busiest.key, trained)
    if not busiest.counted or not sum(s.count.sum() for s in pool):
        return None
    told = (lambda done, total: tell("fit", done, total)) if tell else None
    return fit.common(pool, LAWS, seed, told)


def unfitted(series: Series, seed: int) -> Fitted:
    """Draws from what is believed before any file is read."""
    free = priors.chosen(LAWS, series.counted, series.step)
    mean, spread = priors.centre(free)
    rng = np.random.default_rng([seed, 3])
    return Fitted(free, mean + spread * rng.standard_normal((DRAWS, len(free))), 0.0, ())


def one(
    asked: Asked, seen: Observations, key: str, trained: int, shared: Common | None, question: Question | None
) -> Now:
    """One pair: its parameters, its path to the origin, its forecasts, its scores."""
    pool, series = fit.pool(seen, key, trained), seen[key]
    if not sum(float(s.count.sum()) for s in pool):
        raise ObservationError(f"{key}: no conflictual event up to {series.ends[trained - 1]}: nothing can be learnt")
    fitted = fit.own(pool, shared, asked.seed, DRAWS) if shared else None
    if fitted is None and trained >= SHORTEST:
        fitted = fit.fit(pool, LAWS, asked.seed, DRAWS)
    drawn = fitted or unfitted(series, asked.seed)
    watcher = Watcher.beside(Forecaster.of(drawn, pool, asked.members, asked.seed))
    prepared = hindcast.prepare(question) if question else None
    scored = [t for some in prepared.targets.values() for t in some] if prepared else []
    path = watcher.follow(series, [*scored, *future(series, asked.ahead), *watcher.every(len(series))])
    watch = watcher.told(series, path, asked.ahead)
    return Now(series, trained, fitted, watch, _scores(prepared, path.forecasts), prepared)


def future(series: Series, ahead: int) -> list[Target]:
    """The intervals after the last, from there."""
    last = len(series) - 1
    return [Target(last, last + h, last + h, last + h, last + 1) for h in range(1, ahead + 1)]


def _scores(prepared: Prepared | None, forecasts: list[Array]) -> tuple[Scored, ...]:
    """The filter and the naive forecasts on the held-out intervals; the filter's forecasts come first."""
    if prepared is None:
        return ()
    rest = iter(forecasts)
    mine = [prepared.scored("model", h, [next(rest) for _ in some]) for h, some in prepared.targets.items()]
    return (*mine, *hindcast.naive(prepared))
