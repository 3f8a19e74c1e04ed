"""``make chaos``: kills, races, full disks and read-only folders, and what they leave behind.

    python -m tests.chaos [--times 100] [--races 20] [--disks 8] [--serve 20] [--seed 1] [--only run,report,serve]

Every command works on a small made-up theatre, now into an empty place, now over an older result of another seed. It is
killed outright (SIGKILL) at a random moment of its usual time. What has its final name by then must be whole and of one
seed; the same command once more, or with what its message asks for, must succeed, with the numbers of an undisturbed
run; no worker may outlive it and no temporary may stay. Exit code 1 where anything is otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests import scenario_data

#: loaded before the first fork, so that a try costs the command and not Python's start; none of them starts a thread
LOADED = (
    *(f"detente.cli.{name}" for name in ("run", "experiment", "report", "figure", "export", "page", "serve")),
    *("detente.analysis.findings", "detente.analysis.metrics", "detente.report.page", "detente.figures.gallery"),
    *("detente.experiment.execute", "detente.experiment.store", "detente.experiment.results", "detente.figures.fan"),
    *("matplotlib.pyplot", "xarray", "zarr", "scipy.stats", "detente.serve.stored", "detente.serve.page"),
)
SEEDS = (1, 2)
#: outlines, for a report has a map
MAPPED = "extends: small\ntitle: Mapped\nactors: {ALF: {map_key: FRA}, BET: {map_key: ESP}, GAM: {map_key: PRT}}\n"
OTHER = "extends: mapped\ntitle: Other\ndyads: {ALF-BET: {resting_hostility: {ALF: 7}}}\n"
BRIEF = "extends: small\ntitle: Brief\ncalendar: {end: 2024-09-02, documented_until: 2024-07-29}\nacts: null\n"
EXPERIMENT = """
title: Ladder
scenarios: small
levers: {more: {path: parameters.hostility.inertia, values: [0.3, 0.6]}}
design: {kind: factorial}
members: 64
batch: 16
weeks: 20
metrics: [tension@8]
"""
#: what a message asks for -> words to add
ADVICE = {r"with --force": "--force", r"add --resume": "--resume"}
REFUSED = re.compile(r"is being written by process|with --force|add --resume")
STRAY = re.compile(r"\.(part|old|lock|partial)\b|\.lock$")
#: settings on which a page tries its interpolation here
FEW = 2
#: seconds in which workers of a killed command must have ended
GRACE = 10.0


@dataclass(frozen=True)
class Command:
    """A command under test: its words by seed, where it writes, and what identifies what it wrote."""

    name: str
    words: Callable[[int], list[str]]
    target: str
    identity: Callable[[Path], str]
    more: tuple[str, ...] = ("--force",)


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    said: str


def of_result(place: Path) -> str:
    """The digest of a result folder, held against its hashes."""
    from detente.experiment.digest import digest
    from detente.experiment.store import open_result

    return digest(open_result(place))


def of_experiment(place: Path) -> str:
    """The digest of a finished experiment, "" of one on its way; whatever cannot be read raises."""
    from detente.experiment.results import open_experiment
    from detente.experiment.status import status

    if not (place / "inputs.json").exists():
        return ""
    now = status(place)
    if not now.complete:
        return ""
    return str(open_experiment(place).attrs["digest"])


def of_files(place: Path) -> str:
    """A hash of a file, or of all files of a folder with their names."""
    found = hashlib.sha256()
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if path.is_file():
            found.update(path.relative_to(place).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


COMMANDS = (
    Command("run", lambda n: _run(n), "made", of_result),
    Command("run, 2 workers", lambda n: [*_run(n), "--block", "16", "--workers", "2"], "made", of_result),
    Command(
        "experiment run",
        lambda n: ["experiment", "run", "ladder.yaml", "--workers", "1", "--seed", str(n), "--out", "tried"],
        "tried",
        of_experiment,
        ("--resume",),
    ),
    Command("report", lambda n: ["report", f"base{n}", f"other{n}", "--out", "told"], "told", of_files),
    Command("figure", lambda n: ["figure", "fan", f"base{n}", "-o", "drawn.png"], "drawn.png", of_files),
    Command("export", lambda n: ["export", f"base{n}", "-o", "table.csv"], "table.csv", of_files),
    Command(
        "page",
        lambda n: ["page", "brief.yaml", "--members", "8", "--levers", "missions", "--seed", str(n), "-o", "page.html"],
        "page.html",
        of_files,
    ),
)


def _run(seed: int) -> list[str]:
    return ["run", "small.yaml", "--members", "64", "--weeks", "30", "--seed", str(seed), "--out", "made"]


def forked(folder: Path, words: list[str]) -> int:
    """A command in a process and a session of its own; what it says goes to a file beside the work."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    os.chdir(folder)
    out = os.open(_said_by(folder, os.getpid()), os.O_WRONLY | os.O_CREAT)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = ["detente", *words]
    code = 1
    try:
        from detente.cli.main import main

        main(words)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        os._exit(code)


def _said_by(folder: Path, process: int) -> Path:
    return folder.parent / f"said-{process}"


def ended(folder: Path, child: int) -> Done:
    """Wait for a command."""
    _, status = os.waitpid(child, 0)
    said = _said_by(folder, child)
    text = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    said.unlink(missing_ok=True)
    return Done(os.waitstatus_to_exitcode(status), text)


def done(folder: Path, words: list[str]) -> Done:
    """A command from start to end."""
    return ended(folder, forked(folder, words))


def apart(function: Callable[[Path], str], place: Path) -> str:
    """What ``function`` says, or its error: in a process of its own, since libraries start threads when they read."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            text = function(place)
        except Exception as error:
            text = f"error: {error}"
        os.write(writer, text.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        text = stream.read().decode()
    os.waitpid(child, 0)
    return text


@dataclass
class Trial:
    """One command in one folder, with the identities of undisturbed runs, and what was counted."""

    command: Command
    folder: Path
    chance: random.Random

    def __post_init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.known: dict[int, str] = {}
        for seed in SEEDS:
            _gone(self.place)
            begun = time.monotonic()
            self.finish(seed)
            self.usual = time.monotonic() - begun
            self.known[seed] = self.identity()
        assert len(set(self.known.values())) == len(SEEDS), self.known
        assert not any(text.startswith("error") or not text for text in self.known.values()), self.known

    @property
    def place(self) -> Path:
        """Where the command writes."""
        return self.folder / self.command.target

    def identity(self) -> str:
        """Of what lies in the place; "" where nothing is finished there."""
        return apart(self.command.identity, self.place) if self.place.exists() else ""

    def words(self, seed: int) -> list[str]:
        """The command, with what it asks for where something lies in its place."""
        return [*self.command.words(seed), *(self.command.more if self.place.exists() else ())]

    def fresh(self, seed: int | None) -> None:
        """Empty the place, or put a result of ``seed`` there."""
        _gone(self.place)
        if seed is not None:
            self.finish(seed)

    def finish(self, seed: int) -> Done:
        """The command to its end, as its messages ask."""
        said = done(self.folder, self.command.words(seed))
        for asked, word in ADVICE.items():
            if said.code and re.search(asked, said.said):
                said = done(self.folder, [*self.command.words(seed), word])
        return said

    def kill(self) -> None:
        """One kill at a random moment, and all that must hold afterwards."""
        old, new = self.chance.sample(SEEDS, 2)
        self.fresh(self.chance.choice([None, old]) if self.command.more == ("--force",) else None)
        child = forked(self.folder, self.words(new))
        time.sleep(self.chance.uniform(0.0, self.usual))
        os.kill(child, signal.SIGKILL)
        killed = ended(self.folder, child).code == -signal.SIGKILL
        self.counts["tries"] += 1
        self.counts["killed"] += killed
        self.expect("whole", self.identity() in ("", *self.known.values()), f"not whole: {self.identity()}")
        self.expect("alone", not orphans(child), "a worker outlives it")
        again = self.finish(new)
        self.expect("again", again.code == 0 and self.identity() == self.known[new], f"again: {again}")
        self.expect("clean", not strays(self.folder), f"left behind: {strays(self.folder)}")

    def race(self) -> None:
        """Two at once, of different seeds: one result, whole; who gives way says why."""
        self.fresh(None)
        both = {seed: forked(self.folder, self.command.words(seed)) for seed in SEEDS}
        ends = {seed: ended(self.folder, child) for seed, child in both.items()}
        winners = [self.known[seed] for seed, end in ends.items() if end.code == 0]
        lost = [end for end in ends.values() if end.code != 0]
        self.counts["tries"] += 1
        self.expect("whole", self.identity() in winners, f"race: {ends}")
        self.expect("again", all(end.code in (2, 3) and REFUSED.search(end.said) for end in lost) or
                    all("other inputs" in end.said for end in lost), f"race: {lost}")  # fmt: skip
        self.expect("clean", not strays(self.folder), f"left behind: {strays(self.folder)}")

    def cramped(self, disk: Path, kilobytes: int) -> None:
        """On a disk without room: words, and nothing half-written; with room the same command succeeds."""
        self.counts["tries"] += 1
        _mounted(disk, f"remount,size={kilobytes}k")
        first = done(self.folder, self.command.words(1))
        self.counts["killed"] += first.code != 0
        words = first.code == 3 and "Traceback" not in first.said and "space" in first.said
        self.expect("whole", self.identity() in ("", self.known[1]), f"full disk: {self.identity()}")
        self.expect("alone", first.code == 0 or words, f"full disk: {first}")
        _mounted(disk, "remount,size=100m")
        again = self.finish(1)
        self.expect("again", again.code == 0 and self.identity() == self.known[1], f"with room: {again}")
        self.expect("clean", not strays(self.folder), f"left behind: {strays(self.folder)}")
        _gone(self.place)

    def forbidden(self) -> None:
        """In a folder that may not be written to: words."""
        self.counts["tries"] += 1
        end = done(self.folder, self.command.words(1))
        self.counts["killed"] += end.code != 0
        words = re.search("read-only|may not be written", end.said) and "Traceback" not in end.said
        self.expect("alone", end.code == 3 and bool(words), f"read-only: {end}")
        self.expect("whole", not self.place.exists(), "something was written")

    def expect(self, what: str, holds: bool, otherwise: str) -> None:
        """Count what holds, keep what does not."""
        self.counts[what] += holds
        if not holds:
            self.wrong.append(f"{self.command.name}: {otherwise}")


def orphans(session: int) -> list[int]:
    """Processes of a session that are still at work after a while."""
    until = time.monotonic() + GRACE
    while (left := _of_session(session)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def _of_session(session: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,sess=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return [int(pid) for pid, sess, state, *_ in rows if int(sess) == session and not state.startswith("Z")]


def strays(folder: Path) -> list[str]:
    """Temporaries and locks that nobody needs any more."""
    return sorted(path.name for path in folder.rglob("*") if STRAY.search(path.name))


def _gone(place: Path) -> None:
    shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)


def prepared(folder: Path) -> Path:
    """The theatre, and results of both seeds for the commands that read some."""
    scenario_data.write(folder)
    (folder / "mapped.yaml").write_text(MAPPED, encoding="utf-8")
    (folder / "other.yaml").write_text(OTHER, encoding="utf-8")
    (folder / "brief.yaml").write_text(BRIEF, encoding="utf-8")
    (folder / "ladder.yaml").write_text(EXPERIMENT, encoding="utf-8")
    for seed in SEEDS:
        for name, scenario in (("base", "mapped.yaml"), ("other", "other.yaml")):
            words = ["run", scenario, "--members", "32", "--weeks", "30", "--seed", str(seed)]
            end = done(folder, [*words, "--out", f"{name}{seed}"])
            assert end.code == 0, end
    return folder


def _mounted(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=True, capture_output=True)


@contextmanager
def small_disk(disk: Path) -> Iterator[Path]:
    """A disk whose size can be set. OSError, CalledProcessError where none can be mounted."""
    disk.mkdir()
    _mounted(disk, "size=100m")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=False, capture_output=True)


def kills(command: Command, folder: Path, times: int, chance: random.Random) -> Trial:
    """So many kills of a command."""
    trial = Trial(command, folder, chance)
    for _ in range(times):
        trial.kill()
    return trial


def races(command: Command, folder: Path, times: int, chance: random.Random) -> Trial:
    """So many pairs of a command at once."""
    trial = Trial(command, folder, chance)
    for _ in range(times):
        trial.race()
    return trial


def disks(command: Command, folder: Path, disk: Path, times: int, chance: random.Random) -> tuple[Trial, Trial]:
    """Disks that fill at some point of a command, and one that is read-only."""
    shutil.copytree(folder, disk, dirs_exist_ok=True)
    trial, other = Trial(command, disk, chance), Trial(command, disk, chance)
    _gone(trial.place)
    used = _used(disk)
    trial.finish(1)
    needed = _used(disk) - used
    _gone(trial.place)
    for n in range(times):
        trial.cramped(disk, used + 4 + needed * n // times)
    _mounted(disk, "remount,ro")
    other.forbidden()
    _mounted(disk, "remount,rw")
    return trial, other


def _used(disk: Path) -> int:
    return shutil.disk_usage(disk).used // 1024


#: what is counted -> heading of its column
COLUMNS = {"tries": "tries", "killed": "stopped", "whole": "whole", "alone": "no orphan", "again": "taken over",
           "clean": "nothing left"}  # fmt: skip


def row(what: str, trial: Any) -> str:
    """A line of the table."""
    cells = (f"{trial.counts.get(key, ''):>{len(head)}}" for key, head in COLUMNS.items())
    return f"{what:<12} {trial.command.name:<16} " + "  ".join(cells) + f"  {len(trial.wrong):>5}"


def main() -> int:
    """Run everything and print the table; 1 where something was wrong."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--times", type=int, default=100)
    asked.add_argument("--races", type=int, default=20)
    asked.add_argument("--disks", type=int, default=8)
    asked.add_argument("--serve", type=int, default=20)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="")
    given = asked.parse_args()
    os.environ.update(MPLBACKEND="agg", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    for name in LOADED:
        import_module(name)
    import_module("detente.serve.stored").TRIED = FEW  # type: ignore[attr-defined]
    chosen = [one for one in COMMANDS if not given.only or one.name.split(",")[0].split()[0] in given.only.split(",")]
    with tempfile.TemporaryDirectory() as made:
        wrong = list(every(chosen, Path(made), given))
    print(*wrong[:20], sep="\n")
    return int(bool(wrong))


def every(chosen: list[Command], home: Path, given: Any) -> Iterator[str]:
    """Each kind of harm for each command; prints the table, yields what was wrong."""
    (home / "work").mkdir()
    folder, chance = prepared(home / "work"), random.Random(given.seed)
    print(f"{'':<29} " + "  ".join(COLUMNS.values()) + "  wrong", flush=True)

    def shown(what: str, trial: Any) -> list[str]:
        print(row(what, trial), flush=True)
        return trial.wrong

    for command in chosen:
        yield from shown("kill -9", kills(command, folder, given.times, chance))
        _gone(folder / command.target)
    for command in chosen:
        yield from shown("race", races(command, folder, given.races, chance))
        _gone(folder / command.target)
    if given.serve and (not given.only or "serve" in given.only.split(",")):
        from tests.chaos_serving import served

        yield from shown("kill -9, port", served(folder, given.serve, chance))
    try:
        with small_disk(home / "disk") as disk:
            for command in chosen:
                full, forbidden = disks(command, folder, disk, given.disks, chance)
                yield from [*shown("full disk", full), *shown("read-only", forbidden)]
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"full disk, read-only: skipped, no disk can be mounted here ({error})")


if __name__ == "__main__":
    sys.exit(main())
