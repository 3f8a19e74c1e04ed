"""A particle filter over the ensemble's member axis: the state of a dyad carried to an origin by its reports.

The members follow the scenarios' own laws (``laws.incidents``, ``laws.hostility``) for an undirected pair, that is
for the symmetric mode of its two directions. What acts, missions and dialogue do to the background rate in a
scenario is not observed here; the log rate drifts instead, and now and then a new regime begins, at a level between
the present one and what is usual among the file's dyads, so that war may break out and peace as well; both are rarer
in calm spells than in restless ones. Arrays are (group, member): a group is one parameter draw for one series. Chance
is keyed by (seed, interval, purpose): forecasts from an origin cannot depend on anything after it.

Bootstrap filter with systematic resampling (Gordon, Salmond & Smith 1993; Kitagawa 1996); breaks are proposed more
often than they happen and weighted back, and what reporting hides is integrated out, so that few members are lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.evidence import reporting
from detente.evidence.forecasts.priors import Values
from detente.evidence.observations import Series
from detente.evidence.reporting import News, Reports
from detente.laws import hostility, incidents

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

PURPOSES = {"start": 0, "step": 1, "resample": 2, "forecast": 3, "severity": 4}


def stream(seed: int, interval: int, purpose: str) -> np.random.Generator:
    """The generator of one purpose in one interval."""
    return np.random.default_rng([seed, interval, PURPOSES[purpose]])


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
        most = max(float(s.count.max()) for s in pool)
        means = np.array([s.count.mean() for s in pool])
        usual = float(np.log(means / reporting.SEEN + 0.05).mean())
        return cls(float(np.log(LOUD * max(most, 1.0))), usual, means)

    def of_first(self) -> Scale:
        """For the pool's first series alone, its levels still those of the pool."""
        return replace(self, typical=self.typical[:1])


@dataclass(frozen=True)
class Rules:
    """The laws' parameters and those of the drift, each (group, 1)."""

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
    def of(cls, values: Values, scale: Scale) -> Rules:
        """Rules of fitted ``values`` (draw,) for each draw and series, draws outermost; laws not fitted are off.

        Feedback is felt per incident where they are few, per typical count where a file counts articles by the
        hundred.
        """
        values = {name: np.repeat(value, len(scale.typical)) for name, value in values.items()}
        size = len(values["drift"])
        known = {k: v[:, None] for k, v in values.items()}
        none, one = np.zeros((size, 1)), np.ones((size, 1))
        typical = np.resize(np.maximum(scale.typical, 1.0), (size, 1))
        feeling = hostility.Parameters(
            inertia=known.get("inertia", none),
            reciprocity=none,
            incident_feedback=known.get("incident_feedback", none) / typical,
            conduct=none,
            external_coercion=none,
            volatility=known.get("volatility", none),
        )
        acting = incidents.Parameters(
            branching=known.get("branching", none),
            answering=none,
            memory=known.get("memory", one),
            sensitivity=SENSITIVITY * (one if "volatility" in values else none),
            dispersion=known["dispersion"],
            when_coercing=one,
            when_forcing=one,
            severity=one,
        )
        return cls(
            hostility=feeling,
            incidents=acting,
            news=News(known["dispersion"], known["averaging"], known["unsteadiness"]),
            drift=known["drift"],
            restlessness=known["restlessness"],
            break_chance=known["break_chance"],
            regime_level=scale.usual + known["regime_level"],
            regime_pull=known["regime_pull"],
            regime_spread=known["regime_spread"],
            ceiling=scale.highest,
        )


@dataclass(frozen=True)
class Cloud:
    """The state by member, each (group, member): log background rate, hostility [points], excitation [events], and
    how steadily reports come and how restless the background is [standard deviations]."""

    background: Array
    hostility: Array
    excitation: Array
    steadiness: Array
    unrest: Array

    def take(self, which: NDArray[np.intp]) -> Cloud:
        """The members ``which`` (group, member)."""
        state = (self.background, self.hostility, self.excitation, self.steadiness, self.unrest)
        return Cloud(*(np.take_along_axis(a, which, 1) for a in state))


def start(first: Array, members: int, rng: np.random.Generator) -> Cloud:
    """Members around the level of the first intervals, ``first`` (group, time)."""
    level = np.log(first.mean(axis=1, keepdims=True) / reporting.SEEN + 0.05)
    spread, steadiness, unrest = rng.standard_normal((3, len(first), members))
    return Cloud(level + UNSURE * spread, np.full_like(spread, REST), np.zeros_like(spread), steadiness, unrest)


def drifted(cloud: Cloud, rules: Rules, rng: np.random.Generator) -> Cloud:
    """The background an interval later: it drifts, or a new regime begins."""
    shape = cloud.background.shape
    broke, move = rng.random(shape) < breaking(cloud, rules), rng.standard_normal(shape)
    return _bounded(cloud, _moved(cloud, rules, broke, move), rules)


def pace(cloud: Cloud, rules: Rules) -> Array:
    """How much faster than usual the background changes."""
    return np.asarray(np.exp(rules.restlessness * cloud.unrest))


def breaking(cloud: Cloud, rules: Rules) -> Array:
    """Chance of a new regime in this interval."""
    return np.minimum(rules.break_chance * pace(cloud, rules), LIKELIEST)


def _fresh(cloud: Cloud, rules: Rules) -> Array:
    """Where a new regime is expected: on the way from the present level to the usual one."""
    return cloud.background + rules.regime_pull * (rules.regime_level - cloud.background)


def _moved(cloud: Cloud, rules: Rules, broke: NDArray[np.bool_], move: Array) -> Array:
    fresh = _fresh(cloud, rules) + rules.regime_spread * move
    return np.where(broke, fresh, cloud.background + rules.drift * pace(cloud, rules) * move)


def _bounded(cloud: Cloud, background: Array, rules: Rules) -> Cloud:
    return replace(cloud, background=np.clip(background, np.log(FAINT), rules.ceiling))


def proposed(cloud: Cloud, count: Array, rules: Rules, rng: np.random.Generator) -> tuple[Cloud, Array]:
    """As ``drifted``, with breaks oftener and toward the ``count`` reported; and the log weights that undo it."""
    shape = cloud.background.shape
    lot, move = rng.random(shape), rng.standard_normal(shape)
    chance = breaking(cloud, rules)
    often = np.maximum(chance, PROPOSED)
    shown = np.log((count + 0.5) / reporting.SEEN)
    moved = np.where(lot < often / 2, shown + AROUND * move, _moved(cloud, rules, lot < often, move))
    blind = (moved - _fresh(cloud, rules)) / rules.regime_spread
    guided = (moved - shown) / AROUND
    # density of a break over that of its proposal, half blind and half guided
    pull = np.exp(np.clip(0.5 * (blind**2 - guided**2), -50.0, 50.0)) * rules.regime_spread / AROUND
    broke = chance / often / (0.5 + 0.5 * pull)
    fair = np.where(lot < often, broke, (1 - chance) / (1 - often))
    return _bounded(cloud, moved, rules), np.log(np.maximum(fair, 1e-300))


def intensity(cloud: Cloud, rules: Rules) -> Array:
    """Expected incidents of the interval, by the law of incidents."""
    one = np.ones(1)
    first = incidents.background(np.exp(cloud.background), cloud.hostility - REST, one, one, rules.incidents)
    return incidents.intensity(first, cloud.excitation, cloud.excitation, rules.incidents)


def turned(cloud: Cloud, counts: Array, rules: Rules, rng: np.random.Generator) -> Cloud:
    """Hostility and excitation after ``counts`` incidents, by the laws."""
    rest = np.full(1, REST)
    none = np.zeros(1)
    felt = hostility.relax(
        cloud.hostility,
        cloud.hostility,
        rest,
        rest,
        surprise=counts - incidents.expected(np.exp(cloud.background), rules.incidents),
        deed=none,
        coercion=none,
        shock=rng.standard_normal(counts.shape),
        p=rules.hostility,
    )
    return Cloud(
        background=cloud.background,
        hostility=hostility.bounded(felt),
        excitation=incidents.excite(cloud.excitation, counts, rules.incidents.memory),
        steadiness=reporting.wander(cloud.steadiness, rng),
        unrest=reporting.wander(cloud.unrest, rng),
    )


def resampled(weight: Array, rng: np.random.Generator) -> NDArray[np.intp]:
    """Systematic resampling within each group: positions (group, member)."""
    groups, members = weight.shape
    steps = np.cumsum(weight, axis=1)
    steps /= steps[:, -1:]
    row = np.arange(groups)[:, None]
    points = (rng.random((groups, 1)) + np.arange(members)) / members
    found = np.searchsorted((steps + row).ravel(), (points + row).ravel(), side="right").reshape(groups, members)
    return np.asarray(np.clip(found - row * members, 0, members - 1))


@dataclass(frozen=True)
class Seen:
    """What one interval's reports did: members after them, log evidence (group,), effective share (group,)."""

    cloud: Cloud
    evidence: Array
    effective: Array


def see(cloud: Cloud, count: Array, misread: Array, rules: Rules, seed: int, interval: int) -> Seen:
    """One interval: members move, are weighed by ``count`` (group, 1), resampled, and take in what happened."""
    rng = stream(seed, interval, "step")
    cloud, undo = proposed(cloud, count, rules, rng)
    rate = intensity(cloud, rules)
    chance = undo + reporting.log_chance(count, rate, misread, rules.news.now(cloud.steadiness))
    best = chance.max(axis=1, keepdims=True)
    weight = np.exp(chance - best)
    mean = weight.mean(axis=1)
    which = resampled(weight, stream(seed, interval, "resample"))
    cloud, rate = cloud.take(which), np.take_along_axis(rate, which, 1)
    counts = reporting.happened(count, rate, misread, rules.news.now(cloud.steadiness))
    effective = mean**2 / (weight**2).mean(axis=1)
    return Seen(turned(cloud, counts, rules, rng), best[:, 0] + np.log(mean), effective)


def evidence(reports: Reports, rules: Rules, members: int, seed: int) -> Array:
    """Log likelihood of whole series, (group,); ``reports`` has one row per group."""
    cloud = start(reports.count[:, :OPENING], members, stream(seed, 0, "start"))
    total = np.zeros(len(reports.count))
    for t in range(reports.count.shape[1]):
        seen = see(cloud, reports.count[:, t : t + 1], reports.misread[:, t : t + 1], rules, seed, t)
        cloud, total = seen.cloud, total + seen.evidence
    return total


def ahead(cloud: Cloud, misread: Array, rules: Rules, steps: int, rng: np.random.Generator) -> Array:
    """Reports of the next ``steps`` intervals by member, shape (step, group, member); ``misread`` stays as it is."""
    out = np.empty((steps, *cloud.background.shape))
    for step in range(steps):
        cloud = drifted(cloud, rules, rng)
        counts, out[step] = reporting.draw(intensity(cloud, rules), misread, rules.news.now(cloud.steadiness), rng)
        cloud = turned(cloud, counts, rules, rng)
    return out
