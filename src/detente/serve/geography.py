"""The map of a theatre as outlines of a drawing: what is coloured by tension, and the land around it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.figures.atlas import Place, framing, where
from detente.figures.boundaries import Outline, world
from detente.figures.spacing import Box
from detente.scenario.schema import Scenario

Points = NDArray[np.float64]

#: width of the drawing, in its own units
WIDTH = 600.0
#: distance in units below which a further point of an outline shows nothing
FINE = 1.2


def drawn(scenario: Scenario) -> dict[str, Any] | None:
    """Size, outlines of the land around, and of every actor its outline or its point; None where none has a place."""
    mapped = [place for place in _places(scenario) if place.code or place.point]
    if not mapped:
        return None
    frame = framing(mapped)
    shown = [place for place in mapped if place.shows(frame)]
    taken, to_units = {place.code for place in shown}, _Projection(frame)
    around = (seen for code, one in world().items() if code not in taken and (seen := one.within(frame)))
    return {
        "width": WIDTH,
        "height": round(to_units.height, 1),
        "land": " ".join(to_units.path(outline) for outline in around),
        "places": [
            {
                "key": place.key,
                "path": to_units.path(seen) if place.code and (seen := world()[place.code].within(frame)) else "",
                "at": np.round(to_units(np.array([place.anchor(frame)]))[0], 1).tolist(),
            }
            for place in shown
        ],
    }


def _places(scenario: Scenario) -> list[Place]:
    paired = {name for dyad in scenario.dyads.values() for name in dyad.between}
    return [
        Place(name, actor.label, 0.0, *where(actor.map_key), not actor.region)
        for name, actor in scenario.actors.items()
        if name in paired
    ]


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
        return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in kept) + "Z"
