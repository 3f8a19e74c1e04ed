"""Inert parameters: which numbers of a scenario, and which facts behind them, move no output at all.

Every number is moved alone, within its range or by a tenth, on the same luck and the same draws of everything else.
Numbers are tried side by side, a lane for each (see evaluation.py), so that all of them cost about as much as one
run; what stays silent is tried again with more luck, and by changing the scenario itself, since some numbers are not
drawn but read. Outputs are compared bit by bit: a number that is not used changes none. model.md §3 and §7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.engine.block import simulate_block
from detente.experiment.evaluation import each_moved
from detente.model.calendar import weeks as weeks_of
from detente.model.draws import Draws
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import quantities, replaced
from detente.vocabulary import REPLICATES

Array = NDArray[np.float64]

#: members that a number is tried on when one is not enough; each has its own luck and its own draws
TRIED = 32
#: members in which a changed scenario is run
FEW = 8
#: weeks in which a changed scenario is run first
SOON = 26
#: share by which a number without a range is moved, and what is added to 0
MOVE = 0.1


@dataclass(frozen=True)
class Inert:
    """What moves no output: dotted paths of numbers, names of acts, and sources that only such ones name."""

    numbers: tuple[str, ...]
    acts: tuple[str, ...]
    facts: tuple[str, ...]


def inert_inputs(scenario: Scenario, seed: int = 1) -> Inert:
    """Everything written in a scenario that moves no output of its full length."""
    numbers = {held.path: held.quantity for held in quantities(scenario) if held.written}
    acts = {f"acts.{name}.chance": act.chance for name, act in scenario.acts.items()}
    left = unresponsive(scenario, {**numbers, **acts}, seed)
    inert = tuple(path for path in numbers if path in left)
    idle = tuple(path.split(".")[1] for path in acts if path in left)
    return Inert(inert, idle, tuple(_facts(scenario, numbers, set(inert), set(idle))))


def unresponsive(scenario: Scenario, numbers: Mapping[str, Quantity], seed: int = 1) -> list[str]:
    """Those of ``numbers`` (dotted path -> quantity) that move nothing, whichever way they are moved."""
    length = weeks_of(scenario)
    left = dict(numbers)
    for step, members in ((-1, 1), (1, 1)):
        left = {path: left[path] for path in _side_by_side(scenario, left, seed, length, members, step)}
    left = {path: left[path] for path in _by_itself(scenario, left, seed, min(SOON, length), 1)}
    left = {path: left[path] for path in _side_by_side(scenario, left, seed, length, TRIED, 1)}
    return list(_by_itself(scenario, left, seed, length, -1))


def _side_by_side(
    scenario: Scenario, numbers: Mapping[str, Quantity], seed: int, length: int, members: int, step: int
) -> Iterator[str]:
    """Paths that change nothing in ``members`` members when each is moved in lanes of its own."""
    luck, values = np.arange(members) * REPLICATES, {}
    draws = Draws(seed, luck)
    for path, q in numbers.items():
        usual = np.broadcast_to(draws.take(q, path), (members,))
        values[path] = usual, moved(q, usual, path, step)
    for path, as_is, otherwise in each_moved(scenario, values, luck, seed, length):
        if _same(as_is, [one[..., 0, :] for one in otherwise]):
            yield path


def _by_itself(scenario: Scenario, numbers: Mapping[str, Quantity], seed: int, length: int, step: int) -> Iterator[str]:
    """Paths that change nothing when the number is changed in the scenario: some are read, not drawn."""
    usual = simulate_block(scenario, range(FEW), seed, length).outcomes() if numbers else []
    for path, q in numbers.items():
        value = float(moved(q, np.array([q.value]), path, step)[0])
        other = replaced(scenario, {path: q.model_copy(update={"value": value, "spread": None})})
        if _same(usual, simulate_block(other, range(FEW), seed, length).outcomes()):
            yield path


def _same(one: Sequence[NDArray[Any]], other: Sequence[NDArray[Any]]) -> bool:
    return all(map(np.array_equal, one, other))


def moved(q: Quantity, usual: Array, path: str, step: int) -> Array:
    """Other values than ``usual``: a quarter of the range away and inside it, without a range a tenth (of weeks at
    least one), in the direction ``step`` where there is room; a chance the other way round."""
    if path.endswith(".chance"):
        return np.where(usual < 0.5, 1.0, 0.0)
    if q.low is not None and q.high is not None and q.high > q.low:
        away = step * 0.25 * (q.high - q.low)
        return np.where((usual + away >= q.low) & (usual + away <= q.high), usual + away, usual - away)
    least = 1.0 if q.unit == "weeks" else 0.0
    tenth = np.maximum(MOVE * np.abs(usual), least)
    return np.where(usual == 0, max(MOVE, least), usual + step * tenth)


def _facts(scenario: Scenario, numbers: Mapping[str, Quantity], inert: set[str], idle: set[str]) -> Iterator[str]:
    """Sources of the scenario that are named only by what moves nothing, in the order of the file."""
    live = {source for path, q in numbers.items() if path not in inert for source in q.source}
    live |= {source for name, act in scenario.acts.items() if name not in idle for source in act.source}
    for section in ("pacts", "programmes", "bases"):
        moving = {path.split(".")[1] for path in numbers if path.startswith(f"{section}.") and path not in inert}
        live |= {source for name in moving for source in getattr(scenario, section)[name].source}
    yield from (name for name in named(scenario) if name not in live)


def named(scenario: Scenario) -> list[str]:
    """Every source that some number or record names, in the order of the file."""
    records: list[Any] = [held.quantity for held in quantities(scenario)]
    for section in ("acts", "pacts", "programmes", "bases"):
        records += getattr(scenario, section).values()
    return list(dict.fromkeys(source for record in records for source in record.source))
