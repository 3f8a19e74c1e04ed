"""The sheet a figure is drawn on: sentence title, subtitle, the axes, notes, provenance.

Every kind of figure hands over a record with its words and the room its labels need; the sheet measures the
words, wraps them, and is as tall as they ask for (on a slide the axes give way instead). A record:

    title, subtitle   sentences made from the numbers drawn
    notes             what a reader must know: how it was made, footnotes
    height            inches the axes ask for at page size
    room              inches left free beside the axes: left, right, bottom, top
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol, TypeVar

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from detente.figures import style
from detente.figures.glyphs import reach
from detente.figures.measure import line_height, shorten
from detente.figures.provenance import Provenance

#: inches
MARGIN, GAP, UNDER_TITLE = 0.09, 0.1, 0.05
#: lines of title, subtitle and notes beyond which they are cut
_MOST = (8, 16, 60)


@dataclass(frozen=True)
class Room:
    """Inches kept free around the axes for tick labels and direct labels, at page size."""

    left: float = 0.34
    right: float = 0.1
    bottom: float = 0.26
    top: float = 0.04


#: pixels an inch has where a notebook shows a sheet
SHOWN = 96


class Sheet(Figure):
    """A figure that a notebook shows by itself; pyplot knows nothing of it."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        drawn = BytesIO()
        with style.house():
            self.savefig(drawn, format="png", dpi=style.DPI)
        wide, tall = self.get_size_inches()
        return drawn.getvalue(), {"width": round(SHOWN * wide), "height": round(SHOWN * tall)}


class Drawing(Protocol):
    """What a figure's data must say of itself, beside the numbers."""

    @property
    def title(self) -> str:
        """A sentence the numbers support."""

    @property
    def subtitle(self) -> str:
        """Measure, unit, bands."""

    @property
    def notes(self) -> str:
        """How to read it; footnotes."""

    @property
    def height(self) -> float:
        """Inches the axes ask for at page size."""

    @property
    def room(self) -> Room:
        """Inches kept free around the axes."""


D = TypeVar("D", bound=Drawing)


@dataclass(frozen=True)
class _Block:
    lines: list[str]
    size: float
    weight: int
    colour: str

    @property
    def height(self) -> float:
        return len(self.lines) * line_height(self.size)


def _block(text: str, size: float, weight: int, colour: str, room: float, rows: int) -> _Block:
    return _Block(shorten(text, size, room, rows, weight) if text else [], size, weight, colour)


def _print(figure: Figure, block: _Block, top: float) -> float:
    """Print ``block`` from ``top`` inches downward; returns where it ends."""
    wide, tall = figure.get_size_inches()
    for line in block.lines:
        figure.text(
            style.pt(1) * MARGIN / wide,
            (top - line_height(block.size) * 0.8) / tall,
            line,
            fontsize=block.size,
            fontweight=block.weight,
            color=block.colour,
            va="baseline",
        )
        top -= line_height(block.size)
    return top


def sheet(
    draw: Callable[[D, Axes], Axes],
    data: D,
    provenance: Provenance | None = None,
    *,
    slide: bool = False,
) -> Figure:
    """A finished figure: ``draw(data, ax)`` on a sheet with its words and its provenance line.

    ``slide`` makes a 16:9 sheet (10 × 5.625 in) with larger text instead of one as wide as the page (``style.page``).
    """
    scale, room = style.SLIDE_SCALE if slide else 1.0, data.room
    with style.house(scale):
        wide = style.SLIDE[0] if slide else style.page_width()
        notes = " ".join(filter(None, [data.notes, provenance.line if provenance else ""]))
        words = _words_of(data, notes, wide - 2 * MARGIN * scale, scale)
        frame = sum(block.height for block in words) + scale * (
            2 * MARGIN + UNDER_TITLE + 2 * GAP + room.top + room.bottom
        )
        tall = style.SLIDE[1] if slide else frame + data.height
        left, right, under = scale * room.left, wide - scale * room.right, scale * UNDER_TITLE
        bottom = scale * (MARGIN + GAP + room.bottom) + words[2].height
        top = bottom + tall - frame
        if slide and tall - frame < _SQUEEZED * data.height * scale:
            # the words stand in a column on the left
            words, under = _fitted(data, notes, scale), 2 * under
            left, bottom = left + _COLUMN + 0.1 * scale, scale * (MARGIN + room.bottom)
            top = tall - scale * (GAP + room.top)
        figure = Sheet(figsize=(wide, tall), dpi=style.DPI, facecolor="white")
        FigureCanvasAgg(figure)
        _print(figure, words[1], _print(figure, words[0], tall - MARGIN * scale) - under)
        _print(figure, words[2], words[2].height + MARGIN * scale)
        box = (left / wide, bottom / tall, (right - left) / wide, max(top - bottom, 0.3) / tall)
        draw(data, figure.add_axes(box))
        reach(figure)
    return figure


#: where a slide leaves less than this share of the height a figure asks for, its words stand beside it
_SQUEEZED = 0.75
#: inches of a slide's width for the words
_COLUMN = 3.3


def _fitted(data: Drawing, notes: str, scale: float) -> tuple[_Block, _Block, _Block]:
    """The words of a column as high as a slide: the notes give way first, then all of it, then the notes' end."""
    room, free = _COLUMN - MARGIN * scale, style.SLIDE[1] - scale * (2 * MARGIN + GAP + 2 * UNDER_TITLE)
    smallest = style.SMALLEST / style.NOTE
    for words_scale, notes_scale in ((1.0, 1.0), (1.0, 0.85), (0.9, 0.75), (0.8, 0.7), (0.7, smallest / scale)):
        title, subtitle, _ = _words_of(data, notes, room, scale * words_scale)
        _, _, note = _words_of(data, notes, room, max(scale * notes_scale, smallest))
        if title.height + subtitle.height + note.height <= free:
            return title, subtitle, note
    rows = int((free - title.height - subtitle.height) / line_height(note.size))
    return title, subtitle, _block(notes, note.size, note.weight, note.colour, room, max(rows, 1))


def _words_of(data: Drawing, notes: str, room: float, scale: float) -> tuple[_Block, _Block, _Block]:
    """Title, subtitle and notes, wrapped to ``room`` inches."""
    return (
        _block(data.title, style.TITLE * scale, style.STRONG, style.INK, room, _MOST[0]),
        _block(data.subtitle, style.SUBTITLE * scale, 400, style.GREY, room, _MOST[1]),
        _block(notes, style.NOTE * scale, 400, style.PALE, room, _MOST[2]),
    )


def inches(ax: Axes) -> tuple[float, float]:
    """Width and height of ``ax`` in inches."""
    box = ax.get_window_extent()
    dpi = ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    return float(box.width / dpi), float(box.height / dpi)


def split(ax: Axes, columns: int, gap: tuple[float, float], heads: Sequence[float] = (0.0,)) -> list[Axes]:
    """``ax`` divided into a grid of equal panels, row by row; ``ax`` itself becomes invisible.

    ``gap`` (between columns, between rows) and ``heads`` (kept free above the panels of each row) in inches.
    """
    wide, tall = inches(ax)
    ax.set_axis_off()
    cell_w = (wide - (columns - 1) * gap[0]) / columns
    cell_h = max((tall - (len(heads) - 1) * gap[1] - sum(heads)) / len(heads), 0.2)
    panels, top = [], tall
    for head in heads:
        top -= head + cell_h
        for column in range(columns):
            box = (column * (cell_w + gap[0]) / wide, top / tall, cell_w / wide, cell_h / tall)
            panels.append(ax.inset_axes(box))
        top -= gap[1]
    return panels
