"""Print docs/benchmark.md and its picture: the ensemble beside what one would pick instead, and beside the limit.

python benchmarks/page.py            # everything, about half an hour on an idle machine
python benchmarks/page.py --quick    # fewer members, weeks and rounds, some minutes; the page says so
python benchmarks/page.py --guard    # ratios that vectorisation must keep, below a minute; fails where one is lost
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bars
import guard
import kernels
import rivals
import scaling
import start
from batch import baseline
from engines import engines
from turns import Row, busy, processor, table, vectors, versions

ROOT = Path(__file__).resolve().parent.parent
PAGE, PICTURE = ROOT / "docs" / "benchmark.md", ROOT / "docs" / "pictures" / "benchmark.png"
PACKAGES = ("numpy", "scipy", "mesa", "agentpy", "jax", "jaxlib", "llvmlite")


@dataclass(frozen=True)
class Size:
    """How much is done; rounds of a comparison of processes and of what grows are half as many or two."""

    members: int = 1024
    weeks: int = 260
    rounds: int = 5
    kernel_weeks: int = 40
    batch: tuple[int, int] = (300, 104)
    memory: tuple[int, ...] = (500, 1000, 2000)
    many: tuple[int, ...] = (1, 4, 16, 64, 256, 1024, 4096)
    actors: tuple[int, ...] = (5, 10, 20, 40, 80)
    long: tuple[int, ...] = (26, 52, 104, 208, 260)
    scaled: int = 52


QUICK = Size(
    weeks=104, rounds=3, kernel_weeks=20, batch=(300, 104), memory=(1000,), many=(1, 16, 256),
    actors=(5, 10, 20), long=(10, 20, 40), scaled=20,
)  # fmt: skip

HEAD = """# Benchmark

How fast an ensemble of the baseline is beside what one would otherwise write, and beside what the processor allows.
Printed by `make bench{how}.

![Nanoseconds of the whole week and of the three heaviest phases](pictures/benchmark.png)

**How to read it.** A unit is one member, one directed dyad and one week. What is compared takes turns in one process
(A B C A B C …) on one thread; ratios are taken round by round, and shown as *median (least–greatest)*, so that other
work on the machine slows both sides of a ratio. Seconds are CPU seconds unless a column says wall; they are worth less
than ratios, for they grow with whatever else shares the processor.

**Machine.** {machine}. {versions}.
Before: {before}; after: {after}.
"""

INSTEAD = """The whole law of the baseline, {weeks} weeks, {members:,} members, measured every week, {rounds} rounds.

- **The object model** is the same law as an ordinary Mesa model: Python attributes, one agent at a time, a
  DataCollector. It is written from [the model's description](model.md) and uses nothing of the engine. Fed the same
  draws, it and NumPy walk the same path to 1e-9, every incident equal (`tests/test_reference.py`). Timed, it draws from
  Python's own generator, and its set-up is left out, while that of ensembles is counted.
- **In agentpy** it is the same files on agentpy's classes, which walk the same path (`tests/test_benchmarks.py`).
- **One run after the other** calls the package with one member at a time: NumPy on arrays of 48 directed dyads, without
  a member axis to speak of.
- **The compiled engine** computes what NumPy does, to 1e-9 in tension with every incident equal in f64
  (`tests/test_engine_compiled.py`); translation is kept on disk and not counted.
"""

BATCHED = """{members} members, {weeks} weeks, by the **wall**, rounds: {rounds}, each side in a process of its own,
workers started within what is timed. `batch_run` hands back the last week of each run, `run` a dataset of all weeks.
Wall times mean something only where two cores are free: see the load above.
"""

PHASES = """Choice, incidents and hostility with their random numbers, measured every week, {members:,} members, {weeks}
weeks, {rounds} rounds, set-up left out. The baseline is carried to week 26 by the whole law, then what other phases
move is held. All start from the same arrays and the same streams and measure the same (index, pillars, states, sums
over members); before anything is timed, all are held against NumPy, and the run ends where one departs: the last
columns say by how many points tension does, and how many incidents fall otherwise.

- **C, lanes** ([kernel.c](../benchmarks/kernel.c)) is written by hand, 32 members side by side, own vector `exp` and
  `log`, compiled here with
  `{flags}`.
  It is the limit that the compiled engine is held against. *One member at a time* is the same source without vectors.
- **JAX** ([by_jax.py](../benchmarks/by_jax.py)) is one member written down, `vmap`ped and `jit`ted, incidents
  inverted for the few cells that may have any. It is a plain version, not one tuned by somebody who knows XLA; its sums
  over members are floating-point sums.
- In f32 an incident may fall otherwise than in f64 where a draw lies beside a threshold.
"""

SCALING = """CPU seconds of NumPy's ensemble, set-up and measuring included."""

LEFT_OUT = """## What is not compared

Graphics processors; other frameworks than these; the other seven phases of a week in C or JAX (the whole week is
compared in NumPy and in the compiled engine only); more than one thread; anybody's data pipelines around the models.
The theatre has 24 pairs: with thousands of them, arrays without a member axis would do better than here.
"""


def instead(size: Size) -> tuple[str, rivals.Found]:
    """The whole law beside what one would pick instead."""
    found = rivals.instead(size.members, size.weeks, size.rounds)
    shown = [f"takes so many times as long as {rivals.TOLD[name]}" for name in engines()]
    text = table(["", "ns per unit", "µs per member and week", *shown], rivals.rows(found))
    head = INSTEAD.format(weeks=size.weeks, members=size.members, rounds=size.rounds)
    missing = [] if "agentpy" in found.rounds else ["agentpy is not installed here: `pip install agentpy`."]
    return "\n".join([head, text, *missing, *not_compiled()]), found


def not_compiled() -> list[str]:
    """A sentence where there is no compiled engine."""
    return [] if len(engines()) > 1 else ["The compiled engine is not installed here."]


def batched(size: Size) -> str:
    """Two processes against two workers."""
    members, weeks, rounds = *size.batch, size.rounds // 2
    rows = rivals.batched(members, weeks, rounds)
    head = ["", "wall s", "`batch_run` takes so many times as long, wall"]
    return BATCHED.format(members=members, weeks=weeks, rounds=rounds) + "\n" + table(head, rows)


def phases(size: Size) -> tuple[str, kernels.Found]:
    """The three heaviest phases."""
    found = kernels.compared(size.members, size.kernel_weeks, size.rounds)
    flags = " ".join(("gcc", *kernels.kernel.FLAGS[:5]))
    head = PHASES.format(members=size.members, weeks=size.kernel_weeks, rounds=size.rounds, flags=flags)
    columns = [
        "",
        "ns per unit",
        "NumPy / this",
        "this / C lanes of its precision",
        "tension departs by",
        "incidents otherwise",
    ]
    missing = [f"{name} is missing here: {why}." for name, why in found.missing.items()]
    return "\n".join([head, table(columns, kernels.rows(found)), *missing]), found


def scaled(size: Size) -> str:
    """Members, actors, weeks, memory."""
    scenario: Any = baseline()
    rounds = min(size.rounds, 2)
    rows: list[Row] = [
        *scaling.in_members(scenario, size.scaled, size.many, rounds),
        *scaling.in_actors(size.scaled, size.actors, rounds),
        *scaling.in_weeks(scenario, size.long, rounds),
    ]
    text = table([f"{size.scaled} weeks unless said", "directed dyads", "CPU s", "ns per unit"], rows)
    memory = table(
        ["members", "`--keep index`, MB", "`--keep summary`, MB"], scaling.peak_memory(size.weeks, size.memory)
    )
    return f"{SCALING}\n\n{text}\nPeak memory beyond what is loaded before, {size.weeks} weeks:\n\n{memory}"


def starts(size: Size) -> str:
    """What starting costs."""
    head = ["from start to end", "CPU s", "its bare imports, CPU s", "ratio"]
    return table(head, start.rows([ROOT], min(size.rounds, 5)))


def written(size: Size) -> tuple[str, rivals.Found, kernels.Found]:
    """The page, and what is drawn of it."""
    before = busy()
    whole, ways = instead(size)
    heavy, found = phases(size)
    parts: Sequence[tuple[str, str]] = (
        ("The whole week, and what one would pick instead", whole),
        ("Two processes", batched(size)),
        ("The three heaviest phases, and the limit", heavy),
        ("How it grows", scaled(size)),
        ("Starting, beside the bare imports that a command cannot do without", starts(size)),
    )
    machine = f"{processor()} ({vectors()})"
    head = HEAD.format(
        how=" BENCH_ARGS=--quick`, with fewer members, weeks and rounds than a whole run" if size == QUICK else "`",
        machine=machine,
        versions=versions(*PACKAGES),
        before=before,
        after=busy(),
    )
    body = "\n\n".join(f"## {title}\n\n{text.strip()}" for title, text in parts)
    return f"{head}\n{body}\n\n{LEFT_OUT}", ways, found


def main() -> None:
    """Do what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer members, weeks and rounds")
    parser.add_argument("--guard", action="store_true", help="the ratios that vectorisation must keep, nothing else")
    parser.add_argument("--rounds", type=int, default=Size.rounds, help="rounds of what takes turns")
    asked = parser.parse_args()
    if asked.guard:
        raise SystemExit(guard.main())
    text, ways, found = written(QUICK if asked.quick else replace(Size(), rounds=asked.rounds))
    PAGE.write_text(text, encoding="utf-8")
    bars.draw(PICTURE, ways, found)
    print(f"{PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")
    raise SystemExit(guard.main())


if __name__ == "__main__":
    main()
