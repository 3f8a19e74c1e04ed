"""The page as it is sent: hand-written HTML, CSS and JavaScript modules; nothing is built and nothing fetched."""

from __future__ import annotations

from importlib.resources import files

#: kinds of files of the page
KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript"}


def page_files() -> dict[str, bytes]:
    """The files of the page by name."""
    found = files("detente.serve.files").iterdir()
    return {one.name: one.read_bytes() for one in found if one.name.rpartition(".")[2] in KINDS}
