"""What is done, line by line.

The journal is only ever appended to, one JSON object a line, written through to the disk. Every line carries a
checksum over itself and the inputs of its run: a line that was cut short, damaged or brought from another run does not
count, and what it told of is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detente.experiment.study import canonical

#: the key of a line's checksum
SUM = "sum"


@dataclass
class Record:
    """The state a journal describes: hashes of finished batches, reasons of failed ones, where a rule stopped it, and
    the text of the arrays' metadata by their place."""

    done: dict[int, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    stopped: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)

    def note(self, line: Mapping[str, Any]) -> None:
        """Take one journal line in."""
        number = line.get("batch")
        if "stopped" in line:
            self.stopped = line["stopped"]
        elif "metadata" in line:
            self.metadata.update(line["metadata"])
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
    """The append-only record of one stage; ``identity`` is the digest of the inputs of its run."""

    def __init__(self, path: Path, identity: str = "") -> None:
        self.path = path
        self.identity = identity
        self.record = read(path, identity)

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
            stream.write(canonical({**line, SUM: _sum(line, self.identity)}).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.record.note(line)


def read(path: Path, identity: str = "") -> Record:
    """The state after all sound lines of a journal; one that cannot be read is empty."""
    record = Record()
    try:
        content = path.read_bytes()
    except OSError:
        return record
    for text in content.split(b"\n"):
        try:
            line = json.loads(text)
            if line.pop(SUM) == _sum(line, identity):
                record.note(line)
        except (ValueError, KeyError, TypeError, AttributeError):  # damaged: that batch is done again
            continue
    return record


def _sum(line: Mapping[str, Any], identity: str) -> str:
    return hashlib.sha256(f"{identity} {canonical(line)}".encode()).hexdigest()[:16]
