"""The statistics figures need beyond those of ``analysis``: the course of a paired difference over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis.difference import student

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """Mean with its 95 % interval; arrays over whatever axes followed the member axis."""

    mean: Floats
    low: Floats
    high: Floats


def course(values: Floats, draw: NDArray[np.integer[Any]]) -> Course:
    """Mean over members (first axis) of ``values`` and its 95 % interval, clustered by parameter draw.

    The interval of ``analysis.difference``, for all times at once. Not a number with a single draw.
    """
    _, cluster, sizes = np.unique(draw, return_inverse=True, return_counts=True)
    mean, groups = values.mean(axis=0), len(sizes)
    if groups == 1:
        unknown = np.where(values.any(axis=0), np.nan, 0.0)
        return Course(mean, unknown, unknown)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    sums = np.add.reduceat((values - mean)[np.argsort(cluster, kind="stable")], starts, axis=0)
    half = student(groups) * np.sqrt(groups / (groups - 1) * np.square(sums).sum(axis=0)) / len(draw)
    return Course(mean, mean - half, mean + half)
