"""What scenario files say: which there are, every number with its source, what differs, a first file of one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from detente import storage
from detente.errors import UsageError
from detente.index import construction
from detente.scenario import difference, editor, places, starter
from detente.scenario.load import ScenarioLike, load, loaded
from detente.scenario.read import read_file
from detente.scenario.tree import Texts
from detente.scenario.words import plain


def listed() -> list[dict[str, Any]]:
    """What every scenario file within reach says about itself."""
    return [about(name, path) for name, path in places.names().items()]


def about(name: str, path: Path) -> dict[str, Any]:
    """What a scenario file says about itself; what it holds is not checked."""
    tree = read_file(path, places.shown(path), Texts())
    said = tree.mapping if tree else {}
    title = (said["title"].text if "title" in said else None) or (
        name if tree else f"cannot be read: detente check {name}"
    )
    question = said["question"].text if "question" in said else None
    named = {key: [item.text for item in said[key].items] if key in said else [] for key in ("extends", "overlay")}
    return {"name": name, "title": title, "question": question or "", **named, "file": places.shown(path)}


def show(name: ScenarioLike, path: str = "", sets: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Every number, date and switch of a scenario with its source, of the part under ``path`` alone where one is given.

    Raises ScenarioError; UsageError where nothing stands under ``path``.
    """
    known, part = loaded(name, sets), plain(path)

    def under(found: Any) -> list[dict[str, Any]]:
        inside = (one for one in found if not part or one.path == part or one.path.startswith(part + "."))
        return [{**vars(one), "source": list(one.source)} for one in inside]

    scenario, sources = known.scenario, known.facts_used()
    calendar, numbers, defaults = scenario.calendar, under(known.leaves()), under(known.defaults())
    if part and not numbers and not defaults:
        raise UsageError(f'nothing stands under "{part}"', "PATH")
    return {
        **scenario.model_dump(mode="json", include={"name", "title", "question", "theatre", "counterfactual"}),
        "hash": known.hash,
        "calendar": {**calendar.model_dump(mode="json"), "weeks": (calendar.end - calendar.start).days // 7},
        "parameters": numbers,
        "dates": under(known.dates()),
        "switches": scenario.parameters.switches.model_dump(),
        "defaults": defaults,
        "facts_used": sources,
        "facts": len(sources),
        "assumption_share": known.assumption_share,
        "files": [{"name": file.name, "sha256": file.sha256} for file in known.files],
    }


def diff(a: ScenarioLike, b: ScenarioLike) -> dict[str, Any]:
    """What differs between two scenarios: ``rows`` of values, dated ``acts``, and what of it builds the index.

    Raises ScenarioError.
    """
    first, second = loaded(a), loaded(b)
    rows = difference.rows(first.scenario, second.scenario)
    acts = difference.acts(first.scenario, second.scenario)
    return {
        "a": first.scenario.name,
        "b": second.scenario.name,
        "hash_a": first.hash,
        "hash_b": second.hash,
        "same": not rows and not acts,
        "rows": [vars(row) for row in rows],
        "acts": [{**vars(row), "what": row.what, "changes": [vars(c) for c in row.changes]} for row in acts],
        "construction": [row.path for row in rows if construction.counts(row.path)],
    }


def new(name: str, base: str = "baseline", force: bool = False, *, theatre: bool = False) -> Path:
    """Write a first scenario file over ``base``, with examples to uncomment, where it is found by its name.

    With ``theatre`` it is a small theatre of its own, which runs as it is, whatever ``base`` is. ``name`` may be a path
    ending in .yaml. Raises UsageError where the file exists, unless ``force``.
    """
    path = _place(name)
    if not theatre and path.stem == Path(base).stem:
        raise UsageError("a scenario cannot extend itself: choose another name", "NAME")
    if path.exists() and not force:
        raise UsageError(f"{path} exists; --force replaces it")
    place = editor.beside(path.parent.resolve())
    own = starter.theatre if theatre else partial(starter.starter, base=base, scenario=load(base).scenario)
    text = own(path.stem, schema=place)
    storage.make_folder(path.parent)
    storage.write_text(path, text)
    if place == editor.NAME:
        storage.write_text(path.parent / place, editor.text())
    return path


def _place(name: str) -> Path:
    """Where a file called ``name`` goes. UsageError where it is no name."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return path
    if not re.fullmatch(r"\w[\w-]*", name):
        raise UsageError("letters, digits, _ and - only, or a path ending in .yaml", "NAME")
    return Path("scenarios" if Path("scenarios").is_dir() else "") / f"{name}.yaml"
