"""Is everything here that a run needs?"""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from detente import extras
from detente.errors import DetenteError

OLDEST = (3, 11)
#: what a run imports
ROOMS = ("detente.scenario.load", "detente.experiment.run", "detente.experiment.store", "detente.figures.fan")
OBSERVATIONS = "DETENTE_OBSERVATIONS"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Check:
    """One finding. ``needed`` says whether a run fails without it."""

    name: str
    ok: bool
    found: str
    advice: str = ""
    needed: bool = True


def doctor() -> Iterator[Check]:
    """Findings on Python, packages, extras, scenarios, a tiny run, observations, room to write, compiled
    engine, processors."""
    told = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    fits = sys.version_info >= OLDEST
    yield Check("Python", fits, told, "" if fits else f"install Python {OLDEST[0]}.{OLDEST[1]} or newer")
    own = _version("detente")
    yield Check("detente", own is not None, own or "not installed", "" if own else extras.advice())
    for extra, wanted in extras.requirements().items():
        versions = {name: _version(name) for name in (re.findall(r"^[\w.-]+", line)[0] for line in wanted)}
        if extra and wanted:
            yield _extra(extra, versions)
        for name, found in versions.items() if not extra else ():
            yield Check(name, found is not None, found or "missing", "" if found else extras.advice())
    yield from (_scenarios(), _model(), _observations(), _writing(), *_compiled())
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    pinned = ", ".join(f"{name}={os.environ[name]}" for name in THREADS if name in os.environ)
    advice = f"--workers {usable} uses them" if usable > 1 else ""
    yield Check("processors", True, f"{usable}" + (f" ({pinned})" if pinned else ""), advice, needed=False)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _extra(extra: str, versions: dict[str, str | None]) -> Check:
    absent = [name for name, found in versions.items() if found is None]
    told = f"missing {', '.join(absent)}" if absent else ", ".join(f"{p} {v}" for p, v in versions.items())
    return Check(f"extra {extra}", not absent, told, extras.advice(extra) if absent else "", needed=False)


def _scenarios() -> Check:
    from detente.scenario import places

    names = list(places.names())
    advice = "" if names else "install again, or name a folder in DETENTE_SCENARIOS"
    return Check("scenarios", bool(names), f"{len(names)} in {places.shipped()}: {', '.join(names)}", advice)


def _model() -> Check:
    """Import what a run imports, and play two weeks of a shipped scenario for two members."""
    try:
        for room in ROOMS:
            import_module(room)
        from detente.experiment.run import run
        from detente.scenario import places
        from detente.scenario.load import load_scenario

        name = "baseline" if "baseline" in places.names() else next(iter(places.names()))
        ds = run(load_scenario(name), members=2, seed=1, weeks=2)
    except DetenteError as error:
        return Check("model", False, str(error), "the scenario files are damaged: install again")
    except Exception as error:  # whatever a package that does not fit raises
        return Check("model", False, f"cannot run: {type(error).__name__}: {error}", extras.advice())
    sound = bool(ds["tension"].notnull().all())
    told = f"two weeks of {name} for two members: {'done' if sound else 'numbers that are no numbers'}"
    return Check("model", sound, told, "" if sound else extras.advice())


def _observations() -> Check:
    named, root = os.environ.get(OBSERVATIONS), extras.checkout()
    folder = Path(named) if named else root.parent / "shared" / "observations" if root else None
    files = sorted(p for p in folder.iterdir() if ".csv" in p.suffixes) if folder and folder.is_dir() else []
    advice = "" if files else f"only for hindcast, nowcast and calibrate: set {OBSERVATIONS} to their folder"
    return Check("observations", bool(files), f"{len(files)} files in {folder}" if files else "none", advice, False)


def _compiled() -> Iterator[Check]:
    """What ``--engine fast`` stands on, where it is installed: LLVM, the processor's vectors, code that is kept."""
    if extras.missing("fast", ""):
        return
    try:
        from detente.engine import cache
    except Exception as error:  # a library of LLVM that does not load here
        told = f"llvmlite cannot be loaded: {type(error).__name__}: {error}"
        yield Check("engine fast", False, told, extras.advice("fast"), needed=False)
        return
    place = cache.folder()
    found = cache.kept(place)
    size = sum(status.st_size for _, status in found)
    told = f"LLVM {cache.llvm_version()} for {cache.processor()}, vectors of {cache.doubles()} doubles; "
    told += f"{size / 2**20:.1f} of at most {cache.MOST_BYTES >> 20} MB of code in {len(found)} files in {place}"
    yield Check("engine fast", True, told, needed=False)


def _writing() -> Check:
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            return Check("writing", True, f"possible in {Path.cwd()}")
    except OSError as error:
        return Check("writing", False, f"{Path.cwd()}: {error.strerror}", "go to a folder of your own, or use --out")
