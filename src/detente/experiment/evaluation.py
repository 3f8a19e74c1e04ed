"""Points of an experiment, evaluated by the model: scenarios as text in, numbers per member out.

Points that share a scenario and differ only in the values of uncertain quantities are simulated together, one lane
per point and member: fifty members cost almost as much time as two hundred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from detente.experiment.block import simulate_block
from detente.experiment.room import fitting
from detente.experiment.run import dataset, in_blocks, length_of
from detente.experiment.study import Point
from detente.model.draws import INVERSES
from detente.scenario.quantity import Quantity, Record
from detente.scenario.schema import Scenario, scenario_with

Array = NDArray[Any]

#: weekly paths that are kept, as means or by member
PATHS = ("tension", "behaviour")
#: lanes that are simulated together at most: beyond, the arrays leave the cache
LANES = 512


class Given(Quantity):
    """A quantity whose draws are stated lane by lane; ``value`` stays what the scenario says."""

    spread: Literal["given"] = "given"  # type: ignore[assignment]
    lanes: Any = None


INVERSES["given"] = lambda quantity, uniform: np.broadcast_to(cast("Given", quantity).lanes, uniform.shape)


def evaluate(point: Point) -> Mapping[str, Array]:
    """Metrics (member,) and paths (member, time) of one point.

    ``point.shared`` holds ``document`` (the scenario as JSON), ``metrics`` (name -> text), ``measure`` (the module
    that reads them), ``weeks``, and where there are any ``extensions`` (name -> SHA-256 of its file).
    """
    return together([point])[0]


def together(points: Sequence[Point]) -> list[Mapping[str, Array]]:
    """The outputs of several points, in their order. All must have the same members."""
    found: dict[int, Mapping[str, Array]] = {}
    for group in grouped(points):
        found |= dict(zip((point.number for point in group), _in_blocks(group), strict=True))
    return [found[point.number] for point in points]


def _in_blocks(points: Sequence[Point]) -> list[Mapping[str, Array]]:
    """Points side by side; in a theatre so large that they do not fit, with a part of the members at a time."""
    members = points[0].members
    fit = max(1, room(points[0]) // len(points))
    if len(members) <= fit:
        return _lanes(points)
    parts = [_lanes([replace(point, members=part) for point in points]) for part in in_blocks(members, fit)]
    return [
        {name: np.concatenate([one[name] for one in each]) for name in each[0]} for each in zip(*parts, strict=True)
    ]


def room(point: Point) -> int:
    """Lanes that may be simulated together."""
    base = document(point.shared["document"], tuple(point.shared.get("extensions", ())))
    return min(LANES, fitting(base, length_of(base, point.shared.get("weeks"))))


evaluate.together = together  # type: ignore[attr-defined]


def grouped(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Points that can share a block: the same scenario and the same uncertain quantities, so many as fit."""
    kinds: dict[tuple[str, frozenset[str]], list[Point]] = {}
    for point in points:
        kinds.setdefault((point.shared["document"], frozenset(point.values)), []).append(point)
    for alike in kinds.values():
        fit = max(1, room(alike[0]) // len(alike[0].members))
        yield from (alike[first : first + fit] for first in range(0, len(alike), fit))


def _lanes(points: Sequence[Point]) -> list[Mapping[str, Array]]:
    """Simulate points side by side: lane = place among the points × members + place among the members."""
    first, shared = points[0], points[0].shared
    base = document(shared["document"], tuple(shared.get("extensions", ())))
    members = np.tile(np.array(first.members), len(points))
    values = {path: np.repeat([p.values[path] for p in points], len(first.members)) for path in first.values}
    scenario, length = with_values(base, values), length_of(base, shared.get("weeks"))
    block = simulate_block(scenario, cast("range", members), first.seed, length)
    result = dataset(base, [block], first.seed, length)
    measure = import_module(shared["measure"])
    arrays = {name: measure.values(measure.parse(text), result) for name, text in shared["metrics"].items()}
    arrays |= {path: np.asarray(result[path].values) for path in PATHS}
    split = {name: array.reshape(len(points), len(first.members), *array.shape[1:]) for name, array in arrays.items()}
    return [{name: array[n] for name, array in split.items()} for n in range(len(points))]


@lru_cache(maxsize=64)
def document(text: str, extensions: tuple[str, ...] = ()) -> Scenario:
    """The scenario in a document, read with ``extensions``; a worker meets the same one many times."""
    return scenario_with(extensions).model_validate_json(text)


def with_values(scenario: Scenario, values: Mapping[str, Array]) -> Scenario:
    """The scenario with quantities given lane by lane: dotted path -> (lane,), in the model's unit."""
    tree: dict[str, Any] = {}
    for path, lanes in values.items():
        *above, last = path.split(".")
        node = tree
        for step in above:
            node = node.setdefault(step, {})
        node[last] = lanes
    changed: Scenario = _replaced(scenario, tree) if tree else scenario
    return changed


def _replaced(held: Any, tree: Mapping[str, Any] | Array) -> Any:
    """``held`` with the leaves of ``tree`` given; only what lies on their paths is copied."""
    if not isinstance(tree, Mapping):
        return Given.model_construct(**{**dict(held), "spread": "given", "lanes": tree})
    if isinstance(held, Record):
        return held.model_copy(update={step: _replaced(getattr(held, step), below) for step, below in tree.items()})
    return {**held, **{step: _replaced(held[step], below) for step, below in tree.items()}}
