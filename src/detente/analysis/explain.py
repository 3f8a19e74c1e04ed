"""What moved the index from start to end, and which inputs are assumptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes
from detente.analysis.difference import Difference, difference
from detente.scenario.leaves import Leaf

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Moved:
    """What one pillar or dyad adds to the index at the start and at the end, ensemble mean [points].

    ``difference`` has the interval of the change; None for dyads, of which only the mean is stored.
    """

    key: str
    label: str
    start: float
    end: float
    difference: Difference | None = None

    @property
    def change(self) -> float:
        """End less start [points]."""
        return self.end - self.start

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        own = {"key": self.key, "label": self.label, "start": self.start, "end": self.end, "change": self.change}
        if self.difference is None:
            return own
        return own | {"ci_low": self.difference.ci_low, "ci_high": self.difference.ci_high}


def by_pillar(ds: xr.Dataset) -> list[Moved]:
    """Contribution of every pillar at start and end, largest change first; they sum to the mean index."""
    shares, draw = ds["contribution"].transpose("member", "time", "pillar").values, ds["draw"].values
    found = [_moved(str(name), shares[:, 0, i], shares[:, -1, i], draw) for i, name in enumerate(ds["pillar"].values)]
    return sorted(found, key=lambda one: -abs(one.change))


def _moved(name: str, first: Array, last: Array, draw: NDArray[np.integer]) -> Moved:
    return Moved(name, name, float(first.mean()), float(last.mean()), difference(first, last, draw))


def by_dyad(ds: xr.Dataset) -> list[Moved]:
    """Contribution of every dyad at start and end, largest change first; they sum to the mean index."""
    shares = ds["mean_contribution"].sum("pillar")
    first, last = shares.isel(time=0).values, shares.isel(time=-1).values
    found = [
        Moved(str(key), attributes.dyad_label(ds, str(key)), float(a), float(b))
        for key, a, b in zip(ds["dyad"].values, first, last, strict=True)
    ]
    return sorted(found, key=lambda one: -abs(one.change))


def total(ds: xr.Dataset) -> Moved:
    """Mean regional tension at start and end [points]."""
    first, last = ds["tension"].isel(time=0).values, ds["tension"].isel(time=-1).values
    return _moved("region", first, last, ds["draw"].values)


@dataclass(frozen=True)
class Ledger:
    """How many inputs rest on a source, those that do not, and the paths of those left at a default."""

    inputs: int
    assumptions: tuple[Leaf, ...]
    defaults: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of the inputs that are assumptions."""
        return len(self.assumptions) / self.inputs if self.inputs else 0.0

    def groups(self) -> dict[str, int]:
        """Assumptions by the part of the scenario they stand in, most first."""
        steps = (leaf.path.split(".") for leaf in self.assumptions)
        return dict(Counter(".".join(at[: 2 if at[0] == "parameters" else 1]) for at in steps).most_common())


def ledger(leaves: Iterable[Leaf], defaults: Iterable[str] = ()) -> Ledger:
    """The inputs without a source; those that are drawn from a range come first, the widest of them on top."""
    every = list(leaves)
    assumed = [leaf for leaf in every if not leaf.source]
    assumed.sort(key=lambda leaf: (leaf.spread is None, -_width(leaf), leaf.path))
    return Ledger(len(every), tuple(assumed), tuple(defaults))


def _width(leaf: Leaf) -> float:
    # relative to the value, so that units do not matter; where that is 0, to the larger end
    if leaf.low is None or leaf.high is None:
        return 0.0
    scale = abs(float(leaf.value)) or max(abs(leaf.low), abs(leaf.high))
    return (leaf.high - leaf.low) / scale if scale else 0.0
