"""A finished folder is whole: ``manifest.json`` holds the SHA-256 of every file, ``DONE`` that of the manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detente import storage

INPUTS, SUMMARY, MANIFEST, DONE = "inputs.json", "summary.csv", "manifest.json", "DONE"


def seal(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest with ``content`` and the hashes of all files, then the marker. Raises StorageError."""
    hashes = {name: storage.sha256(folder / name) for name in _names(folder)}
    storage.write_json(folder / MANIFEST, {**content, "files": hashes})
    storage.write_text(folder / DONE, storage.sha256(folder / MANIFEST) + "\n")


def open_again(folder: Path) -> None:
    """Take the marker away: something is going to be written. Raises OSError."""
    (folder / DONE).unlink(missing_ok=True)


def sealed(folder: Path) -> bool:
    """Whether the manifest is there and is the one that the marker means."""
    try:
        mark = (folder / DONE).read_text(encoding="utf-8", errors="replace")
        return mark.strip() == storage.sha256(folder / MANIFEST)
    except OSError:
        return False


def damage(folder: Path) -> dict[str, str]:
    """Files of a sealed folder that are not what was written, with what is wrong; empty for a whole one."""
    expected = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    strangers = dict.fromkeys(set(_names(folder)) - set(expected), "of another run")
    return storage.damage(folder, expected) | dict(sorted(strangers.items()))


def _names(folder: Path) -> list[str]:
    """Whatever results are read from."""
    below = (path for stage in folder.glob("stage-*") for path in stage.rglob("*"))
    held = (path.relative_to(folder) for path in below if path.is_file() and not path.name.startswith("."))
    return [INPUTS, SUMMARY, *sorted(path.as_posix() for path in held)]
