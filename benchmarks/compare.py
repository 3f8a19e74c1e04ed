"""How fast the ensemble is, beside the same law as an ordinary Mesa object model, in one run.

    python benchmarks/compare.py [--quick]

Prints a Markdown table. Times are CPU seconds of one thread, the least of several rounds taken in turn, so that a
machine's moods fall on both sides; the ratios travel better than the absolute numbers.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist

import reference

from detente.experiment.block import simulate_block
from detente.experiment.run import BLOCK, blocks
from detente.model.calendar import weeks
from detente.scenario.load import load
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

NANO = 1e9
SINGLE_WEEKS = 60


class Dice:
    """Chance as a Mesa user would take it: one sequential generator."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.bell = NormalDist()

    def uniform(self, purpose: str, entity: str, week: int) -> float:
        return self.rng.random()

    def normal(self, purpose: str, entity: str, week: int) -> float:
        return self.rng.gauss(0.0, 1.0)


def central(q: Quantity, path: str) -> float:
    """The central value of a quantity."""
    return q.value


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def ensemble(scenario: Scenario, members: int, length: int) -> None:
    """The members in the blocks of a run."""
    for part in blocks(members, BLOCK):
        simulate_block(scenario, part, 1, length)


def objects(scenario: Scenario, length: int) -> None:
    """One world of the object model."""
    world = reference.Theatre(scenario, central, Dice(1))
    for _ in range(length):
        world.step()


def in_turn(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The least CPU seconds of each, the works taken in turn."""
    taken = [[cpu(work) for work in works] for _ in range(rounds)]
    return [min(times) for times in zip(*taken, strict=True)]


def per_cell(seconds: float, scenario: Scenario, members: int, length: int) -> float:
    """Nanoseconds per member, directed dyad and week."""
    return seconds * NANO / (members * 2 * len(scenario.dyads) * length)


def side_by_side(scenario: Scenario, rounds: int) -> list[str]:
    """The headline: ensemble at 1 000 members against the object model, per member-week."""
    length = weeks(scenario)
    many, one = in_turn(rounds, lambda: ensemble(scenario, 1000, length), lambda: objects(scenario, SINGLE_WEEKS))
    fast, slow = per_cell(many, scenario, 1000, length), per_cell(one, scenario, 1, SINGLE_WEEKS)
    return [
        row("ensemble, 1 000 members, measured week by week", f"{fast:.0f} ns", "per member, directed dyad and week"),
        row("object model, one world", f"{slow:.0f} ns", "per member, directed dyad and week"),
        row("**ratio per member-week**", f"**{slow / fast:.0f}**", "object model / ensemble"),
    ]


def scaling(scenario: Scenario, other: Scenario, quick: bool) -> list[str]:
    """Nanoseconds per cell as members, weeks and actors grow."""
    length = weeks(scenario)
    sizes = (1, 10, 100, 1000) if quick else (1, 10, 100, 1000, 10_000)
    lines = []
    for members in sizes:
        span = length if members < 10_000 else length // 4
        cost = per_cell(cpu(lambda m=members, w=span: ensemble(scenario, m, w)), scenario, members, span)
        lines.append(row(f"{members} members × {span} weeks", f"{cost:.0f} ns", "per member, directed dyad and week"))
    for span in (length // 4, length // 2, length):
        cost = per_cell(cpu(lambda w=span: ensemble(scenario, 512, w)), scenario, 512, span)
        lines.append(row(f"512 members × {span} weeks", f"{cost:.0f} ns", "per member, directed dyad and week"))
    for case in (other, scenario):
        span = min(weeks(case), 150)
        cost = per_cell(cpu(lambda c=case, w=span: ensemble(c, 512, w)), case, 512, span)
        what = f"{len(case.actors)} actors, {2 * len(case.dyads)} directed dyads"
        lines.append(row(what, f"{cost:.0f} ns", "per member, directed dyad and week"))
    return lines


def command(*words: str) -> tuple[float, float]:
    """CPU seconds and peak memory [MB] of a command, start-up included."""
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
    script += "u = resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024)"
    told = subprocess.run(
        [sys.executable, "-c", script, sys.executable, "-m", "detente", *words],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, memory = told.stdout.split()
    return float(seconds), float(memory)


def commands(quick: bool) -> list[str]:
    """Whole commands: help, a run with its figures, memory with and without members kept."""
    lines = []
    with tempfile.TemporaryDirectory() as place:
        seconds, _ = command("--help")
        lines.append(row("`detente --help`", f"{seconds:.2f} s", "CPU"))
        for members, keep in ((1000, "index"), (1000, "summary"), (2000 if quick else 10_000, "summary")):
            out = str(Path(place) / f"{members}-{keep}")
            words = ("run", "baseline", "--members", str(members), "--keep", keep, "--out", out, "--json")
            seconds, memory = command(*words)
            what = f"`detente run baseline --members {members} --keep {keep}`"
            lines.append(row(what, f"{seconds:.1f} s", f"CPU; peak {memory:.0f} MB"))
    return lines


def row(what: str, value: str, unit: str) -> str:
    """A line of the table."""
    return f"| {what} | {value} | {unit} |"


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--quick", action="store_true", help="fewer rounds, no run of 10 000 members")
    quick = words.parse_args().quick
    scenario, other = load("baseline").scenario, load("aegean_baseline").scenario
    simulate_block(scenario, range(8), 1, 2)
    print("| what | value | |\n|---|---|---|")
    for line in (*side_by_side(scenario, 1 if quick else 3), *scaling(scenario, other, quick), *commands(quick)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
