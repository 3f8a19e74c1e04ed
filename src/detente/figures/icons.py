"""Icons out of a hundred: how many runs see war, how many a crisis without war, how many neither.

People read a small chance better from a hundred figures of which some are filled than from a per cent (Galesic,
Garcia-Retamero and Gigerenzer 2009, Health Psychology 28). What the 95 % interval leaves open is half filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from detente.analysis import chances
from detente.analysis.chances import ANY, Chance, Change
from detente.analysis.pairing import pair as paired
from detente.figures import panels, reading, style
from detente.figures.axes import beside
from detente.figures.measure import width
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.words import NB, likelier, month
from detente.prose.wording import per_hundred, sentence
from detente.scenario.diagnostics import did_you_mean

if TYPE_CHECKING:
    import xarray as xr

HUNDRED, TEN = 100, 10
#: icons in a row of a panel: as many as make them largest; a gap stands after every ten
_ACROSS = (10, 20, 50)
_GAP = 0.6
#: pairs shown beside any pair where there is one result
PAIRS = 3
#: what an icon stands for -> its words, its fill, the fill of its right half, its edge; apart in lightness, not in hue
LOOKS = {
    "war": ("war", style.TENSION[4], style.TENSION[4], style.TENSION[4]),
    "open": ("war or not", style.TENSION[4], style.TENSION[1], style.TENSION[4]),
    "crisis": ("crisis, no war", style.TENSION[1], style.TENSION[1], style.TENSION[3]),
    "neither": ("neither", "white", "white", style.RULE),
}


@dataclass(frozen=True)
class Hundred:
    """A hundred runs of one scenario and pair: icons up to which there is war for sure, perhaps, a crisis at least."""

    label: str
    told: str
    colour: str
    sure: int
    perhaps: int
    crisis: int

    @property
    def kinds(self) -> list[str]:
        """What each icon stands for, in the order in which they are read."""
        parts = (self.sure, self.perhaps - self.sure, max(self.crisis - self.perhaps, 0))
        known = [kind for kind, count in zip(LOOKS, parts, strict=False) for _ in range(count)]
        return known + ["neither"] * (HUNDRED - len(known))


@dataclass(frozen=True)
class Icons:
    """The words and numbers of the figure; of several results the first is the base."""

    title: str
    subtitle: str
    notes: str
    hundreds: tuple[Hundred, ...]
    numbers: dict[str, Any] = field(default_factory=dict)

    room = Room(left=0.1, bottom=0.28)

    @property
    def height(self) -> float:
        """Taller with every row of panels."""
        return 2.15 * panels.rows(len(self.hundreds))


def collect(results: Sequence[xr.Dataset], pair: str | None = None) -> Icons:
    """A panel for each result, of the pair whose chance of war changes most, or of ``pair``; "any" is all together.

    One result alone shows any pair and the likeliest, or ``pair``. FigureError where a result holds no chances or no
    such pair; NotComparable where results do not pair.
    """
    for one in results:
        if not chances.stored(one):
            raise FigureError(f"{reading.label(one)} holds no chances of war: run it again")
        _require(one, pair)
    return _compared(results, pair) if len(results) > 1 else _alone(results[0], pair)


def _require(ds: xr.Dataset, pair: str | None) -> None:
    known = [ANY, *map(str, ds["dyad"].values)]
    if pair is not None and pair not in known:
        raise FigureError(f'no pair "{pair}" in {reading.name(ds)}: {did_you_mean(pair, known, f"it has {known}")}')


def _alone(ds: xr.Dataset, pair: str | None) -> Icons:
    every = chances.chances(ds)
    rows = every[: PAIRS + 1] if pair is None else [row for row in every if row.pair == pair]
    colour, when = style.palette([reading.name(ds)])[reading.name(ds)], month(ds["time"].values[-1])
    first = rows[0]
    share = _bound(per_hundred(first.armed).replace(" in ", " of "))
    return Icons(
        title=f"{reading.label(ds)}: war in {first.label} in {share} runs by {when}, if the assumed level holds",
        subtitle=_subtitle(when),
        notes=_notes(ds, [row.label for row in rows]),
        hundreds=tuple(_hundred(sentence(row.label), row, colour) for row in rows),
        numbers={"rows": [row.as_dict() for row in rows]},
    )


def _compared(results: Sequence[xr.Dataset], pair: str | None) -> Icons:
    base, *others = results
    moved = {reading.name(other): chances.changes(*paired(base, other)) for other in others}
    pair = pair or _changed_most(base, moved.values())
    rows = [next(row for row in chances.chances(ds) if row.pair == pair) for ds in results]
    told = {name: next(row for row in found if row.pair == pair) for name, found in moved.items()}
    names = [reading.name(ds) for ds in results]
    colours, when = style.palette(names, names[0]), month(base["time"].values[-1])
    labels = {reading.name(ds): reading.label(ds) for ds in results}
    return Icons(
        title=likelier(rows[0].label, {labels[name]: one for name, one in told.items()}, reading.label(base), when),
        subtitle=f"{sentence(rows[0].label)}. {_subtitle(when)}",
        notes=_notes(base, [rows[0].label, *labels.values()]),
        hundreds=tuple(_hundred(labels[n], row, colours[n]) for n, row in zip(names, rows, strict=True)),
        numbers={
            "rows": [{"scenario": name, **row.as_dict()} for name, row in zip(names, rows, strict=True)],
            "changes": {name: change.as_dict() for name, change in told.items()},
        },
    )


def _changed_most(base: xr.Dataset, moved: Iterable[Sequence[Change]]) -> str:
    """The pair whose chance of war is told to change most under any scenario, else changes most, else is likeliest."""
    rows = [row for found in moved for row in found if row.pair != ANY]
    most = max(rows, key=lambda row: (row.armed.is_significant, abs(row.armed.change)), default=None)
    return most.pair if most and most.armed.change else chances.chances(base)[1].pair


def _subtitle(when: str) -> str:
    return (
        f"What a hundred runs see by {when}: a crisis is a pair that is tense or armed, war one that is armed."
        f" Half filled is what the 95%{NB}interval of the mean leaves open."
    )


def _notes(ds: xr.Dataset, texts: Sequence[str]) -> str:
    said = f"{sentence(chances.STANDING)}. Weekly chances added up until the event, not counts."
    return f"{said} {reading.footnotes(ds, [reading.label(ds), *texts])}".strip()


def _bound(text: str) -> str:
    """A number with its interval, on one line."""
    return text.replace(" ", NB)


def _hundred(label: str, row: Chance, colour: str) -> Hundred:
    armed, ends = _icons(row.armed), (row.armed_low, row.armed_high)
    # one draw of parameters gives no interval: nothing is left open then
    sure, perhaps = (armed, armed) if any(map(np.isnan, ends)) else (_icons(end) for end in ends)
    only = _bound(per_hundred(max(row.crisis - row.armed, 0.0)))
    told = f"{_bound(f'war {per_hundred(row.armed, *ends)}')}, crisis without war {only}"
    return Hundred(label, told, colour, sure, perhaps, max(_icons(row.crisis), armed))


def _icons(share: float) -> int:
    return int(np.floor(HUNDRED * share + 0.5))


def draw(data: Icons, ax: Axes) -> Axes:
    """Draw a panel of a hundred icons for each into ``ax``, and under them what an icon stands for."""
    _key(ax)
    for panel, one in zip(
        panels.panels(ax, [(o.label, o.told, o.colour) for o in data.hundreds]), data.hundreds, strict=True
    ):
        _panel(panel, one)
    return ax


def _panel(ax: Axes, one: Hundred) -> None:
    wide, tall = inches(ax)
    size, across = max((min(wide / _length(n), tall * n / HUNDRED), n) for n in _ACROSS)
    place = np.arange(HUNDRED)
    x, y = place % across + _GAP * (place % across // TEN) + 0.5, place // across + 0.5
    ax.set(xlim=(0, wide / size), ylim=(tall / size, 0))
    ax.set_axis_off()
    kinds = np.array(one.kinds)
    for kind in LOOKS:
        at = kinds == kind
        _icon(ax, kind, x[at], y[at], size)


def _length(across: int) -> float:
    """Length of a row in icons."""
    return across + _GAP * (across // TEN - 1)


def _icon(ax: Axes, kind: str, x: Any, y: Any, size: float, **more: Any) -> None:
    """Icons of a kind at these places; ``size`` in inches is what one takes, air included."""
    _, left, right, edge = LOOKS[kind]
    look: dict[str, Any] = {"markerfacecolor": left, "markeredgecolor": edge}
    if left != right:
        look |= {"markerfacecoloralt": right, "fillstyle": "left"}
    ax.plot(x, y, "o", markersize=0.76 * 72 * size, markeredgewidth=style.pt(0.8), clip_on=False, **look, **more)


def _key(ax: Axes) -> None:
    """What each kind of icon stands for, side by side under the panels."""
    wide, tall = inches(ax)
    size, x, y = style.pt(style.SMALL), 0.0, -style.pt(0.16)
    for kind, (words, *_) in LOOKS.items():
        _icon(ax, kind, [(x + 0.6 * size / 72) / wide], [y / tall], 1.2 * size / 72, transform=ax.transAxes)
        x += 1.6 * size / 72
        beside(ax, words, x / wide, y / tall, 0, 0, va="center", xycoords="axes fraction", fontsize=size)
        x += width(words, size) + 1.6 * size / 72
