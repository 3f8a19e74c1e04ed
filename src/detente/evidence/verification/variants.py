"""Variants of a scenario as values: every number at its centre, or one thing replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from detente.scenario.quantity import Quantity, Record


def pinned(held: Any) -> Any:
    """The scenario with every number at its central value."""
    if isinstance(held, Quantity):
        return held.model_copy(update={"spread": None})
    if isinstance(held, Record):
        return held.model_copy(update={name: pinned(getattr(held, name)) for name in type(held).model_fields})
    return {key: pinned(entry) for key, entry in held.items()} if isinstance(held, dict) else held


def put(held: Any, path: Sequence[str], value: Any) -> Any:
    """``held`` with ``value`` at ``path``; only what lies on the path is copied."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(held, Record):
        return held.model_copy(update={step: put(getattr(held, step), rest, value)})
    return {**held, step: put(held[step], rest, value)}
