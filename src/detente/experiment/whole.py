"""A folder that is whole: a record in it holds the SHA-256 of every file, and ``DONE`` that of the record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from detente import storage

DONE = "DONE"


def seal(folder: Path, record: str, content: Mapping[str, Any], parts: Sequence[str] = ("*",)) -> None:
    """Write ``record`` with ``content`` and the hashes of all files in ``parts``, then ``DONE``. StorageError."""
    hashes = {name: storage.sha256(folder / name) for name in _held(folder, parts)}
    storage.write_json(folder / record, {**content, "files": hashes})
    storage.write_text(folder / DONE, storage.sha256(folder / record) + "\n")


def mark(folder: Path) -> str:
    """The hash of the record in ``DONE``; "" where there is none."""
    try:
        return (folder / DONE).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def sealed(folder: Path, record: str) -> bool:
    """Whether the record is there and is the one that ``DONE`` means."""
    return not storage.damage(folder, {record: mark(folder)})


def damage(folder: Path, expected: Mapping[str, str], parts: Sequence[str]) -> str:
    """What is wrong with ``parts`` of a folder, "FOLDER is damaged: NAME is missing, and 3 more"; "" where nothing is.

    ``expected`` are the hashes that its record holds; a file that it does not name belongs to something else.
    """
    wanted = {name: one for name, one in expected.items() if any(fnmatchcase(name.split("/")[0], p) for p in parts)}
    strangers = (name for name in _held(folder, parts) if name not in wanted)
    found = storage.damage(folder, wanted) | dict.fromkeys(strangers, "of another result")
    if not found:
        return ""
    (name, fault), *others = found.items()
    return f"{folder} is damaged: {name} is {fault}" + (f", and {len(others)} more" if others else "")


def files_of(folder: Path, record: str) -> dict[str, str]:
    """The hashes that a record holds; none where it cannot be read, or was written without."""
    try:
        files: dict[str, str] = json.loads((folder / record).read_text(encoding="utf-8")).get("files", {})
    except (OSError, ValueError):
        return {}
    return files


def _held(folder: Path, parts: Sequence[str]) -> list[str]:
    """The files of ``parts``, which are patterns of files and folders at the top; none that are hidden."""
    below = (path for part in parts for top in folder.glob(part) for path in (top, *top.rglob("*")))
    held = {path.relative_to(folder) for path in below if path.is_file() and not path.name.startswith(".")}
    return sorted(path.as_posix() for path in held)
