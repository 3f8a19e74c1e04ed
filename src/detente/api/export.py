"""Scenarios and results as a tidy table or as netCDF, for other programs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import storage
from detente.analysis import tidy
from detente.analysis.metrics import summarised
from detente.analysis.tidy import Size
from detente.api import Tell, silent
from detente.errors import UsageError
from detente.experiment.room import written
from detente.experiment.source import Given, Source, ready, resolve, settings
from detente.extras import require
from detente.prose.table import Table
from detente.prose.wording import whole as counted

if TYPE_CHECKING:
    import xarray as xr

FORMATS = (".csv", ".nc")
#: bytes from which on a file is written only where all of it is wanted
LARGE = 50_000_000


class TooMuch(UsageError):
    """A file so large that somebody must want all of it; the text says what in it takes how much."""

    def __init__(self, path: Path, sizes: Mapping[str, Size]) -> None:
        rows = [(f"--variable {name}", counted(one.rows), written(one.bytes)) for name, one in sizes.items()]
        self.told = "\n".join((told(path, sizes), Table((), rows, right=(1, 2)).text("  ")))
        super().__init__(f"{self.told}\nSay which of these, or fewer --members, or --every so many weeks; --all of it")


def export(
    *results: Given,
    out: str | os.PathLike[str],
    variables: Sequence[str] = (),
    members: int | None = None,
    every: int = 1,
    seed: int | None = None,
    weeks: int | None = None,
    workers: int = 1,
    sets: Mapping[str, object] | None = None,
    whole: bool = False,
    force: bool = False,
    tell: Tell = silent,
) -> dict[str, Any]:
    """Write results, folders or datasets, to one file: a row per scenario, member, date, variable and dyad (.csv), or
    netCDF (.nc); of all ``variables``, ``members`` and weeks unless fewer are asked for. Scenarios are run as
    ``compare`` runs them.

    What comes back says where it was ``saved``, the ``scenarios``, ``rows`` and ``bytes``.
    Raises TooMuch before anything is run or written, where the file would be larger than 50 MB, unless ``whole``;
    UsageError where the file exists, unless ``force``; ScenarioError, RunError, ResultError, ExtraMissing,
    StorageError.
    """
    path, wanted = Path(out), tuple(variables)
    if path.suffix not in FORMATS:
        raise UsageError(f'"{path.suffix}" is no format: name a file that ends in {" or ".join(FORMATS)}')
    if path.suffix == ".nc":
        require("netcdf", "a .nc file (a .csv needs nothing)")
    storage.ready(path)
    if path.exists() and not force:
        raise UsageError(f"{path} exists: replace it with --force, or choose another name")
    words = [str(one) for one in results if isinstance(one, str | os.PathLike)]
    if len(set(words)) < len(words):
        raise UsageError("a result is named twice")
    found = resolve(results, sets, summaries=True)
    how = settings(found, members, seed, weeks, workers, tell)
    ready(found, how)
    sizes = _sizes(found, wanted, members, every, path.suffix)
    if not whole and sum(one.bytes for one in sizes.values()) > LARGE:
        raise TooMuch(path, sizes)
    tell(told(path, sizes))
    thinned = {source.name: tidy.thinned(source.result(members), members, every) for source in found}
    with storage.file(path) as beside:
        if path.suffix == ".csv":
            with beside.open("w", encoding="utf-8", newline="") as stream:
                tidy.write_csv(thinned, stream, wanted)
        else:
            _netcdf(thinned, beside, path, wanted)
    rows = sum(one.rows for one in sizes.values())
    return {"saved": str(path), "scenarios": list(thinned), "rows": rows, "bytes": path.stat().st_size}


def told(path: Path, sizes: Mapping[str, Size]) -> str:
    """How large a file will be."""
    rows, size = (sum(one[n] for one in sizes.values()) for n in (0, 1))
    return f"{path}: {counted(rows)} values, about {written(size)}"


def _sizes(
    found: Sequence[Source], wanted: Sequence[str], members: int | None, every: int, suffix: str
) -> dict[str, Size]:
    """What every variable takes in the file, over all results; of a scenario that is run one member says it."""
    total: dict[str, Size] = {}
    for source in found:
        kept = source.stored is not None and summarised(source.stored)
        one = tidy.thinned(source.result(None if kept else 1), None if kept else 1, every)
        there = source.members if source.stored is None else int(source.stored.sizes["member"])
        many = min(members or there, there) if source.stored is not None else members or there
        for name, size in tidy.sizes(one, many, wanted, suffix).items():
            before = total.get(name, Size(0, 0))
            total[name] = Size(before.rows + size.rows, before.bytes + size.bytes)
    return total


def _netcdf(found: dict[str, xr.Dataset], beside: Path, out: Path, variables: tuple[str, ...]) -> None:
    """The netCDF library says that it failed, never why."""
    try:
        tidy.write_netcdf(found, beside, variables)
    except RuntimeError as error:
        advice = "Perhaps the disk is full: make room, or write a .csv"
        raise storage.StorageError(f"cannot write {out}: {error}. {advice}") from error
