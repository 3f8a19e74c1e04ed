"""Outlines of countries: the map file that ships with the package, and what a map needs from it.

The file is derived from Natural Earth (public domain) by ``experiments/boundaries.py``; it holds de facto lines.
Countries are keyed by ISO 3166 alpha-3 codes, and by user-assigned codes where ISO lists none.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from detente.figures.numbers import Floats
from detente.figures.spacing import Box

#: degrees of longitude once around
TURN = 360.0
#: square degrees: a ring below this is not drawn
_SPECK = 1e-4
#: share of a country's largest ring below which a part does not stretch the frame of a map
_PART = 0.04
#: degrees from the largest part within which another part may lie
_NEAR = 8.0


@dataclass(frozen=True)
class Outline:
    """A country as closed rings of points (point, [longitude, latitude]) in degrees, the largest ring first."""

    rings: tuple[Floats, ...]

    @property
    def extent(self) -> Box:
        """The box of its larger parts: small islands and what lies far off do not count."""
        home, largest = _box(self.rings[0]), area(self.rings[0])
        near = Box(home.left - _NEAR, home.bottom - _NEAR, home.right + _NEAR, home.top + _NEAR)
        main = np.concatenate([r for r in self.rings if area(r) >= _PART * largest and near.meets(_box(r))])
        (left, bottom), (right, top) = main.min(axis=0), main.max(axis=0)
        return Box(float(left), float(bottom), float(right), float(top))

    def shows(self, frame: Box) -> bool:
        """Whether a point of its line lies in ``frame``, by whatever turn of the globe."""
        seen = self.within(frame)
        low, high = (frame.left, frame.bottom), (frame.right, frame.top)
        return any(bool(((ring > low) & (ring < high)).all(axis=1).any()) for ring in (seen.rings if seen else ()))

    def within(self, frame: Box) -> Outline | None:
        """The rings that may show in ``frame``, moved by a turn of the globe where that brings them there, or None."""
        moved = (ring + np.array([turn, 0.0]) for ring in self.rings for turn in (0.0, -TURN, TURN))
        kept = tuple(ring for ring in moved if frame.meets(_box(ring)))
        return Outline(kept) if kept else None


def _box(ring: Floats) -> Box:
    (left, bottom), (right, top) = ring.min(axis=0), ring.max(axis=0)
    return Box(float(left), float(bottom), float(right), float(top))


def gathered(boxes: Sequence[Box]) -> list[Box]:
    """``boxes`` moved by whole turns so that they span as few degrees of longitude as they can, seen from the first."""

    def eastward(west: float) -> list[Box]:
        return [box.moved(TURN * np.ceil((west - box.left) / TURN)) for box in boxes]

    def span(found: Sequence[Box]) -> float:
        return max(box.right for box in found) - min(box.left for box in found)

    best = min((eastward(box.left) for box in boxes), key=span)
    return [box.moved(boxes[0].left - best[0].left) for box in best]


def area(ring: Floats) -> float:
    """Area of a closed ring in square degrees of latitude (shoelace formula, shrunk with the cosine of latitude)."""
    x, y = ring[:, 0], ring[:, 1]
    flat = abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2
    return flat * float(np.cos(np.radians(y.mean())))


def inside(ring: Floats, points: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of ``points`` (point, 2) lie within a closed ring."""
    from matplotlib.path import Path

    return np.asarray(Path(ring).contains_points(points))


def centre(ring: Floats, frame: Box) -> tuple[float, float]:
    """A point well inside the part of ``ring`` that lies in ``frame``: the grid point farthest from its line."""
    box = _box(ring)
    xs = np.linspace(max(box.left, frame.left), min(box.right, frame.right), 26)[1:-1]
    ys = np.linspace(max(box.bottom, frame.bottom), min(box.top, frame.top), 26)[1:-1]
    grid = np.stack([a.ravel() for a in np.meshgrid(xs, ys)], axis=1)
    grid = grid[inside(ring, grid)]
    if not len(grid):
        return float(xs.mean()), float(ys.mean())
    shrink = np.array([np.cos(np.radians(grid[:, 1].mean())), 1.0])
    away = ((grid[:, None] - ring[None]) * shrink) ** 2
    edges = [grid[:, 0] - frame.left, frame.right - grid[:, 0], grid[:, 1] - frame.bottom, frame.top - grid[:, 1]]
    distance = np.minimum(np.sqrt(away.sum(axis=2).min(axis=1)), np.min(edges, axis=0))
    best = grid[int(distance.argmax())]
    return float(best[0]), float(best[1])


@lru_cache(maxsize=1)
def _packed() -> dict[str, Any]:
    content = files("detente.figures").joinpath("boundaries.json.gz").read_bytes()
    packed: dict[str, Any] = json.loads(gzip.decompress(content))
    return packed


@lru_cache(maxsize=1)
def world() -> dict[str, Outline]:
    """Every country by its code."""
    packed = _packed()
    arcs = [np.cumsum(np.array(arc).reshape(-1, 2), axis=0) * packed["grid"] for arc in packed["arcs"]]
    found = {}
    for code, numbers in packed["countries"].items():
        parts = [[arcs[k] if k >= 0 else arcs[~k][::-1] for k in ring] for ring in numbers]
        rings = [_unbroken(np.concatenate([first, *(part[1:] for part in rest)])) for first, *rest in parts]
        largest, *others = sorted(rings, key=area, reverse=True)
        found[code] = Outline((largest, *(_beside(ring, largest) for ring in others if area(ring) > _SPECK)))
    return found


def _unbroken(ring: Floats) -> Floats:
    """A ring that goes on beyond 180 degrees where it crosses the antimeridian, and does not leap around the globe."""
    return np.stack([np.unwrap(ring[:, 0], period=TURN), ring[:, 1]], axis=1)


def _beside(ring: Floats, home: Floats) -> Floats:
    """A ring moved by whole turns to where it is nearest to ``home``."""
    turns = round(float(home[:, 0].mean() - ring[:, 0].mean()) / TURN)
    return np.stack([ring[:, 0] + TURN * turns, ring[:, 1]], axis=1)
