"""Which choice holds up in most worlds, and what would have to be true for the ranking to turn.

An *option* is one combination of lever values (or a scenario, where an experiment has no levers); a *world* is what
nobody chooses: a rival theory, a sample of the uncertain parameters, a parameter draw. Every option meets the same
worlds with the same chance, so options are compared world by world.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis.sensitivity import NotThisDesign
from detente.experiment.stopping import by_draw, half_width

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: leave-one-out share of variance below which a linear picture of a difference is not used
LEAST_FIT = 0.3
#: standard deviations of a factor that its stated 90 % interval spans on either side
RANGE = 1.645


@dataclass(frozen=True)
class Option:
    """How one option does over all worlds, in the metric's unit; less is better.

    ``change`` against the first option with its 95 % half-width and the share of worlds in which it is higher;
    ``bad`` the 90th percentile; regret is the distance to the best option of the same world; ``best`` the share of
    worlds in which no option does better; ``within`` the share at or below the limit asked for.
    """

    label: str
    mean: float
    bad: float
    change: float
    half: float
    share_up: float
    mean_regret: float
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

    ``share`` of the samples in which the ranking is reversed already; ``distance`` of the smallest reversal in
    standard deviations, None where the linear picture fits too badly (``fit``, leave-one-out) or nothing moves it.
    """

    lower: str
    higher: str
    difference: float
    half: float
    share: float
    fit: float
    distance: float | None
    moves: tuple[Move, ...]
    sentence: str


def options(data: xr.Dataset) -> list[tuple[str, list[int]]]:
    """Options with their settings, in the experiment's order."""
    settings = json.loads(data.attrs["settings"])
    found: dict[str, list[int]] = {}
    for number, setting in enumerate(settings):
        found.setdefault(_name(setting), []).append(number)
    return list(found.items())


def _name(setting: dict[str, Any]) -> str:
    chosen = ", ".join(f"{lever}: {value}" for lever, value in setting["levers"].items())
    return chosen or str(setting["scenario"])


def worlds(data: xr.Dataset, metric: str) -> tuple[list[str], Array]:
    """Names of the options and their outcomes (option, world); a world is a setting's rest, a sample and a draw."""
    if metric not in data:
        raise NotThisDesign(f'no values of "{metric}" by member: choose one of {data.attrs["metrics"]}')
    values, settings = data[metric].values, data["setting"].values
    named = options(data)
    rows = [np.concatenate([by_draw(values[settings == n]).ravel() for n in numbers]) for _, numbers in named]
    if len({row.size for row in rows}) > 1:
        raise NotThisDesign("the options did not meet the same worlds: robustness needs a full design of the levers")
    return [name for name, _ in named], np.stack(rows)


def robustness(data: xr.Dataset, metric: str, limit: float | None = None) -> tuple[Option, ...]:
    """Every option over all worlds, in the experiment's order. Raises NotThisDesign."""
    names, outcomes = worlds(data, metric)
    regret = outcomes - outcomes.min(axis=0)
    found = []
    for n, name in enumerate(names):
        away = outcomes[n] - outcomes[0]
        found.append(
            Option(
                label=name,
                mean=float(outcomes[n].mean()),
                bad=float(np.quantile(outcomes[n], 0.9)),
                change=float(away.mean()),
                half=_half(data, metric, n) if n else 0.0,
                share_up=float((away > 0).mean()),
                mean_regret=float(regret[n].mean()),
                bad_regret=float(np.quantile(regret[n], 0.9)),
                worst_regret=float(regret[n].max()),
                best=float((regret[n] == 0).mean()),
                within=None if limit is None else float((outcomes[n] <= limit).mean()),
            )
        )
    return tuple(found)


def _half(data: xr.Dataset, metric: str, option: int) -> float:
    """Half-width of the mean change against the first option.

    Samples are independent of each other, so with many of them the interval rests on samples; with one, on draws.
    """
    named, values, settings = options(data), data[metric].values, data["setting"].values
    pairs = zip(named[option][1], named[0][1], strict=True)
    away = np.stack([values[settings == n] - values[settings == base] for n, base in pairs])
    if away.shape[1] > 1:
        by_sample = away.mean(axis=(0, 2))
        return float(half_width(np.repeat(by_sample, 4)))
    return float(half_width(away.mean(axis=(0, 1))))


def flip(data: xr.Dataset, metric: str, one: int, other: int, shown: int = 5) -> Flip:
    """What would have to be true for ``other`` to be as low as ``one`` (numbers of options), or the reverse.

    The paired difference is drawn as a linear function of the factors' standard normal scores; the smallest change
    that brings it to zero lies along its gradient. Raises NotThisDesign without sampled factors.
    """
    if data.attrs["design"] not in ("latin_hypercube", "sobol") or not data.sizes["factor"]:
        raise NotThisDesign("what would flip a ranking needs sampled uncertainties: a latin_hypercube or sobol design")
    names, gaps = _gaps(data, metric, one, other)
    lower, higher, sign = (names[one], names[other], 1.0) if gaps.mean() <= 0 else (names[other], names[one], -1.0)
    gaps = sign * gaps
    scores = _scores(data, one)
    fit, level, slopes = ridge(scores, gaps)
    steps = -level * slopes / max(float(slopes @ slopes), 1e-300)
    distance = float(np.linalg.norm(steps)) if fit >= LEAST_FIT and slopes.any() else None
    moves = _moves(data, one, steps, level, slopes)[:shown] if distance is not None else ()
    half = float(half_width(np.repeat(gaps, 4)))
    share = float((gaps > 0).mean())
    sentence = _sentence(lower, higher, share, distance, moves, fit)
    return Flip(lower, higher, float(gaps.mean()), half, share, fit, distance, moves, sentence)


def _gaps(data: xr.Dataset, metric: str, one: int, other: int) -> tuple[list[str], Array]:
    """Paired difference one - other of each sample, over all members and all else that nobody chooses."""
    named, values, settings = options(data), data[metric].values, data["setting"].values
    pairs = zip(named[one][1], named[other][1], strict=True)
    parts = [(values[settings == a] - values[settings == b]).mean(axis=1) for a, b in pairs]
    return [name for name, _ in named], np.mean(parts, axis=0)


def _scores(data: xr.Dataset, option: int) -> Array:
    """Standard normal scores (sample, factor) of the factors' quantiles."""
    from scipy.special import ndtri

    rows = data["setting"].values == options(data)[option][1][0]
    return np.asarray(ndtri(np.clip(data["unit"].values[rows], 1e-6, 1 - 1e-6)))


def ridge(x: Array, y: Array) -> tuple[float, float, Array]:
    """Ridge regression of y (case,) on x (case, factor): leave-one-out R², level and slopes.

    The penalty is the one with the best leave-one-out fit among powers of ten (Golub, Heath & Wahba 1979).
    """
    centre = y.mean()
    u, s, vt = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    best: tuple[float, float, Array] = (-np.inf, float(centre), np.zeros(x.shape[1]))
    for penalty in 10.0 ** np.arange(-3, 6) * len(y):
        shrunk = s**2 / (s**2 + penalty)
        left = (y - centre) - u @ (shrunk * (u.T @ (y - centre)))
        lever = (u**2 @ shrunk) + 1.0 / len(y)
        error = float(((left / np.maximum(1.0 - lever, 1e-9)) ** 2).mean())
        fit = 1.0 - error / max(float(y.var()), 1e-300)
        if fit > best[0]:
            slopes = vt.T @ (s / (s**2 + penalty) * (u.T @ (y - centre)))
            best = (fit, float(centre - x.mean(axis=0) @ slopes), slopes)
    return best


def _moves(data: xr.Dataset, option: int, steps: Array, level: float, slopes: Array) -> tuple[Move, ...]:
    """The factors' parts in the smallest reversal, largest first."""
    rows = data["setting"].values == options(data)[option][1][0]
    scores, values = _scores(data, option), data["value"].values[rows]
    found = []
    for n in np.argsort(-np.abs(steps)):
        order = np.argsort(scores[:, n])
        middle, value = np.interp([0.0, steps[n]], scores[order, n], values[order, n])
        alone = -level / slopes[n] if slopes[n] else np.inf
        path, label = str(data["factor"].values[n]), str(data["label"].values[n])
        inside = abs(float(steps[n])) <= RANGE
        found.append(Move(path, label, float(middle), float(value), float(steps[n]), float(alone), inside))
    return tuple(found)


def _sentence(
    lower: str, higher: str, share: float, distance: float | None, moves: Sequence[Move], fit: float
) -> str:
    stays = f"“{lower}” stays below “{higher}” in {_hundred(1 - share)} in 100 samples of the parameters."
    if distance is None:
        return f"{stays} No simple change of the parameters explains the rest (linear fit {max(fit, 0):.0%})."
    parts = [f"{m.label} from {m.middle:.3g} to {m.value:.3g}" for m in moves[:3] if abs(m.steps) > 0.1]
    together = ", ".join(parts) if parts else "many small ones"
    return f"{stays} The smallest change that reverses it is {distance:.1f} standard deviations: {together}."


def _hundred(share: float) -> int:
    return int(np.floor(100 * share + 0.5))
