"""Results as a tidy table or as netCDF, for other programs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import storage
from detente.analysis import tidy
from detente.api import Tell, silent
from detente.errors import UsageError
from detente.experiment.store import open_result
from detente.extras import require

if TYPE_CHECKING:
    import xarray as xr

FORMATS = (".csv", ".nc")
#: above this many rows the user is told how to get fewer
MANY_ROWS = 5_000_000


def export(
    *results: str | os.PathLike[str] | xr.Dataset,
    out: str | os.PathLike[str],
    variables: Sequence[str] = (),
    members: int | None = None,
    every: int = 1,
    force: bool = False,
    tell: Tell = silent,
) -> dict[str, Any]:
    """Write results, folders or datasets, to one file: a row per scenario, member, date, variable and dyad (.csv), or
    netCDF (.nc); of all ``variables``, ``members`` and weeks unless fewer are asked for.

    What comes back says where it was ``saved``, the ``scenarios``, ``rows`` and ``bytes``.
    Raises UsageError where the file exists, unless ``force``; ResultError, ExtraMissing, StorageError.
    """
    path = Path(out)
    if path.suffix not in FORMATS:
        raise UsageError(f'"{path.suffix}" is no format: name a file that ends in {" or ".join(FORMATS)}')
    if path.suffix == ".nc":
        require("netcdf", "a .nc file (a .csv needs nothing)")
    storage.ready(path)
    if path.exists() and not force:
        raise UsageError(f"{path} exists: replace it with --force, or choose another name")
    found: dict[str, xr.Dataset] = {}
    for given in results:
        ds = open_result(given) if isinstance(given, str | os.PathLike) else given
        name, place = str(ds.attrs["scenario"]), Path(ds.encoding.get("source", ""))
        found[place.name if name in found else name] = tidy.thinned(ds, members, every)
    if len(found) < len(results):
        raise UsageError("a result is named twice")
    rows = sum(tidy.size(ds, tuple(variables)) for ds in found.values())
    if path.suffix == ".csv" and rows > MANY_ROWS:
        tell(f"writing {rows:,} rows; fewer with --variable, --members or --every")
    with storage.file(path) as beside:
        if path.suffix == ".csv":
            with beside.open("w", encoding="utf-8", newline="") as stream:
                tidy.write_csv(found, stream, tuple(variables))
        else:
            _netcdf(found, beside, path, tuple(variables))
    return {"saved": str(path), "scenarios": list(found), "rows": rows, "bytes": path.stat().st_size}


def _netcdf(found: dict[str, xr.Dataset], beside: Path, out: Path, variables: tuple[str, ...]) -> None:
    """The netCDF library says that it failed, never why."""
    try:
        tidy.write_netcdf(found, beside, variables)
    except RuntimeError as error:
        advice = "Perhaps the disk is full: make room, or write a .csv"
        raise storage.StorageError(f"cannot write {out}: {error}. {advice}") from error
