"""Where in its range every uncertain number lay in each parameter draw of a run, told again from the seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detente.experiment.factors import label
from detente.model.noise import Stream
from detente.scenario.schema import Scenario
from detente.scenario.shape import shape_at
from detente.scenario.values import uncertain


def shares(scenarios: Sequence[Scenario], seed: int, draw: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
    """The quantile, 0 to 1, at which every uncertain number of any of the scenarios was drawn, by path, (member,)."""
    paths = list(dict.fromkeys(path for one in scenarios for path in uncertain(one)))
    if not paths:
        return {}
    return dict(zip(paths, Stream(seed, "parameter", paths, draw).uniform(0), strict=True))


def labels(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """What a reader calls every uncertain number, by path; a law's number with what it is."""
    return {path: _told(path, one) for one in scenarios for path in uncertain(one)}


def _told(path: str, scenario: Scenario) -> str:
    shape = shape_at(tuple(path.split("."))) if path.startswith("parameters.") else None
    about = shape.measure.about if shape and shape.measure else ""
    return f"{path.rpartition('.')[2].replace('_', ' ')} ({about})" if about else label(path, scenario)
