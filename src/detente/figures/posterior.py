"""What a calibration learnt: each parameter before and after, and whether the inference recovers known ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from detente.analysis.wording import fixed, in_100, whole
from detente.figures import records, style
from detente.figures.calibration import binomial
from detente.figures.glyphs import printable
from detente.figures.measure import line_height, width
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, compact, listed

BEFORE, AFTER = style.BASELINE, style.SCENARIOS[1]
#: inches: a row, the head above the rows, the gaps between the columns
_ROW, _HEAD, _GAP = 0.47, 0.22, 0.14
#: share of the width beside the numbers that the intervals take; the ranks take the rest
_BARS = 0.6
#: heads of the two columns on the right where there is room, and where there is not: then shrinkage is left out too
_WIDE, _NARROW = (f"median, 90{NB}% (narrower by)", "ranks: flat = right"), (f"median, 90{NB}%", "ranks")
#: inches at page size below which there is none
_ROOMY = 4.3
#: a title names so many parameters
_NAMED = 2


@dataclass(frozen=True)
class Row:
    """One parameter: quantiles (5, 25, 50, 75, 95 %) before and after, and the ranks of known values by bin."""

    path: str
    unit: str
    before: Floats
    after: Floats
    shrinkage: float
    ranks: Floats
    p: float

    @property
    def label(self) -> str:
        """The parameter's own name in words."""
        return self.path.split(".")[-1].replace("_", " ")

    @property
    def below(self) -> str:
        """Its law and unit."""
        law = self.path.split(".")[-2]
        return law if self.unit in ("1", "share", "") else f"{law}, {self.unit}"

    @property
    def narrower(self) -> str:
        """How much narrower, in per cent."""
        return f"({fixed(100 * self.shrinkage, 0)}{NB}%)"

    def told(self, whole: bool) -> tuple[str, str]:
        """Median and interval before and after; the ``whole`` says how much narrower."""
        before, after = (f"{compact(v[2])} [{compact(v[0])}, {compact(v[-1])}]" for v in (self.before, self.after))
        return before, f"{after} {self.narrower}" if whole else after


@dataclass(frozen=True)
class Posterior:
    """The numbers of the figure; rows from the most to the least narrowed."""

    rows: tuple[Row, ...]
    file: str
    window: tuple[str, str]
    pairs: int
    uncertain: int
    checks: int
    fits: bool
    as_far_out: float
    draws: int

    @property
    def title(self) -> str:
        """How many parameters are narrowed, and which most; first of all whether the scenario fits."""
        if not self.fits:
            return "The reports lie outside what the scenario can produce: no parameter can be learnt from them"
        names = [f"{row.label} {row.narrower}" for row in self.rows[:_NAMED]]
        most = f", most {listed(names)}" if len(self.rows) > _NAMED else f": {listed(names)}"
        return f"Reports narrow {len(self.rows)} of {self.uncertain} uncertain parameters{most}"

    @property
    def subtitle(self) -> str:
        """What stands left and right."""
        return (
            f"Left: before and after the weekly reports on {self.pairs}{NB}pair{'s' * (self.pairs != 1)}, "
            f"{self.window[0]} to {self.window[1]}; median, 50 and 90{NB}% intervals. "
            "Right: where known values ranked in their posteriors"
        )

    @property
    def notes(self) -> str:
        """How to read it."""
        far = in_100(self.as_far_out, self.draws, "simulations")
        return (
            f"Each row has its own scale. Right: {whole(self.checks)} simulated files; "
            "the grey band holds nine of ten bars where the inference is right, p is the chance of ranks as uneven. "
            f"{far[0].upper()}{far[1:]} lie as far from their middle as the file. All others keep their prior."
        )

    @property
    def height(self) -> float:
        """A row for each parameter."""
        return _HEAD + _ROW * max(len(self.rows), 1)

    @property
    def room(self) -> Room:
        """Names on the left."""
        with style.house():
            texts = [width(row.label, style.BODY, style.STRONG) for row in self.rows]
            texts += [width(row.below, style.SMALL) for row in self.rows]
        return Room(left=max(texts, default=0.3) + 0.16, right=0.12, bottom=0.08)


def from_record(record: Mapping[str, Any]) -> Posterior:
    """From what ``detente calibrate --json`` prints. FigureError where it is not, or nothing was inferred."""
    told = records.read(records.Calibration, printable(record))
    if not told.parameters:
        raise FigureError("no parameter was inferred: there is nothing to draw")
    return Posterior(
        rows=tuple(sorted(map(_row, told.parameters), key=lambda row: -row.shrinkage)),
        file=told.file,
        window=(told.window[0], told.window[1]),
        pairs=len(told.dyads),
        uncertain=len(told.parameters) + len(told.not_used) + len(told.untold),
        checks=told.checks,
        fits=told.fits,
        as_far_out=told.as_far_out,
        draws=told.draws,
    )


def _row(entry: records.Inferred) -> Row:
    before, after, ranks = (
        np.asarray(x, dtype=np.float64) for x in (entry.prior, entry.posterior, entry.sbc_histogram)
    )
    return Row(entry.path, entry.unit, before, after, entry.shrinkage, ranks, entry.sbc_p)


def draw(data: Posterior, ax: Axes) -> Axes:
    """Draw a row per parameter into ``ax``: intervals, their numbers, rank histogram."""
    wide, tall = inches(ax)
    ax.set_axis_off()
    heads = _WIDE if wide >= style.pt(_ROOMY) else _NARROW
    told = [row.told(heads is _WIDE) for row in data.rows]
    gap, head, size = style.pt(_GAP) / wide, style.pt(_HEAD) / tall, style.pt(style.SMALL)
    numbers = max(width(text, size) for text in (heads[0], *(text for both in told for text in both))) / wide
    bars = _BARS * (1.0 - numbers - 2 * gap)
    ranks = bars + numbers + 2 * gap
    high = (1.0 - head) / len(data.rows)
    for number, row in enumerate(data.rows):
        bottom = 1.0 - head - (number + 1) * high
        panel = ax.inset_axes((0.0, bottom + 0.1 * high, bars, 0.8 * high))
        _named(row, panel)
        _intervals(row, panel)
        _numbers(told[number], panel, gap * wide)
        _ranks(row, ax.inset_axes((ranks, bottom + 0.16 * high, 1.0 - ranks, 0.62 * high)))
    _heads(ax, heads, (bars + gap, ranks))
    return ax


def _heads(ax: Axes, heads: tuple[str, str], places: tuple[float, float]) -> None:
    size = style.pt(style.SMALL)
    common: dict[str, Any] = {"va": "top", "fontsize": size, "transform": ax.transAxes}
    after = width("before  ", size, style.STRONG) / inches(ax)[0]
    ax.text(0.0, 1.0, "before", color=BEFORE, fontweight=style.STRONG, **common)
    ax.text(after, 1.0, "after", color=AFTER, fontweight=style.STRONG, **common)
    for text, place in zip(heads, places, strict=True):
        ax.text(place, 1.0, text, color=style.GREY, **common)


def _named(row: Row, ax: Axes) -> None:
    for text, weight, size, colour, up in (
        (row.label, style.STRONG, style.BODY, style.INK, 0.5),
        (row.below, 400, style.SMALL, style.GREY, -0.5),
    ):
        ax.annotate(
            text,
            (0.0, 0.5),
            xycoords="axes fraction",
            xytext=(-style.pt(8), up * line_height(style.pt(size)) * 72),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=style.pt(size),
            fontweight=weight,
            color=colour,
            annotation_clip=False,
        )


def _intervals(row: Row, ax: Axes) -> None:
    """Two bars over each other."""
    low = min(row.before[0], row.after[0])
    high = max(row.before[-1], row.after[-1])
    ax.set(xlim=(low, high), ylim=(-0.5, 1.5))
    ax.set_axis_off()
    for values, y, colour in ((row.before, 1.0, BEFORE), (row.after, 0.0, AFTER)):
        ends: dict[str, Any] = {"color": colour, "solid_capstyle": "butt", "clip_on": False}
        ax.plot(values[[0, -1]], [y, y], linewidth=style.pt(1.2), **ends)
        ax.plot(values[[1, 3]], [y, y], linewidth=style.pt(4.5), **ends)
        ax.scatter(values[2], y, s=style.pt(5) ** 2, color="white", edgecolor=colour, linewidth=style.pt(1.2), zorder=4)


def _numbers(told: tuple[str, str], ax: Axes, gap: float) -> None:
    """The numbers of both bars, ``gap`` inches to the right."""
    for text, y, colour in zip(told, (1.0, 0.0), (BEFORE, AFTER), strict=True):
        ax.annotate(
            text,
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(gap * 72, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=style.pt(style.SMALL),
            color=colour,
            annotation_clip=False,
        )


def _ranks(row: Row, ax: Axes) -> None:
    bins, total = len(row.ranks), int(row.ranks.sum())
    low, high = binomial(total, 1 / bins)
    ax.set(xlim=(0, bins), ylim=(0, 1.15 * max(float(row.ranks.max()), high, 1)))
    ax.axhspan(low, high, color="#E9EBEE", linewidth=0, zorder=0.5)
    inside = (row.ranks >= low - 0.5) & (row.ranks <= high + 0.5)
    colours = [AFTER if well else BEFORE for well in inside]
    ax.bar(np.arange(bins) + 0.5, row.ranks, 0.86, color=colours)
    ax.axhline(total / bins, color=style.INK, linewidth=style.pt(0.8), dashes=(4, 2))
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(
        1.0,
        1.0,
        f"p = {row.p:.2f}",
        transform=ax.transAxes,
        ha="right",
        va="bottom",
        fontsize=style.pt(style.NOTE),
        color=style.GREY,
    )
