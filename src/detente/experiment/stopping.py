"""When there are members enough: the interval of the paired difference is as narrow as was asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.experiment.intervals import clustered

Array = NDArray[np.float64]

#: members that share one parameter draw (the model's replicates); they are not independent of each other
REPLICATES = 4


def by_draw(values: Array) -> Array:
    """Means of the whole draws, (..., member) -> (..., draw); the members themselves where there are too few."""
    draws = values.shape[-1] // REPLICATES
    if draws < 2:
        return values
    whole = values[..., : draws * REPLICATES]
    return np.asarray(whole.reshape(*values.shape[:-1], draws, REPLICATES).mean(axis=-1))


def half_width(differences: Array) -> Array:
    """Half-width of the 95 % interval of the mean of paired differences, (..., member) -> (...).

    Members of one draw share their parameters, so the interval rests on the draws' means.
    """
    found = clustered(by_draw(differences))
    return np.nan_to_num((found.high - found.low) / 2, nan=np.inf)


def widest(values: Array, settings: NDArray[np.int64]) -> float:
    """The widest half-width among all settings against setting 0.

    ``values`` (point, member) of one metric, ``settings`` (point,) the setting of each point; points of one setting
    are samples of the design and are averaged first.
    """
    means = [values[settings == setting].mean(axis=0) for setting in np.unique(settings)]
    if len(means) < 2:
        return float(half_width(means[0]))
    return float(half_width(np.stack(means[1:]) - means[0]).max())
