"""The three heaviest phases side by side: NumPy, JAX, the kernel written by hand, the compiled engine; and the guard.

Every kernel says what it measured, and is held against NumPy before it is timed: one that computed something else
would be no rival.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engines
import kernel
import numpy as np
import phases
from rivals import per
from turns import Row, in_turns, ratios, shown

#: largest departure from NumPy in points of tension that counts as the same; NumPy's normals are tabulated, JAX's not
SAME = {"f64": 1e-6, "f32": 1e-2}
#: one incident in so many may fall otherwise in single precision
RARE = 20_000

NUMPY = "NumPy"
TOLD = {
    NUMPY: "NumPy, f64",
    "scalar f64": "C, one member at a time, f64",
    "scalar f32": "C, one member at a time, f32",
    "jax f64": "JAX, f64",
    "jax f32": "JAX, f32",
    "lanes f64": "C, lanes, f64",
    "lanes f32": "C, lanes, f32",
    "fast f64": "compiled engine, f64",
    "fast f32": "compiled engine, f32",
}


class Otherwise(Exception):
    """A rival that does not compute the same."""


@dataclass(frozen=True)
class Found:
    """Seconds per unit by kernel, round by round; departures from NumPy; why some are missing."""

    rounds: Mapping[str, list[float]]
    departures: Mapping[str, tuple[float, int, int]]
    missing: Mapping[str, str]

    def ratios(self, slow: str, quick: str) -> list[float]:
        """How many times as long the first takes, round by round, least first."""
        return ratios(self.rounds[slow], self.rounds[quick])


@contextmanager
def rivals(given: phases.Task, *, only: tuple[str, ...] = ()) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Kernels by name, ready to be called, and why others are missing; ``only`` those whose names begin so."""
    found: dict[str, Any] = {NUMPY: phases.ByNumPy(given)}
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in TOLD:
            kind, _, precision = name.partition(" ")
            if name == NUMPY or (only and kind not in only):
                continue
            try:
                found[name] = made(kind, given, Path(folder), single=precision == "f32")
            except (ImportError, kernel.Missing) as why:
                missing[kind] = str(why)
        yield found, missing


def made(kind: str, given: phases.Task, folder: Path, *, single: bool) -> Any:
    """A kernel. Raises ImportError or kernel.Missing where it cannot be had here."""
    if kind in ("lanes", "scalar"):
        return kernel.ready(folder, given, single=single, scalar=kind == "scalar")
    if kind == "jax":
        from by_jax import ByJax

        return ByJax(given, single=single)
    if not engines.there():
        raise ImportError("the compiled engine is not installed")
    return engines.ByEngine(given, single=single)


def departed(name: str, found: Any, reference: Any) -> tuple[float, int, int]:
    """Largest departure of tension [points], incidents that differ, incidents in all. Raises Otherwise."""
    block = found.block()
    apart = float(np.abs(np.asarray(block.tension) - reference.tension).max())
    others = int(np.abs(block.incidents.astype(int) - reference.incidents.astype(int)).sum())
    total = int(reference.incidents.astype(int).sum())
    bits = name.rpartition(" ")[2]
    allowed = 0 if bits == "f64" else total // RARE + 1
    # where an incident falls otherwise, tension departs from there on
    if others > allowed or (others == 0 and apart > SAME[bits]):
        raise Otherwise(f"{TOLD[name]} departs from NumPy by {apart:.1e} points and {others} of {total} incidents")
    return apart, others, total


def compared(members: int, weeks: int, rounds: int, *, only: tuple[str, ...] = ()) -> Found:
    """All kernels on one task: held against NumPy, then timed in turns. Raises Otherwise."""
    given = phases.task(members, weeks)
    with rivals(given, only=only) as (ready, missing):
        for one in ready.values():
            one.call()
        reference = ready[NUMPY].block()
        apart = {name: departed(name, one, reference) for name, one in ready.items() if name != NUMPY}
        jobs = {name: per(one.call, given.units) for name, one in ready.items()}
        found = in_turns(jobs, rounds, warm=False)
    return Found(found, apart, missing)


def rows(found: Found) -> list[Row]:
    """A line for every kernel."""
    told: list[Row] = []
    for name, rounds in found.rounds.items():
        bits = "f32" if name.endswith("f32") else "f64"
        limit = f"lanes {bits}"
        against = ["1" if name == NUMPY else shown(found.ratios(NUMPY, name))]
        against += ["1" if name == limit else shown(found.ratios(name, limit)) if limit in found.rounds else "–"]
        apart, others, total = found.departures.get(name, (0.0, 0, 0))
        same = ["", ""] if name == NUMPY else [f"{apart:.0e}", f"{others} of {total:,}"]
        told.append([TOLD[name], f"{1e9 * statistics.median(rounds):.1f}", *against, *same])
    return told
