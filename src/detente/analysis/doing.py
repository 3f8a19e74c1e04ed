"""What a scenario does beside another: in its own words, its dated acts, and the other numbers it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from detente.analysis.levers import NoMixture, brief, levers
from detente.scenario.acts import Act
from detente.scenario.schema import Scenario
from detente.scenario.values import Steps, at

#: what became of an act, in the words that go before its title
ADDED, DROPPED, CHANGED = "", "without ", "changed: "


@dataclass(frozen=True)
class Deed:
    """A dated act that a scenario adds, drops or changes; ``how`` is what goes before its title."""

    title: str
    date: str
    how: str = ADDED


@dataclass(frozen=True)
class Doing:
    """A scenario's question, its acts with the main ones first, its other changes in as few words as name them."""

    title: str
    question: str
    acts: tuple[Deed, ...] = ()
    changes: tuple[str, ...] = ()
    counterfactual: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Everything by name, and the first and the last date of an act."""
        days = sorted(act.date for act in self.acts)
        ends = {"first": days[0], "last": days[-1]} if days else {}
        counts = {"count": len(self.acts), "changed": len(self.changes)}
        return {**vars(self), "acts": [vars(act) for act in self.acts], "changes": list(self.changes), **counts, **ends}


def doing(base: Scenario, other: Scenario) -> Doing:
    """What ``other`` does beside ``base``; of other dates than the base's only its question is told."""
    own = Doing(other.title, other.question, counterfactual=other.counterfactual)
    try:
        paths = [path for lever in levers(base, other) for path in lever.paths]
    except NoMixture:
        return own
    acts = [(path, at(other, path) or at(base, path)) for path in paths if path[0] == "acts"]
    main = sorted(acts, key=lambda one: (not one[1].mark, one[1].date, one[1].title))
    rest = tuple(brief(path, base, other) for path in paths if path[0] != "acts")
    return Doing(own.title, own.question, tuple(_deed(*one, base, other) for one in main), rest, own.counterfactual)


def _deed(path: Steps, act: Act, base: Scenario, other: Scenario) -> Deed:
    held = (at(base, path), at(other, path))
    how = ADDED if held[0] is None else DROPPED if held[1] is None else CHANGED
    return Deed(act.title or path[-1].replace("_", " "), act.date.isoformat(), how)
