"""Time-step robustness: the laws stepped by weeks and by months must tell the same story.

Three things are compared. Laws that are stepped exactly: four steps of a week against one step of four weeks. The
scenario at its weekly step against the same scenario at a step of four weeks (slow.py), both at central
parameters: mean index over the run, and over its last half year. And the index of monthly means against the monthly
mean of the index, which a power mean keeps apart. Inference can depend on aggregation (Shellman 2004), and what
happens within a month a monthly step cannot see: means are compared, within a stated tolerance, not bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from detente.evidence.verification.check import Found, check
from detente.evidence.verification.limits import centred
from detente.evidence.verification.runs import Subject
from detente.evidence.verification.slow import slowed
from detente.experiment.run import length_of, run
from detente.index import formula
from detente.laws import alliances, armament, hostility, missions
from detente.scenario.schema import Scenario

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


@check("time step", f"laws stepped exactly: {STEP} × 1 week = 1 × {STEP} weeks")
def exact_laws(subject: Subject) -> Found:
    """Four weekly steps against one of four weeks, for every law with a closed form over the step."""
    off = {}
    for (name, (start, step)), (_, leap) in zip(
        *(stepped(subject.scenario, k).items() for k in (1, STEP)), strict=True
    ):
        short, long = reduce(lambda x, _: step(x), range(STEP), np.asarray(start)), leap[1](np.asarray(start))
        off[name] = abs(float(short - long)) / max(abs(float(short)), abs(float(long)), TINY)
    exact = max(v for k, v in off.items() if k != "stocks")
    return Found(
        "the same " + ", ".join(off),
        f"relative difference {exact:.0e}, of stocks {off['stocks']:.0e}",
        exact <= EXACT and off["stocks"] <= INFLOW,
        f"{EXACT:g}; stocks {INFLOW:g}, since deliveries of the month wear from its end",
    )


def stepped(scenario: Scenario, k: int) -> dict[str, tuple[float, Callable[[Array], Array]]]:
    """By law: a value to start from, and the law's step of ``k`` weeks."""
    given, one, none = scenario.parameters, np.ones(()), np.zeros(())
    arms = replace(centred(armament.Parameters, given.armament), volatility=none)
    rates = ("adjustment", "reaction", "depreciation", "procurement_share")
    a = replace(arms, **{name: getattr(arms, name) * k for name in rates})
    m, p = centred(missions.Parameters, given.missions), centred(alliances.Parameters, given.alliances)
    m = replace(m, substitution_delay=m.substitution_delay / k, influence_memory=m.influence_memory / k)
    p = replace(p, perceived_memory=p.perceived_memory / k)
    memory = np.asarray(given.acts.rhetoric_memory.value / k)
    return {
        "felt acts": (3.0, lambda x: hostility.fade(x, memory)),
        "perceived reliability": (0.9, lambda x: alliances.perceive(x, 0.3 * one, none, p)),
        "substitutes": (50.0, lambda x: missions.substitute(x, 1000 * one, m)),
        "outside influence": (0.7, lambda x: missions.step_influence(x, 0.2 * one, none, one, m)),
        "spending": (0.2, lambda x: armament.spend(x, 0.4 * one, 0.05 * k * one, none, a)),
        "stocks": (5000.0, lambda x: armament.stock(x, 900 * one, 10 * k * one, a)),
    }


@check("time step", f"the scenario at steps of 1 and of {STEP} weeks")
def months(subject: Subject) -> Found:
    """The mean index of the scenario at a weekly step and at a step of four weeks."""
    slow = run(slowed(subject.scenario, STEP), subject.members, subject.seed)
    count = slow.sizes["time"]
    short = subject.central["tension"].mean("member").values[::STEP][:count]
    long = slow["tension"].mean("member").values
    last = max(1, END // STEP)
    pairs = {"over the run": (short.mean(), long.mean()), "at its end": (short[-last:].mean(), long[-last:].mean())}
    off = max(abs(a - b) for a, b in pairs.values())
    weeks = length_of(subject.scenario, None)
    return Found(
        ", ".join(f"{a:.4g} {name}" for name, (a, _) in pairs.items()),
        ", ".join(f"{b:.4g} {name}" for name, (_, b) in pairs.items()),
        off <= POINTS,
        f"{POINTS:g} index points; mean of {subject.members} members over {weeks} weeks, central parameters",
    )


@check("time step", "the index of monthly means is the monthly mean of the index")
def aggregated(subject: Subject) -> Found:
    """The index of monthly means of the dyads against the monthly mean of the weekly index."""
    monthly = subject.central[["tension_dyad", "tension"]].resample(time="MS").mean()
    dyads = monthly["tension_dyad"].transpose("dyad", "time", "member").values.astype(float)
    weights, exponent = subject.central["dyad_weight"].values, float(subject.central.attrs["exponent"])
    region = formula.power_mean(dyads, weights, exponent)
    index = monthly["tension"].transpose("time", "member").values
    off = np.abs(region - index).mean()
    return Found(
        "0 points apart in the mean over months and members",
        f"{off:.2g} points; widest {float(np.abs(region - index).max()):.2g}",
        off <= AGGREGATED,
        f"{AGGREGATED:g} index points, since a power mean is not linear",
    )
