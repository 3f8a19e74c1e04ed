"""What the commands do, one call each: from scenarios and results to results that the next call takes.

Every call takes ``tell``, which is given what is going on: ``tell(words)`` a remark, ``tell(what, done, total, unit)``
how much of something is finished.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Tell: TypeAlias = Callable[..., None]


def silent(what: str, done: int | None = None, total: int = 0, unit: str = "members") -> None:
    """No word on ``what`` is going on, of which ``done`` of ``total`` are finished."""
