"""A scenario part with the rates of a nowcast, and a scenario that goes on where the nowcast ends.

Where a file counts reports, a pair's rate is what the filter holds its background rate to be, shared between the two
as in the scenario; where it gives an index, the scenario's own rate times the present over the training's mean. A rate
at which the laws would run away is lowered, and says so. Hostility above its rest is gone within weeks (the laws'
inertia says so) and is not written: ``resting_hostility`` would keep it for good.

Where the nowcast falls into the run, the scenario begins after it: what lasted then is carried over (strengths of
missions, states of talks, sanctions, deliveries, influence, campaigns not yet over), what had passed is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from typing import Any

import numpy as np

from detente.evidence.forecasts.record import digest
from detente.evidence.nowcasts.record import WEEKS, Nowcast
from detente.evidence.nowcasts.state import Now
from detente.evidence.nowcasts.watch import AT
from detente.scenario import acts as kinds
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

#: the least half-width of a rate's range [log], and the least rate [events/week]
NARROWEST, LEAST = 0.08, 1e-4
#: a rate that cannot be run is lowered by this factor, at most so often in all
LOWER, STEPS = 0.8, 200
#: weeks that a run goes on for where the nowcast lies after the scenario's end
ON = 156
#: kinds whose effect stays: they are dated to the first day
STAYING = (kinds.Delivery, kinds.Influence, kinds.BaseOpens)


#: what keeps a scenario from being run: (dotted path, …)
Unsound = Callable[[Scenario], Sequence[tuple[str, ...]]]


@dataclass(frozen=True)
class Opening:
    """Rates by pair and actor, and by how much those of some pairs were lowered to keep the laws stable."""

    rates: dict[str, dict[str, Quantity]]
    lowered: dict[str, float]

    def within(self, scenario: Scenario) -> Scenario:
        """The scenario with these rates."""
        dyads = {k: d.model_copy(update={"incident_rate": self.rates.get(k, d.incident_rate)})
                 for k, d in scenario.dyads.items()}  # fmt: skip
        return scenario.model_copy(update={"dyads": dyads})


def opening(told: Nowcast, unsound: Unsound) -> Opening:
    """The rates at the origin; ``unsound`` lists (path, …) of what keeps a scenario from being run."""
    found = Opening({pair: _rates(told, pair) for pair in told.found}, {})
    for _ in range(STEPS):
        paths = (str(fault[0]).split(".") for fault in unsound(found.within(told.scenario)))
        pairs = [path[1] for path in paths if path[0] == "dyads" and path[1] in found.rates]
        if not pairs:
            break
        found = _lowered(found, pairs[0])
    return found


def _lowered(found: Opening, pair: str) -> Opening:
    cut = {actor: _times(q, LOWER) for actor, q in found.rates[pair].items()}
    lowered = {**found.lowered, pair: found.lowered.get(pair, 1.0) * LOWER}
    return Opening({**found.rates, pair: cut}, lowered)


def _times(q: Quantity, factor: float) -> Quantity:
    numbers = {k: v * factor for k in ("value", "low", "high") if (v := getattr(q, k)) is not None}
    return q.model_copy(update=numbers)


def _rates(told: Nowcast, pair: str) -> dict[str, Quantity]:
    """The pair's background rate now, shared between the two as in the scenario."""
    now, own = told.found[pair], told.scenario.dyads[pair].incident_rate
    whole = sum(q.value for q in own.values())
    low, value, high = present(now, whole)
    reach = np.exp(max(np.log(high / low) / 2, NARROWEST))
    shares = {actor: q.value / whole if whole > 0 else 1 / len(own) for actor, q in own.items()}
    return {
        actor: Quantity(
            value=value * share,
            low=value * share / reach,
            high=value * share * reach,
            unit="events/week",
            spread="lognormal",
        )
        for actor, share in shares.items()
        if share > 0
    }


def present(now: Now, own: float) -> tuple[float, float, float]:
    """Background rate of the pair at the origin [events/week]: low, median, high; ``own`` is the scenario's."""
    background = now.watch.background
    at = background[-1, [AT.index(q) for q in (0.05, 0.5, 0.95)]] / WEEKS[now.series.step]
    if not now.series.counted:
        at = own * background[-1, [AT.index(q) for q in (0.05, 0.5, 0.95)]]
        at = at / background[: now.trained, AT.index(0.5)].mean()
    low, value, high = (float(max(x, LEAST)) for x in at)
    return low, value, high


def part(told: Nowcast, name: str, opened: Opening) -> str:
    """The part as YAML text; ``name`` is what the scenario is called on the command line."""
    path = told.asked.observations.path
    source = f"nowcast.{re.sub(r'[^a-z0-9]+', '_', path.stem.lower()).strip('_') or 'file'}"
    dyads = {
        pair: {"incident_rate": {actor: _written(q, source, opened.lowered.get(pair)) for actor, q in some.items()}}
        for pair, some in opened.rates.items()
    }
    head = (
        f"# What {path.name} says of the pairs of {name} up to {told.last}. Written by detente nowcast:\n"
        f"# run it again rather than edit. To take the rates over: extends: {name}, overlay: ./nowcast\n"
    )
    return head + _yaml({"sources": {source: _source(told)}, "dyads": dyads})


def _written(q: Quantity, source: str, lowered: float | None) -> dict[str, Any]:
    numbers = {k: float(f"{getattr(q, k):.3g}") for k in ("value", "low", "high")}
    note = {} if lowered is None else {"note": f"{lowered:.2f} of what was found: above it the laws would run away"}
    return {**numbers, "unit": q.unit, "spread": q.spread, "source": [source], **note}


def runnable(told: Nowcast, name: str) -> str:
    """A scenario that goes on from the nowcast: it begins there, with what had passed taken out."""
    first = opening_day(told)
    content: dict[str, Any] = {
        "extends": name,
        "overlay": "./nowcast",
        "title": f"{told.scenario.title}, from the nowcast of {told.last}",
        "question": f"What comes after {told.last}, beginning where the reports leave off?",
    }
    if first != told.scenario.calendar.start:
        content |= {"counterfactual": False, "calendar": _calendar(told.scenario, first)}
        content |= {name: some for name, some in carried(told.scenario, first).items() if some}
    return _yaml(content)


def _yaml(content: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml, out = YAML(), StringIO()
    yaml.width = 118
    yaml.representer.ignore_aliases = lambda *_: True
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
        "fact": f"{path.name}, sha256 {digest(path)}, read up to {told.last}: filtered background rate, "
        f"{told.asked.members} members, seed {told.asked.seed}; range 90 %",
    }


def before(scenario: Scenario, first: date) -> dict[str, kinds.AnyAct]:
    """Acts before ``first``, in order of date."""
    dated = sorted(scenario.acts.items(), key=lambda item: item[1].date)
    return {name: act for name, act in dated if act.date < first}


def carried(scenario: Scenario, first: date) -> dict[str, Any]:
    """What lasts on ``first``: strengths of missions, states of talks, acts dated to it; None for those that passed."""
    earlier = before(scenario, first)
    moved = {name: _moved(act, first) for name, act in earlier.items() if name not in lifted(earlier)}
    acts = {name: moved.get(name) for name in earlier}
    return {"missions": _missions(earlier, first), "dialogues": _talks(earlier), "acts": acts}


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
