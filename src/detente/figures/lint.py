"""Figure lint: text that is cut, too small, or printed over other text, at the resolution that is saved.

Text is narrower at 100 than at 200 dots per inch, so the figure is drawn at its own resolution; what counts
is the text that is really printed (ticks outside the axes are not).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
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
    """Draws as always and remembers every line of text that was printed: its words, points, and box in pixels."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]
        self.printed: list[tuple[str, float, Bbox]] = []

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: FontProperties, angle: float, *rest: Any, **more: Any
    ) -> None:
        """As Agg's."""
        wide, tall, under = self.get_text_width_height_descent(s, prop, False)  # type: ignore[no-untyped-call]
        if s.strip():
            box = Bbox.from_bounds(x, self.height - y - under, wide, tall)
            if angle == 90:  # read from below
                box = Bbox.from_bounds(x - tall + under, self.height - y, tall, wide)
            self.printed.append((s, prop.get_size_in_points(), box))
        super().draw_text(gc, x, y, s, prop, angle, *rest, **more)  # type: ignore[no-untyped-call]


def lint(figure: Figure) -> list[Finding]:
    """Every fault of ``figure``, in the order of printing; empty where it is fit to be saved."""
    wide, tall = figure.get_size_inches() * figure.dpi
    with style.house():
        listener = _Listener(wide, tall, figure.dpi)
        figure.draw(listener)
    found = []
    for text, points, box in listener.printed:
        out = max(-box.x0, -box.y0, box.x1 - wide, box.y1 - tall)
        if out > 0.5:
            found.append(Finding("cut", text, f"by {out:.0f} px"))
        if points < style.SMALLEST - 1e-6:
            found.append(Finding("small", text, f"{points:.1f} pt"))
    for one, other in overlapping([box for *_, box in listener.printed], _TOUCH * figure.dpi):
        found.append(Finding("overlap", listener.printed[one][0], f"over {listener.printed[other][0]!r}"))
    return found


def overlapping(boxes: Sequence[Bbox], touch: float) -> list[tuple[int, int]]:
    """The pairs of boxes that share more than ``touch`` pixels both across and down, in their order."""
    if not boxes:
        return []
    low, high = np.array([box.p0 for box in boxes]), np.array([box.p1 for box in boxes])
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    return [(int(one), int(other)) for one, other in np.argwhere(np.triu((shared > touch).all(axis=2), 1))]
