"""Proof that no forecast knows its future, made on the file itself.

Everything after one origin is put in another order, in every series of the file. What the fit reads, and every forecast
made up to that origin, must stay the same to the last bit; and later forecasts must change, or nothing was proved.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from detente.evidence.forecasts.hindcast import Hindcast, Prepared, issued, naive_forecasts, prepare, prints
from detente.evidence.forecasts.targets import Target
from detente.evidence.observations import Observations, Series

#: the origin after which all is shuffled lies this far into the test window
PART = 1 / 3
SHUFFLED = ("value", "count", "other", "size")


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


def proof(result: Hindcast) -> Proof:
    """Shuffle the future of one origin of ``result``, forecast again, compare."""
    usual = result.prepared
    origin = _origin(usual)
    day = usual.series.ends[origin]
    other = prepare(
        replace(usual.question, observations=shuffled(usual.question.observations, day, usual.question.seed))
    )
    again = forecasts(replace(other, targets=_early(other, origin)), result)
    pairs = [(one, two) for key, some in again.items() for one, two in zip(some, result.prints[key], strict=False)]
    return Proof(
        after=str(day),
        forecasts=len(pairs),
        changed=sum(one != two for one, two in pairs),
        fit_changed=not same_pool(usual.pool, other.pool) or usual.strata.threshold != other.strata.threshold,
        later_changed=not np.array_equal(usual.aim.value, other.aim.value),
    )


def forecasts(prepared: Prepared, result: Hindcast) -> dict[tuple[str, int], list[str]]:
    """The hash of every forecast of ``prepared`` by method and horizon, with what ``result`` fitted."""
    out: dict[tuple[str, int], list[str]] = {}
    for method, fitted in result.fits.items():
        out |= {(method, horizon): prints(some) for horizon, some in issued(prepared, fitted)[1].items()}
    return out | {(method, horizon): prints(some) for method, horizon, some in naive_forecasts(prepared)}


def shuffled(observations: Observations, day: np.datetime64, seed: int) -> Observations:
    """Every interval that ends after ``day`` in another order, and louder by a report, so that a silence is none too.

    Weeks stay with their weeks in all series.
    """
    return replace(observations, series={key: _shuffled(s, day, seed) for key, s in observations.series.items()})


def _shuffled(series: Series, day: np.datetime64, seed: int) -> Series:
    order = np.arange(len(series))
    known = int(np.count_nonzero(series.ends <= day))
    order[known:] = np.random.default_rng(seed).permutation(order[known:])
    found = {name: getattr(series, name)[order] for name in SHUFFLED}
    more = np.arange(len(series)) >= known
    louder = {"value": more * found["size"], "count": more, "other": more * float(series.counted)}
    return replace(series, **{name: value + louder.get(name, 0.0) for name, value in found.items()})


def same_pool(one: list[Series], two: list[Series]) -> bool:
    """What the fit reads is the same, series by series and bit by bit."""
    parts = ("key", *SHUFFLED)
    return len(one) == len(two) and all(
        np.array_equal(getattr(a, part), getattr(b, part)) for a, b in zip(one, two, strict=True) for part in parts
    )


def _origin(prepared: Prepared) -> int:
    """The interval after which all is shuffled: the same for every horizon."""
    origins = sorted({target.origin for some in prepared.targets.values() for target in some})
    return origins[int(len(origins) * PART)]


def _early(prepared: Prepared, origin: int) -> dict[int, list[Target]]:
    """The targets known at ``origin`` or before; at least one by horizon is."""
    return {h: [t for t in some if t.origin <= origin] for h, some in prepared.targets.items()}
