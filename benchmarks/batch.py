"""One side of the comparison of two processes with two workers, in a process of its own: prints seconds of wall time.

    python benchmarks/batch.py mesa 300 104       # Mesa's batch_run of the object model
    python benchmarks/batch.py numpy 300 104      # detente's runner; also fast, fast32

Seconds are those of the call, workers started in it included; what is imported and loaded before it is not.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import reference

from detente.model.draws import INVERSES
from detente.scenario.load import load
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

WORKERS = 2


@cache
def baseline() -> Scenario:
    """The baseline, read once in a process."""
    return load("baseline").scenario


class Chance:
    """Chance and parameters as a Mesa user takes them: from Python's own generator, in whatever order they come."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def uniform(self, purpose: str, entity: str, week: int) -> float:
        return self.random.random()

    def normal(self, purpose: str, entity: str, week: int) -> float:
        return self.random.gauss(0.0, 1.0)

    def value(self, q: Quantity, path: str) -> float:
        """A quantity as it is, or drawn."""
        if q.spread is None:
            return float(q.value)
        return float(INVERSES[q.spread](q, np.array(self.random.random())))


class World(reference.Theatre):
    """The object model as batch_run makes it: from a number."""

    def __init__(self, member: int) -> None:
        chance = Chance(member)
        super().__init__(baseline(), chance.value, chance)


def by_mesa(members: int, weeks: int) -> None:
    """All members, of which the last week is handed back; batch_run steps once more than it is told."""
    from mesa.batchrunner import batch_run

    found = batch_run(
        World,
        parameters={"member": range(members)},
        number_processes=WORKERS,
        max_steps=weeks - 1,
        display_progress=False,
    )
    assert {row["Step"] for row in found} == {weeks - 1}
    assert len({row["RunId"] for row in found}) == members


def by_detente(engine: Any, members: int, weeks: int) -> None:
    """All members, of which every week is kept."""
    from detente.engine.choice import using
    from detente.experiment.run import run

    with using(engine):
        assert run(baseline(), members, 1, weeks, WORKERS).sizes["member"] == members


def main() -> None:
    """Do one side, say what it took."""
    side, members, weeks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    baseline()
    job: Callable[[], None] = (
        partial(by_mesa, members, weeks) if side == "mesa" else partial(by_detente, side, members, weeks)
    )
    begun = time.perf_counter()
    job()
    print(time.perf_counter() - begun)


if __name__ == "__main__":
    main()
