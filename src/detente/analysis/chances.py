"""Chances of crisis and of war, of each pair and of any: not counted, but the weekly chances of every member added up.

The sum over the weeks until the event has the chance of the event as its mean over members (laws/regimes.py), so that
its interval and its paired differences are far narrower than those of counts, which stand beside it as a check. The
level of these chances is an assumption; ratios are what the model says, and their signs are built in.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes
from detente.analysis.difference import Difference, cleaned, difference
from detente.experiment.intervals import by_draw, clustered
from detente.prose.wording import SHARE

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: the row that stands for all pairs together
ANY = "any"
#: what is said wherever a level of these chances is printed
STANDING = "the level is an assumption, the ratios are what the model says"
#: lowest and highest of the middle 80 % of parameter draws
RANGE = (0.1, 0.9)
#: regimes from which on a pair is in crisis, and at war
TENSE, ARMED = 1, 2


@dataclass(frozen=True)
class Chance:
    """Chances of a pair by the last date: of a crisis and of war, with their 95 % intervals, the range of the chance
    of war over the middle 80 % of the parameter draws, and the share of members in which there was one."""

    pair: str
    label: str
    crisis: float
    crisis_low: float
    crisis_high: float
    armed: float
    armed_low: float
    armed_high: float
    armed_range_low: float
    armed_range_high: float
    counted_crisis: float
    counted: float

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name, None for what a single draw cannot say."""
        told: dict[str, Any] = cleaned(asdict(self))
        return told


@dataclass(frozen=True)
class Change:
    """The chance of war of a pair in another result against the base: paired, with its interval and their ratio.

    ``ratio`` is how many times as likely war is in the other result, with its 95 % interval; None where war is
    impossible in one of the two, or the interval is not known.
    ``by_date`` holds the chances of a crisis and of war by each quarter, event -> base and other.
    """

    pair: str
    label: str
    base: float
    other: float
    crisis: Difference
    armed: Difference
    by_date: dict[str, dict[str, list[float]]] = field(repr=False)
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None

    def as_dict(self, weekly: bool = False) -> dict[str, Any]:
        """Numbers by name, as ``detente compare --json`` prints them; chances by date only on request."""
        told = {"pair": self.pair, "label": self.label, "armed_base": self.base, "armed": self.other}
        for name, part in (("crisis", self.crisis), ("armed", self.armed)):
            told |= {f"{name}_change": part.change, f"{name}_low": part.ci_low, f"{name}_high": part.ci_high}
        told |= {"armed_ratio": self.ratio, "armed_ratio_low": self.ratio_low, "armed_ratio_high": self.ratio_high}
        told |= {"armed_verdict": self.armed.verdict}
        return told | ({"at_each_quarter": self.by_date} if weekly else {})


def stored(ds: xr.Dataset) -> bool:
    """Whether a result holds the chances of every member; one from before there were regimes does not."""
    return "armed_chance" in ds and "member" in ds["armed_chance"].dims


def chances(ds: xr.Dataset) -> list[Chance]:
    """A row for any pair, then one for each, likeliest war first; empty where the result holds none."""
    if not stored(ds):
        return []
    rows = [_chance(ds, key) for key in (ANY, *map(str, ds["dyad"].values))]
    return [rows[0], *sorted(rows[1:], key=lambda row: -row.armed)]


def by_date(ds: xr.Dataset, event: str, pair: str = ANY) -> Array:
    """The weekly chances of a pair added up to each date of ``quarter``, (member, quarter)."""
    if pair == ANY:
        return np.asarray(ds[f"any_{event}_chance"].transpose("member", "quarter").values, dtype=np.float64)
    one = ds[f"{event}_chance"].sel(dyad=pair).transpose("member", "quarter")
    return np.asarray(one.values, dtype=np.float64)


def counted(ds: xr.Dataset, least: int, pair: str = ANY) -> float:
    """Share of members in which a pair, or any, was at least once in a regime of at least ``least``."""
    regime = ds["regime"] if pair == ANY else ds["regime"].sel(dyad=[pair])
    return float((regime >= least).any(("time", "dyad")).mean("member"))


def _chance(ds: xr.Dataset, pair: str) -> Chance:
    draw = ds["draw"].values
    crisis, armed = (by_date(ds, event, pair)[:, -1] for event in ("crisis", "armed"))
    of_crisis, of_war = clustered(crisis, draw), clustered(armed, draw)
    sums, sizes = by_draw(armed, draw)
    low, high = np.quantile(sums / sizes, RANGE)
    return Chance(
        pair=pair,
        label="any pair" if pair == ANY else attributes.dyad_label(ds, pair),
        crisis=_share(of_crisis.mean),
        crisis_low=_share(of_crisis.low),
        crisis_high=_share(of_crisis.high),
        armed=_share(of_war.mean),
        armed_low=_share(of_war.low),
        armed_high=_share(of_war.high),
        armed_range_low=_share(low),
        armed_range_high=_share(high),
        counted_crisis=counted(ds, TENSE, pair),
        counted=counted(ds, ARMED, pair),
    )


def _share(value: Any) -> float:
    """An estimate of a chance, kept where chances are; what chance left out is not a number."""
    return float(np.clip(value, 0.0, 1.0))


def changes(base: xr.Dataset, other: xr.Dataset) -> list[Change]:
    """How the chances of any pair and of each change, largest change of the chance of war first after ``any``; the two
    are paired already. Empty where one of them holds none."""
    if not (stored(base) and stored(other)):
        return []
    both = [str(key) for key in base["dyad"].values if key in other["dyad"].values]
    rows = [_change(base, other, key) for key in (ANY, *both)]
    return [rows[0], *sorted(rows[1:], key=lambda row: -abs(row.armed.change))]


def _change(base: xr.Dataset, other: xr.Dataset, pair: str) -> Change:
    draw = base["draw"].values
    both = {event: [by_date(ds, event, pair) for ds in (base, other)] for event in ("crisis", "armed")}
    crisis, armed = (difference(mine[:, -1], yours[:, -1], draw, SHARE) for mine, yours in both.values())
    ratio, low, high = ratio_of(both["armed"][0][:, -1], both["armed"][1][:, -1], draw)
    means = {event: [np.clip(one.mean(axis=0), 0.0, 1.0).tolist() for one in two] for event, two in both.items()}
    return Change(
        pair=pair,
        label="any pair" if pair == ANY else attributes.dyad_label(base, pair),
        base=means["armed"][0][-1],
        other=means["armed"][1][-1],
        crisis=crisis,
        armed=armed,
        by_date={event: dict(zip(("base", "other"), two, strict=True)) for event, two in means.items()},
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
    )


def ratio_of(
    base: Array, other: Array, draw: NDArray[np.integer[Any]]
) -> tuple[float | None, float | None, float | None]:
    """Ratio of two means over the same members, and its 95 % interval: the log of a ratio by its linear terms."""
    mine, yours = float(base.mean()), float(other.mean())
    if not mine > 0:
        return None, None, None
    if not yours > 0:
        return 0.0, None, None
    apart = clustered(other / yours - base / mine, draw)
    if math.isnan(apart.low):
        return yours / mine, None, None
    return yours / mine, yours / mine * math.exp(apart.low), yours / mine * math.exp(apart.high)


def table(ds: xr.Dataset) -> dict[str, list[Any]]:
    """Chances by date, column by column: date, and for any pair and each the chance of crisis and of war by then."""
    if "armed_chance" not in ds:
        return {}
    days = [str(day) for day in ds["quarter"].values.astype("datetime64[D]")]
    columns: dict[str, list[Any]] = {"date": days}
    for key in (ANY, *map(str, ds["dyad"].values)):
        for event in ("crisis", "armed"):
            chance = ds[f"any_{event}_chance"] if key == ANY else ds[f"{event}_chance"].sel(dyad=key)
            mean = chance.mean("member") if "member" in chance.dims else chance
            columns[f"{event} {key}"] = np.clip(mean.values.astype(np.float64), 0.0, 1.0).tolist()
    return columns
