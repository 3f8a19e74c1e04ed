"""Scenarios against a base, paired by member under common random numbers.

The split of a difference (model.md §4, "Definitional against behavioural"). Contributions of the pillars sum to
the index at every point of time and member, so the difference of the index is exactly the sum of the
differences of the contributions. Its **behavioural** part is that of hostility and incidents, which respond;
its **definitional** part that of the pillars a scenario sets directly. The index joins pairs by a power mean,
so a pair that a scenario makes tenser by definition also counts for more; therefore the **behaviour-only
index** (hostility and incidents alone, weights renormalised) is compared beside it, and a headline must hold on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes, metrics, summary
from detente.analysis.chances import Change, changes
from detente.analysis.difference import Difference, cleaned, difference
from detente.analysis.metrics import Metric
from detente.analysis.pairing import caveats, first_divergence, pair, same_construction
from detente.experiment.intervals import clustered, student
from detente.prose.wording import SHARE

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


#: index points below which a difference is told but called too small to matter (assumption: half of what is printed)
NEGLIGIBLE = 0.05
#: numbers of the chance of war of the pair changed most
WAR = ("armed_base", "armed", "armed_change", "armed_low", "armed_high", "armed_ratio", "armed_verdict")
#: fields of a row that are printed as they are
PLAIN = ("scenario", "title", "base", "base_title", "measure", "date", "base_value", "value", "base_median", "median")
#: what is printed of a part of the difference, and the parts there are
KEPT = ("change", "ci_low", "ci_high", "verdict")
CRISIS = {"crisis_share": "other_ever", "base_crisis_share": "base_ever"}
PARTS = ("behavioural", "definitional", "construction", "behaviour_index", "crisis")
#: columns of a row that hold one number or word, as ``Row.as_dict`` names them
COLUMNS = (
    *(*PLAIN, "metric", *(number.name for number in fields(Difference))),
    *(f"{part}_{key}" for part in PARTS for key in KEPT),
    *("holds_on_behaviour", "negligible", "first_divergence", "paired", *CRISIS),
    *("armed_pair", *WAR),
)


@dataclass(frozen=True)
class Part:
    """One pillar or dyad of a comparison: mean level in both results and the paired difference [points].

    ``contribution`` is a dyad's exact share of the change of the regional index; None where the metric has no
    exact split over dyads. For a pillar ``difference`` is that share itself.
    """

    key: str
    label: str
    base: float
    other: float
    difference: Difference
    contribution: float | None = None
    behavioural: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        own = {k: v for k, v in self.__dict__.items() if k != "difference" and v is not None}
        return own | self.difference.as_dict()


@dataclass(frozen=True)
class LevelChance:
    """Chance of reaching one verbal level: at least once (``ever``), and in each week."""

    level: attributes.Level
    base_ever: float
    other_ever: float
    ever: Difference
    end: Difference
    base_by_week: Array = field(repr=False)
    other_by_week: Array = field(repr=False)

    def as_dict(self, weekly: bool = False) -> dict[str, Any]:
        """All numbers by name; the weekly series only on request."""
        out: dict[str, Any] = dict(self.level.__dict__)
        out["ever"] = {"base": self.base_ever, "other": self.other_ever, **self.ever.as_dict()}
        at_end = {"base": float(self.base_by_week[-1]), "other": float(self.other_by_week[-1])}
        out["at_end"] = {**at_end, **self.end.as_dict()}
        if weekly:
            out["at_each_time"] = {"base": self.base_by_week.tolist(), "other": self.other_by_week.tolist()}
        return out


@dataclass(frozen=True)
class Row:
    """One scenario against the base, both measured by the index of the base.

    Medians are of regional tension on ``date`` [points]. Where the scenario builds the index otherwise, ``rebuilt``
    names what it changes, and ``construction`` is what that adds on the same paths; it is no part of ``difference``.
    """

    scenario: str
    title: str
    base: str
    base_title: str
    metric: Metric
    measure: str
    date: str
    base_value: float
    value: float
    base_median: float
    median: float
    difference: Difference
    behavioural: Difference | None
    definitional: Difference | None
    behaviour_index: Difference
    first_divergence: str | None
    levels: tuple[LevelChance, ...]
    pillars: tuple[Part, ...]
    dyads: tuple[Part, ...]
    construction: Difference | None = None
    rebuilt: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    outbreaks: tuple[Change, ...] = ()

    @property
    def war(self) -> Change | None:
        """The pair whose chance of war changes most; None where the results hold none."""
        return self.outbreaks[1] if len(self.outbreaks) > 1 else None

    @property
    def crisis(self) -> LevelChance | None:
        """Chance of reaching the lowest level that counts as a crisis."""
        return next((chance for chance in self.levels if chance.level.crisis), None)

    @property
    def negligible(self) -> bool:
        """True where the whole interval lies within ``NEGLIGIBLE`` points of zero, whatever the verdict."""
        d = self.difference
        return self.metric.unit == "points" and max(abs(d.ci_low), abs(d.ci_high)) < NEGLIGIBLE

    @property
    def holds_on_behaviour(self) -> bool:
        """True where the behaviour-only index is told to move the same way as the metric."""
        return self.difference.is_significant and self.behaviour_index.verdict == self.difference.verdict

    def as_dict(self, weekly: bool = False) -> dict[str, Any]:
        """Everything by name, headline numbers flat, tables nested; what is not known is None, never NaN."""
        out: dict[str, Any] = {key: getattr(self, key) for key in PLAIN}
        out |= {"paired": True, "metric": str(self.metric), **self.difference.as_dict()}
        for name in PARTS:
            part = getattr(self, name) if name != "crisis" else getattr(self.crisis, "ever", None)
            out |= {f"{name}_{key}": None if part is None else getattr(part, key) for key in KEPT}
        out |= {"rebuilt": list(self.rebuilt), "holds_on_behaviour": self.holds_on_behaviour}
        out |= {"negligible": self.negligible, "first_divergence": self.first_divergence, "notes": list(self.notes)}
        out |= {key: getattr(self.crisis, at, None) for key, at in CRISIS.items()}
        war = {} if self.war is None else self.war.as_dict()
        out |= {"armed_pair": war.get("pair")} | {name: war.get(name) for name in WAR}
        out["chances"] = [change.as_dict(weekly) for change in self.outbreaks]
        out["levels"] = [chance.as_dict(weekly) for chance in self.levels]
        out |= {"pillars": [p.as_dict() for p in self.pillars], "dyads": [d.as_dict() for d in self.dyads]}
        whole: dict[str, Any] = cleaned(out)
        return whole


@dataclass(frozen=True)
class Rebuilt:
    """A scenario measured by an index of its own: the result, and the paths of what builds that index otherwise."""

    result: xr.Dataset
    changes: tuple[str, ...]


def compare(
    base: xr.Dataset,
    others: Mapping[str, xr.Dataset],
    metric: str | Metric = "mean",
    rebuilt: Mapping[str, Rebuilt] | None = None,
) -> list[Row]:
    """A row for every other result, in their order.

    ``metric`` is written as in ``metrics``; by default the mean tension of the last 26 weeks. All results are measured
    by one construction of the index; ``rebuilt`` holds, by name, those that are measured by one of their own as well.

    Raises NotComparable where two results cannot be paired, MetricError where the metric names nothing.
    """
    chosen = metrics.parse(metric) if isinstance(metric, str) else metric
    rows = [_row(name, *pair(base, other), chosen, caveats(base, other)) for name, other in others.items()]
    return [_with_construction(row, others[row.scenario], (rebuilt or {}).get(row.scenario)) for row in rows]


def _with_construction(row: Row, measured: xr.Dataset, own: Rebuilt | None) -> Row:
    """The row with what another ruler adds on the same paths."""
    if own is None:
        return row
    both = slice(row.difference.members)
    mine, yours = (metrics.values(row.metric, ds.isel(member=both)) for ds in (measured, own.result))
    added = difference(mine, yours, measured["draw"].values[both], row.metric.unit)
    return replace(row, construction=added, rebuilt=own.changes)


def _row(name: str, base: xr.Dataset, other: xr.Dataset, metric: Metric, notes: Sequence[str]) -> Row:
    mine, yours, draw = metrics.values(metric, base), metrics.values(metric, other), base["draw"].values
    ends = [float(summary.quantiles(ds["tension"].isel(time=-1).values, [0.5])[0]) for ds in (base, other)]
    return Row(
        scenario=name,
        title=str(other.attrs.get("title", name)),
        base=str(base.attrs.get("scenario", "")),
        base_title=str(base.attrs.get("title", base.attrs.get("scenario", ""))),
        metric=metric,
        measure=metrics.label(metric, base),
        date=attributes.dates(base)[-1],
        base_value=metrics.mean(mine, metric.unit),
        value=metrics.mean(yours, metric.unit),
        base_median=ends[0],
        median=ends[1],
        difference=difference(mine, yours, draw, metric.unit),
        **_split(base, other, metric),
        first_divergence=first_divergence(base, other),
        levels=levels(base, other),
        outbreaks=tuple(changes(base, other)),
        pillars=by_pillar(base, other, metric),
        dyads=by_dyad(base, other, metric),
        notes=tuple(notes),
    )


def _split(base: xr.Dataset, other: xr.Dataset, metric: Metric) -> dict[str, Any]:
    draw = base["draw"].values
    only = metrics.windowed(metric, "behaviour")
    index = difference(metrics.values(only, base), metrics.values(only, other), draw)
    mine, yours = metrics.parts(metric, base), metrics.parts(metric, other)
    if mine is None or yours is None:
        return {"behavioural": None, "definitional": None, "behaviour_index": index}
    responds = np.isin(base["pillar"].values, attributes.BEHAVIOURAL)
    halves = {"behavioural": responds, "definitional": ~responds}
    out = {name: difference(mine[:, at].sum(axis=1), yours[:, at].sum(axis=1), draw) for name, at in halves.items()}
    return {**out, "behaviour_index": index}


def unpaired(base: xr.Dataset, other: xr.Dataset, metric: str | Metric = "mean") -> dict[str, Any]:
    """The difference of two results that share no luck, over the time that both hold: change and its 95 % interval.

    The interval adds the clustered variances of both means, wide as that is. What a "why did my number change" list
    stands beside. Numbers are None where the two have no time in common; ``same_construction`` is False where they are
    measured by different rulers, of which the change then holds an unknown part.
    """
    chosen = metrics.parse(metric) if isinstance(metric, str) else metric
    shared = np.intersect1d(base["time"].values, other["time"].values)
    told = {"scenario": str(other.attrs.get("scenario")), "paired": False, "weeks": max(0, len(shared) - 1)}
    told |= {"whole": len(shared) == base.sizes["time"] == other.sizes["time"]}
    told |= {"same_construction": same_construction(base, other)}
    if not len(shared):
        return told | dict.fromkeys(("measure", "unit", "base_value", "value", "change", "ci_low", "ci_high"))
    both = [ds.sel(time=shared) for ds in (base, other)]
    each = [(metrics.values(chosen, ds), ds["draw"].values) for ds in both]
    mine, yours = (metrics.mean(values, chosen.unit) for values, _ in each)
    spread = math.hypot(*(float(clustered(values, draw).se) for values, draw in each))
    half = student(min(len(np.unique(draw)) for _, draw in each)) * spread if spread else 0.0
    told |= {"measure": metrics.label(chosen, both[0]), "unit": chosen.unit}
    told |= {"base_value": mine, "value": yours, "change": yours - mine}
    out: dict[str, Any] = cleaned(told | {"ci_low": yours - mine - half, "ci_high": yours - mine + half})
    return out


def levels(base: xr.Dataset, other: xr.Dataset) -> tuple[LevelChance, ...]:
    """Chance of reaching every verbal level of the base, in both results, which are already paired."""
    mine, yours = (np.asarray(ds["tension"].transpose("member", "time").values) for ds in (base, other))
    draw, found = base["draw"].values, []
    for level in attributes.levels(base):
        a, b = (mine >= level.edge).astype(np.float64), (yours >= level.edge).astype(np.float64)
        ever, end = _means(a.max(axis=1), b.max(axis=1), draw, SHARE), difference(a[:, -1], b[:, -1], draw, SHARE)
        found.append(LevelChance(level, *ever, end, base_by_week=a.mean(axis=0), other_by_week=b.mean(axis=0)))
    return tuple(found)


def by_pillar(base: xr.Dataset, other: xr.Dataset, metric: Metric) -> tuple[Part, ...]:
    """The metric's difference split over pillars, exactly; empty where the metric has no parts."""
    mine, yours = metrics.parts(metric, base), metrics.parts(metric, other)
    if mine is None or yours is None:
        return ()
    apart = [_means(mine[:, i], yours[:, i], base["draw"].values) for i in range(mine.shape[1])]
    named = zip([str(name) for name in base["pillar"].values], apart, strict=True)
    return tuple(Part(name, name, *means, behavioural=name in attributes.BEHAVIOURAL) for name, means in named)


def by_dyad(base: xr.Dataset, other: xr.Dataset, metric: Metric) -> tuple[Part, ...]:
    """Tension of every dyad over the metric's window, largest change first, with its share of the regional change."""
    if "tension_dyad" not in base or "tension_dyad" not in other:
        return ()
    both = [str(key) for key in base["dyad"].values if key in other["dyad"].values]
    mine, yours = (metrics.by_dyad(metric, _of_dyads(ds, both)) for ds in (base, other))
    shares = cells(base, other, metric)
    summed = {} if shares is None else {str(k): float(v) for k, v in zip(both, shares.sum(axis=1), strict=True)}
    apart = [_means(mine[:, i], yours[:, i], base["draw"].values) for i in range(len(both))]
    named = zip(both, apart, strict=True)
    found = [Part(key, attributes.dyad_label(base, key), *means, summed.get(key)) for key, means in named]
    return tuple(sorted(found, key=lambda part: -abs(part.difference.change)))


def _of_dyads(ds: xr.Dataset, keys: Sequence[str]) -> xr.Dataset:
    """What is measured of these dyads; copied only where there are others."""
    found = ds[["tension_dyad"]]
    return found if np.array_equal(ds["dyad"].values, keys) else found.sel(dyad=keys)


def _means(
    mine: Array, yours: Array, draw: NDArray[np.integer], unit: str = "points"
) -> tuple[float, float, Difference]:
    """Mean of both, and the paired difference; all (member,)."""
    return float(mine.mean()), float(yours.mean()), difference(mine, yours, draw, unit)


def cells(base: xr.Dataset, other: xr.Dataset, metric: Metric) -> Array | None:
    """The change of regional tension split exactly over dyads and pillars, shape (dyad, pillar) [points].

    From the stored ensemble means, so only where the metric is a mean of regional tension and both results
    hold the same dyads; None elsewhere, and None for a selection of the members that were run.
    """
    same = np.array_equal(base["dyad"].values, other["dyad"].values)
    whole = all(int(ds.attrs.get("members", -1)) == ds.sizes["member"] for ds in (base, other))
    if metric.what != "tension" or not metric.linear or not same or not whole:
        return None
    mean = "mean_contribution"
    rows = metrics.rows(metric.window, base.sizes["time"])
    mine, yours = (
        ds[mean].transpose("time", "dyad", "pillar").values[rows].mean(axis=0, dtype=np.float64) for ds in (base, other)
    )
    return np.asarray(yours - mine)
