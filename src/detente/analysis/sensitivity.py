"""What matters: elementary effects, Sobol indices and one-at-a-time ranges, with the noise of replication set apart.

A stored experiment holds every member of every point, and members meet the same chance at every point. So where an
estimator multiplies two means over members, the part that chance alone puts there is measured from the members and
taken off: the mean of x̄ȳ is μxμy + cov(x, y) / n.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.analysis.worlds import NotThisDesign, members_of
from detente.experiment.intervals import draw_means, half_width
from detente.experiment.stopping import effects

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

RESAMPLES = 1000
#: a total index whose whole interval lies below this is called negligible
NEGLIGIBLE = 0.01
#: the signal's variance is told where, with 97.5 % confidence, it is at least this share of that of the means
DROWNED = 0.05
#: the width an interval of a total index should not exceed (model.md §5)
WIDTH = 0.1


@dataclass(frozen=True)
class Index:
    """One factor's share of the variance: first order (alone) and total (with all interactions), 95 % intervals.

    ``inert`` where it moved nothing at all: bit for bit the same output. Shares are NaN where :attr:`Sobol.undefined`
    says that there is nothing to share.
    """

    path: str
    label: str
    inert: bool
    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float


@dataclass(frozen=True)
class Sobol:
    """Sobol indices of one metric.

    ``noise`` is the share of replication noise in the variance of the point means, taken off before the indices are
    formed; ``chance`` the share of chance (and of what was left to the scenario's own draws) in the variance of a
    single run; ``variance`` that of the points, noise taken off, in the metric's unit squared. ``undefined`` says why
    there are no shares: chance drowns what the factors do, and a share of next to nothing may be any number.
    """

    metric: str
    rows: tuple[Index, ...]
    base: int
    members: int
    variance: float
    noise: float
    chance: float
    undefined: str = ""

    @property
    def inert(self) -> tuple[str, ...]:
        """Factors that moved nothing at all: bit for bit the same output."""
        return tuple(row.path for row in self.rows if row.inert)

    @property
    def wide(self) -> tuple[str, ...]:
        """Factors whose total index is known less well than ±0.05."""
        return tuple(row.path for row in self.rows if row.total_high - row.total_low > WIDTH)


@dataclass(frozen=True)
class Effect:
    """One factor's elementary effects, in the metric's unit per step through the factor's whole range.

    ``mu_star`` mean size with 95 % interval, ``mu`` mean, ``sigma`` spread (interaction or curvature), ``noise`` the
    size chance alone would show; ``inert`` as of :class:`Index`.
    """

    path: str
    label: str
    inert: bool
    mu_star: float
    low: float
    high: float
    mu: float
    sigma: float
    noise: float


@dataclass(frozen=True)
class Morris:
    """Screening of one metric; rows in the experiment's order."""

    metric: str
    rows: tuple[Effect, ...]
    trajectories: int
    members: int

    @property
    def inert(self) -> tuple[str, ...]:
        """Factors that moved nothing at all: bit for bit the same output."""
        return tuple(row.path for row in self.rows if row.inert)

    @property
    def drowned(self) -> tuple[str, ...]:
        """Factors that moved something, but not clearly more than chance does."""
        return tuple(row.path for row in self.rows if not row.inert and row.low <= row.noise)


@dataclass(frozen=True)
class Range:
    """Change of a metric when one factor goes to the low and to the high end of its range, with half-widths."""

    path: str
    label: str
    inert: bool
    low_value: float
    high_value: float
    low_change: float
    high_change: float
    low_half: float
    high_half: float


def sobol(data: xr.Dataset, metric: str, setting: int = 0, resamples: int = RESAMPLES, seed: int = 1) -> Sobol:
    """First order by Saltelli et al. (2010), total by Jansen (1999); intervals by resampling the base samples."""
    a, ab, b = _saltelli(data, metric, setting)
    first, total, pooled, noise = _contributions(a, ab, b)
    raw, weights = float(pooled.var()), _weights(len(a), resamples, seed)
    signal = max(raw - noise, 0.0)
    within = float(np.concatenate([a, b]).var(axis=-1, ddof=1).mean()) if a.shape[-1] > 1 else 0.0
    spread = weights @ (pooled**2).mean(axis=0) - (weights @ pooled.mean(axis=0)) ** 2 - noise
    least = float(np.quantile(spread, 0.025))
    drowned = raw > 0 and least < DROWNED * raw
    shares = [_shares(part, np.nan if drowned else signal, weights, spread) for part in (first, total)]
    inert = (ab == a[:, None]).all(axis=(0, 2))
    return Sobol(
        metric=metric,
        rows=tuple(
            Index(*named, *row) for named, row in zip(_named(data, inert), np.hstack(shares).tolist(), strict=True)
        ),
        base=len(a),
        members=a.shape[-1],
        variance=signal,
        noise=noise / raw if raw > 0 else 0.0,
        chance=within / (signal + within) if signal + within > 0 else 0.0,
        undefined=_drowned(least, raw, noise) if drowned else "",
    )


def _drowned(least: float, raw: float, noise: float) -> str:
    """Why there are no shares."""
    share = f"at least {100 * max(least, 0.0) / raw:.0f} %" if least > 0 else "perhaps nothing"
    return (
        f"chance drowns what the parameters do: of the variance of the means {100 * min(noise / raw, 1.0):.0f} % is "
        f"the noise of replication, and {share} is theirs, too little to be shared out. More members or points would "
        "tell"
    )


def _shares(part: Array, signal: float, weights: Array, spread: Array) -> Array:
    """Index, low and high of every factor, (factor, 3); all zero where ``signal`` is, all NaN where it is."""
    if signal == 0.0 or np.isnan(signal):
        return np.full((part.shape[1], 3), signal)
    low, high = _interval(weights @ part / spread[:, None])
    return np.stack([part.mean(axis=0) / signal, low, high], axis=1)


def _named(data: xr.Dataset, inert: NDArray[np.bool_]) -> list[tuple[str, str, bool]]:
    """Path, label and inertness of every factor."""
    columns = zip(data["factor"].values, data["label"].values, inert.tolist(), strict=True)
    return [(str(path), str(label), flat) for path, label, flat in columns]


def _saltelli(data: xr.Dataset, metric: str, setting: int) -> tuple[Array, Array, Array]:
    """The rows A (base, replicate), AB (base, factor, replicate) and B of one setting."""
    rows, factors = _rows(data, metric, setting, "sobol"), data.sizes["factor"]
    split = rows.reshape(-1, factors + 2, rows.shape[-1])
    return split[:, 0], split[:, 1:-1], split[:, -1]


def _rows(data: xr.Dataset, metric: str, setting: int, design: str) -> Array:
    """Outputs (sample, member) of one setting. Raises NotThisDesign."""
    if data.attrs["design"] != design:
        raise NotThisDesign(f"this needs a {design} design; the experiment has {data.attrs['design']}")
    return np.asarray(members_of(data, metric)[data["setting"].values == setting])


def _contributions(a: Array, ab: Array, b: Array) -> tuple[Array, Array, Array, float]:
    """Numerators of both indices (base, factor), centred means (2, base), and the noise in the variance of means."""
    a, ab, b = draw_means(a), draw_means(ab), draw_means(b)
    count = a.shape[-1]
    pooled = np.stack([a.mean(axis=-1), b.mean(axis=-1)])
    centre = pooled.mean()
    moved = ab - a[:, None]
    first = (b.mean(axis=-1) - centre)[:, None] * moved.mean(axis=-1)
    total = 0.5 * moved.mean(axis=-1) ** 2
    if count == 1:
        return first, total, pooled - centre, 0.0
    around = b - b.mean(axis=-1, keepdims=True)
    first -= (around[:, None] * moved).sum(axis=-1) / (count - 1) / count
    total -= 0.5 * moved.var(axis=-1, ddof=1) / count
    return first, total, pooled - centre, _interaction(np.concatenate([a, b])) / count


def _interaction(rows: Array) -> float:
    """Variance of what a member does at one point only, in a two-way table (point, member) without replication."""
    left = rows - rows.mean(axis=1, keepdims=True) - rows.mean(axis=0) + rows.mean()
    return float((left**2).sum() / ((rows.shape[0] - 1) * (rows.shape[1] - 1)))


def _weights(rows: int, resamples: int, seed: int) -> Array:
    """Bootstrap weights (resample, row), each row summing to one."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(rows, np.full(rows, 1.0 / rows), size=resamples)
    return counts / float(rows)


def _interval(found: Array) -> tuple[Array, Array]:
    low, high = np.quantile(found, (0.025, 0.975), axis=0)
    return low, high


def morris(data: xr.Dataset, metric: str, setting: int = 0, resamples: int = RESAMPLES, seed: int = 1) -> Morris:
    """Elementary effects (Morris 1991) with μ* (Campolongo et al. 2007); intervals by resampling the trajectories."""
    outputs = _rows(data, metric, setting, "morris")
    unit = data["unit"].values[data["setting"].values == setting]
    found, errors = effects(unit, outputs)
    low, high = _interval(_weights(len(found), resamples, seed) @ np.abs(found))
    noise = np.sqrt(2 / np.pi) * np.sqrt((errors**2).mean(axis=0))
    spread = found.std(axis=0, ddof=1)
    columns = np.stack([np.abs(found).mean(axis=0), low, high, found.mean(axis=0), spread, noise], axis=1)
    inert = (found == 0).all(axis=0) & (errors == 0).all(axis=0)
    rows = tuple(Effect(*named, *row) for named, row in zip(_named(data, inert), columns.tolist(), strict=True))
    return Morris(metric, rows, len(found), outputs.shape[1])


def ranges(data: xr.Dataset, metric: str) -> tuple[Range, ...]:
    """One factor at a time to both ends of its range, paired by member with the run that leaves all as they are."""
    outputs = _rows(data, metric, 0, "one_at_a_time")
    values = data["value"].values[data["setting"].values == 0]
    changes = outputs[1:] - outputs[0]
    means, halves = changes.mean(axis=1).reshape(-1, 2), half_width(changes).reshape(-1, 2)
    inert = (changes == 0).reshape(-1, 2 * outputs.shape[1]).all(axis=1)
    ends = np.stack([values[1::2].diagonal(), values[2::2].diagonal()], axis=1)
    columns = np.hstack([ends, means, halves]).tolist()
    return tuple(Range(*named, *row) for named, row in zip(_named(data, inert), columns, strict=True))
