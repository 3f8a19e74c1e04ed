"""How long a line of text is, and where it breaks."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, chain

from detente.figures.glyphs import advance

#: line height over font size
LEADING = 1.28
#: share of the room that a text keeps beside what qualifies it
LEAST = 0.35
#: what parts words; a no-break space does not
_SPACE = re.compile(r"[ \t\n\v\f\r]+")


def width(text: str, size: float, weight: int = 400) -> float:
    """Width of one line of ``text`` in inches, at ``size`` points.

    The sum of the letters' advances: kerning, which mostly brings letters nearer, is left out, so that the
    printed line is hardly ever longer. A hundred times as fast as laying the line out.
    """
    return size * sum(advance(letter, weight) for letter in text)


def wrap(text: str, size: float, room: float, weight: int = 400) -> list[str]:
    """``text`` broken at spaces into lines no wider than ``room`` inches; a longer word is broken too."""
    lines: list[str] = []
    words = (_pieces(word, size, room, weight) for word in _SPACE.split(text) if word)
    for word in chain.from_iterable(words):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size, weight) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _pieces(word: str, size: float, room: float, weight: int) -> list[str]:
    """``word`` cut to pieces of at most ``room`` inches: every letter is measured once, every cut is bisected."""
    ends, start, pieces = _ends(word, size, weight), 0, []
    while ends[-1] - ends[start] > room and len(word) - start > 1:
        stop = max(bisect_right(ends, ends[start] + room) - 1, start + 1)
        # better after a dash than inside a name
        dash = max(word.rfind(mark, start, stop) for mark in "–-/") + 1
        pieces.append(word[start : dash or stop])
        start = dash or stop
    return [*pieces, word[start:]] if start < len(word) else pieces


def _ends(text: str, size: float, weight: int) -> list[float]:
    """Where each letter of ``text`` ends, in inches from its start; begins with 0."""
    return [size * end for end in accumulate((advance(letter, weight) for letter in text), initial=0.0)]


def shorten(text: str, size: float, room: float, rows: int, weight: int = 400) -> list[str]:
    """``text`` in at most ``rows`` lines of ``room`` inches; what does not fit ends in "…".

    What it ends with in brackets is kept whole where there is room, since that qualifies the rest ("(entity)").
    """
    lines = wrap(text, size, room, weight)
    if len(lines) <= rows:
        return lines
    rest, kept = qualified(text)
    if kept and rows > 1 and width(kept, size, weight) <= room:
        return [*_cut(wrap(rest, size, room, weight), size, room, rows - 1, weight), kept]
    free = room - width(f" {kept}", size, weight)
    if kept and free >= LEAST * room:
        (first,) = _cut(wrap(rest, size, free, weight), size, free, 1, weight)
        return [f"{first} {kept}"]
    return _cut(lines, size, room, rows, weight)


def qualified(text: str) -> tuple[str, str]:
    """A text and what it ends with in brackets, which qualifies it; "" where it does not end so."""
    rest, bracket, last = text.rpartition(" (")
    return (rest, f"({last}") if bracket and last.endswith(")") else (text, "")


def _cut(lines: list[str], size: float, room: float, rows: int, weight: int) -> list[str]:
    """The first ``rows`` of the lines; the last of them ends in "…" where there are more."""
    if len(lines) <= rows:
        return lines
    last = lines[rows - 1]
    fits = bisect_right(_ends(last, size, weight), room - width("…", size, weight)) - 1
    return [*lines[: rows - 1], last[: max(fits, 0)].rstrip(" ,;–-") + "…"]


def line_height(size: float) -> float:
    """Height of a line of text in inches."""
    return size * LEADING / 72
