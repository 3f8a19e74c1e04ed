"""What would flip a ranking: how far each rival lies above the lowest option, sample by sample, and what turns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from detente.analysis.findings import findings
from detente.analysis.robustness import gaps
from detente.figures import reading, rows, style
from detente.figures.axes import ACROSS, beside
from detente.figures.measure import shorten
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.rows import Mark, Rows, Series
from detente.figures.sheet import inches
from detente.figures.words import NB
from detente.prose.wording import compact, fixed, in_100

if TYPE_CHECKING:
    import xarray as xr

#: factors that are named for a reversal
NAMED = 2
REVERSED = style.SCENARIOS[4]


@dataclass(frozen=True, kw_only=True)
class Rival(Mark):
    """How far one option lies above the lowest: mean, a dot for each sample of ``gap``, what closes it in words."""

    name: str
    gap: Floats
    turns: str

    @property
    def reversed(self) -> float:
        """Share of samples in which it is the lower one."""
        return float((self.gap < 0).mean())

    @property
    def ends(self) -> tuple[float, float]:
        """From where to where it reaches."""
        return min(self.low, float(self.gap.min())), max(self.high, float(self.gap.max()))

    def paint(self, ax: Axes, y: float, colour: str) -> None:
        """Draw it into ``ax`` at the height ``y``."""
        spread = 0.3 * (np.modf(np.arange(len(self.gap)) * 0.618034)[0] - 0.5)  # even, and the same every time
        colours = np.where(self.gap < 0, REVERSED, style.RULE)
        ax.scatter(self.gap, y - 0.1 + spread, s=style.pt(2.6) ** 2, c=list(colours), linewidth=0)
        super().paint(ax, y - 0.1, colour)
        size, back = style.pt(style.NOTE), {"facecolor": "white", "edgecolor": "none", "pad": style.pt(0.6)}
        (text,) = shorten(f"{self.turns[:1].upper()}{self.turns[1:]}", size, inches(ax)[0] - style.pt(0.1), 1)
        beside(ax, text, 0, y + 0.32, 3, fontsize=size, bbox=back, xycoords=ACROSS)


def collect(data: xr.Dataset, metric: str) -> Rows:
    """The numbers of the figure. FigureError unless options were compared over sampled parameters."""
    data, measure = reading.as_drawn(data, metric)
    found = findings(data, metric).get("flips")
    if not found:
        raise FigureError("no ranking to flip: it needs options, and parameters sampled by latin_hypercube or sobol")
    lowest = str(found[0]["lower"])
    rivals = []
    for flip in found:
        if flip["lower"] == lowest:
            lower = flip["difference"]  # the lower minus the higher; the gap is the other way round
            ends = -lower["change"], -lower["ci_high"], -lower["ci_low"]
            gap = gaps(data, metric, lowest, flip["higher"])
            rivals.append(Rival(*ends, name=apart(lowest, flip["higher"]), gap=gap, turns=turning(flip)))
    return of_rivals(lowest, rivals, label=reading.titled(data), measure=measure)


def of_rivals(lowest: str, rivals: Sequence[Rival], *, label: str, measure: tuple[str, str]) -> Rows:
    """The rows of ``rivals`` against the option ``lowest``."""
    most = max(rivals, key=lambda rival: rival.reversed)
    title = f"{label}: no sample of the parameters turns the ranking of “{lowest}” as the lowest"
    if most.reversed:
        count = in_100(most.reversed, len(most.gap), "samples").replace(" ", NB)
        title = f"{label}: “{lowest}” is the lowest; with “{most.name}” it is lower in {count} of the parameters"
    return Rows(
        title,
        f"How far other options lie above it in {rows.within(*measure)}: each small dot one sample of the parameters, "
        f"left of zero the ranking is turned; bar: mean with 95{NB}%{NB}CI",
        tuple(rival.name for rival in rivals),
        (Series("", style.INK, rivals),),
        signed=True,
        notes="Smallest change: along a straight line fitted to the gaps, in standard deviations of the parameters "
        "(SD).",
        each=0.72,
    )


def apart(one: str, other: str) -> str:
    """What sets ``other`` apart from ``one``: the levers that differ."""
    held = set(one.split("; "))
    return "; ".join(part for part in other.split("; ") if part not in held) or other


def turning(flip: Mapping[str, Any]) -> str:
    """The smallest change that turns a ranking, in words."""
    if flip["distance"] is None:
        return "no simple change of the parameters turns it"
    moves = [
        f"{move['label']} {compact(move['middle'])} → {compact(move['value'])}"
        for move in flip["moves"][:NAMED]
        if abs(move["steps"]) > 0.1
    ]
    return (
        f"turns after {fixed(flip['distance'])} SD: {', '.join(moves)}" if moves else "turns after many small changes"
    )


draw = rows.draw
