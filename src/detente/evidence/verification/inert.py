"""Inert numbers: every one moves some output, or is named here.

What moves nothing is found by experiment/inert.py. A parameter of the laws that moves nothing is tried again where the
scenario is put under stress (stress.py): if it moves that, the scenario merely has nothing for it to work on; if not,
it is inert. Numbers of the theatre and its calendar, which are many, are looked at on request, with a list of excuses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from detente.evidence.verification.check import Found, check
from detente.evidence.verification.runs import Subject
from detente.evidence.verification.stress import stress_scenario
from detente.experiment import inert as moving
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import quantities

#: where the parameters of the laws and the index stand
LAWS = "parameters."
#: names printed at most of those that are excused
SHOWN = 6
NOTHING = "nothing here to work on"


@check("inert", "no parameter is inert")
def parameters(subject: Subject) -> Found:
    """Every parameter of the laws and the index moves tension, incidents or chances, here or in the stress scenario."""
    scenario, seed = subject.scenario, subject.seed
    laws = {path: q for path, q in _numbers(scenario).items() if path.startswith(LAWS)}
    reasons = {path: excuse(scenario, path) for path in moving.unresponsive(scenario, laws, seed)}
    asked = [path for path, reason in reasons.items() if not reason]
    other = stress_scenario(scenario)
    numbers = _numbers(other)
    dead = moving.unresponsive(other, {path: numbers[path] for path in asked}, seed) if asked else []
    return _told(laws, {path: reason or ("" if path in dead else NOTHING) for path, reason in reasons.items()})


@check("inert", "no number of the theatre is inert", full=True)
def theatre(subject: Subject) -> Found:
    """Every number of the theatre and its calendar moves tension, incidents or chances, or is excused."""
    tried = [path for path in _numbers(subject.scenario) if not path.startswith(LAWS)]
    silent = [path for path in _inert_inputs(subject).numbers if not path.startswith(LAWS)]
    return _told(tried, {path: excuse(subject.scenario, path) for path in silent})


@check("inert", "most sources move something", full=True)
def sources(subject: Subject) -> Found:
    """Facts that are cited move the run, nearly all of them."""
    idle, everything = _inert_inputs(subject).facts, moving.named(subject.scenario)
    return Found(
        "at least nine in ten of the sources in use stand behind a number that moves the run",
        f"{len(everything) - len(idle)} of {len(everything)}; idle: {_listed(idle) or 'none'}",
        len(idle) <= len(everything) / 10,
        "one in ten: some document dates, labels or contingents that stay",
    )


@lru_cache(maxsize=1)
def _inert_inputs(subject: Subject) -> moving.Inert:
    return moving.inert_inputs(subject.scenario, subject.seed)


def _numbers(scenario: Scenario) -> dict[str, Quantity]:
    return {held.path: held.quantity for held in quantities(scenario)}


def _told(tried: Collection[str], still: Mapping[str, str]) -> Found:
    """Which of the numbers that are ``still`` have a reason to be."""
    dead = [path for path, reason in still.items() if not reason]
    by_reason = {r: [path.removeprefix(LAWS) for path in still if still[path] == r] for r in still.values() if r}
    named = [f"{reason}: {_listed(paths)}" for reason, paths in by_reason.items()]
    found = f"{len(tried) - len(still)} move the run; inert: {', '.join(dead) or 'none'}"
    expected = f"all of {len(tried)} move tension, incidents or chances, or do once there is something to work on"
    return Found(expected, "; ".join([found, *named]), not dead, "bit for bit")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


class Excuse(NamedTuple):
    """Numbers like ``pattern`` need not move anything ``where`` that holds of the scenario and the path's steps."""

    pattern: str
    reason: str
    where: Callable[[Scenario, list[str]], bool] = lambda scenario, steps: True


def _not_largest(s: Scenario, steps: list[str]) -> bool:
    shares = s.actors[steps[1]].dependence
    return shares[steps[3]].value < max(q.value for q in shares.values())


def _never_leaves(s: Scenario, steps: list[str]) -> bool:
    leaving = [act.without for act in s.acts.values() if act.kind == "mission" and act.mission == steps[1]]
    return not any(steps[3] in nations for nations in leaving)


def _no_vote(s: Scenario, steps: list[str]) -> bool:
    return not any(act.kind == "mandate" and act.mission == steps[1] for act in s.acts.values())


def _theory(switch: str, option: str) -> Callable[[Scenario, list[str]], bool]:
    return lambda scenario, steps: getattr(scenario.parameters.switches, switch) == option


def _supplies_nobody(s: Scenario, steps: list[str]) -> bool:
    brought = {a.supplier for a in s.acts.values() if a.kind == "delivery"}
    return steps[1] not in {p.supplier for p in s.programmes.values()} | brought


#: what need not move anything, and why
EXCUSES = (
    Excuse("parameters.index.weight_concentration", "belongs to the uncertainty of the construction, not to a run"),
    Excuse("parameters.missions.linear_dose", "of a rival theory, not in use", _theory("mission", "logarithmic")),
    Excuse("parameters.choice.preponderance", "of a rival theory, not in use", _theory("balance", "prospect")),
    Excuse("actors.*.dependence.*", "only the largest supplier's share counts", _not_largest),
    Excuse("actors.*.orientation", "supplies nothing during the run", _supplies_nobody),
    Excuse("actors.*.influence.*", "no vacuum beyond that of the start opens there"),
    Excuse("missions.*.contributors.*", "leaves only when an act takes the contingent out", _never_leaves),
    Excuse("missions.*.wind_down", "no vote on it", _no_vote),
    Excuse("missions.*.call_up_lag", "is counted in whole weeks"),
    Excuse("dialogues.*.age", "counts only from a start in talks", lambda s, p: s.dialogues[p[1]].start != "active"),
    Excuse("programmes.*.quantity", "is told, not reckoned with"),
    Excuse("acts.*.chance", "happens or not in the same members over this range"),
)


def excuse(scenario: Scenario, path: str) -> str:
    """Why a number need not move anything in this scenario; "" where it should."""
    steps = path.split(".")
    return next((e.reason for e in EXCUSES if fnmatchcase(path, e.pattern) and e.where(scenario, steps)), "")
