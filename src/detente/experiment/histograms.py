"""Counts in bins of equal width from 0 to 100 points, and the quantiles that are read from them.

Counts are integers: they add up to the same bits in any order, so they may be taken block by block in any process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.index.formula import FULL

Array = NDArray[np.float64]
Counts = NDArray[np.uint32]

#: bins of a dyad, a state or a pillar, 0.25 points wide, and of the region, 0.025 points wide
BINS, FINE = 400, 4000


def tally(counts: Counts, values: NDArray[np.floating[Any]]) -> None:
    """Add ``values`` [points] (row, thing, member) to ``counts`` (row, thing, bin), a row at a time: that fits the
    cache."""
    _, things, bins = counts.shape
    first = bins * np.arange(things)[:, None]
    for row, one in zip(counts, values, strict=True):
        place = (one * one.dtype.type(bins / FULL)).astype(np.intp)
        np.minimum(place, bins - 1, out=place)
        place += first
        row += np.bincount(place.ravel(), minlength=things * bins).reshape(things, bins).astype(np.uint32)


def quantiles(counts: NDArray[np.integer[Any]], shares: Sequence[float]) -> Array:
    """Quantiles [points] from counts (…, bin), shape (share, …): as those of all values (analysis/summary.py) between
    two order statistics the middle of them, off by less than the width of a bin.

    Values are taken to lie evenly in their bin: the k-th of n at (k + 1/2) / n of its width.
    """
    up_to = np.cumsum(counts, axis=-1, dtype=np.int64)
    last = up_to.reshape(-1, up_to.shape[-1])[0, -1] - 1
    at = np.asarray(shares, dtype=np.float64) * last
    ends = np.floor(at + 1e-9).astype(int), np.ceil(at - 1e-9).astype(int)
    known = {rank: _ordered(up_to, rank) for rank in {*ends[0].tolist(), *ends[1].tolist()}}
    return np.stack([(known[low] + known[high]) / 2 for low, high in zip(*(end.tolist() for end in ends), strict=True)])


def _ordered(up_to: NDArray[np.int64], rank: int) -> Array:
    """The order statistic of ``rank`` (0 is the lowest) from cumulative counts (…, bin)."""
    place = (up_to <= rank).sum(axis=-1)[..., None]
    top = np.take_along_axis(up_to, place, -1)
    below = np.where(place > 0, np.take_along_axis(up_to, np.maximum(place - 1, 0), -1), 0)
    inside = (rank + 0.5 - below) / (top - below)
    return np.asarray((place + inside)[..., 0] * (FULL / up_to.shape[-1]))
