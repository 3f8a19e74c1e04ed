"""What a script says about one number of a scenario file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A value with its interval in the words of a scenario's quantity; ``source`` names scripts and facts."""

    value: float
    low: float
    high: float
    unit: str
    spread: str
    source: tuple[str, ...]

    def rounded(self) -> dict[str, object]:
        """As written to files: three significant digits are more than it carries."""
        numbers = {name: significant(getattr(self, name)) for name in ("value", "low", "high")}
        return {**numbers, "unit": self.unit, "spread": self.spread, "source": list(self.source)}


def significant(number: float, digits: int = 3) -> float:
    """``number`` to so many significant digits."""
    return float(f"{number:.{digits}g}")
