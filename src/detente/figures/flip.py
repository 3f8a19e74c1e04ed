"""What would flip a ranking: how far each rival lies above the lowest option, sample by sample, and what turns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from detente.analysis.findings import findings, measured
from detente.analysis.robustness import gaps
from detente.analysis.wording import fixed, in_100, signed
from detente.figures import style
from detente.figures.axes import steps
from detente.figures.measure import shorten, width
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, compact

if TYPE_CHECKING:
    import xarray as xr

#: factors that are named for a reversal
NAMED = 2
REVERSED = style.SCENARIOS[4]


@dataclass(frozen=True)
class Rival:
    """One option against the lowest: gap (sample,), its mean with 95 % interval, and what would close it, in words."""

    name: str
    gap: Floats
    mean: float
    low: float
    high: float
    turns: str

    @property
    def reversed(self) -> float:
        """Share of samples in which it is the lower one."""
        return float((self.gap < 0).mean())


@dataclass(frozen=True)
class Flips:
    """The numbers of the figure."""

    label: str
    measure: str
    weeks: str
    lowest: str
    rows: tuple[Rival, ...]
    footnotes: str = ""

    @property
    def title(self) -> str:
        """In how many samples the ranking is turned, at most."""
        most = max(self.rows, key=lambda row: row.reversed)
        if not most.reversed:
            return f"{self.label}: no sample of the parameters turns the ranking of “{self.lowest}” as the lowest"
        count = in_100(most.reversed, len(most.gap), "samples").replace(" ", NB)
        return (
            f"{self.label}: “{self.lowest}” is the lowest; with “{most.name}” it is lower in {count} of the parameters"
        )

    @property
    def subtitle(self) -> str:
        """What a dot is."""
        within = f"{self.measure} ({self.weeks})" if self.weeks else self.measure
        return (
            f"How far other options lie above it in {within}: each dot one sample of the parameters, "
            f"left of zero the ranking is turned; bar: mean with 95{NB}%{NB}CI"
        )

    @property
    def notes(self) -> str:
        """How the smallest change is found."""
        told = (
            "Smallest change: along a straight line fitted to the gaps, in standard deviations of the parameters (SD)."
        )
        return " ".join(filter(None, [told, self.footnotes]))

    @property
    def height(self) -> float:
        """Room for the dots and a line of words for each rival."""
        return 0.72 * len(self.rows) + 0.1

    @property
    def room(self) -> Room:
        """Names on the left."""
        return Room(left=min(max(width(row.name, style.SMALL) for row in self.rows) + 0.14, 2.2), right=0.2)


def collect(data: xr.Dataset, metric: str, *, label: str, footnotes: str = "") -> Flips:
    """The numbers of the figure. FigureError unless options were compared over sampled parameters."""
    found = findings(data, metric).get("flips")
    if not found:
        raise FigureError("no ranking to flip: it needs options, and parameters sampled by latin_hypercube or sobol")
    what, weeks = measured(data, metric)
    lowest = str(found[0]["lower"])
    rows = [_rival(data, metric, lowest, flip) for flip in found if flip["lower"] == lowest]
    return Flips(label, what, weeks, lowest, tuple(rows), footnotes)


def _rival(data: xr.Dataset, metric: str, lowest: str, flip: Mapping[str, Any]) -> Rival:
    lower = flip["difference"]  # the lower minus the higher; the gap is the other way round
    gap = gaps(data, metric, lowest, flip["higher"])
    return Rival(
        apart(lowest, flip["higher"]), gap, -lower["change"], -lower["ci_high"], -lower["ci_low"], turning(flip)
    )


def apart(one: str, other: str) -> str:
    """What sets ``other`` apart from ``one``: the levers that differ."""
    held = set(one.split("; "))
    return "; ".join(part for part in other.split("; ") if part not in held) or other


def turning(flip: Mapping[str, Any]) -> str:
    """The smallest change that turns a ranking, in words."""
    if flip["distance"] is None:
        return "no simple change of the parameters turns it"
    moves = [f"{m['label']} {compact(m['middle'])} → {compact(m['value'])}" for m in _largest(flip["moves"])]
    return (
        f"turns after {fixed(flip['distance'])} SD: {', '.join(moves)}" if moves else "turns after many small changes"
    )


def _largest(moves: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [move for move in moves[:NAMED] if abs(move["steps"]) > 0.1]


def draw(data: Flips, ax: Axes) -> Axes:
    """Draw the rivals into ``ax``."""
    ends = np.concatenate([row.gap for row in data.rows])
    low, high = min(float(ends.min()), 0.0), max(float(ends.max()), 0.0)
    pad = 0.03 * (high - low) or 1.0
    ax.set_xlim(low - pad, high + pad)
    ax.set_ylim(len(data.rows) - 0.5, -0.5)
    ax.plot([0, 0], [-0.5, len(data.rows) - 0.5], color=style.INK, linewidth=style.pt(0.9))
    for y, row in enumerate(data.rows):
        _row(ax, y, row)
    _axis(data, ax, low, high)
    return ax


def _row(ax: Axes, y: int, row: Rival) -> None:
    spread = 0.3 * (np.modf(np.arange(len(row.gap)) * 0.618034)[0] - 0.5)  # even, and the same every time
    colours = np.where(row.gap < 0, REVERSED, style.RULE)
    ax.scatter(row.gap, y - 0.1 + spread, s=style.pt(2.6) ** 2, c=list(colours), linewidth=0)
    ax.plot([row.low, row.high], [y - 0.1] * 2, color=style.INK, linewidth=style.pt(1.6))
    ax.plot([row.mean], [y - 0.1], "D", markersize=style.pt(4), color=style.INK)
    text = shorten(f"{row.turns[:1].upper()}{row.turns[1:]}", style.pt(style.NOTE), inches(ax)[0] - style.pt(0.1), 1)[0]
    left = ax.get_xlim()[0]
    ax.annotate(
        text,
        (left, y + 0.32),
        xytext=(style.pt(3), 0),
        textcoords="offset points",
        va="center_baseline",
        fontsize=style.pt(style.NOTE),
        color=style.GREY,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": style.pt(0.6)},
    )


def _axis(data: Flips, ax: Axes, low: float, high: float) -> None:
    ticks = steps(low, high, 6)
    digits = 0 if len(ticks) < 2 or ticks[1] - ticks[0] >= 1 else 1 if ticks[1] - ticks[0] >= 0.1 else 2
    ax.set_xticks(ticks, [signed(tick, digits) for tick in ticks])
    room = data.room.left * style.pt(1) - style.pt(0.1)
    names = ["\n".join(shorten(row.name, style.pt(style.SMALL), room, 3)) for row in data.rows]
    ax.set_yticks(range(len(data.rows)), names)
    ax.tick_params(axis="y", labelcolor=style.INK, labelsize=style.pt(style.SMALL))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
