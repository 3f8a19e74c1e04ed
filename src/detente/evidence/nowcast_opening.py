"""A scenario part that opens a scenario where a nowcast ends.

The rate of a pair is the scenario's own times what the filter says of the present over the usual: the scenario knows
what an incident is, the file how far the present stands off what is usual in it. Hostility above its rest is gone
within weeks (that is what the laws' inertia says) and is not written: ``resting_hostility`` would keep it for good.

Where the nowcast falls into the run, the run begins after it: what lasted then is carried over (strengths of missions,
states of talks, sanctions, deliveries, influence, campaigns not yet over), what had passed is left out.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import StringIO
from typing import Any

import numpy as np

from detente.evidence.nowcast import Now
from detente.evidence.nowcast_record import Nowcast
from detente.evidence.nowcast_watch import AT
from detente.evidence.record import digest
from detente.scenario import acts as kinds
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

#: half a 90 % interval in standard deviations
NINETY = 1.6448536269514722
#: the least spread of a rate, and the highest rate a scenario may open with [events/week]
NARROWEST, HIGHEST = 0.05, 100.0
#: weeks that a run goes on for where the nowcast lies after the scenario's end
ON = 156
#: kinds whose effect stays: they are dated to the first day
STAYING = (kinds.Delivery, kinds.Influence, kinds.BaseOpens)


def part(told: Nowcast, name: str) -> str:
    """The part as YAML text; ``name`` is what the scenario is called on the command line."""
    first = opening_day(told)
    source = f"nowcast.{re.sub(r'[^a-z0-9]+', '_', told.asked.observations.path.stem.lower()).strip('_') or 'file'}"
    content: dict[str, Any] = {"sources": {source: _source(told)}, "dyads": _rates(told, source)}
    if first != told.scenario.calendar.start:
        content = {"calendar": _calendar(told.scenario, first), **content, **carried(told.scenario, first)}
    head = (
        f"# What {told.asked.observations.path.name} says of the pairs of {name} up to {told.last}. Written by detente "
        f"nowcast:\n# run it again rather than edit. To go on from here: extends: [{name}, ./nowcast]\n"
    )
    return head + _yaml({k: v for k, v in content.items() if v})


def runnable(told: Nowcast, name: str) -> str:
    """A scenario that goes on from the nowcast, with what had passed taken out."""
    first = opening_day(told)
    content: dict[str, Any] = {
        "extends": [name, "./nowcast"],
        "title": f"{told.scenario.title}, from the nowcast of {told.last}",
        "question": f"What comes after {told.last}, beginning where the reports leave off?",
    }
    gone = dict.fromkeys(passed(told.scenario, first))
    if gone:
        content |= {"counterfactual": False, "acts": gone}
    return _yaml(content)


def _yaml(content: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml, out = YAML(), StringIO()
    yaml.width = 118
    yaml.representer.add_representer(type(None), lambda r, _: r.represent_scalar("tag:yaml.org,2002:null", "null"))
    yaml.dump(content, out)
    return out.getvalue()


def opening_day(told: Nowcast) -> date:
    """The first day after the nowcast on the scenario's own weekly grid, not before its start."""
    start, last = told.scenario.calendar.start, told.last.astype(date)
    return start + timedelta(weeks=max(0, (last - start).days // 7 + 1))


def _calendar(scenario: Scenario, first: date) -> dict[str, date]:
    calendar = scenario.calendar
    end = calendar.end if calendar.end > first else first + timedelta(weeks=ON)
    return {"start": first, "end": end, "documented_until": min(max(calendar.documented_until, first), end)}


def _source(told: Nowcast) -> dict[str, str]:
    path = told.asked.observations.path
    return {
        "publisher": path.name,
        "title": f"detente nowcast of {path.name}, {told.last}",
        "date": str(told.last),
        "grade": "estimate",
        "fact": f"{path.name}, sha256 {digest(path)}, read up to {told.last}: the scenario's rate times the filtered "
        f"background rate over its median in training; {told.asked.members} members, seed {told.asked.seed}",
    }


def _rates(told: Nowcast, source: str) -> dict[str, Any]:
    out = {}
    for pair, now in told.found.items():
        factor, spread = present(now)
        rates = told.scenario.dyads[pair].incident_rate
        some = {actor: _rate(q, factor, spread, source) for actor, q in rates.items() if q.value > 0}
        if some:
            out[pair] = {"incident_rate": some}
    return out


def present(now: Now) -> tuple[float, float]:
    """The background rate at the origin over its usual, and the standard deviation of its logarithm."""
    middle = AT.index(0.5)
    low, median, high = (float(now.watch.background[-1, k]) for k in (AT.index(0.05), middle, AT.index(0.95)))
    usual = float(np.median(now.watch.background[: now.trained, middle]))
    return median / usual, float(np.log(high / low)) / (2 * NINETY)


def _rate(own: Quantity, factor: float, spread: float, source: str) -> dict[str, Any]:
    """The scenario's own rate times ``factor``; the uncertainties of both add up."""
    before = np.log(own.high / own.low) / (2 * NINETY) if own.spread and own.low and own.high else 0.0
    value = min(own.value * factor, HIGHEST)
    reach = np.exp(NINETY * max(float(np.hypot(before, spread)), NARROWEST))
    numbers = {"value": value, "low": value / reach, "high": min(value * reach, 2 * HIGHEST)}
    written = {k: float(f"{v:.3g}") for k, v in numbers.items()}
    return {**written, "unit": "events/week", "spread": "lognormal", "source": [source]}


def before(scenario: Scenario, first: date) -> dict[str, kinds.AnyAct]:
    """Acts before ``first``, in order of date."""
    dated = sorted(scenario.acts.items(), key=lambda item: item[1].date)
    return {name: act for name, act in dated if act.date < first}


def carried(scenario: Scenario, first: date) -> dict[str, Any]:
    """Sections of the part that keep what lasts on ``first``: strengths of missions, states of talks, acts."""
    earlier = before(scenario, first)
    moved = {name: _moved(act, first) for name, act in earlier.items() if name not in lifted(earlier)}
    acts = {name: change for name, change in moved.items() if change is not None}
    return {"missions": _missions(earlier, first), "dialogues": _talks(earlier), "acts": acts}


def passed(scenario: Scenario, first: date) -> list[str]:
    """Acts that are left out, since they had passed on ``first``."""
    return [name for name in before(scenario, first) if name not in carried(scenario, first)["acts"]]


def _moved(act: kinds.AnyAct, first: date) -> dict[str, Any] | None:
    """How an act is changed to act from ``first`` on; None where it has passed."""
    since = (first - act.date).days / 7
    if isinstance(act, kinds.Rhetoric) and act.lasting.value > since:
        return {"date": first, "lasting": _weeks(act.lasting.value - since)}
    if isinstance(act, kinds.MissionChange) and (act.over.value > since or act.without):
        return {"date": first, "over": _weeks(max(act.over.value - since, 0.0))}
    stays = isinstance(act, STAYING) or (isinstance(act, kinds.Sanction) and not act.lifted)
    return {"date": first} if stays else None


def _weeks(value: float) -> dict[str, Any]:
    return {"value": float(f"{value:.3g}"), "unit": "weeks"}


def lifted(earlier: dict[str, kinds.AnyAct]) -> set[str]:
    """Sanctions that were lifted later: each lifting ends the latest one of the same size and of a common sender."""
    in_force: dict[str, kinds.Sanction] = {}
    ended = set()
    for name, act in earlier.items():
        if isinstance(act, kinds.Sanction) and not act.lifted:
            in_force[name] = act
        elif isinstance(act, kinds.Sanction):
            same = [n for n, one in in_force.items() if _same(one, act)]
            ended.update(same[-1:])
            for n in same[-1:]:
                del in_force[n]
    return ended


def _same(one: kinds.Sanction, other: kinds.Sanction) -> bool:
    return one.on == other.on and one.size.value == other.size.value and bool(set(one.by) & set(other.by))


def _missions(earlier: dict[str, kinds.AnyAct], first: date) -> dict[str, Any]:
    """Strengths that missions had reached: of the last change that was over."""
    out: dict[str, dict[str, Any]] = {}
    for act in earlier.values():
        if isinstance(act, kinds.MissionChange) and act.over.value <= (first - act.date).days / 7:
            reached = {"troops": act.troops, "police": act.police}
            strengths = {k: q.model_dump(mode="json", exclude_defaults=True) for k, q in reached.items() if q}
            out.setdefault(act.mission, {}).update(strengths)
    return {mission: strengths for mission, strengths in out.items() if strengths}


def _talks(earlier: dict[str, kinds.AnyAct]) -> dict[str, Any]:
    """States that talks were put into."""
    out: dict[str, dict[str, Any]] = {}
    for act in earlier.values():
        if isinstance(act, kinds.DialogueTurn):
            out[act.track] = {"start": act.state}
        elif isinstance(act, kinds.Breach):
            out[act.track] = {"start": "stalled"}
    return out
