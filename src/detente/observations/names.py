"""Names and codes as people type them: one word may be written in several forms of Unicode, with any white space."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from detente.prose.wording import MARKS

#: what shows nothing at all: zero-width spaces and byte-order marks
NOTHING = re.compile("[\u200b\u2060\ufeff]")
#: what moves a terminal or turns the direction of reading: never part of a name
HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """``text`` in Unicode's composed form (NFC), each run of white space one space, none at the ends."""
    shown = text if text.isascii() else NOTHING.sub("", unicodedata.normalize("NFC", text))
    return " ".join(shown.split())


def folded(name: str) -> str:
    """A name for comparing: as :func:`plain`, without capitals and without marks of footnotes."""
    return unicodedata.normalize("NFC", plain(name).strip(MARKS + " ").casefold())


def on_disk(path: Path) -> Path:
    """``path`` as the disk spells it: the same name may be stored composed or decomposed. Unchanged where absent."""
    if path.exists():
        return path
    forms = (Path(unicodedata.normalize(form, str(path))) for form in ("NFC", "NFD"))
    return next((form for form in forms if form.exists()), path)
