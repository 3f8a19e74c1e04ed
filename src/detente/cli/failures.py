"""What went wrong, in words, and the exit code that says so.

0 ok · 1 our fault · 2 usage or invalid scenario · 3 input, result, extra or room missing · 4 a check failed ·
130 interrupted. Exceptions made for users (``DetenteError``) carry their code, and their text is the message; any other
is a fault of detente, unless the system raised it (a full disk, no memory).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import click

from detente.cli import streams
from detente.errors import DetenteError

OURS, INVALID, MISSING, FAILED, INTERRUPTED = 1, 2, 3, 4, 130
KINDS = {OURS: "fault", INVALID: "invalid", MISSING: "missing", FAILED: "failed", INTERRUPTED: "interrupted"}
FAULT = "This is a fault of detente, not of your input. The same command with --debug shows where."


@dataclass(frozen=True)
class Failure:
    """An exit code and what is said: a message, advice, the faults of a scenario; ``words`` as they are printed.

    ``kind`` is fault (of detente), usage, invalid, missing, failed, interrupted or system.
    """

    code: int
    message: str
    hint: str = ""
    words: str = ""
    kind: str = ""
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ours(self) -> bool:
        """Whether detente itself is at fault."""
        return self.kind == KINDS[OURS]

    def record(self) -> dict[str, Any]:
        """The failure for ``--json``."""
        kind = self.kind or KINDS.get(self.code, "")
        told = {"kind": kind, "code": self.code, "message": self.message, "hint": self.hint, "faults": self.faults}
        return {"error": told}


def explained(error: BaseException) -> Failure:
    """The failure behind an exception."""
    if isinstance(error, click.Abort | KeyboardInterrupt):
        text = "interrupted: finished work is kept"
        return Failure(INTERRUPTED, text, words=text)
    if isinstance(error, BrokenPipeError):
        streams.silence()
        return Failure(0, "")
    if isinstance(error, click.ClickException):
        return _usage(error)
    return _told(error) if isinstance(error, DetenteError) else _unexpected(error)


def _told(error: DetenteError) -> Failure:
    """What is meant for users; of several faults the message tells the first, and how many there are."""
    words, faults = str(error), [fault.record() for fault in getattr(error, "faults", ())]
    if not faults:
        return Failure(error.exit_code, words, words=words)
    message, hint = faults[0]["message"], faults[0]["hint"]
    counted = message if len(faults) == 1 else f"{message} (the first of {len(faults)} faults)"
    return Failure(error.exit_code, counted, hint, words, faults=faults)


def _usage(error: click.ClickException) -> Failure:
    """What click would print."""
    context, message = getattr(error, "ctx", None), error.format_message()
    hint = f"Try: {context.command_path} --help" if context else ""
    lines = [context.get_usage(), hint, ""] if context else []
    return Failure(error.exit_code, message, hint, "\n".join([*lines, f"error: {message}"]), kind="usage")


def _unexpected(error: BaseException) -> Failure:
    if isinstance(error, MemoryError):
        return _system(OURS, "not enough memory", "try fewer --members")
    if streams.failed(error):
        streams.silence()
        return _system(
            MISSING,
            f"the output cannot be written: {_reason(error)}. What was saved is saved",
            "send what is printed elsewhere",
        )
    if isinstance(error, OSError) and error.errno is not None:
        place = "" if error.filename is None else f"{error.filename}: "
        return _system(MISSING, f"{place}{_reason(error)}")
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return Failure(OURS, what, FAULT, f"error: {what}\n{FAULT}", kind=KINDS[OURS])


def _system(code: int, message: str, hint: str = "") -> Failure:
    return Failure(code, message, hint, f"error: {message}" + (f"; {hint}" if hint else ""), kind="system")


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error)
