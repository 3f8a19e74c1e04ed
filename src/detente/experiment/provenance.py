"""What went into a result: the command that makes it again, the code, the files, the packages, the numbers."""

from __future__ import annotations

import platform
import shlex
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.engine.choice import NUMPY, settled
from detente.experiment.files import RESULTS as RESULTS
from detente.laws.extensions import IN_FORCE, fingerprint

if TYPE_CHECKING:
    import xarray as xr

    from detente.scenario.load import Loaded

PACKAGES = ("numpy", "scipy", "mesa", "xarray", "zarr", "matplotlib", "pydantic", "ruamel.yaml")
#: attributes of a result that ``run.json`` repeats
KEPT = ("scenario", "scenario_hash", "seed", "members", "weeks", "engine", "formula_version", "detente_version")


def default_folder(loaded: Loaded, members: int, seed: int, weeks: int | None, keep: str = "index") -> Path:
    """results/NAME-HASH, where the hash is that of everything the result depends on; a summary has one of its own."""
    from detente.model import calendar

    key = f"{loaded.hash} {members} {seed} {weeks} {version('detente')}"
    engine = settled(loaded.scenario, members, weeks or calendar.weeks(loaded.scenario))
    key += "" if engine == NUMPY else f" {engine}"
    kept = "" if keep == "index" else f"-{keep}"
    return RESULTS / f"{loaded.scenario.name}-{sha256(key.encode()).hexdigest()[:8]}{kept}"


def command(
    scenario: str, members: int, seed: int, weeks: int | None = None, sets: Mapping[str, str] | None = None,
    keep: str = "index", engine: str = NUMPY,
) -> str:  # fmt: skip
    """The command that makes the same numbers again."""
    words = ["detente", "run", scenario, "--members", str(members), "--seed", str(seed)]
    words += ["--weeks", str(weeks)] if weeks else []
    words += ["--keep", keep] if keep != "index" else []
    words += ["--engine", engine] if engine != NUMPY else []
    return shlex.join([*words, *changed(sets or {})])


def changed(sets: Mapping[str, str]) -> list[str]:
    """The options that say what differs from the files: changed numbers, mechanisms of one's own."""
    numbers = [word for path, value in sets.items() for word in ("--set", f"{path}={value}")]
    return numbers + [word for name in IN_FORCE.get() for word in ("--with", name)]


@cache
def commit() -> str:
    """The commit of the checkout this package runs from; empty where there is none.

    Asked once: whoever commits in the meantime does not change the code that is running.
    """
    here = Path(__file__).resolve().parent
    try:
        told = subprocess.run(["git", "-C", here, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""


def provenance(result: xr.Dataset, loaded: Loaded) -> dict[str, Any]:
    """``run.json``: what went into the result, enough to make it again and to say why a number changed."""
    attrs = result.attrs
    return {
        **{name: attrs[name] for name in (*KEPT, "commit", "command")},
        "sets": dict(loaded.sets),
        "with": fingerprint(loaded.scenario.in_use()),
        "inputs": [{"name": file.name, "sha256": file.sha256} for file in loaded.files],
        "python": platform.python_version(),
        "processor": attrs["processor"],
        "packages": {name: version(name) for name in PACKAGES},
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def described(loaded: Loaded) -> dict[str, Any]:
    """``scenario.json``: the scenario, where each of its numbers comes from, and which were left at a default."""
    from detente.scenario.suppositions import supposed

    return {
        "scenario": loaded.scenario.model_dump(mode="json", exclude_defaults=True),
        "parameters": [vars(leaf) for leaf in loaded.leaves()],
        "defaults": [entry.path for entry in supposed(loaded.scenario)],
    }
