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

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from detente.experiment.run import length_of
from detente.scenario import values
from detente.scenario.quantity import Quantity, Record
from detente.scenario.schema import Scenario

#: how the index's own memories and rates follow a longer step
OF_INDEX = {"incident_memory": "divided", "growth_memory": "divided", "growth_reference": "multiplied"}


def slowed(scenario: Scenario, k: int) -> Scenario:
    """``scenario`` at central values with a step of ``k`` weeks; the last incomplete step is left out."""
    start, steps = scenario.calendar.start, length_of(scenario, None) // k
    central = values.pinned(scenario)
    changed = {path: times(values.at(central, path.split(".")), factor) for path, factor in _factors(central, k)}
    slow: Scenario = _compressed(values.replaced(central, changed), start, k)
    return values.replaced(slow, {"calendar.end": date.fromordinal(start.toordinal() + 7 * steps)})


def at(scenario: Scenario, path: str) -> float:
    """Central value of a parameter."""
    return float(values.at(scenario.parameters, path.split(".")).value)


def times(q: Quantity, factor: float) -> Quantity:
    """A certain quantity, ``factor`` times as large."""
    scaled = {k: v * factor for k in ("value", "low", "high") if (v := getattr(q, k)) is not None}
    return q.model_copy(update={**scaled, "spread": None})


def kept(memory: float, k: int) -> float:
    """Sum of what an impulse leaves in k weeks, as a multiple of the first."""
    return float(np.expm1(-k / memory) / np.expm1(-1.0 / memory))


def _factors(s: Scenario, k: int) -> Iterator[tuple[str, float]]:
    """Path and factor of every number that is another with a step of ``k`` weeks."""
    scaled = [(f"index.{name}", scales, "") for name, scales in OF_INDEX.items()]
    for law in s.mechanisms():
        numbers = [(name, number) for name, number in law.numbers() if number.scales]
        scaled += [
            (f"{law.name}.{name}", n.scales, n.fades if "." in n.fades else f"{law.name}.{n.fades}")
            for name, n in numbers
        ]
    for path, scales, fades in scaled:
        left = kept(at(s, fades), k) if scales in ("kept", "impulse") else 0.0
        factors = {
            "divided": 1.0 / k,
            "multiplied": float(k),
            "root": float(np.sqrt(k)),
            "kept": left,
            "impulse": left / k,
        }
        yield f"parameters.{path}", factors[scales]
    yield from _hostility(s, k)
    yield from ((f"actors.{name}.build_up", k) for name in s.actors)
    yield from ((f"dyads.{name}.incident_rate.{actor}", k) for name, d in s.dyads.items() for actor in d.incident_rate)
    yield from ((f"missions.{name}.{f}", 1.0 / k) for name in s.missions for f in ("call_up_lag", "stay", "wind_down"))
    yield from ((f"dialogues.{name}.age", 1.0 / k) for name in s.dialogues)
    for name, act in s.acts.items():
        yield from ((f"acts.{name}.{field}", factor) for field, factor in _act(act, s, k))


def _hostility(s: Scenario, k: int) -> Iterator[tuple[str, float]]:
    rho, kappa = at(s, "hostility.inertia"), at(s, "hostility.reciprocity")
    together, apart = (rho + kappa) ** k, (rho - kappa) ** k
    push = float(sum((rho + kappa) ** j for j in range(k)))
    yield "parameters.hostility.inertia", (together + apart) / 2 / rho if rho else 1.0
    yield "parameters.hostility.reciprocity", (together - apart) / 2 / kappa if kappa else 1.0
    yield "parameters.hostility.conduct", push
    yield "parameters.hostility.external_coercion", push
    yield "parameters.hostility.incident_feedback", push / k
    yield "parameters.hostility.volatility", float(np.sqrt(sum(rho ** (2 * j) for j in range(k))))


def _act(act: Any, s: Scenario, k: int) -> Iterator[tuple[str, float]]:
    """What is another of one act: severity per week, insecurity that fades, campaigns and changes that last."""
    if act.kind in ("incident", "breach"):
        yield "size", 1.0 / k
    elif act.kind in ("election", "unrest"):
        yield "size", kept(at(s, "acts.insecurity_memory"), k) / k
    elif act.kind == "rhetoric":
        steps, weeks = max(1, round(act.lasting.value / k)), max(1, round(act.lasting.value))
        yield "size", weeks / steps
        yield "lasting", steps / weeks
    elif act.kind == "mission":
        yield "over", 1.0 / k


def _compressed(held: Any, start: date, k: int) -> Any:
    """``held`` with every date k times nearer to the start."""
    if isinstance(held, date):
        first = start.toordinal()
        return date.fromordinal(first + (held.toordinal() - first) // k)
    if isinstance(held, Record) and not isinstance(held, Quantity):
        return held.model_copy(update={name: _compressed(value, start, k) for name, value in held})
    return {n: _compressed(e, start, k) for n, e in held.items()} if isinstance(held, dict) else held
