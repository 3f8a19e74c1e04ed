"""The house style: sizes, colours, fonts and the rc settings every figure is drawn under.

Colours: the scenario colours keep a contrast of at least 4.5:1 on white and stay apart under the three
common kinds of colour blindness. A colour belongs to a scenario's *name*, so that the same scenario looks
the same in every figure, whatever stands beside it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager

#: as matplotlib takes it: a name or code, or shares of red, green, blue (and opacity)
Colour: TypeAlias = str | tuple[float, ...]

#: inches; the width of a page's text column, and of a 16:9 slide
WIDTH, SLIDE = 6.9, (10.0, 5.625)
#: inches; a sheet for a small screen, whose text is as large there as on a page
NARROW = 4.6
_PAGE: ContextVar[float] = ContextVar("_PAGE", default=WIDTH)
#: on a slide everything is this much larger
SLIDE_SCALE = 1.36
DPI = 200
#: nothing is printed smaller than this (points)
SMALLEST = 6.5

INK, GREY, PALE, GRID, RULE = "#1C1E21", "#5B616E", "#6B7280", "#E3E5E8", "#9AA1AB"
BASELINE = "#4B5563"
SCENARIOS = ("#A84A06", "#0A74E4", "#581378", "#91639C", "#721405")
TENSION = ("#FFF4DC", "#FBD38D", "#F09A4A", "#D4582A", "#8F1D1D")
CHANGE = ("#0B5394", "#6FA8DC", "#F3F3F3", "#E69A5B", "#A63603")
UP, DOWN, UNCLEAR = CHANGE[4], CHANGE[0], "#A8AEB8"

#: points at page size: (title, subtitle, body, small, note)
TITLE, SUBTITLE, BODY, SMALL, NOTE = 12.5, 9.4, 8.8, 8.0, 7.2

#: font weight of titles and direct labels
STRONG = 600

#: any number would do; with this one the scenarios that ship fall on different colours
_SALT = 3274


def palette(names: Iterable[str], base: str | None = None) -> dict[str, str]:
    """Colour of each scenario name. ``base`` (or the name "baseline") is grey; others keep their own colour.

    Two names that claim the same colour: the later in alphabetical order takes the next free one.
    """
    taken: dict[str, str] = {}
    for name in sorted(set(names)):
        if name == base or (base is None and name == "baseline"):
            taken[name] = BASELINE
            continue
        own = crc32(f"{_SALT}:{name}".encode()) % len(SCENARIOS)
        turns = [SCENARIOS[(own + k) % len(SCENARIOS)] for k in range(len(SCENARIOS))]
        taken[name] = next((c for c in turns if c not in taken.values()), turns[0])
    return taken


def tint(colour: str, strength: float) -> tuple[float, float, float]:
    """``colour`` mixed with white; ``strength`` 1 is the colour itself. Opaque, so that overlaps do not darken."""
    red, green, blue = to_rgb(colour)
    return (1 - strength * (1 - red), 1 - strength * (1 - green), 1 - strength * (1 - blue))


def ramp(colours: tuple[str, ...], share: float) -> tuple[float, float, float]:
    """Colour at ``share`` in [0, 1] of the way through ``colours``, mixed linearly."""
    return to_rgb(LinearSegmentedColormap.from_list("", colours, N=1001)(share))


def ink_on(colour: tuple[float, float, float]) -> str:
    """Text colour that reads on ``colour``: dark ink or white, whichever contrasts more (WCAG luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if (luminance + 0.05) / 0.062 > 1.05 / (luminance + 0.05) else "#FFFFFF"


#: package that carries the house font, its folder, and the weights in use
_FONT_PACKAGE, _FAMILY = "font_source_sans_pro", "Source Sans Pro"
_WEIGHTS = {400: "SourceSansPro-Regular.ttf", STRONG: "SourceSansPro-Semibold.ttf"}
_FALLBACK = "DejaVu Sans"


def font_files() -> dict[int, Path]:
    """Weight -> font file of the house font; empty where its package is not installed."""
    spec = find_spec(_FONT_PACKAGE)
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "files"
    return {weight: folder / name for weight, name in _WEIGHTS.items() if (folder / name).is_file()}


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Font families in order of preference; matplotlib's own DejaVu Sans is the last resort."""
    files = font_files()
    for weight, path in files.items():
        fontManager.ttflist.append(FontEntry(fname=str(path), name=_FAMILY, weight=weight, size="scalable"))
    # DejaVu has no semibold: its bold stands in, and matplotlib need not warn of it
    bold = findfont(FontProperties(family=_FALLBACK, weight=700))
    fontManager.ttflist.append(FontEntry(fname=bold, name=_FALLBACK, weight=STRONG, size="scalable"))
    return (_FAMILY, _FALLBACK) if len(files) == len(_WEIGHTS) else (_FALLBACK,)


def settings(scale: float = 1.0) -> dict[Any, Any]:
    """The rc settings; ``scale`` enlarges text and strokes together (1 on a page)."""
    return {
        "figure.dpi": DPI,
        "savefig.dpi": DPI,
        "font.family": list(families()),
        "font.size": BODY * scale,
        "text.color": INK,
        "text.hinting": "none",
        # a text is what its author wrote: dollars are money
        "text.parse_math": False,
        "axes.unicode_minus": True,
        "axes.edgecolor": RULE,
        "axes.labelcolor": GREY,
        "axes.linewidth": 0.8 * scale,
        "axes.axisbelow": True,
        "axes.facecolor": "none",
        "axes.spines.left": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": GRID,
        "grid.linewidth": 0.7 * scale,
        "hatch.linewidth": 0.6 * scale,
        "lines.linewidth": 1.6 * scale,
        "lines.solid_joinstyle": "round",
        "patch.linewidth": 0.8 * scale,
        "xtick.color": RULE,
        "xtick.labelcolor": GREY,
        "xtick.labelsize": BODY * scale,
        "xtick.major.size": 3 * scale,
        "xtick.major.width": 0.8 * scale,
        "ytick.labelcolor": GREY,
        "ytick.labelsize": BODY * scale,
        "ytick.left": False,
        "ytick.major.pad": 3 * scale,
        "svg.fonttype": "none",
        "svg.hashsalt": "detente",
        "pdf.fonttype": 42,
        "path.simplify": True,
    }


@contextmanager
def house(scale: float = 1.0) -> Iterator[None]:
    """Draw in the house style; the settings in force before come back afterwards.

    A letter that no font has is drawn as a box, which a reader sees: it is no reason to stop, nor to warn.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s)Glyph \d+ .*missing from", category=UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(settings(scale))
        yield


@contextmanager
def page(wide: float) -> Iterator[None]:
    """Lay figures out for a page ``wide`` inches wide."""
    before = _PAGE.set(wide)
    try:
        yield
    finally:
        _PAGE.reset(before)


def page_width() -> float:
    """Inches of the page that figures are laid out for."""
    return _PAGE.get()


def pt(points: float) -> float:
    """``points`` of page size, enlarged as the figure being drawn is."""
    return points * float(mpl.rcParams["font.size"]) / BODY
