"""What the page shows of one result beside its base: numbers, series over time, and the sentences they support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Shown:
    """What is shown of one result, whatever it is held against; ``summary`` is what ``detente run --json`` prints.

    Means are over the last weeks, in points, by name of pillar, pair and actor.
    """

    data: xr.Dataset
    summary: dict[str, Any]
    bands: dict[str, list[float]]
    pillars: dict[str, float]
    pairs: dict[str, float]
    states: dict[str, float]


def shown(ds: xr.Dataset) -> Shown:
    """The numbers of one result."""
    pillars = ds["contribution"].transpose("member", "time", "pillar").values
    states = ds["tension_state"].transpose("member", "time", "state").values
    over = metrics.Metric().window
    return Shown(
        ds,
        summary.summary(ds),
        _drawn(summary.bands(ds)),
        _means(ds["pillar"].values, metrics.reduced(pillars, over)),
        _means(ds["dyad"].values, metrics.by_dyad(metrics.Metric(), ds)),
        _means(ds["state"].values, metrics.reduced(states, over)),
    )


def answer(base: Shown, other: Shown, name: str) -> dict[str, Any]:
    """Everything that is shown of ``other`` against ``base``.

    Both have the same members. Where they are one and the same there is nothing to compare: ``row`` is None.
    """
    row = None if other is base else compare(base.data, {name: other.data})[0]
    found: dict[str, Any] = cleaned(
        {
            "members": int(other.data.sizes["member"]),
            "engine": str(other.data.attrs["engine"]),
            "summary": other.summary,
            "base": base.summary,
            "sentences": sentences(row, other.summary),
            "row": None if row is None else row.as_dict(),
            "fan": {"yours": other.bands, "base": base.bands},
            "difference": None if row is None else _apart(base.data, other.data),
            "war": _war(base.summary, other.summary, row),
            "pillars": _both(base.pillars, other.pillars),
            "pairs": sorted(_both(base.pairs, other.pairs), key=lambda pair: -float(pair["yours"])),
            "states": {"yours": other.states, "base": base.states},
            "counterfactual": bool(other.data.attrs["counterfactual"]),
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


def _war(base: Mapping[str, Any], other: Mapping[str, Any], row: Row | None) -> dict[str, Any]:
    """Chances by the end, of any pair and of the likeliest, of both, and how they change."""
    before = {one["pair"]: one for one in base["chances"]}
    changes = {} if row is None else {one.pair: one.as_dict() for one in row.outbreaks}
    rows = [
        {"yours": one, "base": before.get(one["pair"]), "change": changes.get(one["pair"])}
        for one in other["chances"][: PAIRS + 1]
    ]
    return {"rows": rows, "standing": chances.STANDING}


def _means(names: NDArray[Any], values: NDArray[Any]) -> dict[str, float]:
    """Means over members of ``values`` (member, name)."""
    return {str(name): float(mean) for name, mean in zip(names, values.mean(axis=0), strict=True)}


def _both(base: Mapping[str, float], other: Mapping[str, float]) -> list[dict[str, Any]]:
    return [{"key": key, "base": base.get(key), "yours": value} for key, value in other.items()]
