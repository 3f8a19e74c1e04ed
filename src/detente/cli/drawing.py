"""Pictures beside a result: the result is whole before anything is drawn, and stands whatever becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from detente.cli import say


def drawn(draw: Callable[[], Iterable[Path]], place: Path, later: str = "") -> list[Path]:
    """The pictures that ``draw`` saved beside what lies in ``place``; none, and a note, where it fails.

    ``later`` is the command that draws them once what stopped it is mended.
    """
    try:
        return list(draw())
    except Exception as error:
        say.note(f"{place}: the results are whole and saved, but their picture cannot be drawn: {error}")
        if later:
            say.note(f"Draw it later: {later}")
        return []
