"""Checks that run the scenario: placebo, order and worker independence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.evidence.verification.check import Found, check
from detente.experiment.dataset import BY_MEMBER
from detente.experiment.digest import digest
from detente.experiment.run import length_of, run, simulate
from detente.scenario.identity import content_hash
from detente.scenario.schema import Scenario
from detente.scenario.values import pinned

if TYPE_CHECKING:
    import xarray as xr

#: members of a narrow block, and of one part when the order is turned round
NARROW, PART = 64, 50
#: weeks that are run where every week is like another
WEEKS = 60
#: characters of a digest that are printed
SHOWN = 12


@dataclass(frozen=True, eq=False)
class Subject:
    """What is verified: a scenario, how many members, which seed, and whether in full."""

    scenario: Scenario
    members: int = 200
    seed: int = 1
    full: bool = False

    @property
    def weeks(self) -> int:
        """Weeks of the short runs."""
        return min(WEEKS, length_of(self.scenario, None))

    def run(self, scenario: Scenario | None = None, **how: Any) -> xr.Dataset:
        """A short run, of the subject itself or of a variant."""
        given = {"members": self.members, "seed": self.seed, "weeks": self.weeks} | how
        return run(scenario or self.scenario, **given)

    @cached_property
    def usual(self) -> xr.Dataset:
        """The short run as anybody would make it."""
        return self.run()

    @cached_property
    def central(self) -> xr.Dataset:
        """The whole run at central parameters."""
        return run(pinned(self.scenario), self.members, self.seed)


@check("placebo", "10 a placebo differs by exactly 0")
def placebo(subject: Subject) -> Found:
    """A copy under another name, computed another way, differs by exactly 0 in everything that is stored."""
    words = {"name": "placebo", "title": "Placebo", "question": "Does a copy differ?"}
    usual, copy = subject.usual, subject.run(subject.scenario.model_copy(update=words, deep=True), block=NARROW)
    worst = max(float(np.abs(usual[v].astype(float) - copy[v].astype(float)).max()) for v in usual.data_vars)
    equal = content_hash(subject.scenario) == str(copy.attrs["scenario_hash"])
    return Found(
        f"0 in {len(usual.data_vars)} variables, same content hash",
        f"{worst:.4g}, hash {'the same' if equal else 'another'}",
        worst == 0 and equal,
        "bit for bit",
    )


def same(expected: str, found: str) -> Found:
    """Two digests of all members' paths."""
    return Found(expected[:SHOWN], found[:SHOWN], expected == found, "bit for bit")


@check("independence", f"blocks of {NARROW} give the same bits")
def narrow(subject: Subject) -> Found:
    """However many members are computed at a time, each is the same."""
    return same(digest(subject.usual), digest(subject.run(block=NARROW)))


@check("independence", "2 worker processes give the same bits")
def workers(subject: Subject) -> Found:
    """Wherever members are computed, each is the same."""
    return same(digest(subject.usual), digest(subject.run(workers=2, block=-(-subject.members // 2))))


@check("independence", "parts in reversed order give the same bits")
def turned(subject: Subject) -> Found:
    """In whatever order members are computed, each is the same: here the last part comes first."""
    import xarray as xr

    parts = [range(k, min(k + PART, subject.members)) for k in range(0, subject.members, PART)]
    done = [simulate(subject.scenario, part, subject.seed, weeks=subject.weeks) for part in reversed(parts)]
    whole = xr.concat([part[list(BY_MEMBER)] for part in reversed(done)], "member", combine_attrs="override")
    return same(digest(subject.usual[list(BY_MEMBER)]), digest(whole))


@check("independence", "few members are the first of many")
def few_of_many(subject: Subject) -> Found:
    """More members leave those that were there as they are."""
    count = max(subject.members // 3, 1)
    few, many = subject.run(members=count)["tension"].values, subject.usual["tension"].values
    worst = float(np.abs(few - many[:count]).max())
    return Found("0", f"{worst:.4g} over {count} of {subject.members}", worst == 0, "bit for bit")
