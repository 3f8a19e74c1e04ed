"""Points of an experiment, evaluated by the model: scenarios as text in, numbers per member out.

Points that share a scenario and differ only in the values of uncertain quantities are simulated together, one lane
per point and member: fifty members cost almost as much time as two hundred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from detente.engine import choice
from detente.engine.block import Block
from detente.engine.choice import NUMPY, Engine
from detente.experiment import metrics
from detente.experiment.dataset import dataset
from detente.experiment.room import fitting
from detente.experiment.run import blocks, length_of
from detente.experiment.study import Point
from detente.model.draws import Given
from detente.scenario.schema import Scenario, scenario_with
from detente.scenario.values import at, replaced

Array = NDArray[Any]

#: weekly paths that are kept, as means or by member
PATHS = ("tension", "behaviour")
#: lanes that are simulated together at most: beyond, the arrays leave the cache
LANES = 512


def evaluate(point: Point) -> Mapping[str, Array]:
    """Metrics (member,) and paths (member, time) of one point.

    ``point.shared`` holds ``document`` (the scenario as JSON), ``metrics`` (name -> text), ``weeks``, where there are
    any ``extensions`` (name -> SHA-256 of its file), and ``engine`` where that is not NumPy's.
    """
    return together([point])[0]


def together(points: Sequence[Point]) -> list[Mapping[str, Array]]:
    """The outputs of several points, in their order. All must have the same members.

    Points share a block that have the same scenario and the same uncertain quantities, so many as fit; in a theatre so
    large that one point does not fit, a part of its members at a time.
    """
    kinds: dict[tuple[str, frozenset[str]], list[Point]] = {}
    for point in points:
        kinds.setdefault((point.shared["document"], frozenset(point.values)), []).append(point)
    found: dict[int, Mapping[str, Array]] = {}
    for alike in kinds.values():
        members, shared = alike[0].members, alike[0].shared
        base = document(shared["document"], tuple(shared.get("extensions", ())))
        length = length_of(base, shared.get("weeks"))
        fit = fitting_lanes(base, length)
        most = max(1, fit // len(members))
        for some in (alike[first : first + most] for first in range(0, len(alike), most)):
            parts = [_measured(base, some, part, length) for part in blocks(members, fit // len(some))]
            for n, point in enumerate(some):
                found[point.number] = {k: np.concatenate([part[k][n] for part in parts]) for k in parts[0]}
    return [found[point.number] for point in points]


evaluate.together = together  # type: ignore[attr-defined]


def fitting_lanes(scenario: Scenario, length: int) -> int:
    """Lanes that may be simulated together."""
    return min(LANES, fitting(scenario, length))


def _measured(base: Scenario, points: Sequence[Point], members: range, length: int) -> dict[str, Array]:
    """Metrics (point, member) and paths (point, member, time) of points side by side."""
    values = {path: np.array([point.values[path] for point in points])[:, None] for path in points[0].values}
    seed, shape = points[0].seed, (len(points), len(members))
    engine = points[0].shared.get("engine", NUMPY)
    block = side_by_side(base, values, np.array(members), len(points), seed, length, engine)
    result = dataset(base, [block], seed, length)
    arrays = {k: metrics.values(metrics.parse(text), result) for k, text in points[0].shared["metrics"].items()}
    arrays |= {path: np.asarray(result[path].values) for path in PATHS}
    return {name: array.reshape(*shape, *array.shape[1:]) for name, array in arrays.items()}


def side_by_side(
    scenario: Scenario, values: Mapping[str, Array], members: NDArray[np.integer], groups: int, seed: int, length: int,
    engine: Engine = NUMPY,
) -> Block:  # fmt: skip
    """One block: the same ``members`` once for each group, lane = group × members + place among the members.

    ``values``: dotted path -> what it is in each group, (group, member or 1), in the model's unit.
    """
    shape = groups, len(members)
    given = with_values(scenario, {path: np.broadcast_to(lanes, shape).ravel() for path, lanes in values.items()})
    return choice.simulate(engine, given, cast("range", np.tile(members, groups)), seed, length)


def each_moved(
    scenario: Scenario, values: Mapping[str, tuple[Array, ...]], members: NDArray[np.integer], seed: int, length: int
) -> Iterator[tuple[str, list[Array], list[Array]]]:
    """Every number alone at other values, on the same luck and the same draws of everything else.

    ``values``: dotted path -> what it is usually and otherwise, each (member,) and of every number as many. Gives the
    path with the outcomes (``Block.outcomes``, time first) as it is, (..., member), and otherwise,
    (..., value, member).
    """
    others = max((len(one) - 1 for one in values.values()), default=1)
    most = max(1, (fitting_lanes(scenario, length) // len(members) - 1) // others)
    for first in range(0, len(values), most):
        some = list(values)[first : first + most]
        groups = 1 + others * len(some)
        lanes = {path: np.tile(values[path][0], (groups, 1)) for path in some}
        for n, path in enumerate(some):
            lanes[path][1 + others * n : 1 + others * (n + 1)] = values[path][1:]
        block = side_by_side(scenario, lanes, members, groups, seed, length)
        outcomes = [one.reshape(*one.shape[:-1], groups, len(members)) for one in block.outcomes()]
        for n, path in enumerate(some):
            own = slice(1 + others * n, 1 + others * (n + 1))
            yield path, [one[..., 0, :] for one in outcomes], [one[..., own, :] for one in outcomes]


@lru_cache(maxsize=64)
def document(text: str, extensions: tuple[str, ...] = ()) -> Scenario:
    """The scenario in a document, read with ``extensions``; a worker meets the same one many times."""
    return scenario_with(extensions).model_validate_json(text)


def with_values(scenario: Scenario, values: Mapping[str, Array]) -> Scenario:
    """The scenario with quantities given lane by lane: dotted path -> (lane,), in the model's unit."""
    held = {path: dict(at(scenario, path.split("."))) for path in values}
    given = {path: {**held[path], "spread": "given", "lanes": lanes} for path, lanes in values.items()}
    return replaced(scenario, {path: Given.model_construct(**fields) for path, fields in given.items()})
