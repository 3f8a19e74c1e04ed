"""What must hold: a check is declared beside what it checks; whoever asks for a group gets all of it, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from inspect import getdoc
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from detente.evidence.verification.runs import Subject

Group = Literal["limit", "placebo", "independence", "time step", "inert", "fault"]

#: groups in the order of the table, with their headings
GROUPS: dict[Group, str] = {
    "limit": "Analytic limits: what the equations give where the answer is known",
    "placebo": "Placebo: nothing changed must be no difference",
    "independence": "Order and workers: how it is computed must not matter",
    "time step": "Time step: weeks against months",
    "inert": "Inert parameters: every number must move something",
    "fault": "Faults found in published tools",
}


class Found(NamedTuple):
    """``expected`` and ``found`` in words and numbers; ``tolerance`` says how far apart they may be, and why."""

    expected: str
    found: str
    ok: Any
    tolerance: str = "exact"


@dataclass(frozen=True)
class Check:
    """One thing that must hold, and whether it does; see :class:`Found`."""

    name: str
    group: str
    expected: str
    found: str
    ok: bool
    tolerance: str = "exact"

    def record(self) -> dict[str, str | bool]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Declared:
    """A check by name and group; called with the subject it looks. Those that are ``full`` take minutes."""

    name: str
    group: Group
    look: Callable[[Subject], Found]
    full: bool

    def __call__(self, subject: Subject) -> Check:
        """Look, whatever it costs."""
        found = self.look(subject)
        return Check(self.name, self.group, found.expected, found.found, bool(found.ok), found.tolerance)

    @property
    def statement(self) -> str:
        """What must hold, in a sentence or two."""
        return " ".join((getdoc(self.look) or "").split())


@dataclass(frozen=True)
class NotApplicable:
    """A published fault that no check of the code can show to be absent, and why; it is counted nowhere."""

    name: str
    why: str


#: every check there is, in the order of the modules that declare them
DECLARED: list[Declared] = []


def check(group: Group, name: str, *, full: bool = False) -> Callable[[Callable[[Subject], Found]], Declared]:
    """Declare the function below as a check; its docstring says what must hold."""

    def declare(look: Callable[[Subject], Found]) -> Declared:
        DECLARED.append(Declared(name, group, look, full))
        return DECLARED[-1]

    return declare


def declared(group: str, *, full: bool = True) -> list[Declared]:
    """The checks of a group; those that take minutes only when asked for in ``full``."""
    return [one for one in DECLARED if one.group == group and (full or not one.full)]
