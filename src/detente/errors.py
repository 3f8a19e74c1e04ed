"""What may be said to a user: the root of every exception that speaks of the input, and not of a fault of detente.

Anything else that reaches the command line is a fault of detente and is reported as one, whatever its class: a
ValueError from inside is never dressed up as wrong usage.
"""

from __future__ import annotations


class DetenteError(Exception):
    """Something that a user can mend; the text says what is wrong and what to do.

    ``exit_code`` is that of the command line: 2 wrong usage or an invalid scenario, 3 something is missing (a file, a
    result, an extra, room to write), 4 a check failed.
    """

    exit_code = 2


class UsageError(DetenteError, ValueError):
    """A call whose parts do not fit one another; ``option`` is the one at fault, as the command line names it."""

    def __init__(self, text: str, option: str = "") -> None:
        super().__init__(text)
        self.option = option
