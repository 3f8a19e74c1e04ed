"""Which parameters are uncertain: looked up in the scenarios, named as a reader would name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from detente.experiment.schema import Uncertainties
from detente.experiment.study import Factor
from detente.scenario.diagnostics import Mark, did_you_mean
from detente.scenario.schema import Scenario
from detente.scenario.tree import Texts
from detente.scenario.values import quantities, uncertain

ALL = "all"


def factors(
    asked: Uncertainties,
    scenarios: Mapping[str, Scenario],
    taken: Sequence[str],
    place: Callable[[str], Mark],
    texts: Texts,
) -> tuple[Factor, ...]:
    """The factors asked for, in the order of the scenario; paths in ``taken`` belong to a lever or theory.

    A pattern takes the quantities that have a spread in every scenario; a plain path must have one.
    """
    spreads = {name: uncertain(scenario) for name, scenario in scenarios.items()}
    everywhere = [path for path in next(iter(spreads.values()), {}) if all(path in s for s in spreads.values())]
    patterns = [*asked.parameters, *asked.given]
    for pattern in patterns:
        if any(_fits(path, [pattern]) for path in everywhere) or pattern == ALL:
            continue
        if any(held.path == pattern for scenario in scenarios.values() for held in quantities(scenario)):
            message = f"{pattern} has no spread in every scenario: nothing is known to be uncertain about it"
            texts.report("E136", place(pattern), message, "state one under uncertainties: given")
        else:
            hint = did_you_mean(pattern, everywhere, "see scenarios show")
            texts.report("E131", place(pattern), f'no uncertain parameter "{pattern}"', hint)
    taken = [*taken, *(f"{path}.*" for path in taken)]
    first = next(iter(scenarios.values()), None)
    return tuple(
        Factor(path, label(path, first), tuple((name, spreads[name][path]) for name in scenarios))
        for path in everywhere
        if first and _fits(path, patterns) and not _fits(path, asked.without) and not _fits(path, taken)
    )


def _fits(path: str, patterns: Sequence[str]) -> bool:
    return any(pattern == ALL or fnmatchcase(path, pattern) for pattern in patterns)


def label(path: str, scenario: Scenario) -> str:
    """A path in words: "Alfa: build up", "inertia (hostility)", "Alfa–Beta: incident rate of Alfa"."""
    section, name, *rest = path.split(".")
    words = " of ".join(_called(scenario.actors.get(step)) or step.replace("_", " ") for step in rest)
    if section == "parameters":
        return f"{words} ({name})"
    return f"{_called(getattr(scenario, section).get(name)) or name}: {words}"


def _called(record: Any) -> str:
    """What a reader calls an actor, a pair, a mission, an act."""
    return str(getattr(record, "short", "") or getattr(record, "label", "") or getattr(record, "title", ""))
