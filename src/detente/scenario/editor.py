"""The JSON Schema of a scenario file, for editors: completion, hover texts, faults while typing.

It describes one file, not the whole: what a file extends may supply any key, so nothing is required, and null removes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from detente.scenario.schema import Scenario

NAME = "scenario.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: what pydantic adds and a single file does not need
DROPPED = frozenset({"required", "title", "default", "discriminator"})
FILES = {
    "extends": "name of the file this one is laid over, or a list of files that stand side by side",
    "overlay": "name of a file laid over what is extended, or a list of them from left to right",
}


def schema() -> dict[str, Any]:
    """The schema as a mapping."""
    whole = Scenario.model_json_schema(mode="validation")
    found: dict[str, Any] = _relaxed(whole)
    names = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    files = {key: {"description": told, "anyOf": names} for key, told in FILES.items()}
    found["properties"] = {**files, **found["properties"]}
    return {"$schema": DIALECT, "title": "detente scenario", **found}


def text() -> str:
    """The schema as the text of its file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def beside(folder: Path) -> str:
    """The schema's place as seen from ``folder``: that of a checkout above it, otherwise beside the file."""
    for steps, above in enumerate([folder, *folder.parents]):
        if (above / "schema" / NAME).is_file():
            return "../" * steps + f"schema/{NAME}"
    return NAME


def _relaxed(node: Any) -> Any:
    """A schema without requirements, in which every entry of a mapping may be null."""
    if isinstance(node, list):
        return [_relaxed(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    found = {key: _relaxed(value) for key, value in node.items() if key not in DROPPED and key not in NESTED}
    for key in NESTED:
        if key in node:
            found[key] = {name: _relaxed(entry) for name, entry in node[key].items()}
    if "properties" in found:
        found["properties"] = {name: _or_null(entry) for name, entry in found["properties"].items()}
    if isinstance(found.get("additionalProperties"), dict):
        found["additionalProperties"] = _or_null(found["additionalProperties"])
    if "oneOf" in found:  # an act that is altered need not repeat its kind: it fits several
        found["anyOf"] = found.pop("oneOf")
    return found


#: mappings from names to schemas: their keys are no keywords
NESTED = ("properties", "$defs")


def _or_null(entry: dict[str, Any]) -> dict[str, Any]:
    if {"type": "null"} in entry.get("anyOf", []):
        return entry
    told = {"description": entry["description"]} if "description" in entry else {}
    return {**told, "anyOf": [{k: v for k, v in entry.items() if k != "description"}, {"type": "null"}]}
