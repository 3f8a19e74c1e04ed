"""What is done with a mutated input of each kind, as a user would: read it, run it, look at every number."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tests import mutations, scenario_data

ROOT = Path(__file__).parents[1]
EXPERIMENT = """
title: Small
scenarios: small
levers:
  troops: {label: Troops, path: missions.watch.troops, values: [3000, 4600]}
  talks: {settings: {as now: {}, better: {dialogues.talks.leverage: 0.9}}}
uncertainties:
  parameters: actors.ALF.*
  given: {parameters.hostility.reciprocity: {value: 0.07, low: 0.05, high: 0.1, spread: triangular}}
design: {kind: latin_hypercube, points: 4}
members: 2
weeks: 10
metrics: [tension@5, crisis, "dyad:ALF-BET@max"]
"""

HINDCAST = """
{"file": "x.csv", "dyad": "A-B", "every": "month", "test": "1998-01:1999-12", "seed": 1, "members": 100, "rows": [
 {"method": "last", "horizon": 1},
 {"method": "model", "horizon": 1, "n": 50, "pit": [0.1, 0.2, 0.3, 0.2, 0.2], "brier": 0.2,
  "reliability": [[0.2, 0.3, 30], [0.6, 0.5, 20]]}]}
"""


class WrongAnswer(Exception):
    """An answer without a word of doubt that cannot be right."""


def scenario(content: bytes, folder: Path) -> None:
    """Load a small scenario, run it for a few weeks, and look at every number."""
    _run(_small(folder).with_name("case.yaml"), content)


def shipped(content: bytes, folder: Path) -> None:
    """The same with a scenario of the theatre that ships."""
    _run(folder / "case.yaml", content)


def part(content: bytes, folder: Path) -> None:
    """Check a part of a theatre by itself."""
    from detente.scenario.load import check_part

    path = _theatres() / "case.yaml"
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
    for stage in islice(read(str(path)).stages(), 3):
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


def study(content: bytes, folder: Path) -> None:
    """The folder of a damaged experiment: refused, or read as it was."""
    from detente.experiment.results import open_experiment

    damaged = folder / "study"
    shutil.copytree(_studied(), damaged)
    said = mutations.of_folder(random.Random(content.decode()), damaged)
    if not open_experiment(damaged).identical(open_experiment(_studied())):
        raise WrongAnswer(f"{said}: read as if it were whole")


def record(content: bytes, folder: Path) -> None:
    """What ``calibrate --json`` or ``hindcast --json`` printed, changed on the way to a figure."""
    from detente.api.figure import figure

    path = folder / "case.json"
    path.write_bytes(content)
    figure("posterior" if b'"untold"' in content else "calibration", path).figure()


KINDS: dict[str, Callable[[bytes, Path], str | None]] = {
    one.__name__: one
    for one in (scenario, shipped, part, graph, changes, experiment, observation, result, study, record)
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
def _theatres() -> Path:
    """The parts that ship, side by side, in a folder of this process."""
    return Path(shutil.copytree(ROOT / "scenarios/theatres", Path(tempfile.mkdtemp()) / "theatres"))


@cache
def _stored() -> Path:
    """A small result, made once in a process."""
    folder = Path(tempfile.mkdtemp())
    return _made(["run", str(_small(folder)), "-n", "4", "--weeks", "10"], folder / "whole")


@cache
def _studied() -> Path:
    """The folder of a small experiment, made once in a process."""
    folder = Path(tempfile.mkdtemp())
    path = _small(folder).with_name("study.yaml")
    path.write_text(EXPERIMENT)
    return _made(["experiment", "run", str(path)], folder / "whole")


def _made(words: list[str], out: Path) -> Path:
    """What a command writes into ``out``. RuntimeError where it fails: that is no refusal of what is damaged later."""
    try:
        subprocess.run([sys.executable, "-m", "detente", *words, "--out", str(out)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"nothing to damage: {error}") from error
    return out
