"""Regret: how far each option lies above the best one of the same world, on average and in nine of ten worlds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from detente.analysis.findings import measured
from detente.analysis.robustness import Option, robustness, worlds
from detente.analysis.wording import fixed, in_100, whole
from detente.figures import style
from detente.figures.axes import steps
from detente.figures.measure import shorten, width
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB

if TYPE_CHECKING:
    import xarray as xr

#: options beyond these are counted in the note only
MOST = 12


@dataclass(frozen=True)
class Regret:
    """The numbers of the figure, the least regret first; ``worlds`` is how many each option met."""

    label: str
    measure: str
    weeks: str
    rows: tuple[Option, ...]
    left_out: int
    worlds: int
    footnotes: str = ""

    @property
    def title(self) -> str:
        """In how many worlds the option with the least mean regret is the lowest."""
        first = self.rows[0]
        return f"{self.label}: “{first.label}” is the lowest in {in_100(first.best, self.worlds, 'worlds')}"

    @property
    def subtitle(self) -> str:
        """What a row shows."""
        within = f"{self.measure} ({self.weeks})" if self.weeks else self.measure
        return (
            f"Distance in {within} to the best option of the same world; dot: mean, with 95{NB}%{NB}CI; tick: nine of "
            f"ten worlds lie below; right: in how many worlds no option is lower"
        )

    @property
    def notes(self) -> str:
        """What a world is, and what is not drawn."""
        told = ["A world is one set of parameters (and one theory) with its luck; every option meets the same."]
        if self.left_out:
            told.append(f"{self.left_out} more options have more regret and are not drawn.")
        return " ".join(filter(None, [*told, self.footnotes]))

    @property
    def height(self) -> float:
        """As many rows as there are options."""
        return 0.28 * max(len(self.rows), 3) + 0.1

    @property
    def room(self) -> Room:
        """Names on the left, counts on the right."""
        counted = max(width(self.counted(row), style.SMALL) for row in self.rows) + 0.2
        return Room(left=min(max(width(row.label, style.SMALL) for row in self.rows) + 0.14, 3.0), right=counted)

    def counted(self, row: Option) -> str:
        """In how many worlds an option is the lowest."""
        return f"{whole(row.best * self.worlds)} of {whole(self.worlds)}"


def collect(data: xr.Dataset, metric: str, *, label: str, footnotes: str = "") -> Regret:
    """The numbers of the figure. FigureError with fewer than two options; NotThisDesign where they met other worlds."""
    options = robustness(data, metric)
    if len(options) < 2:
        raise FigureError("no regret: the experiment has one option")
    ranked = sorted(options, key=lambda option: option.mean_regret)
    what, weeks = measured(data, metric)
    return Regret(
        label, what, weeks, tuple(ranked[:MOST]), len(ranked) - MOST if len(ranked) > MOST else 0,
        worlds(data, metric), footnotes,
    )  # fmt: skip


def draw(data: Regret, ax: Axes) -> Axes:
    """Draw the rows into ``ax``."""
    far = max(max(row.bad_regret, row.regret_high) for row in data.rows) or 1.0
    ax.set_xlim(-0.02 * far, 1.04 * far)
    ax.set_ylim(len(data.rows) - 0.5, -0.5)
    colour = style.SCENARIOS[0]
    for y, row in enumerate(data.rows):
        ax.plot([row.mean_regret, row.bad_regret], [y, y], color=style.RULE, linewidth=style.pt(0.9))
        ax.plot([row.bad_regret] * 2, [y - 0.2, y + 0.2], color=style.RULE, linewidth=style.pt(1.6))
        ax.plot([row.regret_low, row.regret_high], [y, y], color=colour, linewidth=style.pt(1.6))
        ax.plot([row.mean_regret], [y], "o", markersize=style.pt(4.6), color=colour, clip_on=False)
        ax.annotate(
            data.counted(row),
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(style.pt(6), 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=style.pt(style.SMALL),
            color=style.GREY,
            annotation_clip=False,
        )
    _axis(data, ax, far)
    return ax


def _axis(data: Regret, ax: Axes, far: float) -> None:
    ticks = steps(0.0, far, max(2, min(6, int(inches(ax)[0] / style.pt(0.5)))))
    digits = 0 if len(ticks) < 2 or ticks[1] - ticks[0] >= 1 else 1 if ticks[1] - ticks[0] >= 0.1 else 2
    ax.set_xticks(ticks, [fixed(tick, digits) for tick in ticks])
    room = data.room.left * style.pt(1) - style.pt(0.1)
    names = ["\n".join(shorten(row.label, style.pt(style.SMALL), room, 2)) for row in data.rows]
    ax.set_yticks(range(len(data.rows)), names)
    ax.tick_params(axis="y", labelcolor=style.INK, labelsize=style.pt(style.SMALL))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
