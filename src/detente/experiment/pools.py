"""Where work is done: in this process, in processes of this machine, or on a Dask cluster; one loop serves all three.

A started Python would run the caller's script once more, up to where that starts workers, and so on; nothing that a
worker does stands there, and it does not see it. A worker ends with its parent, however that ends, and leaves Ctrl-C
to it. Nothing here loads NumPy, so that BLAS can be told of its threads before.

The loop keeps a bounded number of tasks in flight. When a local worker dies, the pool is rebuilt and what was in
flight is done again; a task that was in flight three times when a worker died is run alone, and if it still kills its
worker it is given up. Nothing is lost and nothing hangs.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from importlib import import_module
from time import monotonic
from types import ModuleType
from typing import Any, Generic, ParamSpec, TypeVar

from detente.errors import DetenteError
from detente.extras import require

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

#: seconds in which ended workers are waited for
GRACE = 0.5
#: what a user or a system stops a process with
STOPS = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
#: worker deaths after which a task that was in flight each time is run alone
SUSPECT = 2
#: seconds without a connection after which a cluster counts as gone
PATIENCE = 20.0
#: what keeps BLAS on one thread: more would only fight the workers over the cores
THREADS = (*(f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")), "VECLIB_MAXIMUM_THREADS")


class PoolError(DetenteError):
    """The workers cannot be reached; finished work is kept."""

    exit_code = 3


class WorkerLost(PoolError):
    """A worker process ended before its work was done, however often that was tried."""


@contextmanager
def spread(function: Callable[[S], T], tasks: Sequence[S], workers: int = 1) -> Iterator[Iterator[T]]:
    """What ``function`` gives for each of ``tasks``, in their order, with few results held at a time.

    The workers end with the block, whatever ends it. What ``function`` raises is raised; WorkerLost where a task kills
    its worker.
    """
    pool = Local(max(1, min(workers, len(tasks))))
    try:
        yield (future.result() for _, future in drive(pool, function, tasks, in_order=True))
    finally:
        pool.close()


def drive(
    pool: Local | Cluster, function: Callable[[S], T], tasks: Iterable[S], *, in_order: bool = False
) -> Iterator[tuple[S, Future[T]]]:
    """Every task once, with its finished future, as they come or ``in_order``. PoolError when a cluster is lost.

    A future holds WorkerLost where the task was given up.
    """
    flight, turn = _Flight(pool, function, tasks), 0
    waiting: dict[int, tuple[S, Future[T]]] = {}
    while flight.fill(len(waiting)):
        for number, task, future in flight.landed():
            if not in_order:
                yield task, future
                continue
            waiting[number] = task, future
            while turn in waiting:
                yield waiting.pop(turn)
                turn += 1
        pool.check()


class _Flight(Generic[S, T]):
    """The tasks in flight, and the memory of who was in flight when a worker died."""

    def __init__(self, pool: Local | Cluster, function: Callable[[S], T], tasks: Iterable[S]) -> None:
        self.pool, self.function, self.tasks = pool, function, enumerate(tasks)
        self.again: deque[tuple[int, S]] = deque()
        self.alone: deque[tuple[int, S]] = deque()
        self.deaths: Counter[int] = Counter()
        self.flying: dict[Future[T], tuple[int, S]] = {}

    def fill(self, held: int) -> bool:
        """Bring more tasks into flight, beside the ``held`` that wait for their turn; False when none is left."""
        while len(self.flying) + held < self.pool.width or not self.flying:
            task = self.next_task()
            if task is None:
                break
            try:
                future = self.pool.executor().submit(self.function, task[1])
            except (BrokenExecutor, OSError, RuntimeError):  # between two submissions: as if it had broken after
                future = Future()
                future.set_exception(BrokenExecutor())
            self.flying[future] = task
        return bool(self.flying)

    def next_task(self) -> tuple[int, S] | None:
        """What may start now: tasks to do again, then suspects one at a time with nobody else in the air."""
        if any(self.suspect(number) for number, _ in self.flying.values()):
            return None
        if self.again:
            return self.again.popleft()
        if self.alone:
            return None if self.flying else self.alone.popleft()
        return next(self.tasks, None)

    def suspect(self, number: int) -> bool:
        """True for a task under which workers keep dying."""
        return self.deaths[number] > SUSPECT

    def landed(self) -> Iterator[tuple[int, S, Future[T]]]:
        """What is finished by now. After a death all in flight is done again; a task that died alone is given up."""
        done, _ = wait(self.flying, timeout=0.2, return_when="FIRST_COMPLETED")
        lost = []
        for future in done:
            task = self.flying.pop(future)
            if future.cancelled() or isinstance(future.exception(), BrokenExecutor):
                lost.append(task)
            else:
                yield (*task, future)
        if not lost:
            return
        lost += list(self.flying.values())
        solo = len(lost) == 1 and self.suspect(lost[0][0])
        self.flying.clear()
        self.pool.rebuild()
        for number, one in lost:
            self.deaths[number] += 1
            if solo:
                given_up: Future[T] = Future()
                text = "a worker died each time this was tried (killed, or out of memory)"
                given_up.set_exception(WorkerLost(f"{text}: fewer --workers or --members need less memory"))
                yield number, one, given_up
            else:
                (self.alone if self.suspect(number) else self.again).append((number, one))


class Here(Executor):
    """Runs each task at once in this process: the sequential case behind the same interface."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """A future that is already done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Workers(ProcessPoolExecutor):
    """``count`` worker processes, started when work comes; each begins with ``begin(*begun_with)``."""

    def __init__(
        self, count: int, begin: Callable[..., object] | None = None, begun_with: tuple[Any, ...] = ()
    ) -> None:
        self._before = {process.pid for process in multiprocessing.active_children()}
        context = multiprocessing.get_context("spawn")
        super().__init__(count, context, initializer=begin or begin_worker, initargs=begun_with)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As the library's; processes that it starts do not see the caller's script, and run BLAS on one thread."""
        with _undisturbed(), _script_unseen(), one_thread_each():
            return super().submit(fn, *args, **kwargs)

    def end(self) -> None:
        """End the workers now; what they were doing is lost."""
        children = [p for p in multiprocessing.active_children() if p.pid not in self._before]
        self.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.terminate()
        until = monotonic() + GRACE
        for child in children:
            child.join(timeout=max(0.0, until - monotonic()))
        for child in children:
            child.kill()  # one that is only just starting is deaf to all else
            child.join()


class Local:
    """``workers`` processes of this machine; one worker is this process itself."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        #: tasks in flight: one waits while one runs
        self.width = 1 if workers == 1 else 2 * workers
        self._executor: Here | Workers | None = None

    def executor(self) -> Executor:
        """The pool, opened when first asked for."""
        if self._executor is None:
            self._executor = Here() if self.workers == 1 else Workers(self.workers)
        return self._executor

    def warm(self, *modules: str) -> None:
        """Start the workers now and let them load ``modules``, while this process still reads its input."""
        with suppress(BrokenExecutor, OSError):
            for _ in range(self.workers if self.workers > 1 else 0):
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


class Cluster:
    """A ``dask.distributed`` cluster that is already running at ``address``."""

    def __init__(self, address: str, patience: float = 10.0) -> None:
        self.address = address
        require("dask", "--dask")
        distributed: Any = import_module("distributed")
        for name in ("", ".client", ".comm", ".core", ".utils"):  # they print stack traces; we say what is wrong
            logging.getLogger(f"distributed{name}").setLevel(logging.CRITICAL + 1)
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
            self.rebuild()

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


def begin_worker() -> None:
    """Leave Ctrl-C to the parent, and end when the parent is gone, even when it was killed outright."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes started inside, and NumPy if it is loaded inside, run BLAS on one thread."""
    before = {name: os.environ.pop(name, None) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name in THREADS:
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in before.items() if value is not None})


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What would stop this process waits until a worker that is being started has been told what to do."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _script_unseen() -> Iterator[None]:
    """A started process is told of no main module: it imports what its work names, and nothing else."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script
