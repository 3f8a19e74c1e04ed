"""Scenario discovery: the cases in the plane of the two conditions that matter most, the box, and a plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from detente.analysis.discovery import left_of
from detente.analysis.wording import fixed, whole
from detente.figures import style
from detente.figures.axes import steps
from detente.figures.measure import line_height, shorten
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, chance, compact

if TYPE_CHECKING:
    from detente.analysis.discovery import Discovery, Limit

_HIT = style.SCENARIOS[0]


@dataclass(frozen=True)
class Side:
    """One axis: a factor's values by case, the box's limits on it (None where free), and its words."""

    label: str
    values: Floats
    low: float | None
    high: float | None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """The numbers of the figure. ``share`` (case,): share of a case's members in which it happened."""

    label: str
    when: str
    across: Side
    up: Side
    share: Floats
    sentence: str
    conditions: tuple[str, ...]
    boxed: bool
    coverage: float
    density: float
    mass: float
    outside: float
    unseen: float
    footnotes: str = ""
    counted: str = "cases"

    @property
    def title(self) -> str:
        """How often it happens in the box and elsewhere; that there is no box where none came back."""
        if not self.boxed:
            return f"{self.label}: no set of conditions for {self.when} holds up in resampled data"
        inside = round(self.mass * len(self.share))
        see = f"{self.counted.removesuffix('s')} sees" if inside == 1 else f"{self.counted} see"
        of_all = f"{chance(self.density, inside)} {see}"
        told = f"{of_all} {self.when} where {self._where()}"
        return f"{told}, {chance(self.outside, len(self.share) - inside)} elsewhere"

    def _where(self) -> str:
        if len(self.conditions) <= 2:
            return " and ".join(self.conditions)
        return f"{self.conditions[0]} and {len(self.conditions) - 1} more conditions hold"

    @property
    def subtitle(self) -> str:
        """What a dot is."""
        runs = "it happens" if set(np.unique(self.share)) <= {0.0, 1.0} else "it happens in more than half of its runs"
        return f"Each dot is one case with its own parameters; filled = {self.when}: {runs}"

    @property
    def notes(self) -> str:
        """Method, and what the box is worth on new cases."""
        told = [f"Patient rule induction (PRIM) on {whole(len(self.share))} cases."]
        if self.boxed:
            told.append(f"On cases left out of the search {fixed(100 * self.unseen, 0)}% in the box see it.")
        return " ".join(filter(None, [*told, self.footnotes]))

    @property
    def height(self) -> float:
        """Inches."""
        return 2.75

    @property
    def room(self) -> Room:
        """Ticks and a label under the plane."""
        return Room(left=0.44, right=0.06, bottom=0.44, top=0.16)


def collect(
    found: Discovery,
    values: Floats,
    share: Floats,
    paths: Sequence[str],
    labels: Sequence[str],
    *,
    label: str = "",
    shown: Callable[[int, float], str] | None = None,
    words: dict[int, list[str]] | None = None,
    footnotes: str = "",
) -> Found:
    """The numbers of the figure: ``values`` (case, factor), ``share`` (case,) in [0, 1].

    The axes are the box's two conditions that luck explains least; where it has fewer, the factors that go
    most with the outcome. FigureError with fewer than two factors.
    """
    if values.shape[1] < 2:
        raise FigureError("no picture of a box: it needs at least two factors")
    write = shown or (lambda _, value: compact(value))
    limits = sorted(found.limits, key=lambda limit: limit.luck)
    first, second = _axes(limits, values, share, list(paths))
    return Found(
        label=label or "Discovery",
        when=found.when,
        across=_side(first, limits, values, paths, labels, words or {}),
        up=_side(second, limits, values, paths, labels, words or {}),
        share=share,
        sentence=found.sentence,
        conditions=tuple(_condition(limit, list(paths).index(limit.path), write, words or {}) for limit in limits),
        boxed=bool(limits),
        coverage=found.coverage,
        density=found.density,
        mass=found.mass,
        outside=found.density_outside,
        unseen=found.density_unseen,
        footnotes=footnotes,
        counted=found.counted,
    )


def _axes(limits: Sequence[Limit], values: Floats, share: Floats, paths: list[str]) -> tuple[int, int]:
    chosen = [paths.index(limit.path) for limit in limits][:2]
    with np.errstate(invalid="ignore", divide="ignore"):
        goes = np.nan_to_num([abs(np.corrcoef(column, share)[0, 1]) for column in values.T])
    rest = [int(k) for k in np.argsort(-goes, kind="stable") if int(k) not in chosen]
    first, second = (chosen + rest)[:2]
    return first, second


def _side(
    k: int,
    limits: Sequence[Limit],
    values: Floats,
    paths: Sequence[str],
    labels: Sequence[str],
    words: dict[int, list[str]],
) -> Side:
    limit = next((one for one in limits if one.path == paths[k]), None)
    low, high = (limit.low, limit.high) if limit else (None, None)
    return Side(labels[k], values[:, k], low, high, tuple(words.get(k, ())))


def _condition(
    limit: Limit, column: int, shown: Callable[[int, float], str], words: Mapping[int, Sequence[str]]
) -> str:
    if column in words:
        return f"{limit.label} is {' or '.join(left_of(words[column], limit))}"
    if limit.low is not None and limit.high is not None:
        return f"{limit.label} is {shown(column, limit.low)} to {shown(column, limit.high)}"
    if limit.low is not None:
        return f"{limit.label}{NB}≥{NB}{shown(column, limit.low)}"
    return f"{limit.label}{NB}≤{NB}{shown(column, limit.high or 0.0)}"


def draw(data: Found, ax: Axes) -> Axes:
    """Draw the plane on the left of ``ax``, the sentence and the box's measures on its right."""
    ax.set_axis_off()
    _plane(data, ax.inset_axes((0, 0, 0.56, 1)))
    _words(data, ax.inset_axes((0.62, 0, 0.38, 1)))
    return ax


def _plane(data: Found, ax: Axes) -> None:
    (left, right), (bottom, top) = _span(data.across), _span(data.up)
    ax.set(xlim=(left, right), ylim=(bottom, top))
    hit = data.share > 0.5
    dot = style.pt(3.2) ** 2
    x, y = _apart(data.across), _apart(data.up)
    ax.scatter(x[~hit], y[~hit], s=dot, facecolor="none", edgecolor=style.RULE, linewidth=style.pt(0.7))
    ax.scatter(x[hit], y[hit], s=dot * 1.25, color=_HIT, linewidth=0)
    if data.boxed:
        low_x, high_x = _ends(data.across, left, right)
        low_y, high_y = _ends(data.up, bottom, top)
        corner, shape = (low_x, low_y), (high_x - low_x, high_y - low_y)
        ax.add_patch(Rectangle(corner, *shape, fill=False, edgecolor=style.INK, linewidth=style.pt(1.8), zorder=4))
    wide, tall = inches(ax)
    _ticks(ax, data.across, (left, right), wide, "x")
    _ticks(ax, data.up, (bottom, top), tall, "y")
    size = style.pt(style.SMALL)
    above = f"{data.up.label[:1].upper()}{data.up.label[1:]}"
    ax.annotate(
        shorten(above, size, wide + style.pt(0.35), 1)[0],
        (0, 1),
        xycoords="axes fraction",
        xytext=(-style.pt(28), style.pt(5)),
        textcoords="offset points",
        fontsize=size,
        color=style.GREY,
    )
    under = f"{data.across.label[:1].upper()}{data.across.label[1:]}"
    ax.set_xlabel(shorten(under, size, wide, 1)[0], fontsize=size, labelpad=style.pt(3))


def _apart(side: Side) -> Floats:
    """Values on an axis; choices, which would lie on one line, spread evenly beside it."""
    if not side.words:
        return side.values
    return np.asarray(side.values + 0.56 * (np.modf(np.arange(len(side.values)) * 0.618034)[0] - 0.5))


def _span(side: Side) -> tuple[float, float]:
    low, high = float(side.values.min()), float(side.values.max())
    pad = 0.5 if side.words else 0.035 * (high - low) or 0.5
    return low - pad, high + pad


def _ends(side: Side, low: float, high: float) -> tuple[float, float]:
    """The box on this axis; a free side ends just inside the frame."""
    edge, half = 0.008 * (high - low), 0.42 if side.words else 0.0
    first = low + edge if side.low is None else side.low - half
    return first, high - edge if side.high is None else side.high + half


def _ticks(ax: Axes, side: Side, span: tuple[float, float], long: float, axis: str) -> None:
    """Ticks on an axis ``long`` inches long; choices are cut to the room beside it or under their place."""
    if side.words:
        room = style.pt(0.36) if axis == "y" else 0.95 * long / len(side.words)
        places = list(range(len(side.words)))
        texts = [shorten(word, style.pt(style.BODY), room, 1)[0] for word in side.words]
    else:
        found = steps(*span, max(2, min(6, int(long / style.pt(0.62 if axis == "x" else 0.4)))))
        places, texts = list(found), [compact(v) for v in found]
    (ax.set_xticks if axis == "x" else ax.set_yticks)(places, texts)


def _words(data: Found, ax: Axes) -> None:
    """The sentence, then coverage, density and size as bars."""
    wide, tall = inches(ax)
    ax.set_axis_off()
    ax.set(xlim=(0, wide), ylim=(0, tall))
    body, small = style.pt(style.SMALL), style.pt(style.NOTE)
    top = tall + style.pt(0.06)
    top = _print(ax, ["In plain words"], style.pt(style.BODY), top, style.INK, style.STRONG) - style.pt(0.04)
    measures = _measures(data)
    below = len(measures) * (line_height(small) + style.pt(0.2))
    room = max(int((top - below) / line_height(body)), 1)
    _print(ax, shorten(data.sentence, body, wide, room), body, top)
    for k, (text, share) in enumerate(measures):
        y = (len(measures) - 1 - k) * (line_height(small) + style.pt(0.2))
        ax.barh(y + style.pt(0.05), wide, style.pt(0.1), color="#ECEEF0")
        ax.barh(y + style.pt(0.05), share * wide, style.pt(0.1), color=_HIT)
        short = shorten(text, small, wide, 1)[0]
        ax.text(0, y + style.pt(0.15), short, fontsize=small, color=style.GREY, va="baseline")


def _measures(data: Found) -> list[tuple[str, float]]:
    if not data.boxed:
        return []
    percent = [fixed(100 * share, 0) for share in (data.coverage, data.density, data.mass)]
    return [
        (f"Coverage: {percent[0]}% of what happens is in the box", data.coverage),
        (f"Density: {percent[1]}% of the {data.counted} in the box", data.density),
        (f"Size: {percent[2]}% of all cases are in the box", data.mass),
    ]


def _print(
    ax: Axes, lines: Sequence[str], size: float, top: float, colour: str = style.INK, weight: int = 400
) -> float:
    for line in lines:
        top -= line_height(size)
        ax.text(0, top + 0.25 * line_height(size), line, fontsize=size, color=colour, fontweight=weight, va="baseline")
    return top
