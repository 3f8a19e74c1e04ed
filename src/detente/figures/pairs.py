"""Pair heat maps: how tense each pair of actors is, and how that differs from a base run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from detente.analysis import attributes, metrics
from detente.analysis.difference import POINTS, Difference, Direction, difference
from detente.analysis.metrics import Metric
from detente.analysis.pairing import pair
from detente.figures import reading, style
from detente.figures.measure import shorten, width
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches, split
from detente.figures.words import NB, window
from detente.prose.wording import fixed, listed, signed, the

if TYPE_CHECKING:
    import xarray as xr

#: up to so many actors the two maps stand side by side, beyond it one above the other
_ABREAST = 12
#: tension at which the darkest colour begins
_FULL = 80.0


@dataclass(frozen=True)
class Cell:
    """One pair: mean tension over the window [points], and its paired change (None without a base)."""

    key: str
    between: tuple[str, str]
    label: str
    level: float
    change: Difference | None

    @property
    def way(self) -> Direction:
        """The direction that may be claimed of it, with the decimals that a cell has room for."""
        return self.change.direction(POINTS) if self.change else ""


@dataclass(frozen=True)
class Pairs:
    """The words and numbers of the figure. ``order``: actors from the one in the tensest pairs on, key and label."""

    title: str
    subtitle: str
    notes: str
    label: str
    base: str | None
    order: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]

    @property
    def abreast(self) -> bool:
        """True where level and change stand side by side."""
        return self.base is not None and len(self.order) <= _ABREAST * style.page_width() / style.WIDTH

    @property
    def height(self) -> float:
        """As tall as the cells ask for."""
        cells = max(len(self.order) - 1, 1)
        if self.base is None or self.abreast:
            return (0.32 * cells if self.abreast else min(0.32 * cells, 4.2)) + 0.3
        return 2 * min(0.32 * cells, 4.2) + 0.62 + self.upright

    @property
    def room(self) -> Room:
        """Names of the rows on the left, of the columns below."""
        return Room(left=self.left, right=0.04, bottom=Room.bottom + self.upright)

    @property
    def left(self) -> float:
        """Inches for the names of the rows."""
        return min(max(width(label, style.SMALL) for _, label in self.order[1:]) + 0.08, 1.55)

    @property
    def upright(self) -> float:
        """Inches that the names of columns take more where they must stand upright, side by side being too wide."""
        widest = max(width(key, style.SMALLEST) for key, _ in self.order)
        cell = (style.page_width() - self.left - 0.22) / max(len(self.order) - 1, 1)
        return 0.0 if self.abreast or widest + 0.02 < cell else widest


def collect(ds: xr.Dataset, base: xr.Dataset | None = None) -> Pairs:
    """The numbers of the figure, over the last 26 weeks.

    FigureError where the result holds no pairs; NotComparable where the two do not pair.
    """
    if not metrics.holds(ds, "tension_dyad") or not ds.sizes["dyad"]:
        raise FigureError('this result holds no pairs: run it again with keep="all"')
    mine, yours = (None, ds) if base is None else pair(base, ds)
    keys = [str(key) for key in ds["dyad"].values]
    now = metrics.by_dyad(Metric(), yours)
    before = None if mine is None else metrics.by_dyad(Metric(), mine.sel(dyad=keys))
    cells = tuple(
        Cell(
            key=key,
            between=reading.between(ds, key),
            label=attributes.dyad_label(ds, key),
            level=float(now[:, k].mean()),
            change=None if before is None else difference(before[:, k], now[:, k], reading.draws(yours)),
        )
        for k, key in enumerate(keys)
    )
    total = {key: sum(cell.level for cell in cells if key in cell.between) for cell in cells for key in cell.between}
    order = tuple((key, attributes.actor_label(ds, key)) for key in sorted(total, key=lambda key: -total[key]))
    label, name = reading.label(ds), None if base is None else reading.label(base)
    dot = "· = no change that can be told (95% interval over parameter draws) and seen at one decimal. "
    footnotes = reading.footnotes(ds, [*(actor for _, actor in order), *(cell.label for cell in cells)])
    if name is None:
        of_all = f"the tensest of {len(cells)} pairs"
        told = reading.tensest(ds).replace("the tensest pairs", of_all).replace("the tensest pair", of_all)
    else:
        told = _moved(cells, the(name))
    return Pairs(
        f"{label}: {told}",
        f"Mean tension between two actors in {window(ds)} (0{NB}calm, 100{NB}armed clash)"
        + (f", and the paired change from {the(name)} in points" if name else ""),
        f"Empty: not a pair of this theatre. {dot if name else ''}{footnotes}".strip(),
        label=label,
        base=name,
        order=order,
        cells=cells,
    )


def _moved(cells: Sequence[Cell], base: str) -> str:
    """How many pairs are told to have moved, and which most."""
    total, moved = len(cells), [cell for cell in cells if cell.way]
    if not moved:
        return f"no pair differs detectably from {base}"
    up = sum(cell.way == "higher" for cell in moved)
    sides = [
        f"{f'all {n}' if n == total > 1 else f'{n} of {total}'} pairs {side}"
        for n, side in ((up, "tenser"), (len(moved) - up, "calmer"))
        if n
    ]
    largest, change = max(((c, c.change.change) for c in moved if c.change), key=lambda found: abs(found[1]))
    return f"{listed(sides)} than in {base}; largest mean change {largest.label}{NB}({signed(change)})"


def draw(data: Pairs, ax: Axes) -> Axes:
    """Draw level, and change where there is a base, into ``ax``."""
    scale = style.pt(1)
    if data.base is None:
        (level,) = split(ax, 1, (0, 0), (0.2 * scale,))
        _map(level, data, change=False)
        return ax
    short = max(width(key, style.pt(style.SMALL)) for key, _ in data.order) + 0.1 * scale
    heads = (0.22 * scale,) * (1 if data.abreast else 2)
    gap = (short + 0.1 * scale, 0.32 * scale + data.upright)
    level, moved = split(ax, 2 if data.abreast else 1, gap, heads)
    for panel, text, change in ((level, f"Level, {data.label}", False), (moved, f"Change from {the(data.base)}", True)):
        _map(panel, data, change=change, names=not (change and data.abreast))
        lines = shorten(text, style.pt(style.BODY), inches(panel)[0], 1, style.STRONG)
        panel.text(-0.475, -0.72, lines[0], fontsize=style.pt(style.BODY), fontweight=style.STRONG, va="bottom")
    return ax


def _map(ax: Axes, data: Pairs, *, change: bool, names: bool = True) -> None:
    place, last = {key: k for k, (key, _) in enumerate(data.order)}, max(len(data.order) - 1, 1)
    ax.set(xlim=(-0.5, last - 0.5), ylim=(last - 0.5, -0.5))
    small = style.pt(style.SMALL)
    # three characters fit into a cell
    size = max(min(small, inches(ax)[0] / last * 72 * 0.42), style.SMALLEST)
    for cell in data.cells:
        column, row = sorted(place[key] for key in cell.between)
        text, colour = (
            _changed(cell, data) if change else (fixed(cell.level, 0), style.ramp(style.TENSION, cell.level / _FULL))
        )
        ax.add_patch(Rectangle((column - 0.475, row - 1.475), 0.95, 0.95, facecolor=colour, edgecolor="none"))
        ax.text(column, row - 1, text, ha="center", va="center_baseline", fontsize=size, color=style.ink_on(colour))
    ax.spines["bottom"].set_visible(False)
    rows = [shorten(label, small, style.pt(data.left - 0.08), 1)[0] if names else key for key, label in data.order[1:]]
    ax.set_yticks(range(len(rows)), rows)
    ax.set_xticks(range(last), [key for key, _ in data.order[:last]])
    ax.tick_params(length=0, labelsize=size, pad=style.pt(2.5))
    ax.tick_params(axis="y", labelsize=small if last <= 12 else size)
    ax.tick_params(axis="x", labelrotation=90 if data.upright else 0)


def _changed(cell: Cell, data: Pairs) -> tuple[str, tuple[float, float, float]]:
    assert cell.change
    if not cell.way:
        return ("0" if cell.change.verdict == "identical" else "·"), style.tint(style.CHANGE[2], 1)
    largest = max(abs(c.change.change) for c in data.cells if c.change and c.way)
    digits = 0 if abs(cell.change.change) >= 0.95 else 1
    share = 0.5 + 0.5 * cell.change.change / max(largest, 5.0)
    text = signed(cell.change.change, digits)
    # in so narrow a cell there is no room for the nought
    return text.replace("0.", ".") if data.upright else text, style.ramp(style.CHANGE, share)
