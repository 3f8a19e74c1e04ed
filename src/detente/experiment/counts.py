"""Weekly incident counts of members with the parameters behind them: what a calibration learns from.

Unlike a run it measures nothing else, and every member has a parameter draw of its own: for the same time, one
simulation per draw tells more about parameters than several (Bornn, Pillai, Smith & Woodard 2017).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.engine import choice
from detente.engine.block import incidents, weekly
from detente.engine.choice import NUMPY, Engine
from detente.model import stability
from detente.model.draws import INVERSES
from detente.model.noise import Stream
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.vocabulary import REPLICATES

Array = NDArray[np.float64]

__all__ = ["INVERSES", "Counts", "counts", "faults", "require"]

#: raises ScenarioError where a scenario cannot be run; what keeps it from that, empty where nothing does
require, faults = stability.require, stability.faults


@dataclass(frozen=True)
class Counts:
    """Incidents (week, dyad, draw), both directions, and where each parameter stands in its prior, (draw, parameter),
    as the probability of a smaller value."""

    incidents: NDArray[np.uint16]
    place: Array


def counts(
    scenario: Scenario, draws: range, seed: int, weeks: int, watched: Mapping[str, Quantity], engine: Engine = NUMPY
) -> Counts:
    """Simulate a checked scenario for ``weeks``, one member for each of ``draws`` of its parameters.

    The members are the first of each draw in a run of the same seed, with the same bits.
    """
    members = range(draws.start * REPLICATES, draws.stop * REPLICATES, REPLICATES)
    if engine == NUMPY:
        weekly_counts = [incidents(world).astype(np.uint16) for world in weekly(scenario, members, seed, weeks)]
        found = np.stack(weekly_counts[1:])
    else:
        found = choice.simulate(engine, scenario, members, seed, weeks).incidents[1:]
    return Counts(found, places(seed, draws, tuple(watched)))


def places(seed: int, draws: range, paths: tuple[str, ...]) -> Array:
    """Where draws stand in the priors of ``paths``: the uniforms behind their values, (draw, parameter)."""
    numbers = np.array(draws)
    columns = [Stream(seed, "parameter", [path], numbers).uniform(0)[0] for path in paths]
    return np.stack(columns, axis=1) if columns else np.empty((len(numbers), 0))
