"""What is compared: summaries of weekly counts that a few odd weeks cannot carry away, pair by pair.

Logs and shares with a little added keep quiet pairs finite. Each kind has a stated discrepancy, the standard
deviation by which a true model's summary may still be off; it is added to every simulated summary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.float32]

#: kind -> discrepancy in its own unit: 0.2 is a fifth of a level, 0.05 a twentieth of a correlation [assumption]
DISCREPANCY = {
    "level": 0.2,
    "silent": 0.2,
    "top": 0.2,
    "burst": 0.2,
    "rough": 0.2,
    "year": 0.2,
    "memory": 0.05,
    "short memory": 0.05,
    "together": 0.05,
}
#: lags in weeks; of what is left after a moving mean over SPELL weeks the SHORT ones
LAGS, SHORT, SPELL = (1, 2, 4, 13), (1, 2, 3), 13
#: the busiest share of weeks, and weeks of a year
BUSY, YEAR = 0.1, 52


def kind(name: str) -> str:
    """The kind of a summary: the words before its number and pair."""
    return name.split("|")[0]


def discrepancy(names: Sequence[str]) -> Array:
    """Stated discrepancy of each summary, (summary,)."""
    return np.array([DISCREPANCY[kind(name)] for name in names])


def summarise(counts: Counts, starts: NDArray[np.intp], dyads: Sequence[str]) -> dict[str, Array]:
    """All summaries by name, each (draw,), of ``counts`` (dyad, draw, week) from each pair's week ``starts`` on."""
    found: dict[str, Array] = {}
    for dyad, row, start in zip(dyads, counts, starts, strict=True):
        for name, value in _of_pair(row[:, start:], int(start)):
            found[f"{name}|{dyad}"] = value
    if len(dyads) > 1:
        found["together|"] = _together(counts, starts)
    return found


def _of_pair(counts: Counts, start: int) -> Iterator[tuple[str, Array]]:
    """Summaries of one pair, (draw, week) -> (draw,)."""
    weeks = counts.shape[1]
    mean = counts.mean(axis=1, dtype=np.float64)
    silent = (counts == 0).sum(axis=1)
    busy = max(int(BUSY * weeks), 1)
    logs = np.log1p(counts)
    yield "level", np.log(mean + 0.02)
    yield "silent", np.log((silent + 0.5) / (weeks - silent + 0.5))
    yield "top", np.log(np.partition(counts, weeks - busy, axis=1)[:, weeks - busy :].mean(axis=1) + 0.1)
    yield "burst", np.log(np.square(np.diff(counts, axis=1)).mean(axis=1) / (2.0 * mean + 0.02) + 0.1)
    for lag, value in zip(LAGS, _memory(logs, LAGS)[1], strict=True):
        yield f"memory|{lag}", value
    rough, short = _memory(_unsmoothed(logs), SHORT)
    yield "rough", np.log(rough)
    for lag, value in zip(SHORT, short, strict=True):
        yield f"short memory|{lag}", value
    yield from _years(counts, start)


def _memory(values: Counts, lags: Sequence[int]) -> tuple[Array, list[Array]]:
    """Variance, and autocorrelations at ``lags``, each (draw,)."""
    off = values - values.mean(axis=1, keepdims=True)
    variance = np.square(off).mean(axis=1) + 1e-3
    kept = [np.einsum("dw,dw->d", off[:, lag:], off[:, :-lag]) / off.shape[1] / variance for lag in lags]
    return variance.astype(np.float64), [one.astype(np.float64) for one in kept]


def _unsmoothed(values: Counts) -> Counts:
    """What is left after a centred moving mean."""
    total = np.cumsum(values, axis=1, dtype=np.float64)
    half = SPELL // 2
    mean = (total[:, SPELL:] - total[:, :-SPELL]) / SPELL
    return values[:, half + 1 : half + 1 + mean.shape[1]] - mean.astype(np.float32)


def _years(counts: Counts, start: int) -> Iterator[tuple[str, Array]]:
    """Level by year of the window; a year of which less than half is watched is left out."""
    weeks = counts.shape[1]
    for year in range((start + weeks) // YEAR + 1):
        first, last = max(year * YEAR - start, 0), min((year + 1) * YEAR - start, weeks)
        if last - first >= YEAR // 2:
            yield f"year|{year + 1}", np.log(counts[:, first:last].mean(axis=1, dtype=np.float64) + 0.05)


def _together(counts: Counts, starts: NDArray[np.intp]) -> Array:
    """How much pairs move together: variance of the mean of the standardised pairs, times their number, in logs."""
    total = np.zeros(counts.shape[1:], dtype=np.float32)
    for row, start in zip(counts, starts, strict=True):
        logs = np.log1p(row[:, start:])
        off = logs - logs.mean(axis=1, keepdims=True)
        total[:, start:] += off / np.sqrt(np.square(off).mean(axis=1, keepdims=True) + 1e-3)
    common = np.square(total[:, int(starts.max()) :]).mean(axis=1, dtype=np.float64)
    return np.asarray(np.log(common / len(counts) + 0.01))
