"""One thing that must hold: what is expected, what is found, whether it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Group = Literal["limit", "placebo", "inert", "time step", "independence", "fault"]

#: groups in the order of the table, with their headings
GROUPS: dict[Group, str] = {
    "limit": "Analytic limits: what the equations give where the answer is known",
    "placebo": "Placebo: nothing changed must be no difference",
    "independence": "Order and workers: how it is computed must not matter",
    "time step": "Time step: weeks against months",
    "inert": "Inert parameters: every number must move something",
    "fault": "Faults found in published tools",
}


@dataclass(frozen=True)
class Check:
    """``expected`` and ``found`` in words and numbers; ``tolerance`` says how far apart they may be, and why."""

    name: str
    group: Group
    expected: str
    found: str
    ok: bool
    tolerance: str = "exact"

    def record(self) -> dict[str, str | bool]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True)
class NotApplicable:
    """A published fault that no check of the code can show to be absent, and why; it is counted nowhere."""

    name: str
    why: str


def number(value: float, digits: int = 4) -> str:
    """A number as the table prints it; what is zero but for rounding keeps its power of ten."""
    return f"{value:.{digits}g}"
