"""Where experiment files are found and results are kept; light, so that a shell can ask between two keys."""

from __future__ import annotations

from pathlib import Path

from detente.scenario import places

#: where results are kept unless a folder is named
RESULTS = Path("results")


def folders() -> list[Path]:
    """Folders searched for the name of an experiment: as for scenarios, but called ``experiments``."""
    *added, shipped = places.folders()
    return [Path("experiments"), *added, shipped.parent / "experiments"]


def names() -> dict[str, Path]:
    """Bare names of experiments with their files: in the working folder's ``experiments``, then shipped."""
    own, *_, shipped = folders()
    files = (path for folder in (shipped, own) for suffix in places.SUFFIXES for path in folder.glob(f"*{suffix}"))
    return dict(sorted((path.stem, path) for path in sorted(files, key=lambda path: path.parent == own)))
