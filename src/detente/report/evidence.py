"""How far to trust it: the evidence card, as last committed, and what it says in words."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from detente.evidence.documentation import card_words
from detente.report.content import Table

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


def forecasts(content: dict[str, Any]) -> Table | None:
    """The hindcasts of the card; None where it holds none."""
    rows = content.get("hindcast", {}).get("rows", [])
    if not rows:
        return None
    head = tuple(f"{word[0].upper()}{word[1:]}" for word in card_words.HEAD)
    caption = (
        "Mean CRPS of log1p of the value, lower is better; laws off: the same filter without the laws. Gains in CRPS "
        "over exponential smoothing, and over the naive forecast that did best, found afterwards, with 95% intervals."
    )
    return Table("forecasts", head, tuple(card_words.cells(row) for row in rows), caption)


def printed(content: dict[str, Any]) -> list[dict[str, Any]]:
    """What the table of forecasts prints otherwise than the card: gains in percent, windows by their days; by row."""
    return [
        {
            "test": row["test"].split(":"),
            "gains": _percent(row, card_words.SKILL) + _percent(row["best"], card_words.BEST),
        }
        for row in content.get("hindcast", {}).get("rows", [])
    ]


def _percent(row: dict[str, Any] | None, keys: tuple[str, ...]) -> list[float]:
    return [100.0 * row[key] for key in keys if row[key] is not None] if row else []
