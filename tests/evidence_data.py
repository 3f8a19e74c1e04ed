"""Made-up observation files and quick fits for the tests of the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente.evidence.forecasts import fit, grid, rolling
from detente.evidence.forecasts.rolling import Question
from detente.observations import Observations, Series
from detente.observations.series import weeks

HEAD = "dyad,week,n,n_conf,conf,coop"
START = np.datetime64("1998-01-05")
#: length of the small file, and how much of it trains
LENGTH, TRAINED = 100, 70


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits of a moment: what is tested is where numbers go, not how good they are."""
    for room, name, value in ((fit, "ROUNDS", 1), (fit, "CALLS", 16), (grid, "NODES", 7), (grid, "LEVELS", 5)):
        monkeypatch.setattr(room, name, value)
    usual = Question.__init__.__defaults__
    few = tuple(256 if value == rolling.MEMBERS else value for value in usual)
    monkeypatch.setattr(Question.__init__, "__defaults__", few)


def mondays(count: int, start: np.datetime64 = START) -> list[str]:
    return [str(start + np.timedelta64(7 * k, "D")) for k in range(count)]


def weekly_rows(
    count: int, dyads: Sequence[str] = ("A-B",), start: np.datetime64 = START, seed: int = 1, rate: float = 1.5
) -> list[tuple[Any, ...]]:
    """Rows of a weekly dyad table; weeks without an event are not listed, as the publisher has it."""
    rng = np.random.default_rng(seed)
    table = []
    for dyad in dyads:
        for week in mondays(count, start):
            hostile, other = int(rng.poisson(rate)), int(rng.poisson(1.0))
            if hostile + other:
                table.append((dyad, week, hostile + other, hostile, round(5.5 * hostile, 1), 3.0 * other))
    return table


def written(path: Path, rows: Iterable[Sequence[Any]], head: str = HEAD) -> Path:
    """A comma-separated file."""
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


def monthly_rows(first: int, last: int, seed: int = 1) -> list[tuple[Any, ...]]:
    """Rows of an AI-GPR table with columns X and Y: whole multiples of one article's value."""
    rng = np.random.default_rng(seed)
    months = [f"{year}-{month:02d}-01" for year in range(first, last + 1) for month in range(1, 13)]
    return [(m, 100.0, round(0.05 * rng.poisson(3), 4), round(0.05 * rng.poisson(1), 4)) for m in months]


def series(key: str, count: np.ndarray, severity: float = 6.0) -> Series:
    """A weekly series of given counts."""
    given = np.asarray(count, dtype=float)
    dates = weeks(START, START + np.timedelta64(7 * (len(given) - 1), "D"))
    one = np.ones(len(given))
    return Series(key, "week", dates, severity * given, given, one, one, counted=True)


def swelling(count: int, seed: int = 1) -> np.ndarray:
    """Counts of a rate that swells and ebbs."""
    rng = np.random.default_rng(seed)
    return rng.poisson(np.exp(0.6 - 1.3 * np.cos(np.arange(count) / 9.0))).astype(float)


def file_of(*some: Series) -> Observations:
    """Series as a file that was read."""
    return Observations(Path("made up"), "dyad_week", {s.key: s for s in some})


def small_file() -> Observations:
    """Three pairs of counts."""
    return file_of(*(series(f"A-{k}", swelling(LENGTH, seed)) for seed, k in enumerate("BCD", start=1)))
