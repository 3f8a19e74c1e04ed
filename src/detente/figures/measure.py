"""How long a line of text is, and where it breaks."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, chain

from detente.figures.glyphs import advance

#: line height over font size
LEADING = 1.28
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
    """``text`` in at most ``rows`` lines of ``room`` inches; what does not fit ends in "…"."""
    lines = wrap(text, size, room, weight)
    if len(lines) <= rows:
        return lines
    last = lines[rows - 1]
    fits = bisect_right(_ends(last, size, weight), room - width("…", size, weight)) - 1
    return [*lines[: rows - 1], last[: max(fits, 0)].rstrip(" ,;–-") + "…"]


def line_height(size: float) -> float:
    """Height of a line of text in inches."""
    return size * LEADING / 72
