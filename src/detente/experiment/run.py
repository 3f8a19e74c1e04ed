"""The runner: a scenario's members in blocks, blocks in workers, one dataset at the end.

No number depends on the blocks, the workers, or how an ensemble grew to its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from detente.engine import choice
from detente.engine.block import Block
from detente.engine.choice import Engine
from detente.errors import DetenteError
from detente.experiment.dataset import dataset
from detente.experiment.pools import spread
from detente.experiment.room import fitting, require_memory
from detente.experiment.streaming import Summary, as_dataset
from detente.model import stability
from detente.model.calendar import weeks as weeks_of
from detente.scenario.schema import Scenario

if TYPE_CHECKING:
    import xarray as xr

#: members per block: fits the cache, long enough that NumPy's dispatch does not dominate
BLOCK = 1024

#: told how many members are done, of how many
Progress: TypeAlias = Callable[[int, int], None]


class RunError(DetenteError, ValueError):
    """A run that cannot be made as asked: too few members, or more weeks than the scenario has."""


def blocks(members: range, size: int = BLOCK, workers: int = 1) -> list[range]:
    """``members`` in blocks of at most ``size``, as many at least as there are workers."""
    size = max(1, min(size, -(-len(members) // workers)))
    return [range(first, min(first + size, members.stop)) for first in range(members.start, members.stop, size)]


def length_of(scenario: Scenario, weeks: int | None) -> int:
    """Weeks to run: the scenario's own length, or ``weeks`` of it. Raises RunError outside 1 to that length."""
    whole = weeks_of(scenario)
    if weeks is None:
        return whole
    if not 1 <= weeks <= whole:
        raise RunError(f"{weeks} weeks: {scenario.title} runs from 1 to {whole} weeks")
    return weeks


class Ensemble:
    """The members of a scenario, of which there can be more and more: those that are there are not run again.

    ``engine`` is that of the context where none is named. Raises RunError for weeks out of range, ScenarioError for
    unstable parameters.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int = 1,
        weeks: int | None = None,
        workers: int = 1,
        *,
        block: int = BLOCK,
        progress: Progress | None = None,
        engine: Engine | None = None,
    ) -> None:
        stability.require(scenario)
        self.scenario, self.seed, self.workers, self.progress = scenario, seed, workers, progress
        self.length = length_of(scenario, weeks)
        self.size = min(block, fitting(scenario, self.length))
        self.engine = engine
        self.blocks: list[Block] = []
        self.members = 0
        self.kept: xr.Dataset | None = None

    def result(self, members: int) -> xr.Dataset:
        """The first ``members`` members, at least those it has already. Raises RunError, TooLarge, WorkerLost."""
        if self.kept is None or members > self.members:
            require_memory(self.scenario, self.length, members)
            with self.simulated(range(self.members, members)) as found:
                self.blocks += found
            self.members = members
            self.kept = dataset(self.scenario, self.blocks, self.seed, self.length)
        return self.kept

    @contextmanager
    def simulated(self, members: range) -> Iterator[Iterator[Block]]:
        """Blocks of ``members`` in their order, as they come. Raises RunError for none, WorkerLost."""
        if not members:
            raise RunError(f"{members.stop} members: at least 1 is needed")
        engine = self.engine = self.engine or choice.settled(self.scenario, members.stop, self.length)
        parts = blocks(members, self.size, self.workers)
        work = partial(choice.simulate, engine, self.scenario, seed=self.seed, length=self.length)

        def told(part: range, block: Block) -> Block:
            choice.noticed(self.scenario, engine, block.engine)
            if self.progress is not None:
                self.progress(part.stop, members.stop)
            return block

        with spread(work, parts, self.workers) as found:
            yield map(told, parts, found)


def run(
    scenario: Scenario,
    members: int = 1000,
    seed: int = 1,
    weeks: int | None = None,
    workers: int = 1,
    *,
    keep: str = "index",
    block: int = BLOCK,
    progress: Progress | None = None,
) -> xr.Dataset:
    """The ensemble of a scenario as a dataset; see vocabulary.py for its variables.

    With ``keep`` "summary" counts by week and a few numbers of each member are kept in place of all (streaming.py).
    The same (scenario, members, seed, weeks) gives the same bits whatever ``workers`` and ``block``.
    Raises RunError for members < 1 or weeks out of range, ScenarioError for unstable parameters, TooLarge for what the
    machine's memory cannot hold, WorkerLost.
    """
    ensemble = Ensemble(scenario, seed, weeks, workers, block=block, progress=progress)
    if keep == "index":
        return ensemble.result(members)
    if workers > 1:
        ensemble.size = min(ensemble.size, fitting(scenario, ensemble.length, passed=True))
    with ensemble.simulated(range(members)) as found:
        summary = Summary(scenario, ensemble.length, members)
        for one in found:
            summary.add(one)
    return as_dataset(summary, scenario, seed, ensemble.length)


def simulate(
    scenario: Scenario, members: range, seed: int, *, weeks: int | None = None, engine: Engine | None = None
) -> xr.Dataset:
    """Some members as a dataset, in this process. Raises as :func:`run`."""
    ensemble = Ensemble(scenario, seed, weeks, engine=engine)
    require_memory(scenario, ensemble.length, len(members))
    with ensemble.simulated(members) as found:
        return dataset(scenario, list(found), seed, ensemble.length, members.start)
