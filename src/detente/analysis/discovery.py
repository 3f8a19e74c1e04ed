"""Scenario discovery: under which conditions does it happen? The patient rule induction method (PRIM).

Friedman & Fisher (1999): peel thin slices off the box as long as the cases inside get denser, paste back what was
peeled too far. Bryant & Lempert (2010): judge a box by coverage (share of all cases of interest that it holds) and
density (share of its cases that are of interest), drop restrictions that could be luck, and see whether resampled
data lead to the same box. A box is reported only if it comes back in at least 80 % of the resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.prose.wording import fixed, in_100

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: share of the cases in the box that one peel takes
PEEL = 0.05
#: a box holds at least this share of all cases
MASS = 0.05
RESAMPLES = 50
#: share of resamples in which a box must come back to be reported
REPRODUCED = 0.8
#: share of their joint cases that two boxes must have in common to count as the same
OVERLAP = 0.5
#: a restriction that luck alone would match with more than this chance is dropped
LUCK = 0.05


@dataclass(frozen=True)
class Box:
    """Limits (factor,), infinite where the factor is free, with the box's measures on the cases it was found on."""

    low: Array
    high: Array
    coverage: float
    density: float
    mass: float

    def holds(self, x: Array) -> Mask:
        """Which cases (case, factor) lie inside."""
        return np.asarray(((x >= self.low) & (x <= self.high)).all(axis=1))

    @property
    def restricted(self) -> tuple[int, ...]:
        """Factors that the box restricts."""
        return tuple(int(n) for n in np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high)))

    @property
    def sides(self) -> frozenset[tuple[int, str]]:
        """Restrictions by factor and side."""
        lows = {(int(n), "low") for n in np.flatnonzero(np.isfinite(self.low))}
        return frozenset(lows | {(int(n), "high") for n in np.flatnonzero(np.isfinite(self.high))})


@dataclass(frozen=True)
class Limit:
    """One restriction of a reported box; ``low`` or ``high`` is None where that side is free.

    ``luck``: chance that as many cases of interest would lie inside if this restriction did not matter.
    """

    path: str
    label: str
    low: float | None
    high: float | None
    luck: float
    reproduced: float


@dataclass(frozen=True)
class Discovery:
    """What was found. ``limits`` is empty where no box came back often enough; ``sentence`` says it in plain words.

    ``density_outside`` share of interest outside the box; ``density_unseen`` density on the cases that each resample
    had left out, averaged: what to expect of new cases; ``trajectory`` (coverage, density, mass) along the peeling;
    ``counted`` says of what shares are: cases, or the runs of cases where it happens in some of a case's runs only.
    """

    when: str
    cases: int
    share: float
    resamples: int
    reproduced: float
    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float
    density_outside: float
    density_unseen: float
    trajectory: tuple[tuple[float, float, float], ...]
    sentence: str
    counted: str = "cases"


def measured(low: Array, high: Array, x: Array, y: Array) -> Box:
    """The box with these limits, measured on the cases x (case, factor), y (case,) in [0, 1]."""
    inside = Box(low, high, 0.0, 0.0, 0.0).holds(x)
    held, everything = float(y[inside].sum()), float(y.sum())
    return Box(
        low, high, held / everything if everything else 0.0, held / max(int(inside.sum()), 1), float(inside.mean())
    )


def peel(x: Array, y: Array, least: float = MASS) -> list[Box]:
    """The peeling trajectory, from the whole space to the smallest box allowed."""
    low, high = np.full(x.shape[1], -np.inf), np.full(x.shape[1], np.inf)
    trajectory = [measured(low, high, x, y)]
    while (best := _best_peel(trajectory[-1], x, y, least)) is not None:
        trajectory.append(best)
    return trajectory


def _best_peel(box: Box, x: Array, y: Array, least: float) -> Box | None:
    """The slice whose loss raises the density most per case lost; None where no slice may be taken or none helps."""
    inside = box.holds(x)
    held = x[inside]
    cuts = [(n, side, cut) for n in range(x.shape[1]) for side, cut in _slices(held[:, n])]
    scored = [(_gain(held[:, n], y[inside], side, cut, least * len(x)), n, side, cut) for n, side, cut in cuts]
    gain, column, side, cut = max(scored, key=lambda s: s[0], default=(0.0, 0, "low", 0.0))
    if gain <= 0.0:
        return None
    low, high = box.low.copy(), box.high.copy()
    (low if side == "low" else high)[column] = cut
    return measured(low, high, x, y)


def _slices(values: Array) -> list[tuple[str, float]]:
    """New limits that take about one slice off either end: the least value kept."""
    ordered = np.unique(values)
    if len(ordered) < 2:
        return []
    low, high = np.quantile(values, (PEEL, 1.0 - PEEL))
    up = ordered[min(np.searchsorted(ordered, low, side="right"), len(ordered) - 1)]
    down = ordered[max(np.searchsorted(ordered, high, side="left") - 1, 0)]
    return [("low", float(up)), ("high", float(down))]


def _gain(values: Array, y: Array, side: str, cut: float, least: float) -> float:
    """Rise of the density per share of cases lost (Friedman & Fisher's patient criterion)."""
    stay = values >= cut if side == "low" else values <= cut
    number = int(stay.sum())
    if number < least or number == len(values):
        return -1.0
    return float((y[stay].mean() - y.mean()) * len(values) / (len(values) - number))


def paste(box: Box, x: Array, y: Array) -> Box:
    """Widen one side at a time, by about one slice, as long as the density rises."""
    while True:
        wider = [measured(low, high, x, y) for low, high in _wider(box, x)]
        best = max(wider, key=lambda b: b.density, default=box)
        if best.density <= box.density:
            return box
        box = best


def _wider(box: Box, x: Array) -> list[tuple[Array, Array]]:
    found = []
    for column, side in sorted(box.sides):
        low, high = box.low.copy(), box.high.copy()
        (low if side == "low" else high)[column] = -np.inf if side == "low" else np.inf
        free = np.sort(x[Box(low, high, 0, 0, 0).holds(x), column])
        step = max(1, int(PEEL * box.mass * len(x)))
        beyond = free[free < box.low[column]][-step:] if side == "low" else free[free > box.high[column]][:step]
        if len(beyond):
            (low if side == "low" else high)[column] = beyond[0] if side == "low" else beyond[-1]
        found.append((low, high))
    return found


def find(x: Array, y: Array, *, density: float = 0.0, least: float = MASS) -> tuple[Box, list[Box]]:
    """The box with the best balance of coverage and density, and the trajectory it was taken from.

    Balance is the harmonic mean of coverage and density; boxes below ``density`` are passed over where denser ones
    exist. Restrictions that luck could explain are dropped.
    """
    trajectory = peel(x, y, least)
    fit = [box for box in trajectory if box.density >= density] or [max(trajectory, key=lambda b: b.density)]
    box = paste(max(fit, key=lambda b: 2 * b.coverage * b.density / max(b.coverage + b.density, 1e-300)), x, y)
    return _without_luck(box, x, y), trajectory


def lucks(box: Box, x: Array, y: Array) -> dict[int, float]:
    """For every restricted factor, the chance of a density at least as high if that restriction did not matter."""
    from scipy.special import bdtrc

    number, found = box.holds(x), {}
    for column in box.restricted:
        without = _only(box, frozenset(side for side in box.sides if side[0] != column), x, y)
        count, hits = int(number.sum()), float(y[number].sum())
        found[column] = float(bdtrc(max(np.floor(hits) - 1, 0), count, without.density)) if hits >= 1 else 1.0
    return found


def _without_luck(box: Box, x: Array, y: Array) -> Box:
    """Drop the likeliest piece of luck, one at a time, until none is left."""
    while box.restricted:
        chance = lucks(box, x, y)
        worst = max(chance, key=lambda column: chance[column])
        if chance[worst] <= LUCK:
            break
        box = _only(box, frozenset(side for side in box.sides if side[0] != worst), x, y)
    return box


def discover(
    x: Array,
    y: Array,
    paths: list[str],
    labels: list[str] | None = None,
    *,
    when: str = "crisis",
    density: float = 0.0,
    resamples: int = RESAMPLES,
    seed: int = 1,
    shown: Callable[[int, float], str] | None = None,
    chosen: Mapping[int, Sequence[str]] | None = None,
) -> Discovery:
    """Find the box and put it to the test.

    ``x`` (case, factor); ``y`` (case,) in [0, 1]: whether, or in what share of members, it happened. ``shown``
    writes a limit of a factor for the sentence; ``chosen`` are the words of columns that count 0, 1, 2 through
    choices. Every resample is half of the cases, drawn without replacement.
    """
    box, trajectory = find(x, y, density=density)
    again, left_out = _resampled(x, y, density, resamples, seed)
    steady = frozenset(s for s in box.sides if np.mean([s in other.sides for other in again]) >= REPRODUCED)
    box = _only(box, steady, x, y)
    back = float(np.mean([_same(box, other, x) for other in again])) if box.restricted else 0.0
    stable = back >= REPRODUCED
    words = shown or (lambda column, value: f"{value:.3g}")
    named = labels or paths
    found = Discovery(
        when=when,
        cases=len(y),
        share=float(y.mean()),
        resamples=resamples,
        reproduced=back,
        limits=_limits(box, x, y, paths, named, again) if stable else (),
        coverage=box.coverage,
        density=box.density,
        mass=box.mass,
        density_outside=float(y[~box.holds(x)].mean()) if box.mass < 1 else 0.0,
        density_unseen=_unseen(again, left_out, steady, x, y),
        trajectory=tuple((b.coverage, b.density, b.mass) for b in trajectory),
        sentence="",
        counted="cases" if np.isin(y, (0.0, 1.0)).all() else "runs",
    )
    conditions = [_condition(limit, paths.index(limit.path), words, chosen or {}) for limit in found.limits]
    return replace(found, sentence=sentence(found, conditions))


def _resampled(
    x: Array, y: Array, density: float, resamples: int, seed: int
) -> tuple[list[Box], list[NDArray[np.intp]]]:
    """The box found on each half of the cases, and the cases of the other half."""
    rng, boxes, left_out = np.random.default_rng(seed), [], []
    for _ in range(resamples):
        order = rng.permutation(len(y))
        seen = order[: len(y) // 2]
        boxes.append(find(x[seen], y[seen], density=density)[0])
        left_out.append(order[len(y) // 2 :])
    return boxes, left_out


def _unseen(
    boxes: Sequence[Box], left_out: Sequence[NDArray[np.intp]], steady: frozenset[tuple[int, str]], x: Array, y: Array
) -> float:
    """Mean density of the resamples' boxes, of the restrictions that are reported, on the cases each had left out."""
    found = [_only(box, steady, x[rest], y[rest]).density for box, rest in zip(boxes, left_out, strict=True)]
    return float(np.mean(found)) if found else float("nan")


def _only(box: Box, sides: frozenset[tuple[int, str]], x: Array, y: Array) -> Box:
    """The box with these of its restrictions alone."""
    columns = range(len(box.low))
    low = np.array([box.low[n] if (n, "low") in sides else -np.inf for n in columns])
    high = np.array([box.high[n] if (n, "high") in sides else np.inf for n in columns])
    return measured(low, high, x, y)


def _same(box: Box, other: Box, x: Array) -> bool:
    """True where ``other`` has all restrictions of ``box`` and holds largely the same cases."""
    one, two = box.holds(x), other.holds(x)
    common = int((one & two).sum()) / max(int((one | two).sum()), 1)
    return box.sides <= other.sides and common >= OVERLAP


def _limits(box: Box, x: Array, y: Array, paths: list[str], labels: list[str], again: list[Box]) -> tuple[Limit, ...]:
    chance = lucks(box, x, y)
    rows = []
    for n in box.restricted:
        sides = {side for side in box.sides if side[0] == n}
        share = float(np.mean([sides <= other.sides for other in again]))
        low, high = (float(v) if np.isfinite(v) else None for v in (box.low[n], box.high[n]))
        rows.append(Limit(paths[n], labels[n], low, high, chance[n], share))
    return tuple(rows)


def sentence(found: Discovery, conditions: Sequence[str]) -> str:
    """The finding in plain words, or that there is none."""
    if not found.limits:
        overall = in_100(found.share, found.cases, found.counted)
        return (
            f"No box of conditions for {found.when} comes back in {_percent(REPRODUCED)} of the resamples "
            f"(the best one in {_percent(found.reproduced)}; {overall} overall): none is reported."
        )
    inside = round(found.mass * found.cases)
    see = "sees" if inside == 1 else "see"
    return (
        f"When {' and '.join(conditions)}, {in_100(found.density, inside, found.counted)} {see} {found.when}; outside, "
        f"{in_100(found.density_outside, found.cases - inside)} do. The box holds {_percent(found.coverage)} of all "
        f"such {found.counted} and comes back in {_percent(found.reproduced)} of {found.resamples} resamples."
    )


def _percent(share: float) -> str:
    return f"{fixed(100 * share, 0)} %"


def left_of(choices: Sequence[str], limit: Limit) -> Sequence[str]:
    """The choices that a restriction leaves."""
    first = 0 if limit.low is None else round(limit.low)
    return choices[first : len(choices) if limit.high is None else round(limit.high) + 1]


def _condition(
    limit: Limit, column: int, shown: Callable[[int, float], str], chosen: Mapping[int, Sequence[str]]
) -> str:
    """One restriction in words: a range of numbers, or the choices that are left."""
    if column in chosen:
        return f"{limit.label} is {' or '.join(left_of(chosen[column], limit))}"
    if limit.low is not None and limit.high is not None:
        return f"{limit.label} is between {shown(column, limit.low)} and {shown(column, limit.high)}"
    if limit.low is not None:
        return f"{limit.label} is at least {shown(column, limit.low)}"
    return f"{limit.label} is at most {shown(column, limit.high or 0.0)}"
