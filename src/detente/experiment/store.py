"""Result folders: dataset, provenance, marker. Everything is written beside its place and moved there at the end.

data.zarr/      the dataset (Zarr v3)
scenario.json   the whole scenario, every number with file and line
run.json        versions, commit, seed, hashes of every input, command
DONE            written last: without it a folder is half-written and is not opened
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

DATA, RUN, SCENARIO, DONE = "data.zarr", "run.json", "scenario.json", "DONE"


class ResultError(Exception):
    """A result that cannot be read or written; the message says what to do."""


def write_text(path: Path, text: str) -> None:
    """Write a file in one step: it is whole or it is not there."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def save(result: xr.Dataset, folder: Path, run: Mapping[str, Any], scenario: Mapping[str, Any]) -> None:
    """Write a result into ``folder``, the marker last. Raises ResultError where the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DONE).unlink(missing_ok=True)
        _write_data(result, folder)
        write_text(folder / SCENARIO, as_json(scenario))
        write_text(folder / RUN, as_json(run))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ResultError(f"cannot write {folder}: {reason}. Choose another folder with --out.") from error


def _write_data(result: xr.Dataset, folder: Path) -> None:
    beside, place = folder / f".{DATA}.part", folder / DATA
    shutil.rmtree(beside, ignore_errors=True)
    fast = _compressor()
    encoding = {str(name): {"compressors": fast} for name in result.data_vars}
    result.to_zarr(beside, mode="w", zarr_format=3, consolidated=False, encoding=encoding)
    shutil.rmtree(place, ignore_errors=True)
    os.replace(beside, place)


def _compressor() -> list[Any]:
    """Blosc with lz4: noise hardly compresses, time is what counts."""
    from zarr.codecs import BloscCodec

    return [BloscCodec(cname="lz4", clevel=1, shuffle="shuffle")]


def finish(folder: Path) -> None:
    """Mark a folder whole."""
    write_text(folder / DONE, "")


def as_json(content: Mapping[str, Any]) -> str:
    """Readable JSON with a final newline."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def open_result(folder: Path | str) -> xr.Dataset:
    """The dataset of a whole result folder, loaded. Raises ResultError where it is missing or half-written."""
    import xarray as xr

    place = Path(folder)
    if not place.is_dir():
        raise ResultError(f"no result folder {place}. Make one with: detente run SCENARIO --out {place}")
    if not (place / DATA).is_dir():
        raise ResultError(f"{place} is not a result folder: it has no {DATA}. Name the folder that detente run saved.")
    if not (place / DONE).exists():
        raise ResultError(f"{place} is half-written (no {DONE} in it). Run the scenario again with --out {place}")
    try:
        with xr.open_zarr(place / DATA, consolidated=False, chunks=None) as stored:
            loaded: xr.Dataset = stored.load()
            return loaded
    except Exception as error:  # any damage to the store ends here: what matters to the user is which folder
        raise ResultError(f"{place} cannot be read: {error}. Run the scenario again with --out {place}") from error


def read_json(folder: Path | str, name: str) -> dict[str, Any]:
    """``run.json`` or ``scenario.json`` of a result folder. Raises ResultError where it is missing or damaged."""
    path = Path(folder) / name
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(f"{path} cannot be read: {error}. Run the scenario again.") from error
    if not isinstance(content, dict):
        raise ResultError(f"{path} is not what detente run writes. Run the scenario again.")
    return content
