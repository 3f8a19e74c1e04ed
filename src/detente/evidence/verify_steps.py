"""Time-step robustness: the laws stepped by weeks and by months must tell the same story.

Two things are compared. First, laws that are stepped exactly: four steps of a week against one step of four weeks.
Second, the scenario itself: at its weekly step, and with every time constant, rate and date rewritten so that one step
stands for four weeks (``slowed``); both at central parameters and under the same seed, by the mean index over the run
and at its end. Rewritten are: inertia and reciprocity (fourth power of the pair's matrix), pushes that last (by the
sum of a geometric series), volatility (same stationary variance), memories and durations (a quarter), rates, hazards
and yearly growth (four times), dispersion of counts (four independent weeks), severity per week (a quarter).
Inference can depend on aggregation (Shellman 2004); self-excitation within weeks is what a month cannot see, so the
comparison is of means, within a stated tolerance, not of bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.limits import centred
from detente.evidence.verify_check import Check, number
from detente.evidence.verify_inert import pinned, put
from detente.evidence.verify_runs import Subject
from detente.experiment.run import length_of, run
from detente.index import formula
from detente.laws import alliances, armament, hostility, missions
from detente.laws.alliances import AllianceParameters
from detente.laws.armament import ArmamentParameters
from detente.laws.missions import MissionParameters
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]

#: weeks of the long step
STEP = 4
#: relative difference of laws that are stepped exactly; the stock's inflow during the step wears a little more
EXACT, INFLOW = 1e-12, 2e-3
#: index points between the two steps: mean over the run, and where it ends
POINTS, POINTS_END = 1.0, 1.5
#: index points between the index of monthly means and the monthly mean of the index: the power mean is not linear
AGGREGATED = 0.5

#: parameters in weeks (a quarter in steps) and per week or year (four times), by dotted path below ``parameters``
IN_WEEKS = (
    *(f"acts.{kind}_memory" for kind in ("visit", "cooperation", "rhetoric", "incident", "accountability")),
    "acts.insecurity_memory",
    "incidents.memory",
    "missions.transient_memory",
    "missions.substitution_delay",
    "missions.influence_memory",
    "dialogue.memory",
    "alliances.perceived_memory",
    "alliances.formation_memory",
    "index.incident_memory",
    "index.growth_memory",
)
A_TIME = (
    "missions.influence_gain",
    "dialogue.stall",
    "dialogue.resume",
    "dialogue.settle",
    "dialogue.lapse",
    "armament.adjustment",
    "armament.reaction",
    "armament.depreciation",
    "armament.procurement_share",
    "index.growth_reference",
    "incidents.dispersion",
)
