"""``detente export``: results as a tidy table or as netCDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from detente import storage
from detente.cli import say
from detente.extras import require

if TYPE_CHECKING:
    import xarray as xr

FORMATS = (".csv", ".nc")
#: above this many rows the user is told how to get fewer
MANY_ROWS = 5_000_000


@click.command()
@click.argument("results", nargs=-1, required=True, metavar="RESULT...")
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="FILE.csv or FILE.nc")
@click.option("--variable", "-v", "variables", multiple=True, help="Only this variable; repeatable. Default: all.")
@click.option("--members", "-n", type=click.IntRange(1, 10_000_000), help="Only the first members.")
@click.option("--every", default=1, show_default=True, type=click.IntRange(1), help="Only every so many weeks.")
@click.option("--force", is_flag=True, help="Replace the file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    results: tuple[str, ...],
    out: Path,
    variables: tuple[str, ...],
    members: int | None,
    every: int,
    force: bool,
    as_json: bool,
) -> None:
    """Write RESULT folders to one file: scenario, member, date, variable, dyad, value (.csv), or netCDF (.nc)."""
    from detente.analysis import tidy

    if out.suffix not in FORMATS:
        raise click.UsageError(f'"{out.suffix}" is no format: name a file that ends in {" or ".join(FORMATS)}')
    if out.suffix == ".nc":
        require("netcdf", "a .nc file (a .csv needs nothing)")
    storage.ready(out)
    if out.exists() and not force:
        raise click.UsageError(f"{out} exists: replace it with --force, or choose another name")
    found = {name: tidy.thinned(ds, members, every) for name, ds in _opened(results).items()}
    rows = sum(tidy.size(ds, variables) for ds in found.values())
    if out.suffix == ".csv" and rows > MANY_ROWS:
        say.note(f"writing {rows:,} rows; fewer with --variable, --members or --every")
    _write(found, out, variables)
    if as_json:
        say.as_json({"saved": str(out), "scenarios": list(found), "rows": rows, "bytes": out.stat().st_size})
        return
    say.ending([f"{out}  ({rows:,} values)"])


def _opened(folders: tuple[str, ...]) -> dict[str, xr.Dataset]:
    from detente.experiment.store import open_result

    found: dict[str, xr.Dataset] = {}
    for folder in folders:
        ds = open_result(folder)
        name = str(ds.attrs["scenario"])
        found[Path(folder).name if name in found else name] = ds
    if len(found) < len(folders):
        raise click.UsageError("a result is named twice")
    return found


def _netcdf(found: dict[str, xr.Dataset], beside: Path, out: Path, variables: tuple[str, ...]) -> None:
    """The netCDF library says that it failed, never why."""
    from detente.analysis import tidy

    try:
        tidy.write_netcdf(found, beside, variables)
    except RuntimeError as error:
        advice = "Perhaps the disk is full: make room, or write a .csv"
        raise storage.StorageError(f"cannot write {out}: {error}. {advice}") from error


def _write(found: dict[str, xr.Dataset], out: Path, variables: tuple[str, ...]) -> None:
    from detente.analysis import tidy

    with storage.file(out) as beside:
        if out.suffix == ".csv":
            with beside.open("w", encoding="utf-8", newline="") as stream:
                tidy.write_csv(found, stream, variables)
        else:
            _netcdf(found, beside, out, variables)
