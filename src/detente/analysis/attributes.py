"""What a stored dataset says about itself: levels, labels, dates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

#: pillars that respond to what actors do; the others are inputs of the model as well as parts of the index
BEHAVIOURAL = ("hostility", "incidents")


@dataclass(frozen=True)
class Level:
    """A verbal level: the index has reached it at ``edge`` points and above."""

    name: str
    label: str
    edge: float
    crisis: bool


def decoded(ds: xr.Dataset, name: str, default: Any) -> Any:
    """The attribute ``name``, out of JSON where it is stored as JSON."""
    stored = ds.attrs.get(name, default)
    return json.loads(stored) if isinstance(stored, str) else stored


def levels(ds: xr.Dataset) -> tuple[Level, ...]:
    """The verbal levels, lowest edge first."""
    found = [
        Level(str(r["name"]), str(r["label"]), float(r["edge"]), bool(r["crisis"])) for r in decoded(ds, "levels", [])
    ]
    return tuple(sorted(found, key=lambda level: level.edge))


def level_of(ds: xr.Dataset, points: float) -> Level | None:
    """The verbal level at ``points``; None below the lowest edge."""
    reached = [level for level in levels(ds) if points >= level.edge]
    return reached[-1] if reached else None


def crisis(ds: xr.Dataset) -> Level | None:
    """The lowest level that counts as a crisis; None where the theatre names none."""
    return next((level for level in levels(ds) if level.crisis), None)


def dyad_label(ds: xr.Dataset, key: str) -> str:
    """The label a reader sees for the dyad ``key``."""
    return str(decoded(ds, "dyad_labels", {}).get(key, key))


def actor_label(ds: xr.Dataset, key: str) -> str:
    """The label a reader sees for the actor ``key``."""
    return str(decoded(ds, "actor_labels", {}).get(key, key))


def iso(moment: np.datetime64) -> str:
    """The day of ``moment`` as an ISO date."""
    return str(moment.astype("datetime64[D]"))


def dates(ds: xr.Dataset) -> list[str]:
    """ISO date of every row of ``time``."""
    return [str(day) for day in ds["time"].values.astype("datetime64[D]")]
