"""Where an actor stands on a map: the code of a country that a map can draw, or a point.

``countries.txt`` holds the codes; ``experiments/boundaries.py`` writes it with the outlines.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files

ADVICE = 'the alpha-3 code of ISO 3166, or latitude and longitude: "44.8,17.2"'
#: codes named as what may be meant, and how like they must be (difflib: a name is like its code)
CANDIDATES, LIKENESS = 3, 0.6


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """The codes of all countries that a map can draw."""
    return tuple(files("detente.scenario").joinpath("countries.txt").read_text(encoding="utf-8").split())


def point(key: str) -> tuple[float, float] | None:
    """Longitude and latitude of a place written "latitude,longitude" in degrees; None where it is none."""
    try:
        latitude, longitude = (float(part) for part in key.split(","))
    except ValueError:
        return None
    return (longitude, latitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def known(key: str) -> bool:
    """Whether a map can place ``key``."""
    return key in countries() or point(key) is not None


def advice(key: str) -> str:
    """What to write in place of ``key``: codes that are like it, and what a place is."""
    near = get_close_matches(key.upper(), countries(), n=CANDIDATES, cutoff=LIKENESS)
    return f"did you mean {' or '.join(near)}? {ADVICE}" if near else ADVICE
