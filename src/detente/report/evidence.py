"""How far to trust it: the evidence card, as last committed, and what it says in words."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from detente.evidence.documentation import card_words

NAME = "evidence_card.json"
MISSING = "No evidence card is at hand: run detente verify and detente hindcast before relying on the numbers."


def card() -> dict[str, Any]:
    """The committed evidence card; empty where none ships with this installation."""
    for place in (files("detente") / "shipped" / "reports", _checkout()):
        path = place / NAME
        if path.is_file():
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return content
    return {}


def _checkout() -> Path:
    """``reports/`` of the repository that an editable installation runs from."""
    return Path(__file__).resolve().parents[3] / "reports"


def sentences(content: dict[str, Any]) -> tuple[str, ...]:
    """The card in words, as it states them itself; first that it is stale, where it was made with other code."""
    return card_words.sentences(content) if content.get("sentences") else (MISSING,)
