"""Warm workers that run members of an ensemble and stop within a week of it when nobody wants the answer any more.

Every piece of work holds a *flag*, a byte that all workers share; whoever no longer wants the work raises it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import BrokenExecutor
from functools import partial
from multiprocessing.sharedctypes import RawArray
from typing import Any

from detente.engine import choice
from detente.engine.block import Block
from detente.engine.choice import NUMPY, Engine
from detente.errors import DetenteError
from detente.experiment.pools import Workers, begin_worker
from detente.experiment.room import fitting
from detente.experiment.run import blocks
from detente.scenario.schema import Scenario

#: pieces of work that may be wanted at a time; beyond, callers are refused before they get here
FLAGS = 64
#: the flags, in a worker
_raised: Any = None


class Unwanted(Exception):
    """Nobody wants the work that was being done."""


class WorkersLost(DetenteError):
    """A worker ended before its work was done."""

    exit_code = 3


def _begin(flags: Any, engine: Engine) -> None:
    """Start of a worker: leave Ctrl-C to the parent, and load what the first question would wait for."""
    global _raised
    _raised = flags
    begin_worker()
    import detente.model.world  # Mesa takes a second

    if engine != NUMPY:
        import detente.engine.compiled  # noqa: F401  # LLVM takes another


def _simulated(engine: Engine, scenario: Scenario, members: range, seed: int, length: int, flag: int) -> Block:
    def heed() -> None:
        if _raised[flag]:
            raise Unwanted

    heed()
    return choice.simulate(engine, scenario, members, seed, length, heed)


def _ready() -> None:
    """Nothing: a worker that has done it is warm."""


class Crew:
    """``count`` worker processes with one engine, kept between questions."""

    def __init__(self, count: int, engine: Engine = NUMPY) -> None:
        self.count, self.engine = count, engine
        self._flags = RawArray("b", FLAGS)
        self._free = list(range(FLAGS))
        self._workers = Workers(count, _begin, (self._flags, self.engine))
        for _ in range(count):
            self._workers.submit(_ready)

    def flag(self) -> int:
        """A flag that nobody holds, lowered."""
        flag = self._free.pop()
        self._flags[flag] = 0
        return flag

    def release(self, flag: int) -> None:
        """Give a flag back, when the work under it has ended."""
        self._free.append(flag)

    def drop(self, flag: int) -> None:
        """Raise a flag: the work under it ends within a simulated week."""
        self._flags[flag] = 1

    async def members(self, scenario: Scenario, members: range, seed: int, length: int, flag: int) -> list[Block]:
        """Blocks of ``members`` in order, spread over the workers. Raises Unwanted, WorkersLost.

        Whatever ends the waiting ends the work, and is told only when that has happened.
        """
        parts = blocks(members, fitting(scenario, length), self.count)
        work = partial(_simulated, self.engine, scenario)
        try:
            tasks = [self._workers.submit(work, part, seed, length, flag) for part in parts]
        except BrokenExecutor as error:
            raise self._again() from error
        try:
            return list(await asyncio.gather(*map(asyncio.wrap_future, tasks)))
        except BrokenExecutor as error:
            raise self._again() from error
        finally:
            if not all(task.done() for task in tasks):
                self.drop(flag)
                for task in tasks:
                    task.cancel()
                await asyncio.shield(_ended(tasks))

    def _again(self) -> WorkersLost:
        self._workers.end()
        self._workers = Workers(self.count, _begin, (self._flags, self.engine))
        return WorkersLost("a worker ended before its work was done; it has been started again: move the lever again")

    def close(self) -> None:
        """End the workers now."""
        self._workers.end()


async def _ended(tasks: Any) -> None:
    """Wait until the work has ended, however it ends."""
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0.005)
