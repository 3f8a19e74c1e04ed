"""What a hindcast does not know: the law's parameters for one file, with what is believed before it is read.

Ranges are the scenarios' own where the law is (model.md §1.7, §1.15, §1.16), wider where event reports are rougher than
what they report. Every number here is fitted within the training window and frozen after it. Times are in weeks, or
hazards in years, whatever the intervals of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: what can be made to stand still
Part = Literal["regimes", "background", "excitation"]
Off = frozenset[Part]

#: what forecasts: the law, and beside it the same filter and reporting with all of it standing still
METHODS: dict[str, Off] = {
    "model": frozenset(),
    "laws_off": frozenset({"regimes", "background", "excitation"}),
}
#: the law without one of its parts
ABLATIONS: dict[str, Off] = {
    "no_regimes": frozenset({"regimes"}),
    "no_excitation": frozenset({"excitation"}),
}


def methods(counted: bool, ablations: bool) -> dict[str, Off]:
    """What forecasts a file, by name. Regimes are a pair's; an index of countries, which gives no counts, is none."""
    named = METHODS | (ABLATIONS if ablations else {})
    if counted:
        return named
    return {name: off | {"regimes"} for name, off in named.items() if name != "no_regimes"}


@dataclass(frozen=True)
class Free:
    """A parameter that is fitted: normal on its scale, with this median and standard deviation.

    ``share`` is the logit of the value; ``part`` names the part of the law that the parameter belongs to: reporting and
    the levels of pairs belong to none and stay on when the law is switched off.
    """

    name: str
    median: float
    spread: float
    scale: Literal["log", "share"]
    part: Part | None = None
    note: str = ""

    def value(self, free: Array) -> Array:
        """Natural value of a number on the free scale."""
        return np.exp(free) if self.scale == "log" else 1.0 / (1.0 + np.exp(-free))

    @property
    def centre(self) -> float:
        """The median on the free scale."""
        return float(np.log(self.median if self.scale == "log" else self.median / (1.0 - self.median)))

    @property
    def reach(self) -> tuple[float, float]:
        """Ends of the 90 % interval that is believed beforehand."""
        low, high = self.value(self.centre + self.spread * np.array([-1.645, 1.645]))
        return float(low), float(high)


#: shared by all pairs of a file
FREE = (
    Free("branching", 0.33, 0.8, "share", "excitation"),
    Free("memory", 1.8, 0.5, "log", "excitation", "weeks"),
    Free("size", 1.5, 0.6, "log", note="of the negative binomial at one report"),
    Free("averaging", 0.4, 0.8, "share", note="growth of that size with the mean"),
    Free("background_memory", 19.5, 0.6, "log", "background", "weeks"),
    Free("volatility", 0.15, 0.5, "log", "background", "a week's step of the log background"),
    Free("onset", 0.35, 0.6, "log", "regimes", "1/year"),
    Free("outbreak", 0.25, 0.7, "log", "regimes", "1/year"),
    Free("ending", 0.65, 0.6, "log", "regimes", "1/year"),
    Free("tense_rate", 1.8, 0.3, "log", "regimes", "log factor"),
    Free("armed_more", 2.2, 0.3, "log", "regimes", "log factor of armed over tense"),
    Free("spread", 1.2, 0.4, "log", note="of the pairs' own log levels"),
)
#: only where a file gives no counts: articles per report
CLUMP = Free("clump", 1.6, 0.3, "log", note="an incident is named by several articles or for several parties")
#: the hazard that a tense pair calms cannot be told from reports beside the level of tense spells: 1/year
CALMING = 2.0


def chosen(off: Off, counted: bool) -> tuple[Free, ...]:
    """The parameters to fit with ``off`` standing still, for files with or without counts."""
    return tuple(f for f in FREE if f.part not in off) + (() if counted else (CLUMP,))


def values(free: tuple[Free, ...], point: Array) -> dict[str, float]:
    """Natural values by name of a ``point`` (parameter,) on the free scale; what is not fitted stands at its median."""
    told = {f.name: f.median for f in FREE}
    told |= {f.name: float(f.value(np.asarray(x))) for f, x in zip(free, point, strict=True)}
    return told | {"calming": CALMING, "armed_rate": told["tense_rate"] + told["armed_more"]}
