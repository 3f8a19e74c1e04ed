"""What a calibration learnt: each parameter before and after, and whether the inference recovers known ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from detente.figures import calibration, records, rows, style
from detente.figures.axes import ACROSS, beside
from detente.figures.glyphs import printable
from detente.figures.measure import width
from detente.figures.reading import FigureError
from detente.figures.records import Inferred
from detente.figures.rows import Mark, Rows, Series
from detente.figures.sheet import Room, inches
from detente.figures.words import NB
from detente.prose.wording import compact, fixed, in_100, listed, whole

#: share of the width beside the numbers that the intervals take; the ranks take the rest
_BARS = 0.6
#: heads of the two columns on the right where there is room, and where there is not: then shrinkage is left out too
_WIDE, _NARROW = (f"median, 90{NB}% (narrower by)", "ranks: flat = right"), (f"median, 90{NB}%", "ranks")
#: inches at page size below which there is none
_ROOMY = 4.3
#: a title names so many parameters
_NAMED = 2


@dataclass(frozen=True, kw_only=True)
class Spread(Mark):
    """A median with its 90 % interval, thick over the middle half."""

    middle: tuple[float, float]

    def paint(self, ax: Axes, y: float, colour: str) -> None:
        """Draw it into ``ax`` at the height ``y``."""
        for ends, thick in (((self.low, self.high), 1.2), (self.middle, 4.5)):
            ax.plot(ends, [y, y], color=colour, linewidth=style.pt(thick), solid_capstyle="butt", clip_on=False)
        ax.scatter(
            self.value, y, s=style.pt(5) ** 2, color="white", edgecolor=colour, linewidth=style.pt(1.2), zorder=4
        )


@dataclass(frozen=True)
class Posterior:
    """The numbers of the figure; ``rows`` from the most to the least narrowed of ``uncertain`` parameters."""

    title: str
    subtitle: str
    notes: str
    rows: tuple[Inferred, ...]
    uncertain: int

    def shown(self, *, roomy: bool) -> Rows:
        """Both intervals of every parameter, each row on its own scale."""
        pairs = [_spreads(row, roomy=roomy) for row in self.rows]
        series = (
            Series("before", style.BASELINE, [before for before, _ in pairs]),
            Series("after", style.SCENARIOS[1], [after for _, after in pairs]),
        )
        names = tuple(_name(row) for row in self.rows)
        return Rows("", "", names, series, signed=False, origin=None, each=0.47, apart=0.9)

    @property
    def height(self) -> float:
        """A row for each parameter."""
        return self.shown(roomy=True).height

    @property
    def room(self) -> Room:
        """Names on the left."""
        return Room(left=self.shown(roomy=True).room.left, right=0.12, bottom=0.08)


def _name(row: Inferred) -> str:
    """The parameter's own name in words; below it its law and unit."""
    *_, law, name = row.path.split(".")
    return f"{name.replace('_', ' ')}\n{law if row.unit in ('1', 'share', '') else f'{law}, {row.unit}'}"


def _narrower(row: Inferred) -> str:
    return f"({fixed(100 * row.shrinkage, 0)}{NB}%)"


def _spreads(row: Inferred, *, roomy: bool) -> list[Spread]:
    """The intervals before and after on a scale from 0 to 1 that holds both, their numbers aside."""
    low, high = min(row.prior[0], row.posterior[0]), max(row.prior[-1], row.posterior[-1])
    found = []
    for values, more in ((row.prior, ""), (row.posterior, f" {_narrower(row)}" * roomy)):
        first, quarter, median, three, last = ((value - low) / ((high - low) or 1.0) for value in values)
        told = f"{compact(values[2])} [{compact(values[0])}, {compact(values[-1])}]{more}"
        found.append(Spread(median, first, last, aside=told, middle=(quarter, three)))
    return found


def from_record(record: Mapping[str, Any]) -> Posterior:
    """From what ``detente calibrate --json`` prints. FigureError where it is not, or nothing was inferred."""
    told = records.read(records.Calibration, printable(record))
    if not told.parameters:
        raise FigureError("no parameter was inferred: there is nothing to draw")
    ranked = sorted(told.parameters, key=lambda row: -row.shrinkage)
    uncertain = len(ranked) + len(told.not_used) + len(told.untold)
    title = "The reports lie outside what the scenario can produce: no parameter can be learnt from them"
    if told.fits:
        names = listed(f"{_name(row).partition(chr(10))[0]} {_narrower(row)}" for row in ranked[:_NAMED])
        most = f", most {names}" if len(ranked) > _NAMED else f": {names}"
        title = f"Reports narrow {len(ranked)} of {uncertain} uncertain parameters{most}"
    pairs, far = len(told.dyads), in_100(told.as_far_out, told.draws, "simulations")
    return Posterior(
        title,
        f"Left: before and after the weekly reports on {pairs}{NB}pair{'s' * (pairs != 1)}, "
        f"{told.window[0]} to {told.window[1]}; median, 50 and 90{NB}% intervals. "
        "Right: where known values ranked in their posteriors",
        f"Each row has its own scale. Right: {whole(told.checks)} simulated files; "
        "the grey band holds nine of ten bars where the inference is right, p is the chance of ranks as uneven. "
        f"{far[0].upper()}{far[1:]} lie as far from their middle as the file. All others keep their prior.",
        tuple(ranked),
        uncertain,
    )


def draw(data: Posterior, ax: Axes) -> Axes:
    """Draw a row per parameter into ``ax``: intervals, their numbers, rank histogram."""
    wide, _ = inches(ax)
    ax.set_axis_off()
    roomy = wide >= style.pt(_ROOMY)
    heads, shown = _WIDE if roomy else _NARROW, data.shown(roomy=roomy)
    numbers = max(width(text, style.SMALL) for text in (heads[0], *(mark.aside for mark in shown.marks)))
    aside = style.pt(numbers + 0.28) / wide
    bars = _BARS * (1.0 - aside)
    left = rows.draw(shown, ax.inset_axes((0.0, 0.0, bars, 1.0)))
    left.set_axis_off()
    bottom, top = left.get_ylim()
    for text, x in zip(heads, (1.0, (bars + aside) / bars), strict=True):
        beside(left, text, x, 0.6 * top - 0.2, 6 if x == 1.0 else 0, xycoords=ACROSS)
    for k, row in enumerate(data.rows):
        box = (bars + aside, (bottom - k - 0.31) / (bottom - top), 1.0 - bars - aside, 0.62 / (bottom - top))
        panel = ax.inset_axes(box)
        calibration.histogram(panel, np.asarray(row.sbc_histogram, dtype=np.float64))
        panel.set(xticks=[], yticks=[])
        look: dict[str, Any] = {
            "fontsize": style.pt(style.NOTE),
            "ha": "right",
            "va": "bottom",
            "xycoords": "axes fraction",
        }
        beside(panel, f"p = {row.sbc_p:.2f}", 1, 1, 0, **look)
    return ax
