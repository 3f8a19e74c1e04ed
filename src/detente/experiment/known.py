"""A function with known answers, run through the same path as the model: what it gives must be what is known.

It takes a :class:`~detente.experiment.study.Point` whose changes are x1, x2, …, and gives ``{"y": (member,)}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.experiment.design import Design
from detente.experiment.study import Factor, Point, Setting, Study
from detente.scenario.quantity import Quantity

Array = NDArray[np.float64]

A, B = 7.0, 0.1


def ishigami(point: Point) -> Mapping[str, Array]:
    """sin x1 + 7 sin² x2 + 0.1 x3⁴ sin x1 on [-π, π]³ (Ishigami & Homma 1990)."""
    x1, x2, x3 = (point.changes[name] for name in ("x1", "x2", "x3"))
    return {"y": np.full(len(point.members), np.sin(x1) + A * np.sin(x2) ** 2 + B * x3**4 * np.sin(x1))}


def ishigami_indices() -> tuple[Array, Array]:
    """First and total order indices of :func:`ishigami`."""
    first = np.array([0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8, 0.0])
    interaction = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = first + np.array([interaction, 0.0, interaction])
    whole = first.sum() + interaction
    return first / whole, total / whole


def study(function: str, design: Design, *, factors: int, low: float = 0.0, high: float = 1.0, **more: Any) -> Study:
    """A study of the function named ``module:function`` over ``factors`` uniform factors x1, x2, …"""
    spread = Quantity(value=(low + high) / 2, low=low, high=high, spread="uniform")
    name = function.partition(":")[2]
    named = tuple(Factor(f"x{k + 1}", f"x{k + 1}", ((name, spread),)) for k in range(factors))
    return Study(name, (Setting(name),), ("y",), factors=named, designs=(design,), evaluate=function, **more)
