"""Figure lint: text that is cut, too small, or printed over other text, at the resolution that is saved.

Text is narrower at 100 than at 200 dots per inch, so the figure is drawn at its own resolution; what counts
is the text that is really printed (ticks outside the axes are not).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from detente.figures import style

#: inches two boxes may share: the boxes of text carry some air of their own
_TOUCH = 0.012


@dataclass(frozen=True)
class Finding:
    """One fault: ``rule`` is "cut", "overlap" or "small"."""

    rule: str
    text: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text!r} {self.detail}"


class _Listener(RendererAgg):
    """Draws as always and remembers which texts were printed."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]
        self.printed: dict[int, Text] = {}

    def draw_text(self, gc: Any, x: float, y: float, s: str, *args: Any, **kwargs: Any) -> None:
        """As Agg's."""
        text = kwargs.get("mtext") or next((a for a in args if isinstance(a, Text)), None)
        if text is not None and s.strip():
            self.printed[id(text)] = text
        super().draw_text(gc, x, y, s, *args, **kwargs)  # type: ignore[no-untyped-call]


def lint(figure: Figure) -> list[Finding]:
    """Every fault of ``figure``, in the order of printing; empty where it is fit to be saved."""
    wide, tall = figure.get_size_inches() * figure.dpi
    with style.house():
        listener = _Listener(wide, tall, figure.dpi)
        figure.draw(listener)
        boxes = [(text, text.get_window_extent(listener)) for text in listener.printed.values()]
    found = []
    for text, box in boxes:
        out = max(-box.x0, -box.y0, box.x1 - wide, box.y1 - tall)
        if out > 0.5:
            found.append(Finding("cut", text.get_text(), f"by {out:.0f} px"))
    for text, _ in boxes:
        if float(text.get_fontsize()) < style.SMALLEST - 1e-6:
            found.append(Finding("small", text.get_text(), f"{text.get_fontsize():.1f} pt"))
    for (text, box), (other, under) in combinations(boxes, 2):
        shared = Bbox.intersection(box, under)
        if shared is not None and min(shared.width, shared.height) > _TOUCH * figure.dpi:
            found.append(Finding("overlap", text.get_text(), f"over {other.get_text()!r}"))
    return found
