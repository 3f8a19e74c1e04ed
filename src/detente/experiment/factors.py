"""Which parameters are uncertain: looked up in the scenarios, named as a reader would name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from detente.experiment.schema import Uncertainties
from detente.experiment.study import Factor
from detente.scenario.diagnostics import Mark, did_you_mean
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.tree import Texts
from detente.scenario.values import quantities

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
    spreads = {name: _spreads(scenario) for name, scenario in scenarios.items()}
    everywhere = [path for path in next(iter(spreads.values()), {}) if all(path in s for s in spreads.values())]
    patterns = [*asked.parameters, *asked.given]
    for pattern in patterns:
        if pattern != ALL and not any(fnmatchcase(path, pattern) for path in everywhere):
            _report(pattern, scenarios, everywhere, place(pattern), texts)
    chosen = [p for p in everywhere if _fits(p, patterns) and not _fits(p, asked.without) and not _within(p, taken)]
    first = next(iter(scenarios.values()), None)
    return tuple(
        Factor(path, label(path, first), tuple((name, spreads[name][path]) for name in scenarios))
        for path in chosen
        if first is not None
    )


def _fits(path: str, patterns: Sequence[str]) -> bool:
    return any(pattern == ALL or fnmatchcase(path, pattern) for pattern in patterns)


def _within(path: str, taken: Sequence[str]) -> bool:
    return any(path == other or path.startswith(other + ".") or fnmatchcase(path, other) for other in taken)


def _spreads(scenario: Scenario) -> dict[str, Quantity]:
    return {held.path: held.quantity for held in quantities(scenario) if held.quantity.spread is not None}


def _report(pattern: str, scenarios: Mapping[str, Scenario], known: Sequence[str], mark: Mark, texts: Texts) -> None:
    fixed = {h.path for s in scenarios.values() for h in quantities(s)}
    if pattern in fixed:
        message = f"{pattern} has no spread in every scenario: nothing is known to be uncertain about it"
        texts.report("E136", mark, message, "state one under uncertainties: given")
    else:
        texts.report(
            "E131", mark, f'no uncertain parameter "{pattern}"', did_you_mean(pattern, known, "see scenarios show")
        )


def label(path: str, scenario: Scenario | None) -> str:
    """A path in words: "Alfa: build up", "inertia (hostility)", "Alfa–Beta: incident rate of Alfa"."""
    section, name, *rest = path.split(".")
    actors = {} if scenario is None else scenario.actors
    words = " of ".join(_called(actors.get(step)) or step.replace("_", " ") for step in rest)
    if section == "parameters":
        return f"{words} ({name})"
    record = getattr(scenario, section, {}).get(name) if scenario is not None else None
    return f"{_called(record) or name}: {words}"


def _called(record: Any) -> str:
    """What a reader calls an actor, a pair, a mission, an act."""
    return str(getattr(record, "short", "") or getattr(record, "label", "") or getattr(record, "title", ""))
