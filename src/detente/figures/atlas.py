"""Map: tension around each actor, and the tensest pairs as lines. The frame follows the theatre's own actors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Patch, PathPatch
from matplotlib.path import Path

from detente.analysis import attributes, metrics
from detente.analysis.metrics import Metric
from detente.figures import reading, style
from detente.figures.boundaries import TURN, Outline, area, centre, gathered, world
from detente.figures.measure import line_height, shorten, width
from detente.figures.reading import FigureError
from detente.figures.sheet import Room, inches
from detente.figures.spacing import Box
from detente.figures.words import NB, window
from detente.prose.wording import fixed, listed
from detente.scenario.mapped import point

if TYPE_CHECKING:
    import xarray as xr

#: pairs drawn as lines
PAIRS = 6
#: tension at which each band of colour begins; verbal levels are derived for the region and say nothing of an actor
BANDS = (0, 10, 20, 30, 40, 50, 60)
DE_FACTO = "De facto lines, Natural Earth; no endorsement or acceptance is implied."
_LAND, _SEA, _BORDER = "#F2F2F0", "#E8EFF6", "#CDD0D5"
_LABEL = 7.8
#: air around the region as a share of its larger side: alone, and where actors from outside are drawn
_AIR, _AIR_FOR_OTHERS = 0.035, 0.12


@dataclass(frozen=True)
class Place:
    """One actor: mean tension around it [points], and where it stands: an outline's code or a point."""

    key: str
    label: str
    tension: float
    code: str | None
    point: tuple[float, float] | None
    #: not of the region: drawn where it shows, and no reason to show more
    outside: bool = False

    @property
    def extent(self) -> Box:
        """The box it takes, in degrees."""
        return world()[self.code].extent if self.code else Box(*self.point * 2) if self.point else Box(0, 0, 0, 0)

    def shows(self, frame: Box) -> bool:
        """Whether some of it lies in ``frame``."""
        return self.code is None or not self.outside or world()[self.code].shows(frame)

    def anchor(self, frame: Box) -> tuple[float, float]:
        """Where its name and its lines go."""
        if self.point:
            middle = (frame.left + frame.right) / 2
            return self.point[0] + TURN * round((middle - self.point[0]) / TURN), self.point[1]
        seen = world()[self.code or ""].within(frame)
        return centre(seen.rings[0], frame) if seen else (frame.left, frame.bottom)


@dataclass(frozen=True)
class Link:
    """One pair drawn as a line."""

    between: tuple[str, str]
    label: str
    tension: float


@dataclass(frozen=True)
class Atlas:
    """The words and numbers of a map."""

    title: str
    subtitle: str
    notes: str
    places: tuple[Place, ...]
    links: tuple[Link, ...]
    unplaced: tuple[Place, ...]

    # the key is printed under the map
    room = Room(left=0.09, right=0.09, bottom=0.3)

    @cached_property
    def frame(self) -> Box:
        """What the map must show, in degrees; beyond 180 where it lies across the antimeridian."""
        return framing(self.places)

    @property
    def height(self) -> float:
        """As the frame asks for, within reason."""
        frame = self.frame
        aspect = (frame.top - frame.bottom) / (frame.right - frame.left) / _shrink(frame)
        return float(np.clip(aspect * (style.page_width() - 0.18), 3.0, 4.9))


def framing(places: Sequence[Place]) -> Box:
    """Around the places of the region; with more air where others are to show beside them."""
    home = [place for place in places if not place.outside] or places
    boxes = gathered([place.extent for place in home])
    left, bottom = min(b.left for b in boxes), min(b.bottom for b in boxes)
    right, top = max(b.right for b in boxes), max(b.top for b in boxes)
    air = _AIR if len(home) == len(places) else _AIR_FOR_OTHERS
    pad = max(air * max(right - left, top - bottom), 0.3)
    return Box(left - pad, bottom - pad, right + pad, top + pad)


def _shrink(frame: Box) -> float:
    """Length of a degree of longitude over one of latitude in the middle of ``frame``."""
    return float(np.cos(np.radians((frame.bottom + frame.top) / 2)))


def collect(ds: xr.Dataset) -> Atlas:
    """The numbers of a map of ``ds``, over the last 26 weeks.

    An actor's ``map_keys`` entry is the code of an outline, or "latitude,longitude" of a point. FigureError where
    no actor can be placed or the result holds no tension by actor.
    """
    if not metrics.holds(ds, "tension_state"):
        raise FigureError('this result holds no tension by actor: run it again with keep="all"')
    keys = {str(k): str(v) for k, v in attributes.decoded(ds, "map_keys", {}).items()}
    outside = attributes.decoded(ds, "outside", [])
    mean = metrics.at("tension_state", Metric().window, ds).mean(axis=0)
    found = [
        Place(key, attributes.actor_label(ds, key), float(mean[k]), *where(keys.get(key, "")), key in outside)
        for k, key in enumerate(str(s) for s in ds["state"].values)
    ]
    mapped = [p for p in found if p.code or p.point]
    if not mapped:
        raise FigureError("no actor of this theatre has a map_key that names an outline or a point: add one")
    placed = tuple(p for p in mapped if p.shows(framing(mapped)))
    links = _links(ds, {p.key for p in placed})
    footnotes = reading.footnotes(ds, [*(p.label for p in found), *(x.label for x in links)], unmarked=True)
    unplaced, notes = tuple(p for p in found if p not in placed), []
    if unplaced:
        named = listed(f"{p.label}{NB}{fixed(p.tension, 0)}" for p in unplaced)
        notes.append(f"Not on the map: {named}.")
    if any(p.point for p in placed):
        notes.append("Circle: an actor without an outline of its own.")
    if any("*" in p.label and p.code for p in placed):
        notes.append("Dashed line: see *.")
    if "De facto lines" not in footnotes:
        notes.append(DE_FACTO)
    lines = f". Lines: the {len(links)} tensest pairs, wider = tenser" if links else ""
    return Atlas(
        f"{reading.label(ds)}: {reading.tensest(ds)} in {window(ds)}",
        f"Mean tension around each actor (0{NB}calm, 100{NB}armed clash){lines}",
        " ".join([*notes, footnotes]).strip(),
        placed,
        links,
        unplaced,
    )


def placeable(ds: xr.Dataset) -> bool:
    """Whether a map can show any actor of ``ds``."""
    keys = attributes.decoded(ds, "map_keys", {})
    return any(where(str(keys.get(str(state), ""))) != (None, None) for state in ds["state"].values)


def where(key: str) -> tuple[str | None, tuple[float, float] | None]:
    """What a ``map_key`` names: the code of an outline, a point, or neither."""
    return (key, None) if key in world() else (None, point(key))


def _links(ds: xr.Dataset, placed: set[str]) -> tuple[Link, ...]:
    if not metrics.holds(ds, "tension_dyad"):
        return ()
    keys, mean = [str(key) for key in ds["dyad"].values], metrics.by_dyad(Metric(), ds).mean(axis=0)
    found = [
        Link(reading.between(ds, key), attributes.dyad_label(ds, key), float(level))
        for key, level in zip(keys, mean, strict=True)
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
        place = actors.get(code)
        if place is None:
            _fill(ax, outline, facecolor=_LAND, edgecolor=_BORDER, linewidth=style.pt(0.5), zorder=1)
            continue
        _fill(ax, outline, facecolor=_colour(place.tension), edgecolor="white", linewidth=style.pt(1.1), zorder=2)
        if "*" in place.label:
            dashes = {"linestyle": (0, (2.5, 1.5)), "linewidth": style.pt(0.9), "zorder": 2.5}
            _fill(ax, outline, facecolor="none", edgecolor=style.INK, **dashes)
    anchors = {p.key: p.anchor(frame) for p in data.places}
    for link in data.links:
        start, end = (anchors[key] for key in link.between)
        line = FancyArrowPatch(start, end, arrowstyle="-", connectionstyle="arc3,rad=-0.16", shrinkA=0, shrinkB=0)
        line.set(color=style.INK, alpha=0.5, linewidth=style.pt(0.8 + 4.4 * link.tension / 100), zorder=3)
        ax.add_patch(line)
    _names(ax, data, anchors)
    bands = [*(f"{low}–{high}" for low, high in pairwise(BANDS)), f"{BANDS[-1]}+"]
    swatches = [
        Patch(facecolor=_colour(edge), edgecolor=style.RULE, linewidth=style.pt(0.4), label=band)
        for edge, band in zip(BANDS, bands, strict=True)
    ]
    close = style.page_width() / style.WIDTH
    ax.legend(
        handles=swatches, ncols=len(bands), loc="upper left", bbox_to_anchor=(0, 0), frameon=False, borderpad=0,
        fontsize=style.pt(style.NOTE), labelcolor=style.GREY, handlelength=1.7 * close, handleheight=1.0,
        handletextpad=0.6 * close, columnspacing=1.5 * close, borderaxespad=0.8,
    )  # fmt: skip
    return ax


def _fitted(frame: Box, ax: Axes) -> Box:
    """``frame`` widened to the shape of ``ax``, degrees of longitude shrunk as they are at its middle."""
    wide, tall = inches(ax)
    across, up = (frame.right - frame.left) * _shrink(frame), frame.top - frame.bottom
    middle_x, middle_y = (frame.left + frame.right) / 2, (frame.bottom + frame.top) / 2
    unit = max(across / wide, up / tall)
    half_x, half_y = unit * wide / 2 / _shrink(frame), unit * tall / 2
    return Box(middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y)


def _fill(ax: Axes, outline: Outline, **look: Any) -> None:
    path = Path.make_compound_path(*(Path(ring, closed=True) for ring in outline.rings))
    ax.add_patch(PathPatch(path, joinstyle="round", **look))


def _colour(tension: float) -> tuple[float, float, float]:
    reached = sum(tension >= edge for edge in BANDS) - 1
    return style.ramp(style.TENSION, max(reached, 0) / (len(BANDS) - 1))


def _names(ax: Axes, data: Atlas, anchors: dict[str, tuple[float, float]]) -> None:
    """Names and numbers, small countries first; one that has to give way is tied to its place by a line."""
    size, whole, to_share = style.pt(_LABEL), inches(ax), ax.transData - ax.transAxes
    taken: list[Box] = []
    for place in sorted(data.places, key=lambda p: area(world()[p.code].rings[0]) if p.code else 0.0):
        x, y = to_share.transform(anchors[place.key]) * whole
        lines = [*shorten(place.label, size, style.pt(0.9), 3, style.STRONG), fixed(place.tension, 0)]
        half = max(width(text, size, style.STRONG) for text in (*lines, "100")) / 2 + style.pt(0.03)
        high = len(lines) * line_height(size) / 2
        taken.append(_spot(x, y, half, high, whole, taken, point=place.point is not None))
        spot = np.array([taken[-1].left + half, taken[-1].bottom + high])
        if place.point:
            (mark,) = ax.plot(*anchors[place.key], marker="o", markersize=style.pt(6), color=style.INK, zorder=5)
            mark.set(markerfacecolor=_colour(place.tension), markeredgewidth=style.pt(0.9))
        tied = not place.point and np.hypot(*(spot - (x, y))) > style.pt(0.3)
        ax.annotate(
            "\n".join(lines),
            anchors[place.key],
            xytext=(spot[0] / whole[0], spot[1] / whole[1]),
            textcoords="axes fraction",
            ha="center",
            va="center",
            fontsize=size,
            fontweight=style.STRONG,
            linespacing=1.05,
            zorder=6,
            bbox=_HALO,
            arrowprops={"arrowstyle": "-", "linewidth": style.pt(0.6), "shrinkA": 0, "shrinkB": 0} if tied else None,
        )


def _spot(
    x: float, y: float, half: float, high: float, whole: tuple[float, float], taken: Sequence[Box], *, point: bool
) -> Box:
    """The place of a label near (x, y), the nearest that is free; beside a ``point``, else over it. All in inches."""
    air = style.pt(0.05)
    barred = [*taken, Box(x - air, y - air, x + air, y + air)] if point else taken
    begin = (half + style.pt(0.08), high * 1.3) if point else (0.0, 0.0)
    for away, turn in product(np.arange(0.0, 1.6, 0.06), np.linspace(0, 2 * np.pi, 25)[:-1]):
        cx = min(max(x + (begin[0] + away) * np.cos(turn), half), whole[0] - half)
        cy = min(max(y + (begin[1] + away) * np.sin(turn), high), whole[1] - high)
        box = Box(cx - half, cy - high, cx + half, cy + high)
        if not any(box.meets(other) for other in barred):
            return box
    return Box(x - half, y - high, x + half, y + high)


_HALO = {"facecolor": "white", "edgecolor": "none", "alpha": 0.66, "boxstyle": "round,pad=0.1"}
