"""How long a line of text is, and where it breaks."""

from __future__ import annotations

from functools import lru_cache

from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font, LoadFlags

from detente.figures import style

#: line height over font size
LEADING = 1.28
#: size at which a letter is measured; letters scale, since hinting is off
_POINTS = 100.0


@lru_cache(maxsize=8)
def _fonts(weight: int) -> tuple[FT2Font, ...]:
    # fonts of our own: matplotlib shares its own among figures and sets their size as it draws
    fonts = [FT2Font(findfont(FontProperties(family=[name], weight=weight))) for name in style.families()]
    for font in fonts:
        font.set_size(_POINTS, 72)
    return tuple(fonts)


@lru_cache(maxsize=2048)
def _advance(letter: str, weight: int) -> float:
    """Inches that ``letter`` takes at one point, in the first font that has it."""
    fonts = _fonts(weight)
    font = next((f for f in fonts if f.get_char_index(ord(letter))), fonts[-1])
    return float(font.load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / _POINTS / 72


def width(text: str, size: float, weight: int = 400) -> float:
    """Width of one line of ``text`` in inches, at ``size`` points.

    The sum of the letters' advances: kerning, which mostly brings letters nearer, is left out, so that the
    printed line is hardly ever longer. A hundred times as fast as laying the line out.
    """
    return size * sum(_advance(letter, weight) for letter in text)


def wrap(text: str, size: float, room: float, weight: int = 400) -> list[str]:
    """``text`` broken at spaces into lines no wider than ``room`` inches; a longer word is broken too."""
    lines: list[str] = []
    for word in _words(text, size, room, weight):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size, weight) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _words(text: str, size: float, room: float, weight: int) -> list[str]:
    words: list[str] = []
    for word in filter(None, text.split(" ")):
        while width(word, size, weight) > room and len(word) > 1:
            fits = next(k for k in range(len(word), 0, -1) if k == 1 or width(word[:k], size, weight) <= room)
            # better after a dash than inside a name
            dash = max(word.rfind(mark, 0, fits) for mark in "–-/") + 1
            words.append(word[: dash or fits])
            word = word[dash or fits :]
        words.append(word)
    return [w for w in words if w]


def shorten(text: str, size: float, room: float, rows: int, weight: int = 400) -> list[str]:
    """``text`` in at most ``rows`` lines of ``room`` inches; what does not fit ends in "…"."""
    lines = wrap(text, size, room, weight)
    if len(lines) <= rows:
        return lines
    last = lines[rows - 1]
    while last and width(last + "…", size, weight) > room:
        last = last[:-1]
    return [*lines[: rows - 1], last.rstrip(" ,;–-") + "…"]


def line_height(size: float) -> float:
    """Height of a line of text in inches."""
    return size * LEADING / 72
