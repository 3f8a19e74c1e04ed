"""Observation files as the commands read them: what was left out, and what looks odd, is said on stderr."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from detente.cli import say

if TYPE_CHECKING:
    from detente.observations import Observations


def observed(file: str, codes: Path | None, names: Mapping[str, list[str]] | None = None) -> Observations:
    """The file's series, as :func:`detente.observations.load`; with a note of what became of its rows."""
    from detente.observations import load

    found = load(file, codes, names)
    for line in found.reading.words(found.path.name):
        say.note(line)
    return found
