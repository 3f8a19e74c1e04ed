"""Sums, maxima and means over sets of rows, member by member: a member's bits do not depend on its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


def summed(terms: Array, axis: int = 0) -> Array:
    """Sum over an axis before the last, term after term: the bits of a member do not depend on its neighbours.

    NumPy adds so where members lie side by side; a single one it would add in another order.
    """
    if terms.ndim > 1 and terms.shape[-1] > 1 and terms.flags.c_contiguous:
        return np.asarray(np.add.reduce(terms, axis=axis))
    rows = np.moveaxis(terms, axis, 0)
    total: Array = rows[0].copy()
    for term in rows[1:]:
        total += term
    return total


def mean_over_rows(values: Array, rows: Rows) -> Array:
    """Mean of some rows, (member,)."""
    return summed(values[rows]) / len(rows)


def max_over_rows(values: Array, rows: Rows) -> Array:
    """Largest of some rows, (member,)."""
    return np.asarray(np.maximum.reduce(values[rows], axis=0))
