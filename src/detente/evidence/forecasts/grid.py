"""The scenarios' law of regimes, slow background and excitation, filtered exactly on a grid.

The state of a pair is its own level (which does not move), its regime and its slow background; each moves as in a
scenario (laws/regimes.py, laws/background.py), without what a file of reports does not show: hostility stands at the
level where the hazards hold, and force is chosen at its hazard. What past reports set off is known from the reports
(laws/incidents.py). So the filter is a sum over states, without the noise of particles.

Arrays are (pair, level, regime, node); reports scatter as in ``reporting``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from detente.evidence import reporting
from detente.evidence.inference import resampled
from detente.evidence.reporting import Reports
from detente.laws import background, incidents, regimes

Array = NDArray[np.float64]

#: nodes of the background and of the levels, and how many standard deviations they reach
NODES, LEVELS, REACH, WIDE = 21, 9, 3.2, 2.2
#: regimes of a pair, and how often it opens in each: a start that the first months of a file correct
REGIMES, OPENING = ("quiet", "tense", "armed"), (0.8, 0.12, 0.08)
#: reports of an average interval below which no pair has its level, about one a year: a war is told by its distance
#: from the quiet level alone, and were that at any depth, every pair that reports at all could be at war
FAINT = 0.02
#: of a pair's mean log level what lies in its tense and armed spells: the prior of its quiet level is so much lower
SPELLS = 1.2
#: a report's share of the interval of weeks
NONE = np.zeros(())


@dataclass(frozen=True)
class Law:
    """The law under fitted ``values`` (see ``priors.FREE``); ``off`` names what stands still: ``regimes``,
    ``background``, ``excitation``. ``weeks`` is the length of an interval."""

    values: Mapping[str, float]
    off: frozenset[str] = frozenset()
    weeks: float = 1.0

    @cached_property
    def incidents(self) -> incidents.Parameters:
        """The law of incidents: both directions together, hence no answer of the other."""
        given = dict.fromkeys(("answering", "sensitivity"), NONE)
        given |= {name: np.ones(()) for name in ("dispersion", "when_coercing", "severity")}
        given["memory"] = np.asarray(self.values["memory"] / self.weeks)
        given["branching"] = NONE if "excitation" in self.off else np.asarray(self.values["branching"])
        return incidents.Parameters(**given)

    @cached_property
    def nodes(self) -> tuple[Array, Array, Array]:
        """Nodes of the log background (node,), how they follow each other (node, node), and their stationary shares."""
        if "background" in self.off:
            return np.zeros(1), np.ones((1, 1)), np.ones(1)
        p = background.Parameters(np.asarray(self.values["background_memory"]), np.asarray(self.values["volatility"]))
        z = np.linspace(-REACH, REACH, NODES)
        shares = np.exp(-0.5 * z * z)
        kept = background.kept(p) ** self.weeks
        steps = np.exp(-0.5 * ((z - kept * z[:, None]) / np.sqrt(1.0 - kept**2)) ** 2)
        return z * np.sqrt(background.spread(p)), steps / steps.sum(axis=1, keepdims=True), shares / shares.sum()

    @cached_property
    def turns(self) -> Array:
        """How regimes follow each other in an interval, (regime, regime); a pair stays quiet where they are off."""
        if "regimes" in self.off:
            return np.ones((1, 1))
        rates = ("onset", "calming", "outbreak", "ending")
        onset, calm, war, end = (float(regimes.weekly(np.asarray(self.values[r] * self.weeks))) for r in rates)
        return np.array([[1 - onset, onset, 0], [calm, 1 - calm - war, war], [0, end, 1 - end]])

    @cached_property
    def raised(self) -> Array:
        """What each regime adds to the log of first causes, (regime,)."""
        if "regimes" in self.off:
            return np.zeros(1)
        return np.array([0.0, self.values["tense_rate"], self.values["armed_rate"]])

    def first_causes(self, levels: Array) -> Array:
        """Rates of first causes of every state, (pair, level, regime, node); ``levels`` log rates (pair, level)."""
        log = levels[:, :, None, None] + self.raised[:, None] + self.nodes[0]
        return np.asarray((1.0 - self.incidents.branching) * np.exp(log))

    def size(self, mean: Array) -> Array:
        """Size of the negative binomial of reports with this mean."""
        return np.asarray(self.values["size"] * np.maximum(mean, reporting.FEW) ** self.values["averaging"])


@dataclass(frozen=True)
class Prior:
    """Where the levels of pairs lie before anything is seen: nodes (pair, level) and their shares (level,)."""

    levels: Array
    shares: Array

    @classmethod
    def of(cls, count: Array, law: Law) -> Prior:
        """Around the mean of the training reports ``count`` (pair, interval); below it, where that lies in spells."""
        steps = np.linspace(-WIDE, WIDE, LEVELS)
        shares = np.exp(-0.5 * steps * steps)
        mean = np.maximum(count.mean(axis=1, keepdims=True), FAINT)
        levels = np.log(mean / reporting.SEEN) + law.values["spread"] * steps
        if "regimes" not in law.off:
            levels = np.maximum(levels - SPELLS, np.log(FAINT / reporting.SEEN))
        return cls(levels, shares / shares.sum())


@dataclass(frozen=True)
class Filtered:
    """Shares of the states after an interval (pair, level, regime, node), what reports set off (pair,), the log
    evidence of the interval (pair,)."""

    shares: Array
    excitation: Array
    evidence: Array


def filtered(law: Law, prior: Prior, reports: Reports) -> Iterator[Filtered]:
    """The filter interval by interval; ``reports`` has one row per pair."""
    first = law.first_causes(prior.levels)
    _, steps, stationary = law.nodes
    opening = (1.0,) if "regimes" in law.off else OPENING
    shares = prior.shares[:, None, None] * np.array(opening)[:, None] * stationary
    shares = np.broadcast_to(shares, first.shape)
    excitation = np.zeros(len(first))
    for t in range(reports.count.shape[1]):
        if t:
            shares = np.einsum("plgj,gh->plhj", shares @ steps, law.turns)
        count, misread = reports.count[:, t], reports.misread[:, t]
        chance = log_chance(law, first, excitation, count, misread)
        best = chance.max(axis=(1, 2, 3), keepdims=True)
        shares = shares * np.exp(chance - best)
        total = shares.sum(axis=(1, 2, 3), keepdims=True)
        shares = shares / total
        excitation = excited(law, excitation, count, misread)
        yield Filtered(shares, excitation, (np.log(total) + best)[:, 0, 0, 0] - gammaln(count + 1.0))


def mean_reports(law: Law, first: Array, excitation: Array, misread: Array) -> Array:
    """Expected reports: of incidents that are seen, and misread ones of other events."""
    return reporting.SEEN * incidents.intensity(first, excitation, excitation, law.incidents) + misread


def log_chance(law: Law, first: Array, excitation: Array, count: Array, misread: Array) -> Array:
    """Log chance of ``count`` reports (pair,) in every state, without the factorial of the count."""
    wide = (slice(None), None, None, None)
    mean = mean_reports(law, first, excitation[wide], misread[wide])
    size = law.size(mean)
    told = -size * np.log1p(mean / size)
    # in most intervals most pairs are silent
    some = count > 0
    count, size, mean = count[some][wide], size[some], mean[some]
    told[some] += gammaln(count + size) - gammaln(size) + count * np.log(mean / (size + mean))
    return told


def excited(law: Law, excitation: Array, count: Array, misread: Array) -> Array:
    """What incidents set off later, after ``count`` reports of which ``misread`` are expected to be of other events."""
    happened = np.maximum(count - misread, 0.0) / reporting.SEEN
    return incidents.excite(excitation, happened, law.incidents.memory)


def ahead(
    law: Law, prior: Prior, now: Filtered, misread: Array, steps: int, members: int, rng: np.random.Generator
) -> Array:
    """Reports of the next ``steps`` intervals, (step, pair, member); ``misread`` (pair,) stays as it is expected."""
    flat = now.shares.reshape(len(now.shares), -1)
    lots = (rng.random((len(flat), 1)) + np.arange(members)) / members
    level, regime, node = np.unravel_index(resampled(flat, lots), now.shares.shape[1:])
    background_, follow, _ = law.nodes
    following, turning = np.cumsum(follow, axis=1), np.cumsum(law.turns, axis=1)
    levels = np.take_along_axis(prior.levels, level, 1)
    excitation, missed = np.repeat(now.excitation[:, None], members, 1), misread[:, None]
    out = []
    for _ in range(steps):
        node = picked(following, node, rng)
        regime = picked(turning, regime, rng)
        first = (1.0 - law.incidents.branching) * np.exp(levels + law.raised[regime] + background_[node])
        mean = mean_reports(law, first, excitation, missed)
        size = law.size(mean)
        out.append(rng.poisson(rng.gamma(size, mean / size)).astype(np.float64))
        excitation = excited(law, excitation, out[-1], missed)
    return np.array(out)


def picked(upto: Array, now: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """Where each chain goes from ``now``; ``upto`` (from, to) are cumulative chances."""
    lots = rng.random(now.shape)
    found = (lots[..., None] > upto[now]).sum(axis=-1)
    return np.asarray(np.minimum(found, upto.shape[1] - 1), dtype=np.intp)
