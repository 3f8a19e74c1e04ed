"""Time-step robustness: the laws stepped by weeks and by months must tell the same story.

Three things are compared. Laws that are stepped exactly: four steps of a week against one step of four weeks. The
scenario at its weekly step against the same scenario at a step of four weeks (verify_slow.py), both at central
parameters: mean index over the run, and over its last half year. And the index of monthly means against the monthly
mean of the index, which a power mean keeps apart. Inference can depend on aggregation (Shellman 2004), and what
happens within a month a monthly step cannot see: means are compared, within a stated tolerance, not bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.evidence.verification.check import Check, number
from detente.evidence.verification.limits import centred
from detente.evidence.verification.runs import Subject
from detente.evidence.verification.slow import slowed
from detente.evidence.verification.variants import pinned
from detente.experiment.run import length_of, run
from detente.index import formula
from detente.laws import alliances, armament, hostility, missions
from detente.laws.alliances import Parameters as AllianceParameters
from detente.laws.armament import Parameters as ArmamentParameters
from detente.laws.missions import Parameters as MissionParameters
from detente.scenario.schema import Scenario

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: weeks of the long step, and of the end that is compared
STEP, END = 4, 26
#: relative difference of what is stepped exactly, and of the stock, whose inflow wears during the long step
EXACT, INFLOW = 1e-12, 2e-3
#: what a relative difference is never divided below
TINY = 1e-300
#: index points that the two steps may lie apart: what a reader sees after rounding
POINTS = 1.0
#: index points between the index of monthly means and the monthly mean of the index
AGGREGATED = 0.5


def steps(subject: Subject) -> Iterator[Check]:
    """The checks of the time step."""
    yield exact_laws(subject.scenario)
    weekly = run(pinned(subject.scenario), subject.members, subject.seed)
    yield months(subject, weekly)
    yield aggregated(weekly)


def exact_laws(scenario: Scenario) -> Check:
    """Four weekly steps against one of four weeks, for every law with a closed form over the step."""
    off = {name: abs(a - b) / max(abs(a), abs(b), TINY) for name, (a, b) in _pairs(scenario).items()}
    exact = max(v for k, v in off.items() if k != "stocks")
    return Check(
        f"laws stepped exactly: {STEP} × 1 week = 1 × {STEP} weeks",
        "time step",
        "the same " + ", ".join(off),
        f"relative difference {exact:.0e}, of stocks {off['stocks']:.0e}",
        exact <= EXACT and off["stocks"] <= INFLOW,
        f"{EXACT:g}; stocks {INFLOW:g}, since deliveries of the month wear from its end",
    )


def _pairs(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """By law: the value after STEP weekly steps, and after one long step."""
    given, one = scenario.parameters, np.ones(())
    a = replace(centred(ArmamentParameters, given.armament), volatility=0 * one)
    m, p = centred(MissionParameters, given.missions), centred(AllianceParameters, given.alliances)
    rates = ("adjustment", "reaction", "depreciation", "procurement_share")
    yearly = replace(a, **{name: getattr(a, name) * STEP for name in rates})
    drawn = replace(m, substitution_delay=m.substitution_delay / STEP, influence_memory=m.influence_memory / STEP)
    still = replace(p, perceived_memory=p.perceived_memory / STEP)
    memory = given.acts.rhetoric_memory.value

    def weekly(step: object, start: float) -> float:
        value = np.asarray(start)
        for _ in range(STEP):
            value = step(value)  # type: ignore[operator]
        return float(value)

    none = 0 * one
    return {
        "felt acts": (
            weekly(lambda x: hostility.fade(x, np.asarray(memory)), 3.0),
            float(hostility.fade(3 * one, np.asarray(memory / STEP))),
        ),
        "perceived reliability": (
            weekly(lambda x: alliances.perceive(x, 0.3 * one, none, p), 0.9),
            float(alliances.perceive(0.9 * one, 0.3 * one, none, still)),
        ),
        "substitutes": (
            weekly(lambda x: missions.substitute(x, 1000 * one, m), 50.0),
            float(missions.substitute(50 * one, 1000 * one, drawn)),
        ),
        "outside influence": (
            weekly(lambda x: missions.step_influence(x, 0.2 * one, none, one, m), 0.7),
            float(missions.step_influence(0.7 * one, 0.2 * one, none, one, drawn)),
        ),
        "spending": (
            weekly(lambda x: armament.spend(x, 0.4 * one, 0.05 * one, none, a), 0.2),
            float(armament.spend(0.2 * one, 0.4 * one, 0.05 * STEP * one, none, yearly)),
        ),
        "stocks": (
            weekly(lambda x: armament.stock(x, 900 * one, 10 * one, a), 5000.0),
            float(armament.stock(5000 * one, 900 * one, 10 * STEP * one, yearly)),
        ),
    }


def months(subject: Subject, weekly: xr.Dataset) -> Check:
    """The mean index of the scenario at a weekly step and at a step of four weeks."""
    slow = run(slowed(subject.scenario, STEP), subject.members, subject.seed)
    count = slow.sizes["time"]
    short = weekly["tension"].mean("member").values[::STEP][:count]
    long = slow["tension"].mean("member").values
    last = max(1, END // STEP)
    pairs = {"over the run": (short.mean(), long.mean()), "at its end": (short[-last:].mean(), long[-last:].mean())}
    off = max(abs(a - b) for a, b in pairs.values())
    weeks = length_of(subject.scenario, None)
    return Check(
        f"the scenario at steps of 1 and of {STEP} weeks",
        "time step",
        ", ".join(f"{number(a)} {name}" for name, (a, _) in pairs.items()),
        ", ".join(f"{number(b)} {name}" for name, (_, b) in pairs.items()),
        bool(off <= POINTS),
        f"{POINTS:g} index points; mean of {subject.members} members over {weeks} weeks, central parameters",
    )


def aggregated(weekly: xr.Dataset) -> Check:
    """The index of monthly means of the dyads against the monthly mean of the weekly index."""
    months_of = weekly["time"].values.astype("datetime64[M]").astype(int)
    dyads = _by_month(weekly["tension_dyad"].transpose("dyad", "time", "member").values, months_of)
    index = _by_month(weekly["tension"].transpose("time", "member").values[None], months_of)[0]
    region = formula.power_mean(dyads, weekly["dyad_weight"].values, float(weekly.attrs["exponent"]))
    off = np.abs(region - index).mean()
    return Check(
        "the index of monthly means is the monthly mean of the index",
        "time step",
        "0 points apart in the mean over months and members",
        f"{number(off, 2)} points; widest {number(float(np.abs(region - index).max()), 2)}",
        bool(off <= AGGREGATED),
        f"{AGGREGATED:g} index points, since a power mean is not linear",
    )


def _by_month(values: Array, months_of: NDArray[np.int64]) -> Array:
    """Means over the weeks of each month, (entity, time, member) -> (entity, month, member)."""
    numbered = np.unique(months_of, return_inverse=True)[1]
    return np.stack([values[:, numbered == k].mean(axis=1) for k in range(numbered.max() + 1)], axis=1).astype(float)
