"""Landscape of alignments: which camps the actors would fall into, as a diagnostic beside the index.

    E(X) = sum_ij s_i s_j p_ij d_ij(X)

s size, p propensity of a pair to stand together (negative: apart), d 0 in the same camp and 1 across. Actors move
one at a time and only where that lowers E; with symmetric p every accepted move lowers the energy of all, so the
descent ends. Axelrod & Bennett (1993); model.md §1.13. It says nothing about when, and feeds nothing back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Camps = NDArray[np.int8]

#: actors beyond which not every start can be tried
MOST = 16


@dataclass(frozen=True)
class Landscape:
    """``sizes`` (actor,) and symmetric ``propensity`` (actor, actor) with an empty diagonal."""

    sizes: Array
    propensity: Array

    def __post_init__(self) -> None:
        if not np.array_equal(self.propensity, self.propensity.T):
            raise ValueError("the propensities are not symmetric: then a move may raise the energy of the others")

    @property
    def pull(self) -> Array:
        """s_i s_j p_ij, (actor, actor); an actor has no pull on itself."""
        weighted = self.sizes[:, None] * self.sizes[None, :] * self.propensity
        np.fill_diagonal(weighted, 0.0)
        return np.asarray(weighted)


def energy(landscape: Landscape, camps: Camps) -> float:
    """E of a configuration; ``camps`` (actor,) holds 0 or 1."""
    across = camps[:, None] != camps[None, :]
    return float((landscape.pull * across).sum())


def change(landscape: Landscape, camps: Camps) -> Array:
    """What a change of camp by each actor alone would add to E, (actor,)."""
    together = np.where(camps[:, None] == camps[None, :], 1.0, -1.0)
    return np.asarray(2.0 * (landscape.pull * together).sum(axis=1))


def descend(landscape: Landscape, camps: Camps) -> list[Camps]:
    """Configurations from ``camps`` to a local minimum: each time the one move that lowers E most."""
    path = [camps.astype(np.int8)]
    noise = 1e-12 * float(np.abs(landscape.pull).sum())  # of the sums: no reason to move
    while True:
        gain = change(landscape, path[-1])
        best = int(gain.argmin())
        if gain[best] >= -noise:
            return path
        moved = path[-1].copy()
        moved[best] ^= 1
        path.append(moved)


def minima(landscape: Landscape) -> list[tuple[float, Camps, int]]:
    """Local minima from every start: energy, camps (the first actor in camp 0), starts that lead there; lowest first.

    Raises ValueError for more than MOST actors.
    """
    count = landscape.sizes.size
    if count > MOST:
        raise ValueError(f"{count} actors: every start is tried for at most {MOST}")
    found: dict[bytes, tuple[float, Camps, int]] = {}
    for start in range(2 ** max(count - 1, 0)):
        camps = ((start >> np.arange(count)) & 1).astype(np.int8)
        last = descend(landscape, camps)[-1]
        last = last ^ last[:1]
        level, _, starts = found.get(last.tobytes(), (energy(landscape, last), last, 0))
        found[last.tobytes()] = (level, last, starts + 1)
    return sorted(found.values(), key=lambda minimum: (minimum[0], minimum[1].tobytes()))


def of_tension(actors: Sequence[str], pairs: Sequence[tuple[str, str]], tension: Array) -> Landscape:
    """The landscape of actors of size 1 from the tension of ``pairs``, index points (pair,).

    A pair calmer than the mean pair tends together, a tenser one apart: p = (mean - tension) / 100; no pair, no pull.
    """
    propensity = np.zeros((len(actors), len(actors)))
    for (one, other), value in zip(pairs, (tension.mean() - tension) / 100.0, strict=True):
        i, j = actors.index(one), actors.index(other)
        propensity[i, j] = propensity[j, i] = value
    return Landscape(np.ones(len(actors)), propensity)
