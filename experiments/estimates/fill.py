"""Carry the theatre's numbers from estimates.json into its files.

    python experiments/estimates/fill.py

Every quantity whose path is in estimates.json gets its value, range, spread and sources from there; notes stay.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

ROOT = Path(__file__).resolve().parents[2]
THEATRES = ROOT / "scenarios" / "theatres"
FILES = ("western_balkans.yaml", "western_balkans_calendar.yaml")
ESTIMATES = Path(__file__).with_name("estimates.json")


def at(tree: Any, path: str) -> Any:
    """The node at a dotted path, None where there is none."""
    for part in path.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def quantity(found: dict[str, Any], note: str) -> CommentedMap:
    """One estimate as a quantity on one line."""
    known = {k: v for k, v in found.items() if v != "" and not (k in ("low", "high") and not found["spread"])}
    sources = CommentedSeq(known["source"])
    sources.fa.set_flow_style()
    node = CommentedMap(known | {"source": sources} | ({"note": note} if note else {}))
    node.fa.set_flow_style()
    return node


def fill(name: str, estimates: dict[str, Any]) -> set[str]:
    """Fill one file; the paths found in it."""
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 118, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    path = THEATRES / name
    tree = yaml.load(path)
    done = set()
    for key, found in estimates.items():
        parent, _, last = key.rpartition(".")
        node = at(tree, key)
        if node is not None:
            at(tree, parent)[last] = quantity(found, node.get("note", "") if isinstance(node, dict) else "")
            done.add(key)
    text = io.StringIO()
    yaml.dump(tree, text)
    path.write_text("".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines()), encoding="utf-8")
    return done


def main() -> None:
    """Fill all files; complain about estimates that no file has a place for."""
    estimates = json.loads(ESTIMATES.read_text())["estimates"]
    wanted = {k: v for k, v in estimates.items() if not k.startswith("parameters.")}
    done = set().union(*(fill(name, wanted) for name in FILES))
    if lost := sorted(set(wanted) - done):
        raise SystemExit("no place in the theatre's files for: " + ", ".join(lost))


if __name__ == "__main__":
    main()
