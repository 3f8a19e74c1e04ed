"""How the variance of a headline difference splits into chance, parameters and index construction.

For member k of draw g under construction c,  Var(d) = Var_c(E[d|c]) + E_c[Var_g(E[d|g,c])] + E_c[Var(d|g,c)]:
construction, parameters and chance. Within a construction the last two come from one-way random effects on
the draws: chance = MSW, parameters = (MSB - MSW) / n0, which takes the share of chance off the spread of the
draw means (Searle, Casella & McCulloch 1992, ch. 3). The split is that of *one* path's difference, not of
the ensemble mean, whose share of chance dies out with the number of members. What parameters and construction
do together is counted with parameters. Intervals: bootstrap over draws and constructions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.experiment import intervals

Array = NDArray[np.float64]

NAMES = ("chance", "parameters", "construction")
RESAMPLES = 400
QUANTILES = (0.025, 0.975)


@dataclass(frozen=True)
class VarianceShare:
    """One source's share of the variance, 0 to 1, with its 95 % bootstrap interval, and its standard deviation."""

    source: str
    share: float
    low: float
    high: float
    sd: float


@dataclass(frozen=True)
class ByDraw:
    """What the split needs of the draws: size (draw,), mean and within sum of squares (draw, construction)."""

    size: Array
    mean: Array
    within: Array

    def take(self, draws: NDArray[np.integer], constructions: NDArray[np.integer]) -> ByDraw:
        """A resample of both."""
        at = np.ix_(draws, constructions)
        return ByDraw(self.size[draws], self.mean[at], self.within[at])


def shares(
    d: Array,
    draw: NDArray[np.integer],
    alternatives: Array | Sequence[Array] | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[VarianceShare, ...]:
    """Shares of chance, parameters and construction in the variance of ``d``; they sum to 1.

    ``d`` are paired differences, shape (member,). ``alternatives`` are the same differences under other
    constructions of the index: shape (construction,) as ensemble means, or (member, construction) for every
    member, in which case Monte Carlo noise is taken off the share of construction.
    Empty where nothing varies, or where draws hold one member only and nothing can be split.
    """
    given = np.empty(0) if alternatives is None else np.asarray(alternatives, dtype=np.float64)
    each = given if given.ndim == 2 else d[:, None]
    apart = given if given.ndim == 1 else None
    data = by_draw(each, draw)
    parts = components(data, apart)
    if parts is None or parts.sum() == 0:
        return ()
    drawn = _bootstrap(data, apart, resamples, np.random.default_rng(seed))
    low, high = np.quantile(drawn, QUANTILES, axis=0)
    split = parts / parts.sum()
    return tuple(
        VarianceShare(name, float(split[i]), float(low[i]), float(high[i]), float(np.sqrt(parts[i])))
        for i, name in enumerate(NAMES)
    )


def by_draw(each: Array, draw: NDArray[np.integer]) -> ByDraw:
    """Group differences (member, construction) by parameter draw."""
    _, index = np.unique(draw, return_inverse=True)
    sums, size = intervals.by_draw(each.T, draw)
    mean = (sums / size).T
    within, _ = intervals.by_draw(((each - mean[index]) ** 2).T, draw)
    return ByDraw(size, mean, within.T)


def mean_squares(data: ByDraw) -> tuple[Array, Array, float] | None:
    """Mean square between and within draws (construction,), and the effective size of a draw; None without both."""
    groups, total = len(data.size), data.size.sum()
    if groups < 2 or total <= groups:
        return None
    grand = (data.size[:, None] * data.mean).sum(axis=0) / total
    between = (data.size[:, None] * (data.mean - grand) ** 2).sum(axis=0) / (groups - 1)
    effective = (total - (data.size**2).sum() / total) / (groups - 1)
    return between, data.within.sum(axis=0) / (total - groups), float(effective)


def components(data: ByDraw, apart: Array | None = None) -> Array | None:
    """Variances of chance, parameters and construction, none below 0; None where draws cannot be split.

    ``apart`` are ensemble-mean differences under other constructions, shape (construction,).
    """
    squares = mean_squares(data)
    if squares is None:
        return None
    between, chance, effective = squares
    grand = (data.size[:, None] * data.mean).sum(axis=0) / data.size.sum()
    parameters = max(0.0, float(((between - chance) / effective).mean()))
    return np.array([float(chance.mean()), parameters, _construction(data, grand, apart)])


def _construction(data: ByDraw, grand: Array, apart: Array | None) -> float:
    values = grand if apart is None else apart
    if len(values) < 2:
        return 0.0
    spread = float(values.var(ddof=1))
    return spread if apart is not None else max(0.0, spread - _noise(data, grand))


def _noise(data: ByDraw, grand: Array) -> float:
    # what finite draws add to the spread of the construction means: the draw x construction interaction
    groups, total = len(data.size), data.size.sum()
    residual = data.mean - grand - (data.mean - grand).mean(axis=1, keepdims=True)
    variance = groups / (groups - 1) * ((data.size[:, None] * residual) ** 2).sum(axis=0) / total**2
    return float(variance.sum() / (len(grand) - 1))


def _bootstrap(data: ByDraw, apart: Array | None, resamples: int, rng: np.random.Generator) -> Array:
    groups, columns = data.mean.shape
    out = []
    for _ in range(resamples):
        chosen = data.take(_picks(rng, groups), _picks(rng, columns))
        others = apart if apart is None or not len(apart) else apart[_picks(rng, len(apart))]
        parts = components(chosen, others)
        if parts is not None and parts.sum() > 0:
            out.append(parts / parts.sum())
    return np.asarray(out) if out else np.full((1, len(NAMES)), np.nan)


def _picks(rng: np.random.Generator, of: int) -> NDArray[np.integer]:
    return np.asarray(rng.integers(of, size=of))
