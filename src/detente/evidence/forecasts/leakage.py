"""Proof that no forecast knows its future, made on the file itself.

Everything after one origin is put in another order, in every series of the file. What the fit reads, and every forecast
made up to that origin, must stay the same to the last bit; and later forecasts must change, or nothing was proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.forecasts.fit import Fitted
from detente.evidence.forecasts.rolling import Prepared, prepare
from detente.observations import Observations, Series

#: the origin after which all is shuffled lies this far into the test window
PART = 1 / 3
SHUFFLED = ("value", "count", "other", "size")
#: the hash of each forecast by method and horizon
Prints = Mapping[tuple[str, int], list[str]]


@dataclass(frozen=True)
class Proof:
    """Forecasts made up to the last day seen, ``after``: how many there are, and how many know what came later."""

    after: str
    forecasts: int
    changed: int
    fit_changed: bool
    later_changed: bool

    @property
    def holds(self) -> bool:
        """Nothing that was known at the origin, or before, depends on what came after it."""
        return self.later_changed and not self.fit_changed and self.changed == 0

    def record(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "holds": self.holds}


def prints(ensembles: list[NDArray[np.float64]]) -> list[str]:
    """A hash of each forecast, to the last bit; a negative zero, which files may hold, is a zero."""
    return [sha256(np.ascontiguousarray(one + 0.0).tobytes()).hexdigest() for one in ensembles]


def proof(usual: Prepared, fits: Mapping[str, Fitted], made: Prints) -> Proof:
    """Shuffle the future of one origin, the same for every horizon; forecast again as ``fits`` do; compare."""
    origins = sorted({target.origin for some in usual.targets.values() for target in some})
    origin = origins[int(len(origins) * PART)]
    day = usual.series.ends[origin]
    file = shuffled(usual.question.observations, day, usual.question.seed)
    other = prepare(replace(usual.question, observations=file))
    known = {h: [t for t in some if t.origin <= origin] for h, some in other.targets.items()}
    early = replace(other, targets=known)
    again = {(method, h): s for method, fitted in fits.items() for h, s in early.issued(fitted).items()}
    again |= {(method, horizon): some for method, horizon, some in early.naive()}
    pairs = [pair for key, some in again.items() for pair in zip(prints(some), made[key], strict=False)]
    return Proof(
        after=str(day),
        forecasts=len(pairs),
        changed=sum(one != two for one, two in pairs),
        fit_changed=not same_pool(usual.pool, other.pool) or usual.strata.threshold != other.strata.threshold,
        later_changed=not np.array_equal(usual.aim.value, other.aim.value),
    )


def shuffled(observations: Observations, day: np.datetime64, seed: int) -> Observations:
    """Every interval that ends after ``day`` in another order, and louder by a report, so that a silence is none too.

    Weeks stay with their weeks in all series.
    """
    series = {}
    for key, one in observations.series.items():
        order = np.arange(len(one))
        known = int(np.count_nonzero(one.ends <= day))
        order[known:] = np.random.default_rng(seed).permutation(order[known:])
        found = {name: getattr(one, name)[order] for name in SHUFFLED}
        more = np.arange(len(one)) >= known
        louder = {"value": more * found["size"], "count": more, "other": more * float(one.counted)}
        series[key] = replace(one, **{name: value + louder.get(name, 0.0) for name, value in found.items()})
    return replace(observations, series=series)


def same_pool(one: list[Series], two: list[Series]) -> bool:
    """What the fit reads is the same, series by series and bit by bit."""
    parts = ("key", *SHUFFLED)
    return len(one) == len(two) and all(
        np.array_equal(getattr(a, part), getattr(b, part)) for a, b in zip(one, two, strict=True) for part in parts
    )
