"""Numbers that no file states and that suppose something all the same: what is counted as "left at its default".

A default is neutral where it says that there is nothing of the kind: no police, no works on a base, an act that is
certain. It supposes something where every value would: that all forces are ready, that an elite is safe in office,
that a reserve is called up within two weeks. Such a default counts where the model uses the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel

from detente.scenario.leaves import Leaf
from detente.scenario.schema import Scenario
from detente.scenario.theatre import Actor

#: what else a number might be, in the model's unit: the range that a default is moved over
Range = tuple[float, float]


class Supposed(NamedTuple):
    """A number left at its default: dotted path, and the plausible range where one can be said."""

    path: str
    range: Range | None = None


class Rule(NamedTuple):
    """When a default of a field supposes something, and the range of what it might be."""

    range: Range | None
    where: Callable[[Any], bool] = lambda record: True


def _spends(actor: Actor) -> bool:
    return actor.spending.value > 0


#: fields of an actor that has pairs
ACTOR: dict[str, Rule] = {
    "spending": Rule(None, lambda actor: actor.kind != "entity"),
    "gdp": Rule(None, _spends),
    "personnel": Rule(None),
    "capital": Rule(None, lambda actor: actor.capital is None),
    "build_up": Rule((-0.03, 0.1), _spends),
    "readiness": Rule((0.4, 1.0)),
    "alignment": Rule((-0.6, 0.6)),
    "insecurity": Rule((0.0, 0.5)),
    "coalition": Rule((0.2, 0.8)),
    "war_aversion": Rule((0.3, 0.9)),
}
MISSION: dict[str, Rule] = {
    "coordination": Rule((0.5, 1.0)),
    "trigger": Rule((5.0, 60.0), lambda mission: mission.reserve.value > 0),
    "call_up_lag": Rule((1.0, 8.0), lambda mission: mission.reserve.value > 0),
    "stay": Rule((8.0, 52.0), lambda mission: mission.reserve.value > 0),
}
DIALOGUE: dict[str, Rule] = {"age": Rule((0.0, 260.0))}
ACT: dict[str, Rule] = {"lasting": Rule(None), "over": Rule(None)}


def supposed(scenario: Scenario) -> Iterator[Supposed]:
    """Every number left at a default that supposes something and that the model uses, in the order of the schema."""
    paired = {name for dyad in scenario.dyads.values() for name in dyad.between}
    for name, actor in scenario.actors.items():
        yield from _left(actor, f"actors.{name}", ACTOR if name in paired else {})
    for name, mission in scenario.missions.items():
        yield from _left(mission, f"missions.{name}", MISSION)
        votes = any(act.kind == "mandate" and act.mission == name for act in scenario.acts.values())
        yield from _left(mission, f"missions.{name}", {"wind_down": Rule((8.0, 52.0))} if votes else {})
    for name, dialogue in scenario.dialogues.items():
        yield from _left(dialogue, f"dialogues.{name}", DIALOGUE)
    for name, act in scenario.acts.items():
        yield from _left(act, f"acts.{name}", ACT)


def _left(record: BaseModel, path: str, rules: dict[str, Rule]) -> Iterator[Supposed]:
    for field, rule in rules.items():
        if field in type(record).model_fields and field not in record.model_fields_set and rule.where(record):
            yield Supposed(f"{path}.{field}", rule.range)


class Balance(NamedTuple):
    """How many numbers of a scenario rest on a source, how many are assumptions, how many are left at a default."""

    sourced: int
    assumed: int
    defaults: int

    @property
    def numbers(self) -> int:
        """Numbers written in the files."""
        return self.sourced + self.assumed

    def __str__(self) -> str:
        """ "354 numbers with a source, 218 assumptions, 12 left at defaults" """
        return (
            f"{self.sourced} numbers with a source, {self.assumed} assumptions, {self.defaults} left at "
            f"{'its default' if self.defaults == 1 else 'defaults'}"
        )


def balance(scenario: Scenario, leaves: Iterable[Leaf]) -> Balance:
    """The balance of a scenario; ``leaves`` are the numbers written in its files."""
    sourced = [bool(leaf.source) for leaf in leaves]
    return Balance(sum(sourced), len(sourced) - sum(sourced), len(list(supposed(scenario))))
