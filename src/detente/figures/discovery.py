"""Scenario discovery: the cases in the plane of the two conditions that matter most, the box, and a plain sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from detente.analysis.discovery import left_of
from detente.figures import style
from detente.figures.axes import steps
from detente.figures.measure import line_height, shorten
from detente.figures.numbers import Floats
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, chance
from detente.prose.wording import compact, fixed, whole

if TYPE_CHECKING:
    from detente.analysis.discovery import Discovery, Limit

_HIT = style.SCENARIOS[0]


@dataclass(frozen=True)
class Side:
    """One axis: a factor's values by case, the box's limit on it (None where free), and its words."""

    label: str
    values: Floats
    limit: Limit | None
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The label with a capital."""
        return f"{self.label[:1].upper()}{self.label[1:]}"

    @property
    def places(self) -> Floats:
        """Where the cases lie; choices, which would lie on one line, spread evenly beside it."""
        spread = 0.56 * (np.modf(np.arange(len(self.values)) * 0.618034)[0] - 0.5)
        return np.asarray(self.values + spread * bool(self.words))

    @property
    def span(self) -> tuple[float, float]:
        """From where to where the axis goes."""
        low, high = float(self.values.min()), float(self.values.max())
        pad = 0.5 if self.words else 0.035 * (high - low) or 0.5
        return low - pad, high + pad

    @property
    def box(self) -> tuple[float, float]:
        """The box on this axis; a free side ends just inside the frame."""
        (low, high), half = self.span, 0.42 if self.words else 0.0
        edge = 0.008 * (high - low)
        first, last = (self.limit.low, self.limit.high) if self.limit else (None, None)
        return low + edge if first is None else first - half, high - edge if last is None else last + half


@dataclass(frozen=True)
class Found:
    """The numbers of the figure. ``share`` (case,): share of a case's members in which it happened.

    ``measures`` says what the box is worth, each with its share; empty where none came back.
    """

    title: str
    subtitle: str
    notes: str
    across: Side
    up: Side
    share: Floats
    sentence: str
    measures: tuple[tuple[str, float], ...]

    height = 2.75
    # ticks and a label under the plane, a label above it
    room = Room(left=0.44, right=0.06, bottom=0.44, top=0.16)


def collect(
    found: Discovery,
    values: Floats,
    share: Floats,
    paths: Sequence[str],
    labels: Sequence[str],
    *,
    label: str = "Discovery",
    words: Mapping[int, Sequence[str]] | None = None,
    footnotes: str = "",
) -> Found:
    """The numbers of the figure: ``values`` (case, factor), ``share`` (case,) in [0, 1].

    The axes are the box's two conditions that luck explains least; where it has fewer, the factors that go
    most with the outcome. FigureError with fewer than two factors.
    """
    if values.shape[1] < 2:
        raise FigureError("no picture of a box: it needs at least two factors")
    words, limits = words or {}, {list(paths).index(limit.path): limit for limit in found.limits}
    ranked = sorted(limits, key=lambda k: limits[k].luck)
    runs = "it happens" if set(np.unique(share)) <= {0.0, 1.0} else "it happens in more than half of its runs"
    title = f"{label}: no set of conditions for {found.when} holds up in resampled data"
    method = f"Patient rule induction (PRIM) on {whole(len(share))} cases."
    measures: tuple[tuple[str, float], ...] = ()
    if limits:
        title = _claim(found, len(share), [_condition(limits[k], words.get(k)) for k in ranked])
        method += f" On cases left out of the search {fixed(100 * found.density_unseen, 0)}% in the box see it."
        percent = [f"{fixed(100 * part, 0)}%" for part in (found.coverage, found.density, found.mass)]
        measures = (
            (f"Coverage: {percent[0]} of what happens is in the box", found.coverage),
            (f"Density: {percent[1]} of the {found.counted} in the box", found.density),
            (f"Size: {percent[2]} of all cases are in the box", found.mass),
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        goes = np.nan_to_num([abs(np.corrcoef(column, share)[0, 1]) for column in values.T])
    axes = list(dict.fromkeys([*ranked, *np.argsort(-goes, kind="stable").tolist()]))
    across, up = (Side(labels[k], values[:, k], limits.get(k), tuple(words.get(k, ()))) for k in axes[:2])
    subtitle = f"Each dot is one case with its own parameters; filled = {found.when}: {runs}"
    notes = f"{method} {footnotes}".strip()
    return Found(
        f"{label}: {title}" if not limits else title, subtitle, notes, across, up, share, found.sentence, measures
    )


def _claim(found: Discovery, cases: int, conditions: Sequence[str]) -> str:
    """How often it happens in the box and elsewhere."""
    inside = round(found.mass * cases)
    see = f"{found.counted.removesuffix('s')} sees" if inside == 1 else f"{found.counted} see"
    where = " and ".join(conditions)
    if len(conditions) > 2:
        where = f"{conditions[0]} and {len(conditions) - 1} more conditions hold"
    told = f"{chance(found.density, inside)} {see} {found.when} where {where}"
    return f"{told}, {chance(found.density_outside, cases - inside)} elsewhere"


def _condition(limit: Limit, words: Sequence[str] | None) -> str:
    if words:
        return f"{limit.label} is {' or '.join(left_of(words, limit))}"
    if limit.low is not None and limit.high is not None:
        return f"{limit.label} is {compact(limit.low)} to {compact(limit.high)}"
    sign, edge = ("≥", limit.low) if limit.low is not None else ("≤", limit.high or 0.0)
    return f"{limit.label}{NB}{sign}{NB}{compact(edge)}"


def draw(data: Found, ax: Axes) -> Axes:
    """Draw the plane on the left of ``ax``, the sentence and the box's measures on its right."""
    ax.set_axis_off()
    _plane(data, ax.inset_axes((0, 0, 0.56, 1)))
    _words(data, ax.inset_axes((0.62, 0, 0.38, 1)))
    return ax


def _plane(data: Found, ax: Axes) -> None:
    """The cases, and the box around those in which it happens."""
    ax.set(xlim=data.across.span, ylim=data.up.span)
    x, y, hit, dot = data.across.places, data.up.places, data.share > 0.5, style.pt(3.2) ** 2
    ax.scatter(x[~hit], y[~hit], s=dot, facecolor="none", edgecolor=style.RULE, linewidth=style.pt(0.7))
    ax.scatter(x[hit], y[hit], s=dot * 1.25, color=_HIT, linewidth=0)
    if data.measures:
        (left, right), (bottom, top) = data.across.box, data.up.box
        shape = Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=style.INK, zorder=4)
        shape.set_linewidth(style.pt(1.8))
        ax.add_patch(shape)
    wide, tall = inches(ax)
    ax.set_xticks(*_ticks(data.across, wide, style.pt(0.62), 0.95 * wide / max(len(data.across.words), 1)))
    ax.set_yticks(*_ticks(data.up, tall, style.pt(0.4), style.pt(0.36)))
    size = style.pt(style.SMALL)
    (above,), (under,) = shorten(data.up.name, size, wide + style.pt(0.35), 1), shorten(data.across.name, size, wide, 1)
    ax.set_title(above, loc="left", x=-style.pt(0.39) / wide, pad=style.pt(5), fontsize=size, color=style.GREY)
    ax.set_xlabel(under, fontsize=size, labelpad=style.pt(3), color=style.GREY)


def _ticks(side: Side, long: float, each: float, room: float) -> tuple[Sequence[float], list[str]]:
    """Ticks on an axis ``long`` inches long, one for ``each``; choices are cut to ``room``."""
    if side.words:
        return range(len(side.words)), [shorten(word, style.pt(style.BODY), room, 1)[0] for word in side.words]
    places = steps(*side.span, max(2, min(6, int(long / each)))).tolist()
    return places, [compact(place) for place in places]


def _words(data: Found, ax: Axes) -> None:
    """The sentence, then coverage, density and size as bars."""
    wide, tall = inches(ax)
    ax.set_axis_off()
    ax.set(xlim=(0, wide), ylim=(0, tall))
    body, small = style.pt(style.SMALL), style.pt(style.NOTE)
    each, line, top = line_height(small) + style.pt(0.2), line_height(body), tall - style.pt(0.14)
    room = max(int((top - len(data.measures) * each) / line), 1)
    ax.text(0, top + 0.25 * line, "In plain words", fontweight=style.STRONG)
    for k, text in enumerate(shorten(data.sentence, body, wide, room), start=1):
        ax.text(0, top - (k - 0.25) * line, text, fontsize=body)
    for k, (text, share) in enumerate(reversed(data.measures)):
        y = k * each
        ax.barh(y + style.pt(0.05), wide, style.pt(0.1), color="#ECEEF0")
        ax.barh(y + style.pt(0.05), share * wide, style.pt(0.1), color=_HIT)
        ax.text(0, y + style.pt(0.15), shorten(text, small, wide, 1)[0], fontsize=small, color=style.GREY)
