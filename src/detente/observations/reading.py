"""What became of the rows of a file: read, or left out and why; and what looks odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from detente.scenario.diagnostics import listed

#: of what was left out most often, how many are named
NAMED = 3


@dataclass
class Left:
    """Rows left out for one reason: how many, the line of the first, and what stood there how often."""

    rows: int = 0
    line: int = 0
    what: Counter[str] = field(default_factory=Counter)


@dataclass
class Reading:
    """Rows of a file: ``read`` and those ``left`` out, by reason; ``remarks`` are doubts that do not stop the reading.

    ``rows`` is always what was read and what was left out together.
    """

    read: int = 0
    left: dict[str, Left] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows below the header that are not blank."""
        return self.read + sum(one.rows for one in self.left.values())

    def leave(self, why: str, line: int, what: Iterable[str] = ()) -> None:
        """Count a row as left out."""
        one = self.left.setdefault(why, Left(line=line))
        one.rows += 1
        one.what.update(what)

    def record(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        return {
            "rows": self.rows,
            "read": self.read,
            "left_out": [
                {"rows": one.rows, "why": why, "first_line": one.line, "most_often": dict(one.what.most_common(NAMED))}
                for why, one in self.left.items()
            ],
            "remarks": list(self.remarks),
        }

    def words(self, file: str) -> list[str]:
        """What a user must know: nothing where all rows were read and nothing is odd."""
        told = [f"{file}: {text}" for text in self.remarks]
        if not self.left:
            return told
        why = [f"  {one.rows:,} {reason} (first: line {one.line}){_often(one)}" for reason, one in self.left.items()]
        return [f"{file}: {self.read:,} of {self.rows:,} rows are read; left out:", *why, *told]


def _often(left: Left) -> str:
    some = [f"{what or 'empty'} ({count:,})" for what, count in left.what.most_common(NAMED)]
    return f": {listed(some)}{' …' * (len(left.what) > NAMED)}" if some else ""
