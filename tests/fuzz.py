"""``make fuzz``: mutations of everything detente reads, and what it makes of them.

    python -m tests.fuzz [--times 10000] [--seed 1] [--kinds scenario,result] [--workers 2] [--keep build/fuzz]

Every case ends as ok, as a fault with its place, refused in words, or as a finding: a crash (what the command line
would call our own fault, or a warning), a fault without a place, a wrong answer without a word, or no answer at all.
Findings are written to the folder of ``--keep``, one for each place in the program. Once mended they move to
tests/data/fuzz/, where the default tests read them again. Exit code 1 where there is a finding.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from tests import mutations, scenario_data

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "data" / "fuzz"
#: verdicts that are findings
FINDINGS = ("crash", "no place", "wrong", "no answer")
VERDICTS = ("ok", "fault", "refused", *FINDINGS)
#: seconds after which an answer is given up; never reached by a sound case
PATIENCE = 20
EXPERIMENT = """
title: Small
scenarios: small
levers:
  troops: {label: Troops, path: missions.watch.troops, values: [3000, 4600]}
  talks: {settings: {as now: {}, better: {dialogues.talks.leverage: 0.9}}}
uncertainties:
  arms: actors.*.spending
  other: {parameters.hostility.reciprocity: {low: 0.05, high: 0.1}}
design: {kind: latin_hypercube, points: 4}
members: 2
weeks: 10
metrics: [tension@5, crisis, "dyad:ALF-BET@max"]
"""


class WrongAnswer(Exception):
    """An answer without a word of doubt that cannot be right."""


@dataclass(frozen=True)
class Case:
    """One mutated input of a ``kind``, as bytes; ``name`` says where it comes from."""

    kind: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Verdict:
    """What was made of a case; ``told`` are the words, ``where`` the place in the program of a crash."""

    verdict: str
    told: str = ""
    where: str = ""


# what is done with a case of each kind


def scenario(content: bytes, folder: Path) -> None:
    """Load a small scenario, run it for a few weeks, and look at every number."""
    _run(_small(folder).with_name("case.yaml"), content)


def shipped(content: bytes, folder: Path) -> None:
    """The same with a scenario of the theatre that ships."""
    _run(folder / "case.yaml", content)


def part(content: bytes, folder: Path) -> None:
    """Check a part of a theatre by itself."""
    from detente.scenario.load import check_part

    path = folder / "case.yaml"
    path.write_bytes(content)
    check_part(path)


def graph(content: bytes, folder: Path) -> None:
    """Files that extend one another in any way; one file to a line of JSON."""
    _small(folder)
    for line in content.decode().splitlines():
        name, text = json.loads(line)
        (folder / f"{name}.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    _run(folder / "f0.yaml")


def changes(content: bytes, folder: Path) -> None:
    """Words for --set, laid over the small scenario."""
    _run(_small(folder), sets=json.loads(content))


def experiment(content: bytes, folder: Path) -> None:
    """What ``detente experiment check`` does."""
    from detente.experiment.read import read

    path = _small(folder).with_name("case.yaml")
    path.write_bytes(content)
    for stage in islice(read(str(path), "detente.analysis.metrics").stages(), 3):
        if len(stage.pairs) * stage.members < 100_000:
            list(stage.batches)


def observation(content: bytes, folder: Path) -> str:
    """A file of observations: what is read adds up, or a fault says where."""
    from tests import fuzz_observations

    path = folder / "case.csv"
    path.write_bytes(content)
    try:
        return {"read": "ok", "refused": "fault"}[fuzz_observations.outcome(path)]
    except AssertionError as error:
        raise WrongAnswer(str(error)) from error


def result(content: bytes, folder: Path) -> None:
    """A damaged result folder: refused, or read as it was. The case names the damage by its number."""
    from detente.analysis.compare import compare
    from detente.experiment.store import open_result

    whole = open_result(_stored())
    damaged = folder / "result"
    shutil.copytree(_stored(), damaged)
    said = mutations.of_folder(random.Random(content.decode()), damaged)
    found = open_result(damaged)
    if not found.identical(whole):
        raise WrongAnswer(f"{said}: read as if it were whole")
    compare(whole, {"found": found})


KINDS: dict[str, Callable[[bytes, Path], str | None]] = {
    one.__name__: one for one in (scenario, shipped, part, graph, changes, experiment, observation, result)
}
#: cases of each kind in a hundred
SHARES = {
    "scenario": 36,
    "shipped": 8,
    "part": 10,
    "graph": 8,
    "changes": 12,
    "experiment": 12,
    "observation": 8,
    "result": 6,
}


def _small(folder: Path) -> Path:
    return scenario_data.write(folder)


def _run(path: Path, content: bytes | None = None, sets: dict[str, str] | None = None) -> None:
    from detente.analysis import summary
    from detente.experiment.run import run
    from detente.model.stability import require_placed
    from detente.scenario.load import load

    if content is not None:
        path.write_bytes(content)
    loaded = load(path, sets)
    require_placed(loaded)
    found = run(loaded.scenario, 3, 1, 9)
    for name, array in found.data_vars.items():
        if array.dtype.kind == "f" and not np.isfinite(array.values).all():
            raise WrongAnswer(f"{name} is not finite")
    for name in ("tension", "tension_dyad", "tension_state", "behaviour"):
        if found[name].size and not -1e-6 <= float(found[name].min()) <= float(found[name].max()) <= 100 + 1e-6:
            raise WrongAnswer(f"{name} leaves 0 to 100")
    summary.lines(found)
    if len(path.read_bytes()) % 20 == 0:
        _draw(found)


def _draw(found: Any) -> None:
    from detente.figures.gallery import compose

    for kind in ("fan", "pairs", "timeline"):
        try:
            compose(kind, [found]).figure()
        except ValueError as error:
            if not hasattr(error, "exit_code"):
                raise


@cache
def _stored() -> Path:
    """A small result, made once in a process."""
    folder = Path(tempfile.mkdtemp())
    words = ["run", str(_small(folder)), "-n", "4", "--weeks", "10", "--out", str(folder / "whole")]
    subprocess.run([sys.executable, "-m", "detente", *words], check=True, capture_output=True)
    return folder / "whole"


# making cases


@cache
def _texts(kind: str) -> tuple[str, ...]:
    """The sound texts that cases of ``kind`` are made from."""
    if kind == "scenario":
        with tempfile.TemporaryDirectory() as folder:
            small = _small(Path(folder))
            tree = {"extends": "small", **json.loads(small.with_name("parameters.yaml").read_text())}
            return (small.read_text(), json.dumps(tree, indent=1), "extends: small\ntitle: x\n")
    if kind == "shipped":
        return tuple(path.read_text() for path in sorted((ROOT / "scenarios").glob("*.yaml")))
    if kind == "part":
        return tuple(path.read_text() for path in sorted((ROOT / "scenarios/theatres").rglob("*.yaml")))
    return (*[EXPERIMENT] * 20, *(path.read_text() for path in sorted((ROOT / "experiments").glob("*.yaml"))))


def cases(kind: str, seed: int, numbers: range) -> Iterator[Case]:
    """The cases of ``kind`` with these numbers; the same seed and number give the same case."""
    for number in numbers:
        rng = random.Random(f"{kind}/{seed}/{number}")
        yield Case(kind, f"{seed}-{number}", _made(kind, rng))


def _made(kind: str, rng: random.Random) -> bytes:
    if kind == "result":
        return f"{rng.random()}".encode()
    if kind == "observation":
        from tests import fuzz_observations

        return fuzz_observations.mutate(rng, rng.choice(fuzz_observations.SEEDS))
    if kind == "graph":
        return "\n".join(json.dumps(one) for one in _graph(rng)).encode()
    if kind == "changes":
        return json.dumps(dict(_change(rng) for _ in range(rng.choice((1, 1, 2, 3))))).encode()
    return mutations.of_text(rng, rng.choice(_texts(kind)))


def _graph(rng: random.Random) -> Iterator[tuple[str, str]]:
    names = [f"f{k}" for k in range(rng.randint(1, 8))]
    for k, name in enumerate(names):
        known = [*names[k + 1 :], "small"] if rng.random() < 0.9 else [*names, "nobody", "", "../small"]
        above = [rng.choice(known) for _ in range(rng.choice((1, 1, 2, 2, 3, 12)))]
        content: dict[str, Any] = {
            "extends": above if len(above) > 1 or rng.random() < 0.3 else above[0],
            "title": name,
        }
        for _ in range(rng.randint(0, 3)):
            path, value = _change(rng)
            content |= {path.split(".")[0]: _nested(path.split(".")[1:], rng.choice((None, value, "\x01" + value)))}
        yield name, mutations.written(content)


def _nested(steps: list[str], value: Any) -> Any:
    return {steps[0]: _nested(steps[1:], value)} if steps else value


def _change(rng: random.Random) -> tuple[str, str]:
    tree = mutations.tree_of(_texts("scenario")[rng.choice((0, 0, 1))])
    path: list[str] = []
    while isinstance(tree, dict) and tree and rng.random() < 0.95:
        path.append(str(rng.choice(list(tree))))
        tree = tree[path[-1]]
    if rng.random() < 0.1:
        path.insert(rng.randint(0, len(path)), rng.choice(("", "x", "0", *mutations.NASTY)))
    words = rng.choice(
        (("0", "0.5", "1", "3", "2025-03-01", "ALF"), mutations.BARE, mutations.NASTY, mutations.NUMBERS)
    )
    return ".".join(path), str(rng.choice(words))


# judging them


def judged(case: Case) -> Verdict:
    """What detente makes of ``case``."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), _patience():
        warnings.simplefilter("error")
        try:
            return Verdict(KINDS[case.kind](case.content, Path(folder)) or "ok")
        except WrongAnswer as error:
            return Verdict("wrong", str(error), str(error).split(": ")[-1][:60])
        except _NoAnswer as error:
            return Verdict("no answer", f"after {PATIENCE} s", _where(error))
        except Exception as error:
            return _told(error)


def _told(error: Exception) -> Verdict:
    from detente.cli.failures import explained
    from detente.scenario.diagnostics import ScenarioError

    if isinstance(error, ScenarioError):
        lost = [fault for fault in error.faults if fault.code != "E101" and not (fault.line and fault.col)]
        return Verdict("no place", str(lost[0]), lost[0].code) if lost else Verdict("fault", str(error))
    failure = explained(error)
    if failure.ours or not failure.message.strip():
        return Verdict("crash", f"{type(error).__name__}: {error}", f"{type(error).__name__} {_where(error)}")
    return Verdict("refused", failure.message)


def _where(error: BaseException) -> str:
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "detente" in f.filename and "tests" not in f.filename
    ]
    return f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"


class _NoAnswer(BaseException):
    pass


@contextmanager
def _patience() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise _NoAnswer

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def batch(kind: str, seed: int, first: int, count: int) -> tuple[Counter[str], list[tuple[Case, Verdict]]]:
    """Verdicts of some cases, and those that are findings."""
    counts: Counter[str] = Counter()
    found: list[tuple[Case, Verdict]] = []
    for case in cases(kind, seed, range(first, first + count)):
        verdict = judged(case)
        counts[verdict.verdict] += 1
        if verdict.verdict in FINDINGS:
            found.append((case, verdict))
    return counts, found


def fuzz(times: int, seed: int, kinds: list[str], workers: int, keep: Path) -> int:
    """Fuzz, print the table, keep one case of every finding; the number of findings."""
    whole = sum(SHARES[kind] for kind in kinds)
    work = [(kind, seed, k, 50) for kind in kinds for k in range(0, max(50, times * SHARES[kind] // whole), 50)]
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    found: dict[str, tuple[Case, Verdict, int]] = {}
    with ProcessPoolExecutor(workers) as pool:
        for (kind, *_), (some, those) in zip(work, pool.map(batch, *zip(*work, strict=True)), strict=True):
            counts[kind] += some
            for case, verdict in those:
                key = f"{kind} {verdict.verdict} {verdict.where}"
                found[key] = (*found.get(key, (case, verdict))[:2], found[key][2] + 1 if key in found else 1)
    print(f"{'':12}" + "".join(f"{verdict:>11}" for verdict in VERDICTS))
    for kind, row in {**counts, "all": sum(counts.values(), Counter())}.items():
        print(f"{kind:12}" + "".join(f"{row[verdict]:11}" for verdict in VERDICTS))
    for key, (case, verdict, count) in sorted(found.items()):
        place = keep / case.kind / case.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(case.content)
        print(f"\n{key} ({count}): {verdict.told[:300]}\n  {place}")
    return len(found)


def main() -> None:
    """Read the words of the command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--times", type=int, default=10_000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--kinds", default=",".join(KINDS))
    words.add_argument("--workers", type=int, default=1)
    words.add_argument("--keep", type=Path, default=ROOT / "build" / "fuzz")
    given = words.parse_args()
    sys.exit(fuzz(given.times, given.seed, given.kinds.split(","), given.workers, given.keep) > 0)


if __name__ == "__main__":
    main()
