"""What is done, line by line, and the lock that keeps two runs out of one folder.

The journal is only ever appended to, one JSON object a line, written through to the disk. A line cut short by a kill
or a full disk does not count and is cut away before the next is written.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from detente.errors import DetenteError
from detente.experiment.study import canonical


class FolderBusy(DetenteError):
    """Another run is writing into the folder."""


@dataclass
class Record:
    """The state a journal describes: hashes of finished batches, reasons of failed ones, where a rule stopped it."""

    done: dict[int, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    stopped: dict[str, Any] = field(default_factory=dict)

    def note(self, line: Mapping[str, Any]) -> None:
        """Take one journal line in."""
        number = line.get("batch")
        if "stopped" in line:
            self.stopped = line["stopped"]
        elif number is None:
            return
        elif "sha256" in line:
            self.done[number] = line["sha256"]
            self.failed.pop(number, None)
        elif "failed" in line:
            self.failed[number] = line["failed"]
            self.attempts[number] = self.attempts.get(number, 0) + 1
        elif line.get("lost"):
            self.done.pop(number, None)


class Journal:
    """The append-only record of one stage."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.record = read(path)

    def open(self) -> None:
        """Cut a torn last line away, so that the next line stands on its own."""
        if self.path.exists():
            content = self.path.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.truncate(self.path, whole)

    def write(self, **line: Any) -> None:
        """Append one line; it is on the disk when this returns."""
        with self.path.open("ab") as stream:
            stream.write(canonical(line).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.record.note(line)


def read(path: Path) -> Record:
    """The state after all whole lines of a journal; an absent one is empty."""
    record = Record()
    content = path.read_bytes() if path.exists() else b""
    for line in content[: content.rfind(b"\n") + 1].splitlines():
        try:
            record.note(json.loads(line))
        except ValueError:  # damaged: that batch is done again
            continue
    return record


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this run; the operating system lets go of it when the run ends, however it ends."""
    import fcntl

    with (folder / "LOCK").open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            raise FolderBusy(stream.read().strip() or "another run") from None
        stream.seek(0)
        stream.truncate()
        stream.write(f"process {os.getpid()} on {socket.gethostname()} since {datetime.now():%Y-%m-%d %H:%M}\n")
        stream.flush()
        yield


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(path.name + ".part")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)
