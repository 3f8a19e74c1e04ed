"""The page without a server: ensembles stored along every lever, and how far it is off where it interpolates.

Along each lever a few places are run with all others at rest. Between two places numbers lie on a straight line; what
several levers do is added up (chances of war are multiplied). How wrong that is, is measured on settings that
are run as well, and printed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.api.brakes import released
from detente.engine import choice
from detente.experiment.source import Settings, each_run
from detente.scenario.load import load
from detente.scenario.schema import Scenario
from detente.serve.answers import Shown, answer, shown
from detente.serve.engine import weighed
from detente.serve.levers import Lever, Value, changes
from detente.serve.offer import Offered

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: places of a slider that are run, as shares of its way from the low end to rest, and from rest to the high end
PLACES = (0.5, 1.0)
#: weeks between two points of a stored series
SPARSE = 4
#: settings on which the interpolation is tried, levers that are moved in each at most, and the key of their chance
TRIED, TOGETHER, KEY = 24, 3, 1
#: what the index is split over
PARTS = ("pillars", "pairs")
#: the largest number of a stored one
MOST = 32_767
#: smallest chance whose logarithm is taken
FAINT = 1e-6


@dataclass(frozen=True)
class Place:
    """A place of a lever that is run."""

    lever: str
    value: Value


def places(lever: Lever) -> list[Value]:
    """Where a lever is run, beside at rest."""
    if lever.kind == "switch":
        return [not lever.value]
    if lever.kind == "choice":
        return [value for value, _ in lever.options if value != lever.value]
    rest = 0.0 if lever.kind == "date" else float(lever.value)
    ways = [rest + share * (end - rest) for end in (lever.low, lever.high) for share in PLACES]
    on_grid = sorted({min(lever.low + round((way - lever.low) / lever.step) * lever.step, lever.high) for way in ways})
    return [lever.day(way) if lever.kind == "date" else way for way in on_grid if way != rest]


class Fields:
    """An answer as one row of numbers, in named blocks; ``pairs`` are those whose chances of war are kept."""

    def __init__(self, rest: Mapping[str, Any]) -> None:
        self.pairs = [one["yours"]["pair"] for one in rest["war"]["rows"]]
        self.sizes = {name: len(values) for name, values in self.blocks(rest).items()}

    def row(self, told: Mapping[str, Any]) -> Array:
        """All numbers of an answer."""
        return np.concatenate(list(self.blocks(told).values()))

    def blocks(self, told: Mapping[str, Any]) -> dict[str, Array]:
        """Numbers of an answer by name; what is not known is 0."""
        war = {one["pair"]: one for one in told["summary"]["chances"]}
        kept = [war[pair] for pair in self.pairs]
        row, apart, tension = told["row"] or {}, told["difference"], told["summary"]["tension"]
        flat = np.zeros(len(told["fan"]["yours"]["median"]))
        low, high = (np.asarray(apart[end] if apart else flat, dtype=np.float64) for end in ("low", "high"))
        found = {f"fan.{name}": values for name, values in told["fan"]["yours"].items()}
        found |= {"difference.mean": apart["mean"] if apart else flat, "difference.half": (high - low) / 2}
        found |= {"tension": [tension[name] for name in ("median", "p10", "p90")]}
        found |= {"crisis": [told["summary"]["crisis_share"] or 0.0], "headline": _change(row)}
        found |= {"war": [np.log(max(one["armed"], FAINT)) for one in kept]}
        for event in ("crisis", "armed"):
            found |= {f"war.{event}{end}": [one[f"{event}{end}"] or 0.0 for one in kept] for end in ("_low", "_high")}
        found |= {"war.crisis": [one["crisis"] for one in kept]}
        ratios = {one["pair"]: one for one in row.get("chances", ())}
        found |= {"war.half": [_spread(ratios.get(pair, {})) for pair in self.pairs]}
        for name, parts in (("pillars", row.get("pillars")), ("pairs", row.get("dyads"))):
            changed = {part["key"]: _change(part) for part in parts or ()}
            keys = sorted(one["key"] for one in told[name])
            yours = {one["key"]: one["yours"] for one in told[name]}
            found |= {name: [yours[key] for key in keys]}
            found |= {f"{name}.change": [n for key in keys for n in changed.get(key, [0.0, 0.0])]}
        found |= {"states": [told["states"]["yours"][key] for key in sorted(told["states"]["yours"])]}
        return {name: np.nan_to_num(np.array(values, dtype=np.float64)) for name, values in found.items()}


def _change(part: Mapping[str, Any]) -> list[float]:
    """A paired change and half the width of its interval."""
    if not part or part["ci_low"] is None:
        return [part.get("change", 0.0), 0.0]
    return [part["change"], (part["ci_high"] - part["ci_low"]) / 2]


def _spread(change: Mapping[str, Any]) -> float:
    """Half the width of the interval of the logarithm of a ratio."""
    low, high = change.get("armed_ratio_low"), change.get("armed_ratio_high")
    return float(np.log(high / low)) / 2 if low and high else 0.0


def sparse(told: dict[str, Any], dates: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """An answer with every few weeks of its series, and their dates."""
    last = len(told["fan"]["yours"]["median"]) - 1
    weeks = sorted({*range(0, last + 1, SPARSE), last})
    fan = {who: {k: [v[n] for n in weeks] for k, v in told["fan"][who].items()} for who in ("yours", "base")}
    apart = told["difference"] and {k: [v[n] for n in weeks] for k, v in told["difference"].items()}
    return told | {"fan": fan, "difference": apart}, [dates[n] for n in weeks]


class Atlas:
    """The stored runs of one scenario and all that can be read off them."""

    def __init__(self, offered: Offered, how: Settings, only: Callable[[Lever], bool]) -> None:
        self.offered, self.how = offered, how
        self.levers = {key: lever for key, lever in offered.levers.items() if only(lever)}
        self.places = [Place(key, value) for key, lever in self.levers.items() for value in places(lever)]
        alone = offered.base is offered.known
        first = list(self.ran([offered.base.scenario, *([] if alone else [offered.known.scenario])], "At rest"))
        self.base, self.rest = shown(first[0]), None if alone else shown(first[-1])
        self.dates = offered.as_dict()["dates"]
        self.told, self.weeks = self.answered(self.rest)
        self.fields = Fields(self.told)
        self.origin = self.fields.row(self.told)
        self.shifts = np.array([row - self.origin for row in self.rows([{p.lever: p.value} for p in self.places])])

    def ran(self, scenarios: Sequence[Scenario], title: str) -> Iterator[xr.Dataset]:
        """Ensembles of scenarios, one after the other."""
        return each_run(scenarios, self.how, self.how.members, title)

    def answered(self, other: Shown | None) -> tuple[dict[str, Any], list[str]]:
        """The answer of a result against the base; None for the base itself."""
        held = self.base if other is None else other
        return sparse(answer(self.base, held, str(held.data.attrs["scenario"])), self.dates)

    def rows(self, settings: Sequence[Mapping[str, Value]], title: str = "Places of levers") -> Iterator[Array]:
        """The numbers of settings, which are run."""
        word = self.offered.word
        scenarios = [load(word, changes(self.offered.levers, one)).scenario for one in settings]
        for result in self.ran(scenarios, title):
            yield self.fields.row(self.answered(shown(result))[0])

    def brakes(self) -> list[dict[str, Any]]:
        """What each brake is worth at rest."""
        held = (self.rest or self.base).data
        known = released(self.offered.known.scenario)
        found = zip(known, self.ran(list(known.values()), "Brakes"), strict=True)
        told = [vars(weighed(brake, held, free)[0]) for brake, free in found]
        size = {"kind": "brake", "members": self.how.members, "of": len(told)}
        return [{**size, **one, "number": number} for number, one in enumerate(told, 1)]

    def predicted(self, settings: Mapping[str, Value]) -> Array:
        """The numbers of a setting as the page interpolates them."""
        found = self.origin.copy()
        for key, value in settings.items():
            found += self.along(self.levers[key], value)
        return found

    def along(self, lever: Lever, value: Value) -> Array:
        """What one lever does: the stored shift, or one on the line between two."""
        stops = {_position(lever, p.value): shift for p, shift in zip(self.places, self.shifts, strict=True)
                 if p.lever == lever.key} | {_position(lever, lever.value): np.zeros_like(self.origin)}  # fmt: skip
        at, known = _position(lever, value), sorted(stops)
        above = next((n for n in known if n >= at), known[-1])
        below = next((n for n in reversed(known) if n <= at), known[0])
        part = 0.0 if above == below else (at - below) / (above - below)
        return np.asarray(stops[below] + part * (stops[above] - stops[below]))

    def errors(self) -> dict[str, Any]:
        """How far the interpolation is off, on settings that are run: differences of the index, chances."""
        tried = list(self.settings(np.random.default_rng(KEY)))
        ran = np.array(list(self.rows(tried, "Tried")))
        apart = np.abs(ran - np.array([self.predicted(one) for one in tried]))
        at = dict(zip(self.fields.sizes, np.cumsum([0, *self.fields.sizes.values()]), strict=False))
        columns = {"change": [at["headline"]], "crisis": [at["crisis"]], "war": [at["war"]]}
        for part in PARTS:
            columns[part] = [at[f"{part}.change"] + n for n in range(0, self.fields.sizes[f"{part}.change"], 2)]
        told = {name: np.quantile(apart[:, where], [0.5, 0.9, 1.0]).tolist() for name, where in columns.items()}
        return {"tried": len(tried), "together": TOGETHER, "war_factor": np.exp(told["war"]).tolist(), **told}

    def settings(self, chance: np.random.Generator) -> Iterator[dict[str, Value]]:
        """Settings that no stored run has: one to a few levers, anywhere on their way."""
        for number in range(TRIED):
            chosen = chance.choice(list(self.levers), min(1 + number % TOGETHER, len(self.levers)), replace=False)
            yield {str(key): self._anywhere(self.levers[str(key)], chance) for key in chosen}

    def _anywhere(self, lever: Lever, chance: np.random.Generator) -> Value:
        if lever.kind in ("switch", "choice"):
            found = places(lever)
            return found[int(chance.integers(len(found)))]
        at = lever.low + lever.step * int(chance.integers(round((lever.high - lever.low) / lever.step) + 1))
        return lever.day(at) if lever.kind == "date" else min(at, lever.high)

    def as_dict(self) -> dict[str, Any]:
        """Everything that the page holds."""
        offered = self.offered.as_dict()
        groups = [
            group | {"levers": [one for one in group["levers"] if one["key"] in self.levers]}
            for group in offered["groups"]
        ]
        scene = offered | {"dates": self.weeks, "groups": [group for group in groups if group["levers"]]}
        listed = {key: offered[key] for key in ("name", "title", "question")}
        return {
            "scenarios": {"scenarios": [listed], "first": offered["name"]},
            "scene": scene,
            "rest": self.told,
            "origin": np.round(self.origin, 5).tolist(),
            "blocks": self.fields.sizes,
            "pairs": self.fields.pairs,
            "places": [vars(place) for place in self.places],
            **self._packed(),
            "recipes": {key: recipe(lever) for key, lever in self.levers.items()},
            "brakes": self.brakes(),
            "errors": self.errors(),
            "members": self.how.members,
            "seed": self.how.seed,
            "engine": choice.in_force().taken or choice.NUMPY,
        }

    def _packed(self) -> dict[str, Any]:
        """Shifts as integers of two bytes, each block to its own scale."""
        ends = np.cumsum([0, *self.fields.sizes.values()])
        scales = [float(np.abs(self.shifts[:, a:b]).max(initial=0.0)) / MOST or 1.0 for a, b in pairwise(ends)]
        each = np.repeat(scales, list(self.fields.sizes.values()))
        whole = np.round(self.shifts / each).astype("<i2")
        return {"scales": scales, "shifts": base64.b64encode(whole.tobytes()).decode()}


def _position(lever: Lever, value: Value) -> float:
    """Where a value lies on the way of its lever."""
    if lever.kind == "switch":
        return float(bool(value))
    if lever.kind == "choice":
        return float([option for option, _ in lever.options].index(str(value)))
    if lever.kind == "date":
        return float((date.fromisoformat(str(value)) - date.fromisoformat(lever.origin)).days)
    return float(value)


#: a number that a lever is asked about, to see where it stands in what it says
PROBE = 1234567.0


def recipe(lever: Lever) -> dict[str, Any]:
    """What a lever says to ``--set``, for a page that must say it itself: texts by path, with % for the value."""
    if lever.kind == "switch":
        return {"on": lever.changes(True), "off": lever.changes(False)}
    if lever.kind == "factor":
        return {"times": lever.changes(1.0), "none": lever.changes(0.0)}
    probe: Any = PROBE if lever.kind == "number" else "PROBE"
    text = f"{PROBE:.10g}" if lever.kind == "number" else "PROBE"
    return {"texts": {path: told.replace(text, "%") for path, told in lever.changes(probe).items()}}
