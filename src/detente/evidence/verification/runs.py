"""Checks that run the scenario: placebo, order and worker independence, seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.evidence.verification.check import Check, number
from detente.experiment.digest import digest
from detente.experiment.run import BY_MEMBER, length_of, run, simulate
from detente.scenario.identity import content_hash
from detente.scenario.schema import Scenario

if TYPE_CHECKING:
    import xarray as xr

#: members of a block, narrow and usual; members of one part when the order is turned round
NARROW, USUAL, PART = 64, 256, 50
#: weeks that are run where every week is like another
WEEKS = 60
#: characters of a digest that are printed
SHOWN = 12


@dataclass(frozen=True)
class Subject:
    """What is verified: a scenario, how many members, which seed."""

    scenario: Scenario
    members: int
    seed: int

    @property
    def weeks(self) -> int:
        """Weeks of the short runs."""
        return min(WEEKS, length_of(self.scenario, None))

    def run(self, scenario: Scenario | None = None, **how: Any) -> xr.Dataset:
        """A short run, of the subject itself or of a variant."""
        given = {"members": self.members, "seed": self.seed, "weeks": self.weeks} | how
        return run(scenario or self.scenario, **given)


def runs(subject: Subject) -> Iterator[Check]:
    """Placebo, blocks, order, workers, shorter runs, seeds."""
    usual = subject.run(block=USUAL)
    mark = digest(usual)
    yield placebo(subject, usual)
    for name, found in {
        f"blocks of {NARROW}": digest(subject.run(block=NARROW)),
        "2 worker processes": digest(subject.run(workers=2, block=-(-subject.members // 2))),
    }.items():
        yield same(f"{name} give the same bits", "independence", mark, found)
    yield same("parts in reversed order give the same bits", "independence", digest(by_member(usual)), turned(subject))
    yield few_of_many(subject, usual)


def same(name: str, group: Any, expected: str, found: str) -> Check:
    """Two digests of all members' paths."""
    return Check(name, group, expected[:SHOWN], found[:SHOWN], expected == found, "bit for bit")


def placebo(subject: Subject, usual: xr.Dataset) -> Check:
    """A copy under another name, computed another way, differs by exactly 0 in everything that is stored."""
    words = {"name": "placebo", "title": "Placebo", "question": "Does a copy differ?"}
    copy = subject.run(subject.scenario.model_copy(update=words, deep=True), block=NARROW)
    worst = max(float(np.abs(usual[v].astype(float) - copy[v].astype(float)).max()) for v in usual.data_vars)
    equal = content_hash(subject.scenario) == str(copy.attrs["scenario_hash"])
    return Check(
        "10 a placebo differs by exactly 0",
        "placebo",
        f"0 in {len(usual.data_vars)} variables, same content hash",
        f"{number(worst)}, hash {'the same' if equal else 'another'}",
        worst == 0 and equal,
        "bit for bit",
    )


def turned(subject: Subject) -> str:
    """Digest of all members' variables, computed in parts, the last part first."""
    import xarray as xr

    parts = [range(k, min(k + PART, subject.members)) for k in range(0, subject.members, PART)]
    done = [simulate(subject.scenario, part, subject.seed, weeks=subject.weeks) for part in reversed(parts)]
    return digest(xr.concat([by_member(part) for part in reversed(done)], "member", combine_attrs="override"))


def by_member(result: xr.Dataset) -> xr.Dataset:
    """The variables that have a value for every member."""
    return result[list(BY_MEMBER)]


def few_of_many(subject: Subject, usual: xr.Dataset) -> Check:
    """Few members are the first of many."""
    count = max(subject.members // 3, 1)
    few = subject.run(members=count)
    worst = float(np.abs(few["tension"].values - usual["tension"].values[:count]).max())
    return Check(
        "few members are the first of many",
        "independence",
        "0",
        f"{number(worst)} over {count} of {subject.members}",
        worst == 0,
        "bit for bit",
    )
