"""The events of a YAML text, one by one and with their places, from either of two parsers.

libyaml is in C and some thirty times as fast as ruamel.yaml, but what it says of a fault is less exact, and it follows
an older YAML. So it reads what is sound; all that it stumbles over is read by ruamel.yaml, whose word holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from detente.scenario.diagnostics import Mark

if TYPE_CHECKING:
    from ruamel.yaml import YAML

#: tabs and breaks of lines that the two parsers count differently, and a mark that one of them skips
UNLIKE = re.compile("[\t\x85\u2028\u2029\ufeff]")
DOCUMENT, SCALAR, LIST, MAPPING, ALIAS, END = "document", "scalar", "list", "mapping", "alias", "end"
#: what either parser calls an event -> what it is here; others say nothing
KINDS = {
    "DocumentStartEvent": DOCUMENT,
    "ScalarEvent": SCALAR,
    "SequenceStartEvent": LIST,
    "MappingStartEvent": MAPPING,
    "AliasEvent": ALIAS,
    "SequenceEndEvent": END,
    "MappingEndEvent": END,
}


class Event(NamedTuple):
    """What a parser found at a place; ``quoted`` where a text does not stand there bare."""

    kind: str
    mark: Mark
    value: str = ""
    quoted: bool = False
    anchor: str | None = None
    tag: str | None = None


class Unread(Exception):
    """A text that a parser cannot read: where, and its reason if it gave one."""

    def __init__(self, line: int = 0, col: int = 0, reason: str = "") -> None:
        super().__init__(line, col, reason)
        self.line, self.col, self.reason = line, col, reason


def quick(text: str, shown: str) -> Iterator[Event]:
    """The events of a text as libyaml finds them. Unread where it is missing, or may see something else."""
    import yaml

    if UNLIKE.search(text) or not yaml.__with_libyaml__:
        raise Unread
    try:
        for event in _placed(yaml.parse(text, Loader=yaml.CSafeLoader), shown):
            # an empty value has its place elsewhere
            if event.kind is SCALAR and not event.value and not event.quoted:
                raise Unread
            yield event
    except (yaml.YAMLError, ValueError):
        raise Unread from None


def exact(text: str, shown: str) -> Iterator[Event]:
    """The events of a text as ruamel.yaml finds them. Unread where it cannot."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    parser = YAML(typ="safe", pure=True)
    try:
        yield from _placed(_pulled(parser, text), shown)
    except (YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError, RecursionError) as error:
        # the parser stumbles over some malformed text with an error of its own, without a place
        told = error if isinstance(error, MarkedYAMLError) else None
        mark = (told and (told.problem_mark or told.context_mark)) or parser.reader
        reason = (told and (told.problem or told.context)) or "an escape that names no character, or no end"
        raise Unread(mark.line + 1, mark.column + 1, reason) from None


def _pulled(parser: YAML, text: str) -> Iterator[Any]:
    """What ``parser.parse`` gives, but the place of its reader outlives an error."""
    _, events = parser.get_constructor_parser(text)
    while events.check_event():
        yield events.get_event()


def _placed(events: Iterable[Any], shown: str) -> Iterator[Event]:
    """The events that say something, with their places in the file called ``shown``."""
    for event in events:
        kind = KINDS.get(type(event).__name__)
        if kind is None:
            continue
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        width = max(1, end.column - column) if end.line == line else 1
        mark = Mark(shown, line + 1, column + 1, width)
        if kind is SCALAR:
            yield Event(kind, mark, event.value, bool(event.style), event.anchor, _tag(event))
        elif kind is END or kind is DOCUMENT:
            yield Event(kind, mark)
        else:
            yield Event(kind, mark, anchor=event.anchor, tag=_tag(event))


def _tag(event: Any) -> str | None:
    tag = getattr(event, "tag", None)
    return None if tag is None else str(tag)
