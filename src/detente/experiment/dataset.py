"""An ensemble as a dataset: every array with its axes and units, and what a reader must know about it."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.block import DIGITS, Block, measure_of, quarter_rows
from detente.engine.choice import NUMPY
from detente.experiment.fingerprint import processor_class
from detente.experiment.provenance import commit
from detente.index import FORMULA_VERSION, construction
from detente.index.formula import PILLARS
from detente.scenario.acts import Act
from detente.scenario.identity import content_hash
from detente.scenario.schema import Scenario
from detente.vocabulary import REPLICATES, VARIABLES

if TYPE_CHECKING:
    import xarray as xr

#: numbers of a member that are turned together: what is read and what is written stays in the cache
TURNED = 256
#: variable with a value for every member -> the field of a block that holds it
BY_MEMBER = {
    "tension": "tension",
    "contribution": "contribution",
    "behaviour": "behaviour",
    "tension_dyad": "dyads",
    "tension_state": "states",
    "incidents": "incidents",
    "regime": "regimes",
    "crisis_chance": "crisis_chance",
    "armed_chance": "armed_chance",
    "any_crisis_chance": "any_crisis_chance",
    "any_armed_chance": "any_armed_chance",
}


def dataset(scenario: Scenario, done: Sequence[Block], seed: int, length: int, first: int = 0) -> xr.Dataset:
    """Blocks wrapped once, with coordinates, units and attributes."""
    import xarray as xr

    measure = measure_of(scenario)
    arrays = {
        **{name: _members_first([getattr(b, field) for b in done]) for name, field in BY_MEMBER.items()},
        "mean_contribution": _mean([b.contribution_sum for b in done], sum(b.tension.shape[1] for b in done)),
        "mean_pillar": _mean([b.pillar_sum for b in done], sum(b.tension.shape[1] for b in done)),
        "dyad_weight": measure.whole.dyads,
    }
    numbers = np.arange(first, first + arrays["tension"].shape[0])
    named = {k: (v.dims, arrays[k], {"units": v.unit, "long_name": v.long_name}) for k, v in VARIABLES.items()}
    attrs = attributes(scenario, seed, length, numbers.size, {block.engine for block in done})
    return xr.Dataset(named, coordinates(scenario, length, numbers), attrs)


def coordinates(scenario: Scenario, length: int, members: NDArray[np.int64]) -> dict[str, Any]:
    """The axes of a dataset with these members."""
    return {
        "member": members,
        "draw": ("member", members // REPLICATES),
        "time": dates(scenario, length),
        "quarter": dates(scenario, length)[quarter_rows(length)],
        "dyad": names(scenario.dyads),
        "state": names(name for name, _ in measure_of(scenario).states),
        "pillar": names(PILLARS),
    }


def names(names: Iterable[str]) -> NDArray[np.object_]:
    """Labels as objects: Zarr has a settled form for strings of any length, none for those of a fixed one."""
    return np.array(list(names), dtype=object)


def _members_first(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Blocks as one array, (member, …): each is turned straight into its place, some columns after the others."""
    shape, ends = parts[0].shape[:-1], np.cumsum([part.shape[-1] for part in parts])
    whole = np.empty((ends[-1], math.prod(shape)), dtype=parts[0].dtype)
    for part, end in zip(parts, ends, strict=True):
        rows = part.reshape(-1, part.shape[-1])
        for first in range(0, len(rows), TURNED):
            some = slice(first, first + TURNED)
            whole[end - part.shape[-1] : end, some] = rows[some].T
    return whole.reshape(-1, *shape)


def _mean(sums: Sequence[NDArray[np.int64]], members: int) -> NDArray[np.float64]:
    """Mean of exact integer sums: the same bits in whatever blocks the members came."""
    total = sums[0].copy()
    for part in sums[1:]:
        total += part
    return np.asarray(total / 2.0**DIGITS / members)


def dates(scenario: Scenario, length: int) -> NDArray[np.datetime64]:
    """The start and the end of every week."""
    start = np.datetime64(scenario.calendar.start, "ns")
    return np.asarray(start + np.arange(length + 1) * np.timedelta64(7, "D"))


def attributes(
    scenario: Scenario, seed: int, length: int, members: int, engines: Collection[str] = (NUMPY,)
) -> dict[str, Any]:
    """What a reader of the dataset must know about it; structured values as JSON text. ``engines`` are those that its
    blocks come from: one."""
    shown = scenario.calendar.documented_until
    until = scenario.calendar.start + timedelta(weeks=length)
    events = [
        {
            "id": name,
            "date": act.date.isoformat(),
            "title": act.title,
            "kind": act.kind,
            "plan": act.date > shown,
            "mark": act.mark,
            "actors": involved(scenario, act),
        }
        for name, act in sorted(scenario.acts.items(), key=lambda item: item[1].date)
        if act.date <= until
    ]
    levels = [{"name": name, **level.model_dump()} for name, level in scenario.levels.items()]
    structured = {
        "levels": levels,
        "events": events,
        "dyad_labels": dyad_labels(scenario),
        "actor_labels": {name: actor.label for name, actor in scenario.actors.items()},
        "map_keys": {name: actor.map_key for name, actor in scenario.actors.items() if actor.map_key},
        "outside": [name for name, actor in scenario.actors.items() if not actor.region],
        "footnotes": scenario.footnotes,
    }
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "theatre": scenario.theatre,
        "scenario_hash": content_hash(scenario),
        "seed": seed,
        "members": members,
        "weeks": length,
        "formula_version": FORMULA_VERSION,
        "detente_version": version("detente"),
        "processor": processor_class(),
        "engine": "/".join(sorted(engines)),
        "commit": commit(),
        "documented_until": shown.isoformat(),
        "counterfactual": int(scenario.counterfactual),
        "exponent": scenario.parameters.index.exponent.value,
        "construction": construction.fingerprint(scenario),
        **{name: json.dumps(value, ensure_ascii=False) for name, value in structured.items()},
    }


def involved(scenario: Scenario, act: Act) -> list[str]:
    """Actors that an act names, or that belong to the pact or track it is about; in the theatre's order."""
    named: set[str] = set()
    for field in ("by", "to", "actor", "on", "power"):
        value = getattr(act, field, ())
        named |= {value} if isinstance(value, str) else set(value)
    if pact := scenario.pacts.get(getattr(act, "pact", "")):
        named |= set(pact.members)
    if track := scenario.dialogues.get(getattr(act, "track", "")):
        named |= set(track.parties)
    return [name for name in scenario.actors if name in named]


def dyad_labels(scenario: Scenario) -> dict[str, str]:
    """What a reader calls each pair: its own label, or the two actors'."""
    labels = {}
    for name, dyad in scenario.dyads.items():
        first, second = (scenario.actors[actor] for actor in dyad.between)
        labels[name] = dyad.label or f"{first.short or first.label}–{second.short or second.label}"
    return labels
