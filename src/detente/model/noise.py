"""Chance: uniforms keyed by (seed, member, purpose, entity, week), never by call order.

Member k of a scenario meets the same luck whatever the block, the worker, the order of scenarios or the presence
of another actor. Each (purpose, entity, member) has its own SplitMix64 sequence (Steele, Lea & Flood 2014) whose
start is a hash of the key; the week is the place in the sequence, so any week can be drawn without the others.

Normals are the inverse of the normal distribution at these uniforms: between the nodes of a table by parabolas, in
the outer EXACT cells at either end by SciPy's ndtri. The error stays below 1e-7 (tested at every cell).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Array = NDArray[np.float64]
Words = NDArray[np.uint64]

# SplitMix64: the golden-ratio increment and Stafford's mix 13
GAMMA = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
#: largest 64-bit word
WORD = 2**64 - 1
#: bits of 1.0: with 52 random bits behind them they are the floats from 1 to 2
ONE = np.float64(1.0).view(np.uint64)
#: spacing of 52-bit uniforms; half of it keeps them off 0 and 1
GRAIN = 2.0**-52
#: the normal quantile is tabulated in 2^CELL_BITS cells, of which the outer EXACT at either end are not used
CELL_BITS, EXACT = 12, 64
REST = np.uint64(64 - CELL_BITS)


def key(*names: object) -> np.uint64:
    """A stable 64-bit key of a name, independent of Python's hash seed."""
    text = "\x1f".join(str(name) for name in names)
    return np.uint64(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little"))


def mix(words: Words) -> Words:
    """SplitMix64's finaliser: every input bit reaches every output bit. Overwrites ``words``."""
    words ^= words >> np.uint64(30)
    words *= FIRST
    words ^= words >> np.uint64(27)
    words *= SECOND
    words ^= words >> np.uint64(31)
    return words


class Stream:
    """Uniforms on (0, 1) of one purpose, shape (entity, member)."""

    def __init__(self, seed: int, purpose: str, entities: Sequence[str], members: NDArray[np.integer]) -> None:
        keys = np.array([key(seed, purpose, entity) for entity in entities], dtype=np.uint64)
        self._start = mix(keys[:, None] + (members.astype(np.uint64) + np.uint64(1)) * GAMMA)

    @property
    def start(self) -> Words:
        """Where every sequence starts, (entity, member)."""
        return self._start

    @property
    def size(self) -> int:
        """Number of entities."""
        return len(self._start)

    def words(self, week: int) -> Words:
        """Random words of ``week``; the same whatever was drawn before."""
        return mix(self._start + np.uint64((week * int(GAMMA)) & WORD))

    def uniform(self, week: int) -> Array:
        """The draws of ``week``, uniform on (0, 1)."""
        return uniforms(self.words(week))

    def normal(self, week: int) -> Array:
        """The draws of ``week``, standard normal: the quantiles of :meth:`uniform`."""
        return quantiles(self.words(week))


def uniforms(words: Words) -> Array:
    """Words as numbers in (0, 1). Overwrites ``words``."""
    drawn = _from_one(words)
    drawn -= 1.0 - 0.5 * GRAIN
    return drawn


def _from_one(words: Words) -> Array:
    """The floats from 1 to 2 that have the first 52 bits of ``words`` behind the point. Overwrites ``words``."""
    words >>= np.uint64(12)
    words |= ONE
    return words.view(np.float64)


def _cells() -> tuple[Array, Array, Array]:
    """Parabolas a + b t + c t² through both ends and the middle of every cell, t from 0 to 1."""
    ends = ndtri(np.arange(2**CELL_BITS + 1) / 2**CELL_BITS)
    ends[[0, -1]] = 0.0  # infinite, and not used
    middle = ndtri((np.arange(2**CELL_BITS) + 0.5) / 2**CELL_BITS)
    start, rise = ends[:-1], np.diff(ends)
    bend = 2.0 * (ends[:-1] + ends[1:]) - 4.0 * middle
    return start, rise - bend, bend


CELLS = _cells()


def quantiles(words: Words) -> Array:
    """Standard normal quantiles at the uniforms of ``words``."""
    cell = (words >> REST).view(np.int64)
    within = _from_one(words << np.uint64(CELL_BITS))
    within -= 1.0
    start, slope, bend = CELLS
    drawn = bend.take(cell)
    drawn *= within
    drawn += slope.take(cell)
    drawn *= within
    drawn += start.take(cell)
    cell -= EXACT
    outer = np.flatnonzero(cell.view(np.uint64) >= np.uint64(2**CELL_BITS - 2 * EXACT))
    drawn.ravel()[outer] = ndtri(uniforms(words.ravel()[outer]))
    return drawn
