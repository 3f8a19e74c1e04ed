"""One hash over all code that decides a run's numbers: results of different code must not be mixed in one folder."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

#: packages and modules whose text decides the numbers
DECIDING = (
    "laws",
    "model",
    "index",
    "scenario/acts.py",
    "scenario/quantity.py",
    "experiment/block.py",
    "experiment/dataset.py",
    "experiment/run.py",
    "experiment/evaluation.py",
    "experiment/metrics.py",
)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """sha256 over the names and texts of the deciding files."""
    home = Path(__file__).resolve().parents[1]
    found = hashlib.sha256()
    for part in DECIDING:
        place = home / part
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found.update(path.relative_to(home).as_posix().encode() + b"\n" + path.read_bytes())
    return found.hexdigest()
