"""One block of members, simulated and measured week by week."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.index import formula
from detente.laws.rows import Cover, array, collected, summed
from detente.model.motion import Motion, moving
from detente.model.observe import indicators
from detente.scenario.schema import Scenario

Array = NDArray[np.float64]

#: weeks between two dates at which chances are kept
QUARTER = 13
#: what is summed over members, by dyad and pillar
EXACT = ("contribution_sum", "pillar_sum")
#: chances by pair, and of any pair
CHANCES = ("crisis_chance", "armed_chance", "any_crisis_chance", "any_armed_chance")
#: binary digits behind the point of exact sums: integers add up to the same bits in any order
DIGITS = 38
#: where the spacing of floats is 2^-DIGITS, as a number and as its bits
FIXED = 2.0 ** (52 - DIGITS)
BITS = np.float64(FIXED).view(np.int64)


@dataclass
class Block:
    """Measures of a block; time first, members last. Sums are integers in units of 2^-DIGITS points."""

    tension: Array
    contribution: Array
    behaviour: Array
    dyads: NDArray[np.float32]
    states: NDArray[np.float32]
    incidents: NDArray[np.uint16]
    regimes: NDArray[np.int8]
    crisis_chance: NDArray[np.float32]
    armed_chance: NDArray[np.float32]
    any_crisis_chance: NDArray[np.float32]
    any_armed_chance: NDArray[np.float32]
    contribution_sum: NDArray[np.int64]
    pillar_sum: NDArray[np.int64]
    #: which engine it comes from
    engine: str = "numpy"

    def outcomes(self) -> list[NDArray[Any]]:
        """What happened, what it was measured at, and how likely crisis and war had become."""
        measured: list[NDArray[Any]] = [self.tension, self.behaviour, self.contribution, self.incidents]
        return [*measured, self.crisis_chance, self.armed_chance]


@dataclass(frozen=True)
class Measure:
    """What is measured: the construction, the same for behaviour only, each state's dyads and their weight.

    A dyad without weight counts for nobody: a state that has no other has no index, as one without dyads has none.
    """

    whole: formula.Construction
    responding: formula.Construction
    states: tuple[tuple[str, NDArray[np.intp]], ...]
    totals: Array

    @cached_property
    def cover(self) -> Cover:
        """Dyads by state."""
        return Cover.of([own for _, own in self.states])


def measure_of(scenario: Scenario) -> Measure:
    """The measures of a scenario's index."""
    weights = [dyad.weight.value for dyad in scenario.dyads.values()]
    whole = formula.construction(scenario.parameters.index, weights)
    states = []
    for name in scenario.actors:
        own = [n for n, dyad in enumerate(scenario.dyads.values()) if name in dyad.between and dyad.weight.value > 0]
        if own:
            states.append((name, np.array(own, dtype=np.intp)))
    totals = np.array([whole.dyads[own].sum() for _, own in states])
    return Measure(whole, formula.behavioural(whole), tuple(states), totals)


def empty(length: int, measure: Measure, members: int) -> Block:
    """A block with room for ``length`` weeks after the start row."""
    rows, dyads, pillars = length + 1, measure.whole.dyads.size, len(formula.PILLARS)
    quarters = len(quarter_rows(length))
    return Block(
        tension=np.empty((rows, members)),
        contribution=np.empty((rows, pillars, members)),
        behaviour=np.empty((rows, members)),
        dyads=np.empty((rows, dyads, members), dtype=np.float32),
        states=np.empty((rows, len(measure.states), members), dtype=np.float32),
        incidents=np.zeros((rows, dyads, members), dtype=np.uint16),
        regimes=np.zeros((rows, dyads, members), dtype=np.int8),
        crisis_chance=np.empty((quarters, dyads, members), dtype=np.float32),
        armed_chance=np.empty((quarters, dyads, members), dtype=np.float32),
        any_crisis_chance=np.empty((quarters, members), dtype=np.float32),
        any_armed_chance=np.empty((quarters, members), dtype=np.float32),
        contribution_sum=np.empty((rows, dyads, pillars), dtype=np.int64),
        pillar_sum=np.empty((rows, dyads, pillars), dtype=np.int64),
    )


def weekly(scenario: Scenario, members: range, seed: int, length: int) -> Iterator[Motion]:
    """The world of ``members`` of a checked scenario as it opens, then after each of ``length`` weeks."""
    world = moving(scenario, members, seed)
    yield world
    for _ in range(length):
        world.step()
        yield world
    world.close()


def simulate_block(
    scenario: Scenario, members: range, seed: int, length: int, heed: Callable[[], None] | None = None
) -> Block:
    """Measure ``members`` of a checked scenario week by week; no number depends on who shares the block.

    ``heed`` is called every week: what it raises ends the work.
    """
    measure = measure_of(scenario)
    block = empty(length, measure, len(members))
    for world in weekly(scenario, members, seed, length):
        if heed is not None:
            heed()
        record(block, world.week, world, measure)
    return block


def incidents(world: Motion) -> Array:
    """This week's incidents in both directions, (dyad, member)."""
    counts = world.now.counts
    return array(counts[world.layout.forth] + counts[world.layout.back])


def record(block: Block, row: int, world: Motion, measure: Measure) -> None:
    """Measure the world into row ``row``."""
    for name, values in measured(world, measure).items():
        if name not in CHANCES:
            getattr(block, name)[row] = exact_sum(values) if name in EXACT else values
        elif row % QUARTER == 0 or row == len(block.tension) - 1:
            getattr(block, name)[-(-row // QUARTER)] = values


def measured(world: Motion, measure: Measure) -> dict[str, Array]:
    """What a block keeps of the world as it is, by the name it has there; sums are not yet summed over members."""
    c = measure.whole
    scaled = formula.rescaled(indicators(world), c)
    terms = formula.points(scaled, c)
    dyads = summed(terms)
    powers = formula.powers(dyads, c.dyads, c.exponent)
    region = summed(powers) ** (1.0 / c.exponent)
    shares = formula.contributions(terms, dyads, region, c)
    return {
        "tension": region,
        "contribution": summed(shares, axis=1),
        "behaviour": formula.power_mean(formula.blended(scaled, measure.responding), c.dyads, c.exponent),
        "dyads": dyads,
        "states": of_states(powers, measure),
        "incidents": incidents(world),
        "regimes": world.now.regime,
        **{name: getattr(world.now, name) for name in CHANCES},
        "contribution_sum": shares,
        "pillar_sum": terms,
    }


def quarter_rows(length: int) -> list[int]:
    """Weeks at whose end chances are kept: every quarter of a year, and the last."""
    return sorted({*range(0, length + 1, QUARTER), length})


def of_states(powers: Array, measure: Measure) -> Array:
    """Index of each state, the power mean of its own dyads; (state, member)."""
    means = collected(powers, measure.cover) / measure.totals[:, None]
    return array(means ** (1.0 / measure.whole.exponent))


def exact_sum(terms: Array) -> NDArray[np.int64]:
    """Sum over members as integers, (pillar, dyad, member) -> (dyad, pillar); terms are 0 to 100 points.

    Beside FIXED a smaller number is rounded to 2^-DIGITS, and stands as an integer in the last bits of the float.
    """
    sums = np.empty(terms.shape[:-1], dtype=np.int64)
    placed = np.empty(terms.shape[1:])
    for total, rows in zip(sums, terms, strict=True):  # one pillar after the other stays in the cache
        np.add(rows, FIXED, out=placed)
        placed.view(np.int64).sum(axis=-1, out=total)
    sums -= BITS * np.array([terms.shape[-1]])  # wraps around, as the sums have
    return sums.T
