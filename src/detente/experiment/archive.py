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

from detente import storage
from detente.experiment.batch import hash_arrays
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

    def __init__(self, folder: Path, stage: Stage, metadata: Mapping[str, str]) -> None:
        """Open for writing; ``metadata`` is what ``known`` was: the text of every metadata file by its place."""
        import zarr

        self.stage = stage
        self.place = folder / "data.zarr"
        self.known = dict(metadata)
        restore(self.place, metadata)
        self._group = zarr.open_group(self.place, mode="a", zarr_format=3)
        self._arrays: dict[str, Any] = {}

    def names(self) -> list[str]:
        """All stored arrays, "group/name"."""
        return sorted(place.removesuffix("/zarr.json") for place in self.known if place.count("/") == 2)

    def array(self, name: str) -> Any:
        """A stored array."""
        if name not in self._arrays:
            self._arrays[name] = self._group[name]
        return self._arrays[name]

    def put(self, batch: Batch, arrays: Mapping[str, Array]) -> None:
        """Store the arrays of a batch; ValueError where their shape differs from the other batches'."""
        for name in self.names():  # what may lie in its place
            storage.remove(self.place / name / "c" / str(batch.first // self.stage.per_batch) / str(batch.block))
        for name, array in arrays.items():
            stored = self._made(name, array)
            if stored.shape[2:] != array.shape[2:]:
                raise ValueError(f"{name} has length {array.shape[2:]}, other batches {stored.shape[2:]}")
            stored[self._region(name, batch)] = array

    def sound(self, batch: Batch, expected: str) -> bool:
        """Whether the arrays of a batch are those with this hash; whatever keeps them from being read says no."""
        try:
            arrays = {name: np.asarray(self.array(name)[self._region(name, batch)]) for name in self.names()}
            return bool(arrays) and hash_arrays(arrays) == expected
        except Exception:  # any damage to the store ends here: that batch is done again
            return False

    def design(self) -> None:
        """Store which sample and setting each point is, and the factors' values there."""
        storage.remove(self.place / "design")
        group = self._group.require_group("design")
        stage = self.stage
        tables = {
            "sample": (stage.pairs[:, 0], ("point",)),
            "setting": (stage.pairs[:, 1], ("point",)),
            "unit": (stage.unit[stage.pairs[:, 0]], ("point", "factor")),
            "value": (stage.values, ("point", "factor")),
        }
        for name, (table, dims) in tables.items():
            group.create_array(name, data=table, dimension_names=dims)

    def _region(self, name: str, batch: Batch) -> tuple[slice, slice]:
        points = slice(batch.first, batch.last)
        if name.split("/")[0] in ("values", "paths"):
            return points, slice(batch.members.start, batch.members.stop)
        return points, slice(batch.block, batch.block + 1)

    def _made(self, name: str, array: Array) -> Any:
        """The stored array; created, with one chunk per batch, when the first batch arrives."""
        if name in self.names():
            return self.array(name)
        stage = self.stage
        by_member = name.split("/")[0] in ("values", "paths")
        second, chunk = (stage.members, stage.block) if by_member else (stage.blocks, 1)
        made = self._group.create_array(
            name,
            shape=(len(stage.pairs), second, *array.shape[2:]),
            chunks=(stage.per_batch, chunk, *array.shape[2:]),
            dtype=array.dtype,
            fill_value=np.nan,
            dimension_names=DIMENSIONS[name.split("/")[0]],
        )
        self.known = metadata_of(self.place)
        return made


def metadata_of(place: Path) -> dict[str, str]:
    """The text of every metadata file of a store but those of the design, by its place."""
    files = (path.relative_to(place) for path in place.rglob("zarr.json"))
    wanted = sorted(path.as_posix() for path in files if path.parts[0] != "design")
    return {name: (place / name).read_text(encoding="utf-8") for name in wanted}


def restore(place: Path, metadata: Mapping[str, str]) -> None:
    """Make the metadata of a store what it was, and clear away what was half-written; without it nothing counts."""
    if not metadata:
        storage.remove(place)
        return
    for half in place.rglob("*.partial"):
        storage.remove(half)
    for name, text in metadata.items():
        path = place / name
        if not path.is_file() or path.read_bytes() != text.encode():
            storage.remove(path)
            storage.make_folder(path.parent)
            storage.write_text(path, text)
