"""Text of scenario files: one form for every word, and no character that hides, moves or turns what a reader sees."""

from __future__ import annotations

import re
import unicodedata

#: letters one text may have; the longest shipped one has a fifteenth of it
MOST = 4000
#: letters a key may have
MOST_NAME = 200
#: letters that what stands in figures and tables may have, by the last key of its path
MOST_IN_PRINT = {"title": 300, "theatre": 100, "label": 150, "short": 60, "question": 600}

#: control characters other than white space; half of a pair of code units; no character at all
CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
#: what turns the direction of reading
TURNING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
#: what shows nothing: two names would look the same
HIDDEN = "\u00ad\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
STRANGE = re.compile(f"[{CONTROL}{TURNING}{HIDDEN}]")


def plain(text: str) -> str:
    """``text`` in Unicode's composed form (NFC), each run of white space one blank, none at the ends."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def joined(text: str) -> str:
    """``text`` with two halves of a character, as JSON escapes them, made one."""
    if text.isascii() or not re.search("[\ud800-\udfff]", text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def strange(text: str) -> re.Match[str] | None:
    """The first character that does not belong into a text."""
    return None if text.isascii() and text.isprintable() else STRANGE.search(text)


def named(character: str) -> str:
    """What a strange character is, for a sentence."""
    if re.match(f"[{TURNING}]", character):
        kind = "a character that turns the direction of reading"
    elif re.match(f"[{HIDDEN}]", character):
        kind = "a character that nobody sees"
    elif "\ud800" <= character <= "\udfff":
        kind = "half a character"
    else:
        kind = "a control character"
    return f"{kind} (U+{ord(character):04X})"


def printed(text: str) -> str:
    """``text`` in one line that no terminal takes for a command: what does not print is spelt out."""
    if text.isascii() and text.isprintable():
        return text
    return STRANGE.sub(lambda found: f"\\u{ord(found.group()):04x}", " ".join(re.split(r"[\s\x85]", text)))
