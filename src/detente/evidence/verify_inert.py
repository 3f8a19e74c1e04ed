"""Inert parameters: every number moves some output, or is named here.

All numbers are pinned to their central values and every one is moved, alone, in lanes of its own: the low end of its
range in one, the high end in the other, under the luck of the same members. Lanes are simulated side by side, so that
a thousand numbers cost a few runs. Numbers that are not drawn (goalposts, weights, durations of acts) cannot differ by
lane; whatever moved nothing in its lanes is run again by itself. What still moves nothing is excused where the
scenario holds nothing it could work on (see EXCUSES), and inert otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from detente.evidence.verify_check import Check
from detente.experiment.block import Block, simulate_block
from detente.experiment.evaluation import LANES, with_values
from detente.experiment.run import length_of
from detente.scenario.load import Loaded
from detente.scenario.quantity import Quantity, Record
from detente.scenario.schema import Scenario
from detente.scenario.shape import quantities, shape_at

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]

#: members whose luck every number meets in its lanes
SHARED = 2
#: weeks and members of what is run by itself: first briefly, then over the whole length by so many that rare turns come
BRIEF, SEVERAL, MANY = 26, 8, 64
#: ends of a number without a range: this share of its value to either side
AROUND = 0.5
#: where the parameters of the laws and the index stand
LAWS = "parameters."
#: names printed at most
SHOWN = 6


@dataclass(frozen=True)
class Number:
    """A number of the scenario and the two values it is moved to."""

    path: str
    quantity: Quantity
    ends: tuple[float, float]


def numbers(loaded: Loaded, *, full: bool) -> list[Number]:
    """The numbers to move: the parameters of the laws and the index; with ``full`` all that the files hold."""
    found = []
    for held in quantities(loaded.scenario):
        path = ".".join(map(str, held.path))
        if held.path[0] == "parameters" or (full and held.written):
            found.append(Number(path, held.quantity, _ends(held.quantity, path, loaded)))
    return found


def _ends(q: Quantity, path: str, loaded: Loaded) -> tuple[float, float]:
    """The ends of the number's range; without one half and one and a half of it, within what is possible."""
    shape = shape_at(tuple(path.split(".")), loaded.tree)
    measure = shape.measure if shape else None
    reach = AROUND * abs(q.value) or AROUND
    low = q.low if q.low is not None else q.value - reach
    high = q.high if q.high is not None else q.value + reach
    return (max(low, measure.ge), min(high, measure.le)) if measure else (low, high)


def unmoved(loaded: Loaded, tried: Sequence[Number], seed: int, tell: Progress | None = None) -> list[Number]:
    """The numbers that moved no tension and no incident, in lanes or by themselves.

    Parameters that have nothing here to work on are not tried at length.
    """
    base = pinned(loaded.scenario)
    still, size = [], max(1, (LANES // SHARED - 1) // 2)
    for first in range(0, len(tried), size):
        still += _in_lanes(base, tried[first : first + size], seed)
        if tell:
            tell(min(first + size, len(tried)), len(tried))
    for members, weeks in ((SEVERAL, min(BRIEF, length_of(base, None))), (MANY, length_of(base, None))):
        idle = [n for n in still if members == MANY and n.path.startswith(LAWS) and excuse(base, n.path)]
        usual = simulate_block(base, range(members), seed, weeks) if len(still) > len(idle) else None
        still = [n for n in still if n in idle or (usual and not _alone(base, n, usual, seed))]
    return still


def _in_lanes(base: Scenario, tried: Sequence[Number], seed: int) -> list[Number]:
    """Those that no lane tells from the lanes in which nothing was moved."""
    values = {}
    for place, one in enumerate(tried):
        lanes = np.full((1 + 2 * len(tried), SHARED), one.quantity.value)
        lanes[1 + 2 * place : 3 + 2 * place] = np.reshape(one.ends, (2, 1))
        values[one.path] = lanes.ravel()
    members = cast("range", np.tile(np.arange(SHARED), 1 + 2 * len(tried)))
    block = simulate_block(with_values(base, values), members, seed, length_of(base, None))
    moved = _moves(block)
    moved = moved[0::2] | moved[1::2]
    return [one for one, some in zip(tried, moved, strict=True) if not some]


def _moves(block: Block) -> NDArray[np.bool_]:
    """Whether each group of lanes after the first differs from the first in any bit, (group,)."""
    told = np.zeros(block.tension.shape[1] // SHARED, dtype=bool)
    for array in (block.tension, block.incidents, block.dyads):
        groups = array.reshape(-1, told.size, SHARED)
        told |= (groups != groups[:, :1]).any(axis=(0, 2))
    return told[1:]


def _alone(base: Scenario, one: Number, usual: Block, seed: int) -> bool:
    """Whether a number moves anything when the scenario is built with it."""
    weeks, members = usual.tension.shape[0] - 1, usual.tension.shape[1]
    for end in one.ends:
        changed = put(base, one.path.split("."), one.quantity.model_copy(update={"value": end, "spread": None}))
        block = simulate_block(changed, range(members), seed, weeks)
        if any((getattr(block, k) != getattr(usual, k)).any() for k in ("tension", "incidents", "dyads")):
            return True
    return False


def pinned(held: Any) -> Any:
    """The scenario with every number at its central value."""
    if isinstance(held, Quantity):
        return held.model_copy(update={"spread": None})
    if isinstance(held, Record):
        return held.model_copy(update={name: pinned(getattr(held, name)) for name in type(held).model_fields})
    return {key: pinned(entry) for key, entry in held.items()} if isinstance(held, dict) else held


def put(held: Any, path: Sequence[str], value: Any) -> Any:
    """``held`` with ``value`` at ``path``; only what lies on the path is copied."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(held, Record):
        return held.model_copy(update={step: put(getattr(held, step), rest, value)})
    return {**held, step: put(held[step], rest, value)}


@dataclass(frozen=True)
class Excuse:
    """Numbers like ``pattern`` need not move anything ``where`` that holds of the scenario and the path's steps."""

    pattern: str
    reason: str
    where: Callable[[Scenario, list[str]], bool] = lambda scenario, steps: True


def _kinds(s: Scenario) -> set[str]:
    return {act.kind for act in s.acts.values()}


def _without(*kinds: str) -> Callable[[Scenario, list[str]], bool]:
    return lambda s, steps: not _kinds(s) & set(kinds)


def _police_stays(s: Scenario, steps: list[str]) -> bool:
    leaving = {act.mission for act in s.acts.values() if act.kind == "mandate"}
    changed = any(act.kind == "mission" and act.police is not None for act in s.acts.values())
    return not changed and not any(s.missions[name].police.value for name in leaving)


def _not_largest(s: Scenario, steps: list[str]) -> bool:
    shares = s.actors[steps[1]].dependence
    return shares[steps[3]].value < max(q.value for q in shares.values())


def _never_leaves(s: Scenario, steps: list[str]) -> bool:
    return not any(
        act.kind == "mission" and steps[1] == act.mission and steps[3] in act.without for act in s.acts.values()
    )


def _no_vote(s: Scenario, steps: list[str]) -> bool:
    return not any(act.kind == "mandate" and act.mission == steps[1] for act in s.acts.values())


def _supplies_nobody(s: Scenario, steps: list[str]) -> bool:
    brought = {a.supplier for a in s.acts.values() if a.kind == "delivery"}
    return steps[1] not in {p.supplier for p in s.programmes.values()} | brought


#: what need not move anything, and why
EXCUSES = (
    Excuse("parameters.index.weight_concentration", "belongs to the uncertainty of the construction, not to a run"),
    Excuse("parameters.missions.*", "no mission and no base", lambda s, _: not (s.missions or s.bases)),
    Excuse("parameters.missions.saturation", "only under the saturating theory", lambda s, _: (
        s.parameters.switches.mission != "saturating")),
    Excuse("parameters.missions.*effect", "that theory is switched off", lambda s, _: (
        s.parameters.switches.mission == "none")),
    Excuse("parameters.missions.police_effect", "no police strength changes", _police_stays),
    Excuse("parameters.missions.reinforcement", "no base", lambda s, _: not s.bases),
    Excuse("parameters.missions.*", "no mission changes its strength", lambda s, _: (
        not _kinds(s) & {"mission", "mandate"})),
    Excuse("parameters.missions.influence_*", "no power has influence to gain", lambda s, _: (
        not any(a.influence for a in s.actors.values()))),
    Excuse("parameters.dialogue.*", "no dialogue", lambda s, _: not s.dialogues),
    Excuse("parameters.dialogue.visit_leverage", "no visit", _without("visit")),
    Excuse("parameters.dialogue.style_tilt", "no track is led by manipulation", lambda s, _: (
        all(t.style != "manipulation" for t in s.dialogues.values()))),
    Excuse("parameters.index.active_deficit", "no dialogue", lambda s, _: not s.dialogues),
    Excuse("parameters.alliances.*", "no pact", lambda s, _: not s.pacts),
    Excuse("parameters.alliances.echo", "no pact answers another", lambda s, _: (
        not any(p.answers for p in s.pacts.values()))),
    Excuse("parameters.alliances.formation*", "no pact is announced", _without("pact")),
    Excuse("parameters.index.pact_polarisation", "no pact stands against anybody", lambda s, _: (
        not any(p.against for p in s.pacts.values()))),
    Excuse("parameters.choice.deterrence", "no pact guarantees anybody", lambda s, _: not s.pacts),
    Excuse("parameters.choice.emboldening", "nobody is backed", lambda s, _: (
        not any(a.backing for a in s.actors.values()))),
    Excuse("parameters.choice.presence_scale", "every pair that is covered states a need"),
    Excuse("parameters.choice.*", "no elite is insecure", lambda s, _: (
        not any(a.insecurity.value for a in s.actors.values()))),
    Excuse("parameters.hostility.external_coercion", "no sanction", _without("sanction")),
    *(Excuse(f"parameters.acts.{k}*", f"no {k}", _without(k)) for k in ("visit", "cooperation", "rhetoric")),
    Excuse("parameters.acts.accountability*", "no act of accountability", _without("accountability")),
    Excuse("parameters.acts.incident*", "no dated incident", _without("incident", "breach")),
    Excuse("parameters.acts.insecurity_memory", "no election and no unrest", _without("election", "unrest")),
    Excuse("parameters.armament.reaction", "a theory that draws its own is switched on", lambda s, _: (
        s.parameters.switches.reaction != "drawn")),
    Excuse("parameters.armament.exchange", "nothing is paid in euro", lambda s, _: "EUR m" not in _units(s)),
    Excuse("parameters.armament.*", "no arms are bought from a supplier that leans", lambda s, _: (
        not any(a.orientation.value for a in s.actors.values()))),
    Excuse("actors.*.dependence.*", "only the largest supplier's share counts", _not_largest),
    Excuse("actors.*.orientation", "supplies nothing during the run", _supplies_nobody),
    Excuse("actors.*.influence.*", "no vacuum beyond that of the start opens there"),
    Excuse("missions.*.contributors.*", "leaves only when an act takes the contingent out", _never_leaves),
    Excuse("missions.*.wind_down", "no vote on it", _no_vote),
    Excuse("dialogues.*.age", "counts only from a start in talks", lambda s, steps: (
        s.dialogues[steps[1]].start != "active")),
    Excuse("programmes.*.quantity", "is told, not reckoned with"),
    Excuse("acts.*.chance", "happens or not in the same members over this range"),
)  # fmt: skip


def _units(s: Scenario) -> set[str]:
    return {held.quantity.unit for held in quantities(s)}


def excuse(scenario: Scenario, path: str) -> str:
    """Why a number need not move anything in this scenario; "" where it should."""
    steps = path.split(".")
    return next((e.reason for e in EXCUSES if fnmatchcase(path, e.pattern) and e.where(scenario, steps)), "")


def inert(loaded: Loaded, seed: int, *, full: bool, tell: Progress | None = None) -> Iterator[Check]:
    """One check over the parameters; with ``full`` a second over the numbers of the theatre and its calendar."""
    everything = numbers(loaded, full=full)
    still = {one.path for one in unmoved(loaded, everything, seed, tell)}
    for what, mine in (("parameter", True), ("number of the theatre", False)):
        tried = [one.path for one in everything if one.path.startswith(LAWS) is mine]
        if tried:
            yield _told(what, tried, [path for path in tried if path in still], loaded.scenario)


def _told(what: str, tried: Sequence[str], still: Sequence[str], scenario: Scenario) -> Check:
    excused = {path: reason for path in still if (reason := excuse(scenario, path))}
    dead = [path for path in still if path not in excused]
    reasons = dict.fromkeys(excused.values())
    named = [f"{_listed([_short(p) for p, r in excused.items() if r == reason])}: {reason}" for reason in reasons]
    found = f"{len(tried) - len(still)} move the run; inert: {_listed(dead) or 'none'}"
    return Check(
        f"no {what} is inert",
        "inert",
        f"all of {len(tried)} move tension or incidents, or have nothing here to work on",
        "; ".join([found, *(["nothing to work on: " + "; ".join(named)] if named else [])]),
        not dead,
        "bit for bit",
    )


def _short(path: str) -> str:
    return path.removeprefix(LAWS)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
