"""Extras: packages that a few commands need, and how to get them where this detente is installed.

detente itself may be on no index: in a checkout the advice is what the checkout offers, elsewhere it names the
packages alone.
"""

from __future__ import annotations

import re
import shlex
import sys
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path

from detente.errors import DetenteError

#: extra -> the module that is imported
MODULES = {
    "pdf": "typst",
    "dask": "distributed",
    "sensitivity": "SALib",
    "netcdf": "netCDF4",
    "serve": "starlette",
    "fast": "llvmlite",
}
#: a line of the package's metadata: a requirement, then perhaps the extra it belongs to
LINE = re.compile(r"(?P<package>[^;]+?)\s*(?:;.*?(?:extra\s*==\s*['\"](?P<extra>[\w-]+)['\"])?)?\s*$")


class ExtraMissing(DetenteError):
    """A package that this needs and that a plain installation does not bring; the message says how to get it."""

    exit_code = 3


def require(extra: str, what: str) -> None:
    """Raises ExtraMissing unless the extra is there; ask before the work. ``what`` needs it."""
    if told := missing(extra, what):
        raise ExtraMissing(told)


def missing(extra: str, what: str) -> str:
    """That ``what`` needs the extra, and how to get it; empty where it is there."""
    if find_spec(MODULES[extra]) is not None:
        return ""
    return f'{what} needs the extra "{extra}" ({MODULES[extra]}), which is not installed: {advice(extra)}'


def requirements() -> dict[str, list[str]]:
    """Extra (empty for the package itself) -> requirements, such as ``numpy>=2.1``."""
    found: dict[str, list[str]] = {"": []}
    try:
        lines = requires("detente") or []
    except PackageNotFoundError:
        return found
    for line in lines:
        if match := LINE.match(line):
            found.setdefault(match["extra"] or "", []).append(match["package"])
    return found


def advice(extra: str = "") -> str:
    """The command that installs an extra (empty: what detente itself needs) into the Python that runs this."""
    root = checkout()
    if root is None:
        return _pip(*requirements().get(extra) or [f"detente[{extra}]" if extra else "detente"])
    if Path(sys.prefix) == root / ".venv" and not (root / ".venv" / ".all").exists():
        return f"make setup   (in {root})"
    return f"{_pip('-c', 'constraints.txt', '-e', f'.[{extra}]' if extra else '.')}   (in {root})"


def checkout() -> Path | None:
    """The root of the repository where detente runs from a checkout."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() else None


def _pip(*words: str) -> str:
    return shlex.join([sys.executable, "-m", "pip", "install", *words])
