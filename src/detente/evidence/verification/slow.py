"""A scenario rewritten so that one step of the model stands for several weeks.

Every time constant, rate and date is rewritten; nothing else. With k weeks to a step:

    memories, durations     / k                         rates, hazards, yearly growth   x k
    inertia, reciprocity    the pair's matrix to the power k
    lasting pushes          x (1 - rho^k) / (1 - rho)   pushes per event                x (1 - rho^k) / (1 - rho) / k
    volatility              x sqrt((1 - rho^2k) / (1 - rho^2)): the same stationary variance
    felt acts               x (1 - e^(-k/tau)) / (1 - e^(-1/tau)) / k: the same sum over time
    dispersion of counts    x k: k independent weeks    severity per week               / k

All numbers are at their central values, since most of these are no functions of a draw.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import numpy as np

from detente.experiment.run import length_of
from detente.scenario.quantity import Quantity, Record
from detente.scenario.schema import Scenario
from detente.scenario.values import pinned, replaced

#: how the index's own memories and rates follow a longer step
OF_INDEX = {
    "index.incident_memory": "divided",
    "index.growth_memory": "divided",
    "index.growth_reference": "multiplied",
}


def slowed(scenario: Scenario, k: int) -> Scenario:
    """``scenario`` at central values with a step of ``k`` weeks; the last incomplete step is left out."""
    start, steps = scenario.calendar.start, length_of(scenario, None) // k
    slow = _parameters(pinned(scenario), k)
    slow = _theatre(slow, k)
    slow = slow.model_copy(update={"acts": {name: _act(act, scenario, k) for name, act in slow.acts.items()}})
    slow = cast("Scenario", _compressed(slow, scenario, k))
    end = date.fromordinal(start.toordinal() + 7 * steps)
    return slow.model_copy(update={"calendar": slow.calendar.model_copy(update={"end": end})})


def at(scenario: Scenario, path: str) -> float:
    """Central value of a parameter."""
    law, field = path.split(".")
    quantity: Quantity = getattr(getattr(scenario.parameters, law), field)
    return quantity.value


def times(q: Quantity, factor: float) -> Quantity:
    """A certain quantity, ``factor`` times as large."""
    scaled = {k: v * factor for k in ("value", "low", "high") if (v := getattr(q, k)) is not None}
    return q.model_copy(update={**scaled, "spread": None})


def _parameters(s: Scenario, k: int) -> Scenario:
    """The parameters of all laws at the long step."""
    factors = {path: _factor(s, k, scales, "") for path, scales in OF_INDEX.items()}
    for mechanism in s.mechanisms():
        for name, number in mechanism.numbers():
            if number.scales:
                fades = number.fades if "." in number.fades else f"{mechanism.name}.{number.fades}"
                factors[f"{mechanism.name}.{name}"] = _factor(s, k, number.scales, fades)
    for path, factor in (factors | _hostility(s, k)).items():
        law, field = path.split(".")
        s = replaced(s, {f"parameters.{path}": times(getattr(getattr(s.parameters, law), field), factor)})
    return s


def _factor(s: Scenario, k: int, scales: str, fades: str) -> float:
    """Factor on a parameter that ``scales`` so with a step of ``k`` weeks."""
    if scales in ("kept", "impulse"):
        left = kept(at(s, fades), k)
        return left if scales == "kept" else left / k
    return {"divided": 1.0 / k, "multiplied": float(k), "root": float(np.sqrt(k))}[scales]


def kept(memory: float, k: int) -> float:
    """Sum of what an impulse leaves in k weeks, as a multiple of the first."""
    return float(np.expm1(-k / memory) / np.expm1(-1.0 / memory))


def _hostility(s: Scenario, k: int) -> dict[str, float]:
    rho, kappa = at(s, "hostility.inertia"), at(s, "hostility.reciprocity")
    together, apart = (rho + kappa) ** k, (rho - kappa) ** k
    push = float(sum((rho + kappa) ** j for j in range(k)))
    return {
        "hostility.inertia": _share((together + apart) / 2, rho),
        "hostility.reciprocity": _share((together - apart) / 2, kappa),
        "hostility.conduct": push,
        "hostility.external_coercion": push,
        "hostility.incident_feedback": push / k,
        "hostility.volatility": float(np.sqrt(sum(rho ** (2 * j) for j in range(k)))),
    }


def _share(new: float, old: float) -> float:
    return new / old if old else 1.0


def _theatre(s: Scenario, k: int) -> Scenario:
    """Rates, growth and durations of actors, dyads, missions and tracks."""
    actors = {n: a.model_copy(update={"build_up": times(a.build_up, k)}) for n, a in s.actors.items()}
    rates = {n: {a: times(q, k) for a, q in d.incident_rate.items()} for n, d in s.dyads.items()}
    dyads = {n: d.model_copy(update={"incident_rate": rates[n]}) for n, d in s.dyads.items()}
    missions = {n: _shorter(m, ("call_up_lag", "stay", "wind_down"), k) for n, m in s.missions.items()}
    tracks = {n: _shorter(t, ("age",), k) for n, t in s.dialogues.items()}
    return s.model_copy(update={"actors": actors, "dyads": dyads, "missions": missions, "dialogues": tracks})


def _shorter(record: Any, fields: tuple[str, ...], k: int) -> Any:
    return record.model_copy(update={field: times(getattr(record, field), 1.0 / k) for field in fields})


def _act(act: Any, s: Scenario, k: int) -> Any:
    """One act: severity per week, insecurity that fades, campaigns and changes that last."""
    if act.kind in ("incident", "breach"):
        return act.model_copy(update={"size": times(act.size, 1.0 / k)})
    if act.kind in ("election", "unrest"):
        return act.model_copy(update={"size": times(act.size, kept(at(s, "acts.insecurity_memory"), k) / k)})
    if act.kind == "rhetoric":
        steps = max(1, round(act.lasting.value / k))
        weeks = max(1, round(act.lasting.value))
        lasting = act.lasting.model_copy(update={"value": float(steps), "spread": None})
        return act.model_copy(update={"size": times(act.size, weeks / steps), "lasting": lasting})
    return _shorter(act, ("over",), k) if act.kind == "mission" else act


def _compressed(held: Any, scenario: Scenario, k: int) -> Any:
    """``held`` with every date k times nearer to the start."""
    if isinstance(held, date):
        first = scenario.calendar.start.toordinal()
        return date.fromordinal(first + (held.toordinal() - first) // k)
    if isinstance(held, Record) and not isinstance(held, Quantity):
        fields = {name: _compressed(getattr(held, name), scenario, k) for name in type(held).model_fields}
        return held.model_copy(update=fields)
    return {n: _compressed(e, scenario, k) for n, e in held.items()} if isinstance(held, dict) else held
