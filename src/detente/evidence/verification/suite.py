"""What must hold before anybody believes a number: all checks on one scenario, as one record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from detente.evidence.unfinished import keeping
from detente.evidence.verification import faults, forecasting, inert, limits, runs, steps
from detente.evidence.verification.check import Check, NotApplicable
from detente.evidence.verification.faults import NOT_APPLICABLE
from detente.evidence.verification.runs import Subject
from detente.experiment import design
from detente.experiment.fingerprint import fingerprint
from detente.scenario.load import Loaded

#: called with the name of what is looked at next
Tell = Callable[[str], None]

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
    not_applicable: tuple[NotApplicable, ...] = NOT_APPLICABLE

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if not check.ok)

    @property
    def ok(self) -> bool:
        """Whether all hold."""
        return not self.failed

    def record(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        return {
            "ok": self.ok,
            "scenario": self.scenario,
            "hash": self.hash,
            "code": self.code,
            "members": self.members,
            "seed": self.seed,
            "full": self.full,
            "checks": [check.record() for check in self.checks],
            "not_applicable": [vars(one) for one in self.not_applicable],
        }


def verify(
    loaded: Loaded, members: int = MEMBERS, seed: int = 1, *, full: bool = False, tell: Tell | None = None
) -> Verification:
    """All checks on a scenario. Raises ScenarioError where it cannot be run at all.

    ``full`` also moves every number of the theatre and takes out every act, one by one; that takes minutes.
    Raises ExtraMissing before anything is run, and Unfinished with the checks made so far where one is stopped.
    """
    design.require("sobol")
    found: list[Check] = []
    name = loaded.scenario.name or loaded.scenario.title

    def told() -> Verification | None:
        return Verification(name, loaded.hash, fingerprint(), members, seed, full, tuple(found)) if found else None

    with keeping(told):
        for part, checks in _parts(loaded, Subject(loaded.scenario, members, seed), full):
            if tell:
                tell(part)
            for check in checks():
                found.append(check)
    return told() or Verification(name, loaded.hash, fingerprint(), members, seed, full, ())


def _parts(loaded: Loaded, subject: Subject, full: bool) -> Iterator[tuple[str, Callable[[], Iterator[Check]]]]:
    """What is looked at, in the order of the table."""
    yield "analytic limits", lambda: limits.limits(subject.scenario)
    yield "placebo, blocks, workers, order", lambda: runs.runs(subject)
    yield "time step", lambda: steps.steps(subject)
    yield "inert numbers", lambda: inert.inert(subject.scenario, subject.seed, full=full)
    yield "published faults in runs", lambda: faults.faults(subject, full=full)
    yield "published faults in scoring", forecasting.scoring
