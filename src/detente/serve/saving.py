"""What a reader takes away: the command that repeats the numbers, and a scenario file with the levers as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detente.experiment import provenance
from detente.prose.wording import compact
from detente.scenario.editor import NAME
from detente.serve.levers import Lever
from detente.serve.offer import Offered

#: a key that YAML reads as the text that it is
PLAIN = re.compile(r"(?!(?:true|false|null)$)[A-Za-z_][\w-]*")
HEAD = """\
# yaml-language-server: $schema={schema}
# Levers as they stood on the what-if page; see: detente scenarios diff {base} THIS_FILE
extends: {base}
title: {title}
question: {question}
notes:
"""


def command(offered: Offered, changes: Mapping[str, str], members: int, seed: int, engine: str) -> str:
    """The command that makes the same numbers again."""
    return provenance.command(offered.word, members, seed, None, changes, engine=engine)


def scenario_file(offered: Offered, settings: Mapping[str, Any], changes: Mapping[str, str]) -> str:
    """A scenario file that extends the one on the page and states the levers that were moved."""
    name, moved = Path(offered.word).stem, [offered.levers[key] for key in offered.levers if key in settings]
    told = [f"{lever.label}: {stated(lever, settings[lever.key])}" for lever in moved]
    head = HEAD.format(
        schema=NAME,
        base=name if PLAIN.fullmatch(name) else json.dumps(name),
        title=json.dumps(f"What if, from {offered.known.scenario.title}"[:300], ensure_ascii=False),
        question=json.dumps(f"What if {'; '.join(told) or 'nothing changes'}?"[:600], ensure_ascii=False),
    )
    notes = "".join(f"  - {json.dumps(f'Assumed - {text}', ensure_ascii=False)}\n" for text in told)
    return head + (notes or "  - As it is.\n") + "".join(_lines(_nested(changes)))


def stated(lever: Lever, value: Any) -> str:
    """Where a lever is put, in words."""
    if lever.kind == "switch":
        return "on" if value else "off"
    if lever.kind == "choice":
        return dict(lever.options)[str(value)]
    return str(value) if lever.kind == "date" else f"{compact(float(value))} {lever.unit}".strip()


def _nested(changes: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, text in changes.items():
        *above, last = path.split(".")
        node = tree
        for step in above:
            node = node.setdefault(step, {})
        node[last] = text
    return tree


def _lines(tree: Mapping[str, Any], depth: int = 0) -> list[str]:
    out = []
    for key, below in tree.items():
        head = "  " * depth + (key if PLAIN.fullmatch(key) else json.dumps(key, ensure_ascii=False)) + ":"
        out += [f"{head}\n", *_lines(below, depth + 1)] if isinstance(below, dict) else [f"{head} {below}\n"]
    return out
