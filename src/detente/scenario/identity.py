"""What makes two scenarios the same: their content, not their name or the files it was spread over."""

from __future__ import annotations

import hashlib
import json

from detente.laws.extensions import fingerprint
from detente.scenario.quantity import Use
from detente.scenario.schema import Scenario
from detente.scenario.shape import fields

#: fields of a scenario that are no part of its identity
WORDS = frozenset(name for name, field in fields(Scenario).items() if field.use == Use.WORDS)


def content_hash(scenario: Scenario) -> str:
    """SHA-256 (hex) of everything that a run depends on, extensions included: equal for a copy under another name."""
    content = scenario.model_dump(mode="json", exclude=set(WORDS))
    content["parameters"] = {name: held for name, held in content["parameters"].items() if held is not None}
    if in_use := scenario.in_use():
        content["extensions"] = fingerprint(in_use)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
