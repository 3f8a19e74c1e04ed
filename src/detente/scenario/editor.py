"""The JSON Schema of a scenario file, for editors: completion, hover texts, faults while typing.

It describes one file, not the whole: what a file extends may supply any key, and null removes. Required is what has no
default in a file with a title that extends nothing but the laws, since nothing else supplies it there. A part has no
title, and needs nothing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from detente.scenario.schema import SECTIONS, Scenario

NAME = "scenario.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: what pydantic adds and a single file does not need
DROPPED = frozenset({"required", "title", "default", "discriminator"})
#: what a whole theatre may extend and still state everything else itself
LAWS = {"type": "string", "pattern": r"^(theatres/)?(laws|laws_estimates|literature)$"}
#: sections whose entries are whole there; parameters come from the laws
WHOLE = (*SECTIONS, "levels", "sources", "claims")
FILES = {
    "extends": "name of the file this one is laid over, or a list of files that stand side by side",
    "overlay": "name of a file laid over what is extended, or a list of them from left to right",
}


def schema() -> dict[str, Any]:
    """The schema as a mapping."""
    whole = Scenario.model_json_schema(mode="validation")
    for kind, record in whole["$defs"].items():
        _told(record.get("properties", {}), meanings().get(kind, {}))
    found: dict[str, Any] = _relaxed(whole)
    names = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    files = {key: {"description": told, "anyOf": names} for key, told in FILES.items()}
    found["properties"] = {**files, **found["properties"]}
    return {"$schema": DIALECT, "title": "detente scenario", **found, **_required(whole)}


@lru_cache(maxsize=1)
def meanings() -> dict[str, dict[str, tuple[str, str]]]:
    """What every field of a theatre's records means, and what is typical (or nothing), by record and field."""
    from ruamel.yaml import YAML

    held = YAML(typ="safe").load(files("detente.scenario").joinpath("meanings.yaml").read_text(encoding="utf-8"))
    return {
        kind: {name: (text, "") if isinstance(text, str) else (text[0], text[1]) for name, text in told.items()}
        for kind, told in held.items()
    }


def _told(properties: dict[str, Any], means: dict[str, tuple[str, str]]) -> None:
    """Put what fields mean before what is told of them."""
    for name, (meaning, typical) in means.items():
        told = [meaning, typical and f"typically {typical}", properties[name].get("description")]
        properties[name]["description"] = "; ".join(filter(None, told))


def _required(whole: dict[str, Any]) -> dict[str, Any]:
    """What a file with a title must state where it extends nothing but the laws."""
    alone = {"anyOf": [LAWS, {"type": "array", "items": LAWS}]}
    applies = {"required": ["title"], "properties": {"extends": alone, "overlay": False}}
    stated = [name for name in whole["required"] if name != "parameters"]
    entries = {name: _entries(whole["properties"][name]["additionalProperties"], whole) for name in WHOLE}
    calendar = {"required": whole["$defs"]["Calendar"]["required"]}
    return {"if": applies, "then": {"required": stated, "properties": {"calendar": calendar, **entries}}}


def _entries(kind: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """The required keys of the entries of a section: those of the kind that each has, where there are several."""
    choices = kind.get("discriminator", {}).get("mapping")
    if choices is None:
        return {"additionalProperties": {"required": _needs(kind["$ref"], whole)}}
    told = [
        {"if": {"properties": {"kind": {"const": name}}}, "then": {"required": _needs(ref, whole)}}
        for name, ref in choices.items()
    ]
    return {"additionalProperties": {"required": ["kind"], "allOf": told}}


def _needs(ref: str, whole: dict[str, Any]) -> list[str]:
    return list(whole["$defs"][ref.rpartition("/")[2]].get("required", []))


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
