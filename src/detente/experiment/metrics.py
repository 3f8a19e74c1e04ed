"""What is measured: a metric turns a dataset into one number per member.

A metric is written ``WHAT[:KEY][@WINDOW]``.

    tension  behaviour  pillar:hostility  dyad:A-B  state:A  incidents  incidents:A-B  level:NAME
    war  war:A-B  unrest  unrest:A-B

``@26`` is the mean of the last 26 weeks (the default), ``@all`` the mean of all weeks, ``@end`` the last
week, ``@max`` the highest week, ``@ever`` (levels only, their default) whether it was reached at least once.
Short names: ``mean`` = tension@26, ``end`` = tension@end, ``max`` = tension@max, ``crisis`` = the level
that counts as a crisis, ever. ``war`` and ``unrest`` are the chances by the end that a pair (without a name: any)
turns armed, and tense: weekly chances added up, not counts.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import DetenteError
from detente.prose.wording import SHARE

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

SHORT = {"mean": "tension@26", "end": "tension@end", "max": "tension@max", "crisis": "level:@ever"}
#: what -> (variable, dimension of its key)
KINDS = {
    "tension": ("tension", ""),
    "behaviour": ("behaviour", ""),
    "pillar": ("contribution", "pillar"),
    "dyad": ("tension_dyad", "dyad"),
    "state": ("tension_state", "state"),
    "incidents": ("incidents", "dyad"),
    "level": ("tension", ""),
    "war": ("armed_chance", "dyad"),
    "unrest": ("crisis_chance", "dyad"),
}
#: kinds that are chances by the end of the run
CHANCES = ("war", "unrest")
WINDOWS = ("all", "end", "max", "ever")
DEFAULT_WEEKS = 26


class MetricError(DetenteError, ValueError):
    """A metric that cannot be read, or names nothing in the dataset."""


@dataclass(frozen=True)
class Level:
    """A verbal level: the index has reached it at ``edge`` points and above."""

    name: str
    label: str
    edge: float
    crisis: bool


def decoded(ds: xr.Dataset, name: str, default: Any) -> Any:
    """The attribute ``name``, out of JSON where it is stored as JSON."""
    stored = ds.attrs.get(name, default)
    return json.loads(stored) if isinstance(stored, str) else stored


def levels(ds: xr.Dataset) -> tuple[Level, ...]:
    """The verbal levels, lowest edge first."""
    found = [
        Level(str(r["name"]), str(r["label"]), float(r["edge"]), bool(r["crisis"])) for r in decoded(ds, "levels", [])
    ]
    return tuple(sorted(found, key=lambda level: level.edge))


def crisis(ds: xr.Dataset) -> Level | None:
    """The lowest level that counts as a crisis; None where the theatre names none."""
    return next((level for level in levels(ds) if level.crisis), None)


@dataclass(frozen=True)
class Metric:
    """One number per member: ``what`` of ``key`` over ``window``."""

    what: str = "tension"
    key: str = ""
    window: str = str(DEFAULT_WEEKS)

    def __str__(self) -> str:
        key = f":{self.key}" if self.key or self.what == "level" else ""
        return f"{self.what}{key}@{self.window}"

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return {"incidents": "incidents per week"}.get(
            self.what, SHARE if self.what in ("level", *CHANCES) else "points"
        )

    @property
    def linear(self) -> bool:
        """True where the mean over members commutes with the window, so that stored means may be used."""
        return self.what not in ("level", *CHANCES) and self.window not in ("max", "ever")


def parse(text: str) -> Metric:
    """Read a metric.

    Raises MetricError with the nearest known word where it cannot be read.
    """
    found = re.fullmatch(r"(?P<what>[a-z]+)(:(?P<key>[^@]*))?(@(?P<window>\w+))?", SHORT.get(text, text))
    if not found or found["what"] not in KINDS:
        raise MetricError(f'unknown metric "{text}": {_meant(text.split(":")[0].split("@")[0], [*SHORT, *KINDS])}')
    what, key = found["what"], found["key"] or ""
    if KINDS[what][1] and not key and what not in ("incidents", *CHANCES):
        raise MetricError(f'metric "{text}" needs a name after a colon, as in {what}:NAME')
    if key and not KINDS[what][1] and what != "level":
        raise MetricError(f'metric "{text}": {what} takes no name')
    usual = {"level": "ever", **dict.fromkeys(CHANCES, "end")}
    window = found["window"] or usual.get(what, str(DEFAULT_WEEKS))
    return Metric(what, key, _window(text, what, window))


def _window(text: str, what: str, window: str) -> str:
    if window == "ever" and what != "level":
        raise MetricError(f'metric "{text}": @ever belongs to level:NAME; write @max for the highest week')
    if what in CHANCES and window != "end":
        raise MetricError(f'metric "{text}": {what} is a chance by the end of the run: write it without @')
    if window == "max" and what == "level":
        raise MetricError(f'metric "{text}": write @ever for a level')
    if window in WINDOWS or (window.isascii() and window.isdigit() and int(window) > 0):
        return window
    raise MetricError(f'metric "{text}": after @ comes a number of weeks or {", ".join(WINDOWS)}, not "{window}"')


def _meant(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else f"write one of {', '.join(known)}"


def values(metric: Metric, ds: xr.Dataset) -> Array:
    """The metric, shape (member,), in ``metric.unit``; a level gives 1 or 0, or the share of weeks in it.

    Raises MetricError where the dataset has no such key.
    """
    if metric.what in CHANCES:
        return _chance(metric, ds)
    if summarised(ds):
        return _of_summary(metric, ds)
    return reduced(series(metric, ds), metric.window)


def summarised(ds: xr.Dataset) -> bool:
    """Whether only a summary was kept, with a few windows of every member (excerpt.py)."""
    return "tension" not in ds and "tension_at" in ds


def holds(ds: xr.Dataset, variable: str) -> bool:
    """Whether a result holds a variable of its members by week, or at least over a few windows."""
    return variable in ds or f"{variable}_at" in ds


def at(variable: str, window: str, ds: xr.Dataset) -> Array:
    """A variable over a window, (member, …), of a whole result or of a summary; "start" is the first week.

    Raises MetricError where a summary does not hold the window.
    """
    if variable in ds:
        weekly = ds[variable].transpose("member", "time", ...).values
        return np.asarray(weekly[:, 0], dtype=np.float64) if window == "start" else reduced(weekly, window)
    name = f"{variable}_at"
    if name not in ds:
        raise MetricError(f'this result holds no "{variable}": run it again and keep it')
    known = [str(one) for one in ds["window"].values]
    if window not in known:
        raise MetricError(
            f'{ds.attrs.get("scenario")} holds a summary, with {", ".join(known)} of "{variable}" but not {window}: '
            "run it again with --keep index"
        )
    kept = ds[name].sel(window=window, drop=True).transpose("member", ...)
    return np.asarray(kept.values, dtype=np.float64)


def _of_summary(metric: Metric, ds: xr.Dataset) -> Array:
    """A metric from the windows that a summary holds."""
    variable, dim = KINDS[metric.what]
    if metric.what == "level":
        highest = at(variable, "max" if metric.window == "ever" else metric.window, ds)
        if metric.window not in ("ever", "end"):
            raise MetricError(f"{ds.attrs.get('scenario')} holds a summary, with a level @ever or @end: {metric}")
        return np.asarray(highest >= edge(metric, ds), dtype=np.float64)
    if not dim or variable not in {name.removesuffix("_at") for name in map(str, ds)}:
        return at(variable, metric.window, ds)
    kept = ds.sel({dim: [_known(metric.key, dim, ds)]})
    return at(variable, metric.window, kept)[:, 0]


def mean(values: Array, unit: str) -> float:
    """The mean over members; where it is an estimate of a share, kept where shares are: a sum of chances may pass 1."""
    return float(np.clip(values.mean(), 0.0, 1.0) if unit == SHARE else values.mean())


def _chance(metric: Metric, ds: xr.Dataset) -> Array:
    """Weekly chances of every member added up to the end, (member,)."""
    variable = KINDS[metric.what][0]
    if variable not in ds:
        raise MetricError(f'this result holds no "{variable}": run it again and keep it')
    name = variable if metric.key else f"any_{variable}"
    last = ds[f"{name}_end"] if f"{name}_end" in ds else ds[name].isel(quarter=-1)
    if metric.key:
        last = last.sel(dyad=_known(metric.key, "dyad", ds))
    return np.asarray(last.values, dtype=np.float64)


def _known(key: str, dim: str, ds: xr.Dataset) -> str:
    """``key``, which must be there."""
    known = [str(one) for one in ds[dim].values]
    if key not in known:
        raise MetricError(f'no {dim} "{key}" in {ds.attrs.get("scenario")}: {_meant(key, known)}')
    return key


def series(metric: Metric, ds: xr.Dataset) -> Array:
    """The metric's weekly series, shape (member, time)."""
    if metric.what == "level":
        return np.asarray(ds["tension"].values >= edge(metric, ds), dtype=np.float64)
    variable, dim = KINDS[metric.what]
    if variable not in ds:
        raise MetricError(f'this result holds no "{variable}": run it again and keep it')
    if metric.what == "incidents" and not metric.key:
        return np.asarray(ds[variable].sum("dyad", dtype=np.float64).transpose("member", "time").values)
    if dim:
        one = ds[variable].sel({dim: _known(metric.key, dim, ds)})
        return np.asarray(one.transpose("member", "time").values, dtype=np.float64)
    return np.asarray(ds[variable].transpose("member", "time").values, dtype=np.float64)


def edge(metric: Metric, ds: xr.Dataset) -> float:
    """Edge of the level a metric names, in points; of the crisis level where it names none."""
    return level(metric, ds).edge


def level(metric: Metric, ds: xr.Dataset) -> Level:
    """The level a metric names; the crisis level where it names none."""
    found = levels(ds)
    if not metric.key:
        default = crisis(ds)
        if default is None:
            raise MetricError("this theatre names no level as a crisis: write level:NAME")
        return default
    named = [one for one in found if one.name == metric.key]
    if not named:
        raise MetricError(f'no level "{metric.key}": {_meant(metric.key, [one.name for one in found])}')
    return named[0]


def rows(window: str, length: int) -> slice:
    """The rows of ``time`` a window means over, out of ``length`` rows."""
    if window == "end":
        return slice(length - 1, length)
    return slice(None) if window == "all" else slice(max(0, length - int(window)), length)


def reduced(weekly: Array, window: str) -> Array:
    """A window of a series: (member, time, …) to (member, …)."""
    if window in ("max", "ever"):
        return np.asarray(weekly.max(axis=1), dtype=np.float64)
    return np.asarray(weekly[:, rows(window, weekly.shape[1])].mean(axis=1, dtype=np.float64))
