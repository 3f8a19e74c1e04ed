"""Operations on rows and few cells: what NumPy leaves out, it leaves out without another bit."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from detente.laws.rows import repeat_while
from detente.model.heap import keep_freed

LIMITS = np.array([0.0, 3.0, 40.0, 1.0, 0.5, 7.0, 0.0, 120.0])


def _below(limit, total, steps):
    return total < limit


def _add(k, below, limit, total, steps):
    return total + 1.0 / (k + 1.0), steps + below


def _plain(most):
    """The same, every cell in every round."""
    total, steps = np.zeros(LIMITS.size), np.zeros(LIMITS.size)
    for k in range(most):
        below = total < LIMITS
        total, steps = total + 1.0 / (k + 1.0), steps + below
    return steps


@pytest.mark.parametrize("most", [0, 1, 5, 400])
def test_going_on_with_few_cells_leaves_every_result_as_it_is(most):
    opening = (np.zeros(LIMITS.size), np.zeros(LIMITS.size))
    found = repeat_while(_below, _add, (LIMITS,), opening, most)[-1]
    np.testing.assert_array_equal(found, _plain(most))


def test_a_number_that_is_certain_stays_whole():
    opening = (np.zeros(4), np.zeros(4))
    found = repeat_while(_below, _add, (np.array(2.0),), opening, 50)[-1]
    np.testing.assert_array_equal(found, [4.0] * 4)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the setting is glibc's")
def test_the_heap_can_be_told_to_keep_what_is_freed():
    import platform

    assert keep_freed() is (platform.libc_ver()[0] == "glibc")
