"""A theatre of documented years against the record: what the laws make of it, as the file would have reported it.

The scenario runs as it is; its simulated incidents pass through the model of reports and meet the file's weekly counts,
pair by pair. Dated acts are told to the model, wars among them, so a run with the whole record is no forecast. Beside
it stand variants: the record up to the end of the fitting window only, none of it, no missions, laws switched off.

Reports of a pair in a week, given its y incidents and f misread reports of other events (``reporting.py``):

    Binomial(y, SEEN) + Poisson(f)

Over-dispersion is that of the law's own counts. f is one number per pair, from its mean flow of other reports in the
fitting window: were it to follow the file's other reports week by week, it would carry the record into the simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.evidence import reporting
from detente.evidence.pairs import label
from detente.evidence.past import backcast
from detente.observations import ObservationError, Observations, Series
from detente.scenario.schema import Scenario
from detente.scenario.values import at, replaced

Array = NDArray[np.float64]
Counts = NDArray[np.uint16]
Dates = NDArray[np.datetime64]
Progress = Callable[[int, int], None]

#: what each variant is
VARIANTS = {
    "record": "all dated acts told",
    "early_record": "dated acts of the fitting window told, later ones not",
    "blind": "no dated act told",
    "no_missions": "all dated acts told but those of missions",
    "no_excitation": "all dated acts told; no incident sets off another",
    "laws_off": "nothing moves a rate from its resting value",
}
#: parameters and their values where no incident sets off another
CALM = {"incidents.branching": 0.0}


def off(scenario: Scenario) -> dict[str, float]:
    """Parameters and their values where nothing moves a rate of incidents or hostility."""
    declared = ((m.name, name, number.off) for m in scenario.mechanisms() for name, number in m.numbers())
    return {f"{law}.{name}": value for law, name, value in declared if value is not None}


@dataclass(frozen=True)
class Told:
    """A variant's ensemble: ``reports`` (pair, member, week of the file), ``index`` on hostility and incidents
    (member, week of the run) in points, and how many acts it was told."""

    reports: Counts
    index: Array
    acts: int


@dataclass(frozen=True)
class History:
    """The record and the variants. ``weeks`` of the run, ``dates`` those that the file has; ``fitted`` is the last
    day of the fitting window; ``observed`` and ``known`` (pair, week): reports, and whether the pair is read yet."""

    scenario: Scenario
    observations: Observations
    fitted: np.datetime64
    keys: tuple[str, ...]
    labels: dict[str, str]
    weeks: Dates
    dates: Dates
    observed: Array
    known: NDArray[np.bool_]
    backcast: Array
    told: dict[str, Told]
    members: int
    seed: int

    @property
    def windows(self) -> dict[str, NDArray[np.bool_]]:
        """Weeks of the file by window: wholly within the fitting window, and after it."""
        early = self.dates + np.timedelta64(6, "D") <= self.fitted
        return {"fitted": early, "later": ~early}


def history(
    scenario: Scenario,
    observations: Observations,
    fitted: np.datetime64,
    members: int = 400,
    seed: int = 1,
    tell: Progress | None = None,
) -> History:
    """Run every variant and report its incidents as the file would have.

    Raises ObservationError where the file is not weekly or holds none of the pairs, ScenarioError where a variant is
    unstable.
    """
    found = backcast.backcast(scenario, observations)
    begun, ended = (np.datetime64(day) for day in (scenario.calendar.start, scenario.calendar.end))
    covered = int(np.count_nonzero(found.dates + np.timedelta64(7, "D") <= ended))
    series = [s.until(covered).since(begun) for s in found.series]
    if not len(series[0]):
        raise ObservationError(
            f"{observations.path.name} holds no week between {begun} and {ended}, the scenario's years"
        )
    known = np.logical_or.accumulate(np.array([s.count + s.other for s in series]) > 0, axis=1)
    misread = [expected_misread(s.other[k & (s.ends <= fitted)]) for s, k in zip(series, known, strict=True)]
    told = {}
    for done, (name, one) in enumerate(variants(scenario, fitted).items(), start=1):
        told[name] = ensemble(one, series, misread, members, seed)
        if tell:
            tell(done, len(VARIANTS))
    return History(
        scenario=scenario,
        observations=observations,
        fitted=fitted,
        keys=found.keys,
        labels={key: label(scenario, key) for key in found.keys},
        weeks=begun + np.timedelta64(7, "D") * np.arange(told["record"].index.shape[1]),
        dates=series[0].dates,
        observed=np.array([s.count for s in series]),
        known=known,
        backcast=found.raw.region[:covered][found.dates[:covered] >= begun],
        told=told,
        members=members,
        seed=seed,
    )


def variants(scenario: Scenario, fitted: np.datetime64) -> dict[str, Scenario]:
    """The scenario under each of ``VARIANTS``."""
    acts = scenario.acts

    def told(some: Mapping[str, object]) -> Scenario:
        return scenario.model_copy(update={"acts": some})

    return {
        "record": scenario,
        "early_record": told({k: a for k, a in acts.items() if np.datetime64(a.date) <= fitted}),
        "blind": told({}),
        "no_missions": told({k: a for k, a in acts.items() if a.kind not in ("mission", "mandate")}),
        "no_excitation": with_parameters(scenario, CALM),
        "laws_off": with_parameters(scenario, off(scenario)),
    }


def with_parameters(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """The scenario with parameters of the laws fixed at ``values``."""
    certain = {"low": None, "high": None, "spread": None}
    changes = {f"parameters.{path}": {"value": value, **certain} for path, value in values.items()}
    return replaced(scenario, {path: at(scenario, path.split(".")).model_copy(update=u) for path, u in changes.items()})


def expected_misread(other: Array) -> float:
    """Misread reports of other events per week, where ``other`` (week,) are the pair's other reports."""
    return reporting.TRACE + reporting.MISREAD * (float(other.mean()) if other.size else 0.0)


def ensemble(scenario: Scenario, series: list[Series], misread: list[float], members: int, seed: int) -> Told:
    """The reports that a run of ``scenario`` would have left in the file, and its index."""
    from detente.experiment.run import run

    result = run(scenario, members, seed)
    counts = result["incidents"].transpose("dyad", "member", "time").values[:, :, 1:]
    place = (series[0].dates - np.datetime64(scenario.calendar.start)).astype("timedelta64[D]").astype(int) // 7
    row = {name: n for n, name in enumerate(result["dyad"].values)}
    out = [
        reported(counts[row[s.key]][:, place], wrong, np.random.default_rng([seed, n]))
        for n, (s, wrong) in enumerate(zip(series, misread, strict=True))
    ]
    index = result["behaviour"].transpose("member", "time").values[:, 1:]
    return Told(np.stack(out), index, len(scenario.acts))


def reported(incidents: NDArray[np.uint16], misread: float, rng: np.random.Generator) -> Counts:
    """Conflictual reports of ``incidents``, both (member, week), with ``misread`` reports of other events a week."""
    wrong = rng.poisson(misread, incidents.shape)
    # week by week: what happens later changes no earlier draw
    right = rng.binomial(incidents.T, reporting.SEEN).T
    return np.asarray(right + wrong, dtype=np.uint16)
