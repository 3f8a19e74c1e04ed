"""Map: tension around each actor, and the tensest pairs as lines. The frame follows the theatre's own actors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from detente.analysis import attributes, metrics
from detente.analysis.metrics import Metric
from detente.analysis.wording import fixed
from detente.figures import reading, style
from detente.figures.boundaries import Outline, area, centre, point, world
from detente.figures.measure import line_height, shorten, width
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.spacing import Box
from detente.figures.words import NB, listed, window

if TYPE_CHECKING:
    import xarray as xr

#: pairs drawn as lines
PAIRS = 6
#: tension at which each band of colour begins; verbal levels are derived for the region and say nothing of an actor
BANDS = (0, 10, 20, 30, 40, 50, 60)
DE_FACTO = "De facto lines, Natural Earth; no endorsement or acceptance is implied."
_LAND, _SEA, _BORDER = "#F2F2F0", "#E8EFF6", "#CDD0D5"
_LABEL = 7.8


@dataclass(frozen=True)
class Place:
    """One actor: mean tension around it [points], and where it stands: an outline's code or a point."""

    key: str
    label: str
    tension: float
    code: str | None
    point: tuple[float, float] | None


@dataclass(frozen=True)
class Link:
    """One pair drawn as a line."""

    between: tuple[str, str]
    label: str
    tension: float


@dataclass(frozen=True)
class Atlas:
    """The numbers of a map."""

    label: str
    window: str
    places: tuple[Place, ...]
    links: tuple[Link, ...]
    tensest: str
    unplaced: tuple[Place, ...]
    footnotes: str

    @property
    def title(self) -> str:
        """The tensest pair, where it is told from the next."""
        return f"{self.label}: {self.tensest} in {self.window}"

    @property
    def subtitle(self) -> str:
        """Measure, period, lines."""
        text = f"Mean tension around each actor (0{NB}calm, 100{NB}armed clash)"
        return f"{text}. Lines: the {len(self.links)} tensest pairs, wider = tenser" if self.links else text

    @property
    def notes(self) -> str:
        """Boundaries and footnotes; who could not be placed."""
        told = []
        if self.unplaced:
            named = listed(f"{p.label}{NB}{fixed(p.tension, 0)}" for p in self.unplaced)
            told.append(f"Not on the map: {named}.")
        if any(p.point for p in self.places):
            told.append("Circle: an actor without an outline of its own.")
        if any("*" in p.label and p.code for p in self.places):
            told.append("Dashed line: see *.")
        return " ".join([*told, "" if "De facto lines" in self.footnotes else DE_FACTO, self.footnotes]).strip()

    @cached_property
    def frame(self) -> Box:
        """What the map must show, in degrees."""
        outlines = world()
        boxes = [outlines[p.code].extent for p in self.places if p.code]
        boxes += [Box(*p.point, *p.point) for p in self.places if p.point]
        left, bottom = min(b.left for b in boxes), min(b.bottom for b in boxes)
        right, top = max(b.right for b in boxes), max(b.top for b in boxes)
        pad = max(0.035 * max(right - left, top - bottom), 0.3)
        return Box(left - pad, bottom - pad, right + pad, top + pad)

    @property
    def height(self) -> float:
        """As the frame asks for, within reason."""
        frame = self.frame
        aspect = (frame.top - frame.bottom) / (frame.right - frame.left) / _shrink(frame)
        return float(np.clip(aspect * (style.WIDTH - 0.18), 3.0, 4.9))

    @property
    def room(self) -> Room:
        """The key is printed under the map."""
        return Room(left=0.09, right=0.09, bottom=0.3)


def _shrink(frame: Box) -> float:
    """Length of a degree of longitude over one of latitude in the middle of ``frame``."""
    return float(np.cos(np.radians((frame.bottom + frame.top) / 2)))


def collect(ds: xr.Dataset) -> Atlas:
    """The numbers of a map of ``ds``, over the last 26 weeks.

    An actor's ``map_keys`` entry is the code of an outline, or "latitude,longitude" of a point. FigureError where
    no actor can be placed or the result holds no tension by actor.
    """
    if "tension_state" not in ds:
        raise FigureError('this result holds no tension by actor: run it again with keep="all"')
    keys = {str(k): str(v) for k, v in attributes.decoded(ds, "map_keys", {}).items()}
    weekly = ds["tension_state"].transpose("member", "time", "state").values
    mean = metrics.reduced(weekly, Metric().window).mean(axis=0)
    found = [
        Place(key, attributes.actor_label(ds, key), float(mean[k]), *_where(keys.get(key, "")))
        for k, key in enumerate(str(s) for s in ds["state"].values)
    ]
    placed = tuple(p for p in found if p.code or p.point)
    if not placed:
        raise FigureError("no actor of this theatre has a map_key that names an outline or a point: add one")
    links = _links(ds, {p.key for p in placed})
    return Atlas(
        label=reading.label(ds),
        window=window(ds),
        places=placed,
        links=links,
        tensest=reading.tensest(ds),
        unplaced=tuple(p for p in found if p not in placed),
        footnotes=reading.footnotes(ds, [*(p.label for p in found), *(x.label for x in links)], unmarked=True),
    )


def placeable(ds: xr.Dataset) -> bool:
    """Whether a map can show any actor of ``ds``."""
    keys = attributes.decoded(ds, "map_keys", {})
    return any(_where(str(keys.get(str(state), ""))) != (None, None) for state in ds["state"].values)


def _where(key: str) -> tuple[str | None, tuple[float, float] | None]:
    return (key, None) if key in world() else (None, point(key))


def _links(ds: xr.Dataset, placed: set[str]) -> tuple[Link, ...]:
    if "tension_dyad" not in ds:
        return ()
    mean = metrics.by_dyad(Metric(), ds).mean(axis=0)
    found = [
        Link(reading.between(ds, key), attributes.dyad_label(ds, key), float(mean[k]))
        for k, key in enumerate(str(d) for d in ds["dyad"].values)
    ]
    drawable = [link for link in found if set(link.between) <= placed]
    return tuple(sorted(drawable, key=lambda link: -link.tension)[:PAIRS])


def draw(data: Atlas, ax: Axes) -> Axes:
    """Draw the map into ``ax``, its key underneath."""
    frame = _fitted(data.frame, ax)
    ax.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top), xticks=[], yticks=[], facecolor=_SEA)
    ax.spines["bottom"].set_visible(False)
    actors = {p.code: p for p in data.places if p.code}
    shown = {code: seen for code, outline in world().items() if (seen := outline.within(frame))}
    for code, outline in shown.items():
        if code not in actors:
            _fill(ax, outline, _LAND, _BORDER, 0.5, 1)
    for code, place in actors.items():
        if code in shown:
            _fill(ax, shown[code], _colour(place.tension), "white", 1.1, 2)
    for code, place in actors.items():
        if "*" in place.label and code in shown:
            _fill(ax, shown[code], "none", style.INK, 0.9, 2.5, dashed=True)
    anchors = {p.key: p.point or _anchor(shown, p, frame) for p in data.places}
    _lines(ax, data, anchors)
    _names(ax, data, anchors)
    _key(ax, data)
    return ax


def _fitted(frame: Box, ax: Axes) -> Box:
    """``frame`` widened to the shape of ``ax``, degrees of longitude shrunk as they are at its middle."""
    wide, tall = inches(ax)
    across, up = (frame.right - frame.left) * _shrink(frame), frame.top - frame.bottom
    middle_x, middle_y = (frame.left + frame.right) / 2, (frame.bottom + frame.top) / 2
    unit = max(across / wide, up / tall)
    half_x, half_y = unit * wide / 2 / _shrink(frame), unit * tall / 2
    return Box(middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y)


def _fill(
    ax: Axes, outline: Outline, face: object, edge: str, line: float, order: float, *, dashed: bool = False
) -> None:
    path = Path.make_compound_path(*(Path(ring, closed=True) for ring in outline.rings))
    patch = PathPatch(path, facecolor=face, edgecolor=edge, linewidth=style.pt(line), joinstyle="round", zorder=order)
    if dashed:
        patch.set_linestyle((0, (2.5, 1.5)))
    ax.add_patch(patch)


def _colour(tension: float) -> tuple[float, float, float]:
    reached = sum(tension >= edge for edge in BANDS) - 1
    return style.ramp(style.TENSION, max(reached, 0) / (len(BANDS) - 1))


def _anchor(shown: dict[str, Outline], place: Place, frame: Box) -> tuple[float, float]:
    outline = shown.get(place.code or "", world()[place.code or ""])
    return centre(outline.rings[0], frame)


def _lines(ax: Axes, data: Atlas, anchors: dict[str, tuple[float, float]]) -> None:
    for link in data.links:
        start, end = (np.array(anchors[key]) for key in link.between)
        across = np.array([-(end - start)[1], (end - start)[0]])
        path = Path([start, (start + end) / 2 + 0.16 * across, end], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
        wide = style.pt(0.8 + 4.4 * link.tension / 100)
        ax.add_patch(
            PathPatch(
                path, facecolor="none", edgecolor=style.INK, alpha=0.5, linewidth=wide, capstyle="round", zorder=3
            )
        )


def _names(ax: Axes, data: Atlas, anchors: dict[str, tuple[float, float]]) -> None:
    """Names and numbers, small countries first; one that has to give way is tied to its place by a line."""
    wide, tall = inches(ax)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    size = style.pt(_LABEL)
    taken: list[Box] = []
    for place in sorted(data.places, key=_extent):
        x, y = anchors[place.key]
        x, y = (x - left) / (right - left) * wide, (y - bottom) / (top - bottom) * tall
        lines = shorten(place.label, size, style.pt(0.9), 2, style.STRONG)
        high = (len(lines) + 1) * line_height(size)
        half = max(width(t, size, style.STRONG) for t in (*lines, "100")) / 2 + style.pt(0.03)
        spot = next(_spots(x, y, half, high / 2, (wide, tall), taken, point=place.point is not None))
        taken.append(Box(spot[0] - half, spot[1] - high / 2, spot[0] + half, spot[1] + high / 2))
        to = (left + spot[0] / wide * (right - left), bottom + spot[1] / tall * (top - bottom))
        _name(ax, data, place, lines, anchors[place.key], to, tied=np.hypot(spot[0] - x, spot[1] - y) > style.pt(0.3))


def _extent(place: Place) -> float:
    return area(world()[place.code].rings[0]) if place.code else 0.0


def _spots(
    x: float, y: float, half: float, tall: float, size: tuple[float, float], taken: Sequence[Box], *, point: bool
) -> Iterator[tuple[float, float]]:
    """Centres for a label near (x, y), the nearest that is free first; the last resort is the place itself."""
    turns = np.linspace(0, 2 * np.pi, 25)[:-1]
    reach = [(half + style.pt(0.08), tall * 1.3)] if point else []
    tries = [] if point else [(x, y)]
    for away in np.arange(0.0, 1.6, 0.06):
        wide, high = (reach[0][0] + away, reach[0][1] + away) if reach else (away, away)
        tries += [(x + wide * np.cos(t), y + high * np.sin(t)) for t in turns]
    for cx, cy in tries:
        cx, cy = min(max(cx, half), size[0] - half), min(max(cy, tall), size[1] - tall)
        box = Box(cx - half, cy - tall, cx + half, cy + tall)
        own = Box(x - style.pt(0.05), y - style.pt(0.05), x + style.pt(0.05), y + style.pt(0.05))
        if not any(box.meets(other) for other in taken) and not (point and box.meets(own)):
            yield float(cx), float(cy)
    yield x, y


_HALO = {"facecolor": "white", "edgecolor": "none", "alpha": 0.66, "boxstyle": "round,pad=0.1"}


def _name(
    ax: Axes,
    data: Atlas,
    place: Place,
    lines: Sequence[str],
    at: tuple[float, float],
    to: tuple[float, float],
    *,
    tied: bool,
) -> None:
    if place.point:
        (mark,) = ax.plot(*at, marker="o", markersize=style.pt(6), color=style.INK, zorder=5)
        mark.set(markerfacecolor=_colour(place.tension), markeredgewidth=style.pt(0.9))
    elif tied:
        ax.plot([at[0], to[0]], [at[1], to[1]], color=style.INK, linewidth=style.pt(0.6), zorder=4)
    text = "\n".join([*lines, fixed(place.tension, 0)])
    printed = ax.text(*to, text, ha="center", va="center", fontsize=style.pt(_LABEL), zorder=6, bbox=_HALO)
    printed.set(fontweight=style.STRONG, linespacing=1.05)


def _key(ax: Axes, data: Atlas) -> None:
    """The bands of tension that are drawn, and their colours, in a row under the map."""
    wide, tall = inches(ax)
    texts = [f"{low}–{high}" for low, high in pairwise(BANDS)] + [f"{BANDS[-1]}+"]
    size = _key_size(texts, wide)
    x, down = 0.0, style.pt(0.24)
    for edge, text in zip(BANDS, texts, strict=True):
        shape = (_SWATCH * size / wide, 0.018 * size / tall)
        patch = Rectangle((x / wide, -down / tall), *shape, transform=ax.transAxes, clip_on=False)
        patch.set(facecolor=_colour(edge), edgecolor=style.RULE, linewidth=style.pt(0.4))
        ax.add_patch(patch)
        at = ((x + (_SWATCH + _TO_TEXT) * size) / wide, (0.004 * size - down) / tall)
        ax.text(*at, text, transform=ax.transAxes, fontsize=size, color=style.GREY, clip_on=False)
        x += _key_step(text, size)


#: inches per point of text: a swatch, the air to its text, the air to the next
_SWATCH, _TO_TEXT, _TO_NEXT = 0.024, 0.008, 0.024


def _key_step(text: str, size: float) -> float:
    return (_SWATCH + _TO_TEXT + _TO_NEXT) * size + width(text, size)


def _key_size(texts: Sequence[str], wide: float) -> float:
    """Points at which the key fits in one row, not above those of a note."""
    long = sum(_key_step(text, 1.0) for text in texts) - _TO_NEXT
    return float(min(style.pt(style.NOTE), 0.995 * wide / max(long, 1e-9)))
