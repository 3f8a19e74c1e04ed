"""One YAML file becomes a tree with positions. Nothing but mappings, lists and scalars of YAML 1.2 is let in.

Events are taken from a parser one by one, so that an anchor, an alias, a tag or a deep nest is refused where it
stands and never built.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from detente.scenario.diagnostics import MOST, Fault, Mark
from detente.scenario.events import ALIAS, DOCUMENT, END, LIST, MAPPING, SCALAR, Event, Unread, exact, quick
from detente.scenario.tree import BROKEN, Node, Scalar, Texts
from detente.scenario.words import MOST as MOST_TEXT
from detente.scenario.words import MOST_IN_PRINT, MOST_NAME, joined, named, plain, strange

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
#: values in one file; the largest shipped file has a tenth of it
MAX_VALUES = 50_000
#: digits and letters a number may have; no quantity here needs more
MAX_NUMBER = 40
MAX_SIZE = 1e15

NULL = re.compile(r"~|null|Null|NULL")
TRUTH = re.compile(r"true|True|TRUE|false|False|FALSE")
INTEGER = re.compile(r"[-+]?[0-9]+")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
BINARY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class _Refused(Exception):
    """The file is not read further: code, place, message and hint of the reason."""


def read_file(path: Path, shown: str, texts: Texts) -> Node | None:
    """The tree of the file at ``path``; faults go to ``texts`` under the name ``shown``. None where nothing is left."""
    try:
        text = _decoded(_bytes(path, Mark(shown, 0, 0)), shown)
        texts.lines[shown] = text.splitlines()
        if all(line.lstrip()[:1] in ("", "#") for line in texts.lines[shown]):
            advice = "detente scenarios new NAME writes a first one"
            raise _Refused("E103", Mark(shown, 1, 1), "the file is empty", advice)
        _refuse_strange(text, shown)
        root, faults = _parsed(text, shown)
        texts.faults += faults
        if root is not None and not isinstance(root.data, dict):
            raise _Refused("E121", root.mark, "a scenario file is a mapping: lines of the form key: value")
    except _Refused as reason:
        texts.report(*reason.args)
        return None
    return root


@lru_cache(maxsize=64)
def _parsed(text: str, shown: str) -> tuple[Node | None, list[Fault]]:
    """The tree of a file and its faults, parsed once in a process (nothing changes a tree after it is read)."""
    own = Texts({shown: text.splitlines()})
    try:
        return _tree(text, shown, own), own.faults
    except _Refused as reason:
        own.report(*reason.args)
        return None, own.faults


def read_value(text: str, shown: str, texts: Texts) -> Node | None:
    """The tree of a value given outside a file."""
    try:
        _refuse_strange(text, shown)
        return _tree(text, shown, texts)
    except _Refused as reason:
        texts.report(*reason.args)
        return None


def _bytes(path: Path, start: Mark) -> bytes:
    if path.is_dir():
        raise _Refused("E102", start, "this is a directory, not a scenario file", "name a file in it")
    try:
        if not path.is_file():
            raise _Refused("E102", start, "this is not a regular file")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _Refused("E102", start, f"cannot be read: {error.strerror or error}") from None
    if len(raw) > MAX_BYTES:
        first = start._replace(line=1, col=1)
        raise _Refused("E107", first, f"the file is larger than {MAX_BYTES:,} bytes", "split it, and use extends")
    return raw


def _decoded(raw: bytes, shown: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        place = Mark(shown, line, error.start - raw.rfind(b"\n", 0, error.start))
        message = f"not text in UTF-8: byte 0x{raw[error.start]:02x}"
        raise _Refused("E108", place, message, "save the file as UTF-8") from None
    return text


def _refuse_strange(text: str, shown: str) -> None:
    """Stop at a character that does not belong into a text, in comments too."""
    if found := strange(text):
        line = text.count("\n", 0, found.start()) + 1
        place = Mark(shown, line, found.start() - text.rfind("\n", 0, found.start()))
        raise _Refused("E108" if BINARY.match(found.group()) else "E119", place, named(found.group()), "remove it")


def _tree(text: str, shown: str, texts: Texts) -> Node | None:
    """The tree of a text; its faults are those that the exact parser finds."""
    return _sound(text, shown) or _told(text, shown, texts)


def _sound(text: str, shown: str) -> Node | None:
    """The tree of a text in which the quick parser finds no fault."""
    own = Texts()
    try:
        root = _Builder(shown, own).document(quick(text, shown))
    except (Unread, _Refused):
        return None
    return None if own.faults else root


def _told(text: str, shown: str, texts: Texts) -> Node | None:
    try:
        return _Builder(shown, texts).document(exact(text, shown))
    except Unread as error:
        place = Mark(shown, error.line, error.col)
        quotes = "put text that holds a colon, #, [ or { in quotes; keep the indentation of its neighbours"
        hint = "indent with spaces, not tabs" if "\t" in texts.line(place) else quotes
        raise _Refused("E106", place, f"not YAML: {error.reason}", hint) from None


def too_long(key: str, node: Node, texts: Texts) -> None:
    """Refuse a text that no figure or table has room for."""
    most = MOST_IN_PRINT.get(key, MOST_TEXT)
    if node.text is not None and len(node.text) > most:
        texts.report("E107", node.mark, f"{key}: a text of {len(node.text):,} letters", f"at most {most} here: cut it")


class _Builder:
    """Turns parser events into nodes."""

    def __init__(self, shown: str, texts: Texts) -> None:
        self.shown = shown
        self.texts = texts
        self.values = 0

    def document(self, stream: Iterator[Event]) -> Node | None:
        """The one document of a file."""
        root: Node | None = None
        for event in stream:
            if event.kind is DOCUMENT and root is not None:
                self.refuse("E106", event, "a second document: a scenario file holds one", "remove the line ---")
                return root
            if event.kind is not DOCUMENT:
                root = self.node(event, stream, 0)
        return root

    def refuse(self, code: str, event: Event, message: str, hint: str = "") -> None:
        """Report a fault; stop where there are too many."""
        self.texts.report(code, event.mark, message, hint)
        if len(self.texts.faults) > MOST:
            raise _Refused("E107", event.mark, f"more than {MOST} faults: reading was stopped")

    def node(self, event: Event, stream: Iterator[Event], depth: int) -> Node:
        """The node that begins with ``event``."""
        mark = event.mark
        self.values += 1
        if self.values > MAX_VALUES:
            raise _Refused("E107", mark, f"more than {MAX_VALUES:,} values in one file", "split it, and use extends")
        if depth > MAX_DEPTH:
            raise _Refused("E111", mark, f"nested more than {MAX_DEPTH} levels deep", "a scenario needs fewer than ten")
        self.refuse_extras(event)
        data = self.data(event, stream, depth)
        return Node(BROKEN if event.tag is not None else data, mark)

    def data(self, event: Event, stream: Iterator[Event], depth: int) -> dict[str, Node] | list[Node] | Scalar:
        """The value that begins with ``event``."""
        if event.kind is SCALAR:
            return self.scalar(event)
        if event.kind is LIST:
            return self.entries(stream, depth)
        return self.mapping(stream, depth) if event.kind is MAPPING else BROKEN

    def refuse_extras(self, event: Event) -> None:
        """Aliases, anchors and tags are no part of a scenario file."""
        if event.kind is ALIAS:
            self.refuse("E109", event, f"alias *{event.anchor}: aliases are not allowed", "write the value out")
        elif event.anchor is not None:
            self.refuse("E109", event, f"anchor &{event.anchor}: anchors are not allowed", "remove it")
        if event.tag is not None:
            written = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.refuse("E110", event, f"tag {written}: tags are not allowed", "write the plain value")

    def until_end(self, stream: Iterator[Event]) -> Iterator[Event]:
        """What stands in the list or mapping that was begun."""
        return itertools.takewhile(lambda event: event.kind is not END, stream)

    def entries(self, stream: Iterator[Event], depth: int) -> list[Node]:
        """The entries of a list."""
        return [self.node(event, stream, depth + 1) for event in self.until_end(stream)]

    def mapping(self, stream: Iterator[Event], depth: int) -> dict[str, Node]:
        """The entries of a mapping; of equal keys the first stays."""
        entries: dict[str, Node] = {}
        for event in self.until_end(stream):
            name = self.key(event, stream, depth)
            value = next(stream)
            node = self.node(value, stream, depth + 1)
            node.key = event.mark
            if value.kind is SCALAR and not value.quoted and value.value == "":
                self.refuse(
                    "E112",
                    event,
                    f'"{name or "this"}" has no value',
                    "write a value, {} for none, or null to remove it",
                )
                node.data = BROKEN
            if name is not None:
                self.enter(entries, name, node, event)
                too_long(name, node, self.texts)
        return entries

    def key(self, event: Event, stream: Iterator[Event], depth: int) -> str | None:
        """The name a key gives; None where it gives none."""
        if event.kind is not SCALAR or not event.value.strip():
            self.node(event, stream, depth + 1)
            self.refuse("E121", event, "a key must be a word", "put it in quotes")
            return None
        self.refuse_extras(event)
        if event.value == "<<" and not event.quoted:
            self.refuse("E109", event, "merge key <<: not allowed", "use extends, or write the keys out")
            return None
        return self.text(event, MOST_NAME)

    def text(self, event: Event, most: int) -> str | None:
        """A text in one form; None where it is too long, or holds what does not belong into a text."""
        text = joined(event.value)
        found = strange(text)
        if found:
            self.refuse("E119", event, named(found.group()), "remove it")
        elif len(text) > most:
            self.refuse("E107", event, f"a text of {len(text):,} letters", f"at most {most:,} here: cut it")
        return None if found or len(text) > most else plain(text)

    def enter(self, entries: dict[str, Node], name: str, node: Node, event: Event) -> None:
        """Add an entry to a mapping."""
        if name not in entries:
            entries[name] = node
            return
        first = entries[name].key or node.mark
        self.refuse("E105", event, f'duplicate key "{name}"', f"it stands in line {first.line} already: keep one")

    def scalar(self, event: Event) -> Scalar:
        """A plain scalar by the YAML 1.2 core schema; what is quoted is text."""
        text = event.value
        if event.quoted:
            return self.written(event)
        if ENDLESS.fullmatch(text):
            self.refuse("E123", event, f"{text} is not a number a model can use", "write a finite number")
            return BROKEN
        if INTEGER.fullmatch(text) or REAL.fullmatch(text):
            return self.number(text, event)
        if NULL.fullmatch(text):
            return None
        return text.lower() == "true" if TRUTH.fullmatch(text) else self.written(event)

    def written(self, event: Event) -> Scalar:
        """A value that is text."""
        text = self.text(event, MOST_TEXT)
        return BROKEN if text is None else text

    def number(self, text: str, event: Event) -> Scalar:
        """A number, unless it is absurd."""
        number = (int(text) if INTEGER.fullmatch(text) else float(text)) if len(text) <= MAX_NUMBER else float("inf")
        if abs(number) > MAX_SIZE:
            self.refuse("E123", event, "an absurd number", f"nothing here is larger than {MAX_SIZE:g}")
            return BROKEN
        return number
