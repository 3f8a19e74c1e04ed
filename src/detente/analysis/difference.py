"""The paired difference of two results, with its interval and what may be said of it.

Members are nested in parameter draws, so the interval clusters by draw (experiment/intervals.py).

The verdict (model.md §4, "Certainty"): an effect is ``higher`` or ``lower`` when
1. the 95 % interval of the mean difference leaves out zero,
2. at least 66 in 100 of the parameter draws that move at all move that way ("likely" on the scale of
   ``wording``), and
3. that share is itself told apart from one half at 95 % (score test), so that few draws decide nothing.
It is ``identical`` when every member has the same value bit for bit, and ``cannot tell`` otherwise: also where the
change is told yet zero at the precision with which it is printed. Whoever prints it with fewer decimals, or without a
number, asks ``Difference.direction`` with those decimals: nobody claims a direction for what reads as 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from detente.analysis import uncertainty
from detente.experiment.intervals import CONFIDENCE as CONFIDENCE
from detente.experiment.intervals import by_draw, clustered
from detente.prose.wording import digits_for, printed

Array = NDArray[np.float64]
Verdict = Literal["higher", "lower", "cannot tell", "identical"]
Direction = Literal["", "higher", "lower"]
#: why it cannot be told: too few draws, an interval over zero, draws that disagree, draws not yet decisive, prints as 0
Reason = Literal["", "few draws", "interval", "draws disagree", "draws undecided", "prints as zero"]

#: decimals of index points wherever no interval stands beside them, and of shares
POINTS, SHARES = 1, 2

#: standard normal quantiles of the two-sided 95 % interval and of a chance of four in five to tell
Z_95, Z_80 = 1.959964, 0.841621
DECISIVE = 0.66
#: beyond this no advice is given: the difference is as good as none
MOST_MEMBERS = 1_000_000


@dataclass(frozen=True)
class Difference:
    """Mean paired difference with its 95 % interval, in the ``unit`` of what was compared: a share from 0 to 1."""

    change: float
    ci_low: float
    ci_high: float
    se: float
    share_up: float
    share_down: float
    share_up_members: float
    share_up_without_chance: float | None
    members: int
    draws: int
    variance_ratio: float | None
    verdict: Verdict
    reason: Reason
    members_needed: int | None
    unit: str = "points"

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.ci_high - self.ci_low) / 2

    @property
    def is_significant(self) -> bool:
        """True where a direction may be claimed."""
        return self.verdict in ("higher", "lower")

    def direction(self, digits: int | None = None) -> Direction:
        """The direction that may be claimed where ``digits`` decimals are printed; "" for none.

        Without ``digits``: where it is printed with its interval, as precisely as that allows.
        """
        if self.verdict not in ("higher", "lower"):
            return ""
        seen = digits is None or bool(float(f"{self.change:.{digits}f}"))
        return self.verdict if seen else ""

    def as_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return dict(self.__dict__)


def difference(base: Array, other: Array, draw: NDArray[np.integer], unit: str = "points") -> Difference:
    """``other`` minus ``base``, paired by member; all of shape (member,), in ``unit``.

    Raises ValueError where a value is not finite.
    """
    d = other - base
    if not np.isfinite(d).all():
        raise ValueError(f"{int((~np.isfinite(d)).sum())} of {len(d)} members are not finite: the run has failed")
    sums, counts = by_draw(d, draw)
    found, means = clustered(d, draw), sums / counts
    mean, low, high = float(found.mean) + 0.0, float(found.low), float(found.high)  # no negative zero
    up, down = float((means > 0).mean()), float((means < 0).mean())
    times = printed(unit)
    told = judge(times * mean, times * low, times * high, up, down, len(d), len(counts))
    verdict, reason, needed = told if d.any() else ("identical", "", None)
    return Difference(
        change=mean,
        ci_low=low,
        ci_high=high,
        se=float(found.se),
        share_up=up,
        share_down=down,
        share_up_members=float((d > 0).mean()),
        share_up_without_chance=without_chance(d, draw),
        members=len(d),
        draws=len(counts),
        variance_ratio=variance_ratio(base, other),
        verdict=verdict,
        reason=reason,
        members_needed=needed,
        unit=unit,
    )


def judge(
    mean: float, low: float, high: float, up: float, down: float, members: int, draws: int
) -> tuple[Verdict, Reason, int | None]:
    """Verdict on numbers as they are printed, the reason where there is none, and how many members would tell."""
    if math.isnan(low):
        return "cannot tell", "few draws", None
    if low <= 0 <= high:
        return "cannot tell", "interval", _members_for_mean(mean, high - mean, members)
    if not float(f"{mean:.{digits_for((high - low) / 2)}f}"):
        return "cannot tell", "prints as zero", None
    agreeing, moving = (up if mean > 0 else down), up + down
    share = agreeing / moving
    if share < DECISIVE:
        return "cannot tell", "draws disagree", None
    needed = (Z_95 / 2 / (share - 0.5)) ** 2
    if needed >= moving * draws:
        return "cannot tell", "draws undecided", _rounded(members * needed / (moving * draws), members)
    return ("higher" if mean > 0 else "lower"), "", None


def _members_for_mean(mean: float, half_width: float, members: int) -> int | None:
    # members at which a true difference of this size is told in four cases of five
    if mean == 0:
        return None
    return _rounded(members * ((Z_95 + Z_80) / Z_95 * half_width / abs(mean)) ** 2, members)


def _rounded(needed: float, members: int) -> int | None:
    if needed > MOST_MEMBERS:
        return None
    step = max(20, 10 ** (math.floor(math.log10(max(needed, 1))) - 1))
    return int(math.ceil(max(needed, members + 1) / step) * step)


def variance_ratio(base: Array, other: Array) -> float | None:
    """(Var base + Var other) / Var(other - base): how many times fewer members pairing needs; None where none differs.

    Klein et al. 2024 (arXiv 2409.02086): the gain of common random numbers depends on the contrast.
    """
    if len(base) < 2:
        return None
    paired = float((other - base).var(ddof=1))
    return None if paired == 0 else float((base.var(ddof=1) + other.var(ddof=1)) / paired)


def without_chance(d: Array, draw: NDArray[np.integer]) -> float | None:
    """Share of draws that would rise if each had endless members, under a normal law of draw effects.

    The draw means of four members carry chance as well, which pulls ``share_up`` towards one half; here
    the variance of chance is taken off (one-way random effects). None where it cannot be estimated.
    """
    squares = uncertainty.mean_squares(uncertainty.by_draw(d[:, None], draw))
    if squares is None or not d.any():
        return None
    between, within, size = squares
    spread = math.sqrt(max(0.0, float(between[0] - within[0]) / size))
    mean = float(d.mean())
    return 0.5 * (1 + math.erf(mean / spread / math.sqrt(2))) if spread else 0.5 * (1 + np.sign(mean))


def cleaned(tree: Any) -> Any:
    """Nested mappings and lists with None for every number that JSON cannot hold."""
    if isinstance(tree, dict):
        return {key: cleaned(inner) for key, inner in tree.items()}
    if isinstance(tree, list | tuple):
        return [cleaned(inner) for inner in tree]
    return None if isinstance(tree, float) and not math.isfinite(tree) else tree
