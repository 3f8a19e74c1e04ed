"""A file that is locked by the operating system and says who holds it; the lock ends with its process.

Standard library only: storage stands on it.
"""

from __future__ import annotations

import errno
import os
import shlex
import socket
import sys
import time
from datetime import datetime
from pathlib import Path

#: times, a hundredth of a second apart, that the name of a holder is waited for
LOOKS = 50


class Held(Exception):
    """Another process holds the lock; the text says which."""


def taken(place: Path) -> int:
    """The descriptor of the locked file, with who holds it written inside. Raises Held, OSError."""
    while True:
        lock = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _flock(lock)
        except BlockingIOError:
            holder = _holder(lock)
            os.close(lock)
            raise Held(holder) from None
        if _same(lock, place):
            break
        os.close(lock)  # its holder took it away between our opening and our locking it
    os.truncate(lock, 0)
    os.pwrite(lock, _ourselves(), 0)
    return lock


def _holder(lock: int) -> str:
    """Who holds a lock: between taking it and saying so there is a moment, which is waited for."""
    for _ in range(LOOKS):
        if text := os.pread(lock, 1000, 0).decode(errors="replace").strip():
            return text
        time.sleep(0.01)
    return "another process"


def _flock(descriptor: int) -> None:
    """BlockingIOError where it is held; nothing where the system or the disk knows no locks."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
            raise


def _same(lock: int, place: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), place.stat())
    except FileNotFoundError:
        return False


def _ourselves() -> bytes:
    command = shlex.join([Path(sys.argv[0]).name or "python", *sys.argv[1:]])[:300]
    told = f"process {os.getpid()} on {socket.gethostname()} since {datetime.now():%Y-%m-%d %H:%M:%S} ({command})"
    return told.encode(errors="replace")
