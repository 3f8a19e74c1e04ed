"""Result folders: dataset, provenance, hashes, marker; written beside their place and swapped in whole.

data.zarr/      the dataset (Zarr v3)
scenario.json   the whole scenario, every number with file and line
summary.csv     the regional index week by week
chances.csv     chances of crisis and of war by quarter, of any pair and of each
run.json        versions, commit, seed, hashes of every input, command, SHA-256 of every file above
DONE            the SHA-256 of run.json; without it a folder is half-written and is not opened

What is opened is what was written: every file is held against its hash first. Pictures beside these are drawn when the
result is whole, and can be drawn again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import storage
from detente.errors import DetenteError
from detente.experiment.whole import DONE, damage, files_of, mark, seal
from detente.vocabulary import VARIABLES

if TYPE_CHECKING:
    import xarray as xr

DATA, RUN, SCENARIO, SUMMARY, CHANCES = "data.zarr", "run.json", "scenario.json", "summary.csv", "chances.csv"
#: what a result folder consists of; a new result replaces these and takes everything else along
OURS = (DATA, RUN, SCENARIO, SUMMARY, CHANCES, DONE, "fan.png", "fan.svg")

__all__ = ["DATA", "DONE", "RUN", "SCENARIO", "SUMMARY", "ResultError", "free", "open_result", "read_json", "save"]

log = logging.getLogger(__name__)


class ResultError(DetenteError):
    """A result that cannot be read or written; the message says what to do."""

    exit_code = 3


def save(
    result: xr.Dataset,
    folder: Path,
    run: Mapping[str, Any],
    scenario: Mapping[str, Any],
    tables: Mapping[str, str] | None = None,
) -> None:
    """Write a result into ``folder`` with its ``tables``, file name -> text, whole or not at all; what else lies there
    stays. Raises StorageError, Busy."""
    from zarr.codecs import BloscCodec

    with storage.folder(folder, marker=DONE, ours=OURS) as beside:
        fast = [BloscCodec(cname="lz4", clevel=1, shuffle="shuffle")]  # noise hardly compresses, time is what counts
        encoding = {str(name): {"compressors": fast} for name in result.data_vars}
        result.to_zarr(beside / DATA, mode="w", zarr_format=3, consolidated=False, encoding=encoding)
        storage.write_json(beside / SCENARIO, scenario)
        for name, text in (tables or {}).items():
            storage.write_text(beside / name, text)
        seal(beside, RUN, run)


def free(folder: Path, *, force: bool = False) -> None:
    """Nothing where a result may be written to ``folder``: it is absent, empty or half-written, or ``force`` is given.

    Raises ResultError where something would be lost, ``force`` or not where it holds no result but other files.
    """
    with storage.saying(folder):
        storage.clear(folder)
        there = folder.exists()
    if there and not folder.is_dir():
        raise ResultError(f"{folder} is a file. Choose another folder with --out.")
    held = {path.name for path in folder.iterdir() if not path.name.startswith(".")} if folder.is_dir() else set()
    if held and not held.intersection(OURS):
        raise ResultError(f"{folder} holds other files. Choose an empty folder with --out.")
    if {DATA, DONE} <= held and not force:
        raise ResultError(f"{folder} holds a result already. Replace it with --force, or choose another --out.")


def open_result(folder: str | os.PathLike[str]) -> xr.Dataset:
    """The dataset of a whole result folder, loaded. Raises ResultError where it is missing, half-written or damaged."""
    place = Path(folder)
    storage.clear(place)
    before = mark(place)
    try:
        return _opened(place)
    except ResultError:
        if mark(place) == before:
            raise
        return _opened(place)  # another result was swapped in while this one was read


def _opened(place: Path) -> xr.Dataset:
    import xarray as xr

    if not place.is_dir():
        raise ResultError(f"no result folder {place}. Make one with: detente run SCENARIO --out {place}")
    if not (place / DATA).is_dir():
        raise ResultError(f"{place} is not a result folder: it has no {DATA}. Name the folder that detente run saved.")
    if not (place / DONE).exists():
        raise ResultError(f"{place} is half-written (no {DONE} in it). Run the scenario again with --out {place}")
    _require_whole(place, DATA)
    try:
        with xr.open_zarr(place / DATA, consolidated=False, chunks=None) as stored:
            return _in_order(stored.load(), place)
    except Exception as error:  # any damage to the store ends here: what matters to the user is which folder
        raise ResultError(f"{place} cannot be read: {error}. Run {_again(place)}") from error


def _in_order(ds: xr.Dataset, place: Path) -> xr.Dataset:
    """Variables and coordinates as the vocabulary lists them, others by name: a disk lists files in any order."""
    import xarray as xr

    places = {name: number for number, name in enumerate(VARIABLES)}
    names = sorted(ds.data_vars, key=lambda name: (places.get(str(name), len(places)), str(name)))
    coords = {name: ds[name].variable for name in sorted(ds.coords, key=str)}
    whole = xr.Dataset({name: ds[name].variable for name in names}, coords, ds.attrs)
    whole.encoding["source"] = str(place)
    return whole


def _require_whole(place: Path, part: str) -> None:
    """ResultError where a file of ``part`` is not what was written, is missing, or belongs to another result."""
    expected = files_of(place, RUN)
    if mark(place) or expected:
        fault = damage(place, {RUN: mark(place)}, [RUN]) or (part != RUN and damage(place, expected, [part]))
        if fault:
            raise ResultError(f"{fault}. Copy it once more, or run {_again(place)}")
    elif part == DATA:
        log.warning("%s was saved without hashes: a damaged or lost file in it would go unnoticed", place)


def _again(place: Path) -> str:
    """The command that makes a result once more, as far as run.json can still tell."""
    try:
        command = str(json.loads((place / RUN).read_text(encoding="utf-8"))["command"])
    except (OSError, ValueError, KeyError, TypeError):
        command = "detente run SCENARIO"
    return f"{command} --out {place} --force"


def read_json(folder: Path | str, name: str) -> dict[str, Any]:
    """``run.json`` or ``scenario.json`` of a result folder. Raises ResultError where it is missing or damaged."""
    place = Path(folder)
    try:
        if (place / DONE).exists():
            _require_whole(place, name)
        content = json.loads((place / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(f"{place / name} cannot be read: {error}. Run {_again(place)}") from error
    if not isinstance(content, dict):
        raise ResultError(f"{place / name} is not what detente run writes. Run {_again(place)}")
    return content
