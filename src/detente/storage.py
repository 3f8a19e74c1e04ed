"""The one way to write anything: beside its place under a name of its own, then swapped in whole.

A file or folder that is there is whole, whoever else writes and whenever the process is killed. What cannot be written
ends in :class:`StorageError`, in words. Standard library only, so that every floor may use it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from detente import lockfile
from detente.errors import DetenteError

#: of a temporary's name may come from the target's: a name has at most 255 bytes
KEPT = 60
#: temporaries of other machines on a shared disk are theirs to clear away
HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]

FULL, FORBIDDEN = (errno.ENOSPC, errno.EDQUOT), (errno.EACCES, errno.EPERM)
#: what the system says -> what it means, and what to do
REASONS = {
    **dict.fromkeys(FULL, "no space is left on the disk. Make room, then give the same command again."),
    **dict.fromkeys(FORBIDDEN, "it may not be written to. Choose another place."),
    errno.EROFS: "the disk is read-only. Choose another place.",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one.",
    errno.EISDIR: "it is a folder. Name a file in it.",
    errno.EFBIG: "it grew above the size that a file may have here. Raise the limit (ulimit -f), or choose less.",
    errno.EIO: "the disk failed. Choose another one.",
    errno.ELOOP: "its links lead in a circle. Choose another place.",
}

_held: set[tuple[Path, int]] = set()


class StorageError(DetenteError):
    """A file or folder that cannot be written; the message says why and what to do."""

    exit_code = 3


class Busy(StorageError):
    """Another process is writing there; the message says which."""


def ready(path: Path) -> None:
    """Whether a file could be written to ``path``: asked before long work. Raises StorageError."""
    with saying(path):
        target = _target(path)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no folder")
        if not os.access(target if target.exists() else target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "not writable")


def write_text(path: Path, text: str) -> None:
    """Write a text in one step: the file is whole or as it was. Raises StorageError."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write readable JSON with a final newline, in one step. Raises StorageError; ValueError for NaN."""
    write_text(path, json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes in one step: the file is whole or as it was. Raises StorageError."""
    with file(path) as beside:
        beside.write_bytes(content)


@contextmanager
def file(path: Path) -> Iterator[Path]:
    """A path for somebody else's writer; what is written there takes the place of ``path`` when the block ends well.

    It has the suffix of ``path`` and reaches the disk before it is swapped in. Links are followed; devices and pipes
    are written to. Raises StorageError.
    """
    with saying(path):
        target = _target(path)
        if target.is_dir():
            raise OSError(errno.EISDIR, "is a folder")
        special = target.exists() and not target.is_file()
        clear(target)
        beside = Path(tempfile.gettempdir(), _name(target, "part")) if special else _beside(target)
        try:
            yield beside
            put = _pour if special else _swap_file
            put(beside, target)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def folder(path: Path, marker: str = "", ours: Collection[str] | None = None) -> Iterator[Path]:
    """An empty folder that takes the place of ``path`` when the block ends well, under its lock; parents are made.

    The old folder is moved away, the new one in, then the old one deleted: a kill in between loses neither, the next
    writer or reader puts the old one back. A folder that cannot be moved (a mounted one, the working directory) is
    filled where it is, the file ``marker`` leaving first and arriving last. Entries of the old folder that are not in
    ``ours``, where that is given, are taken along. Raises StorageError, Busy.
    """
    with locked(path), saying(path):
        target = _target(path)
        if target.exists() and not target.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "is no folder")
        clear(target)
        inside = target.is_dir() and not _movable(target)
        beside = target / _name(target, "part") if inside else _beside(target)
        beside.mkdir()
        try:
            yield beside
            if inside:
                _refill(beside, target, marker, ours)
            else:
                _take_along(target, beside, ours)
                _swap_folder(beside, target)
        except StorageError as error:  # of a file inside: its user knows the folder by its own name
            raise StorageError(str(error).replace(str(beside), str(path))) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep others out of ``path`` until the block ends; a lock vanishes with its process, however it ends.

    Taken again by the same thread it does nothing. Parents of ``path`` are made. Raises Busy, StorageError.
    """
    with saying(path):
        target = _target(path)
        if target.is_dir() and not _owned(target):
            place = target / ".lock"
        else:
            make_folder(target.parent)
            place = target.with_name(f".{_short(target.name)}.lock")
    key = (place, threading.get_ident())
    if key in _held:
        yield
        return
    with saying(path):
        try:
            lock = lockfile.taken(place)
        except lockfile.Held as other:
            raise Busy(f"{path} is being written by {other}. Wait for it, or choose another place.") from None
    _held.add(key)
    try:
        yield
    finally:
        _held.discard(key)
        with suppress(OSError):
            place.unlink()
        os.close(lock)


def make_folder(path: Path) -> None:
    """Make a folder and its parents where they are missing. Raises StorageError."""
    with saying(path):
        _target(path).mkdir(parents=True, exist_ok=True)


def clear(path: Path) -> None:
    """Clear away what killed writers of ``path`` left; a folder they had moved away comes back where none is."""
    path = Path(os.path.realpath(path))
    left = re.compile(rf"\.{re.escape(_short(path.name))}\.{HOST}-(\d+)-[0-9a-f]{{8}}\.(part|old)")
    for place in (path.parent, path):
        with suppress(OSError):
            for name in os.listdir(place):
                found = left.match(name)
                if found and not _alive(int(found[1])):
                    _back_or_gone(place / name, path, found[2])


def remove(path: Path) -> None:
    """Take a file, a link or a whole folder away; nothing where there is none. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def damage(folder: Path, expected: Mapping[str, str]) -> dict[str, str]:
    """Files that are not what was written -> "missing", "damaged" or what the system says; empty for a whole folder."""
    return {name: found for name, wanted in expected.items() if (found := _fault(folder / name, wanted))}


def explained(path: Path, error: OSError) -> StorageError:
    """What an error of the system means for whoever wanted to write ``path``."""
    return StorageError(f"cannot write {path}: {_reason(path, error)}")


@contextmanager
def saying(path: Path) -> Iterator[None]:
    """Errors of the system on the way to ``path`` become StorageError; others, as of a reader gone, pass through."""
    try:
        yield
    except OSError as error:
        if isinstance(error, ConnectionError) or _elsewhere(path, error.filename):
            raise
        raise explained(path, error) from error


def _elsewhere(path: Path, named: object) -> bool:
    """Whether an error names a file that has nothing to do with ``path``."""
    if not isinstance(named, str | os.PathLike):
        return False
    target, other = Path(os.path.realpath(path)), Path(os.path.realpath(named))
    return not (other.is_relative_to(target.parent) or target.is_relative_to(other))


def _reason(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.ENOENT):
        here = next((p for p in (path, *path.parents) if os.path.lexists(p)), Path())
        if here.is_file():
            return f"{here} is a file, not a folder. Choose another place."
        if here.is_symlink():
            return f"{here} is a link to {os.readlink(here)}, which is not there. Make that, or remove the link."
        return f"there is no folder {path.parent}. Make it first."
    return REASONS.get(error.errno or 0, f"{error.strerror or error}. Choose another place.")


def _target(path: Path) -> Path:
    """Where a path leads, links followed. OSError where a link leads nowhere."""
    if path.is_symlink() and not path.exists():
        raise FileNotFoundError(errno.ENOENT, "leads nowhere")
    return Path(os.path.realpath(path))


def _short(name: str) -> str:
    """A name short enough for others to be made from it, still its own."""
    raw = os.fsencode(name)
    return name if len(raw) <= KEPT else f"{name[:8]}-{hashlib.sha256(raw).hexdigest()[:16]}"


def _name(target: Path, kind: str) -> str:
    suffix = target.suffix if len(target.suffix) < 10 else ""
    return f".{_short(target.name)}.{HOST}-{os.getpid()}-{secrets.token_hex(4)}.{kind}{suffix}"


def _beside(target: Path, kind: str = "part") -> Path:
    return target.with_name(_name(target, kind))


def _swap_file(beside: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.copymode(target, beside)
    descriptor = os.open(beside, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(beside, target)


def _pour(beside: Path, target: Path) -> None:
    """Into a device or a pipe, which must not be replaced by a file."""
    with beside.open("rb") as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)


def _swap_folder(beside: Path, target: Path) -> None:
    old = _beside(target, "old")
    if target.is_dir():
        os.rename(target, old)
    try:
        os.rename(beside, target)
    except OSError:
        if old.is_dir():
            os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _take_along(old: Path, new: Path, ours: Collection[str] | None) -> None:
    """What others put into the old folder, into the new one: by link, so that a kill loses neither."""
    if ours is None or not old.is_dir():
        return
    for one in old.iterdir():
        if one.name not in ours and one.is_dir() and not one.is_symlink():
            shutil.copytree(one, new / one.name, symlinks=True, copy_function=_link_or_copy)
        elif one.name not in ours:
            _link_or_copy(one, new / one.name)


def _link_or_copy(source: str | Path, place: str | Path) -> None:
    try:
        os.link(source, place, follow_symlinks=False)
    except OSError:  # a disk without links
        shutil.copy2(source, place, follow_symlinks=False)


def _refill(beside: Path, target: Path, marker: str, ours: Collection[str] | None) -> None:
    for one in sorted(target.iterdir(), key=lambda path: path.name != marker):
        if one.name not in (beside.name, ".lock") and (ours is None or one.name in ours):
            remove(one)
    for one in sorted(beside.iterdir(), key=lambda path: path.name == marker):
        os.rename(one, target / one.name)


def _owned(target: Path) -> bool:
    """Whether what lies beside a folder is on its disk and ours to write."""
    return not os.path.ismount(target) and os.access(target.parent, os.W_OK)


def _movable(target: Path) -> bool:
    return _owned(target) and not Path.cwd().is_relative_to(target)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError as error:  # any other: another user's
        return not isinstance(error, ProcessLookupError)
    return True


def _back_or_gone(left: Path, target: Path, kind: str) -> None:
    if kind == "old" and not target.exists():
        os.rename(left, target)
    else:
        remove(left)


def _fault(path: Path, expected: str) -> str:
    try:
        return "" if sha256(path) == expected else "damaged"
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return error.strerror or str(error)
