"""An observation file as text: unpacked and decoded, or refused by the name of what it is."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TextIO

from detente.observations.reading import ObservationError, ObservationMissing

UNREADABLE = (OSError, EOFError, UnicodeError, zlib.error)
GZIP = b"\x1f\x8b"
#: first bytes of files that are no table of text, and what to do with them
OTHERS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: unpack it, or save the sheet as CSV in UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV in UTF-8",
    b"PAR1": "a Parquet file: write it out as CSV",
    b"SQLite format 3": "an SQLite database: write the table out as CSV",
    b"%PDF": "a PDF: the table must be CSV",
    b"{": "JSON: write it out as CSV with a header",
    b"<": "a web page or XML: download the table itself as CSV",
}
#: encodings by their first bytes; without such a mark UTF-8
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
#: bytes that are looked at to tell what a file is
HEAD = 256


def lines_of(path: Path) -> Iterator[str]:
    """The lines of the file, ending in a line feed. Raises ObservationError where it is no table of text."""
    with opened(path) as file:
        try:
            yield from file
        except UNREADABLE as error:
            raise _unreadable(path, error) from None


def opened(path: Path) -> TextIO:
    """The file as text with lines that end in a line feed. Raises ObservationError where it is no table of text."""
    if not path.is_file():
        raise ObservationMissing(f"{path}: no such file. Name an observation file, or set DETENTE_OBSERVATIONS")
    try:
        with _bytes(path) as file:
            head = file.read(HEAD)
        for what in (what for mark, what in OTHERS.items() if head.lstrip().startswith(mark)):
            raise ObservationError(f"{path.name}:1:1: this is {what}")
        return io.TextIOWrapper(_bytes(path), encoding=_encoding(head))
    except PermissionError as error:
        raise ObservationMissing(f"{path}: {error.strerror}") from None
    except UNREADABLE as error:
        raise _unreadable(path, error) from None


def _bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked when they are gzip's."""
    with path.open("rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _encoding(head: bytes) -> str:
    """UTF-8 unless the first bytes say UTF-16, by their mark or by every second byte being zero."""
    marked = next((name for mark, name in BOMS.items() if head.startswith(mark)), "")
    if marked or len(head) < 4 or head.count(0) < len(head) // 3:
        return marked or "utf-8"
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _unreadable(path: Path, error: BaseException) -> ObservationError:
    """What is wrong with a file that cannot be decoded or unpacked, with the line where it is text at all."""
    if isinstance(error, UnicodeError):
        place = _undecodable(path)
        advice = "save the file as CSV in UTF-8" if place else "it is cut short or damaged"
        return ObservationError(f"{path.name}{place}: not readable as a table of text in UTF-8: {advice}")
    return ObservationError(f"{path.name}: not readable: the file is damaged or cut short ({error})")


def _undecodable(path: Path) -> str:
    """``:line:column`` of the first byte that is not UTF-8; nothing where there is none."""
    line, number = b"", 0
    try:
        with _bytes(path) as file:
            for number, line in enumerate(file, start=1):  # noqa: B007  # told of where it ends
                line.decode("utf-8")
    except UnicodeDecodeError as error:
        return f":{number}:{len(line[: error.start].decode('utf-8')) + 1}"
    except UNREADABLE:
        pass
    return ""
