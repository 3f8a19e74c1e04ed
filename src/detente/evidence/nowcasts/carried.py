"""What of a calendar lasts on the day that a scenario is begun later: what goes on is dated to it, the rest left out.

A war goes on until an act ends it. A crisis does too where the calendar names its end; otherwise it is taken to last as
long as crises do on average. A ceasefire leaves its pairs in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from detente.scenario import acts as kinds
from detente.scenario.schema import Scenario

Acts = Mapping[str, kinds.AnyAct]
#: what is changed of an act so that it acts from the first day on; None where it has passed
Change = dict[str, Any] | None

#: kinds whose effect adds up and stays
STAYING = (kinds.Delivery, kinds.Influence)
#: kinds that put a value in the place of another: of those that name the same, only the last counts
PUTTING: dict[type[Any], tuple[str, ...]] = {
    kinds.BaseOpens: ("base",),
    kinds.Need: ("pair",),
    kinds.Membership: ("pact", "member"),
}
#: weeks of a year
YEAR = 365.25 / 7


def carried(scenario: Scenario, first: date) -> dict[str, Any]:
    """What lasts on ``first``: strengths of missions, states of talks, acts dated to it; None for those that passed."""
    dated = sorted(scenario.acts.items(), key=lambda item: item[1].date)
    earlier = {name: act for name, act in dated if act.date < first}
    acts: dict[str, Change] = {name: _moved(act, first) for name, act in earlier.items()}
    acts |= dict.fromkeys(lifted(earlier)) | _last(earlier, first) | _going_on(scenario, earlier, first)
    return {"missions": _strengths(earlier, first), "dialogues": _talks(earlier), "acts": acts}


def _strengths(earlier: Acts, first: date) -> dict[str, dict[str, Any]]:
    """Strengths that missions had reached: of the last change that was over."""
    missions: dict[str, dict[str, Any]] = {}
    for act in earlier.values():
        if isinstance(act, kinds.MissionChange) and act.over.value <= _since(act, first):
            reached = {"troops": act.troops, "police": act.police}
            strengths = {k: q.model_dump(mode="json", exclude_defaults=True) for k, q in reached.items() if q}
            missions.setdefault(act.mission, {}).update(strengths)
    return {name: some for name, some in missions.items() if some}


def _talks(earlier: Acts) -> dict[str, dict[str, str]]:
    """The state that acts last put each track into."""
    talks: dict[str, dict[str, str]] = {}
    for act in earlier.values():
        if isinstance(act, kinds.DialogueTurn | kinds.Breach):
            talks[act.track] = {"start": act.state if isinstance(act, kinds.DialogueTurn) else "stalled"}
        elif isinstance(act, kinds.Peace) and act.track:
            talks[act.track] = {"start": "agreement"}
    return talks


def _since(act: kinds.AnyAct, first: date) -> float:
    day: date = act.date
    return (first - day).days / 7


def _moved(act: kinds.AnyAct, first: date) -> Change:
    """How an act that stands alone is changed to act from ``first`` on; None where it has passed."""
    since = _since(act, first)
    if isinstance(act, kinds.Rhetoric) and act.lasting.value > since:
        return {"date": first, "lasting": _weeks(act.lasting.value - since)}
    if isinstance(act, kinds.MissionChange) and (act.over.value > since or act.without):
        return {"date": first, "over": _weeks(max(act.over.value - since, 0.0))}
    stays = isinstance(act, STAYING) or (isinstance(act, kinds.Sanction) and not act.lifted)
    return {"date": first} if stays else None


def _weeks(value: float) -> dict[str, Any]:
    return {"value": float(f"{value:.3g}"), "unit": "weeks"}


def _last(earlier: Acts, first: date) -> dict[str, Change]:
    """The last act of each that puts a value in the place of another, dated to ``first``."""
    last = {}
    for name, act in earlier.items():
        if type(act) in PUTTING:
            last[type(act), *(getattr(act, field) for field in PUTTING[type(act)])] = name
    return {name: {"date": first} for name in last.values()}


def _going_on(scenario: Scenario, earlier: Acts, first: date) -> dict[str, Change]:
    """Acts of war and crisis with the pairs that they still hold on ``first``; a ceasefire becomes a crisis."""
    begun = {
        pair: name
        for pair, name in _holding(earlier).items()
        if _is_war(act := earlier[name]) or _lasts(scenario, act, pair, first)
    }
    changes: dict[str, Change] = {}
    for name in dict.fromkeys(begun.values()):
        pairs = [pair for pair in earlier[name].pairs if begun.get(pair) == name]
        ceased = {"kind": "crisis", "track": None} if isinstance(earlier[name], kinds.Peace) else {}
        changes[name] = {**ceased, "date": first, "pairs": pairs}
    return changes


def _holding(earlier: Acts) -> dict[str, str]:
    """The act that put each pair where it is, where that is not quiet."""
    holding: dict[str, str] = {}
    for name, act in earlier.items():
        pairs = act.pairs if isinstance(act, kinds.War | kinds.Peace) else ()
        for pair in pairs:
            if act.kind == "settlement":
                holding.pop(pair, None)
            elif act.kind != "crisis" or pair not in holding or not _is_war(earlier[holding[pair]]):
                holding[pair] = name
    return holding


def _is_war(act: kinds.AnyAct) -> bool:
    """Whether pairs turn armed by it."""
    return bool(act.kind == "war")


def _lasts(scenario: Scenario, act: kinds.AnyAct, pair: str, first: date) -> bool:
    """Whether a crisis that begins with ``act`` is on: its end is in the calendar, or it is younger than they grow."""
    ends = (later for later in scenario.acts.values() if isinstance(later, kinds.Peace) and later.date >= first)
    return any(pair in later.pairs for later in ends) or (
        _since(act, first) * scenario.parameters.regimes.calming.value < YEAR
    )


def lifted(earlier: Acts) -> set[str]:
    """Sanctions that were lifted later: each lifting ends the latest one of the same size and of a common sender."""
    in_force: dict[str, kinds.Sanction] = {}
    ended = set()
    for name, act in earlier.items():
        if isinstance(act, kinds.Sanction) and not act.lifted:
            in_force[name] = act
        elif isinstance(act, kinds.Sanction):
            alike = [n for n, one in in_force.items() if one.on == act.on and one.size.value == act.size.value]
            for n in [n for n in alike if set(in_force[n].by) & set(act.by)][-1:]:
                ended.add(n)
                del in_force[n]
    return ended
