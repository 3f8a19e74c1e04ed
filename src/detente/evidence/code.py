"""The code that evidence rests on, as hashes of its modules' texts: evidence made with other code is stale."""

from __future__ import annotations

from detente.experiment.fingerprint import DECIDING, HOME, code

__all__ = ["FORECASTS", "HISTORY", "code", "evidence"]

#: what decides a hindcast
FORECASTS = (
    "laws",
    *(f"evidence/{part}" for part in ("forecasts", "code.py", "inference.py", "reporting.py", "unfinished.py")),
    "observations",
)
#: what decides how a theatre of documented years compares with the record
HISTORY = (
    *DECIDING,
    *(f"evidence/{part}" for part in ("past", "pairs.py", "reporting.py", "forecasts/scores.py")),
    "observations",
)
#: folders of evidence that only tell of it; a nowcast is no evidence
TELLING = ("documentation", "nowcasts")


def evidence() -> str:
    """Hash of all that evidence rests on: laws, model, index, and every module of evidence that does not only tell."""
    rooms = [path for room in ("evidence", "observations") for path in (HOME / room).rglob("*.py")]
    own = sorted(path.relative_to(HOME).as_posix() for path in rooms if path.parent.name not in TELLING)
    return code((*DECIDING, *own))
