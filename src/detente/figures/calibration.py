"""Calibration: where observations fell in their forecasts (PIT), and how often what was called likely happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log, log1p, sqrt
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.special import gammaln

from detente.analysis.wording import fixed, whole
from detente.evidence.forecasts.scores import Bin, brier, pit_histogram, reliability
from detente.figures import panels, records, style
from detente.figures.axes import value_axis
from detente.figures.glyphs import printable
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.sheet import Room
from detente.figures.words import NB, listed

_IN, _OUT = style.SCENARIOS[1], style.SCENARIOS[0]
#: share of a calibrated forecast's bars that chance alone leaves inside the grey band
INSIDE = 0.9


@dataclass(frozen=True)
class Calibration:
    """The numbers of the figure. ``counts``: forecasts by PIT bin; ``points``: bins of stated probability."""

    label: str
    what: str
    event: str
    counts: Floats
    points: tuple[Bin, ...]
    score: float | None
    skill: float | None
    footnotes: str = ""

    @property
    def forecasts(self) -> int:
        """Observations behind the PIT histogram."""
        return round(float(self.counts.sum()))

    @property
    def stated(self) -> int:
        """Probabilities behind the reliability diagram."""
        return sum(point.cases for point in self.points)

    def chance(self) -> tuple[int, int]:
        """What chance alone gives a bar of a calibrated forecast, in nine of ten bars."""
        return binomial(self.forecasts, 1 / len(self.counts))

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Bars outside that band."""
        low, high = self.chance()
        return np.asarray((self.counts < low - 0.5) | (self.counts > high + 0.5))

    @property
    def title(self) -> str:
        """What can be said against the forecasts; that nothing can where chance would do."""
        parts = {"spread": self._spread()} if self.forecasts else {}
        parts |= {"stated chances": self._chances()} if self.points else {}
        wrong = [found for found in parts.values() if found]
        if not wrong:
            return f"{self.label}: no misfit of {' or '.join(parts)} can be shown"
        return f"{self.label}: {'; '.join(wrong)}"

    def _spread(self) -> str:
        # more bars outside than chance leaves there in 19 of 20 calibrated forecasts
        if self.outside.sum() <= binomial(len(self.counts), 1 - INSIDE)[1]:
            return ""
        ends, middle = self.counts[[0, -1]].sum(), self.counts[1:-1].sum()
        even = 2 / len(self.counts) * self.counts.sum()
        low, high = binomial(self.forecasts, 2 / len(self.counts))
        if ends > high and self.counts[0] > even / 2 < self.counts[-1]:
            return "the spread is too narrow"
        if ends < low and middle > 0:
            return "the spread is too wide"
        half = len(self.counts) // 2
        above, below = self.counts[half:].sum(), self.counts[:half].sum()
        return "forecasts lie too low" if above > below else "forecasts lie too high"

    def _chances(self) -> str:
        off = [point for point in self.points if not _calibrated(point)]
        if len(off) <= binomial(len(self.points), 1 - INSIDE)[1]:
            return ""
        over = sum(p.forecast > p.observed for p in off)
        return "stated chances are too high" if over > len(off) / 2 else "stated chances are too low"

    @property
    def subtitle(self) -> str:
        """What stands left and right."""
        parts = []
        if self.forecasts:
            parts.append(f"where {whole(self.forecasts)} {self.what} fell in their forecasts")
        if self.points:
            parts.append(f"{whole(self.stated)} stated chances of {self.event} against what happened")
        return ". ".join(f"{side}{text}" for side, text in zip(self._sides(len(parts)), parts, strict=True))

    def _sides(self, count: int) -> list[str]:
        return ["Left: ", "Right: "] if count == 2 else ["Shown: "]

    @property
    def notes(self) -> str:
        """What grey means."""
        told = "Grey: what chance alone gives a calibrated forecast in nine of ten bars and points, taking forecasts "
        return " ".join(filter(None, [told + "as independent.", self.footnotes]))

    @property
    def height(self) -> float:
        """Inches."""
        return 2.5

    @property
    def room(self) -> Room:
        """Ticks left, axis labels below."""
        return Room(left=0.48, right=0.4, bottom=0.44)


def collect(
    counts: Floats,
    points: Sequence[Bin] = (),
    *,
    label: str = "Back-test",
    what: str = "held-out observations",
    event: str = "an event",
    score: float | None = None,
    footnotes: str = "",
) -> Calibration:
    """The numbers of the figure: forecasts by PIT bin, shape (bin,), and bins of stated probability.

    ``score`` is the Brier score behind ``points``. FigureError where there is neither.
    """
    if not counts.sum() and not points:
        raise FigureError("no calibration: there are neither observations nor stated probabilities")
    rate = sum(p.observed * p.cases for p in points) / max(sum(p.cases for p in points), 1)
    skill = 1 - score / (rate * (1 - rate)) if score is not None and 0 < rate < 1 else None
    return Calibration(label, what, event, counts, tuple(points), score, skill, footnotes)


def from_forecasts(
    ends: Sequence[tuple[float, float]],
    probability: Floats,
    happened: NDArray[np.bool_],
    *,
    bins: int = 10,
    label: str = "Back-test",
    what: str = "held-out observations",
    event: str = "an event",
) -> Calibration:
    """From single forecasts: ends of PIT intervals (``forecasts.scores.pit``), and stated probabilities (forecast,)
    with what happened; either may be empty.
    """
    counts = pit_histogram(list(ends), bins) * len(ends) if len(ends) else np.zeros(bins)
    if not len(probability):
        return collect(counts, label=label, what=what, event=event)
    score = brier(probability, happened, bins).score
    return collect(counts, reliability(probability, happened, bins), label=label, what=what, event=event, score=score)


def from_record(record: Mapping[str, Any], method: str = "model", horizon: int | None = None) -> Calibration:
    """From what ``detente hindcast --json`` prints; ``horizon`` None is the first that was scored.

    FigureError where the record holds no such method and horizon, or is not as printed.
    """
    record = printable(record)
    told = records.read(records.Hindcast, record)
    rows = [records.read(records.Scores, row) for row in told.rows if "pit" in row]
    found = [row for row in rows if row.method == method and horizon in (None, row.horizon)]
    if not found:
        known = listed(dict.fromkeys(f"{row.method} at horizon {row.horizon}" for row in rows))
        raise FigureError(f"no scores of {method} at horizon {horizon or 'any'}: there are {known or 'none'}")
    row, step = found[0], told.every or told.step or "interval"
    ahead = f"{row.horizon}{NB}{step}{'s' * (row.horizon != 1)} ahead"
    return collect(
        np.asarray(row.pit, dtype=np.float64) * row.n,
        [Bin(*point) for point in row.reliability],
        label=f"Hindcast of {record.get('dyad', '?')}, {ahead}",
        what=f"{step}s of {record.get('test', 'the test window')}",
        event=f"a {step} above the training window's upper tenth",
        score=row.brier,
    )


def binomial(count: int, chance: float, inside: float = INSIDE) -> tuple[int, int]:
    """Central interval of a binomial count that holds at least ``inside``."""
    if count == 0 or chance <= 0 or chance >= 1:
        return (0, 0) if chance <= 0 else (count, count)
    # what lies further than this from the mean has no mass that a float holds
    reach = 40 + 12 * sqrt(count * chance * (1 - chance))
    first = max(0, ceil(count * chance - reach))
    k = np.arange(first, min(count, int(count * chance + reach)) + 1)
    ways = gammaln(count + 1) - gammaln(k + 1) - gammaln(count - k + 1)
    total = np.cumsum(np.exp(ways + k * log(chance) + (count - k) * log1p(-chance)))
    low, high = np.searchsorted(total / total[-1], [(1 - inside) / 2, (1 + inside) / 2])
    return first + int(low), first + int(high)


def _calibrated(point: Bin) -> bool:
    low, high = binomial(point.cases, point.forecast)
    return low <= round(point.observed * point.cases) <= high


def draw(data: Calibration, ax: Axes) -> Axes:
    """Draw histogram and reliability diagram side by side into ``ax``; one alone takes the whole width."""
    heads = [("PIT histogram", "flat = calibrated", style.INK)] if data.forecasts else []
    if data.points:
        heads.append(("Reliability", _scores(data) or "on the line = calibrated", style.INK))
    made = panels.panels(ax, heads, gap=0.62)
    if data.forecasts:
        _histogram(data, made[0])
    if data.points:
        _reliability(data, made[-1])
    return ax


def _scores(data: Calibration) -> str:
    if data.score is None:
        return ""
    text = f"Brier score {fixed(data.score, 3)}"
    return text if data.skill is None else f"{text}, skill {fixed(data.skill, 2)} against the base rate"


def _histogram(data: Calibration, ax: Axes) -> None:
    bins = len(data.counts)
    low, high = data.chance()
    ax.set(xlim=(0, 100), ylim=(0, 1.08 * max(float(data.counts.max()), high, 1)))
    value_axis(ax, 0, max(float(data.counts.max()), high, 1))
    ax.axhspan(low, high, color="#E9EBEE", linewidth=0, zorder=0.5)
    places = (np.arange(bins) + 0.5) * 100 / bins
    ax.bar(places, data.counts, 90 / bins, color=[_OUT if out else _IN for out in data.outside])
    ax.axhline(data.forecasts / bins, color=style.INK, linewidth=style.pt(1), dashes=(4, 2))
    ax.set_xticks([0, 50, 100])
    ax.set_xlabel("forecast percentile of the observed value", fontsize=style.pt(style.SMALL), labelpad=style.pt(3))


def _reliability(data: Calibration, ax: Axes) -> None:
    x = np.array([p.forecast for p in data.points])
    band = np.array([np.array(binomial(p.cases, p.forecast)) / p.cases for p in data.points])
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.grid(axis="y")
    if len(x) > 1:
        ax.fill_between(x, band[:, 0], band[:, 1], color="#E9EBEE", linewidth=0, zorder=0.5)
    else:
        ax.plot(x.repeat(2), band[0], color="#D5D8DD", linewidth=style.pt(6), zorder=0.5)
    ax.plot([0, 1], [0, 1], color=style.GREY, linewidth=style.pt(1), dashes=(4, 2))
    seen = [p.observed for p in data.points]
    ax.plot(x, seen, color=_IN, linewidth=style.pt(1.4))
    colours = [_IN if _calibrated(p) else _OUT for p in data.points]
    ax.scatter(x, seen, s=style.pt(5.5) ** 2, c=colours, zorder=4, clip_on=False)
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.set_yticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.set_xlabel(f"stated chance of {data.event}", fontsize=style.pt(style.SMALL), labelpad=style.pt(3))
