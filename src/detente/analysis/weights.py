"""What a pillar's nominal weight is worth: effective weights and a redundancy audit of the index.

Nominal weights are not importances: a pillar that hardly varies moves nothing whatever its weight, and two that move
together count twice (Paruolo, Saisana & Saltelli 2013, J. R. Stat. Soc. A 176(3); OECD/JRC handbook, step 6). Four
readings, each summing to one over pillars:

    level      share of the mean regional index that the pillar contributes
    pairs      covariance share over pairs: cov(points_k, index) / var(index), means over members and weeks
    paths      the same over members and weeks of the regional index: what moves it in a run
    scenarios  sum over scenarios of change_k times change, over that of change squared; changes of the mean index of
               the last half year against the base: what tells scenarios apart

Redundancy is the correlation of two pillars' points over pairs, and over members and weeks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import metrics

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: correlation from which on two pillars are called redundant
REDUNDANT = 0.8


@dataclass(frozen=True)
class Weight:
    """Nominal weight of a pillar, and its shares of the level, of the spread over pairs, of that over paths, and of
    the differences between scenarios; None where none was held against the base."""

    pillar: str
    nominal: float
    level: float
    pairs: float
    paths: float
    scenarios: float | None

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return asdict(self)


@dataclass(frozen=True)
class Audit:
    """Weights by pillar, the correlations of pillars over pairs and over paths, (pillar, pillar), and how far every
    scenario lies from the base and what each pillar adds to that, (scenario, pillar) [points]."""

    weights: tuple[Weight, ...]
    over_pairs: Array
    over_paths: Array
    changes: dict[str, Array]

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name; correlations row by row in the order of the weights."""
        names = [weight.pillar for weight in self.weights]
        matrices = {"over_pairs": self.over_pairs, "over_paths": self.over_paths}
        told: dict[str, Any] = {"weights": [weight.as_dict() for weight in self.weights]}
        told |= {name: [dict(zip(names, row, strict=True)) for row in m.tolist()] for name, m in matrices.items()}
        told["changes"] = {name: dict(zip(names, row.tolist(), strict=True)) for name, row in self.changes.items()}
        return told | {"redundant_from": REDUNDANT, "redundant": [list(pair) for pair in self.redundant]}

    @property
    def redundant(self) -> list[tuple[str, str, float]]:
        """Pairs of pillars that move together over pairs or over paths, with the larger correlation."""
        names = [weight.pillar for weight in self.weights]
        found = []
        for i, one in enumerate(names):
            for j in range(i + 1, len(names)):
                most = max(self.over_pairs[i, j], self.over_paths[i, j], key=abs)
                if abs(most) >= REDUNDANT:
                    found.append((one, names[j], float(most)))
        return found


def audit(ds: xr.Dataset, nominal: Mapping[str, float], changes: Mapping[str, Array] | None = None) -> Audit:
    """The audit of a result with its members; ``nominal`` are the scenario's weights by pillar, ``changes`` those of
    the contributions in other scenarios by name (see :func:`contributions`)."""
    names = [str(name) for name in ds["pillar"].values]
    total = sum(nominal[name] for name in names)
    over_pairs = ds["mean_pillar"].transpose("pillar", "time", "dyad").values.mean(axis=1)
    over_paths = ds["contribution"].transpose("pillar", "member", "time").values.reshape(len(names), -1)
    level = over_paths.mean(axis=1)
    over_paths = over_paths.astype(np.float64)
    shares = [(level / level.sum()).tolist(), shared(over_pairs).tolist(), shared(over_paths).tolist()]
    apart = shared_products(np.stack(list(changes.values()), axis=1)).tolist() if changes else [None] * len(names)
    columns = zip(names, *shares, apart, strict=True)
    weights = tuple(Weight(name, nominal[name] / total, *row) for name, *row in columns)
    return Audit(weights, correlated(over_pairs), correlated(over_paths), dict(changes or {}))


def contributions(ds: xr.Dataset) -> Array:
    """What every pillar adds to the mean regional index of the last half year, (pillar,) [points]."""
    found = metrics.parts(metrics.Metric(), ds)
    assert found is not None
    return np.asarray(found.mean(axis=0))


def shared_products(changes: Array) -> Array:
    """Share of each row in the sum of squares of the sum of all rows, (pillar,), from (pillar, scenario)."""
    whole = changes.sum(axis=0)
    squares = float(whole @ whole)
    return np.asarray(changes @ whole / squares) if squares > 0 else np.zeros(len(changes))


def shared(points: Array) -> Array:
    """Share of each row's covariance with the sum of all rows, (pillar,); they sum to one."""
    return shared_products(points - points.mean(axis=1, keepdims=True))


def correlated(points: Array) -> Array:
    """Correlations of rows; 0 with what does not vary."""
    centred = points - points.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1))
    scaled = centred / np.where(length > 0, length, 1.0)[:, None]
    return np.asarray(scaled @ scaled.T)
