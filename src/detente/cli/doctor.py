"""``detente doctor``: is everything here that a run needs?"""

from __future__ import annotations

import os
import platform
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import click

from detente.cli import say

OLDEST = (3, 11)
#: a dependency line of the package's metadata: name, then perhaps the extra it belongs to
LINE = re.compile(r"(?P<name>[\w.-]+).*?(?:extra\s*==\s*['\"](?P<extra>[\w-]+)['\"])?\s*$")
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
    """Check the installation: Python, packages, extras, scenarios, observations, threads."""
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
    yield _observations()
    yield _writing()
    yield _threads()


def _python() -> Check:
    fits = sys.version_info >= OLDEST
    advice = "" if fits else f"install Python {OLDEST[0]}.{OLDEST[1]} or newer"
    return Check("Python", fits, f"{platform.python_version()} on {platform.system()} {platform.machine()}", advice)


def _needs() -> dict[str, list[str]]:
    """Extra (empty for the package itself) -> names of the packages it needs."""
    found: dict[str, list[str]] = {"": []}
    try:
        lines = requires("detente") or []
    except PackageNotFoundError:
        return found
    for line in lines:
        if match := LINE.match(line):
            found.setdefault(match["extra"] or "", []).append(match["name"])
    return found


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _packages() -> Iterator[Check]:
    yield Check("detente", (found := _version("detente")) is not None, found or "not installed", _install("", found))
    for package in _needs()[""]:
        found = _version(package)
        yield Check(package, found is not None, found or "missing", _install("", found))


def _extras() -> Iterator[Check]:
    for extra, packages in _needs().items():
        if extra and packages:
            versions = {package: _version(package) for package in packages}
            absent = [package for package, found in versions.items() if found is None]
            told = f"missing {', '.join(absent)}" if absent else ", ".join(f"{p} {v}" for p, v in versions.items())
            yield Check(f"extra {extra}", not absent, told, _install(extra, not absent), needed=False)


def _install(extra: str, present: object) -> str:
    if present:
        return ""
    root = _checkout()
    what = f"{'.' if root else 'detente'}{f'[{extra}]' if extra else ''}"
    words = [sys.executable, "-m", "pip", "install", *(["-c", "constraints.txt", "-e"] if root else []), what]
    return shlex.join(words) + (f"   (in {root})" if root else "")


def _checkout() -> Path | None:
    """The root of the repository where detente runs from a checkout."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() else None


def _scenarios() -> Check:
    from detente.scenario import places

    names = list(places.names())
    advice = "" if names else "install again, or name a folder in DETENTE_SCENARIOS"
    return Check("scenarios", bool(names), f"{len(names)} in {places.shipped()}: {', '.join(names)}", advice)


def _observations() -> Check:
    named = os.environ.get(OBSERVATIONS)
    root = _checkout()
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
