"""Uncertain parameters: each parameter draw has its own value of every quantity that has a spread.

Member k belongs to draw k // REPLICATES, so that the variance of chance and of parameters can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from detente.model.noise import Stream
from detente.scenario.quantity import Quantity
from detente.vocabulary import REPLICATES

Array = NDArray[np.float64]

#: half width of a 90 % interval in standard deviations
NINETY = float(ndtri(0.95))


def _uniform(q: Quantity, u: Array) -> Array:
    return q.low + u * (q.high - q.low)  # type: ignore[operator]


def _triangular(q: Quantity, u: Array) -> Array:
    low, high = float(q.low), float(q.high)  # type: ignore[arg-type]
    if high == low:
        return np.full_like(u, low)
    peak = (q.value - low) / (high - low)
    left = low + np.sqrt(u * (high - low) * (q.value - low))
    right = high - np.sqrt((1.0 - u) * (high - low) * (high - q.value))
    return np.where(u < peak, left, right)


def _normal(q: Quantity, u: Array) -> Array:
    return np.asarray(q.value + ndtri(u) * (q.high - q.low) / (2.0 * NINETY))  # type: ignore[operator]


def _lognormal(q: Quantity, u: Array) -> Array:
    sigma = np.log(q.high / q.low) / (2.0 * NINETY)  # type: ignore[operator]
    return np.asarray(q.value * np.exp(sigma * ndtri(u)))


def _spike_slab(q: Quantity, u: Array) -> Array:
    spike = float(q.spike)  # type: ignore[arg-type]
    slab = np.clip((u - spike) / max(1.0 - spike, 1e-12), 0.0, 1.0)
    return np.where(u < spike, 0.0, _uniform(q, slab))


class Given(Quantity):
    """A quantity whose draws are stated lane by lane; ``value`` stays what the scenario says."""

    spread: Literal["given"] = "given"  # type: ignore[assignment]
    lanes: Any = None


INVERSES: dict[str, Callable[[Quantity, Array], Array]] = {
    "uniform": _uniform,
    "triangular": _triangular,
    "normal": _normal,
    "lognormal": _lognormal,
    "spike_slab": _spike_slab,
}


class Draws:
    """Values of quantities for a block of members."""

    def __init__(self, seed: int, members: NDArray[np.integer]) -> None:
        self.seed = seed
        self.members = members
        self._draw = members // REPLICATES

    def take(self, q: Quantity, path: str) -> Array:
        """Value of one quantity: shape () where it is certain, (member,) where it is not."""
        if q.spread is None:
            return np.asarray(q.value, dtype=np.float64)
        if isinstance(q, Given):
            return np.broadcast_to(q.lanes, self.members.shape)
        uniform = Stream(self.seed, "parameter", [path], self._draw).uniform(0)[0]
        return INVERSES[q.spread](q, uniform)

    def rows(self, quantities: Sequence[tuple[str, Quantity]]) -> Array:
        """Several quantities, shape (entity, 1) where all are certain, else (entity, member)."""
        taken = [self.take(q, path) for path, q in quantities]
        if all(value.ndim == 0 for value in taken):
            return np.array(taken, dtype=np.float64).reshape(-1, 1)
        return np.stack([np.broadcast_to(value, self.members.shape) for value in taken])


def money(q: Quantity, path: str, draws: Draws, exchange: Array) -> Array:
    """A cost in USD m; ``exchange`` in USD per EUR."""
    value = draws.take(q, path)
    return value * exchange if q.unit == "EUR m" else value
