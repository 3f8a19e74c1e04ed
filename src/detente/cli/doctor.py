"""``detente doctor``: is everything here that a run needs?"""

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

import click

from detente import extras
from detente.cli import say
from detente.errors import DetenteError

OLDEST = (3, 11)
#: the name at the head of a requirement
NAME = re.compile(r"[\w.-]+")
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


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check the installation: Python, packages, extras, scenarios, a tiny run, observations, threads."""
    checks = list(_checks())
    sound = all(check.ok for check in checks if check.needed)
    if as_json:
        say.as_json({"ok": sound, "checks": [vars(check) for check in checks]})
    else:
        rows = say.table([(_sign(check), check.name, check.found) for check in checks]).splitlines()
        for row, check in zip(rows, checks, strict=True):
            click.echo(f"{row}\n     → {check.advice}" if check.advice else row)
        say.ending(then=["detente run baseline"] if sound else ["follow the advice beside each ✗"])
    if not sound:
        ctx.exit(4)


def _sign(check: Check) -> str:
    return "✓" if check.ok else "✗" if check.needed else "·"


def _checks() -> Iterator[Check]:
    yield _python()
    yield from _packages()
    yield from _extras()
    yield _scenarios()
    yield _model()
    yield _observations()
    yield _writing()
    yield _threads()


def _python() -> Check:
    fits = sys.version_info >= OLDEST
    advice = "" if fits else f"install Python {OLDEST[0]}.{OLDEST[1]} or newer"
    return Check("Python", fits, f"{platform.python_version()} on {platform.system()} {platform.machine()}", advice)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _packages() -> Iterator[Check]:
    found = _version("detente")
    yield Check("detente", found is not None, found or "not installed", "" if found else extras.advice())
    for requirement in extras.requirements()[""]:
        yield _package(requirement)


def _package(requirement: str) -> Check:
    name = _name(requirement)
    found = _version(name)
    return Check(name, found is not None, found or "missing", "" if found else extras.advice())


def _name(requirement: str) -> str:
    match = NAME.match(requirement)
    return match[0] if match else requirement


def _extras() -> Iterator[Check]:
    for extra, wanted in extras.requirements().items():
        if extra and wanted:
            versions = {name: _version(name) for name in map(_name, wanted)}
            absent = [name for name, found in versions.items() if found is None]
            told = f"missing {', '.join(absent)}" if absent else ", ".join(f"{p} {v}" for p, v in versions.items())
            yield Check(f"extra {extra}", not absent, told, extras.advice(extra) if absent else "", needed=False)


def _model() -> Check:
    """Import what a run imports, and play two weeks of a shipped scenario for two members."""
    try:
        for room in ROOMS:
            import_module(room)
        return _played()
    except DetenteError as error:
        return Check("model", False, str(error), "the scenario files are damaged: install again")
    except Exception as error:  # whatever a package that does not fit raises
        return Check("model", False, f"cannot run: {type(error).__name__}: {error}", extras.advice())


def _played() -> Check:
    from detente.experiment.run import run
    from detente.scenario import places
    from detente.scenario.load import load_scenario

    name = "baseline" if "baseline" in places.names() else next(iter(places.names()))
    ds = run(load_scenario(name), members=2, seed=1, weeks=2)
    sound = bool(ds["tension"].notnull().all())
    told = f"two weeks of {name} for two members: {'done' if sound else 'numbers that are no numbers'}"
    return Check("model", sound, told, "" if sound else extras.advice())


def _scenarios() -> Check:
    from detente.scenario import places

    names = list(places.names())
    advice = "" if names else "install again, or name a folder in DETENTE_SCENARIOS"
    return Check("scenarios", bool(names), f"{len(names)} in {places.shipped()}: {', '.join(names)}", advice)


def _observations() -> Check:
    named = os.environ.get(OBSERVATIONS)
    root = extras.checkout()
    folder = Path(named) if named else root.parent / "shared" / "observations" if root else None
    files = sorted(p for p in folder.iterdir() if ".csv" in p.suffixes) if folder and folder.is_dir() else []
    advice = "" if files else f"only for hindcast, nowcast and calibrate: set {OBSERVATIONS} to their folder"
    return Check("observations", bool(files), f"{len(files)} files in {folder}" if files else "none", advice, False)


def _writing() -> Check:
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            return Check("writing", True, f"possible in {Path.cwd()}")
    except OSError as error:
        return Check("writing", False, f"{Path.cwd()}: {error.strerror}", "go to a folder of your own, or use --out")


def _threads() -> Check:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    pinned = ", ".join(f"{name}={os.environ[name]}" for name in THREADS if name in os.environ)
    advice = f"--workers {usable} uses them" if usable > 1 else ""
    return Check("processors", True, f"{usable}" + (f" ({pinned})" if pinned else ""), advice, needed=False)
