"""Arrays of one stage on the disk: Zarr, one chunk of every array per batch, written by one process only.

Groups: ``values/<metric>`` (point, member); ``moments/<metric>`` (point, block, moment) where only the summary is
kept; ``means/<path>`` (point, block, time), the mean path over the members of each block; ``paths/<path>``
(point, member, time), float32; ``design/…`` the samples. Any of them opens with ``xarray.open_zarr(…, group=…)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.experiment.study import Batch, Stage

Array = NDArray[Any]

DIMENSIONS = {
    "values": ("point", "member"),
    "moments": ("point", "block", "moment"),
    "means": ("point", "block", "time"),
    "paths": ("point", "member", "time"),
}


class Archive:
    """The Zarr group of one stage."""

    def __init__(self, folder: Path, stage: Stage, *, write: bool = False) -> None:
        import zarr

        self.stage = stage
        self._group = zarr.open_group(folder / "data.zarr", mode="a" if write else "r", zarr_format=3)
        self._arrays: dict[str, Any] = {}

    def names(self) -> list[str]:
        """All stored arrays, "group/name"."""
        found = [(g, a) for g in DIMENSIONS if g in self._group for a in self._group[g].array_keys()]  # type: ignore[union-attr]
        return sorted(f"{group}/{name}" for group, name in found)

    def array(self, name: str) -> Any:
        """A stored array."""
        if name not in self._arrays:
            self._arrays[name] = self._group[name]
        return self._arrays[name]

    def put(self, batch: Batch, arrays: Mapping[str, Array]) -> None:
        """Store the arrays of a batch; ValueError where their shape differs from the other batches'."""
        for name, array in arrays.items():
            stored = self._made(name, array)
            if stored.shape[2:] != array.shape[2:]:
                raise ValueError(f"{name} has length {array.shape[2:]}, other batches {stored.shape[2:]}")
            stored[self._region(name, batch)] = array

    def get(self, batch: Batch) -> dict[str, Array]:
        """The arrays of a batch as they lie on the disk."""
        return {name: np.asarray(self.array(name)[self._region(name, batch)]) for name in self.names()}

    def design(self) -> None:
        """Store which sample and setting each point is, and the factors' values there."""
        group = self._group.require_group("design")
        stage = self.stage
        tables = {
            "sample": (stage.pairs[:, 0], ("point",)),
            "setting": (stage.pairs[:, 1], ("point",)),
            "unit": (stage.unit[stage.pairs[:, 0]], ("point", "factor")),
            "value": (stage.values, ("point", "factor")),
        }
        for name, (table, dims) in tables.items():
            group.create_array(name, data=table, dimension_names=dims, overwrite=True)

    def _region(self, name: str, batch: Batch) -> tuple[slice, slice]:
        points = slice(batch.first, batch.last)
        if name.split("/")[0] in ("values", "paths"):
            return points, slice(batch.members.start, batch.members.stop)
        return points, slice(batch.block, batch.block + 1)

    def _made(self, name: str, array: Array) -> Any:
        """The stored array; created, with one chunk per batch, when the first batch arrives."""
        if name in self._arrays or name in self._group:
            return self.array(name)
        stage = self.stage
        by_member = name.split("/")[0] in ("values", "paths")
        second, chunk = (stage.members, stage.block) if by_member else (stage.blocks, 1)
        return self._group.create_array(
            name,
            shape=(len(stage.pairs), second, *array.shape[2:]),
            chunks=(stage.per_batch, chunk, *array.shape[2:]),
            dtype=array.dtype,
            fill_value=np.nan,
            dimension_names=DIMENSIONS[name.split("/")[0]],
        )
