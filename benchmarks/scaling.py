"""How time and memory of the ensemble grow with members, actors and weeks, and what a whole command takes."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engines import engines
from rivals import ensemble, per
from theatres import ring
from turns import Row, in_turns

from detente.experiment.run import BLOCK
from detente.scenario.schema import Scenario


def directed(scenario: Scenario) -> int:
    """Directed dyads."""
    return 2 * len(scenario.dyads)


def taken(sizes: Sequence[tuple[object, Scenario, int, int]], rounds: int) -> list[Row]:
    """CPU seconds of an ensemble and ns per unit, for every (label, scenario, members, weeks), all in turns."""
    engine = engines()["numpy"]
    jobs = {str(n): per(ensemble(engine, *size[1:]), 1) for n, size in enumerate(sizes)}
    found = in_turns(jobs, rounds, warm=False)
    rows: list[Row] = []
    for n, (label, scenario, members, weeks) in enumerate(sizes):
        seconds = statistics.median(found[str(n)])
        rows.append(
            [
                label,
                directed(scenario),
                f"{seconds:.2f}",
                f"{seconds / members / weeks / directed(scenario) * 1e9:,.0f}",
            ]
        )
    return rows


def in_members(scenario: Scenario, weeks: int, counts: Sequence[int], rounds: int) -> list[Row]:
    """The baseline with more and more members."""
    return taken([(f"{members:,} member{'s' * (members > 1)}", scenario, members, weeks) for members in counts], rounds)


def in_actors(weeks: int, counts: Sequence[int], rounds: int) -> list[Row]:
    """Rings of more and more states, four dyads each, one block of members."""
    return taken([(f"{actors} states in a ring", ring(actors, weeks), BLOCK, weeks) for actors in counts], rounds)


def in_weeks(scenario: Scenario, counts: Sequence[int], rounds: int) -> list[Row]:
    """The baseline for more and more weeks, one block of members."""
    return taken([(f"{weeks} weeks", scenario, BLOCK, weeks) for weeks in counts], rounds)


PEAK = """
import sys
from detente.scenario.load import load
from detente.experiment.run import run
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
scenario = load("baseline").scenario
run(scenario, 4, 1, 2)
before = peak()
run(scenario, int(sys.argv[2]), 1, int(sys.argv[3]), keep=sys.argv[1])
print(before, peak())
"""


def peak_memory(weeks: int, counts: Sequence[int]) -> list[Row]:
    """Peak memory of a run, MB beyond what is loaded before it; from /proc, so on Linux only."""
    rows: list[Row] = []
    if not Path("/proc/self/status").exists():
        return rows
    for members in counts:
        cells: list[object] = [f"{members:,}"]
        for keep in ("index", "summary"):
            command = [sys.executable, "-c", PEAK, keep, str(members), str(weeks)]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            cells.append(f"{(int(told[1]) - int(told[0])) / 1024:,.0f}")
        rows.append(cells)
    return rows
