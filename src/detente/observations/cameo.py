"""CAMEO event codes that are weights' only source: told from WEIS codes and from numbers that lost their zeros.

CAMEO codes are text: 020 (appeal) and 20 (mass violence) are two things, and a spreadsheet makes one of them. What
cannot be told apart is refused. Codes after Schrodt (2012), CAMEO Event and Actor Codebook 1.1b3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from detente.observations.goldstein import ROOT
from detente.observations.table import Row

#: last of the second-level codes below the roots 01 to 09: 010 to 019, 020 to 028 and so on
_LAST = {1: 9, 2: 8, 3: 9, 4: 6, 5: 7, 6: 4, 7: 5, 8: 7, 9: 4}
#: last of the third-level codes: 0211 to 0214 and so on
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


@dataclass
class Codes:
    """The codes of one table; what they say of each other is known at its end."""

    column: str
    zeros: bool = False
    doubtful: Row | None = None

    def weight(self, row: Row) -> float | None:
        """Goldstein weight of the row's code; None where it is none of CAMEO's.

        Raises ObservationError where the codes are another scheme's or have lost their zeros.
        """
        code = row.text(self.column)
        if re.fullmatch(r"\d+[.,]0+", code):
            raise row.fault(f'"{code}": codes were read as numbers and lost their zeros: {AS_TEXT}', self.column)
        if not (code.isascii() and code.isdigit()) or len(code) > 4:
            return None
        self.zeros |= code[0] == "0" and len(code) > 1
        if len(code) > 1 and int(code[:2]) in ROOT:
            if len(code) == 2 and code[0] != "0" and self.doubtful is None:
                self.doubtful = row
            return ROOT[int(code[:2])]
        self._refuse(row, code)
        return None

    def _refuse(self, row: Row, code: str) -> None:
        """Raise where a code that is none of CAMEO's says what happened to all of them."""
        lost = code[0] != "0" and (len(code) == 1 or int(code) in ZEROLESS)
        weis = int(code[:2]) in WEIS
        if not lost and not weis:
            return
        known = f"{'0' if lost else ''}{code}"
        why = [f'its zero lost: "{known}" is one ({AS_TEXT})'] * lost + [f"a WEIS code ({WEIS_ADVICE})"] * weis
        raise row.fault(f'"{code}" is no CAMEO code, roots are 01 to 20: {"; or ".join(why)}', self.column)

    def settle(self) -> None:
        """Raise ObservationError where two-digit codes may be roots or may have lost a zero."""
        if self.doubtful is not None and not self.zeros:
            code = self.doubtful.text(self.column)
            raise self.doubtful.fault(
                f'"{code}" may be the root {code} or "0{code}" with its zero lost, and no code in the file begins '
                f"with a zero: {AS_TEXT}",
                self.column,
            )
