"""The map of a theatre as outlines of a drawing: what is coloured by tension, and the land around it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.figures.boundaries import Outline, centre, point, world
from detente.figures.spacing import Box
from detente.scenario.schema import Scenario

Points = NDArray[np.float64]

#: width of the drawing, in its own units, and the share of the frame that is left free around the actors
WIDTH, PAD = 600.0, 0.04
#: distance in units below which a further point of an outline shows nothing
FINE = 1.2


def drawn(scenario: Scenario) -> dict[str, Any] | None:
    """Size, outlines of the land around, and of every actor its outline or its point; None where none has a place."""
    keys = {name: actor.map_key for name, actor in scenario.actors.items() if actor.map_key}
    own = {dyad for pair in scenario.dyads.values() for dyad in pair.between}
    outlines = {name: world()[key] for name, key in keys.items() if name in own and key in world()}
    points = {name: at for name, key in keys.items() if name in own and (at := point(key)) and name not in outlines}
    if not outlines and not points:
        return None
    frame = _frame([*(one.extent for one in outlines.values()), *(Box(*at, *at) for at in points.values())])
    to_units = _Projection(frame)
    taken = {keys[name] for name in outlines}
    around = (seen for code, one in world().items() if code not in taken and (seen := one.within(frame)))
    places: list[dict[str, Any]] = []
    for name, outline in outlines.items():
        seen = outline.within(frame) or outline
        anchor = to_units(np.array([centre(outline.rings[0], frame)]))[0]
        places.append({"key": name, "path": to_units.path(seen), "at": np.round(anchor, 1).tolist()})
    for name, at in points.items():
        places.append({"key": name, "path": "", "at": np.round(to_units(np.array([at]))[0], 1).tolist()})
    return {
        "width": WIDTH,
        "height": round(to_units.height, 1),
        "land": " ".join(to_units.path(outline) for outline in around),
        "places": places,
    }


def _frame(boxes: list[Box]) -> Box:
    left, bottom = min(b.left for b in boxes), min(b.bottom for b in boxes)
    right, top = max(b.right for b in boxes), max(b.top for b in boxes)
    pad = max(PAD * max(right - left, top - bottom), 0.3)
    return Box(left - pad, bottom - pad, right + pad, top + pad)


class _Projection:
    """Degrees to units of the drawing, longitude shrunk as it is at the middle of the frame."""

    def __init__(self, frame: Box) -> None:
        self.frame = frame
        shrink = float(np.cos(np.radians((frame.bottom + frame.top) / 2)))
        self.scale = np.array([WIDTH / (frame.right - frame.left), 0.0])
        self.scale[1] = self.scale[0] / shrink
        self.height = float((frame.top - frame.bottom) * self.scale[1])

    def __call__(self, degrees: Points) -> Points:
        return np.asarray((degrees - [self.frame.left, self.frame.top]) * self.scale * [1, -1])

    def path(self, outline: Outline) -> str:
        """An outline as the path of a drawing, cut well outside the frame and no finer than shows."""
        return "".join(self._ring(self(ring)) for ring in outline.rings)

    def _ring(self, ring: Points) -> str:
        away = np.array([WIDTH, self.height])
        ring = np.clip(ring, -0.1 * away, 1.1 * away)
        kept = [ring[0]]
        for at in ring[1:]:
            if np.hypot(*(at - kept[-1])) >= FINE:
                kept.append(at)
        if len(kept) < 3:
            return ""
        return "M" + "L".join(f"{x:.0f} {y:.0f}" if FINE > 1 else f"{x:.1f} {y:.1f}" for x, y in kept) + "Z"
