"""The streams that a command speaks through: a code page, a closed or a full one loses no result and gives no trace."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
import unicodedata
from types import TracebackType

import click

#: name of the error handler that :func:`prepare` registers
PLAIN = "detente.plain"
#: signs of ours, for screens that have only letters
SIGNS = {
    "✓": "+", "✗": "x", "·": "-", "→": "->", "−": "-", "–": "-", "—": "-", "×": "x", "…": "...", "≤": "<=", "≥": ">=",
    "“": '"', "”": '"', "‘": "'", "’": "'", "Δ": "delta ", "±": "+-",
}  # fmt: skip


class Lenient(io.FileIO):
    """Standard error: that nobody can read it is no reason to lose a result."""

    def write(self, data: object) -> int:
        """As FileIO; what cannot be written is dropped."""
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError:
            return len(memoryview(data))  # type: ignore[arg-type]


def prepare() -> None:
    """Make stdout and stderr take every text; open those that are closed onto nothing; no window is ever drawn in."""
    os.environ["MPLBACKEND"] = "agg"
    codecs.register_error(PLAIN, plain)
    deaf = _open()
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        raw = io.BufferedWriter(Lenient(sys.stderr.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, encoding=sys.stderr.encoding, line_buffering=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN)
    if deaf:
        click.echo("stdout is closed: nothing is printed; files are written as ever", err=True)


def _open() -> bool:
    """Put the null device where a standard stream is closed, lest a file of ours take its number; was it stdout?"""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    deaf = sys.stdout is None
    if deaf:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return deaf


def plain(error: UnicodeError) -> tuple[str, int]:
    """What a stream cannot encode, in letters that every stream has: a codec error handler."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_letters, error.object[error.start : error.end])), error.end


def _letters(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return SIGNS.get(letter) or bare or "?"


def takes(text: str) -> bool:
    """Whether stdout is UTF-8 and can hold the text as it is: programs read JSON as UTF-8, whatever the code page."""
    encoding = codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name
    try:
        text.encode(encoding if encoding == "utf-8" else "ascii")
    except UnicodeEncodeError:
        return False
    return True


def failed(error: BaseException) -> bool:
    """Whether an OSError is one of stdout: raised while something was printed, or flushed at the end."""
    return isinstance(error, OSError) and error.filename is None and _printing(error.__traceback__)


def _printing(trace: TracebackType | None) -> bool:
    while trace is not None:
        if trace.tb_frame.f_code in (click.echo.__code__, flush.__code__):
            return True
        trace = trace.tb_next
    return False


def flush() -> None:
    """Print what is still to be printed. Raises OSError where stdout takes no more."""
    sys.stdout.flush()


def silence() -> None:
    """Let what is still to be printed go nowhere: the reader has gone, as in ``detente … | head``."""
    with contextlib.suppress(OSError, ValueError):  # in a test stdout may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
