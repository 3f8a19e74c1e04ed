"""From a scenario to a dataset: members in blocks, blocks in workers, one dataset at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import DetenteError
from detente.experiment.block import DIGITS, Block, measure_of, simulate_block
from detente.experiment.processor import processor_class
from detente.experiment.room import fitting, require_memory
from detente.experiment.workers import pool
from detente.index import FORMULA_VERSION, construction
from detente.index.formula import PILLARS
from detente.model import stability
from detente.model.calendar import weeks as weeks_of
from detente.model.draws import REPLICATES
from detente.scenario.acts import Act
from detente.scenario.identity import content_hash
from detente.scenario.schema import Scenario
from detente.vocabulary import VARIABLES

if TYPE_CHECKING:
    import xarray as xr

#: members per block: fits the cache, long enough that NumPy's dispatch does not dominate
BLOCK = 512

#: variable with a value for every member -> the field of a block that holds it
BY_MEMBER = {
    "tension": "tension",
    "contribution": "contribution",
    "behaviour": "behaviour",
    "tension_dyad": "dyads",
    "tension_state": "states",
    "incidents": "incidents",
}

Progress = Callable[[int, int], None]


def blocks(members: int, size: int = BLOCK, workers: int = 1) -> list[range]:
    """Members 0 to ``members`` - 1 in blocks of at most ``size``, as many at least as there are workers."""
    return in_blocks(range(members), max(1, min(size, -(-members // max(workers, 1)))))


def in_blocks(members: range, size: int) -> list[range]:
    """``members`` in blocks of at most ``size``."""
    return [range(first, min(first + size, members.stop)) for first in range(members.start, members.stop, size)]


class RunError(DetenteError, ValueError):
    """A run that cannot be made as asked: too few members, or more weeks than the scenario has."""


def length_of(scenario: Scenario, weeks: int | None) -> int:
    """Weeks to run: the scenario's own length, or ``weeks`` of it. Raises RunError outside 1 to that length."""
    whole = weeks_of(scenario)
    if weeks is None:
        return whole
    if not 1 <= weeks <= whole:
        raise RunError(f"{weeks} weeks: the scenario runs from 1 to {whole} weeks")
    return weeks


def simulated(
    scenario: Scenario, parts: Sequence[range], seed: int, length: int, executor: Executor | None = None
) -> Iterator[Block]:
    """Blocks in order, in this process or from an executor; their bits do not depend on which."""
    if executor is None:
        yield from (simulate_block(scenario, part, seed, length) for part in parts)
        return
    waiting = [executor.submit(simulate_block, scenario, part, seed, length) for part in parts]
    for future in waiting:
        yield future.result()


def run(
    scenario: Scenario,
    members: int = 1000,
    seed: int = 1,
    weeks: int | None = None,
    workers: int = 1,
    *,
    block: int = BLOCK,
    progress: Progress | None = None,
) -> xr.Dataset:
    """The ensemble of a scenario as a dataset; see vocabulary.py for its variables.

    The same (scenario, members, seed, weeks) gives the same bits whatever ``workers`` and ``block``.
    Raises RunError for members < 1 or weeks out of range, ScenarioError for unstable parameters, TooLarge for what the
    machine's memory cannot hold.
    """
    if members < 1:
        raise RunError(f"{members} members: at least 1 is needed")
    stability.require(scenario)
    length = length_of(scenario, weeks)
    require_memory(scenario, length, members)
    parts = blocks(members, min(block, fitting(scenario, length)), workers)
    done: list[Block] = []
    with pool(workers, len(parts)) as executor:
        for part, result in zip(parts, simulated(scenario, parts, seed, length, executor), strict=True):
            done.append(result)
            if progress is not None:
                progress(part.stop, members)
    return dataset(scenario, done, seed, length)


def simulate(scenario: Scenario, members: range, seed: int, *, weeks: int | None = None) -> xr.Dataset:
    """Some members as a dataset, in this process. Raises ScenarioError for unstable parameters."""
    stability.require(scenario)
    length = length_of(scenario, weeks)
    require_memory(scenario, length, len(members))
    parts = in_blocks(members, fitting(scenario, length))
    return dataset(scenario, list(simulated(scenario, parts, seed, length)), seed, length, members.start)


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
    return xr.Dataset(named, coordinates(scenario, length, numbers), attributes(scenario, seed, length, numbers.size))


def coordinates(scenario: Scenario, length: int, members: NDArray[np.int64]) -> dict[str, Any]:
    """The axes of a dataset with these members."""
    return {
        "member": members,
        "draw": ("member", members // REPLICATES),
        "time": dates(scenario, length),
        "dyad": names(scenario.dyads),
        "state": names(name for name, _ in measure_of(scenario).states),
        "pillar": names(PILLARS),
    }


def names(names: Iterable[str]) -> NDArray[np.object_]:
    """Labels as objects: Zarr has a settled form for strings of any length, none for those of a fixed one."""
    return np.array(list(names), dtype=object)


def _members_first(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.ascontiguousarray(np.moveaxis(np.concatenate(parts, axis=-1), -1, 0))


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


def attributes(scenario: Scenario, seed: int, length: int, members: int) -> dict[str, Any]:
    """What a reader of the dataset must know about it; structured values as JSON text."""
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
