"""Worker processes: started afresh, without the caller's script, and gone when the caller is gone.

A started Python would run the caller's script once more, up to where that starts workers, and so on; nothing that a
worker does stands there. A worker ends with its parent, however that ends, and leaves Ctrl-C to it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from time import monotonic
from types import ModuleType
from typing import ParamSpec, TypeVar

from detente.errors import DetenteError

P = ParamSpec("P")
T = TypeVar("T")

#: seconds in which ended workers are waited for
GRACE = 0.5
#: what a user or a system stops a process with
STOPS = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}


class WorkerLost(DetenteError):
    """A worker process ended before its work was done."""

    exit_code = 3


class Workers(ProcessPoolExecutor):
    """``count`` worker processes, started when work comes."""

    def __init__(self, count: int) -> None:
        self._before = {process.pid for process in multiprocessing.active_children()}
        super().__init__(count, mp_context=multiprocessing.get_context("spawn"), initializer=begin_worker)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As the library's; processes that it starts do not see the caller's script."""
        with _undisturbed(), _script_unseen():
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


@contextmanager
def pool(workers: int, parts: int) -> Iterator[Executor | None]:
    """Workers for several ``parts``, nothing for one; an error or an interrupt ends them. Raises WorkerLost."""
    count = min(workers, parts)
    if count <= 1:
        yield None
        return
    found = Workers(count)
    try:
        yield found
    except BaseException as error:
        found.end()
        if isinstance(error, BrokenProcessPool):
            advice = "killed, or out of memory. Fewer --workers or --members need less memory."
            raise WorkerLost(f"a worker process ended before its work was done: {advice}") from error
        raise
    found.shutdown()


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
