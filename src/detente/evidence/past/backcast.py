"""Back-cast of the index on observed events: the formula that scores simulated events, on reports.

Only what events carry is measured, so only two pillars are filled; the other four rest at their calm goalposts and
weigh nothing (``formula.behavioural``). By dyad and week, from conflictual reports with severity s [goldstein]:

    hostility   h' = rho h + (1 - rho) (sum of s / number of all reports)     0 in a week without a report
    incidents   E' = E + (sum of s - E)(1 - e^(-1/tau)),   indicator ln(1 + E)

rho and tau are the scenario's inertia and incident memory at their central values, goalposts, weights and exponent
the scenario's, all fixed. The acts side of diplomacy is left out: in the model it is the state of named tracks, and
reports of talks are thickest in war, so that a share of cooperative reports would measure coverage.

Reports grow with attention. ``volume`` is a trailing mean of all reports of the file; the normalised back-cast divides
the severity by it over its mean, and never multiplies it by more than MOST. Levels of the full index do not carry over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detente.evidence.pairs import matched
from detente.evidence.reporting import trailing
from detente.evidence.verification.limits import centred
from detente.index import formula
from detente.index.formula import Construction
from detente.laws import hostility
from detente.laws.rows import summed
from detente.observations import ObservationError, Observations, Series
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]
Dates = NDArray[np.datetime64]

#: memory of the volume [weeks], and how many times a quiet time's reports may be enlarged
YEAR, MOST = 52.0, 4.0


@dataclass(frozen=True)
class Path:
    """Index by week [points]: region (time,), dyads (dyad, time), contributions of both pillars (pillar, time)."""

    region: Array
    dyads: Array
    contribution: Array


@dataclass(frozen=True)
class Backcast:
    """The back-cast of a scenario's dyads on a file, as reported (``raw``) and by volume (``normalised``).

    ``volume`` (time,): all reports of the file, trailing mean with a memory of a year, begun at the first year's mean.
    """

    scenario: Scenario
    observations: Observations
    series: tuple[Series, ...]
    volume: Array
    raw: Path
    normalised: Path

    @property
    def keys(self) -> tuple[str, ...]:
        """The scenario's dyads that the file holds, in the scenario's order; ``series`` bear these names."""
        return tuple(s.key for s in self.series)

    @property
    def dates(self) -> Dates:
        """Mondays, (time,)."""
        return self.series[0].dates


def backcast(scenario: Scenario, observations: Observations) -> Backcast:
    """The index on reports. Raises ObservationError where the file is not weekly or holds none of the dyads."""
    series = seen(scenario, observations)
    c = construction(scenario, [s.key for s in series])
    everything = np.sum([s.count + s.other for s in observations.series.values()], axis=0)
    volume = trailing(everything, float(np.exp(-1.0 / YEAR)), start=float(everything[: int(YEAR)].mean()))
    return Backcast(
        scenario=scenario,
        observations=observations,
        series=series,
        volume=volume,
        raw=path(scenario, series, np.ones_like(volume), c),
        normalised=path(scenario, series, by_volume(volume), c),
    )


def seen(scenario: Scenario, observations: Observations) -> tuple[Series, ...]:
    """The scenario's dyads that the file holds, in the scenario's order and under its names.

    Raises ObservationError where the file holds none, or one under two names.
    """
    read = matched(scenario, observations).read
    found = tuple(replace(observations[name], key=pair) for pair, name in read.items())
    if found[0].step != "week" or not found[0].counted:
        raise ObservationError(f"{observations.path.name}: a back-cast needs weekly counts of reports")
    return found


def construction(scenario: Scenario, keys: Sequence[str]) -> Construction:
    """The scenario's construction on the dyads seen, restricted to the pillars that events carry."""
    weights = [scenario.dyads[key].weight.value for key in keys]
    return formula.behavioural(formula.construction(scenario.parameters.index, weights))


def by_volume(volume: Array) -> Array:
    """What reports are multiplied by so that their mean flow is the same at all times, (time,); 1 where none came."""
    few = volume <= volume.mean() / MOST
    return np.where(few, MOST if volume.any() else 1.0, volume.mean() / np.where(few, 1.0, volume))


def indicators(scenario: Scenario, series: Sequence[Series], scale: Array) -> tuple[Array, Array]:
    """Hostility [points] and ln(1 + severity per week), each (dyad, time)."""
    value = np.stack([s.value for s in series])
    reports = np.stack([s.count + s.other for s in series])
    tone = np.where(reports > 0, value / np.maximum(reports, 1.0), 0.0)
    memory = scenario.parameters.index.incident_memory.value
    return felt(scenario, tone), np.log1p(trailing(value * scale, float(np.exp(-1.0 / memory))))


def felt(scenario: Scenario, tone: Array) -> Array:
    """Hostility that follows the tone of reports by the law's inertia alone; (dyad, time)."""
    p = replace(centred(hostility.Parameters, scenario.parameters.hostility), reciprocity=np.zeros(()))
    now = none = np.zeros(tone.shape[0])
    out = []
    for level in tone.T:
        relaxed = hostility.relax(now, now, level, level, surprise=none, deed=none, coercion=none, shock=none, p=p)
        out.append(now := hostility.bounded(relaxed))
    return np.stack(out, axis=1)


def path(scenario: Scenario, series: Sequence[Series], scale: Array, c: Construction) -> Path:
    """The index on the dyads' reports, severity multiplied by ``scale`` (time,)."""
    told = dict(zip(formula.BEHAVIOURAL, indicators(scenario, series, scale), strict=True))
    shape = next(iter(told.values())).shape
    filled = [told.get(name, np.full(shape, calm)) for name, calm in zip(formula.PILLARS, c.calm, strict=True)]
    terms = formula.points(formula.rescaled(filled, c), c)
    dyads = summed(terms)
    region = formula.power_mean(dyads, c.dyads, c.exponent)
    shares = formula.contributions(terms, dyads, region, c).sum(axis=1)
    return Path(region, dyads, shares[[formula.PILLARS.index(name) for name in formula.BEHAVIOURAL]])


def constructions(found: Backcast) -> dict[str, Array]:
    """The region (time,) under other constructions, none chosen by its outcome: what the ranking hangs on."""
    usual = construction(found.scenario, found.keys)
    even = replace(usual, dyads=np.full(len(found.keys), 1.0 / len(found.keys)))
    exponents = {"": None, ", arithmetic mean": 1.0, ", exponent 6": 6.0}
    scales = {"raw": np.ones_like(found.volume), "by volume": by_volume(found.volume)}
    return {
        f"{name}, {weights}{variant}": path(
            found.scenario, found.series, scale, c if exponent is None else replace(c, exponent=exponent)
        ).region
        for name, scale in scales.items()
        for weights, c in (("weights of the theatre", usual), ("equal weights", even))
        for variant, exponent in exponents.items()
    }
