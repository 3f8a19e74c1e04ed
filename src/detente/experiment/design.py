"""Designs over uncertain factors: which quantiles are run. Rows are samples, columns factors, values in [0, 1]."""

from __future__ import annotations

from importlib import import_module
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from detente import extras
from detente.scenario.quantity import Record

Array = NDArray[np.float64]
Kind = Literal["one_at_a_time", "factorial", "latin_hypercube", "sobol", "morris"]

#: more points than this is taken for a slip of the pen
MOST = 2_000_000


class Design(Record):
    """How the uncertain factors are sampled.

    ``points``: samples of a Latin hypercube, base samples of Sobol (a power of two), trajectories of Morris.
    ``levels``: grid levels of Morris (even), quantiles per factor of a factorial.
    ``remaining``: of a second stage, how many factors it keeps, those the first stage ranks highest.
    ``members``: members per point of this stage, where they differ from the experiment's.
    """

    kind: Kind
    points: int = Field(default=0, ge=0, le=MOST)
    levels: int = Field(default=4, ge=2, le=100)
    remaining: int | None = Field(default=None, ge=1)
    members: int | None = Field(default=None, ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _fits(self) -> Design:
        sampled = self.kind in ("latin_hypercube", "sobol", "morris")
        if sampled and self.points < 2:
            raise ValueError(f"a {self.kind} design needs points, at least 2")
        if self.points and not sampled:
            raise ValueError(f"a {self.kind} design has no points: take them out, or choose latin_hypercube")
        if "levels" in self.model_fields_set and self.kind not in ("morris", "factorial"):
            raise ValueError(f"a {self.kind} design has no levels: take them out, or choose factorial")
        if self.kind == "sobol" and self.points & (self.points - 1):
            below = 1 << (self.points.bit_length() - 1)
            raise ValueError(f"points of a sobol design must be a power of two: write {below} or {2 * below}")
        if self.kind == "morris" and self.levels % 2:
            raise ValueError("levels of a morris design must be even: write 4")
        return self


class Stopping(Record):
    """Stop once the 95 % interval of every setting's paired difference from the first is this narrow.

    ``precision`` is the half-width in the metric's unit; ``members`` of the experiment is the most that is spent.
    """

    precision: float = Field(gt=0)
    metric: str
    at_least: int = Field(default=200, ge=8)


def size(design: Design, factors: int) -> int:
    """Number of samples, without drawing them."""
    if factors == 0:
        return 1
    return {
        "one_at_a_time": 2 * factors + 1,
        "factorial": int(design.levels ** min(factors, 64)),
        "latin_hypercube": design.points,
        "sobol": design.points * (factors + 2),
        "morris": design.points * (factors + 1),
    }[design.kind]


def unit_samples(design: Design, factors: int, seed: int) -> Array:
    """Samples (sample, factor) in [0, 1]; NaN leaves a factor to the scenario. One empty row without factors.

    ``one_at_a_time`` is the scenario as it is, then each factor at the low and at the high end of its range, the others
    left alone. Raises ExtraMissing.
    """
    if factors == 0:
        return np.empty((1, 0))
    if design.kind == "one_at_a_time":
        rows = np.full((2 * factors + 1, factors), np.nan)
        for column in range(factors):
            rows[2 * column + 1 : 2 * column + 3, column] = (0.0, 1.0)
        return rows
    if design.kind == "factorial":
        return np.array(list(product(np.linspace(0, 1, design.levels), repeat=factors)))
    if design.kind == "latin_hypercube":
        from scipy.stats import qmc

        return np.asarray(qmc.LatinHypercube(factors, rng=np.random.default_rng(seed)).random(design.points))
    return _salib(design, factors, seed)


def require(design: str) -> None:
    """Raises ExtraMissing where a design cannot be drawn with what is installed."""
    if design in ("sobol", "morris"):
        extras.require("sensitivity", f"a {design} design")


def _salib(design: Design, factors: int, seed: int) -> Array:
    """Saltelli's rows A, AB_1 .. AB_k, B per base sample of a scrambled Sobol sequence (Saltelli et al. 2010), or
    trajectories of k + 1 rows, each step moving one factor (Morris 1991)."""
    require(design.kind)
    sampler: Any = import_module(f"SALib.sample.{design.kind}")
    names = [str(n) for n in range(factors)]
    problem = {"num_vars": factors, "names": names, "bounds": [[0.0, 1.0]] * factors}
    how: dict[str, Any] = {"calc_second_order": False} if design.kind == "sobol" else {"num_levels": design.levels}
    return np.asarray(sampler.sample(problem, design.points, seed=seed, **how), dtype=np.float64)
