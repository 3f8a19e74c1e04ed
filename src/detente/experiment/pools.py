"""Where tasks run: here, in a pool of local processes, or on a Dask cluster; one loop serves all three.

The loop keeps a bounded number of tasks in flight. When a local worker dies, the pool is rebuilt and what was in
flight is done again; a task that was in flight three times when a worker died is run alone, and if it still kills its
worker it comes back as a failure. Nothing is lost and nothing hangs.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import Any

from detente.errors import DetenteError
from detente.experiment.batch import Outcome, reason, work
from detente.experiment.study import Task
from detente.experiment.threads import one_thread_each
from detente.experiment.workers import Workers
from detente.extras import require

#: worker deaths after which a task that was in flight each time is run alone
SUSPECT = 2
#: seconds without a connection after which a cluster counts as gone
PATIENCE = 20.0


class PoolError(DetenteError):
    """The workers cannot be reached; finished work is kept."""

    exit_code = 3


class Here(Executor):
    """Runs each task at once in this process: the sequential case behind the same interface."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that is already done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Local:
    """``workers`` processes of this machine; one worker is this process itself."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._executor: Executor | None = None

    @property
    def width(self) -> int:
        """Tasks in flight: one waits while one runs."""
        return 1 if self.workers == 1 else 2 * self.workers

    def executor(self) -> Executor:
        """The pool, opened when first asked for."""
        if self._executor is None:
            self._executor = Here() if self.workers == 1 else Workers(self.workers)
        return self._executor

    def warm(self, *modules: str) -> None:
        """Start the workers now and let them load ``modules``, while this process still reads its input."""
        if self.workers == 1:
            return
        with one_thread_each(), suppress(BrokenExecutor, OSError):
            for _ in range(self.workers):
                self.executor().submit(load, modules)

    def check(self) -> None:
        """Local workers need no watching: a dead one breaks its pool."""

    def rebuild(self) -> None:
        """Throw a broken pool away; the next task opens another."""
        self.close()

    def close(self) -> None:
        """End the workers now; what they were doing is lost and will be done again."""
        if isinstance(self._executor, Workers):
            self._executor.end()
            self._executor = None


def _quiet() -> None:
    """Leave it to us to say what is wrong with a cluster: its own loggers print stack traces."""
    for name in ("distributed", "distributed.client", "distributed.comm", "distributed.core", "distributed.utils"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class Cluster:
    """A ``dask.distributed`` cluster that is already running at ``address``."""

    def __init__(self, address: str, patience: float = 10.0) -> None:
        self.address = address
        require("dask", "--dask")
        distributed: Any = import_module("distributed")
        _quiet()
        try:
            self._client = distributed.Client(address, timeout=patience, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise PoolError(
                f"no Dask scheduler answers at {address}: start one with `dask scheduler` "
                f"and workers with `dask worker {address}`"
            ) from error
        self._executor = self._client.get_executor()
        self._lost: float | None = None
        self._threads = 1

    @property
    def width(self) -> int:
        """Two tasks in flight for each thread of the cluster, as of when it last answered."""
        with suppress(OSError):
            threads = self._client.nthreads() if self._client.status == "running" else {}
            self._threads = sum(int(number) for number in threads.values()) or self._threads
        return 2 * self._threads

    def executor(self) -> Executor:
        """Dask's own implementation of the interface."""
        return self._executor  # type: ignore[no-any-return]

    def check(self) -> None:
        """Raise PoolError when the scheduler has been away for too long."""
        if self._client.status == "running":
            self._lost = None
            return
        self._lost = self._lost or monotonic()
        if self._client.status in ("closed", "closing") or monotonic() - self._lost > PATIENCE:
            raise PoolError(f"the Dask scheduler at {self.address} went away")

    def rebuild(self) -> None:
        """A cluster restarts its own workers; a cancelled task means that the scheduler is gone."""
        raise PoolError(f"the Dask scheduler at {self.address} went away")

    def close(self) -> None:
        """Leave the cluster; tasks that nobody waits for are dropped there."""
        self._client.close(timeout=1)


def load(modules: tuple[str, ...]) -> None:
    """Import ``modules`` in a worker: what the first task would wait for."""
    for name in modules:
        import_module(name)


def drive(pool: Local | Cluster, tasks: Iterator[Task]) -> Iterator[Outcome]:
    """Outcomes of ``tasks`` as they come; each task gives exactly one. Raises PoolError when a cluster is lost."""
    with one_thread_each():
        yield from _Flight(pool, tasks).outcomes()


class _Flight:
    """The tasks in flight, and the memory of who was in flight when a worker died."""

    def __init__(self, pool: Local | Cluster, tasks: Iterator[Task]) -> None:
        self.pool = pool
        self.tasks = tasks
        self.again: deque[Task] = deque()
        self.alone: deque[Task] = deque()
        self.deaths: dict[int, int] = {}
        self.flying: dict[Future[Outcome], Task] = {}

    def outcomes(self) -> Iterator[Outcome]:
        while self.fill():
            done, _ = wait(self.flying, timeout=0.2, return_when="FIRST_COMPLETED")
            lost = []
            for future in done:
                task = self.flying.pop(future)
                outcome = self.landed(future, task)
                if outcome is None:
                    lost.append(task)
                else:
                    yield outcome
            if lost:
                yield from self.recover(lost)
            self.pool.check()

    def fill(self) -> bool:
        """Bring more tasks into flight; False when none is left."""
        while len(self.flying) < self.pool.width and (task := self.next_task()) is not None:
            self.start(task)
        return bool(self.flying)

    def next_task(self) -> Task | None:
        """What may start now: tasks to do again, then suspects one at a time with nobody else in the air."""
        if any(self.suspect(task) for task in self.flying.values()):
            return None
        if self.again:
            return self.again.popleft()
        if self.alone:
            return None if self.flying else self.alone.popleft()
        return next(self.tasks, None)

    def suspect(self, task: Task) -> bool:
        """True for a task under which workers keep dying."""
        return self.deaths.get(task.number, 0) > SUSPECT

    def start(self, task: Task) -> None:
        try:
            self.flying[self.pool.executor().submit(work, task)] = task
        except (BrokenExecutor, OSError, RuntimeError):  # it broke between two submissions: as if it had broken after
            broken: Future[Outcome] = Future()
            broken.set_exception(BrokenExecutor())
            self.flying[broken] = task

    def landed(self, future: Future[Outcome], task: Task) -> Outcome | None:
        """The outcome, or None where the worker died under the task."""
        try:
            return future.result()
        except (BrokenExecutor, CancelledError):
            return None
        except Exception as error:  # the task could not even be sent or its answer not be read
            return Outcome(task.number, failure=reason(error))

    def recover(self, lost: list[Task]) -> Iterator[Outcome]:
        """After a death: everything in flight is done again; a task that died alone is given up."""
        lost += list(self.flying.values())
        solo = len(lost) == 1 and self.suspect(lost[0])
        self.flying.clear()
        self.pool.rebuild()
        for task in lost:
            self.deaths[task.number] = self.deaths.get(task.number, 0) + 1
            if solo:
                text = "its worker died each time it was tried (killed, or out of memory)"
                yield Outcome(task.number, failure=text)
            else:
                (self.alone if self.suspect(task) else self.again).append(task)
