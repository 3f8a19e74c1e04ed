"""Which choice holds up in most worlds, and what would have to be true for the ranking to turn."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.analysis.difference import Difference, difference
from detente.analysis.metrics import mean
from detente.analysis.worlds import NotThisDesign, table
from detente.experiment.intervals import draw_means
from detente.prose.wording import fixed, in_100

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: leave-one-out share of variance below which a linear picture of a difference is not used
LEAST_FIT = 0.3
#: standard deviations of a factor that its stated 90 % interval spans on either side
RANGE = 1.645


@dataclass(frozen=True)
class Option:
    """How one option does over all worlds (theory, sample, draw), in the metric's unit; less is better.

    ``bad`` the 90th percentile over worlds; ``change`` the paired difference from the first option, None for that
    one itself; regret is the distance to the best option of the same world, its mean with a 95 % interval; ``best``
    the share of worlds in which no option does better; ``within`` the share at or below the limit asked for.
    """

    label: str
    mean: float
    bad: float
    change: Difference | None
    mean_regret: float
    regret_low: float
    regret_high: float
    bad_regret: float
    worst_regret: float
    best: float
    within: float | None


@dataclass(frozen=True)
class Move:
    """One factor's part in a reversal: from its middle to ``value``, ``steps`` standard deviations away.

    ``alone`` is how many standard deviations it would take without the others; ``inside`` whether ``value`` lies in
    its 90 % interval.
    """

    path: str
    label: str
    middle: float
    value: float
    steps: float
    alone: float
    inside: bool


@dataclass(frozen=True)
class Flip:
    """The smallest change that reverses which of two options is lower.

    ``difference`` lower minus higher, paired by sample; ``share`` of the samples in which the ranking is reversed
    already; ``distance`` of the smallest reversal in
    standard deviations, None where the linear picture fits too badly (``fit``, leave-one-out) or nothing moves it.
    """

    lower: str
    higher: str
    difference: Difference
    share: float
    fit: float
    distance: float | None
    moves: tuple[Move, ...]
    sentence: str


def robustness(data: xr.Dataset, metric: str, limit: float | None = None) -> tuple[Option, ...]:
    """Every option over all worlds, in the experiment's order. Raises NotThisDesign."""
    found = table(data, metric)
    worlds = draw_means(found.outcomes)
    outcomes, own = worlds.reshape(len(found.options), -1), _worlds(worlds)
    regret = outcomes - outcomes.min(axis=0)
    spans = [difference(np.zeros_like(row), row, own, found.unit) for row in regret]
    return tuple(
        Option(
            label=name,
            mean=mean(outcomes[n], found.unit),
            bad=float(np.quantile(outcomes[n], 0.9)),
            change=found.against_first(n) if n else None,
            mean_regret=float(regret[n].mean()),
            regret_low=max(spans[n].ci_low, 0.0),
            regret_high=spans[n].ci_high,
            bad_regret=float(np.quantile(regret[n], 0.9)),
            worst_regret=float(regret[n].max()),
            best=float((regret[n] == 0).mean()),
            within=None if limit is None else float((outcomes[n] <= limit).mean()),
        )
        for n, name in enumerate(found.options)
    )


def worlds(data: xr.Dataset, metric: str) -> int:
    """In how many worlds (theory, sample, draw) options are compared. Raises NotThisDesign."""
    return int(draw_means(table(data, metric).outcomes)[0].size)


def _worlds(outcomes: Array) -> NDArray[np.int64]:
    """Which worlds of (option, theory, sample, draw), flattened, share their parameters."""
    _, theories, samples, draws = outcomes.shape
    own = np.arange(draws)[None] if samples == 1 else np.repeat(np.arange(samples)[:, None], draws, axis=1)
    return np.asarray(np.broadcast_to(own, (theories, *own.shape)).ravel(), dtype=np.int64)


@dataclass(frozen=True)
class Effect:
    """One value of one lever against its first value, averaged over the other levers."""

    lever: str
    value: str
    change: Difference


def effects(data: xr.Dataset, metric: str) -> tuple[Effect, ...]:
    """What each lever does on average over the others; empty where there are not several, fully crossed."""
    settings = json.loads(data.attrs["settings"])
    labels = json.loads(data.attrs.get("lever_labels", "{}"))
    values = {lever: list(dict.fromkeys(s["levers"][lever] for s in settings)) for lever in settings[0]["levers"]}
    found = table(data, metric)
    crossed = len(found.options) == math.prod(len(v) for v in values.values())
    if len(values) < 2 or not crossed:
        return ()
    chosen = [s["levers"] for s in settings if s["theory"] == settings[0]["theory"]]

    def held(lever: str, value: str) -> Array:
        rows = [n for n, levers in enumerate(chosen) if levers[lever] == value]
        return np.asarray(found.outcomes[rows].mean(axis=(0, 1)).ravel())

    draws = found.draw.ravel()
    return tuple(
        Effect(labels.get(lever, lever), value, difference(held(lever, first), held(lever, value), draws, found.unit))
        for lever, (first, *others) in values.items()
        for value in others
    )


@dataclass(frozen=True)
class Step:
    """From one value of a lever to the next."""

    before: str
    after: str
    change: Difference


def ladder(data: xr.Dataset, metric: str) -> tuple[tuple[Step, ...], Difference] | None:
    """Step by step through a single lever, and the last step minus the first; None unless it has three values or more.

    All differences are paired.
    """
    settings = json.loads(data.attrs["settings"])
    found = table(data, metric)
    values = [str(value) for setting in settings for value in setting["levers"].values()]
    if len(settings[0]["levers"]) != 1 or len(found.options) < 3 or len(values) != len(found.options):
        return None
    means, draws = found.outcomes.mean(axis=1).reshape(len(values), -1), found.draw.ravel()
    pairs = list(zip(range(len(values)), range(1, len(values)), strict=False))
    steps = tuple(Step(values[a], values[b], difference(means[a], means[b], draws, found.unit)) for a, b in pairs)
    return steps, difference(means[1] - means[0], means[-1] - means[-2], draws, found.unit)


def gaps(data: xr.Dataset, metric: str, one: str, other: str) -> Array:
    """How far the second of two options lies above the first, on average over members, by sample (sample,)."""
    found = table(data, metric)
    means = found.outcomes.mean(axis=(1, 3))
    return np.asarray(means[found.options.index(other)] - means[found.options.index(one)])


def flip(data: xr.Dataset, metric: str, one: int, other: int, shown: int = 5) -> Flip:
    """What would have to be true for the higher of two options (by number) to be as low as the other.

    The paired difference is drawn as a linear function of the factors' standard normal scores; the smallest change
    that brings it to zero lies along its gradient, and how far along is read from a cubic.
    Raises NotThisDesign without sampled factors.
    """
    if data.attrs["design"] not in ("latin_hypercube", "sobol") or not data.sizes["factor"]:
        raise NotThisDesign("what would flip a ranking needs sampled uncertainties: a latin_hypercube or sobol design")
    found = table(data, metric)
    means = found.outcomes.mean(axis=(1, 3))
    if means[one].mean() > means[other].mean():
        one, other = other, one
    gaps = means[one] - means[other]
    scores, values = _factors(data)
    fit, level, slopes = ridge(scores, gaps)
    steps = _steps(scores, gaps, level, slopes)
    distance = float(np.linalg.norm(steps)) if fit >= LEAST_FIT and slopes.any() else None
    moves = _moves(data, scores, values, steps, -level / np.where(slopes == 0, np.nan, slopes)) if distance else ()
    share = float((gaps > 0).mean())
    lower, higher = found.options[one], found.options[other]
    away = difference(means[other], means[one], np.arange(len(gaps)), found.unit)
    words = _sentence((lower, higher), (share, len(gaps)), distance, moves, fit)
    if not gaps.any():
        words = f"“{lower}” and “{higher}” are the same in every sample of the parameters."
    return Flip(lower, higher, away, share, fit, distance, moves[:shown], words)


def _factors(data: xr.Dataset) -> tuple[Array, Array]:
    """Standard normal scores of the factors' quantiles and their values, both (sample, factor)."""
    from scipy.special import ndtri

    rows = data["setting"].values == 0
    return np.asarray(ndtri(np.clip(data["unit"].values[rows], 1e-6, 1 - 1e-6))), data["value"].values[rows]


def ridge(x: Array, y: Array) -> tuple[float, float, Array]:
    """Ridge regression of y (case,) on x (case, factor): leave-one-out R², level and slopes.

    The penalty is the one with the best leave-one-out fit among powers of ten (Golub, Heath & Wahba 1979).
    """
    if not y.var():
        return 0.0, float(y.mean()), np.zeros(x.shape[1])
    centre = y.mean()
    u, s, vt = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    best: tuple[float, float, Array] = (-np.inf, float(centre), np.zeros(x.shape[1]))
    for penalty in 10.0 ** np.arange(-3, 6) * len(y):
        shrunk = s**2 / (s**2 + penalty)
        left = (y - centre) - u @ (shrunk * (u.T @ (y - centre)))
        lever = (u**2 @ shrunk) + 1.0 / len(y)
        error = float(((left / np.maximum(1.0 - lever, 1e-9)) ** 2).mean())
        fit = 1.0 - error / float(y.var())
        if fit > best[0]:
            slopes = vt.T @ (s / (s**2 + penalty) * (u.T @ (y - centre)))
            best = (fit, float(centre - x.mean(axis=0) @ slopes), slopes)
    return best


def _steps(scores: Array, gaps: Array, level: float, slopes: Array) -> Array:
    """The change of every factor's score that brings the difference to zero, (factor,).

    Beyond what was sampled the straight line is all there is.
    """
    length = max(float(np.linalg.norm(slopes)), 1e-300)
    direction = slopes / length
    along = scores @ direction
    roots = np.roots(np.polyfit(along, gaps, 3)) if slopes.any() else np.empty(0)
    real = roots[np.abs(roots.imag) < 1e-9].real
    sampled = real[(real >= along.min()) & (real <= along.max())]
    place = sampled[np.abs(sampled).argmin()] if sampled.size else -level / length
    return np.asarray(place * direction, dtype=np.float64)


def _moves(data: xr.Dataset, scores: Array, values: Array, steps: Array, alone: Array) -> tuple[Move, ...]:
    """The factors' parts in the smallest reversal, largest first."""
    found = []
    for n in np.argsort(-np.abs(steps), kind="stable"):
        order = np.argsort(scores[:, n])
        middle, value = np.interp([0.0, steps[n]], scores[order, n], values[order, n])
        path, label = str(data["factor"].values[n]), str(data["label"].values[n])
        inside = bool(abs(steps[n]) <= RANGE)
        found.append(Move(path, label, float(middle), float(value), float(steps[n]), float(alone[n]), inside))
    return tuple(found)


def _sentence(
    names: tuple[str, str], reversed_: tuple[float, int], distance: float | None, moves: Sequence[Move], fit: float
) -> str:
    share, samples = reversed_
    stays = f"“{names[0]}” stays below “{names[1]}” in {in_100(1 - share, samples, 'samples')} of the parameters."
    if distance is None:
        return (
            f"{stays} No simple change of the parameters accounts for it (linear fit {fixed(100 * max(fit, 0), 0)} %)."
        )
    parts = [f"{m.label} from {m.middle:.3g} to {m.value:.3g}" for m in moves[:3] if abs(m.steps) > 0.1]
    together = ", ".join(parts) if parts else "many small ones"
    return f"{stays} The smallest change that reverses it is {fixed(distance)} standard deviations: {together}."
