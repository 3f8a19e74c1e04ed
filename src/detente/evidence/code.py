"""The code that evidence rests on, as hashes of its modules' texts: evidence made with other code is stale.

Hashes of texts, not of a commit, so that they are the same in a checkout and in an installed package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from detente.experiment.fingerprint import DECIDING

#: what decides a hindcast
FORECASTS = (
    "laws",
    *(f"evidence/{part}" for part in ("forecasts", "observations", "code.py", "inference.py", "reporting.py")),
    "evidence/unfinished.py",
)
#: what decides how a theatre of documented years compares with the record
HISTORY = (
    *DECIDING,
    *(f"evidence/{part}" for part in ("past", "observations", "pairs.py", "reporting.py", "forecasts/scores.py")),
)
#: folders of evidence that only tell of it; a nowcast is no evidence
TELLING = ("documentation", "nowcasts")
HOME = Path(__file__).resolve().parents[1]


def evidence() -> str:
    """Hash of all that evidence rests on: laws, model, index, and every module of evidence that does not only tell."""
    own = sorted(path for path in (HOME / "evidence").rglob("*.py") if path.parent.name not in TELLING)
    return code((*DECIDING, *(path.relative_to(HOME).as_posix() for path in own)))


@lru_cache(maxsize=8)
def code(parts: Sequence[str]) -> str:
    """SHA-256 over names and texts of ``parts``: modules, and packages with all that is below them."""
    found = hashlib.sha256()
    for part in parts:
        place = HOME / part
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            text = path.read_text(encoding="utf-8")
            found.update(f"{path.relative_to(HOME).as_posix()}\n{text}".encode())
    return found.hexdigest()
