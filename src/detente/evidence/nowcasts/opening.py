"""A scenario part with the rates of a nowcast, and a scenario that goes on where the nowcast ends.

Where a file counts reports, a pair's rate is what the filter expects level, regime and background to sustain, shared
between the two as in the scenario; where it gives an index, the scenario's own rate times the present over the
training's mean. Where the filter is sure that a pair is not quiet, the pair opens tense or armed with the filter's
probabilities. A rate at which the laws would run away is lowered, and says so.

Where the nowcast falls into the run, the scenario begins after it: what lasted then is carried over (strengths of
missions, states of talks, wars and sanctions not yet over and more: carried.py), what had passed is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from detente import storage
from detente.evidence.forecasts.fit import WEEKS
from detente.evidence.forecasts.grid import REGIMES
from detente.evidence.nowcasts.carried import carried
from detente.evidence.nowcasts.nowcast import TOLD, Nowcast
from detente.evidence.nowcasts.state import Now
from detente.evidence.nowcasts.watch import AT
from detente.evidence.parts import entry, text
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import replaced

#: the least half-width of a rate's range [log], and the least rate [events/week]
NARROWEST, LEAST = 0.08, 1e-4
#: a rate that cannot be run is lowered by this factor, at most so often in all
LOWER, STEPS = 0.8, 200
#: weeks that a run goes on for where the nowcast lies after the scenario's end
ON = 156
#: what is written into a folder
RECORD, PART, RUN = "nowcast.json", "nowcast.yaml", "from_nowcast.yaml"

#: what keeps a scenario from being run: (dotted path, …)
Unsound = Callable[[Scenario], Sequence[tuple[str, ...]]]


@dataclass(frozen=True)
class Opening:
    """Rates by pair and actor, and by how much those of some pairs were lowered to keep the laws stable."""

    rates: dict[str, dict[str, Quantity]]
    lowered: dict[str, float]

    def within(self, scenario: Scenario) -> Scenario:
        """The scenario with these rates."""
        return replaced(scenario, {f"dyads.{pair}.incident_rate": rates for pair, rates in self.rates.items()})


def opening(told: Nowcast, unsound: Unsound) -> Opening:
    """The rates at the origin; ``unsound`` lists (path, …) of what keeps a scenario from being run."""
    found = Opening({pair: _rates(told, pair) for pair in told.found}, {})
    for _ in range(STEPS):
        paths = (str(fault[0]).split(".") for fault in unsound(found.within(told.scenario)))
        pair = next((path[1] for path in paths if path[0] == "dyads" and path[1] in found.rates), None)
        if pair is None:
            break
        rates = found.rates[pair].items()
        cut = {actor: _quantity(*(LOWER * getattr(q, k) for k in ("value", "low", "high"))) for actor, q in rates}
        lowered = {**found.lowered, pair: found.lowered.get(pair, 1.0) * LOWER}
        found = Opening({**found.rates, pair: cut}, lowered)
    return found


def _quantity(value: float, low: float, high: float) -> Quantity:
    return Quantity(value=value, low=low, high=high, unit="events/week", spread="lognormal")


def _rates(told: Nowcast, pair: str) -> dict[str, Quantity]:
    """The pair's background rate now, shared between the two as in the scenario."""
    now, own = told.found[pair], told.scenario.dyads[pair].incident_rate
    whole = sum(q.value for q in own.values())
    low, value, high = present(now, whole)
    reach = np.exp(max(np.log(high / low) / 2, NARROWEST))
    shares = {actor: q.value / whole if whole > 0 else 1 / len(own) for actor, q in own.items()}
    return {
        actor: _quantity(value * share, value * share / reach, value * share * reach)
        for actor, share in shares.items()
        if share > 0
    }


def present(now: Now, own: float) -> tuple[float, float, float]:
    """Rate of the pair at the origin [events/week]: low, value, high; ``own`` is the scenario's."""
    low, median, high = (now.watch.background[-1, AT.index(q)] for q in (0.05, 0.5, 0.95))
    if now.series.counted:
        value = now.watch.expected / WEEKS[now.series.step]
    else:
        value = own * median / now.watch.background[: now.trained, AT.index(0.5)].mean()
    value = max(value, LEAST)
    return float(value * low / median), float(value), float(value * high / median)


def _regime(now: Now, source: str) -> dict[str, Any]:
    """With which chances the pair opens tense and armed; nothing where it may be quiet, or the file is of no pairs."""
    if not now.series.counted or now.watch.regime[-1, 0] > 1.0 - TOLD:
        return {}
    # cut, not rounded: together they stay below 1
    shares = np.floor(now.watch.regime[-1] * 1000.0) / 1000.0
    told = {
        name: {"value": float(shares[k]), "unit": "share", "source": [source]} for k, name in enumerate(REGIMES) if k
    }
    return {"opening": told}


def part(told: Nowcast, name: str, opened: Opening) -> str:
    """The part as YAML text; ``name`` is what the scenario is called on the command line."""
    asked, path = told.asked, told.asked.observations.path
    source = f"nowcast.{re.sub(r'[^a-z0-9]+', '_', path.stem.lower()).strip('_') or 'file'}"
    about = {
        "publisher": path.name,
        "title": f"detente nowcast of {path.name}, {told.last}",
        "date": str(told.last),
        "grade": "estimate",
        "fact": f"{path.name}, sha256 {storage.sha256(path)}, read up to {told.last}: filtered rate and "
        f"regime, {asked.members} members, seed {asked.seed}; range 90 %",
    }
    notes = {
        pair: {"note": f"{share:.2f} of what was found: above it the laws would run away"}
        for pair, share in opened.lowered.items()
    }
    dyads = {
        pair: {
            "incident_rate": {a: {**entry(q, 3), "source": [source], **notes.get(pair, {})} for a, q in some.items()},
            **_regime(told.found[pair], source),
        }
        for pair, some in opened.rates.items()
    }
    head = (
        f"What {path.name} says of the pairs of {name} up to {told.last}. Written by detente nowcast:",
        f"run it again rather than edit. To take the rates over: extends: {name}, overlay: ./nowcast",
    )
    return text({"sources": {source: about}, "dyads": dyads}, head)


def runnable(told: Nowcast, name: str) -> str:
    """A scenario that goes on from the nowcast: it begins there, with what had passed taken out."""
    first, calendar = opening_day(told), told.scenario.calendar
    content: dict[str, Any] = {
        "extends": name,
        "overlay": "./nowcast",
        "title": f"{told.scenario.title}, from the nowcast of {told.last}",
        "question": f"What comes after {told.last}, beginning where the reports leave off?",
    }
    if first != calendar.start:
        end = calendar.end if calendar.end > first else first + timedelta(weeks=ON)
        until = min(max(calendar.documented_until, first), end)
        content |= {"counterfactual": False, "calendar": {"start": first, "end": end, "documented_until": until}}
        content |= {name: some for name, some in carried(told.scenario, first).items() if some}
    return text(content)


def opening_day(told: Nowcast) -> date:
    """The first day after the nowcast on the scenario's own weekly grid, not before its start."""
    start, last = told.scenario.calendar.start, told.last.astype(date)
    return start + timedelta(weeks=max(0, (last - start).days // 7 + 1))


def write(told: Nowcast, content: dict[str, Any], folder: Path, name: str, ours: Sequence[str] = ()) -> list[Path]:
    """Put record, part and scenario into ``folder`` in one step; what is ``ours`` there may go. Raises StorageError.

    ``content`` is the record, ``name`` what the scenario is called after ``extends``. Its warnings tell of rates that
    had to be lowered.
    """
    # here, not above: figures read a nowcast without the model
    from detente.experiment.counts import faults

    opened = opening(told, faults)
    labels = {row["pair"]: row["label"] for row in content["pairs"]}
    content["warnings"] += [
        f"{labels[pair]}: the laws would run away at the rate found; {PART} opens with {share:.0%} of it. What is that "
        "violent is entered as a dated campaign (kind: rhetoric), not as a usual rate"
        for pair, share in opened.lowered.items()
    ]
    with storage.folder(folder, ours=(RECORD, PART, RUN, *ours)) as beside:
        storage.write_text(beside / PART, part(told, name, opened))
        storage.write_text(beside / RUN, runnable(told, name))
        storage.write_json(beside / RECORD, content)
    return [folder / file for file in (PART, RUN, RECORD)]
