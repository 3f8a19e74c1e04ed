"""Work that was stopped on its way: what is finished by then is handed on, not lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Unfinished(Exception):
    """Raised from what stopped the work; ``finished`` is its result so far."""

    def __init__(self, finished: Any) -> None:
        super().__init__("stopped before the end")
        self.finished = finished


class Unsaved(Unfinished):
    """Raised from what stopped the writing; ``finished`` is the whole result."""


@contextmanager
def keeping(finished: Callable[[], Any], stop: type[Unfinished] = Unfinished) -> Iterator[None]:
    """Whatever stops the work within, an interruption too, is raised as ``stop`` if there is a result so far."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        result = finished()
        if result is None:
            raise
        raise stop(result) from error
