"""Goldstein weights of CAMEO codes and of ACLED's event types, for event tables that carry none.

Goldstein (1992), J. Conflict Resolution 36(2), carried over to CAMEO's twenty root codes as event-data projects
do: -10 (force) to +8 (material cooperation). A root code is coarse; a table's own weight column is used before it.

CAMEO codes are text: 020 (appeal) and 20 (mass violence) are two things, and a spreadsheet makes one of them. What
cannot be told apart is refused. Codes after Schrodt (2012), CAMEO Event and Actor Codebook 1.1b3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from detente.observations.table import Row

#: weights of the root codes 1 to 20
ROOT = dict(
    enumerate((0.0, 3.0, 4.0, 1.0, 3.5, 6.0, 7.0, 5.0, -2.0, -5.0, -2.0, -4.0, -6.0, -6.5, -7.2, -4.0, -7.0), start=1)
) | {18: -9.0, 19: -10.0, 20: -10.0}
#: magnitude by ACLED event type: that of the CAMEO root code which is nearest to it (fight, assault, protest). What
#: ACLED calls strategic developments is no clash
ACLED = {
    "Battles": -ROOT[19],
    "Explosions/Remote violence": -ROOT[20],
    "Violence against civilians": -ROOT[18],
    "Riots": -ROOT[14],
    "Protests": -ROOT[14],
    "Strategic developments": 0.0,
}
#: ends of Goldstein's scale
HIGHEST = 10.0
#: last of the second-level codes below the roots 01 to 09 (010 to 019, 020 to 028 …), and of the third-level codes
_LAST = {1: 9, 2: 8, 3: 9, 4: 6, 5: 7, 6: 4, 7: 5, 8: 7, 9: 4}
_THIRD = {21: 4, 23: 4, 24: 4, 25: 6, 31: 4, 33: 4, 34: 4, 35: 6, 81: 4, 83: 4, 84: 2, 86: 3, 87: 4}
#: codes of roots 01 to 09 as numbers, their first zero lost
ZEROLESS = frozenset(
    [10 * root + n for root, last in _LAST.items() for n in range(last + 1)]
    + [10 * base + n for base, last in _THIRD.items() for n in range(1, last + 1)]
)
#: roots that WEIS has and CAMEO has not: seize, force
WEIS = (21, 22)
AS_TEXT = "import the column as text, or write the zeros again (020 for an appeal, 200 for mass violence)"
WEIS_ADVICE = "WEIS codes need their Goldstein weights in a column goldstein"
#: a weight in Goldstein points; or why a row has none, and what stands there
Weight = float | tuple[str, str]


@dataclass
class Given:
    """The table's own weights, in a column of it."""

    column: str

    def __call__(self, row: Row) -> Weight:
        """The weight of a row."""
        if not row.text(self.column):
            return f"have no weight in column {self.column}", ""
        value = row.number(self.column)
        if abs(value) > HIGHEST:
            raise row.fault(f"{value:g} in column {self.column} is outside Goldstein's scale, -10 to 10", self.column)
        return value


@dataclass
class Severity:
    """Weights by ACLED's sub-event type, else event type, of the ``known`` magnitudes."""

    known: dict[str, float]

    def __call__(self, row: Row) -> Weight:
        """The weight of a row."""
        kind, sub = row.text("event_type"), row.text("sub_event_type")
        size = self.known.get(sub, self.known.get(kind))
        if size is None:
            told = f'no severity for "{kind}" / "{sub}": add it under acled.severity of a codes file'
            raise row.fault(told, "event_type")
        return -size


@dataclass
class Coded:
    """Weights by CAMEO root code; what the codes of a table say of each other is known at its end."""

    column: str
    zeros: bool = False
    doubtful: Row | None = None

    def __call__(self, row: Row) -> Weight:
        """The weight of a row. Raises ObservationError where codes are another scheme's or have lost their zeros."""
        code = row.text(self.column)
        none = "have a code that is none of CAMEO's", code
        if re.fullmatch(r"\d+[.,]0+", code):
            raise row.fault(f'"{code}": codes were read as numbers and lost their zeros: {AS_TEXT}', self.column)
        if not (code.isascii() and code.isdigit()) or len(code) > 4:
            return none
        self.zeros |= code[0] == "0" and len(code) > 1
        root = int(code[:2])
        if len(code) > 1 and root in ROOT:
            if len(code) == 2 and code[0] != "0" and self.doubtful is None:
                self.doubtful = row
            return ROOT[root]
        lost = code[0] != "0" and (len(code) == 1 or int(code) in ZEROLESS)
        if lost or root in WEIS:
            known = f"{'0' * lost}{code}"
            why = [f'its zero lost: "{known}" is one ({AS_TEXT})'] * lost
            why += [f"a WEIS code ({WEIS_ADVICE})"] * (root in WEIS)
            raise row.fault(f'"{code}" is no CAMEO code, roots are 01 to 20: {"; or ".join(why)}', self.column)
        return none

    def settle(self) -> None:
        """Raise ObservationError where two-digit codes may be roots or may have lost a zero."""
        if self.doubtful is not None and not self.zeros:
            code = self.doubtful.text(self.column)
            raise self.doubtful.fault(
                f'"{code}" may be the root {code} or "0{code}" with its zero lost, and no code in the file begins '
                f"with a zero: {AS_TEXT}",
                self.column,
            )
