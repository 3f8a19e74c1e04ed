"""The dossier as the scripts read it: a facts.csv whose path the user gives."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

Fact = dict[str, str]


@dataclass(frozen=True)
class Dossier:
    """Facts by id, with the numbers read out of their text cells."""

    rows: dict[str, Fact]

    def value(self, key: str) -> float:
        """The fact's value as a number."""
        return float(self.rows[key]["value"])

    def bound(self, key: str, side: str) -> float:
        """The fact's low or high; its value where no range is given."""
        return float(self.rows[key][side] or self.rows[key]["value"])

    def share(self, key: str) -> float:
        """A percentage as a share."""
        return self.value(key) / 100.0

    def pair(self, key: str) -> tuple[float, float]:
        """A cell such as 50.41/48.23."""
        first, second, *_ = self.rows[key]["value"].split("/")
        return float(first), float(second)


def read(path: Path) -> Dossier:
    """Facts of a facts.csv."""
    with path.open(encoding="utf-8", newline="") as handle:
        return Dossier({row["id"]: row for row in csv.DictReader(handle)})


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
