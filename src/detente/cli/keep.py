"""What is finished is told, whatever fails after it: work that is stopped, files that cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from detente.cli import say
from detente.cli.failures import explained

Result = TypeVar("Result")


def finished(work: Callable[[], Result]) -> tuple[Result, BaseException | None, BaseException | None]:
    """The result of ``work``, or what was finished by then; what stopped the work, and what its writing."""
    from detente.evidence.unfinished import Unfinished, Unsaved

    try:
        return work(), None, None
    except Unsaved as stopped:
        return stopped.finished, None, stopped.__cause__
    except Unfinished as stopped:
        return stopped.finished, stopped.__cause__, None


def reason(error: BaseException | None) -> str | None:
    """What stopped the work or the writing, for a record; None where nothing did."""
    return None if error is None else explained(error).message


def end(*errors: BaseException | None, as_json: bool = False) -> None:
    """Fail as the first of ``errors`` asks for, now that the result is told; with ``as_json`` no second object."""
    for error in errors:
        if error is None:
            continue
        if not as_json:
            say.note("stopped before the end: what is finished stands above")
            raise error
        failure = explained(error)
        say.note(failure.words)
        raise SystemExit(failure.code)
