"""Whether what should be computed side by side still is: ratios in one run, none of them a time.

A loop that no longer becomes vectors, or laws that NumPy walks member by member, cost a factor that no load of the
machine can make or hide. Floors stand well below what is measured (docs/benchmark.md), and well above 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import kernels
import rivals
from batch import baseline
from engines import engines
from turns import in_turns, ratios, shown

MEMBERS, WEEKS, ROUNDS = 1024, 8, 3


@dataclass(frozen=True)
class Floor:
    """A ratio, the least it may be, and what is lost below it."""

    name: str
    found: list[float]
    least: float
    lost: str

    @property
    def holds(self) -> bool:
        """The best round counts: other work can spoil a round, it cannot make vectors."""
        return max(self.found) >= self.least

    def __str__(self) -> str:
        verdict = "holds" if self.holds else f"LOST: {self.lost}"
        return f"{self.name}: {shown(self.found)}, at least {self.least:g}: {verdict}"


def floors() -> Iterator[Floor]:
    """What is measured, one after the other."""
    yield members_together()
    yield from phases_in_vectors()


def members_together() -> Floor:
    """A run alone beside one member of an ensemble."""
    engine, scenario = engines()["numpy"], baseline()
    jobs = {
        "single": rivals.per(rivals.one_by_one(engine, scenario, WEEKS), rivals.SINGLE),
        "ensemble": rivals.per(rivals.ensemble(engine, scenario, MEMBERS, WEEKS), MEMBERS),
    }
    found = in_turns(jobs, ROUNDS)
    lost = "members are no longer computed together in NumPy"
    return Floor("a run alone / a member of an ensemble", ratios(found["single"], found["ensemble"]), 15, lost)


def phases_in_vectors() -> Iterator[Floor]:
    """Kernels against what they would be without vectors, and against NumPy."""
    found = kernels.compared(MEMBERS, WEEKS, ROUNDS, only=("lanes", "scalar", "fast"))
    for bits, by_hand, by_trace in (("f64", 2.0, 3.0), ("f32", 2.5, 5.0)):
        if f"lanes {bits}" in found.rounds:
            alone = found.ratios(f"scalar {bits}", f"lanes {bits}")
            yield Floor(f"C member by member / C lanes, {bits}", alone, by_hand, "gcc makes no vectors of kernel.c")
        if f"fast {bits}" in found.rounds:
            lost = "the compiled engine's loops are no vectors any more"
            yield Floor(f"NumPy / compiled, {bits}", found.ratios(kernels.NUMPY, f"fast {bits}"), by_trace, lost)


def main() -> int:
    """Print every ratio; 1 where one is below its floor."""
    held = True
    for floor in floors():
        print(floor, flush=True)
        held &= floor.holds
    return 0 if held else 1
