"""What a stored dataset says about itself: levels, labels, dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detente.experiment.metrics import Level, crisis, decoded, levels
from detente.index.formula import BEHAVIOURAL

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["BEHAVIOURAL", "Level", "crisis", "decoded", "levels"]


def level_of(ds: xr.Dataset, points: float) -> Level | None:
    """The verbal level at ``points``; None below the lowest edge."""
    reached = [level for level in levels(ds) if points >= level.edge]
    return reached[-1] if reached else None


def dyad_label(ds: xr.Dataset, key: str) -> str:
    """The label a reader sees for the dyad ``key``."""
    return str(decoded(ds, "dyad_labels", {}).get(key, key))


def actor_label(ds: xr.Dataset, key: str) -> str:
    """The label a reader sees for the actor ``key``."""
    return str(decoded(ds, "actor_labels", {}).get(key, key))


def engine(ds: xr.Dataset) -> str:
    """The engine that ran it; NumPy's where it names none."""
    return str(ds.attrs.get("engine", "numpy"))


def iso(moment: np.datetime64) -> str:
    """The day of ``moment`` as an ISO date."""
    return str(moment.astype("datetime64[D]"))


def dates(ds: xr.Dataset) -> list[str]:
    """ISO date of every row of ``time``."""
    return [str(day) for day in ds["time"].values.astype("datetime64[D]")]
