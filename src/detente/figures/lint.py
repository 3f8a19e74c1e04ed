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
    slack = _TOUCH * figure.dpi
    cut = [_cut(text, box, wide, tall) for text, box in boxes]
    small = [Finding("small", t.get_text(), f"{t.get_fontsize():.1f} pt") for t, _ in boxes if _small(t)]
    over = [
        Finding("overlap", a.get_text(), f"over {b.get_text()!r}")
        for (a, box), (b, other) in combinations(boxes, 2)
        if _shared(box, other) > slack
    ]
    return [*filter(None, cut), *small, *over]


def _cut(text: Text, box: Bbox, wide: float, tall: float) -> Finding | None:
    out = max(-box.x0, -box.y0, box.x1 - wide, box.y1 - tall)
    return Finding("cut", text.get_text(), f"by {out:.0f} px") if out > 0.5 else None


def _small(text: Text) -> bool:
    return float(text.get_fontsize()) < style.SMALLEST - 1e-6


def _shared(a: Bbox, b: Bbox) -> float:
    """The narrower side of the area two boxes share; 0 where they share none."""
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    along = min(a.y1, b.y1) - max(a.y0, b.y0)
    return float(max(min(across, along), 0.0))
