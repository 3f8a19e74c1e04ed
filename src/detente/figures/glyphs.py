"""Letters that the house font lacks: which they are, which font at hand has them, how wide what is printed is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.text import Text

from detente.figures import style

#: size at which a letter is measured; letters scale, since hinting is off
_POINTS = 100.0
#: width over size of the box that stands for a letter no font has: the widest matplotlib draws
_BOX = 1.15
#: white space that parts words, but not the no-break spaces that hold a number and its unit together
_SPACE = re.compile(r"[ \t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
#: marks that choose between forms of the letter before them: no width of their own, and no box
_VARIANT = re.compile(r"[\ufe00-\ufe0f]")
#: what no font draws and some files may not hold: controls, halves of surrogate pairs, marks that turn the direction
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def plain(text: str) -> str:
    """``text`` on one line: white space folded, what cannot be printed shown as "\N{REPLACEMENT CHARACTER}"."""
    folded = _SPACE.sub(" ", _VARIANT.sub("", text)).strip(" ")
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", folded)


def printable(value: Any) -> Any:
    """``value`` as decoded from JSON, every text in it ``plain``."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): printable(one) for key, one in value.items()}
    return [printable(one) for one in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=8)
def _fonts(weight: int) -> tuple[FT2Font, ...]:
    # fonts of our own: matplotlib shares its own among figures and sets their size as it draws
    fonts = [FT2Font(findfont(FontProperties(family=[name], weight=weight))) for name in style.families()]
    for font in fonts:
        font.set_size(_POINTS, 72)
    return tuple(fonts)


@lru_cache(maxsize=8192)
def advance(letter: str, weight: int) -> float:
    """Inches that ``letter`` takes at one point, in the first font that has it, or the box drawn in its place."""
    font = next((f for f in _fonts(weight) if f.get_char_index(ord(letter))), None)
    if font is None:
        return _BOX / 72
    return float(font.load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / _POINTS / 72


def missing(text: str) -> list[str]:
    """The letters of ``text`` that no house font has, once each."""
    return [letter for letter in dict.fromkeys(text) if not any(f.get_char_index(ord(letter)) for f in _fonts(400))]


def reach(figure: Figure) -> None:
    """Let every text of ``figure`` that needs it fall back on other fonts at hand."""
    for text in figure.findobj(Text):
        wanted = missing(text.get_text())
        if wanted:
            others = dict.fromkeys(filter(None, map(_family_with, wanted)))
            text.set_fontfamily([*style.families(), *others])


@lru_cache(maxsize=1024)
def _family_with(letter: str) -> str | None:
    """The first family at hand that can draw ``letter``, those without serifs first."""
    for name, path in _others():
        if _draws(path, letter):
            # as for the house font: no weight of it is missed aloud
            fontManager.ttflist.append(FontEntry(fname=path, name=name, weight=style.STRONG, size="scalable"))
            return name
    return None


@lru_cache(maxsize=1)
def _others() -> tuple[tuple[str, str], ...]:
    """Name and file of every upright font of usual weight and width beside those of the house."""
    usual = [e for e in fontManager.ttflist if (e.style, e.weight, e.stretch) == ("normal", 400, "normal")]
    files = {e.name: e.fname for e in usual if e.name not in style.families() and "Last Resort" not in e.name}
    return tuple(sorted(files.items(), key=lambda one: ("Sans" not in one[0], one)))


def _draws(path: str, letter: str) -> bool:
    """True where the file at ``path`` holds an outline of ``letter``; pictures of letters and damaged files do not."""
    try:
        font = FT2Font(path)
        return bool(font.scalable and font.get_char_index(ord(letter)))
    except (OSError, RuntimeError, ValueError):
        return False
