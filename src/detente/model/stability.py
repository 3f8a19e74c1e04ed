"""Whether a scenario can be run: checked over every parameter draw that is possible, before the first week.

    pair         rho + |kappa| < 1
    incidents    n <= CAP
    joint        spectral radius of the hostility-incident Jacobian of every pair at rest < 1
    armament     reaction < adjustment: then the spectral abscissa of the race is negative
    regimes      what begins can end; opening chances sum to at most 1; nothing ends that is not on
    ranges       what is divided by stays above 0, goalposts rise, weights are there, no draw leaves its range

Linearised at rest, with E the excitation, mu the mean rate, a = n (1 - phi),

    h_ij' = rho h_ij + kappa h_ji + kappa_y y_ji,  y_ij = theta (1 - n) mu_ij h_ij + a [(1 - s) E_ij + s E_ji],
    E_ij' = phi E_ij + y_ij

For sides of equal rate the joint radius is below 1 iff rho + |kappa| + kappa_y theta mu < 1, whatever n, s and phi
are. Five uncertain numbers at their ends at once are no draw that happens, so where that corner fails the share of
unstable draws decides. model.md §3. Conduct is left out: its push is bounded by the severity of a rung.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from detente.index.formula import PILLARS
from detente.laws.mechanism import Mechanism
from detente.model.draws import NINETY, Draws
from detente.scenario.acts import Peace, War
from detente.scenario.diagnostics import Fault, ScenarioError
from detente.scenario.load import Loaded
from detente.scenario.quantity import Measure, Quantity, written
from detente.scenario.schema import Scenario
from detente.scenario.values import quantities
from detente.vocabulary import REPLICATES

Array = NDArray[np.float64]

#: branching ratios above this are near-critical and usually absorb a drifting background (model.md §1.7)
CAP = 0.8
#: draws of unbounded spreads are followed this far out: one in a million lies beyond
RARE = float(ndtri(1.0 - 1e-6)) / NINETY
#: draws tried, and the share of unstable ones that is let pass: bounds of hostility and rates keep these finite
SAMPLE, TOLERATED = 2000, 0.001
#: the least that anything divided by may be
LEAST = 1e-6
#: the slowest hazard, per year, at which something still ends within anybody's memory
SLOWEST = 0.02
#: acts that end something, and what must have begun
ENDS = {"ceasefire": {"war"}, "settlement": {"war", "crisis"}}
#: what the index divides by, or raises to the inverse of
INDEX_ABOVE_ZERO = ("exponent", "growth_memory", "growth_reference", "hostile_pair", "incident_memory")


def above_zero(mechanisms: Sequence[Mechanism]) -> Iterator[str]:
    """What is divided by, or has its logarithm taken: ``law.parameter``."""
    yield from (f"{m.name}.{name}" for m in mechanisms for name, number in m.numbers() if number.positive)
    yield from (f"index.{name}" for name in INDEX_ABOVE_ZERO)


class Unsound(NamedTuple):
    """What makes a scenario impossible to run: a dotted path, what is wrong, what to do."""

    path: str
    message: str
    hint: str


def faults(scenario: Scenario) -> list[Unsound]:
    """Everything that makes a scenario impossible to run; empty where it can be."""
    simple = [*_ranges(scenario), *_index(scenario), *_pair(scenario), *_branching(scenario), *_race(scenario)]
    simple += [*_stocks(scenario), *_regimes(scenario), *_openings(scenario), *_endings(scenario)]
    simple += _redrawn(scenario)
    return simple or list(_joint(scenario))


def require(scenario: Scenario) -> None:
    """Raise ScenarioError where a scenario cannot be run; the faults name parameters, but no place in a file."""
    found = faults(scenario)
    if found:
        name = scenario.name or scenario.title
        raise ScenarioError(Fault("E150", name, 0, 0, f"{f.path}: {f.message}", f.hint) for f in found)


def require_placed(loaded: Loaded) -> None:
    """As :func:`require`, with the place in the file where each value is written."""
    found = faults(loaded.scenario)
    if found:
        raise ScenarioError(loaded.fault(f.path, "E150", f"{f.path}: {f.message}", f.hint) for f in found)


def possible(q: Quantity) -> tuple[float, float]:
    """Smallest and largest value that a draw can take; of unbounded spreads all but one in a million."""
    if q.spread is None:
        return q.value, q.value
    assert q.low is not None
    assert q.high is not None
    if q.spread == "normal":
        reach = RARE * (q.high - q.low) / 2.0
        return q.value - reach, q.value + reach
    if q.spread == "lognormal":
        factor = (q.high / q.low) ** (RARE / 2.0)
        return q.value / factor, q.value * factor
    return (min(0.0, q.low), max(0.0, q.high)) if q.spread == "spike_slab" else (q.low, q.high)


def largest(q: Quantity) -> float:
    """Largest absolute value that a draw can take."""
    low, high = possible(q)
    return max(abs(low), abs(high))


def growth(rho: Array, kappa: Array, push: Array, n: Array, s: Array, rates: tuple[Array, Array]) -> Array:
    """Weekly growth of a pair's joint hostility and incidents once excitation has settled: the joint spectral
    radius is below 1 iff this is. ``push`` is kappa_y theta [1 per event], ``rates`` of both sides [events/week]."""
    own = 0.5 - 0.5 * (1.0 - n) / (1.0 - n * (1.0 - 2.0 * s))
    first, second = rho + push * own * rates[0], rho + push * own * rates[1]
    across = (kappa + push * (1.0 - own) * rates[0]) * (kappa + push * (1.0 - own) * rates[1])
    return np.asarray(0.5 * (first + second + np.sqrt((first - second) ** 2 + 4.0 * across)))


def _pair(scenario: Scenario) -> Iterator[Unsound]:
    p = scenario.parameters.hostility
    inertia, answer = largest(p.inertia), largest(p.reciprocity)
    if inertia + answer >= 1:
        yield Unsound(
            "parameters.hostility.inertia",
            f"inertia up to {inertia:.3g} and reciprocity up to {answer:.3g} make {inertia + answer:.3g}: "
            "the hostility of a pair would not return to rest",
            "keep parameters.hostility.inertia + |parameters.hostility.reciprocity| below 1 over their whole ranges",
        )


def _branching(scenario: Scenario) -> Iterator[Unsound]:
    most = largest(scenario.parameters.incidents.branching)
    if most > CAP:
        yield Unsound(
            "parameters.incidents.branching",
            f"a branching ratio up to {most:.3g}: incidents would set off incidents almost without end",
            f"keep it at most {CAP:g} over its whole range",
        )


def _race(scenario: Scenario) -> Iterator[Unsound]:
    """Rivals' weights of an actor sum to one, so the abscissa of (reaction W - adjustment) is their difference."""
    p = scenario.parameters.armament
    if scenario.parameters.switches.reaction == "none":
        return
    slowest, reaction = possible(p.adjustment)[0], largest(p.reaction)
    if reaction >= slowest > 0:
        yield Unsound(
            "parameters.armament.reaction",
            f"a reaction up to {reaction:.3g} a year and an adjustment down to {slowest:.3g} a year: "
            "the arms race would not settle",
            "keep parameters.armament.reaction below parameters.armament.adjustment over their whole ranges",
        )


def _redrawn(scenario: Scenario) -> Iterator[Unsound]:
    """A rival theory that draws a number from its range finds one."""
    for mechanism in scenario.mechanisms():
        for name, theory in mechanism.theories.items():
            option = getattr(scenario.parameters.switches, name)
            if fixed := theory.lacks(option, getattr(scenario.parameters, mechanism.name)):
                yield Unsound(
                    f"parameters.switches.{name}",
                    f'"{option}" draws parameters.{mechanism.name}.{fixed} from its range, but that is a fixed number',
                    f"give it low, high and a spread, or write {theory.options[0]}: a fixed number is in every draw",
                )


def _joint(scenario: Scenario) -> Iterator[Unsound]:
    """The dyad whose pair grows in most draws; the corner of all ranges, stricter than any draw, is tried first."""
    if not scenario.dyads or _corner(scenario) < 1:
        return
    unstable = _unstable(scenario, Draws(0, REPLICATES * np.arange(SAMPLE)))
    worst = int(unstable.argmax())
    if unstable[worst] > TOLERATED:
        key, dyad = list(scenario.dyads.items())[worst]
        rates = {actor: largest(rate) for actor, rate in dyad.incident_rate.items()}
        often = "always" if unstable[worst] == 1 else f"in {unstable[worst]:.1%} of the parameter draws"
        others = int((unstable > TOLERATED).sum()) - 1
        yield Unsound(
            f"dyads.{key}.incident_rate.{max(rates, key=lambda actor: rates[actor])}",
            f"incidents feed hostility, which feeds incidents, {often}: the pair would not return to rest"
            + (f"; nor would {others} more" if others else ""),
            "lower it, or parameters.hostility.inertia, parameters.hostility.reciprocity, "
            "parameters.hostility.incident_feedback or parameters.incidents.sensitivity",
        )


def _corner(scenario: Scenario) -> float:
    """Growth with every coupling and rate at its largest; for equal rates branching does not matter."""
    h, p = scenario.parameters.hostility, scenario.parameters.incidents
    rate = max(largest(q) for dyad in scenario.dyads.values() for q in dyad.incident_rate.values())
    push = largest(h.incident_feedback) * largest(p.sensitivity)
    return largest(h.inertia) + largest(h.reciprocity) + push * rate


def _unstable(scenario: Scenario, draws: Draws) -> Array:
    """Share of draws in which each dyad's pair does not return to rest, (dyad,)."""
    h, p = scenario.parameters.hostility, scenario.parameters.incidents

    def size(q: Quantity, path: str) -> Array:
        return np.abs(draws.take(q, f"parameters.{path}"))

    rho, kappa = size(h.inertia, "hostility.inertia"), size(h.reciprocity, "hostility.reciprocity")
    felt = size(h.incident_feedback, "hostility.incident_feedback")
    push = felt * size(p.sensitivity, "incidents.sensitivity")
    n, s = size(p.branching, "incidents.branching"), size(p.answering, "incidents.answering")
    shares = []
    for key, dyad in scenario.dyads.items():
        one, other = (draws.take(dyad.incident_rate[a], f"dyads.{key}.incident_rate.{a}") for a in dyad.between)
        shares.append(np.mean(growth(rho, kappa, push, n, s, (one, other)) >= 1))
    return np.array(shares)


def _ranges(scenario: Scenario) -> Iterator[Unsound]:
    for name in above_zero(scenario.mechanisms()):
        law, field = name.split(".")
        least = possible(getattr(getattr(scenario.parameters, law), field))[0]
        if least < LEAST:
            yield Unsound(f"parameters.{name}", f"{least:.3g} is possible, and is divided by", "keep it well above 0")
    for path, q, measure, _ in quantities(scenario):
        if measure is None:
            continue
        (low, high), (least, most) = possible(q), _limits(measure)
        if q.spread in ("normal", "lognormal", "spike_slab") and not least <= low <= high <= most:
            beyond = low if low < least else high
            hint = "narrow low and high, or write spread: triangular"
            yield Unsound(
                path,
                f"the {q.spread} spread reaches {apart(beyond, least, most)} {measure.unit}, which cannot be",
                "write spread: uniform" if q.spread == "spike_slab" else hint,
            )


def _regimes(scenario: Scenario) -> Iterator[Unsound]:
    """What begins must be able to end: a crisis where crises begin, a war where wars do."""
    regimes, outbreak = scenario.parameters.regimes, scenario.parameters.choice.outbreak
    for name, begins, what in (("calming", regimes.onset, "tense"), ("ending", outbreak, "armed")):
        least = possible(getattr(regimes, name))[0]
        if largest(begins) > 0 and least < SLOWEST:
            yield Unsound(
                f"parameters.regimes.{name}",
                f"a hazard down to {least:.3g} a year: a pair once {what} would stay so for ever",
                f"keep it at least {SLOWEST:g} over its whole range",
            )


def _openings(scenario: Scenario) -> Iterator[Unsound]:
    """Chances of a pair's opening regime leave something for the quiet one."""
    for key, dyad in scenario.dyads.items():
        if dyad.opening is not None and largest(dyad.opening.tense) + largest(dyad.opening.armed) > 1:
            most = largest(dyad.opening.tense) + largest(dyad.opening.armed)
            message = f"chances of opening tense and armed come to {most:.3g}, more than 1"
            yield Unsound(f"dyads.{key}.opening.tense", message, "lower one of them over its whole range")


def _endings(scenario: Scenario) -> Iterator[Unsound]:
    """Acts that end what is not on: a ceasefire without a war, a settlement with nothing to settle; or what still
    lasts."""
    for name, act in scenario.acts.items():
        if not isinstance(act, Peace):
            continue
        for pair in act.pairs:
            yield from _lasting(scenario, name, act, pair)
            before = (a for a in scenario.acts.values() if a.date <= act.date and pair in getattr(a, "pairs", ()))
            begun, opening = {a.kind for a in before}, scenario.dyads[pair].opening
            begun |= {"war"} if opening and largest(opening.armed) > 0 else set()
            begun |= {"crisis"} if opening and largest(opening.tense) > 0 else set()
            if not begun & ENDS[act.kind]:
                wanted = " or ".join(sorted(ENDS[act.kind]))
                yield Unsound(
                    f"acts.{name}.kind",
                    f"a {act.kind} of {pair} that ends nothing: there is no {wanted} before it",
                    f"date it after an act of kind {wanted}, or let dyads.{pair}.opening say that one is on",
                )


def _lasting(scenario: Scenario, name: str, peace: Peace, pair: str) -> Iterator[Unsound]:
    """Wars and crises of a pair of which ``peace`` takes off weeks that they are said to last."""
    begun = ((key, act) for key, act in scenario.acts.items() if isinstance(act, War) and pair in act.pairs)
    for key, war in begun:
        last = war.date + timedelta(weeks=round(war.lasting.value) - 1)
        if war.date < peace.date <= last:
            yield Unsound(
                f"acts.{name}.date",
                f"a {peace.kind} of {pair} while acts.{key} is said to last, until {last}",
                f"date it later, or let acts.{key}.lasting end before it",
            )


def apart(number: float, *others: float) -> str:
    """A number with the fewest digits, three at least, that tell it from each of ``others``."""
    told = (f"{number:.{digits}g}" for digits in range(3, 18))
    return next((text for text in told if float(text) not in others), written(number))


def _stocks(scenario: Scenario) -> Iterator[Unsound]:
    """A stock that no file states is the one that wear and procurement keep: there must be wear."""
    open_ = [name for name, actor in scenario.actors.items() if actor.capital is None]
    least = possible(scenario.parameters.armament.depreciation)[0]
    if open_ and least <= 0:
        yield Unsound(
            "parameters.armament.depreciation",
            f"wear of {least:.3g} a year is possible: spending of {open_[0]} sustains no stock",
            f"keep it above 0, or state actors.{open_[0]}.capital",
        )


def _limits(measure: Measure) -> tuple[float, float]:
    """Ends that follow from what is measured: of shares both, of what cannot be negative the lower one."""
    if measure.unit == "share":
        return measure.ge, measure.le
    return (measure.ge if measure.ge >= 0 else -np.inf), np.inf


def _index(scenario: Scenario) -> Iterator[Unsound]:
    p = scenario.parameters.index
    for pillar in PILLARS:
        post = getattr(p, pillar)
        if post.clash.value - post.calm.value < LEAST:
            told = f"clash {written(post.clash.value)} is not above calm {written(post.calm.value)}"
            message = f"{told}: there is no scale between them"
            yield Unsound(f"parameters.index.{pillar}.clash", message, "let the clash goalpost lie above the calm one")
    if sum(getattr(p, pillar).weight.value for pillar in PILLARS) <= 0:
        yield Unsound(
            "parameters.index.hostility.weight", "all weights of the index are 0", "give one of them a weight"
        )
    if scenario.dyads and sum(dyad.weight.value for dyad in scenario.dyads.values()) <= 0:
        first = next(iter(scenario.dyads))
        yield Unsound(f"dyads.{first}.weight", "all dyads have weight 0", "give one of them a weight")
