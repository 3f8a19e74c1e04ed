"""What must hold before anybody believes a number: all checks on one scenario, as one record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from detente.engine import choice
from detente.evidence.unfinished import keeping
from detente.evidence.verification import (  # noqa: F401  # they declare
    check,
    faults,
    forecasting,
    inert,
    limits,
    regime_limits,
    steps,
)
from detente.evidence.verification.check import Check, NotApplicable
from detente.evidence.verification.runs import Subject
from detente.experiment import design
from detente.experiment.fingerprint import fingerprint
from detente.scenario.load import Loaded

#: members of the runs that are compared: more than one block of the narrow kind, more than a hundred draws' worth
MEMBERS = 200


@dataclass(frozen=True)
class Verification:
    """The checks of one scenario, and the published faults that no check can show."""

    scenario: str
    hash: str
    code: str
    members: int
    seed: int
    full: bool
    checks: tuple[Check, ...] = field(repr=False)
    not_applicable: tuple[NotApplicable, ...] = faults.NOT_APPLICABLE
    engine: str = choice.NUMPY

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(one for one in self.checks if not one.ok)

    @property
    def ok(self) -> bool:
        """Whether all hold."""
        return not self.failed

    def record(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        told = {
            "checks": [one.record() for one in self.checks],
            "not_applicable": [vars(n) for n in self.not_applicable],
        }
        return {"ok": self.ok, **vars(self), **told}


def verify(
    loaded: Loaded,
    members: int = MEMBERS,
    seed: int = 1,
    *,
    full: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Verification:
    """All checks on a scenario. Raises ScenarioError where it cannot be run at all.

    ``full`` also moves every number of the theatre and takes out every act, one by one; that takes minutes. ``tell``
    is called with the name of what is looked at next. Raises ExtraMissing before anything is run, and Unfinished with
    the checks made so far where one is stopped.
    """
    design.require("sobol")
    subject, found = Subject(loaded.scenario, members, seed, full), list[Check]()
    name, code = loaded.scenario.name or loaded.scenario.title, fingerprint()

    def made() -> Verification:
        engine = choice.in_force().taken or choice.NUMPY
        return Verification(name, loaded.hash, code, members, seed, full, tuple(found), engine=engine)

    with keeping(lambda: made() if found else None):
        for group, heading in check.GROUPS.items():
            if tell:
                tell(heading.partition(":")[0].lower())
            for one in check.declared(group, full=full):
                found.append(one(subject))
    return made()
