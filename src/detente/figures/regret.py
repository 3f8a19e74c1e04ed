"""Regret: how far each option lies above the best one of the same world, on average and in nine of ten worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from detente.analysis.robustness import Option, robustness, worlds
from detente.figures import reading, rows, style
from detente.figures.reading import FigureError
from detente.figures.rows import Mark, Rows, Series
from detente.figures.words import NB
from detente.prose.wording import in_100, whole

if TYPE_CHECKING:
    import xarray as xr

#: options beyond these are counted in the note only
MOST = 12


@dataclass(frozen=True, kw_only=True)
class Tailed(Mark):
    """A mean with its interval, and a tick where nine of ten worlds lie below."""

    tail: float

    @property
    def ends(self) -> tuple[float, float]:
        """From where to where it reaches."""
        return min(self.low, self.value), max(self.high, self.tail)

    def paint(self, ax: Axes, y: float, colour: str) -> None:
        """Draw it into ``ax`` at the height ``y``."""
        ax.plot([self.value, self.tail], [y, y], color=style.RULE, linewidth=style.pt(0.9))
        ax.plot([self.tail] * 2, [y - 0.2, y + 0.2], color=style.RULE, linewidth=style.pt(1.6))
        super().paint(ax, y, colour)


def collect(data: xr.Dataset, metric: str) -> Rows:
    """The numbers of the figure. FigureError with fewer than two options; NotThisDesign where they met other worlds."""
    data, measure = reading.as_drawn(data, metric)
    options = robustness(data, metric)
    if len(options) < 2:
        raise FigureError("no regret: the experiment has one option")
    return of_options(options, worlds(data, metric), label=reading.titled(data), measure=measure)


def of_options(options: Sequence[Option], met: int, *, label: str, measure: tuple[str, str]) -> Rows:
    """The rows of ``options``, the least mean regret first; ``met`` is how many worlds each of them met."""
    ranked = sorted(options, key=lambda option: option.mean_regret)
    marks = [
        Tailed(o.mean_regret, o.regret_low, o.regret_high, tail=o.bad_regret,
               aside=f"{whole(o.best * met)} of {whole(met)}")
        for o in ranked[:MOST]
    ]  # fmt: skip
    left_out = len(ranked) - MOST
    more = f" {left_out} more options have more regret and are not drawn." if left_out > 0 else ""
    return Rows(
        f"{label}: “{ranked[0].label}” is the lowest in {in_100(ranked[0].best, met, 'worlds')}",
        f"Distance in {rows.within(*measure)} to the best option of the same world; dot: mean, with 95{NB}%{NB}CI; "
        "tick: nine of ten worlds lie below; right: in how many worlds no option is lower",
        tuple(option.label for option in ranked[:MOST]),
        (Series("", style.SCENARIOS[0], marks),),
        signed=False,
        notes=f"A world is one set of parameters (and one theory) with its luck; every option meets the same.{more}",
        each=0.28,
    )


draw = rows.draw
