"""Results as tidy data: one row per scenario, member, date, variable and dyad."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detente.analysis import attributes
from detente.analysis.metrics import summarised
from detente.analysis.summary import spread
from detente.errors import DetenteError
from detente.extras import require
from detente.prose.table import csv_text

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

HEADER = ("scenario", "member", "date", "variable", "dyad", "value")
#: of a summary: a row for each quantile and the mean over members
OF_SUMMARY = ("scenario", "over_members", "date", "variable", "dyad", "value")


class ExportError(DetenteError, ValueError):
    """An export that cannot be written as asked."""


def variables(ds: xr.Dataset) -> list[str]:
    """Variables that have a value per member and week, or of a summary their spread over members."""
    if summarised(ds):
        return [str(name).removesuffix("_counts") for name in ds.data_vars if str(name).endswith("_counts")]
    return [str(name) for name, var in ds.data_vars.items() if {"member", "time"} <= set(var.dims)]


def checked(ds: xr.Dataset, wanted: Sequence[str]) -> list[str]:
    """The variables asked for, all where none is named; ExportError for an unknown one."""
    known = variables(ds)
    for name in wanted:
        if name not in known:
            raise ExportError(f'no variable "{name}" in this result: choose from {", ".join(known)}')
    return list(wanted) or known


def by_name(results: Iterable[xr.Dataset]) -> dict[str, xr.Dataset]:
    """Each under its scenario's name; where that is taken, with a number behind it."""
    found: dict[str, xr.Dataset] = {}
    for ds in results:
        name = str(ds.attrs["scenario"])
        options = [name, *(f"{name} ({n})" for n in range(2, len(found) + 2))]
        found[next(option for option in options if option not in found)] = ds
    return found


def thinned(ds: xr.Dataset, members: int | None = None, every: int = 1) -> xr.Dataset:
    """The first ``members`` members where there are any, and every so many weeks from the start.

    ExportError for fewer members than a summary is of: no part of it can be told.
    """
    if summarised(ds) and members is not None and members < ds.sizes["member"]:
        raise ExportError(f"{ds.attrs['scenario']} holds a summary of {ds.sizes['member']} members, and no part of it")
    return ds.isel(member=slice(members), time=slice(None, None, every), missing_dims="ignore")


class Size(NamedTuple):
    """Rows that a table of one variable has, and bytes in a file."""

    rows: int
    bytes: int


def sizes(one: xr.Dataset, members: int, wanted: Sequence[str], suffix: str) -> dict[str, Size]:
    """The size of every variable in a file of ``members`` members, from ``one`` member.

    Of a .csv to a few in a hundred; of a .nc before it is compressed, which gains little of what varies by chance.
    Raises ExportError for an unknown variable.
    """
    many = 1 if summarised(one) else members
    last = one if summarised(one) else one.assign_coords(member=[max(members - 1, 0)])
    name, found = str(one.attrs["scenario"]), {}
    for variable in checked(one, wanted):
        lines = "".join(line for block in blocks(name, last, variable) for line in block) if suffix == ".csv" else ""
        stored = one[_stored(one, variable)]
        each = len(lines.encode()) if lines else stored.nbytes
        rows = lines.count("\n") if lines else stored.size
        found[variable] = Size(rows * many, each * many)
    return found


def _stored(ds: xr.Dataset, name: str) -> str:
    """Under which name a variable is stored: of a summary the counts."""
    return f"{name}_counts" if summarised(ds) else name


def write_csv(results: Mapping[str, xr.Dataset], out: IO[str], wanted: Sequence[str] = ()) -> int:
    """Write the tidy table of every result, named by its key; the number of rows written. Of summaries ``over_members``
    stands in the place of ``member``, and names a quantile or the mean.

    Regional variables leave ``dyad`` empty; a state or pillar is named in ``variable``, as in
    ``contribution:hostility``. Values have six significant digits.

    Raises ExportError for an unknown variable, and for summaries beside results that hold members.
    """
    kinds = {summarised(ds) for ds in results.values()}
    if len(kinds) > 1:
        raise ExportError("some hold members and some a summary only: write them to files of their own")
    out.write(",".join(OF_SUMMARY if True in kinds else HEADER) + "\n")
    rows = 0
    for scenario, ds in results.items():
        for name in checked(ds, wanted):
            for block in blocks(scenario, ds, name):
                out.write("".join(block))
                rows += len(block)
    return rows


def blocks(scenario: str, ds: xr.Dataset, name: str) -> Iterator[list[str]]:
    """The lines of one variable, a block for every member, or for every quantile: memory is bounded by one."""
    array = ds[_stored(ds, name)]
    dim = next((str(d) for d in array.dims if d not in ("member", "time", "bin", "fine_bin")), "")
    keys = [str(key) for key in ds[dim].values] if dim else [""]
    cells = [[name, key] if dim in ("", "dyad") else [f"{name}:{key}", ""] for key in keys]
    columns = [csv_text([cell]).removesuffix("\n") for cell in cells]
    middle = [f",{day},{column}," for day in attributes.dates(ds) for column in columns]
    for first, values in _each(ds, name):
        head = csv_text([[scenario, first]]).removesuffix("\n")
        yield [f"{head}{mid}{value:.6g}\n" for mid, value in zip(middle, values.ravel().tolist(), strict=True)]


def _each(ds: xr.Dataset, name: str) -> Iterable[tuple[int | str, Any]]:
    """Every member, or what is told over members, with its values (time, …)."""
    if summarised(ds):
        return spread(ds, name).items()
    ordered = ds[name].transpose("member", "time", ...).values
    return zip(ds["member"].values.tolist(), ordered, strict=True)


def write_netcdf(results: Mapping[str, xr.Dataset], path: Path, wanted: Sequence[str] = ()) -> None:
    """Write results to one netCDF-4 file, compressed; several get a leading dimension ``scenario`` in their order.

    Raises ExportError where results have different members, dates or dyads, ExtraMissing without the extra "netcdf".
    """
    require("netcdf", "a .nc file (a .csv needs nothing)")
    chosen = {
        name: _plain(ds[[_stored(ds, one) for one in checked(ds, wanted)]] if wanted else ds)
        for name, ds in results.items()
    }
    joined = next(iter(chosen.values())) if len(chosen) == 1 else _joined(chosen)
    packed = {str(name): {"zlib": True, "complevel": 4} for name in joined.data_vars}
    joined.to_netcdf(path, engine="netcdf4", encoding=packed)


def _plain(ds: xr.Dataset) -> xr.Dataset:
    # storage settings of Zarr mean nothing to netCDF
    clean = ds.drop_encoding()
    named = {name: c for name, c in ds.coords.items() if c.dtype.kind in "OUT" and c.ndim == 1}
    return clean.assign_coords({name: (c.dims, [str(text) for text in c.values]) for name, c in named.items()})


def _joined(chosen: Mapping[str, xr.Dataset]) -> xr.Dataset:
    import xarray as xr

    first = next(iter(chosen.values()))
    for name, ds in chosen.items():
        for dim in first.dims:
            if dim in first.coords and not np.array_equal(first[dim].values, ds[dim].values):
                raise ExportError(f"{name} has another {dim} axis: export it to a file of its own")
    index = xr.Variable("scenario", list(chosen))
    return xr.concat(list(chosen.values()), dim=index, combine_attrs="drop_conflicts", join="exact")
