"""What a pillar's nominal weight is worth: effective weights and a redundancy audit of the index.

Nominal weights are not importances: a pillar that hardly varies moves nothing whatever its weight, and two that move
together count twice (Paruolo, Saisana & Saltelli 2013, J. R. Stat. Soc. A 176(3); OECD/JRC handbook, step 6). Three
readings, each summing to one over pillars:

    level      share of the mean regional index that the pillar contributes
    pairs      covariance share over pairs: cov(points_k, index) / var(index), means over members and weeks
    paths      the same over members and weeks of the regional index: what moves it in a run

Redundancy is the correlation of two pillars' points over pairs, and over members and weeks.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: correlation from which on two pillars are called redundant
REDUNDANT = 0.8


@dataclass(frozen=True)
class Weight:
    """Nominal weight of a pillar, and its shares of the level, of the spread over pairs and of that over paths."""

    pillar: str
    nominal: float
    level: float
    pairs: float
    paths: float

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return asdict(self)


@dataclass(frozen=True)
class Audit:
    """Weights by pillar, and the correlations of pillars over pairs and over paths, (pillar, pillar)."""

    weights: tuple[Weight, ...]
    over_pairs: Array
    over_paths: Array

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


def audit(ds: xr.Dataset, nominal: dict[str, float]) -> Audit:
    """The audit of a result with its members; ``nominal`` are the scenario's weights by pillar."""
    names = [str(name) for name in ds["pillar"].values]
    total = sum(nominal[name] for name in names)
    over_pairs = ds["mean_pillar"].transpose("pillar", "time", "dyad").values.mean(axis=1)
    over_paths = ds["contribution"].transpose("pillar", "member", "time").values.reshape(len(names), -1)
    level = over_paths.mean(axis=1)
    shares = (shared(over_pairs), shared(over_paths.astype(np.float64)))
    return Audit(
        tuple(
            Weight(name, nominal[name] / total, float(part / level.sum()), float(pairs), float(paths))
            for name, part, pairs, paths in zip(names, level, *shares, strict=True)
        ),
        correlated(over_pairs),
        correlated(over_paths.astype(np.float64)),
    )


def shared(points: Array) -> Array:
    """Share of each row's covariance with the sum of all rows, (pillar,); they sum to one."""
    centred = points - points.mean(axis=1, keepdims=True)
    whole = centred.sum(axis=0)
    variance = float(whole @ whole)
    return np.asarray(centred @ whole / variance) if variance > 0 else np.zeros(len(points))


def correlated(points: Array) -> Array:
    """Correlations of rows; 0 with what does not vary."""
    centred = points - points.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1))
    scaled = centred / np.where(length > 0, length, 1.0)[:, None]
    return np.asarray(scaled @ scaled.T)
