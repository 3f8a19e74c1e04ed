"""Tornado: how far an outcome moves when one parameter goes to either end of its documented range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from detente.analysis.wording import signed
from detente.figures import style
from detente.figures.axes import steps
from detente.figures.measure import shorten, width
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, compact, listed

if TYPE_CHECKING:
    from detente.analysis.sensitivity import Range

#: bars beyond these are named in the note only
_MOST = 14
#: units that go without saying
_BARE = ("", "1", "share")
_LOW, _HIGH = "#3E85C6", "#C2571A"


@dataclass(frozen=True)
class Bar:
    """One parameter: its end values as words, the outcome's change at each, and the half-widths of those."""

    label: str
    low: str
    high: str
    at_low: float
    at_high: float
    half_low: float = 0.0
    half_high: float = 0.0

    @property
    def name(self) -> str:
        """The label with a capital."""
        return f"{self.label[0].upper()}{self.label[1:]}"

    @property
    def reach(self) -> float:
        """The larger change."""
        return max(abs(self.at_low), abs(self.at_high))

    @property
    def told(self) -> bool:
        """True where at least one end is told from no change."""
        return abs(self.at_low) > self.half_low or abs(self.at_high) > self.half_high


@dataclass(frozen=True)
class Tornado:
    """The numbers of the figure, the widest bar first. ``measure`` names the outcome, ``unit`` its unit."""

    label: str
    measure: str
    unit: str
    bars: tuple[Bar, ...]
    left_out: int
    untold: int
    period: str = ""
    footnotes: str = ""

    @property
    def title(self) -> str:
        """Which parameters move the outcome most; ranks only where the intervals keep them apart."""
        told = [bar for bar in self.bars if bar.told]
        if not told:
            return f"{self.label}: no single parameter moves {self.measure} detectably over its documented range"
        first, *rest = told
        close = [bar for bar in rest if bar.reach + _half(bar) >= first.reach - _half(first)]
        if len(close) <= 2:
            names = listed(bar.label for bar in (first, *close))
            verb = "moves" if not close else "move"
            return f"{self.label}: {names} {verb} {self.measure} most, by up to {self._size(first.reach)}"
        moving = f"{self.total - self.untold} of {self.total} parameters"
        return f"{self.label}: {moving} move {self.measure}, none clearly most"

    def _size(self, value: float) -> str:
        return f"{compact(value)} {self.unit}" if self.unit else compact(value)

    @property
    def total(self) -> int:
        """Parameters that were varied."""
        return self.left_out + len(self.bars)

    @property
    def subtitle(self) -> str:
        """Measure and what is moved."""
        when = f", {self.period}" if self.period else ""
        unit = f" ({self.unit})" if self.unit else ""
        return (
            f"Change in {self.measure}{when}{unit} when one parameter goes to the low or the high end of its "
            f"documented range, the others as they are; lines: 95%{NB}CI"
        )

    @property
    def notes(self) -> str:
        """What is not shown."""
        told = ["One at a time: joint effects are not seen here."]
        if self.left_out:
            told.append(f"{self.left_out} more parameters have narrower bars.")
        if self.untold:
            told.append(f"{self.untold} of {self.total} parameters cannot be told from no change.")
        return " ".join(filter(None, [*told, self.footnotes]))

    @property
    def height(self) -> float:
        """As many rows as there are bars."""
        return 0.255 * max(len(self.bars), 3) + 0.24

    @property
    def room(self) -> Room:
        """Names on the left."""
        return Room(left=min(max(width(b.name, style.SMALL) for b in self.bars) + 0.14, 2.35), right=0.2)


def _half(bar: Bar) -> float:
    return bar.half_low if abs(bar.at_low) >= abs(bar.at_high) else bar.half_high


def collect(
    ranges: Sequence[Range],
    *,
    label: str,
    measure: str = "tension",
    unit: str = "points",
    units: Mapping[str, str] | None = None,
    period: str = "",
    footnotes: str = "",
) -> Tornado:
    """The numbers of the figure from one-at-a-time ranges; ``units`` gives the unit of a parameter by its path.

    FigureError where there is nothing to draw.
    """
    if not ranges:
        raise FigureError("no tornado: no parameter was varied")
    named = units or {}
    bars = [
        Bar(
            label=row.label,
            low=_worded(row.low_value, named.get(row.path, "")),
            high=_worded(row.high_value, named.get(row.path, "")),
            at_low=row.low_change,
            at_high=row.high_change,
            half_low=row.low_half,
            half_high=row.high_half,
        )
        for row in ranges
    ]
    ranked = sorted(bars, key=lambda bar: -bar.reach)
    shown = tuple(ranked[:_MOST])
    return Tornado(
        label, measure, unit, shown, len(bars) - len(shown), sum(not b.told for b in bars), period, footnotes
    )


def _worded(value: float, unit: str) -> str:
    """A value with its unit, where that is short enough to stand beside a bar."""
    short = unit.replace("1/", "per ")
    return f"{compact(value)} {short}".replace(" ", NB) if short not in _BARE and len(short) <= 12 else compact(value)


def draw(data: Tornado, ax: Axes) -> Axes:
    """Draw the bars into ``ax``."""
    wide, tall = inches(ax)
    scale, rows = style.pt(1), len(data.bars)
    head = 0.2 * scale
    unit = rows / (tall - head)
    ax.set_ylim(rows - 0.5, -0.5 - head * unit)
    _limits(data, ax, wide)
    for k, bar in enumerate(data.bars):
        _bar(ax, k, bar)
    ax.plot([0, 0], [-0.5, rows - 0.5], color=style.INK, linewidth=style.pt(1.1))
    room = data.room.left * scale - 0.1 * scale
    ax.set_yticks(range(rows), [shorten(b.name, style.pt(style.SMALL), room, 1)[0] for b in data.bars])
    ax.tick_params(axis="y", labelcolor=style.INK, labelsize=style.pt(style.SMALL))
    _legend(ax, -0.5 - 0.62 * head * unit)
    return ax


@dataclass(frozen=True)
class _End:
    """One end of a bar: change, half-width, value in words, colour."""

    change: float
    half: float
    text: str
    colour: str

    @property
    def outer(self) -> float:
        """How far the bar or its interval reaches on the bar's side of zero."""
        return self.change + math.copysign(self.half, self.change)


def _ends(bar: Bar) -> tuple[_End, _End]:
    return _End(bar.at_low, bar.half_low, bar.low, _LOW), _End(bar.at_high, bar.half_high, bar.high, _HIGH)


def _labels(bar: Bar) -> list[tuple[float, int, str]]:
    """Where the end values are printed: (x, side, text). Both at one side where both changes go there."""
    low, high = _ends(bar)
    if low.change * high.change > 0:
        far = max(low, high, key=lambda end: abs(end.outer))
        return [(far.outer, 1 if far.change > 0 else -1, f"{low.text}, {high.text}")]
    left, right = sorted((low, high), key=lambda end: end.change)
    return [(min(left.change - left.half, 0.0), -1, left.text), (max(right.change + right.half, 0.0), 1, right.text)]


def _limits(data: Tornado, ax: Axes, wide: float) -> None:
    """Limits that leave room for the end values beside the bars."""
    placed = [label for bar in data.bars for label in _labels(bar)]
    low = min(0.0, *(x for x, _, _ in placed))
    high = max(0.0, *(x for x, _, _ in placed))
    if high - low < 1e-9:
        low, high = -1.0, 1.0
    text = [(x, side, width(t, style.pt(style.NOTE)) + style.pt(0.1)) for x, side, t in placed]
    unit = (high - low) / (0.4 * wide)
    for _ in range(20):  # the room for text and the scale depend on each other: tightened step by step
        left = min(low, *(x - long * unit for x, side, long in text if side < 0), 0.0)
        right = max(high, *(x + long * unit for x, side, long in text if side > 0), 0.0)
        unit = (right - left) / wide
    ax.set_xlim(left, right)
    ticks = steps(low, high, max(2, min(6, int((high - low) / unit / style.pt(0.45)))))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    ax.set_xticks(ticks, [signed(t, max(0, -math.floor(math.log10(step) + 1e-9))) for t in ticks])
    ax.grid(axis="x")


def _bar(ax: Axes, k: int, bar: Bar) -> None:
    same_side = bar.at_low * bar.at_high > 0
    for part, end in enumerate(_ends(bar)):
        # both ends on one side of zero: half a row each, or the shorter bar would hide behind the longer
        place, thick = (k - 0.17 + 0.34 * part, 0.32) if same_side else (k, 0.64)
        ax.barh(place, end.change, thick, color=end.colour)
        span = [end.change - end.half, end.change + end.half]
        ax.plot(span, [place, place], color=style.INK, linewidth=style.pt(0.9))
    for x, side, text in _labels(bar):
        ax.annotate(
            text,
            (x, k),
            xytext=(side * style.pt(3.5), 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center_baseline",
            fontsize=style.pt(style.NOTE),
            color=style.GREY,
            annotation_clip=False,
        )


def _legend(ax: Axes, y: float) -> None:
    """The two colours, named on either side of zero."""
    for text, colour, way in (("at the low value", _LOW, -1), ("at the high value", _HIGH, 1)):
        ax.annotate(
            text,
            (0, y),
            xytext=(way * style.pt(5), 0),
            textcoords="offset points",
            ha="left" if way > 0 else "right",
            va="center_baseline",
            fontsize=style.pt(style.SMALL),
            fontweight=style.STRONG,
            color=colour,
        )
