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
from detente.experiment.intervals import Interval, by_draw, clustered, of_sums
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
#: what a pair may come to, and what is estimated of it, by the names of ``Chance``
EVENTS = ("crisis", "armed")
ESTIMATES = (
    *(f"{event}{end}" for event in EVENTS for end in ("", "_low", "_high")),
    "armed_range_low",
    "armed_range_high",
)


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
    """Whether a result holds the chances of every member, or in a summary of every draw; one from before there were
    regimes does not."""
    return _summed(ds) or ("armed_chance" in ds and "member" in ds["armed_chance"].dims)


def chances(ds: xr.Dataset) -> list[Chance]:
    """A row for any pair, then one for each, likeliest war first; empty where the result holds none."""
    if not stored(ds):
        return []
    rows = [_chance(ds, key) for key in (ANY, *map(str, ds["dyad"].values))]
    return [rows[0], *sorted(rows[1:], key=lambda row: -row.armed)]


def by_date(ds: xr.Dataset, event: str, pair: str = ANY) -> Array:
    """The weekly chances of a pair added up to each date of ``quarter``, (member, quarter)."""
    return _of(ds, f"{event}_chance", pair, "member", "quarter")


def at_end(ds: xr.Dataset, event: str, pair: str = ANY) -> Array:
    """The weekly chances of a pair added up to the end, (member,)."""
    if _summed(ds):
        return _of(ds, f"{event}_chance_end", pair, "member")
    return by_date(ds, event, pair)[:, -1]


def mean(ds: xr.Dataset, event: str, pair: str = ANY) -> Array:
    """The chance of a pair by each date of ``quarter``, (quarter,)."""
    if _summed(ds):
        return _of(ds, f"{event}_chance", pair, "quarter")
    return np.asarray(by_date(ds, event, pair).mean(axis=0))


def interval(ds: xr.Dataset, event: str, pair: str = ANY) -> Interval:
    """The chance of a pair by each date of ``quarter``, with its 95 % interval, each (quarter,)."""
    if _summed(ds):
        return of_sums(*_by_draw(ds, event, pair))
    return clustered(by_date(ds, event, pair).T, ds["draw"].values)


def over_draws(ds: xr.Dataset, event: str, pair: str = ANY) -> Array:
    """The chance of a pair by each date in every parameter draw, (quarter, draw)."""
    sums, sizes = _by_draw(ds, event, pair)
    return np.asarray(sums / sizes)


def _by_draw(ds: xr.Dataset, event: str, pair: str) -> tuple[Array, Array]:
    """Sums over the members of every draw, (quarter, draw), and their number, (draw,)."""
    draw = ds["draw"].values
    if _summed(ds):
        sums = _of(ds, f"{event}_chance_sums", pair, "quarter", "parameter_draw")
        return sums, np.bincount(draw).astype(np.float64)
    return by_draw(by_date(ds, event, pair).T, draw)


def _summed(ds: xr.Dataset) -> bool:
    """Whether a summary holds sums over draws in place of what each member has by quarter."""
    return "armed_chance_sums" in ds


def _of(ds: xr.Dataset, name: str, pair: str, *axes: str) -> Array:
    if pair == ANY:
        return np.asarray(_values(ds, f"any_{name}", *axes), dtype=np.float64)
    return np.asarray(_values(ds, name, "dyad", *axes)[_row(ds, pair)], dtype=np.float64)


def _values(ds: xr.Dataset, name: str, *axes: str) -> NDArray[Any]:
    """A variable with its axes in this order; a view, which xarray takes longer to cut out than a pair to sum."""
    variable = ds.variables[name]
    return np.transpose(variable.values, [variable.dims.index(axis) for axis in axes])


def _row(ds: xr.Dataset, pair: str) -> int:
    """Where a pair stands."""
    return int(ds.variables["dyad"].values.tolist().index(pair))


def counted(ds: xr.Dataset, least: int, pair: str = ANY) -> float:
    """Share of members in which a pair, or any, was at least once in a regime of at least ``least``."""
    if "regime" not in ds:
        event = EVENTS[least - 1]
        return float(ds[f"counted_any_{event}"] if pair == ANY else ds[f"counted_{event}"][{"dyad": _row(ds, pair)}])
    regime = _values(ds, "regime", "dyad", "time", "member")
    own = regime if pair == ANY else regime[_row(ds, pair) :][:1]
    return float((own >= least).any(axis=(0, 1)).mean())


def _chance(ds: xr.Dataset, pair: str) -> Chance:
    last = {name: float(values[-1]) for name, values in estimates(ds, pair).items()}
    return Chance(
        pair, label(ds, pair), **last, counted_crisis=counted(ds, TENSE, pair), counted=counted(ds, ARMED, pair)
    )


def label(ds: xr.Dataset, pair: str) -> str:
    """What a reader calls a pair, or any."""
    return "any pair" if pair == ANY else attributes.dyad_label(ds, pair)


def estimates(ds: xr.Dataset, pair: str = ANY) -> dict[str, Array]:
    """Chances of a crisis and of war by each date of ``quarter``, their 95 % intervals, and the range of the chance of
    war, by name as in ``Chance``, each (quarter,); kept where chances are: what chance left out is not a number."""
    found: dict[str, Array] = {}
    for event in EVENTS:
        known = interval(ds, event, pair)
        found |= {event: known.mean, f"{event}_low": known.low, f"{event}_high": known.high}
    found["armed_range_low"], found["armed_range_high"] = np.quantile(over_draws(ds, "armed", pair), RANGE, axis=-1)
    return {name: np.clip(values, 0.0, 1.0) for name, values in found.items()}


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
    both = {event: [at_end(ds, event, pair) for ds in (base, other)] for event in EVENTS}
    crisis, armed = (difference(mine, yours, draw, SHARE) for mine, yours in both.values())
    ratio, low, high = ratio_of(both["armed"][0], both["armed"][1], draw)
    means = {event: [np.clip(mean(ds, event, pair), 0.0, 1.0).tolist() for ds in (base, other)] for event in EVENTS}
    return Change(
        pair=pair,
        label=label(base, pair),
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
    """Chances by date, column by column: a row for each quarter and pair, any pair first; {} where there are none.

    None, too, of a summary from before there were sums over draws.
    """
    if not stored(ds):
        return {}
    days = [str(day) for day in ds["quarter"].values.astype("datetime64[D]")]
    columns: dict[str, list[Any]] = {name: [] for name in ("date", "pair", *ESTIMATES)}
    for pair in (ANY, *map(str, ds["dyad"].values)):
        told = estimates(ds, pair)
        columns["date"] += days
        columns["pair"] += [pair] * len(days)
        for name in ESTIMATES:
            columns[name] += told[name].tolist()
    whole: dict[str, list[Any]] = cleaned(columns)
    return whole
