"""What went wrong, in words, and the exit code that says so.

0 ok · 1 our fault · 2 usage or invalid scenario · 3 input or result missing, or a place in use or not to be written ·
4 a check failed · 130 interrupted.
An exception of the program may carry ``exit_code``; its text is then the message.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import NamedTuple

import click

OURS, INVALID, MISSING, INTERRUPTED = 1, 2, 3, 130

#: exceptions of lower floors that speak to the user; by name, so that starting up imports none of them
EXPECTED = {
    "detente.scenario.diagnostics.ScenarioMissing": MISSING,
    "detente.scenario.diagnostics.ScenarioError": INVALID,
    "detente.experiment.store.ResultError": MISSING,
    "detente.experiment.results.ResultRefused": MISSING,
    "detente.experiment.status.NoExperiment": MISSING,
}


class Failure(NamedTuple):
    """An exit code, what is printed, and whether it is our own fault."""

    code: int
    message: str
    ours: bool = False


def explained(error: BaseException) -> Failure:
    """The failure behind an exception."""
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return Failure(INTERRUPTED, "interrupted: finished work is kept")
    if isinstance(error, BrokenPipeError):
        silence()
        return Failure(0, "")
    if isinstance(error, click.ClickException):
        return Failure(error.exit_code, _usage(error))
    code = _expected(error)
    if code is not None:
        return Failure(code, str(error))
    return _unexpected(error)


def _usage(error: click.ClickException) -> str:
    """What click would print."""
    context = getattr(error, "ctx", None)
    lines = [context.get_usage(), f"Try: {context.command_path} --help", ""] if context else []
    return "\n".join([*lines, f"error: {error.format_message()}"])


def _expected(error: BaseException) -> int | None:
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    known = next((EXPECTED[name] for name in names if name in EXPECTED), None)
    carried = getattr(error, "exit_code", None)
    return carried if known is None and isinstance(carried, int) else known


def _unexpected(error: BaseException) -> Failure:
    if isinstance(error, MemoryError):
        return Failure(OURS, "error: not enough memory; try fewer --members")
    if isinstance(error, OSError) and error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        silence()
        advice = "What was saved is saved; send what is printed elsewhere."
        return Failure(MISSING, f"error: the output cannot be written: {error.strerror}. {advice}")
    if isinstance(error, OSError) and error.filename is not None:
        return Failure(OURS, f"error: {error.filename}: {error.strerror}")
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    advice = "This is a fault of detente, not of your input. The same command with --debug shows where."
    return Failure(OURS, f"error: {what}\n{advice}", ours=True)


def silence() -> None:
    """Let what is still to be printed go nowhere: the reader has gone, as in ``detente … | head``."""
    with contextlib.suppress(OSError, ValueError):  # in a test stdout may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
