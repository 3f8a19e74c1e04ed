"""What a running experiment decides: whether there are members enough, and which factors the next stage keeps.

Elementary effects (Morris 1991) are how far an output moves when one factor moves, at many places. Rows of a Morris
design come in trajectories of k + 1; each step moves one factor. Under common random numbers the difference along a
step is taken member by member, so the noise left in it is measured, not guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detente.experiment.intervals import draw_means, half_width
from detente.experiment.study import Stage

Array = NDArray[np.float64]


def widest(values: Array, settings: NDArray[np.int64]) -> float:
    """The widest half-width among all settings against setting 0.

    ``values`` (point, member) of one metric, ``settings`` (point,) the setting of each point; points of one setting
    are samples of the design and are averaged first.
    """
    means = [values[settings == setting].mean(axis=0) for setting in np.unique(settings)]
    if len(means) < 2:
        return float(half_width(means[0]))
    return float(half_width(np.stack(means[1:]) - means[0]).max())


def effects(unit: Array, outputs: Array) -> tuple[Array, Array]:
    """Elementary effects and their standard errors, both (trajectory, factor), per unit step of the quantile.

    ``unit`` (row, factor) in [0, 1], ``outputs`` (row, member), rows trajectory by trajectory.
    """
    factors = unit.shape[1]
    steps = np.diff(unit.reshape(-1, factors + 1, factors), axis=1)
    members = draw_means(outputs)
    moves = np.diff(members.reshape(-1, factors + 1, members.shape[-1]), axis=1)
    moved = np.abs(steps).argmax(axis=2)
    sizes = np.take_along_axis(steps, moved[..., None], axis=2)
    found, errors = np.empty((2, len(steps), factors))
    order = np.arange(len(steps))[:, None]
    found[order, moved] = (moves / sizes).mean(axis=2)
    spread = (moves / sizes).std(axis=2, ddof=1) if members.shape[-1] > 1 else np.zeros(moved.shape)
    errors[order, moved] = spread / np.sqrt(members.shape[-1])
    return found, errors


def highest(stage: Stage, outputs: Sequence[Array], remaining: int) -> tuple[int, ...]:
    """The ``remaining`` factors with the largest mean absolute effect, in the order of the file.

    Effects on different metrics are made comparable by the largest among the factors; a factor's rank is its best
    over metrics and settings, so that what matters to any of them stays in.
    """
    score = np.zeros(len(stage.chosen))
    for output in outputs:
        for setting in np.unique(stage.pairs[:, 1]):
            size = np.abs(effects(stage.unit, output[stage.pairs[:, 1] == setting])[0]).mean(axis=0)
            score = np.maximum(score, size / max(float(size.max()), 1e-300))
    order = np.argsort(-score, kind="stable")[:remaining]
    return tuple(int(row) for row in np.sort(order))
