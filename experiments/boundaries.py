"""Derive the map file that ships with the package from Natural Earth, as packed by ``world-atlas``.

    python experiments/boundaries.py [--out FILE] [--codes FILE]

Natural Earth 1:50m countries (public domain) come as the npm package world-atlas 2.0.2, country codes as
i18n-iso-countries 7.14.0; both are fetched with ``npm pack`` and held against their published digests. Lines are
kept as arcs that neighbours share, thinned to 0.022 degrees (Douglas & Peucker 1973) and put on a grid of 0.01
degrees, so that the whole world takes some 90 KB and no two neighbours drift apart. The same input gives the same
bytes. Entities without an ISO code keep a polygon of their own, under the codes in ``WITHOUT_CODE``. The codes
stand in a file of their own, too, by which scenario files are checked.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import subprocess
import tarfile
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

#: package and its SHA-512 as published
SHAPES = (
    "world-atlas@2.0.2",
    "IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ==",
)
CODES = (
    "i18n-iso-countries@7.14.0",
    "nXHJZYtNrfsi1UQbyRqm3Gou431elgLjKl//CYlnBGt5aTWdRPH1PiS2T/p/n8Q8LnqYqzQJik3Q7mkwvLokeg==",
)
#: user-assigned codes of entities that Natural Earth draws and ISO 3166 does not list
WITHOUT_CODE = {
    "Kosovo": "XKX",
    "N. Cyprus": "XNC",
    "Somaliland": "XSL",
    "Siachen Glacier": "XSG",
    "Indian Ocean Ter.": "AUS",
}
LEFT_OUT = {"ATA"}
GRID, TOLERANCE = 0.01, 0.022
PACKAGE = Path(__file__).resolve().parent.parent / "src" / "detente"
TARGET, CODE_FILE = PACKAGE / "figures" / "boundaries.json.gz", PACKAGE / "scenario" / "countries.txt"


def fetch(package: tuple[str, str], member: str) -> Any:
    """The JSON file ``member`` of an npm package, its digest checked. Raises SystemExit where it differs."""
    name, digest = package
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True)
        (archive,) = Path(folder).glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != digest:
            raise SystemExit(f"{name} is not what was published: sha512 {found}")
        with tarfile.open(archive) as packed:
            file = packed.extractfile(f"package/{member}")
            assert file is not None
            return json.load(file)


def decoded(topology: dict[str, Any]) -> list[np.ndarray]:
    """The arcs of a TopoJSON topology in degrees, each (point, [longitude, latitude])."""
    scale, shift = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]


def thinned(points: np.ndarray, tolerance: float) -> np.ndarray:
    """``points`` without those nearer than ``tolerance`` degrees (of latitude) to the line of the others."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    flat = points * [np.cos(np.radians(points[:, 1].mean())), 1.0]
    closed = bool(np.allclose(points[0], points[-1]))
    far = int(np.hypot(*(flat - flat[0]).T).argmax())
    open_ends = [(0, far), (far, len(points) - 1)] if closed else [(0, len(points) - 1)]
    keep[far] |= closed
    while open_ends:
        first, last = open_ends.pop()
        if last - first < 2:
            continue
        away = _distance(flat[first + 1 : last], flat[first], flat[last])
        if away.max() > tolerance:
            middle = first + 1 + int(away.argmax())
            keep[middle] = True
            open_ends += [(first, middle), (middle, last)]
    return points[keep]


def _distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    along, away = end - start, points - start
    length = np.hypot(*along)
    return np.abs(away[:, 0] * along[1] - away[:, 1] * along[0]) / length if length else np.hypot(*away.T)


def packed(points: np.ndarray) -> list[int]:
    """An arc on the grid: the first point, then steps, as one flat list of whole numbers."""
    grid = np.round(points / GRID).astype(int)
    moved = np.any(np.diff(grid, axis=0) != 0, axis=1)
    grid = np.concatenate([grid[:1], grid[1:][moved]])
    return [int(v) for v in np.concatenate([grid[:1], np.diff(grid, axis=0)]).ravel()]


def rings(geometry: dict[str, Any]) -> list[list[int]]:
    """All rings of a country as lists of arcs; ~k is arc k backwards."""
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    return [ring for polygon in polygons for ring in polygon]


def derive(topology: dict[str, Any], codes: list[list[str]]) -> dict[str, Any]:
    """The map file: countries as rings of shared arcs, arcs on a grid."""
    alpha3 = {row[2]: row[1] for row in codes}
    shapes: dict[str, list[list[int]]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        code = WITHOUT_CODE.get(country["properties"]["name"]) or alpha3[country["id"]]
        if code not in LEFT_OUT:
            shapes.setdefault(code, []).extend(rings(country))
    arcs = [packed(thinned(arc, TOLERANCE)) for arc in decoded(topology)]
    used = sorted({a if a >= 0 else ~a for found in shapes.values() for ring in found for a in ring})
    place = {arc: k for k, arc in enumerate(used)}
    renumbered = {
        code: [[place[a] if a >= 0 else ~place[~a] for a in ring] for ring in found]
        for code, found in sorted(shapes.items())
    }
    return {
        "source": "Natural Earth 1:50m countries (public domain) by way of world-atlas 2.0.2, thinned",
        "grid": GRID,
        "arcs": [arcs[k] for k in used],
        "countries": renumbered,
    }


def main() -> None:
    """Fetch, derive, write."""
    parser = argparse.ArgumentParser(description="Derive the map file that ships with the package.")
    parser.add_argument("--out", type=Path, default=TARGET, help="where to write (default: in the package)")
    parser.add_argument("--codes", type=Path, default=CODE_FILE, help="where to write the codes of all countries")
    asked = parser.parse_args()
    out: Path = asked.out
    found = derive(fetch(SHAPES, "countries-50m.json"), fetch(CODES, "codes.json"))
    asked.codes.write_text(textwrap.fill(" ".join(found["countries"]), 120) + "\n", encoding="utf-8")
    text = json.dumps(found, separators=(",", ":"), sort_keys=True)
    out.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{out.name}: {len(found['countries'])} countries, {len(found['arcs'])} arcs, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
