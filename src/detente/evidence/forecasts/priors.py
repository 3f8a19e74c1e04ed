"""What the hindcast does not know: the laws' parameters for one file, with what is believed before it is read.

Ranges follow model.md §1.7 and §1.8, wider than the scenarios' own, since event reports are rougher than the
hostility of a scenario. Every number here is fitted within the training window and frozen after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detente.evidence.inference import Normals
from detente.observations import Step

Array = NDArray[np.float64]
Law = Literal["hostility", "incidents"]

#: both laws, in the order in which ablations name them
LAWS: tuple[Law, ...] = ("incidents", "hostility")


@dataclass(frozen=True)
class Free:
    """A parameter that is fitted: normal on its scale, with this median and standard deviation.

    ``share`` is the logit of value over ``ceiling``; ``law`` names the law that the parameter belongs to: drift and
    reporting belong to none and stay on when the laws are switched off.
    """

    name: str
    median: float
    spread: float
    scale: Literal["log", "share", "plain"]
    law: Law | None
    ceiling: float = 1.0
    note: str = ""

    def value(self, free: Array) -> Array:
        """Natural value of a number on the free scale."""
        if self.scale == "log":
            return np.exp(free)
        return self.ceiling / (1.0 + np.exp(-free)) if self.scale == "share" else free

    @property
    def centre(self) -> float:
        """The median on the free scale."""
        if self.scale == "log":
            return float(np.log(self.median))
        return float(np.log(self.median / (self.ceiling - self.median))) if self.scale == "share" else self.median


#: times are in intervals of the file: the laws are stepped at its own pace
FREE = (
    Free(
        "inertia", 0.6, 0.8, "share", "hostility", note="0.3-0.6 for event sums, 0.8-0.95 for a smoothed latent (§1.8)"
    ),
    Free("volatility", 1.2, 0.7, "log", "hostility", note="points"),
    Free("incident_feedback", 0.02, 0.04, "plain", "hostility", note="points per incident above expectation"),
    Free("branching", 0.35, 0.7, "share", "incidents", 0.8, "0.37-0.50 self-excited; capped at 0.8 (§1.7)"),
    Free("memory", 1.3, 0.4, "log", "incidents", note="95 % within two to six weeks (§1.7)"),
    Free("dispersion", 1.5, 0.6, "log", None, note="size of the negative binomial at one report"),
    Free("averaging", 0.4, 0.3, "plain", None, note="growth of that size with the number of reports"),
    Free("unsteadiness", 0.5, 0.5, "log", None, note="slow wandering of the log size"),
    Free("drift", 0.12, 0.6, "log", None, note="of the log background rate, per interval"),
    Free("restlessness", 0.6, 0.5, "log", None, note="slow wandering of the log pace of drift and breaks"),
    Free("break_chance", 0.015, 0.8, "share", None, note="of a new regime, per interval"),
    Free("regime_level", 0.0, 0.7, "plain", None, note="log rate that regimes tend to, above the dyads' usual one"),
    Free("regime_pull", 0.5, 1.0, "share", None, note="of a new regime toward that level"),
    Free("regime_spread", 1.5, 0.3, "log", None, note="of the log rate of a new regime"),
)
#: medians where the file's interval is a month: what the weekly laws look like from one month to the next. Inertia is
#: taken to the power of 4.3; of the incidents that a month's incidents set off under a memory of 1.3 weeks only about
#: two fifths fall into the next month, the others are part of the month's own clustering
MONTHLY = {"inertia": 0.3, "branching": 0.15, "memory": 0.5, "dispersion": 2.5, "break_chance": 0.03, "drift": 0.2}
#: only where a file gives no counts: articles per report
CLUMP = Free("clump", 1.6, 0.3, "log", None, note="an incident is named by several articles or for several parties")

Values = dict[str, Array]


def chosen(laws: Sequence[Law], counted: bool, step: Step) -> tuple[Free, ...]:
    """The parameters to fit with ``laws`` switched on, for files with or without counts, of weeks or months."""
    medians = MONTHLY if step == "month" else {}
    wanted = [f for f in FREE if f.law is None or f.law in laws] + ([] if counted else [CLUMP])
    return tuple(replace(f, median=medians.get(f.name, f.median)) for f in wanted)


def centre(free: tuple[Free, ...]) -> Normals:
    """The prior on the free scale."""
    return Normals(np.array([f.centre for f in free]), np.array([f.spread for f in free]))


def values(free: tuple[Free, ...], points: Array) -> Values:
    """Natural values by name, each (draw,), of ``points`` (draw, parameter) on the free scale."""
    return {f.name: f.value(points[:, i]) for i, f in enumerate(free)}
