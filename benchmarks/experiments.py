"""Time and memory of experiments: two workers against one, the runner against the model, large ensembles, Sobol.

    python benchmarks/experiments.py            # everything, about half an hour on two free cores
    python benchmarks/experiments.py --quick    # the short comparisons only, some minutes

Whole commands are timed from start to end in processes of their own. What is compared takes turns, so that a machine
that is busy with something else is busy for both; the ratio of wall times means something only where two cores are
free, so each section says how busy other work kept the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turns import Row, processor, spent, table

from detente.experiment.batch import work
from detente.experiment.execute import execute
from detente.experiment.pools import Local, one_thread_each
from detente.experiment.read import read
from detente.experiment.run import simulate
from detente.scenario.schema import Scenario


@dataclass(frozen=True)
class Spent:
    """Seconds of wall and of CPU (children included) and the largest process's peak memory of a command, MB."""

    wall: float
    cpu: float
    peak: float
    told: dict[str, Any]


def command(*words: str) -> Spent:
    """Run ``detente WORDS`` to its end. Raises CalledProcessError."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([sys.executable, "-m", "detente", *words], stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        out.seek(0)
        text = out.read()
    if status:
        raise subprocess.CalledProcessError(status, words)
    told = json.loads(text) if text.startswith("{") else {}
    return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told)


def experiment(name: str, workers: int, folder: Path) -> Spent:
    """One run of an experiment into a new folder."""
    out = folder / f"{name}-{workers}-{time.monotonic_ns()}"
    return command("experiment", "run", name, "--workers", str(workers), "--out", str(out), "--json")


def two_against_one(name: str, rounds: int, folder: Path) -> list[Row]:
    """One and two workers in turns: wall, CPU, and the ratio of walls; the same digest every time."""
    pairs = [(experiment(name, 1, folder), experiment(name, 2, folder)) for _ in range(rounds)]
    digests = {one.told["digest"] for pair in pairs for one in pair}
    if len(digests) > 1:
        raise SystemExit(f"{name}: results differ between workers")
    ratios = sorted(one.wall / two.wall for one, two in pairs)
    rows: list[Row] = []
    for label, column in (("one worker", 0), ("two workers", 1)):
        best = min((pair[column] for pair in pairs), key=lambda s: s.wall)
        rows.append([f"`{name}`, {label}", f"{best.wall:.1f}", f"{best.cpu:.1f}", ""])
    rows.append([f"`{name}`, ratio: median, least, greatest", "", "", _spread(ratios)])
    return rows


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:.2f} ({ordered[0]:.2f}–{ordered[-1]:.2f})"


def overhead(name: str, members: int | None, rounds: int, folder: Path) -> list[Row]:
    """CPU of the runner in this process against the model called on the same scenarios and members, in turns."""
    study = read(name, members)
    stage = study.stage(0)
    scenarios = [Scenario.model_validate_json(setting.content["document"]) for setting in study.settings]
    parts = sorted({(batch.members.start, batch.members.stop) for batch in stage.batches})

    def directly() -> None:
        for scenario in scenarios:
            for first, last in parts:
                simulate(scenario, range(first, last), study.seed)

    def through_the_runner() -> None:
        out = folder / f"overhead-{time.monotonic_ns()}"
        execute(study, out, Local(1))

    work(stage.task(stage.batches[0], "index"))  # everything is loaded
    with one_thread_each():
        pairs = [(spent(directly), spent(through_the_runner)) for _ in range(rounds)]
    shares = [100 * (theirs / ours - 1) for ours, theirs in pairs]
    return [
        ["the model alone", f"{min(ours for ours, _ in pairs):.2f}", ""],
        ["through the runner", f"{min(theirs for _, theirs in pairs):.2f}", ""],
        ["overhead, %: median, least, greatest", "", _spread(shares)],
    ]


def many(members: int, folder: Path) -> list[Row]:
    """A large ensemble of the baseline with the summary kept."""
    words = ["run", "baseline", "--members", str(members), "--keep", "summary", "--workers", "2", "--json"]
    used = command(*words, "--out", str(folder / "many"))
    shown = f"`detente run baseline --members {members} --keep summary --workers 2`"
    return [[shown, f"{used.wall:.0f}", f"{used.cpu:.0f}", f"{used.peak:.0f}"]]


def sobol(folder: Path) -> list[Row]:
    """The shipped screening and Sobol experiment with two workers."""
    used = experiment("what_matters", 2, folder)
    stages = read("what_matters").stages()
    size = " + ".join(f"{len(s.pairs)} × {s.members}" for s in stages)
    runs = sum(len(s.pairs) * s.members for s in stages)
    shown = f"`detente experiment run what_matters --workers 2` ({size} = {runs:,} runs)"
    return [[shown, f"{used.wall:.0f}", f"{used.cpu:.0f}", f"{used.peak:.0f}"]]


class Others:
    """How many cores work that is not ours kept busy since this was made; from /proc, so on Linux only."""

    def __init__(self) -> None:
        self.begun, self.total, self.own = time.perf_counter(), self._total(), self._own()

    def told(self) -> str:
        """A sentence on it."""
        if self.total is None or (total := self._total()) is None:
            return "How busy the machine was with other work is not known here."
        others = (total - self.total - (self._own() - self.own)) / (time.perf_counter() - self.begun)
        return f"Other work kept {max(others, 0.0):.1f} of {os.cpu_count()} cores busy meanwhile."

    @staticmethod
    def _total() -> float | None:
        """CPU seconds of everything on the machine."""
        try:
            ticks = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        except OSError:
            return None
        return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def _own() -> float:
        used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(u.ru_utime + u.ru_stime for u in used)


HEAD = """# Experiments

Printed by `python benchmarks/experiments.py`. Whole commands, from start to end: reading, starting workers, running,
storing, analysing, drawing. Memory is the peak of the largest process. {machine}.
"""


def sections(quick: bool, folder: Path) -> list[tuple[str, Sequence[str], Callable[[], list[Row]]]]:
    rounds = 2 if quick else 3
    walls = ["command", "wall s", "CPU s", "ratio"]
    whole = ["command", "wall s", "CPU s", "peak MB"]
    found: list[tuple[str, Sequence[str], Callable[[], list[Row]]]] = [
        ("The runner against the model (`drawdown_ladder`, CPU s)", ["", "CPU s", "overhead"],
         lambda: overhead("drawdown_ladder", None, 2 * rounds + 1, folder)),
        ("Two workers against one, a short experiment", walls,
         lambda: two_against_one("drawdown_ladder", rounds, folder)),
        ("Two workers against one, a longer one", walls,
         lambda: two_against_one("levers_of_peace", rounds, folder)),
    ]  # fmt: skip
    if not quick:
        found.append(("Screening and Sobol", whole, lambda: sobol(folder)))
        found.append(("100 000 members, summary kept", whole, lambda: many(100_000, folder)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the short comparisons only")
    quick = parser.parse_args().quick
    print(HEAD.format(machine=f"{processor()}, {os.cpu_count()} cores"))
    with tempfile.TemporaryDirectory() as place:
        for title, head, rows in sections(quick, Path(place)):
            busy = Others()
            text = table(head, rows())
            print(f"## {title}\n\n{text}\n{busy.told()}\n", flush=True)


if __name__ == "__main__":
    main()
