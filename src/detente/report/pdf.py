"""report.pdf through Typst: the same report, typeset. What users wrote stands in it as strings, never evaluated."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from detente import extras
from detente.report.content import Report
from detente.report.page import filled

LAYOUT, PDF = "report.typ", "report.pdf"
#: tagged, with a title, a language and a text for every figure, so that a screen reader can read it
STANDARD: Literal["ua-1"] = "ua-1"


def require() -> None:
    """ExtraMissing without the extra "pdf"; asked before anything is run."""
    extras.require("pdf", "a PDF")


def render(report: Report, place: Path) -> None:
    """Write report.pdf into ``place``, where figures/ holds the SVG files. ExtraMissing without the extra "pdf"."""
    require()
    import matplotlib as mpl
    import typst

    def compiled(floating: bool) -> None:
        (place / LAYOUT).write_text(layout(report, floating), encoding="utf-8")
        typst.compile(
            str(place / LAYOUT),
            output=str(place / PDF),
            root=str(place),
            font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
            ignore_system_fonts=True,
            pdf_standards=STANDARD,
        )

    try:
        compiled(floating=True)
    except typst.TypstError as error:
        if "internal error" not in str(error):
            raise
        # Typst 0.15 loses its way in the tags of some pages with several floats: rather emptier pages than none
        compiled(floating=False)
    finally:
        (place / LAYOUT).unlink()


def layout(report: Report, floating: bool = True) -> str:
    """What is typeset; figures may move to where there is room, or stay where they are told of."""
    running = f"Tension report · {report.subtitle.split(' · ')[0]}"
    return filled(report, "report.typ.j2", running=running, floating=floating)
