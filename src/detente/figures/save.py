"""Write a figure to a file whose bytes repeat: no dates, no random ids, provenance in the metadata."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from detente import storage
from detente.figures import style
from detente.figures.measure import width
from detente.figures.provenance import Provenance
from detente.figures.reading import FigureError

SUFFIXES = (".png", ".svg", ".pdf")
#: of a PNG in ``few`` colours: flat areas and soft edges of letters need no more
COLOURS = 48


def metadata(suffix: str, title: str, provenance: Provenance) -> dict[str, Any]:
    """The metadata fields of a file of this kind. None takes away what matplotlib would write itself."""
    made = f"detente {provenance.version}"
    if suffix == ".png":
        return {"Title": title, "Description": provenance.source, "Software": made}
    if suffix == ".svg":
        return {"Title": title, "Description": provenance.source, "Creator": made, "Date": None}
    return {"Title": title, "Subject": provenance.source, "Creator": made, "CreationDate": None}


def check(path: Path, *, force: bool = False) -> Path:
    """``path``, if a figure can be written there. FigureError and StorageError as for ``save``."""
    if path.suffix.lower() not in SUFFIXES:
        raise FigureError(f'cannot write "{path.name}": end the file name in .png, .svg or .pdf')
    storage.ready(path)
    if path.exists() and not force:
        raise FigureError(f'"{path}" exists: choose another name, or overwrite it with --force')
    return path


def save(
    figure: Figure,
    path: Path | str,
    provenance: Provenance,
    *,
    title: str = "",
    force: bool = False,
    few: bool = False,
) -> Path:
    """Save as PNG (200 dpi; in ``few`` colours, a third of the bytes), SVG (text as text) or PDF (TrueType), by suffix.

    FigureError where the suffix is none of these or the file exists (unless ``force``); StorageError where nothing can
    be written there.
    """
    target = check(Path(path), force=force)
    kind = target.suffix.lower()
    with storage.file(target) as beside:
        with style.house():
            figure.savefig(beside, format=kind[1:], dpi=style.DPI, metadata=metadata(kind, title, provenance))
        if kind == ".svg":
            # a viewer with another font fits its letters into the length written down
            beside.write_text(_TEXT.sub(_with_length, beside.read_text(encoding="utf-8")), encoding="utf-8")
        if kind == ".png" and few:
            _shrink(beside)
    return target


def _shrink(path: Path) -> None:
    """The same picture in few colours, a third of the bytes; its metadata stay."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    with Image.open(path) as picture:
        info, dpi = PngInfo(), picture.info.get("dpi")
        for key, text in picture.info.items():
            if isinstance(text, str):
                info.add_itxt(str(key), text)
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, format="PNG", optimize=True, pnginfo=info, dpi=dpi)


_TEXT = re.compile(r'<text style="([^"]*)"([^>]*)>([^<]*)</text>')
#: font families as matplotlib writes them -> what a viewer may take instead, the like of it first
_FALLBACKS = {
    "'Source Sans Pro', 'DejaVu Sans'": "'Source Sans Pro', 'Source Sans 3', Arial, 'DejaVu Sans', sans-serif",
    "'DejaVu Sans'": "'DejaVu Sans', Verdana, Arial, sans-serif",
}


def _with_length(found: re.Match[str]) -> str:
    look, rest, text = found.groups()
    size = float(re.search(r"font-size: ([0-9.]+)px", look)[1])  # type: ignore[index]
    strong = "font-weight: 600" in look
    long = width(html.unescape(text), size, style.STRONG if strong else 400) * 72
    look = re.sub(r"(?<=font-family: )[^;]*", lambda family: _FALLBACKS.get(family[0], family[0]), look)
    return f'<text style="{look}"{rest} textLength="{long:.2f}" lengthAdjust="spacingAndGlyphs">{text}</text>'
