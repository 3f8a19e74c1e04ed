"""One point of an experiment, evaluated by the model: the scenario as text in, numbers per member out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.experiment.run import simulate
from detente.experiment.study import Point
from detente.scenario.quantity import Record
from detente.scenario.schema import Scenario

Array = NDArray[Any]

#: weekly paths that are kept, as means or by member
PATHS = ("tension", "behaviour")


def evaluate(point: Point) -> Mapping[str, Array]:
    """Metrics (member,) and paths (member, time) of one point.

    ``point.shared`` holds ``document`` (the scenario as JSON), ``metrics`` (name -> text), ``measure`` (the module
    that reads them) and ``weeks``.
    """
    scenario = with_values(document(point.shared["document"]), point.values)
    result = simulate(scenario, point.members, point.seed, weeks=point.shared.get("weeks"))
    measure = import_module(point.shared["measure"])
    numbers = {n: measure.values(measure.parse(text), result) for n, text in point.shared["metrics"].items()}
    return numbers | {path: np.asarray(result[path].values) for path in PATHS}


@lru_cache(maxsize=64)
def document(text: str) -> Scenario:
    """The scenario in a document; a worker meets the same one many times."""
    return Scenario.model_validate_json(text)


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """The scenario with quantities fixed at ``values``, dotted path -> number in the model's unit."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *above, last = path.split(".")
        node = tree
        for step in above:
            node = node.setdefault(step, {})
        node[last] = value
    return _replaced(scenario, tree) if tree else scenario  # type: ignore[no-any-return]


def _replaced(held: Any, tree: Mapping[str, Any] | float) -> Any:
    """``held`` with the leaves of ``tree`` fixed; only what lies on their paths is copied."""
    if not isinstance(tree, Mapping):
        return held.model_copy(update={"value": tree, "spread": None})
    if isinstance(held, Record):
        return held.model_copy(update={step: _replaced(getattr(held, step), below) for step, below in tree.items()})
    return {**held, **{step: _replaced(held[step], below) for step, below in tree.items()}}
