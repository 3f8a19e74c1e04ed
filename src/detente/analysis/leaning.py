"""Which of the uncertain numbers a paired difference hangs on, by how it follows them over the parameter draws.

No run is made for it: every draw has its own value of every uncertain number, so the difference of a draw is held
against the rank of the value it had (Spearman). Of many numbers some follow by luck, so a number is named only where
its correlation is told from none with all of them allowed for (Bonferroni), and where it accounts for a tenth of what
differs between draws. What two numbers do together is not seen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.analysis.difference import Difference, difference
from detente.experiment.intervals import CONFIDENCE, by_draw

Array = NDArray[np.float64]

#: numbers that are named at most
NAMED = 2
#: share of the variance between draws from which on a difference is said to hang on a number (assumption)
CARRIES = 0.1
#: fewer draws than these say nothing of single numbers: the thirds would be of fewer than ten
LEAST = 30


@dataclass(frozen=True)
class Lean:
    """One uncertain number: the rank correlation, and the difference where it is in its lowest and highest third."""

    path: str
    label: str
    correlation: float
    lowest: Difference
    highest: Difference

    @property
    def turns(self) -> bool:
        """Whether the difference has a told direction in either third, and not the same."""
        return {self.lowest.verdict, self.highest.verdict} == {"higher", "lower"}

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        own = {"path": self.path, "label": self.label, "correlation": self.correlation, "turns": self.turns}
        return own | {"lowest": self.lowest.as_dict(), "highest": self.highest.as_dict()}


@dataclass(frozen=True)
class Leaning:
    """The numbers that a difference hangs on, the strongest first, of so many that were looked at in so many draws."""

    looked_at: int
    draws: int
    leans: tuple[Lean, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether there are draws enough to name any."""
        return self.draws >= LEAST

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return {**vars(self), "enough": self.enough, "leans": [lean.as_dict() for lean in self.leans]}


def leaning(
    change: Array, draw: NDArray[np.integer], shares: Mapping[str, Array], labels: Mapping[str, str], unit: str
) -> Leaning:
    """What ``change`` (member,) hangs on; ``shares`` hold the quantile, 0 to 1, of every number by path, (member,)."""
    sums, counts = by_draw(change, draw)
    means, first = sums / counts, np.unique(draw, return_index=True)[1]
    if not shares or len(means) < LEAST or not means.std():
        return Leaning(len(shares), len(means))
    found = correlations(means, np.stack([own[first] for own in shares.values()]))
    paths, bound = list(shares), max(math.sqrt(CARRIES), least(len(shares), len(means)))
    ranked = [int(n) for n in np.argsort(-np.abs(found), kind="stable")[:NAMED] if abs(found[n]) > bound]
    leans = (
        Lean(paths[n], labels[paths[n]], float(found[n]), *_thirds(change, draw, shares[paths[n]], unit))
        for n in ranked
    )
    return Leaning(len(shares), len(means), tuple(leans))


def correlations(means: Array, shares: Array) -> Array:
    """Rank correlation of ``means`` (draw,) with each row of ``shares`` (number, draw), (number,)."""
    outcome, given = _ranks(means), np.apply_along_axis(_ranks, 1, shares)
    outcome, given = outcome - outcome.mean(), given - given.mean(axis=1, keepdims=True)
    return np.asarray(given @ outcome / np.sqrt((given**2).sum(axis=1) * (outcome**2).sum()))


def _ranks(values: Array) -> Array:
    return np.asarray(values.argsort(kind="stable").argsort(kind="stable"), dtype=np.float64)


def least(numbers: int, draws: int) -> float:
    """The correlation from which on one of so many numbers is told from none, with all of them allowed for."""
    return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / numbers) / math.sqrt(draws - 1)


def _thirds(change: Array, draw: NDArray[np.integer], share: Array, unit: str) -> tuple[Difference, Difference]:
    """The difference over the draws in which a number is in its lowest, and in its highest third."""
    inside = (share < 1 / 3, share >= 2 / 3)
    low, high = (difference(np.zeros(int(at.sum())), change[at], draw[at], unit) for at in inside)
    return low, high
