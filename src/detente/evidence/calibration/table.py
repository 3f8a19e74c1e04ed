"""The reference table: simulations of the scenario over the window, each with parameters of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.engine.choice import Engine, settled
from detente.evidence.calibration.reports import reported
from detente.evidence.calibration.summaries import discrepancy, summarise
from detente.evidence.calibration.window import Watched
from detente.experiment.counts import counts
from detente.experiment.pools import spread
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]

#: draws simulated together: fixed, so that no number depends on the workers
BLOCK = 512
#: purposes of chance beside that of the world itself
REPORTS, OFF = 1, 2


@dataclass(frozen=True)
class Task:
    """One block of draws of a checked scenario."""

    scenario: Scenario
    watched: Watched
    parameters: dict[str, Quantity]
    draws: range
    seed: int
    engine: Engine


@dataclass(frozen=True)
class Table:
    """``summaries`` (draw, summary) under ``names``, with the stated discrepancy; ``place`` (draw, parameter) of each
    draw in the priors of ``parameters``, as the probability of a smaller value."""

    parameters: dict[str, Quantity]
    names: tuple[str, ...]
    summaries: Array
    place: Array


def block(task: Task) -> tuple[Array, Array]:
    """Summaries (draw, summary) without discrepancy, and places (draw, parameter), of one block."""
    seen = task.watched
    simulated = counts(task.scenario, task.draws, task.seed, seen.stop, task.parameters, task.engine)
    rng = np.random.default_rng([task.seed, REPORTS, task.draws.start])
    reports = reported(simulated.incidents[seen.first :, seen.rows], seen.other, rng)
    found = summarise(reports, seen.starts, seen.dyads)
    return np.stack(list(found.values()), axis=1), simulated.place


def observed(seen: Watched) -> dict[str, float]:
    """The summaries of the file itself."""
    counted = np.ascontiguousarray(seen.count.T[:, None, :], dtype=np.float32)
    return {name: float(value[0]) for name, value in summarise(counted, seen.starts, seen.dyads).items()}


def table(
    scenario: Scenario,
    seen: Watched,
    parameters: dict[str, Quantity],
    draws: int,
    seed: int,
    workers: int = 1,
    tell: Progress | None = None,
) -> Table:
    """Simulate ``draws`` draws of a checked scenario; the same bits whatever ``workers``."""
    parts = [range(first, min(first + BLOCK, draws)) for first in range(0, draws, BLOCK)]
    names, done = tuple(observed(seen)), list[tuple[Array, Array]]()
    engine = settled(scenario, draws, seen.stop)
    tasks = [Task(scenario, seen, parameters, part, seed, engine) for part in parts]
    with spread(block, tasks, workers) as results:
        for part, result in zip(parts, results, strict=True):
            done.append(result)
            if tell is not None:
                tell(part.stop, draws)
    summaries, place = (np.concatenate(some) for some in zip(*done, strict=True))
    off = np.random.default_rng([seed, OFF]).standard_normal(summaries.shape)
    return Table(parameters, names, summaries + discrepancy(names) * off, place)
