"""The present state of a theatre's pairs from an event file: the hindcast's filter, stopped at a date.

The same machinery as the hindcast and nothing else: parameters of the laws from the training window, the state carried
to the origin by the reports up to it, forecasts from there. Where the file is long enough, its last year (two years of
months) is left out of the training, so that this very filter, with these very parameters, is scored on it beside naive
forecasts. Nothing after the origin is read.

All pairs of a file that counts reports share one fit, of those that report most; a pair's own level the filter tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from detente.evidence.forecasts import fit, rolling
from detente.evidence.forecasts.fit import Fitted, believed
from detente.evidence.forecasts.forecaster import Forecaster
from detente.evidence.forecasts.priors import Off, methods
from detente.evidence.forecasts.rolling import SHORTEST, Prepared, Question
from detente.evidence.forecasts.scoring import Scored
from detente.evidence.forecasts.targets import Window
from detente.evidence.nowcasts.watch import Watch, watched
from detente.observations import ObservationError, Observations, Series

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
    members: int = rolling.MEMBERS


@dataclass(frozen=True)
class Now:
    """One pair at the origin: its series up to there, how many intervals trained, what the filter saw, its scores.

    ``scored`` holds the filter and the naive forecasts on the held-out intervals, nothing where none was held out;
    ``fitted`` is None where the file was too short to fit.
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
    last, remark = asked.at or file.last or grid.ends[-1], ""
    length = int(np.count_nonzero(grid.ends <= last))
    if length < FEWEST:
        raise ObservationError(
            f"{file.path.name}: {length} whole {grid.step}s up to {last}: at least {FEWEST} are needed. "
            f"The file runs from {grid.dates[0]} to {grid.ends[-1]}"
        )
    if asked.at is None and length < len(grid):
        remark = (
            f"The {grid.step} of {grid.dates[length]} is left out: the file's last entry is of {file.last}. "
            f"If it covers the whole {grid.step}, say --at {grid.ends[length]}."
        )
    elif asked.at is not None and asked.at > grid.ends[-1]:
        remark = f"The file ends {grid.ends[-1]}, before {asked.at}: the nowcast is of that day."
    return replace(file, series={k: s.until(length) for k, s in file.series.items()}), remark


def windows(asked: Asked, series: Series) -> tuple[Window, Window | None]:
    """Training window, and the window held out for scoring; None where the file is too short for one."""
    given, step, last = asked.train or Window(None, None), series.step, series.ends[-1]
    end = last if given.last is None else min(given.last, last)
    if given.last is None and len(series.since(given.first)) >= HELD[step] + REST[step]:
        end = np.datetime64(series.ends[-1 - HELD[step]])
    if end < series.dates[0]:
        raise ObservationError(f"the training window {given} ends before the file begins, {series.dates[0]}")
    train, after = Window(given.first, end), int(np.count_nonzero(series.dates > end))
    whole = int(np.count_nonzero(train.holds(series.dates) & train.holds(series.ends)))
    enough = after >= rolling.FEWEST + max(SCORED_AT[step]) and whole >= SHORTEST
    return train, Window(end + np.timedelta64(1, "D"), last) if enough else None


def states(asked: Asked, wanted: dict[str, str], tell: Progress | None = None) -> Iterator[tuple[str, Now]]:
    """Every pair ``wanted`` (pair -> series) with its state at the origin. Raises ObservationError."""
    file, _ = origin(asked)
    grid = next(iter(file.series.values()))
    train, test = windows(asked, grid)
    seen = file.since(train.first)
    trained = int(np.count_nonzero(next(iter(seen.series.values())).ends <= (train.last or grid.ends[-1])))
    if trained < FEWEST:
        raise ObservationError(f"{trained} intervals of training in {train}: at least {FEWEST} are needed")
    shared = common(seen, trained, tell) if trained >= SHORTEST else None
    for done, (pair, key) in enumerate(wanted.items(), start=1):
        question = None
        if test:
            ahead = SCORED_AT[grid.step]
            question = Question(file, key, train, test, ahead, seed=asked.seed, members=asked.members)
        yield pair, one(asked, seen, key, trained, shared, question)
        if tell:
            tell("pairs", done, len(wanted))


def common(seen: Observations, trained: int, tell: Progress | None) -> Fitted | None:
    """The fit that all pairs share; None where series share nothing (a risk index) or the window holds no event."""
    busiest = max(seen.series.values(), key=lambda s: (s.until(trained).count.sum(), s.key))
    pool = fit.pool(seen, busiest.key, trained)
    if not busiest.counted or not sum(s.count.sum() for s in pool):
        return None
    return fit.fit(pool, law(True), (lambda done, total: tell("fit", done, total)) if tell else None)


def law(counted: bool) -> Off:
    """What stands still in the law that is filtered."""
    return methods(counted, ablations=False)["model"]


def one(
    asked: Asked, seen: Observations, key: str, trained: int, shared: Fitted | None, question: Question | None
) -> Now:
    """One pair: its parameters, its path to the origin, its forecasts, its scores."""
    pool, series = fit.pool(seen, key, trained), seen[key]
    if not sum(float(s.count.sum()) for s in pool):
        raise ObservationError(f"{key}: no conflictual event up to {series.ends[trained - 1]}: nothing can be learnt")
    off, fitted = law(series.counted), None
    if trained >= SHORTEST:
        fitted = shared or fit.fit(pool, off)
    prepared = rolling.prepare(question) if question else None
    taken = fitted or believed(off, series.counted)
    forecaster = Forecaster.of(taken, [series], trained, pool, asked.members, asked.seed)
    watch, issued = watched(forecaster, prepared.targets if prepared else {}, asked.ahead)
    scored: list[Scored] = []
    if prepared:
        scored += [prepared.scored("model", h, some) for h, some in issued.items()]
        scored += [prepared.scored(*made) for made in prepared.naive()]
    return Now(series, trained, fitted, watch, tuple(scored), prepared)
