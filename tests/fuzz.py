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
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from tests import mutations, scenario_data
from tests.fuzz_kinds import EXPERIMENT, HINDCAST, KINDS, ROOT, WrongAnswer

CASES = Path(__file__).parent / "data" / "fuzz"
#: verdicts that are findings
FINDINGS = ("crash", "no place", "wrong", "no answer")
VERDICTS = ("ok", "fault", "refused", *FINDINGS)
#: seconds after which an answer is given up; never reached by a sound case
PATIENCE = 20
#: cases that a worker is given at once
BATCH = 50


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


#: cases of each kind in a hundred
SHARES = {
    "scenario": 36,
    "shipped": 7,
    "part": 9,
    "graph": 8,
    "changes": 12,
    "experiment": 9,
    "observation": 7,
    "result": 6,
    "study": 3,
    "record": 3,
}


# making cases


@cache
def sound(kind: str) -> tuple[str, ...]:
    """The sound texts that cases of ``kind`` are made from."""
    if kind == "scenario":
        with tempfile.TemporaryDirectory() as folder:
            small = scenario_data.write(Path(folder))
            tree = {"extends": "small", **json.loads(small.with_name("parameters.yaml").read_text())}
            return (small.read_text(), json.dumps(tree, indent=1), "extends: small\ntitle: x\n")
    if kind == "shipped":
        return tuple(path.read_text() for path in sorted((ROOT / "scenarios").glob("*.yaml")))
    if kind == "part":
        files = sorted((ROOT / "scenarios/theatres").glob("*.yaml"))
        return tuple(path.read_text() for path in files if not path.stem.endswith("_codes"))
    if kind == "record":
        calibration = json.loads((ROOT / "reports/calibration/history_open.json").read_text())
        return (HINDCAST, json.dumps(_trimmed(calibration)))
    return (*[EXPERIMENT] * 20, *(path.read_text() for path in sorted((ROOT / "experiments").glob("*.yaml"))))


def _trimmed(tree: Any) -> Any:
    """``tree`` with short lists: a case is read by people too."""
    if isinstance(tree, dict):
        return {key: _trimmed(below) for key, below in tree.items()}
    return [_trimmed(below) for below in tree[:6]] if isinstance(tree, list) else tree


def cases(kind: str, seed: int, numbers: range) -> Iterator[Case]:
    """The cases of ``kind`` with these numbers; the same seed and number give the same case."""
    for number in numbers:
        rng = random.Random(f"{kind}/{seed}/{number}")
        yield Case(kind, f"{seed}-{number}", _made(kind, rng))


def _made(kind: str, rng: random.Random) -> bytes:
    if kind in ("result", "study"):
        return f"{rng.random()}".encode()
    if kind == "observation":
        from tests import fuzz_observations

        return fuzz_observations.mutate(rng, rng.choice(fuzz_observations.SEEDS))
    if kind == "graph":
        return "\n".join(json.dumps(one) for one in _graph(rng)).encode()
    if kind == "changes":
        return json.dumps(dict(_change(rng) for _ in range(rng.choice((1, 1, 2, 3))))).encode()
    return mutations.of_text(rng, rng.choice(sound(kind)))


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
    tree = mutations.tree_of(sound("scenario")[rng.choice((0, 0, 1))])
    path: list[str] = []
    while isinstance(tree, dict) and tree and rng.random() < 0.95:
        path.append(str(rng.choice(list(tree))))
        tree = tree[path[-1]]
    if isinstance(tree, int | float) and rng.random() < 0.6:
        return ".".join(path), str(tree * rng.choice((0, 0.5, 0.9, 1.1, 2, 10)))
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


def _row(name: str, counts: Counter[str]) -> str:
    return f"{name:12}" + "".join(f"{counts[verdict]:11}" for verdict in VERDICTS)


def fuzz(times: int, seed: int, kinds: list[str], workers: int, keep: Path) -> int:
    """Fuzz, print the table, keep one case of every finding; the number of findings."""
    whole = sum(SHARES[kind] for kind in kinds)
    counts: dict[str, Counter[str]] = {}
    found: dict[str, tuple[Case, Verdict, int]] = {}
    print(f"{'':12}" + "".join(f"{verdict:>11}" for verdict in VERDICTS), flush=True)
    with ProcessPoolExecutor(workers) as pool:
        for kind in kinds:
            starts = range(0, max(BATCH, times * SHARES[kind] // whole), BATCH)
            counts[kind] = Counter()
            for some, those in pool.map(batch, repeat(kind), repeat(seed), starts, repeat(BATCH)):
                counts[kind] += some
                for case, verdict in those:
                    key = f"{kind} {verdict.verdict} {verdict.where}"
                    found[key] = (*found.get(key, (case, verdict))[:2], found[key][2] + 1 if key in found else 1)
            print(_row(kind, counts[kind]), flush=True)
    print(_row("all", sum(counts.values(), Counter())))
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
