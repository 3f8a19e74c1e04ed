"""Warnings that a small run shows: goalposts passed at the start, levels narrower than chance, defaults that decide.

One year of some dozens of members under a fixed seed: cheap enough for every check.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray

from detente.engine.block import Measure, measure_of, weekly
from detente.index import formula
from detente.index.formula import PILLARS
from detente.model.calendar import weeks as weeks_of
from detente.model.draws import Draws
from detente.model.motion import Motion
from detente.model.observe import indicators
from detente.scenario.diagnostics import listed
from detente.scenario.doubts import Doubt
from detente.scenario.quantity import Quantity, written
from detente.scenario.schema import Scenario
from detente.scenario.suppositions import Range, Supposed, supposed
from detente.scenario.values import replaced
from detente.vocabulary import REPLICATES

Array = NDArray[np.float64]

SEED = 1
#: members, and weeks at most, of the run that shows what chance does
MEMBERS, WEEKS = 64, 52
#: members on which every default is moved
TRIED = 8
#: index points by which a default that is moved shifts the end of the run, to be called decisive
DECISIVE = 1.0
#: defaults tried at most; a file with more is told about these
MOST = 48
#: standard errors that the shift is clear of 0
CLEAR = 2.0
#: the last weeks, whose mean is the outcome
LAST = 13
#: greatest value an indicator can take by its definition: a goalpost there cannot be passed
GREATEST = {"hostility": 10.0, "incidents": np.inf}


def doubts(scenario: Scenario) -> list[Doubt]:
    """What a small run shows of a scenario that can be run; nothing where it is quiet."""
    length, measure = min(WEEKS, weeks_of(scenario)), measure_of(scenario)
    found, tension = list[Doubt](), []
    for world in weekly(scenario, range(MEMBERS), SEED, length):
        if world.week == 0:
            found += _goalposts(world, measure)
        else:
            tension.append(_tension(world, measure))
    return [*found, *_levels(scenario, np.array(tension)), *_decisive(scenario, length)]


def _tension(world: Motion, measure: Measure) -> Array:
    """The regional index, (member,)."""
    c = measure.whole
    dyads = formula.blended(formula.rescaled(indicators(world), c), c)
    return formula.power_mean(dyads, c.dyads, c.exponent)


def _goalposts(world: Motion, measure: Measure) -> Iterator[Doubt]:
    """Pillars whose clash goalpost some pair has reached before the first week, in half of the members."""
    c = measure.whole
    for pillar, shown, clash, weight in zip(PILLARS, indicators(world), c.clash, c.weights, strict=True):
        middle = np.median(np.broadcast_to(shown, (c.dyads.size, MEMBERS)), axis=1)
        over = [(key, x) for key, x, v in zip(world.layout.dyads, middle, c.dyads, strict=True) if v > 0 and x >= clash]
        if over and weight > 0 and clash < GREATEST.get(pillar, 1.0):
            most = max(x for _, x in over)
            what = f"{pillar}: {listed(key for key, _ in over)} opens at {most:.3g}, beyond clash at {written(clash)}"
            hint = "nothing that happens there can show: set clash where the worst would be"
            yield Doubt("W205", f"parameters.index.{pillar}.clash", what, hint)


def _levels(scenario: Scenario, tension: Array) -> Iterator[Doubt]:
    """Levels narrower than a standard deviation of the index among members that differ in chance alone; ``tension`` is
    (week, member)."""
    alike = tension.reshape(tension.shape[0], -1, REPLICATES)
    chance = float(np.sqrt(alike.var(axis=2, ddof=1).mean()))
    named = list(scenario.levels.items())
    for (name, level), (_, above) in itertools.pairwise(named):
        width = above.edge - level.edge
        if width < chance:
            what = f"{name} is {written(round(width, 6))} points wide: by chance alone the index moves by {chance:.1f}"
            hint = "a run passes through it by luck: widen it, or join it to its neighbour"
            yield Doubt("W206", f"levels.{name}.edge", what, hint)


def _decisive(scenario: Scenario, length: int) -> Iterator[Doubt]:
    """Defaults that shift the end of the year clearly when they are moved over what they might be."""
    if length < LAST:
        return
    draws = Draws(SEED, np.arange(TRIED) * REPLICATES)
    left = [(entry.path, found) for entry in supposed(scenario) if (found := _ends(scenario, entry, draws))][:MOST]
    if not left:
        return
    from detente.experiment.evaluation import each_moved

    # a number where a stock is left open, so that it can be given lane by lane
    stocks = [path for path, _ in left if path.endswith(".capital")]
    stated = replaced(scenario, dict.fromkeys(stocks, Quantity(value=0, unit="USD m")))
    for path, as_is, otherwise in each_moved(stated, dict(left), draws.members, SEED, length):
        shifts = otherwise[0][-LAST:].mean(axis=0) - as_is[0][-LAST:].mean(axis=0)
        clear = CLEAR * shifts.std(axis=1, ddof=1) / np.sqrt(TRIED)
        means = shifts.mean(axis=1)
        if np.any((np.abs(means) > DECISIVE) & (np.abs(means) > clear)):
            moves = f"{means.min():+.1f} to {means.max():+.1f} points"
            what = f"{path} is left at its default, and moves the index by {moves}"
            yield Doubt("W207", path, what, "state it, with a source or a range")


def _ends(scenario: Scenario, entry: Supposed, draws: Draws) -> tuple[Array, Array, Array] | None:
    """A default as it is, and at both ends of what it might be, each (member,); None where nobody could say."""
    usual = np.broadcast_to(_usual(scenario, entry.path, draws), (TRIED,))
    between: Range | None = entry.range
    if entry.path.endswith(".capital"):
        return usual, usual / 2.0, usual * 2.0
    if entry.path.endswith(".gdp"):
        spending = scenario.actors[entry.path.split(".")[1]].spending.value
        between = spending / 0.05, spending / 0.01
    return (usual, np.full(TRIED, between[0]), np.full(TRIED, between[1])) if between else None


def _usual(scenario: Scenario, path: str, draws: Draws) -> Array:
    section, name, field = path.split(".")
    if field == "capital":
        world = Motion(scenario, cast("range", draws.members), SEED, checked=True)
        return np.asarray(world.inputs.capital[world.layout.actors.index(name)])
    return draws.take(getattr(getattr(scenario, section)[name], field), path)
