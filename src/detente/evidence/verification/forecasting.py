"""Faults of scoring found in published tools, looked for on made-up data: leakage, split, rivals, strata, sensitivity.

A series of counts is made up, hindcast as any other, and hindcast again after everything that follows an origin has
been shuffled: forecasts from that origin must be the same bits. Sensitivity is run on a function with known indices.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts import fit
from detente.evidence.forecasts.baselines import BASELINES
from detente.evidence.forecasts.leakage import shuffled
from detente.evidence.forecasts.priors import METHODS
from detente.evidence.forecasts.rolling import Question, prepare
from detente.evidence.forecasts.scoring import Scored
from detente.evidence.forecasts.targets import Window
from detente.evidence.verification.check import Found, check
from detente.evidence.verification.runs import Subject
from detente.observations import ObservationError, Observations, Series
from detente.observations.series import weeks

Array = NDArray[np.float64]

SEED = 1
#: the made-up series: weeks, of which so many train; weeks tested before the shuffle
WEEKS, TRAINED, BEFORE = 72, 52, 8
START = np.datetime64("2001-01-01")
#: members of its forecasts
MEMBERS = 128
#: base samples of the sensitivity of a function with known indices
SAMPLES = 128


def made_up() -> Observations:
    """A file with counts of a rate that swells and drifts, six points of severity each."""
    rng = np.random.default_rng(SEED)
    dates = weeks(START, START + np.timedelta64(7 * (WEEKS - 1), "D"))
    rate = np.exp(0.7 - 1.4 * np.cos((np.arange(WEEKS) - 29) / 10) + 0.03 * np.cumsum(rng.normal(size=WEEKS)))
    count = rng.poisson(rate).astype(float)
    other = rng.poisson(2.0, WEEKS).astype(float)
    series = Series("A-B", "week", dates, 6.0 * count, count, other, np.ones(WEEKS), counted=True)
    return Observations(Path("made up"), "dyad_week", {"A-B": series})


def question(observations: Observations) -> Question:
    """One week ahead over the weeks that follow the training window."""
    dates, ends = observations["A-B"].dates, observations["A-B"].ends
    train, test = Window.of(f"{dates[0]}:{ends[TRAINED - 1]}"), Window.of(f"{dates[TRAINED]}:{ends[-1]}")
    return Question(observations, "A-B", train, test, members=MEMBERS)


def forecasts(observations: Observations) -> list[Array]:
    """Fit and forecast as the hindcast does: an ensemble by target."""
    prepared = prepare(question(observations))
    return prepared.issued(fit.fit(prepared.pool, METHODS["model"]))[1]


@check("fault", "label leakage: a forecast knows its future")
def leakage(subject: Subject) -> Found:
    """A forecast must not know what comes after its origin."""
    file = made_up()
    day = file["A-B"].ends[TRAINED + BEFORE - 1]
    usual, other = forecasts(file), forecasts(shuffled(file, day, SEED))
    early = [not np.array_equal(a, b) for a, b in zip(usual[: BEFORE + 1], other, strict=False)]
    late = [not np.array_equal(a, b) for a, b in zip(usual[BEFORE + 1 :], other[BEFORE + 1 :], strict=True)]
    return Found(
        f"0 of {len(early)} forecasts change when all after their origin is shuffled; later ones do",
        f"{sum(early)} of {len(early)}; {sum(late)} of {len(late)} later ones",
        not any(early) and any(late),
        "bit for bit",
    )


@check("fault", "random split: testing on what was fitted")
def split(subject: Subject) -> Found:
    """Testing inside the window that was fitted must be refused."""
    asked = question(made_up())
    try:
        prepare(replace(asked, test=asked.train))
        found = "accepted"
    except ObservationError:
        found = "refused"
    return Found("refused", found, found == "refused")


@cache
def _naive() -> tuple[Scored, ...]:
    prepared = prepare(question(made_up()))
    return tuple(prepared.scored(*made) for made in prepared.naive())


@check("fault", "a score without the naive rival it must beat")
def rivals(subject: Subject) -> Found:
    """A score must stand beside naive forecasts of the same targets."""
    counts = {one.method: len(one.crps) for one in _naive()}
    targets = WEEKS - TRAINED
    return Found(
        f"{', '.join(BASELINES)} on the same {targets} targets in the same run",
        ", ".join(f"{name} {count}" for name, count in counts.items()),
        set(counts) == set(BASELINES) and set(counts.values()) == {targets},
    )


@check("fault", "a metric dominated by units of no interest")
def strata(subject: Subject) -> Found:
    """A score must not be decided by a few loud weeks without saying so."""
    row = _naive()[0].row(_naive(), SEED)
    parts = row["n_quiet"], row["n_active"]
    return Found(
        f"scores on log1p, quiet and active spells apart: {row['n']} in all",
        f"{parts[0]} quiet, {parts[1]} active",
        sum(parts) == row["n"] and min(parts) > 0 and row["crps_quiet"] != row["crps_active"],
    )


@check("fault", "sensitivity that falls back to defaults without saying so")
def fallback(subject: Subject) -> Found:
    """Sensitivity must find known indices, and refuse outputs that are no numbers."""
    from detente.analysis.sensitivity import sobol
    from detente.experiment import known
    from detente.experiment.batch import Refused, checked
    from detente.experiment.design import Design
    from detente.experiment.execute import execute
    from detente.experiment.pools import Local
    from detente.experiment.results import open_experiment
    from detente.experiment.study import Point

    study = known.study(
        f"{known.__name__}:ishigami", Design(kind="sobol", points=SAMPLES), factors=3, low=-np.pi, high=np.pi
    )
    with TemporaryDirectory() as folder:
        execute(study, Path(folder) / "known", Local(1))
        rows = sobol(open_experiment(Path(folder) / "known"), "y").rows
    _, totals = known.ishigami_indices()
    inside = sum(row.total_low <= total <= row.total_high for row, total in zip(rows, totals, strict=True))
    try:
        checked(Point(0, "made up", {}, {}, range(2), SEED), {"y": np.array([1.0, np.nan])})
        refused = False
    except Refused:
        refused = True
    return Found(
        "known total indices inside their intervals; a result that is no number refused",
        f"{inside} of {len(totals)} ({', '.join(f'{row.total:.2g}' for row in rows)}); "
        + ("refused" if refused else "taken"),
        inside == len(totals) and refused,
        "95 % intervals",
    )
