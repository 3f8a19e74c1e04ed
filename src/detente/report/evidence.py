"""How far to trust it: the evidence card, as last committed, and what it says in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from detente.errors import DetenteError
from detente.evidence.documentation import card_words
from detente.prose.table import Table

#: cards by their file names: the one that is committed, and those of other theatres beside it
NAMES = "evidence_card*.json"
MISSING = "No evidence card is at hand: run detente verify and detente hindcast before relying on the numbers."


class NoCard(DetenteError):
    """A file named as a card that is none; the message says what to do."""

    exit_code = 3


@dataclass(frozen=True)
class Evidence:
    """What was tested: the card of the theatre that is told of, and the card of another where it has none."""

    theatre: str
    scenario: str
    card: Mapping[str, Any]
    elsewhere: Mapping[str, Any]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The card in words, first that it is stale where it was made with other code; else that nothing was tested."""
        if self.card.get("sentences"):
            return tuple(card_words.sentences(self.card))
        if not self.elsewhere:
            return (MISSING,)
        return tuple(card_words.untested(self.theatre, self.scenario, self.elsewhere))

    @property
    def facts(self) -> dict[str, Any]:
        """What the sentences tell."""
        if self.card or not self.elsewhere:
            return dict(self.card)
        kept = ("theatre", "date", "verification")
        return {"theatre": self.theatre, "elsewhere": {key: self.elsewhere.get(key) for key in kept}}


def evidence(theatre: str, scenario: str) -> Evidence:
    """The evidence at hand for a theatre; ``scenario`` is the one that would be verified."""
    found = list(cards())
    own = next((card for card in found if card_words.alike(str(card.get("theatre", "")), theatre)), {})
    return Evidence(theatre, scenario, own, {} if own or not found else found[0])


def cards() -> Iterator[dict[str, Any]]:
    """The cards at hand: of this installation, of the checkout it runs from, of the folder one works in."""
    for folder in (files("detente") / "shipped" / "reports", _checkout(), Path("reports")):
        if folder.is_dir():
            found = (path for path in folder.iterdir() if fnmatch(path.name, NAMES))
            yield from map(_read, sorted(found, key=lambda path: path.name))


def _read(path: Traversable) -> dict[str, Any]:
    """A card. Raises NoCard where the file is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoCard(
            f"{path} cannot be read: {error}. Make it again with detente verify --card, or remove it."
        ) from error
    if not isinstance(content, dict) or "verification" not in content:
        raise NoCard(f"{path} is no evidence card. Make it again with detente verify --card, or remove it.")
    return content


def _checkout() -> Path:
    """``reports/`` of the repository that an editable installation runs from."""
    return Path(__file__).resolve().parents[3] / "reports"


def forecasts(content: Mapping[str, Any]) -> Table | None:
    """The hindcasts of the card; None where it holds none."""
    rows = content.get("hindcast", {}).get("rows", [])
    if not rows:
        return None
    head = tuple(f"{word[0].upper()}{word[1:]}" for word in card_words.HEAD)
    caption = (
        "Mean CRPS of log1p of the value, lower is better; laws off: the same filter with regime and background held "
        "constant and nothing set off. Gains in CRPS "
        "over exponential smoothing, and over the naive forecast that did best, found afterwards, with 95% intervals."
    )
    return Table(head, [card_words.cells(row) for row in rows], caption, "forecasts")


def printed(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the table of forecasts prints otherwise than the card: gains in percent, windows by their days; by row."""
    return [
        {
            "test": row["test"].split(":"),
            "gains": _percent(row, card_words.SKILL) + _percent(row["best"], card_words.BEST),
        }
        for row in content.get("hindcast", {}).get("rows", [])
    ]


def _percent(row: Mapping[str, Any] | None, keys: tuple[str, ...]) -> list[float]:
    return [100.0 * row[key] for key in keys if row[key] is not None] if row else []
