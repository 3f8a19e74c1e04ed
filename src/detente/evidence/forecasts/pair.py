"""The laws of a pair whose reports are all that is known: what the particle filter moves.

The members follow the scenarios' own laws (``laws.incidents``, ``laws.hostility``) for an undirected pair, that is
for the symmetric mode of its two directions. What acts, missions and dialogue do to the background rate in a
scenario is not observed here; the log rate drifts instead, and now and then a new regime begins, at a level between
the present one and what is usual among the file's dyads, so that war may break out and peace as well; both are rarer
in calm spells than in restless ones. Arrays are (group, member): a group is one parameter draw for one series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.evidence import reporting
from detente.evidence.forecasts.particles import State
from detente.evidence.forecasts.priors import Values
from detente.evidence.reporting import News
from detente.laws import hostility, incidents
from detente.observations import Series

Array = NDArray[np.float64]

#: hostility that a dyad tends to [points], and the rate's response to a point above it [assumptions: only the
#: product of response and volatility can be told from reports]
REST, SENSITIVITY = 3.0, 0.4
#: the background is kept above this [incidents per interval] and below this many times the most seen
FAINT, LOUD = 0.005, 4.0
#: a new regime is never likelier than this [per interval]
LIKELIEST = 0.5
#: share of members to which a break is proposed; half of these are sent near the level that the reports show,
#: this far around it [log]
PROPOSED, AROUND = 0.12, 0.6
#: intervals that tell the first level, and how far it may be off [log]
OPENING, UNSURE = 26, 1.0


@dataclass(frozen=True)
class Scale:
    """What the training window says of levels: ``highest`` and ``usual`` log rate of the pool, ``typical`` (series,)
    counts of each of its series."""

    highest: float
    usual: float
    typical: Array

    @classmethod
    def of(cls, pool: Sequence[Series]) -> Scale:
        """The scale of a pool of training series."""
        means = np.array([s.count.mean() for s in pool])
        most = max(*(float(s.count.max()) for s in pool), 1.0)
        return cls(float(np.log(LOUD * most)), float(np.log(means / reporting.SEEN + 0.05).mean()), means)

    def of_first(self) -> Scale:
        """For the pool's first series alone, its levels still those of the pool."""
        return replace(self, typical=self.typical[:1])


@dataclass(frozen=True)
class Pair:
    """The laws' parameters and those of reports, drift and regimes, each (group, 1).

    The state is ``background``, a log rate, ``hostility`` [points], ``excitation`` [events], and ``steadiness`` of
    reports and ``unrest`` of the background [standard deviations].
    """

    hostility: hostility.Parameters
    incidents: incidents.Parameters
    news: News
    drift: Array
    restlessness: Array
    break_chance: Array
    regime_level: Array
    regime_pull: Array
    regime_spread: Array
    ceiling: float

    @classmethod
    def of(cls, values: Values, scale: Scale) -> Pair:
        """The laws under fitted ``values`` (draw,) for each draw and series, draws outermost; laws not fitted are off.

        Feedback is felt per incident where they are few, per typical count where a file counts articles by the
        hundred.
        """
        known = {name: np.repeat(value, len(scale.typical))[:, None] for name, value in values.items()}
        none, one = np.zeros_like(known["drift"]), np.ones_like(known["drift"])
        typical = np.resize(np.maximum(scale.typical, 1.0), none.shape)
        return cls(
            hostility=hostility.Parameters(
                inertia=known.get("inertia", none),
                reciprocity=none,
                incident_feedback=known.get("incident_feedback", none) / typical,
                conduct=none,
                external_coercion=none,
                volatility=known.get("volatility", none),
            ),
            incidents=incidents.Parameters(
                branching=known.get("branching", none),
                answering=none,
                memory=known.get("memory", one),
                sensitivity=SENSITIVITY * (one if "volatility" in values else none),
                dispersion=known["dispersion"],
                when_coercing=one,
                severity=one,
            ),
            news=News(known["dispersion"], known["averaging"], known["unsteadiness"]),
            drift=known["drift"],
            restlessness=known["restlessness"],
            break_chance=known["break_chance"],
            regime_level=scale.usual + known["regime_level"],
            regime_pull=known["regime_pull"],
            regime_spread=known["regime_spread"],
            ceiling=scale.highest,
        )

    def unbroken(self) -> Pair:
        """The same laws, under which no new regime begins."""
        return replace(self, break_chance=np.zeros_like(self.break_chance))

    def open(self, count: Array, members: int, rng: np.random.Generator) -> State:
        """Members around the level of the first of ``count`` (group, time) reports."""
        level = np.log(count[:, :OPENING].mean(axis=1, keepdims=True) / reporting.SEEN + 0.05)
        spread, steadiness, unrest = rng.standard_normal((3, len(count), members))
        return {
            "background": level + UNSURE * spread,
            "hostility": np.full_like(spread, REST),
            "excitation": np.zeros_like(spread),
            "steadiness": steadiness,
            "unrest": unrest,
        }

    def pace(self, state: State) -> Array:
        """How much faster than usual the background changes."""
        return np.asarray(np.exp(self.restlessness * state["unrest"]))

    def breaking(self, state: State) -> Array:
        """Chance of a new regime in this interval."""
        return np.minimum(self.break_chance * self.pace(state), LIKELIEST)

    def fresh(self, state: State) -> Array:
        """Log rate at which a new regime is expected: on the way from the present level to the usual one."""
        return state["background"] + self.regime_pull * (self.regime_level - state["background"])

    def drifted(self, state: State, rng: np.random.Generator) -> State:
        """The background an interval later: it drifts, or a new regime begins."""
        shape = state["background"].shape
        broke, move = rng.random(shape) < self.breaking(state), rng.standard_normal(shape)
        return self._bounded(state, self._moved(state, broke, move))

    def _moved(self, state: State, broke: NDArray[np.bool_], move: Array) -> Array:
        fresh = self.fresh(state) + self.regime_spread * move
        return np.where(broke, fresh, state["background"] + self.drift * self.pace(state) * move)

    def _bounded(self, state: State, background: Array) -> State:
        return {**state, "background": np.clip(background, np.log(FAINT), self.ceiling)}

    def proposed(self, state: State, count: Array, rng: np.random.Generator) -> tuple[State, Array]:
        """As ``drifted``, with breaks oftener and toward the ``count`` reported; and the log weights that undo it."""
        shape = state["background"].shape
        lot, move = rng.random(shape), rng.standard_normal(shape)
        chance = self.breaking(state)
        often = np.maximum(chance, PROPOSED)
        shown = np.log((count + 0.5) / reporting.SEEN)
        moved = np.where(lot < often / 2, shown + AROUND * move, self._moved(state, lot < often, move))
        blind = (moved - self.fresh(state)) / self.regime_spread
        guided = (moved - shown) / AROUND
        # density of a break over that of its proposal, half blind and half guided
        pull = np.exp(np.clip(0.5 * (blind**2 - guided**2), -50.0, 50.0)) * self.regime_spread / AROUND
        broke = chance / often / (0.5 + 0.5 * pull)
        fair = np.where(lot < often, broke, (1 - chance) / (1 - often))
        return self._bounded(state, moved), np.log(np.maximum(fair, 1e-300))

    def rate(self, state: State) -> Array:
        """Expected incidents of the interval, by the law of incidents."""
        one = np.ones(1)
        first = incidents.background(np.exp(state["background"]), state["hostility"] - REST, one, one, self.incidents)
        return incidents.intensity(first, state["excitation"], state["excitation"], self.incidents)

    def scatter(self, state: State) -> News:
        """How reports scatter at the moment."""
        return self.news.now(state["steadiness"])

    def step(self, state: State, counts: Array, rng: np.random.Generator) -> State:
        """Hostility, excitation and what wanders, after ``counts`` incidents."""
        rest, none = np.full(1, REST), np.zeros(1)
        relaxed = hostility.relax(
            state["hostility"],
            state["hostility"],
            rest,
            rest,
            surprise=counts - incidents.expected(np.exp(state["background"]), self.incidents),
            deed=none,
            coercion=none,
            shock=rng.standard_normal(counts.shape),
            p=self.hostility,
        )
        return {
            "background": state["background"],
            "hostility": hostility.bounded(relaxed),
            "excitation": incidents.excite(state["excitation"], counts, self.incidents.memory),
            "steadiness": reporting.wander(state["steadiness"], rng),
            "unrest": reporting.wander(state["unrest"], rng),
        }
