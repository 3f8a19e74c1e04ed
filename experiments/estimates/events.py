"""Law parameters from the KEDS event data, up to 1997-12-31 only: what the hindcast may know.

Weekly directed counts of conflictual events and sums of their |Goldstein| for the pairs below. Two models:

- hostility: a latent reciprocal pair x' = rho x + kappa x_other + e seen with white noise. Sum and difference of the
  two directions are first-order series with factors rho + kappa and rho - kappa, seen with noise (Kalman filter).
- incidents: lambda = mu_year + n (1 - phi) [(1 - s) E_own + s E_other], E' = phi E + y, negative binomial counts
  with size r; a background for each year and direction, so that drift is not taken for self-excitation.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Array = NDArray[np.float64]

LAST = date(1997, 12, 31)
EVENTS = "keds_events_1989_2000.csv.gz"
GROUPS = "keds_actor_groups.csv"
#: pair of groups and the first Monday of its series: both actors exist as such from then on
PAIRS = {
    ("SRB", "KOS"): date(1989, 4, 3),
    ("BIH_GOV", "BIH_SRB"): date(1992, 4, 6),
    ("BIH_GOV", "BIH_CRO"): date(1992, 4, 6),
}
#: windows of the moving mean taken out as drift, in weeks; None keeps the series as it is
DRIFTS = (208, None)
DRAWS = 400
SEED = 1
CAP = 0.8


@dataclass(frozen=True)
class Series:
    """Weekly counts and |Goldstein| sums of one pair, shape (direction, week), with each week's year index."""

    counts: Array
    points: Array
    year: NDArray[np.int64]


def groups(folder: Path) -> dict[str, str]:
    """Group of each actor code."""
    with (folder / GROUPS).open(encoding="utf-8", newline="") as handle:
        return {row["keds_code"]: row["group"] for row in csv.DictReader(handle)}


def events(folder: Path) -> list[tuple[date, str, str, float]]:
    """Conflictual events up to LAST: day, group that acts, group that suffers, |Goldstein|; same-day repeats once."""
    group, seen = groups(folder), set()
    with gzip.open(folder / EVENTS, "rt", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            weight = float(row["goldstein"] or 0.0)
            known = group.get(row["source"]), group.get(row["target"])
            day = date.fromisoformat(row["date"])
            if day <= LAST and weight < 0 and None not in known:
                seen.add((day, str(known[0]), str(known[1]), row["code"], -weight))
    return sorted((day, a, b, weight) for day, a, b, _, weight in seen)


def weekly(rows: list[tuple[date, str, str, float]], pair: tuple[str, str], first: date) -> Series:
    """The pair's weekly series from its first Monday to LAST."""
    weeks = (LAST - first).days // 7
    counts, points = np.zeros((2, weeks)), np.zeros((2, weeks))
    for day, a, b, weight in rows:
        week = (day - first).days // 7
        if {a, b} == set(pair) and 0 <= week < weeks:
            direction = pair.index(a)
            counts[direction, week] += 1
            points[direction, week] += weight
    year = np.array([(first + timedelta(weeks=w)).year for w in range(weeks)])
    return Series(counts, points, year - year.min())


def without_drift(x: Array, weeks: int | None) -> Array:
    """Deviation from the centred moving mean over ``weeks`` weeks, or from the mean; shape (..., week)."""
    if weeks is None:
        return np.asarray(x - x.mean(axis=-1, keepdims=True))
    window = np.ones(weeks) / weeks
    weight = np.convolve(np.ones(x.shape[-1]), window, "same")
    return np.asarray(x - np.apply_along_axis(np.convolve, -1, x, window, "same") / weight)


def grid() -> tuple[Array, Array]:
    """Decay factors and log noise-to-signal ratios over which a noisy first-order series is scored."""
    return np.meshgrid(np.linspace(0.01, 0.99, 50), np.linspace(np.log(0.05), np.log(400.0), 30), indexing="ij")


def filtered(x: Array, decay: Array, noise: Array) -> Array:
    """Log likelihood of x = latent + white noise, latent' = decay latent + e, scale integrated out (Kalman filter).

    ``noise`` is the noise variance over that of e; same shape as ``decay`` and the answer.
    """
    state, spread = np.zeros_like(decay), 1.0 / (1.0 - decay**2)
    square, logdet = np.zeros_like(decay), np.zeros_like(decay)
    for seen in x:
        total = spread + noise
        surprise = seen - state
        square += surprise**2 / total
        logdet += np.log(total)
        state = decay * (state + spread / total * surprise)
        spread = decay**2 * spread * noise / total + 1.0
    return -0.5 * logdet - 0.5 * len(x) * np.log(square)


def decays(x: Array, rng: np.random.Generator) -> Array:
    """Draws of the weekly decay factor of a noisy first-order series, uniform prior on the grid."""
    decay, noise = grid()
    score = filtered(x, decay, np.exp(noise))
    weight = np.exp(score - score.max()).sum(axis=1)
    picked = rng.choice(decay[:, 0], size=DRAWS, p=weight / weight.sum())
    return np.clip(picked + rng.uniform(-0.01, 0.01, DRAWS), 0.0, 1.0)


def inertia_reciprocity(s: Series, drift: int | None, rng: np.random.Generator) -> Array:
    """Draws of (rho, kappa) of one pair from log1p of its |Goldstein| sums; shape (draw, 2)."""
    calm = without_drift(np.log1p(s.points), drift)
    together, apart = decays(calm[0] + calm[1], rng), decays(calm[0] - calm[1], rng)
    return np.column_stack([(together + apart) / 2, (together - apart) / 2])


def hostility(series: list[Series]) -> Array:
    """Draws of (rho, kappa), equal numbers from each pair and treatment of drift; shape (draw, 2)."""
    rng = np.random.default_rng(SEED)
    return np.concatenate([inertia_reciprocity(s, drift, rng) for s in series for drift in DRIFTS])


def memory(counts: Array, phi: float) -> Array:
    """E of each week, E' = phi E + y; same shape as counts."""
    out = np.zeros_like(counts)
    for week in range(1, counts.shape[1]):
        out[:, week] = phi * out[:, week - 1] + counts[:, week - 1]
    return out


def log_likelihood(theta: Array, s: Series) -> float:
    """Negative log likelihood; theta = logit n/CAP, log tau, logit answering, log size, log mu[direction, year]."""
    n, tau = CAP * special.expit(theta[0]), np.exp(theta[1])
    answering, size = special.expit(theta[2]), np.exp(theta[3])
    mu = np.exp(theta[4:]).reshape(2, -1)[:, s.year]
    excited = memory(s.counts, np.exp(-1.0 / tau))
    own = excited + answering * (excited[::-1] - excited)
    rate = mu + n * -np.expm1(-1.0 / tau) * own
    y = s.counts
    terms = special.gammaln(y + size) - special.gammaln(size) - special.gammaln(y + 1)
    terms += size * np.log(size / (size + rate)) + y * np.log(rate / (size + rate))
    prior = 0.5 * (np.square(theta[:4] - PRIOR_MEAN) / np.square(PRIOR_SD)).sum()
    prior += 0.5 * np.square((theta[4:] - np.log(0.5)) / 2.0).sum()
    return float(prior - terms.sum())


#: weak normal priors that keep a flat likelihood proper: n near 0.4, tau 2 weeks, answering one half, size 1
PRIOR_MEAN = np.array([0.0, np.log(2.0), 0.0, 0.0])
PRIOR_SD = np.array([1.5, 0.7, 1.5, 1.5])


def fit(s: Series) -> tuple[Array, Array]:
    """Mode and covariance (inverse Hessian) of the incident model of one pair."""
    start = np.concatenate([PRIOR_MEAN, np.full(2 * (s.year.max() + 1), np.log(0.3))])
    best = optimize.minimize(log_likelihood, start, args=(s,), method="BFGS", options={"maxiter": 200, "gtol": 1e-3})
    return np.asarray(best.x), np.asarray(best.hess_inv)


def incidents(series: list[Series]) -> Array:
    """Draws of (branching, memory, answering, dispersion), equal numbers from each pair; shape (draw, 4)."""
    rng = np.random.default_rng(SEED)
    out = []
    for s in series:
        mode, cov = fit(s)
        z = rng.multivariate_normal(mode[:4], cov[:4, :4], size=DRAWS)
        out.append(
            np.column_stack([CAP * special.expit(z[:, 0]), np.exp(z[:, 1]), special.expit(z[:, 2]), np.exp(z[:, 3])])
        )
    return np.concatenate(out)


def load(folder: Path) -> list[Series]:
    """Weekly series of all pairs."""
    rows = events(folder)
    return [weekly(rows, pair, first) for pair, first in PAIRS.items()]
