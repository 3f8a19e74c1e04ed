"""Functions with known answers beside detente.experiment.known's, with chance where a test asks for it.

``shared["noise"]`` adds chance: a part common to all points of a member and a part of the member at the point alone,
each with that standard deviation.
"""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from detente.experiment import known
from detente.experiment.design import Design
from detente.experiment.study import Point, Study

Array = NDArray[np.float64]

#: coefficients of the g function (Saltelli & Sobol' 1995)
G = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)
#: the planted box: y is 1 in 90 of 100 cases inside, in 3 of 100 outside
BOX = {"x1": (0.6, 1.0), "x3": (0.0, 0.45)}
INSIDE, OUTSIDE = 0.9, 0.03


def study(name: str, design: Design, *, noise: float = 0.0, **more: object) -> Study:
    """A study of the function ``name`` of this module over uniform factors x1, x2, …"""
    return known.study(f"tests.known:{name}", design, shared={"noise": noise}, **more)  # type: ignore[arg-type]


def ishigami(point: Point) -> Mapping[str, Array]:
    return _with_chance(point, float(known.ishigami(point)["y"][0]))


def g_function(point: Point) -> Mapping[str, Array]:
    """Π (|4 x_k - 2| + a_k) / (1 + a_k) on [0, 1]^8 (Saltelli & Sobol' 1995)."""
    x = np.array([point.changes[f"x{k + 1}"] for k in range(len(G))])
    a = np.array(G)
    return _with_chance(point, float(np.prod((np.abs(4 * x - 2) + a) / (1 + a))))


def g_indices() -> tuple[Array, Array]:
    """First and total order indices of :func:`g_function`."""
    part = 1 / (3 * (1 + np.array(G)) ** 2)
    whole = np.prod(1 + part) - 1
    return part / whole, part * np.prod(1 + part) / (1 + part) / whole


def planted_box(point: Point) -> Mapping[str, Array]:
    """1 with chance 0.9 inside :data:`BOX` and 0.03 outside."""
    inside = all(low <= point.changes[name] <= high for name, (low, high) in BOX.items())
    drawn = np.array([_uniform(point.seed, point.number, member) for member in point.members])
    return {"y": (drawn < (INSIDE if inside else OUTSIDE)).astype(np.float64)}


def pure_chance(point: Point) -> Mapping[str, Array]:
    """1 with chance 0.2 wherever: there is no box to find."""
    return {"y": np.array([float(_uniform(point.seed, point.number, m) < 0.2) for m in point.members])}


def _with_chance(point: Point, value: float) -> Mapping[str, Array]:
    noise = float(point.shared.get("noise", 0.0))
    if noise == 0.0:
        return {"y": np.full(len(point.members), value)}
    common = np.array([_normal(point.seed, "member", member) for member in point.members])
    own = np.array([_normal(point.seed, point.number, member) for member in point.members])
    return {"y": value + noise * (common + own)}


def _uniform(*key: object) -> float:
    word = int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "little")
    return float(((word >> 12) + 0.5) * 2.0**-52)


def _normal(*key: object) -> float:
    return float(ndtri(_uniform(*key)))
