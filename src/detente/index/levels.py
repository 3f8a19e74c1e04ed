"""Verbal levels of the index: fixed edges, from the scenario file."""

from __future__ import annotations

from collections.abc import Mapping

from detente.scenario.schema import Level


def crisis_edge(levels: Mapping[str, Level]) -> float:
    """The index at which a crisis begins; above 100 where no level is marked as one."""
    edges = [level.edge for level in levels.values() if level.crisis]
    return min(edges, default=float("inf"))


def level_of(value: float, levels: Mapping[str, Level]) -> str:
    """Name of the highest level whose edge ``value`` has reached."""
    reached = [(level.edge, name) for name, level in levels.items() if value >= level.edge]
    return max(reached)[1] if reached else next(iter(levels))
