"""The particle filter: a law's own state, carried to an origin by the reports up to it, and from there onward.

What is filtered is whatever state the law keeps, by the names that it gives its arrays; which law it is, the filter
does not ask. Chance is keyed by (seed, interval, purpose): forecasts from an origin cannot depend on anything after it.

Bootstrap filter with systematic resampling (Gordon, Salmond & Smith 1993; Kitagawa 1996); a law may propose its rare
moves more often than they happen, with the weights that undo it, and what reporting hides is integrated out, so that
few members are lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detente.evidence import reporting
from detente.evidence.inference import resampled
from detente.evidence.reporting import News, Reports

Array = NDArray[np.float64]
#: what a law keeps, by its own names: each (group, member)
State = Mapping[str, Array]

PURPOSES = {"start": 0, "step": 1, "resample": 2, "forecast": 3, "severity": 4}


class Law(Protocol):
    """What the filter asks of a law; arrays are (group, member)."""

    def open(self, count: Array, members: int, rng: np.random.Generator) -> State:
        """The state before the first of ``count`` (group, time) reports."""

    def drifted(self, state: State, rng: np.random.Generator) -> State:
        """What moves by itself, an interval later."""

    def proposed(self, state: State, count: Array, rng: np.random.Generator) -> tuple[State, Array]:
        """As ``drifted``, in the light of the interval's reports; and the log weights that undo it."""

    def rate(self, state: State) -> Array:
        """Expected incidents of the interval."""

    def scatter(self, state: State) -> News:
        """How reports scatter about them."""

    def step(self, state: State, counts: Array, rng: np.random.Generator) -> State:
        """The state after ``counts`` incidents."""


def stream(seed: int, interval: int, purpose: str) -> np.random.Generator:
    """The generator of one purpose in one interval."""
    return np.random.default_rng([seed, interval, PURPOSES[purpose]])


@dataclass(frozen=True)
class Particles:
    """Members of ``state`` {name: (group, member)}, as ``law`` moves them."""

    law: Law
    state: State
    seed: int

    @classmethod
    def start(cls, law: Law, count: Array, members: int, seed: int) -> Particles:
        """Before the first of ``count`` (group, time) reports."""
        return cls(law, law.open(count, members, stream(seed, 0, "start")), seed)

    @property
    def rate(self) -> Array:
        """Expected incidents of the interval, (group, member)."""
        return self.law.rate(self.state)

    def propagate(self, counts: Array, rng: np.random.Generator) -> Particles:
        """After an interval with ``counts`` incidents, (group, member)."""
        return replace(self, state=self.law.step(self.state, counts, rng))

    def update(self, reports: Reports, t: int) -> Updated:
        """Interval ``t``: members move, are weighed by its reports, resampled, and take in what happened."""
        count, misread, rng = reports.count[:, [t]], reports.misread[:, [t]], stream(self.seed, t, "step")
        state, undo = self.law.proposed(self.state, count, rng)
        rate = self.law.rate(state)
        chance = undo + reporting.log_chance(count, rate, misread, self.law.scatter(state))
        best = chance.max(axis=1, keepdims=True)
        weight = np.exp(chance - best)
        mean = weight.mean(axis=1)
        lots = stream(self.seed, t, "resample").random((len(weight), 1))
        kept = resampled(weight, (lots + np.arange(weight.shape[1])) / weight.shape[1])
        state = {name: np.take_along_axis(values, kept, 1) for name, values in state.items()}
        rate = np.take_along_axis(rate, kept, 1)
        counts = reporting.happened(count, rate, misread, self.law.scatter(state))
        after = replace(self, state=state).propagate(counts, rng)
        return Updated(after, best[:, 0] + np.log(mean), mean**2 / (weight**2).mean(axis=1))

    def forecast(self, reports: Reports, t: int, steps: int) -> Array:
        """Reports of the ``steps`` intervals after ``t`` by member, shape (step, group, member).

        Misread reports stay what they are expected to be in the first of them.
        """
        rng, now, out = stream(self.seed, t, "forecast"), self, []
        for _ in range(steps):
            now = replace(now, state=self.law.drifted(now.state, rng))
            counts, told = reporting.draw(now.rate, reports.misread[:, [t + 1]], self.law.scatter(now.state), rng)
            now = now.propagate(counts, rng)
            out.append(told)
        return np.array(out)


@dataclass(frozen=True)
class Updated:
    """What one interval's reports did: members after them, log evidence (group,), effective share (group,)."""

    particles: Particles
    evidence: Array
    effective: Array


def filtered(law: Law, reports: Reports, members: int, seed: int) -> Iterator[Updated]:
    """The filter interval by interval; ``reports`` has one row per group."""
    now = Particles.start(law, reports.count, members, seed)
    for t in range(reports.count.shape[1]):
        yield (updated := now.update(reports, t))
        now = updated.particles
