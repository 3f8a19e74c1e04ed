"""What the page shows of one result beside its base: numbers, series over time, and the sentences they support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import chances, claims, metrics, summary
from detente.analysis.compare import Row, compare
from detente.analysis.difference import cleaned
from detente.experiment.intervals import clustered
from detente.prose.templates import said
from detente.prose.wording import the

if TYPE_CHECKING:
    import xarray as xr

#: decimals of what is drawn; what is printed is not rounded here
DRAWN = 4
#: pairs whose chances of war are listed
PAIRS = 6


def answer(base: xr.Dataset, other: xr.Dataset, name: str) -> dict[str, Any]:
    """Everything that is shown of ``other`` against ``base``; ``summary`` is what ``detente run --json`` prints.

    Both have the same members. Where they are one and the same there is nothing to compare: ``row`` is None.
    """
    told = summary.summary(other)
    row = None if other is base else compare(base, {name: other})[0]
    found: dict[str, Any] = cleaned(
        {
            "members": int(other.sizes["member"]),
            "summary": told,
            "base": summary.summary(base),
            "sentences": sentences(row, told),
            "row": None if row is None else row.as_dict(),
            "fan": {"yours": _drawn(summary.bands(other)), "base": _drawn(summary.bands(base))},
            "difference": None if row is None else _apart(base, other),
            "war": _war(base, other),
            "pillars": _pillars(base, other),
            "pairs": _pairs(base, other),
            "states": {"yours": _states(other), "base": _states(base)},
            "counterfactual": bool(other.attrs["counterfactual"]),
        }
    )
    return found


def sentences(row: Row | None, told: Mapping[str, Any]) -> list[str]:
    """What the numbers support, the first sentence the title; no direction without an interval that leaves out zero."""
    change = None if row is None or not row.outbreaks else row.outbreaks[0].as_dict()
    base = "" if row is None else the(row.base_title)
    facts = {"s": told, "change": change, "base": base, "standing": chances.STANDING}
    war = said("whatif.j2", "war", **facts) if told["chances"] else []
    if row is None:
        return [*said("whatif.j2", "course", **facts), " ".join(war)]
    crisis = claims.crisis(row)
    return [str(claims.headline(row)), *([str(crisis)] if crisis else []), " ".join(war)]


def _drawn(series: Mapping[str, NDArray[Any]]) -> dict[str, list[float]]:
    return {name: np.round(values, DRAWN).tolist() for name, values in series.items()}


def _apart(base: xr.Dataset, other: xr.Dataset) -> dict[str, Any]:
    """The paired difference of every week with its 95 % interval, points."""
    both = (ds["tension"].transpose("time", "member").values for ds in (other, base))
    found = clustered(np.subtract(*both), base["draw"].values)
    return _drawn({"mean": found.mean, "low": found.low, "high": found.high})


def _war(base: xr.Dataset, other: xr.Dataset) -> dict[str, Any]:
    """Chances by the end, of any pair and of the likeliest, of both; and of any pair by quarter."""
    rows = {row.pair: row.as_dict() for row in chances.chances(other)[: PAIRS + 1]}
    before = {row.pair: row.as_dict() for row in chances.chances(base)}
    changes = {row.pair: row.as_dict() for row in chances.changes(base, other)} if other is not base else {}
    return {
        "rows": [{"yours": row, "base": before.get(key), "change": changes.get(key)} for key, row in rows.items()],
        "standing": chances.STANDING,
    }


def _pillars(base: xr.Dataset, other: xr.Dataset) -> list[dict[str, Any]]:
    """Mean contribution of every pillar to the index over the last weeks, points."""
    both = [metrics.reduced(ds["contribution"].values, metrics.Metric().window).mean(axis=0) for ds in (base, other)]
    names = [str(name) for name in other["pillar"].values]
    return [{"key": k, "base": float(a), "yours": float(b)} for k, a, b in zip(names, *both, strict=True)]


def _pairs(base: xr.Dataset, other: xr.Dataset) -> list[dict[str, Any]]:
    """Mean tension of every pair over the last weeks, points, tensest first."""
    both = [metrics.by_dyad(metrics.Metric(), ds).mean(axis=0) for ds in (base, other)]
    names = [str(name) for name in other["dyad"].values]
    found = [{"key": k, "base": float(a), "yours": float(b)} for k, a, b in zip(names, *both, strict=True)]
    return sorted(found, key=lambda pair: -float(pair["yours"]))


def _states(ds: xr.Dataset) -> dict[str, float]:
    """Mean tension around every actor over the last weeks, points."""
    weekly = ds["tension_state"].transpose("member", "time", "state").values
    means = metrics.reduced(weekly, metrics.Metric().window).mean(axis=0)
    return {str(name): float(mean) for name, mean in zip(ds["state"].values, means, strict=True)}
