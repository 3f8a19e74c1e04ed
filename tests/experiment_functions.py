"""Evaluations that go wrong on purpose, importable by name in any worker."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detente.experiment.design import Design
from detente.experiment.study import Factor, Point, Setting, Study
from detente.scenario.quantity import Quantity
from tests.known import g_function


def once(folder: str, name: str) -> bool:
    """True the first time it is asked, in whatever process."""
    try:
        (Path(folder) / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def slow(point: Point) -> Mapping[str, np.ndarray]:
    """The g function, at a pace that leaves time to be killed."""
    time.sleep(point.shared.get("pause", 0.01))
    return g_function(point)


def centred(point: Point) -> Mapping[str, np.ndarray]:
    """The g function with what is not varied at one half, where it is least."""
    values = {f"x{n + 1}": 0.5 for n in range(8)} | dict(point.values)
    return g_function(replace(point, changes=values))


def dies_once(point: Point) -> Mapping[str, np.ndarray]:
    """Kills its worker at point 20, the first time only."""
    if point.number == 20 and once(point.shared["folder"], "died"):
        os.kill(os.getpid(), signal.SIGKILL)
    return g_function(point)


def always_dies(point: Point) -> Mapping[str, np.ndarray]:
    """Kills its worker at point 20, every time."""
    if point.number == 20:
        os.kill(os.getpid(), signal.SIGKILL)
    return g_function(point)


def raises_once(point: Point) -> Mapping[str, np.ndarray]:
    """Raises at point 20, the first time only."""
    if point.number == 20 and once(point.shared["folder"], "raised"):
        raise ZeroDivisionError("planted")
    return g_function(point)


def not_finite(point: Point) -> Mapping[str, np.ndarray]:
    """Gives NaN at point 20."""
    found = dict(g_function(point))
    if point.number == 20:
        found["y"] = found["y"] * np.nan
    return found


def ragged(point: Point) -> Mapping[str, np.ndarray]:
    """Gives a value too many at point 20."""
    found = dict(g_function(point))
    if point.number == 20:
        found["y"] = np.append(found["y"], 1.0)
    return found


def with_path(point: Point) -> Mapping[str, np.ndarray]:
    """A metric, and a path of five weeks whose mean is known."""
    levels = np.array([member + point.values["x1"] for member in point.members])
    return {"y": levels, "level": levels[:, None] + np.arange(5.0)}


def levered(point: Point) -> Mapping[str, np.ndarray]:
    """Less with the lever, by an amount that the first factor turns round at x1 = 0.8; members differ."""
    effect = (0.8 - point.values["x1"]) * float(point.changes["push"])
    chance = np.sin(np.array(point.members) * 12.9898)
    return {"y": 10.0 - effect + chance, "flat": np.zeros(len(point.members))}


def two_levers(point: Point) -> Mapping[str, np.ndarray]:
    """Falls by one with the first lever, by two with the second, by one more with both."""
    a, b = float(point.changes["a"]), float(point.changes["b"])
    chance = np.sin(np.array(point.members) * 12.9898)
    return {"y": 10.0 - a - 2 * b - a * b + chance + point.values["x1"]}


def paired(point: Point) -> Mapping[str, np.ndarray]:
    """Two settings whose paired difference has standard deviation 1 between draws."""
    draws = np.array([member // 4 for member in point.members])
    noise = np.array([np.random.default_rng(int(draw)).normal() for draw in draws])
    return {"y": noise * (1.0 if point.changes["push"] else 0.0)}


def study(
    function: str,
    folder: object = "",
    *,
    points: int = 8,
    members: int = 2,
    batch: int = 8,
    factors: int = 8,
    design: Design | None = None,
    settings: tuple[Setting, ...] | None = None,
    **more: object,
) -> Study:
    """A study of a function of this module over uniform factors x1, x2, …"""
    spread = Quantity(value=0.5, low=0, high=1, spread="uniform")
    settings = settings or (Setting("here"),)
    scenarios = dict.fromkeys(setting.scenario for setting in settings)
    named = tuple(Factor(f"x{n + 1}", f"x{n + 1}", tuple((s, spread) for s in scenarios)) for n in range(factors))
    fields: dict = {
        "name": function,
        "settings": settings,
        "metrics": ("y",),
        "factors": named,
        "designs": (design or Design(kind="latin_hypercube", points=points),),
        "members": members,
        "batch": batch,
        "evaluate": f"tests.experiment_functions:{function}",
        "shared": {"folder": str(folder)},
    }
    return Study(**(fields | more))


def wait_for(condition: object, seconds: float = 60) -> None:
    """Until the condition holds, or fail."""
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


@contextmanager
def dask_cluster(folder: Path, *paths: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two worker processes on loopback that find modules in ``paths``: its address, all processes."""
    pytest.importorskip("distributed")
    file = folder / "scheduler.json"
    found = os.pathsep.join(map(str, [*paths, Path(__file__).parents[1] / "src"]))
    here = {"env": {**os.environ, "PYTHONPATH": found}, "stderr": subprocess.DEVNULL, "start_new_session": True}
    base = [sys.executable, "-m", "dask"]
    quiet = ["--no-dashboard", "--host", "127.0.0.1"]
    one = ["worker", f"--scheduler-file={file}", "--nthreads", "1", "--nworkers", "1", f"--local-directory={folder}"]
    running = [subprocess.Popen([*base, "scheduler", "--port", "0", f"--scheduler-file={file}", *quiet], **here)]
    try:
        wait_for(file.exists)
        running += [subprocess.Popen([*base, *one, *quiet], **here) for _ in range(2)]
        yield json.loads(file.read_text())["address"], running
    finally:
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
