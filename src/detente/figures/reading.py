"""What figures read from a stored result beside its numbers: events, labels, footnotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis import attributes, metrics
from detente.analysis.difference import Difference, difference
from detente.analysis.pairing import pair
from detente.analysis.worlds import unit_of
from detente.errors import DetenteError
from detente.figures.glyphs import plain, printable
from detente.figures.measure import qualified
from detente.figures.numbers import Floats
from detente.figures.words import NB
from detente.prose.wording import HUNDRED, SHARE, fixed, marked
from detente.scenario.diagnostics import did_you_mean

if TYPE_CHECKING:
    import xarray as xr

#: the space in 140 000: it must not break over two lines
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")

#: letters of a scenario's title beyond which it is cut
LONGEST = 48

#: what to do where a summary does not do
WHOLE = "Run it again with --keep index"

Dates = NDArray[np.datetime64]


class FigureError(DetenteError, ValueError):
    """A figure cannot be made or written; the message says why and what to do."""


@dataclass(frozen=True)
class Event:
    """A dated act. ``plan``: it lies after the record; ``mark``: the scenario asks for it to be shown."""

    date: np.datetime64
    title: str
    kind: str
    plan: bool
    mark: bool
    actors: tuple[str, ...] = ()


def events(ds: xr.Dataset, *, marked: bool = True) -> tuple[Event, ...]:
    """The dated acts inside the run, in order of date; only the marked ones unless told otherwise."""
    found = [
        Event(
            np.datetime64(str(row["date"])[:10], "D"),
            _THOUSANDS.sub(NB, str(row["title"])),
            str(row.get("kind", "")),
            bool(row.get("plan", False)),
            bool(row.get("mark", False)),
            tuple(row.get("actors", ())),
        )
        for row in attributes.decoded(ds, "events", [])
    ]
    first, last = days(ds)[[0, -1]]
    inside = [e for e in found if first <= e.date <= last and (e.mark or not marked)]
    return tuple(sorted(inside, key=lambda e: (e.date, e.title)))


def days(ds: xr.Dataset) -> Dates:
    """The time axis in days."""
    return np.asarray(ds["time"].values).astype("datetime64[D]")


def name(ds: xr.Dataset) -> str:
    """The scenario's key."""
    return str(ds.attrs.get("scenario", "?"))


def label(ds: xr.Dataset) -> str:
    """The scenario's title as a reader sees it, cut to what fits into a sentence."""
    title = str(ds.attrs.get("title") or name(ds).replace("_", " ").capitalize())
    return cut(title, LONGEST)


def as_drawn(data: xr.Dataset, metric: str) -> tuple[xr.Dataset, tuple[str, str]]:
    """An experiment with a metric in the numbers that are drawn, and what it measures over which weeks: shares are
    drawn in hundredths, and say so."""
    from detente.analysis.findings import measured  # all kinds of experiments

    what, weeks = measured(data, metric)
    if unit_of(data, metric) != SHARE or metric not in data:
        return data, (what, weeks)
    return data.assign({metric: HUNDRED * data[metric]}), (what, f"{weeks}, in 100")


def titled(experiment: xr.Dataset) -> str:
    """The title of an experiment, or its name."""
    return str(experiment.attrs.get("title") or experiment.attrs.get("experiment", "Experiment"))


def cut(text: str, letters: int) -> str:
    """``text`` in at most so many letters, cut between words where it can be; what is left out is shown as "…".

    What it ends with in brackets qualifies it and is kept, where that leaves most of the room to the rest.
    """
    if len(text) <= letters:
        return text
    rest, mark = qualified(text)
    if mark and len(mark) < letters // 2:
        return f"{_cut(rest, letters - len(mark) - 1)} {mark}"
    return _cut(text, letters)


def _cut(text: str, letters: int) -> str:
    kept, _, broken = text[:letters].rpartition(" ")
    return (kept or broken[: letters - 1]).rstrip(" ,;–-") + "…"


def legible(ds: xr.Dataset) -> xr.Dataset:
    """``ds`` with every text on one line and without what cannot be printed; levels named as short as titles."""
    texts = {key: (c.dims, printable(c.values.tolist())) for key, c in ds.coords.items() if c.dtype.kind in "OU"}
    clean = ds.assign_coords(texts).assign_attrs({key: _legible(value) for key, value in ds.attrs.items()})
    levels = [row | {"label": cut(str(row["label"]), LONGEST)} for row in attributes.decoded(clean, "levels", [])]
    return clean.assign_attrs(levels=json.dumps(levels)) if levels else clean


def _legible(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in "[{":
        return printable(value)
    try:
        return json.dumps(printable(json.loads(value)))
    except ValueError:
        return plain(value)


def tension(ds: xr.Dataset) -> Floats:
    """Regional index (member, time), 0 to 100. FigureError where only a summary was kept."""
    if metrics.summarised(ds):
        raise FigureError(f"{name(ds)} holds a summary: weeks of its members are needed. {WHOLE}")
    return np.asarray(ds["tension"].transpose("member", "time").values, dtype=np.float64)


def draws(ds: xr.Dataset) -> NDArray[np.integer[Any]]:
    """Parameter draw of each member."""
    return np.asarray(ds["draw"].values)


def moved(base: xr.Dataset, other: xr.Dataset) -> Difference:
    """The paired change of tension over the last weeks. NotComparable where the two do not pair."""
    before, after = pair(base, other)
    return difference(metrics.values(metrics.Metric(), before), metrics.values(metrics.Metric(), after), draws(before))


def focus(ds: xr.Dataset, dyad: str) -> xr.Dataset:
    """``ds`` with the tension of one pair in the place of the regional index, and without the region's levels.

    Verbal levels are derived for the region: no pair is strained or in crisis by them. FigureError without that pair.
    """
    known = [str(key) for key in ds["dyad"].values] if metrics.holds(ds, "tension_dyad") else []
    if dyad not in known:
        hint = did_you_mean(dyad, known, f"it has {', '.join(known) or 'none'}")
        raise FigureError(f'no pair "{dyad}" in {name(ds)}: {hint}')
    row, of_pair = ds["dyad"].values.tolist().index(dyad), {"tension": "tension_dyad"}
    if metrics.summarised(ds):
        of_pair = {f"tension{kept}": f"tension_dyad{kept}" for kept in ("_at", "_counts")}
    pair = {name: ds[of].isel(dyad=row, drop=True) for name, of in of_pair.items()}
    pair |= {name: one.astype(np.float64) for name, one in pair.items() if one.dtype.kind == "f"}
    return ds.assign(pair).assign_attrs(measure=f"Tension {attributes.dyad_label(ds, dyad)}", levels="[]")


def measure(ds: xr.Dataset) -> str:
    """What the tension drawn is: that of the region, or of one pair (see ``focus``)."""
    return str(ds.attrs.get("measure", "Tension index"))


def footnotes(ds: xr.Dataset, texts: Iterable[str], *, unmarked: bool = False) -> str:
    """The theatre's footnotes whose mark (*, †, ‡, §) occurs in ``texts``; those without a mark on request (maps)."""
    notes = map(str, attributes.decoded(ds, "footnotes", {}).values())
    return " ".join(marked(notes, [*texts, measure(ds)], unmarked=unmarked))


def between(ds: xr.Dataset, key: str) -> tuple[str, str]:
    """The two actors of a pair: its key is theirs joined by a hyphen, and keys may hold hyphens themselves."""
    known = {*attributes.decoded(ds, "actor_labels", {}), *(str(s) for s in ds["state"].values)}
    parts = key.split("-")
    cuts = [("-".join(parts[:k]), "-".join(parts[k:])) for k in range(1, len(parts))]
    return next((cut for cut in cuts if set(cut) <= known), cuts[0] if cuts else (key, key))


def tensest(ds: xr.Dataset) -> str:
    """ "A–B is the tensest pair (75)" where it is told from the next one, else both as the tensest."""
    if not metrics.holds(ds, "tension_dyad") or not ds.sizes["dyad"]:
        return "tension around each actor"
    values, keys = metrics.by_dyad(metrics.Metric(), ds), [str(k) for k in ds["dyad"].values]
    order = np.argsort(-values.mean(axis=0), kind="stable")
    named = [f"{attributes.dyad_label(ds, keys[k])}{NB}({fixed(values[:, k].mean(), 0)})" for k in order[:2]]
    if len(named) == 1 or difference(values[:, order[1]], values[:, order[0]], draws(ds)).verdict == "higher":
        return f"{named[0]} is the tensest pair"
    return f"{named[0]} and {named[1]} are the tensest pairs"
