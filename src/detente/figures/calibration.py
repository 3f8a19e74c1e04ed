"""Calibration: where observations fell in their forecasts (PIT), and how often what was called likely happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from detente.evidence.forecasts.scores import Bin
from detente.figures import panels, records, style
from detente.figures.axes import value_axis
from detente.figures.glyphs import printable
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.sheet import Room
from detente.figures.words import NB
from detente.prose.wording import fixed, listed, whole

#: inside and outside what chance alone gives, and the band of that
_IN, _OUT, _BAND = style.SCENARIOS[1], style.SCENARIOS[0], "#E2E4E8"
#: share of a calibrated forecast's bars that chance alone leaves inside the grey band
INSIDE = 0.9
_ROOM = Room(left=0.48, right=0.4, bottom=0.44)


@dataclass(frozen=True)
class Panel:
    """One panel: its head, a line under it, and forecasts by PIT bin or bins of stated probability.

    ``axis`` names the horizontal axis where there is room.
    """

    head: str
    under: str
    shown: Floats | tuple[Bin, ...]
    axis: str = ""


@dataclass(frozen=True)
class Calibration:
    """The numbers of the figure."""

    title: str
    subtitle: str
    notes: str
    panels: tuple[Panel, ...]
    height: float = 2.5
    room: Room = _ROOM
    gap: float = 0.62


def collect(
    counts: Floats,
    points: Sequence[Bin] = (),
    *,
    label: str = "Back-test",
    what: str = "held-out observations",
    event: str = "an event",
    score: float | None = None,
) -> Calibration:
    """The numbers of the figure: forecasts by PIT bin, shape (bin,), and bins of stated probability.

    ``score`` is the Brier score behind ``points``. FigureError where there is neither.
    """
    made, parts, wrong = [], [], {}
    if counts.sum():
        made.append(Panel("PIT histogram", "flat = calibrated", counts, "forecast percentile of the observed value"))
        parts.append(f"where {whole(round(float(counts.sum())))} {what} fell in their forecasts")
        wrong["spread"] = _spread(counts)
    if points:
        stated = sum(point.cases for point in points)
        rate = sum(point.observed * point.cases for point in points) / max(stated, 1)
        told = "on the line = calibrated" if score is None else f"Brier score {fixed(score, 3)}"
        if score is not None and 0 < rate < 1:
            told += f", skill {fixed(1 - score / (rate * (1 - rate)), 2)} against the base rate"
        made.append(Panel("Reliability", told, tuple(points), f"stated chance of {event}"))
        parts.append(f"{whole(stated)} stated chances of {event} against what happened")
        wrong["stated chances"] = _chances(points)
    if not made:
        raise FigureError("no calibration: there are neither observations nor stated probabilities")
    faults = "; ".join(filter(None, wrong.values())) or f"no misfit of {' or '.join(wrong)} can be shown"
    sides = ("Left: ", "Right: ") if len(parts) == 2 else ("Shown: ",)
    return Calibration(
        f"{label}: {faults}",
        ". ".join(f"{side}{text}" for side, text in zip(sides, parts, strict=True)),
        "Grey: what chance alone gives a calibrated forecast in nine of ten bars and points, taking forecasts as "
        "independent.",
        tuple(made),
    )


def _spread(counts: Floats) -> str:
    """What is wrong with the spread of forecasts; "" where more bars inside the band than chance would leave there."""
    # more bars outside than chance leaves there in 19 of 20 calibrated forecasts
    if outside(counts).sum() <= binomial(len(counts), 1 - INSIDE)[1]:
        return ""
    ends, middle, even = counts[[0, -1]].sum(), counts[1:-1].sum(), counts.mean()
    low, high = binomial(round(float(counts.sum())), 2 / len(counts))
    if ends > high and counts[0] > even < counts[-1]:
        return "the spread is too narrow"
    if ends < low and middle > 0:
        return "the spread is too wide"
    half = len(counts) // 2
    return f"forecasts lie too {'low' if counts[half:].sum() > counts[:half].sum() else 'high'}"


def _chances(points: Sequence[Bin]) -> str:
    """What is wrong with stated chances; "" where too few points are off to tell."""
    off = [point for point in points if not fits(point)]
    if len(off) <= binomial(len(points), 1 - INSIDE)[1]:
        return ""
    over = sum(p.forecast > p.observed for p in off)
    return f"stated chances are too {'high' if over > len(off) / 2 else 'low'}"


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


def binomial(count: int, chance: float) -> tuple[int, int]:
    """Central interval of a binomial count that holds at least ``INSIDE``."""
    from scipy.stats import binom

    return int(binom.ppf((1 - INSIDE) / 2, count, chance)), int(binom.ppf((1 + INSIDE) / 2, count, chance))


def fits(point: Bin) -> bool:
    """True where chance alone gives a calibrated forecast what was observed at ``point``."""
    low, high = binomial(point.cases, point.forecast)
    return low <= round(point.observed * point.cases) <= high


def outside(counts: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which bars lie outside what chance alone gives a flat histogram."""
    low, high = binomial(round(float(counts.sum())), 1 / len(counts))
    return np.asarray((counts < low - 0.5) | (counts > high + 0.5))


def draw(data: Calibration, ax: Axes) -> Axes:
    """Draw the panels side by side into ``ax``; one alone takes the whole width."""
    heads = [(panel.head, panel.under, style.INK) for panel in data.panels]
    across, stated = panels.columns(len(heads)), all(isinstance(panel.shown, tuple) for panel in data.panels)
    for k, (inset, panel) in enumerate(zip(panels.panels(ax, heads, gap=data.gap), data.panels, strict=True)):
        if isinstance(panel.shown, tuple):
            reliability(inset, panel.shown)
            inset.tick_params(labelleft=not (stated and k % across))
        else:
            histogram(inset, panel.shown)
        if panel.axis:
            inset.set_xlabel(panel.axis, fontsize=style.pt(style.SMALL), labelpad=style.pt(3))
    return ax


def histogram(ax: Axes, counts: Floats) -> None:
    """Counts by equal bins of 0 to 100, with what chance alone gives a flat histogram in nine of ten bars."""
    bins, total = len(counts), round(float(counts.sum()))
    low, high = binomial(total, 1 / bins)
    top = max(float(counts.max()), high, 1)
    ax.set(xlim=(0, 100), ylim=(0, 1.1 * top), xticks=[0, 50, 100])
    value_axis(ax, 0, top)
    ax.axhspan(low, high, color=_BAND, linewidth=0, zorder=0.5)
    colours = [_OUT if out else _IN for out in outside(counts)]
    ax.bar((np.arange(bins) + 0.5) * 100 / bins, counts, 88 / bins, color=colours)
    ax.axhline(total / bins, color=style.INK, linewidth=style.pt(0.9), dashes=(4, 2))


def reliability(ax: Axes, points: Sequence[Bin]) -> None:
    """How often it happened against the chance that was stated; larger points stand for more cases."""
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.plot([0, 1], [0, 1], color=style.GREY, linewidth=style.pt(0.9), dashes=(4, 2))
    total = sum(point.cases for point in points)
    for point in points:
        band = [end / point.cases for end in binomial(point.cases, point.forecast)]
        ax.plot([point.forecast] * 2, band, color=_BAND, linewidth=style.pt(5), solid_capstyle="butt", zorder=0.5)
        size = style.pt(4 + 2.5 * (point.cases / total) ** 0.5) ** 2
        colour = _IN if fits(point) else _OUT
        ax.scatter([point.forecast], [point.observed], s=size, c=colour, zorder=4, clip_on=False)
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.set_yticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.grid(axis="y")
