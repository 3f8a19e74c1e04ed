"""Write a figure to a file whose bytes repeat: no dates, no random ids, provenance in the metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from detente.figures import style
from detente.figures.provenance import Provenance
from detente.figures.reading import FigureError

SUFFIXES = (".png", ".svg", ".pdf")


def metadata(suffix: str, title: str, provenance: Provenance) -> dict[str, Any]:
    """The metadata fields of a file of this kind. None takes away what matplotlib would write itself."""
    made = f"detente {provenance.version}"
    if suffix == ".png":
        return {"Title": title, "Description": provenance.source, "Software": made}
    if suffix == ".svg":
        return {"Title": title, "Description": provenance.source, "Creator": made, "Date": None}
    return {"Title": title, "Subject": provenance.source, "Creator": made, "CreationDate": None}


def check(path: Path, *, force: bool = False) -> Path:
    """``path``, if a figure can be written there. FigureError as for ``save``."""
    if path.suffix.lower() not in SUFFIXES:
        raise FigureError(f'cannot write "{path.name}": end the file name in .png, .svg or .pdf')
    if not path.parent.is_dir():
        raise FigureError(f'there is no folder "{path.parent}": make it first')
    if path.is_dir():
        raise FigureError(f'"{path}" is a folder: name a file in it')
    if path.exists() and not force:
        raise FigureError(f'"{path}" exists: choose another name, or overwrite it with --force')
    return path


def save(figure: Figure, path: Path | str, provenance: Provenance, *, title: str = "", force: bool = False) -> Path:
    """Save as PNG (200 dpi), SVG (text as text) or PDF (TrueType), by the suffix of ``path``.

    FigureError where the suffix is none of these, the folder is missing, or the file exists (unless ``force``).
    """
    target = check(Path(path), force=force)
    part = target.with_name(f".{target.name}.part")
    kind = target.suffix.lower()
    with style.house():
        figure.savefig(part, format=kind[1:], dpi=style.DPI, metadata=metadata(kind, title, provenance))
    part.replace(target)
    return target
