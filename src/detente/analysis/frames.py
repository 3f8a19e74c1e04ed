"""Results as pandas frames: tidy, one row an observation, one column a variable; ``attrs["units"]`` has the units."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import attributes, metrics, summary
from detente.analysis.compare import COLUMNS, Row
from detente.errors import DetenteError
from detente.vocabulary import VARIABLES

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: what a row is of, beside scenario, member and date -> the axes of the variables in its columns
AXES = {
    "region": ("member", "time"),
    "pillar": ("member", "time", "pillar"),
    "dyad": ("member", "time", "dyad"),
    "state": ("member", "time", "state"),
}
#: what a summary tells of each of these, in quantiles and the mean
SPREAD = {"region": "tension", "pillar": "contribution", "dyad": "tension_dyad", "state": "tension_state"}
#: a row for every scenario and date: quantiles, mean and shares over members
WEEK = "week"
LABELS = {"dyad": attributes.dyad_label, "state": attributes.actor_label}
SHARES = ("crisis_share", "crisis_so_far")


class FrameError(DetenteError, ValueError):
    """A frame that the results do not hold."""


def of_results(results: Mapping[str, xr.Dataset], by: str) -> pd.DataFrame:
    """The rows of every result under its key. ``by``: "region", "pillar", "dyad", "state" or "week".

    Of a summary there is no row for each member, and columns of quantiles and the mean over members instead.
    Raises FrameError for another word, and where a summary of an older version holds nothing but "week".
    """
    import pandas as pd

    if not results:
        raise FrameError("no result is given")
    if by != WEEK and by not in AXES:
        raise FrameError(f'no frame by "{by}": there are {", ".join((*AXES, WEEK))}')
    parts = [_weekly(ds) if by == WEEK else _each(ds, by) for ds in results.values()]
    for name, part in zip(results, parts, strict=True):
        part.insert(0, "scenario", name)
    whole = pd.concat(parts, ignore_index=True)
    for column in {"scenario", "pillar", "dyad", "state", "label"} & set(whole.columns):
        whole[column] = pd.Categorical(whole[column], categories=pd.unique(whole[column]))
    whole.attrs["units"] = _units(whole.columns)
    return whole


def _each(ds: xr.Dataset, by: str) -> pd.DataFrame:
    return _over_members(ds, by) if metrics.summarised(ds) else _by_member(ds, by)


def _over_members(ds: xr.Dataset, by: str) -> pd.DataFrame:
    """A row for every date and, by "pillar", "dyad" or "state", each of these."""
    import pandas as pd

    told, keys = summary.spread(ds, SPREAD[by]), [] if by == "region" else [str(key) for key in ds[by].values]
    rows = {"date": ds["time"].values.repeat(max(1, len(keys)))}
    if keys:
        rows |= {by: np.tile(np.array(keys, dtype=object), ds.sizes["time"])}
    if by in LABELS:
        rows["label"] = np.array([LABELS[by](ds, key) for key in keys] * ds.sizes["time"], dtype=object)
    return pd.DataFrame(rows | {name: values.ravel() for name, values in told.items()})


def _by_member(ds: xr.Dataset, by: str) -> pd.DataFrame:
    axes = AXES[by]
    names = [name for name, variable in VARIABLES.items() if variable.dims == axes and name in ds]
    if not names:
        raise FrameError(f'{ds.attrs.get("scenario", "the result")} holds a summary only: by="{WEEK}" has it')
    rows = ds[names].to_dataframe(dim_order=list(axes)).reset_index().rename(columns={"time": "date"})
    first = ["member", "draw", "date", *axes[2:]]
    if by in LABELS:
        rows["label"] = rows[by].map({key: LABELS[by](ds, key) for key in map(str, ds[by].values)})
        first.append("label")
    return rows[[*first, *names]]


def _weekly(ds: xr.Dataset) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(summary.table(ds) | {"date": ds["time"].values})


def _units(columns: Sequence[Any]) -> dict[str, str]:
    """Of every column that holds a number with a unit."""
    points = dict.fromkeys((*summary.BANDS, "mean"), "index points")
    known = {name: variable.unit for name, variable in VARIABLES.items()} | points | dict.fromkeys(SHARES, "share")
    return {str(column): known[column] for column in columns if column in known}


def of_rows(rows: Sequence[Row]) -> pd.DataFrame:
    """A comparison, one row a scenario: see ``analysis.compare.COLUMNS``; ``unit`` is that of the metric."""
    import pandas as pd

    told = [{column: row.as_dict()[column] for column in COLUMNS} for row in rows]
    return pd.DataFrame(told, columns=list(COLUMNS))


def of_experiment(data: xr.Dataset) -> pd.DataFrame:
    """A finished experiment, one row a point and member: what was chosen and drawn there, then every metric.

    A parameter stands in the column of its path; it is NaN where it was left to the scenario.
    Raises FrameError where only the summary was kept.
    """
    listed = json.loads(data.attrs["metrics"])
    kept = [name for name in listed if name in data]
    if not kept:
        raise FrameError(f"{data.attrs['experiment']} kept a summary only: run it again without --keep summary")
    rows = data[kept].to_dataframe(dim_order=["point", "member"]).reset_index()
    chosen = ["point", "sample", "scenario", "theory", *(name for name in rows if str(name).startswith("lever_"))]
    drawn = {str(path): data["value"].sel(factor=path).values for path in data["factor"].values}
    for path, values in drawn.items():
        rows[path] = values.repeat(data.sizes["member"])
    texts = json.loads(data.attrs["metric_texts"])
    whole = rows[[*chosen, *drawn, "member", "draw", *kept]]
    whole.attrs["units"] = _drawn_units(data) | {name: metrics.parse(texts[name]).unit for name in kept}
    return whole


def _drawn_units(data: xr.Dataset) -> dict[str, str]:
    spreads = {factor["path"]: factor["spreads"] for factor in json.loads(data.attrs["factors"])}
    return {path: next(iter(spreads[path].values()))["unit"] for path in map(str, data["factor"].values)}
