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


@contextmanager
def keeping(finished: Callable[[], Any]) -> Iterator[None]:
    """Whatever stops the work within, an interruption too, is raised as Unfinished if there is a result so far."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        result = finished()
        if result is None:
            raise
        raise Unfinished(result) from error
