"""What starting costs: commands beside the bare imports that they cannot do without, and beside an older checkout.

    python benchmarks/start.py                      # some minutes
    python benchmarks/start.py --older ../before    # its src/ in the place of this one, in the same rounds

CPU seconds (user and system) of whole processes, children included, each started anew. All take turns in every round,
and ratios are taken round by round: a machine that is busy with something else is busy for all of them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from turns import processor, ratio, table

ROOT = Path(__file__).resolve().parent.parent

#: what a command runs on, imported and nothing else
LOADING = "import click, numpy, pydantic, yaml"
RUNNING = (
    f"{LOADING}, scipy.special, xarray, zarr, matplotlib.figure, "
    "matplotlib.backends.backend_agg, matplotlib.backends.backend_svg"
)
LOADED = "from detente.scenario.load import load; load('baseline')"
#: job -> its command, and the imports it is held against
JOBS: dict[str, tuple[tuple[str, ...], str]] = {
    "scenario loaded": (("-c", LOADED), LOADING),
    "detente scenarios diff": (("-m", "detente", "scenarios", "diff", "baseline", "kfor_surge"), LOADING),
    "detente check": (("-m", "detente", "check", "baseline"), f"{LOADING}, scipy.special"),
    "detente run, 4 members": (("-m", "detente", "run", "baseline", "--members", "4"), RUNNING),
    "detente run, 1,000 members": (("-m", "detente", "run", "baseline", "--members", "1000"), RUNNING),
}


def spent(words: Sequence[str], source: Path, folder: Path) -> float:
    """CPU seconds of a Python started with ``words`` on the package under ``source``; compiled files are kept apart."""
    kept = {"PYTHONPATH": str(source), "PYTHONPYCACHEPREFIX": str(folder / "compiled" / source.parent.name)}
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | kept
    with subprocess.Popen(
        [sys.executable, *words], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {process.returncode}")
    return used.ru_utime + used.ru_stime


def in_turns(job: str, trees: Sequence[Path], folder: Path, rounds: int) -> list[list[float]]:
    """CPU seconds of a job on every tree, and of its imports, round by round; a round before them fills the caches."""
    words, imports = JOBS[job]
    turns = [(words, tree) for tree in trees] + [(("-c", imports), trees[0])]
    found = [[spent(words, tree / "src", folder) for words, tree in turns] for _ in range(rounds + 1)]
    return [list(column) for column in zip(*found[1:], strict=True)]


def row(job: str, trees: Sequence[Path], folder: Path, rounds: int) -> list[str]:
    """A line of the table."""
    ours, *older, imports = in_turns(job, trees, folder, rounds)
    seconds = [f"{statistics.median(one):.2f}" for one in (ours, imports)]
    return [job, *seconds, *(ratio(ours, other) for other in (imports, *older))]


def rows(trees: Sequence[Path], rounds: int) -> list[list[str]]:
    """A line for every job."""
    with tempfile.TemporaryDirectory() as folder:
        return [row(job, trees, Path(folder), rounds) for job in JOBS]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--older", type=Path, action="append", default=[], help="a checkout of an older version")
    asked = parser.parse_args()
    trees = [ROOT, *(path.resolve() for path in asked.older)]
    head = ["job", "CPU s", "its imports, CPU s", "ratio", *(f"ratio to {path.name}" for path in trees[1:])]
    load = ", ".join(f"{minutes:.1f}" for minutes in os.getloadavg())
    print(f"{table(head, rows(trees, asked.rounds))}\n{processor()}; {asked.rounds} rounds, medians; load {load}")


if __name__ == "__main__":
    main()
