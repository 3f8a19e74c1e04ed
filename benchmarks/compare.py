"""Time and memory of the ensemble, beside the same law as an ordinary Mesa model; prints docs/benchmark.md.

    python benchmarks/compare.py            # everything, some minutes
    python benchmarks/compare.py --quick    # fewer weeks and members, under a minute

Times are CPU seconds of one process on one thread, the least of several rounds; the two sides of the comparison take
turns, so that a machine that is busy with something else is busy for both.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import reference
from theatres import ring
from turns import Row, processor, spent, table

from detente.engine.block import simulate_block
from detente.experiment.run import BLOCK, blocks, length_of
from detente.model.draws import Draws
from detente.scenario.load import load
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

SEED = 1


class Fresh:
    """Chance as a Mesa user takes it: from Python's own generator, in whatever order it is asked for."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)

    def uniform(self, purpose: str, entity: str, week: int) -> float:
        return self.random.random()

    def normal(self, purpose: str, entity: str, week: int) -> float:
        return self.random.gauss(0.0, 1.0)


def value(q: Quantity, path: str) -> float:
    """A quantity as the ensemble's first member has it."""
    return float(np.ravel(Draws(SEED, np.array([0])).take(q, path))[0])


def object_model(scenario: Scenario, weeks: int) -> float:
    """CPU seconds of the weeks of one object world, without its set-up."""
    model = reference.Theatre(scenario, value, Fresh())

    def walk() -> None:
        for _ in range(weeks):
            model.step()

    return spent(walk)


def ensemble(scenario: Scenario, members: int, weeks: int) -> float:
    """CPU seconds of an ensemble in blocks, measured every week, set-up included."""

    def run() -> None:
        for part in blocks(range(members)):
            simulate_block(scenario, part, SEED, weeks)

    return spent(run)


def directed(scenario: Scenario) -> int:
    return 2 * len(scenario.dyads)


def against_objects(scenario: Scenario, weeks: int, members: int, rounds: int) -> list[Row]:
    """Both models in turns: ns per member, directed dyad and week, and their ratio."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(ensemble(scenario, members, weeks) / members / weeks / directed(scenario))
        theirs.append(object_model(scenario, min(weeks, 100)) / min(weeks, 100) / directed(scenario))
    ratios = sorted(t / o for o, t in zip(ours, theirs, strict=True))
    each = directed(scenario) / 1e3
    return [
        ["object model, one world", f"{min(theirs) * 1e9:,.0f}", f"{min(theirs) * 1e9 * each:,.0f}"],
        [f"ensemble of {members:,}", f"{min(ours) * 1e9:,.0f}", f"{min(ours) * 1e9 * each:,.1f}"],
        ["ratio, median of the rounds", f"{ratios[len(ratios) // 2]:.0f}", ""],
        ["ratio, least and greatest", f"{ratios[0]:.0f}–{ratios[-1]:.0f}", ""],
    ]


def in_members(scenario: Scenario, weeks: int, counts: Sequence[int], rounds: int) -> list[Row]:
    rows: list[Row] = []
    for members in counts:
        seconds = min(ensemble(scenario, members, weeks) for _ in range(rounds if members < 4000 else 1))
        rows.append([f"{members:,}", f"{seconds:.2f}", per_unit(seconds, members, scenario, weeks)])
    return rows


def per_unit(seconds: float, members: int, scenario: Scenario, weeks: int) -> str:
    return f"{seconds / members / weeks / directed(scenario) * 1e9:,.0f}"


def in_actors(weeks: int, members: int, counts: Sequence[int], rounds: int) -> list[Row]:
    rows: list[Row] = []
    for actors in counts:
        scenario = ring(actors, weeks)
        seconds = min(ensemble(scenario, members, weeks) for _ in range(rounds))
        rows.append([actors, directed(scenario), f"{seconds:.2f}", per_unit(seconds, members, scenario, weeks)])
    return rows


def in_weeks(scenario: Scenario, members: int, counts: Sequence[int], rounds: int) -> list[Row]:
    rows: list[Row] = []
    for weeks in counts:
        seconds = min(ensemble(scenario, members, weeks) for _ in range(rounds))
        rows.append([weeks, f"{seconds:.2f}", per_unit(seconds, members, scenario, weeks)])
    return rows


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


def command_line() -> list[Row]:
    """CPU seconds of commands from start to end, children included; the least of three."""
    commands = {
        "detente --help": ["--help"],
        "detente run baseline --members 1000": ["run", "baseline", "--members", "1000", "--force", "--out", "result"],
    }
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for shown, words in commands.items():
            rows.append([f"`{shown}`", f"{min(_command(words, Path(folder)) for _ in range(3)):.2f}"])
    return rows


def _command(words: list[str], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "detente", *words], cwd=folder, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


HEAD = """# Benchmark

Printed by `python benchmarks/compare.py`. CPU time of one process on one thread; a unit is one member, one directed
dyad and one week, with the index measured every week. The object model is the same law written as an ordinary Mesa
model: Python attributes, one agent at a time, a DataCollector. Fed the same draws, both walk the same path to 1e-9
(`tests/test_reference.py`). Both were timed in turns in one process.

{machine}. The machine was {busy}.
"""


def sections(quick: bool) -> list[tuple[str, Sequence[str], Callable[[], list[Row]]]]:
    scenario: Any = load("baseline").scenario
    weeks = 40 if quick else length_of(scenario, None)
    few, rounds = (40, 2) if quick else (100, 3)
    members = [1, 16, 256, 1000] if quick else [1, 4, 16, 64, 256, 512, 1000, 4000, 10_000]
    unit = "ns per unit"
    return [
        (
            "Against the object model",
            [f"baseline, {weeks} weeks", unit, "µs per member and week"],
            lambda: against_objects(scenario, weeks, 1000, rounds),
        ),
        (
            f"In members (baseline, {few} weeks)",
            ["members", "CPU s", unit],
            lambda: in_members(scenario, few, members, rounds),
        ),
        (
            f"In actors (a ring, four dyads each, {BLOCK} members, {few} weeks)",
            ["actors", "directed dyads", "CPU s", unit],
            lambda: in_actors(few, BLOCK, [5, 10, 20, 40] if quick else [5, 10, 20, 40, 80, 160], rounds),
        ),
        (
            f"In weeks (baseline, {BLOCK} members)",
            ["weeks", "CPU s", unit],
            lambda: in_weeks(scenario, BLOCK, [10, 20, 40] if quick else [26, 52, 104, 208, weeks], rounds),
        ),
        (
            f"Peak memory (baseline, {weeks} weeks, MB beyond what is loaded)",
            ["members", "keep=index", "keep=summary"],
            lambda: peak_memory(weeks, [500, 1000] if quick else [500, 1000, 2000, 4000, 10_000]),
        ),
        ("From start to end", ["command", "CPU s"], command_line),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer weeks, members and rounds")
    quick = parser.parse_args().quick
    load_now, cores = os.getloadavg()[0], os.cpu_count() or 1
    busy = "idle" if load_now < 0.5 else f"busy with other work (load {load_now:.1f} on {cores} cores)"
    machine = f"{processor()}, Python {platform.python_version()}, NumPy {np.__version__}"
    print(HEAD.format(machine=machine, busy=busy))
    for title, head, rows in sections(quick):
        print(f"## {title}\n\n{table(head, rows())}", flush=True)


if __name__ == "__main__":
    main()
