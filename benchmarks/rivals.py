"""The whole law beside what one would pick instead: object models of Mesa and agentpy, single runs, `batch_run`."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import reference
from batch import Chance, baseline
from engines import engines
from turns import Row, in_turns, ratio, spent

from detente.experiment.run import blocks
from detente.scenario.schema import Scenario

#: what is timed
Job = Callable[[], object]

BATCH = Path(__file__).with_name("batch.py")
SEED = 1
#: runs without a member axis that stand for all of them
SINGLE = 3

#: how an engine is called in tables
TOLD = {
    "objects": "object model, Mesa",
    "agentpy": "object model, agentpy",
    "single": "NumPy, one run after the other",
    "numpy": "NumPy, ensemble",
    "fast": "compiled, f64",
    "fast32": "compiled, f32",
}


@dataclass(frozen=True)
class Found:
    """Seconds per member, directed dyad and week of every way, round by round."""

    rounds: Mapping[str, list[float]]

    def nanoseconds(self, name: str) -> float:
        """The median."""
        return 1e9 * statistics.median(self.rounds[name])

    def ratio(self, slow: str, quick: str) -> str:
        """How many times as long the first takes."""
        return ratio(self.rounds[slow], self.rounds[quick])


def walking(theatre: Callable[..., Any], weeks: int) -> Job:
    """So many more weeks of an object world, its set-up left out: the world is made beforehand."""
    chance = Chance(SEED)
    world = theatre(baseline(), chance.value, chance)

    def walk() -> None:
        for _ in range(weeks):
            world.step()

    return walk


def ensemble(engine: Callable[..., object], scenario: Scenario, members: int, weeks: int) -> Job:
    """An ensemble in blocks, set-up and measuring included."""

    def go() -> None:
        for part in blocks(range(members)):
            engine(scenario, part, SEED, weeks)

    return go


def one_by_one(engine: Callable[..., object], scenario: Scenario, weeks: int) -> Job:
    """Runs without a member axis to speak of."""

    def go() -> None:
        for member in range(SINGLE):
            engine(scenario, range(member, member + 1), SEED, weeks)

    return go


def instead(members: int, weeks: int, rounds: int) -> Found:
    """All ways to a week of the baseline in turns; object worlds walk on from round to round."""
    scenario, there = baseline(), engines()
    walked = weeks // (rounds + 1)
    jobs: dict[str, Job] = {"objects": walking(reference.Theatre, walked)}
    units = {"objects": walked, "agentpy": walked, "single": SINGLE * weeks}
    if find_spec("agentpy"):
        from by_agentpy import theatre

        jobs["agentpy"] = walking(theatre(), walked)
    jobs["single"] = one_by_one(there["numpy"], scenario, weeks)
    for name, engine in there.items():
        jobs[name] = ensemble(engine, scenario, members, weeks)
        units[name] = members * weeks
    directed = 2 * len(scenario.dyads)
    return Found(in_turns({name: per(job, units[name] * directed) for name, job in jobs.items()}, rounds))


def per(job: Job, units: float) -> Callable[[], float]:
    """CPU seconds of a job per unit."""
    return lambda: spent(job) / units


def rows(found: Found) -> list[Row]:
    """A line for every way: its own time, and how many times as long it takes as each engine."""
    there = [name for name in engines() if name in found.rounds]
    each = 2 * len(baseline().dyads) / 1e3
    told: list[Row] = []
    for name in found.rounds:
        ratios = ["1" if name == engine else found.ratio(name, engine) for engine in there]
        told.append([TOLD[name], f"{found.nanoseconds(name):,.0f}", f"{found.nanoseconds(name) * each:,.1f}", *ratios])
    return told


def batched(members: int, weeks: int, rounds: int) -> list[Row]:
    """`batch_run` with two processes against two workers, each in a process of its own, by the wall."""
    sides = ["mesa", *engines()]
    found = in_turns({side: partial(_wall, side, members, weeks) for side in sides}, rounds, warm=False)
    told: list[Row] = [["`batch_run` of the object model, 2 processes", _seconds(found["mesa"]), ""]]
    for side in sides[1:]:
        shown = f"`run(…, workers=2)`, {TOLD[side]}"
        told.append([shown, _seconds(found[side]), ratio(found["mesa"], found[side])])
    return told


def _seconds(rounds: list[float]) -> str:
    return f"{statistics.median(rounds):.2f}"


def _wall(side: str, members: int, weeks: int) -> float:
    words = [sys.executable, "-W", "ignore", str(BATCH), side, str(members), str(weeks)]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
