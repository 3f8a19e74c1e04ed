"""One result in a few numbers: quantiles, verbal level, chance of crisis, tensest pair, the summary table.

Works on a whole result and on one of which only the summary was kept (quantiles instead of members).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes, chances, metrics
from detente.experiment import histograms
from detente.prose.table import csv_text as table_text
from detente.prose.wording import counted, fixed, in_100, month, per_hundred

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: column of the summary table -> quantile
BANDS = {"median": 0.5, "p10": 0.1, "p90": 0.9, "p2.5": 0.025, "p97.5": 0.975, "p25": 0.25, "p75": 0.75}


def quantiles(samples: NDArray[Any], shares: Sequence[float]) -> Array:
    """Quantiles over the first axis by sorting once and picking; shape (share, …).

    Between two order statistics the middle of them is taken (so the median is the usual one, and the
    quantile of the negative is the negative of the mirrored quantile). Sort-and-pick is several times
    cheaper than ``np.quantile``, which interpolates and copies.
    """
    ordered = np.sort(samples, axis=0)
    at = np.asarray(shares, dtype=np.float64) * (len(ordered) - 1)
    low, high = np.floor(at + 1e-9).astype(int), np.ceil(at - 1e-9).astype(int)
    return np.asarray((ordered[low].astype(np.float64) + ordered[high]) / 2)


def over_time(ds: xr.Dataset, shares: Sequence[float], variable: str = "tension") -> Array:
    """Quantiles of a variable in each week, (share, time, …) [points]; of a summary from its histograms, off by less
    than their bins: 0.025 points for the region, 0.25 for a pair, a state or a pillar."""
    if variable in ds:
        return quantiles(ds[variable].transpose("member", "time", ...).values, shares)
    counts = ds[f"{variable}_counts"]
    return histograms.quantiles(counts.transpose("time", ...).values, shares)


def spread(ds: xr.Dataset, variable: str = "tension") -> dict[str, Array]:
    """Quantiles as in ``BANDS`` and the mean of a variable in each week [points], each (time, …), of a summary."""
    found = over_time(ds, list(BANDS.values()), variable)
    means = {
        "tension": lambda: ds["tension_mean"],
        "contribution": lambda: ds["mean_contribution"].sum("dyad"),
        "tension_dyad": lambda: ds["mean_pillar"].sum("pillar"),
        "tension_state": lambda: ds["mean_state"],
    }
    return dict(zip(BANDS, found, strict=True)) | {"mean": means[variable]().transpose("time", ...).values}


def members_of(ds: xr.Dataset) -> int:
    """How many members there are, or were where only their summary is kept."""
    return int(ds.sizes.get("member", ds.attrs.get("members", 0)))


def bands(ds: xr.Dataset) -> dict[str, Array]:
    """Quantiles of regional tension in each week [points], by name as in ``BANDS``, each of shape (time,)."""
    if "tension" in ds:
        found = over_time(ds, list(BANDS.values()))
    else:
        kept = ds["tension_quantile"].transpose("quantile", "time").values
        found = kept[[int(np.abs(ds["quantile"].values - share).argmin()) for share in BANDS.values()]]
    return dict(zip(BANDS, found, strict=True))


def mean(ds: xr.Dataset) -> Array:
    """Mean regional tension in each week [points], shape (time,)."""
    return np.asarray(ds["tension"].mean("member").values if "tension" in ds else ds["tension_mean"].values)


def crisis(ds: xr.Dataset, *, so_far: bool = False) -> Array:
    """Share of members in crisis in each week, or in one so far, (time,); NaN where no level is a crisis."""
    level = attributes.crisis(ds)
    if level is None:
        return np.full(ds.sizes["time"], np.nan)
    if "tension" not in ds:
        return np.asarray(ds["crisis_so_far" if so_far else "crisis_by_week"].values)
    above = ds["tension"].transpose("member", "time").values.astype(np.float64) >= level.edge
    return np.asarray((np.logical_or.accumulate(above, axis=1) if so_far else above).mean(axis=0))


def crisis_share(ds: xr.Dataset) -> float | None:
    """Share of members whose regional index reaches the crisis edge at least once."""
    return None if attributes.crisis(ds) is None else float(crisis(ds, so_far=True)[-1])


def tensest_dyad(ds: xr.Dataset) -> dict[str, Any] | None:
    """Key, label and median [points] of the dyad with the highest median in the last week; None without dyads."""
    if not ds.sizes.get("dyad"):
        return None
    if "tension_dyad" in ds:
        last = quantiles(ds["tension_dyad"].isel(time=-1).transpose("member", "dyad").values, [0.5])[0]
    else:
        last = ds["dyad_median"].values
    key = str(ds["dyad"].values[int(last.argmax())])
    return {"key": key, "label": attributes.dyad_label(ds, key), "median": float(last.max())}


def tensest_of_window(ds: xr.Dataset) -> dict[str, Any] | None:
    """As ``tensest_dyad``, by the mean over runs and over the last weeks, as comparisons measure it."""
    if not ds.sizes.get("dyad") or not metrics.holds(ds, "tension_dyad"):
        return None
    means = metrics.by_dyad(metrics.Metric(), ds).mean(axis=0)
    key = str(ds["dyad"].values[int(means.argmax())])
    return {"key": key, "label": attributes.dyad_label(ds, key), "mean": float(means.max())}


def summary(ds: xr.Dataset) -> dict[str, Any]:
    """The headline numbers of one result, as ``detente run --json`` prints them; tension in points."""
    found = bands(ds)
    tension = {name: float(found[name][-1]) for name in ("median", "p10", "p90")}
    level = attributes.level_of(ds, tension["median"])
    return {
        "tension": {"date": attributes.dates(ds)[-1], **tension, "start": float(found["median"][0])},
        "level": None if level is None else level.label,
        "crisis_share": crisis_share(ds),
        "tensest_dyad": tensest_dyad(ds),
        "chances": [row.as_dict() for row in chances.chances(ds)],
    }


def lines(ds: xr.Dataset) -> list[str]:
    """The headline numbers in words, one line each, in natural frequencies."""
    told, members = summary(ds), members_of(ds)
    t = told["tension"]
    spread = f"({spread_in(ds, -1)};  start: {fixed(t['start'], 0)})"
    level = f"  {told['level']}" if told["level"] else ""
    out = [f"Tension, {month(t['date'])}     {fixed(t['median'], 0)}{level}   {spread}"]
    if told["crisis_share"] is not None:
        out.append(f"Reaches crisis        {in_100(told['crisis_share'], members, 'runs')}")
    if told["tensest_dyad"]:
        out.append(f"Tensest pair          {told['tensest_dyad']['label']}  {fixed(told['tensest_dyad']['median'], 0)}")
    return [*out, *_of_war(told["chances"])]


def _of_war(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The chance of war of any pair and of the likeliest, and what the level is worth."""
    told = [row for row in rows[:2] if row["armed_high"] is None or row["armed_high"] > 0]
    out = [
        f"{'Chance of war' if n == 0 else '':<22}{row['label']} "
        f"{per_hundred(row['armed'], row['armed_low'], row['armed_high'])}"
        for n, row in enumerate(told)
    ]
    return [*out, f"{'':<22}{chances.STANDING}"] if out else []


def heading(ds: xr.Dataset) -> list[str]:
    """What ``detente run`` prints: title and size, the headline numbers, whether it changes the record."""
    attrs = ds.attrs
    spent = f" · {ds.encoding['seconds']:.1f} s" if "seconds" in ds.encoding else ""
    size = f"{counted(members_of(ds), 'member')} × {counted(int(attrs['weeks']), 'week')}"
    against = ["Counterfactual: this scenario changes the record."] if attrs["counterfactual"] else []
    engine = attributes.engine(ds)
    other = f" · engine {engine}" if engine != "numpy" else ""
    head = f"{attrs['title']} · {size} · seed {attrs['seed']}{other}{spent}"
    return [head, *(f"  {line}" for line in (*lines(ds), *against))]


#: runs from which on their middle is told; of fewer, the lowest and the highest
FEW = 10


def spread_in(ds: xr.Dataset, week: int) -> str:
    """How far the runs lie apart in a week of the run; of one run nothing lies apart."""
    members = members_of(ds)
    if members == 1:
        return "one run: no spread"
    if members < FEW and "tension" in ds:
        values = ds["tension"].isel(time=week).values
        return f"the {members} runs: {fixed(values.min(), 0)} to {fixed(values.max(), 0)}"
    low, high = (bands(ds)[name][week] for name in ("p10", "p90"))
    share = "80 in 100 runs" if members >= 100 else f"the middle 80% of {members} runs"
    return f"{share}: {fixed(low, 0)} to {fixed(high, 0)}"


def table(ds: xr.Dataset) -> dict[str, list[Any]]:
    """The summary table, column by column: date, quantiles and mean [points], shares in crisis now and so far."""
    columns: dict[str, list[Any]] = {"date": attributes.dates(ds)}
    columns |= {name: band.tolist() for name, band in bands(ds).items()} | {"mean": mean(ds).tolist()}
    return columns | {"crisis_share": crisis(ds).tolist(), "crisis_so_far": crisis(ds, so_far=True).tolist()}


def csv_text(columns: dict[str, list[Any]]) -> str:
    """The summary table as CSV."""
    return table_text([columns, *zip(*columns.values(), strict=True)])
