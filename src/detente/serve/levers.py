"""Levers: what of a scenario a reader may move on the page, how far, and the changes that a setting stands for.

Levers are read off the scenario, whatever its theatre. A lever that rests changes nothing. One that is moved makes the
same changes as ``--set`` on the command line: a number stands where it is put and is no longer drawn, a factor moves
what is drawn with its spread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

from detente.api.brakes import declared
from detente.errors import DetenteError
from detente.prose.wording import compact, month, sentence
from detente.scenario.load import Loaded
from detente.scenario.quantity import Measure, Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import Held, quantities
from detente.serve import words

#: where a lever is put: a number or factor, an ISO date, an option, on or off
Value: TypeAlias = float | str | bool
Kind: TypeAlias = Literal["number", "factor", "date", "choice", "switch"]

#: steps a slider has, about
STEPS = 100
#: how far a number without a bound may be moved, times what it is, and times the highest that is held likely
FAR, BEYOND = 2.0, 1.25
#: how far everything that a factor moves can be moved
MOST = 3.0
#: groups in their order on the page
GROUPS = {
    "missions": "Missions",
    "talks": "Talks",
    "arms": "Arms",
    "pacts": "Pacts",
    "accountability": "Accountability",
    "plans": "Planned acts",
    "brakes": "Brakes on war",
    "theories": "Rival theories",
}


class LeverError(DetenteError, ValueError):
    """A setting that no lever can have; the text says which one can."""


@dataclass(frozen=True)
class Lever:
    """One lever: where it rests (``value``), how far it goes, and what it changes.

    ``low``, ``high`` and ``step`` are in ``unit``, of a date in days since ``origin``. ``changes`` turns a value into
    what ``--set`` would say, dotted path to text.
    """

    key: str
    group: str
    label: str
    kind: Kind
    value: Value
    changes: Callable[[Any], dict[str, str]] = field(repr=False, compare=False)
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0
    unit: str = ""
    hint: str = ""
    origin: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Everything the page must know of it."""
        told = {name: getattr(self, name) for name in ("key", "label", "kind", "value", "hint")}
        if self.kind == "choice":
            return told | {"options": [{"value": value, "label": label} for value, label in self.options]}
        if self.kind == "switch":
            return told
        span = {name: getattr(self, name) for name in ("low", "high", "step", "unit")}
        return told | span | ({"origin": self.origin} if self.origin else {})

    def checked(self, value: object) -> Value:
        """``value`` where the lever can have it. Raises LeverError."""
        if self.kind == "switch":
            return self._is(isinstance(value, bool), value, "on or off")
        if self.kind == "choice":
            known = [option for option, _ in self.options]
            return self._is(value in known, value, f"one of {', '.join(known)}")
        if self.kind == "date":
            first, last = (self.day(end) for end in (self.low, self.high))
            fits = isinstance(value, str) and len(value) == len(first) and first <= value <= last and _is_day(value)
            return self._is(fits, value, f"a date from {first} to {last}")
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        fits = number and self.low <= float(value) <= self.high  # type: ignore[arg-type]
        return self._is(fits, value, f"a number from {compact(self.low)} to {compact(self.high)} {self.unit}".rstrip())

    def day(self, days: float) -> str:
        """The ISO date so many days after the origin."""
        return (date.fromisoformat(self.origin) + timedelta(days)).isoformat()

    def _is(self, fits: bool, value: Any, possible: str) -> Value:
        if not fits:
            raise LeverError(f"{self.label}: {str(value)[:40]!r} is not possible; {possible} is")
        known: Value = value
        return known


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def levers(known: Loaded) -> dict[str, Lever]:
    """The levers of a scenario by key, in the order of the page."""
    found = [lever for part in (_missions, _talks, _arms, _pacts, _plans, _others) for lever in part(known)]
    order = list(GROUPS)
    return {lever.key: lever for lever in sorted(found, key=lambda lever: order.index(lever.group))}


def changes(known: Mapping[str, Lever], settings: Mapping[str, object]) -> dict[str, str]:
    """What the settings of levers stand for: dotted path to text, as ``--set`` takes it. Raises LeverError."""
    unknown = next((key for key in settings if key not in known), None)
    if unknown is not None:
        raise LeverError(f"there is no lever {unknown[:80]!r} in this scenario")
    put = {key: lever.checked(settings[key]) for key, lever in known.items() if key in settings}
    return {path: text for key, value in put.items() for path, text in known[key].changes(value).items()}


def _held(scenario: Scenario) -> dict[str, Held]:
    return {held.path: held for held in quantities(scenario)}


def _number(known: Loaded, held: Held, group: str, label: str, hint: str = "") -> Lever:
    """A lever on one number, in the model's unit."""
    q = held.quantity
    low, high = span(q, held.measure)
    whole = q.unit in ("persons", "weeks")
    step = max(1.0, nice((high - low) / STEPS)) if whole else nice((high - low) / STEPS)
    high = low + math.ceil((high - low) / step - 1e-9) * step
    most = held.measure.le if held.measure else math.inf
    plain = _unit_in_file(known, held.path) in ("", q.unit)

    def told(value: float) -> dict[str, str]:
        return {held.path: _text(value) if plain else f"{{value: {_text(value)}, unit: {q.unit}}}"}

    return Lever(held.path, group, label, "number", q.value, told, low, min(high, most), step, q.unit, hint)


def span(q: Quantity, measure: Measure | None) -> tuple[float, float]:
    """How far a number can be moved: over all that is possible for a share, else to twice what is held likely."""
    least, most = (measure.ge, measure.le) if measure else (-math.inf, math.inf)
    if q.unit == "share" and math.isfinite(most - least):
        return least, most
    top = max(FAR * abs(q.value), BEYOND * abs(q.high or 0.0), BEYOND * abs(q.low or 0.0)) or 1.0
    return max(least, -top if q.value < 0 else 0.0), min(most, top)


def nice(step: float) -> float:
    """The next of 1, 2, 5, 10 … times a power of ten."""
    power: float = 10.0 ** math.floor(math.log10(step))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= step * (1 - 1e-9))


def _text(value: float) -> str:
    return f"{value:.10g}"


def _unit_in_file(known: Loaded, path: str) -> str:
    """The unit that the file gives a number; empty where it gives none."""
    node = known.tree.find(tuple(path.split(".")))
    unit = node.mapping.get("unit") if node is not None else None
    return str(unit.data) if unit is not None else ""


def _missions(known: Loaded) -> Iterator[Lever]:
    """The strength a mission has on record or at the start, what plans make of it, and its mandate."""
    scenario, held = known.scenario, _held(known.scenario)
    shown = scenario.calendar.documented_until
    for name, mission in scenario.missions.items():
        own = [(key, a) for key, a in scenario.acts.items() if a.kind == "mission" and a.mission == name and a.troops]
        if mission.troops.value > 0:
            since = month(scenario.calendar.start.isoformat())
            hint = "strength at the start" if own else "strength throughout"
            yield _number(known, held[f"missions.{name}.troops"], "missions", f"{mission.label}, {since}", hint)
        for key, act in own:
            path, when = f"acts.{key}", month(act.date.isoformat())
            yield _number(known, held[f"{path}.troops"], "missions", f"{mission.label}, from {when}", act.title)
            if act.date > shown and not act.certain:
                yield _number(known, held[f"{path}.chance"], "missions", "Chance that this comes about", act.title)
        votes = {f"acts.{k}.chance": a for k, a in scenario.acts.items() if a.kind == "mandate" and a.mission == name}
        coming = [held[path] for path, act in votes.items() if act.date > shown]
        if coming:
            yield _together(known, coming, "missions", f"{mission.label}: chance of each renewal")


def _together(known: Loaded, held: list[Held], group: str, label: str) -> Lever:
    """One lever on several numbers of a kind, which are put to one value."""
    several = [_number(known, one, group, label) for one in held]

    def told(value: float) -> dict[str, str]:
        return {path: text for one in several for path, text in one.changes(value).items()}

    hint = f"{len(held)} votes" if len(held) > 1 else ""
    first = several[0]
    return Lever(first.key, group, label, "number", first.value, told, *_span(first), first.unit, hint)


def _span(lever: Lever) -> tuple[float, float, float]:
    return lever.low, lever.high, lever.step


def _talks(known: Loaded) -> Iterator[Lever]:
    """Weekly chances of talks, and how far parties are ready to move."""
    scenario, held = known.scenario, _held(known.scenario)
    if not scenario.dialogues:
        return
    for mechanism in scenario.mechanisms():
        for name, number in mechanism.numbers():
            path = f"parameters.{mechanism.name}.{name}"
            if mechanism.name == "dialogue" and number.unit == "1/week" and path in held:
                yield _number(known, held[path], "talks", words.TALKS.get(name, sentence(number.about)))
    for track, dialogue in scenario.dialogues.items():
        for party in dialogue.flexibility:
            label = f"{scenario.actors[party].short or scenario.actors[party].label}: readiness to move"
            yield _number(known, held[f"dialogues.{track}.flexibility.{party}"], "talks", label, dialogue.label)


def _arms(known: Loaded) -> Iterator[Lever]:
    """The pace at which all actors' spending grows, as a factor on what each of them is held to do."""
    paced = [h for h in quantities(known.scenario) if h.path.endswith(".build_up") and h.quantity.value]
    if not paced:
        return

    def told(factor: float) -> dict[str, str]:
        return {held.path: _scaled(held, factor) for held in paced}

    hint = f"growth of military spending of {len(paced)} actors, each with its spread"
    yield Lever("arms.pace", "arms", "Pace of armament", "factor", 1.0, told, 0.0, MOST, 0.05, "×", hint)


def _scaled(held: Held, factor: float) -> str:
    """A number with its spread times a factor, as far as is possible, for ``--set``."""
    q, (least, most) = held.quantity, (held.measure.ge, held.measure.le) if held.measure else (-math.inf, math.inf)
    scaled = {key: getattr(q, key) for key in ("value", "low", "high") if getattr(q, key) is not None}
    scaled = {key: _text(min(max(number * factor, least), most)) for key, number in scaled.items()}
    spread = {"spread": q.spread} if q.spread and factor else {}
    parts = scaled if spread else {"value": scaled["value"]}
    return "{" + ", ".join(f"{key}: {text}" for key, text in {**parts, "unit": q.unit, **spread}.items()) + "}"


def _pacts(known: Loaded) -> Iterator[Lever]:
    held = _held(known.scenario)
    for name, pact in known.scenario.pacts.items():
        hint = "share of its commitment that members would honour"
        yield _number(known, held[f"pacts.{name}.reliability"], "pacts", f"{pact.label}: reliability", hint)


def _plans(known: Loaded) -> Iterator[Lever]:
    """When planned acts happen, and how likely those are that are not certain."""
    scenario, held = known.scenario, _held(known.scenario)
    for name, act in sorted(scenario.acts.items(), key=lambda item: item[1].date):
        if act.date <= scenario.calendar.documented_until:
            continue
        yield _dated(f"acts.{name}.date", act.title, act.date, scenario)
        if act.kind not in ("mission", "mandate") and not act.certain:
            yield _number(known, held[f"acts.{name}.chance"], "plans", f"{act.title}: chance")


def _dated(path: str, label: str, day: date, scenario: Scenario) -> Lever:
    """A lever on a date, week by week from where it rests, between record and end."""
    first = max(scenario.calendar.documented_until, scenario.calendar.start) + timedelta(1)
    last = scenario.calendar.end - timedelta(1)
    low, high = -((day - first).days // 7) * 7.0, max(0, (last - day).days // 7) * 7.0
    return Lever(
        path, "plans", label, "date", day.isoformat(), lambda value: {path: value}, low, high, 7.0, "days",
        origin=day.isoformat(),
    )  # fmt: skip


def _others(known: Loaded) -> Iterator[Lever]:
    """What is answered for, brakes on and off, rival theories."""
    scenario, held = known.scenario, _held(known.scenario)
    for name, act in scenario.acts.items():
        if act.kind == "accountability":
            label, path = f"{act.title} ({month(act.date.isoformat())})", f"acts.{name}.delivered"
            yield _switch(path, "accountability", label, act.delivered, "answered for; off: unpunished")
    for mechanism in scenario.mechanisms():
        for name, theory in mechanism.theories.items():
            put, path = getattr(scenario.parameters.switches, name), f"parameters.switches.{name}"
            numbers = getattr(scenario.parameters, mechanism.name)
            label, options = words.theory(name, [one for one in theory.options if not theory.lacks(one, numbers)])
            yield Lever(path, "theories", label, "choice", put, _stated(path), options=options)
    for brake, path in declared(scenario).items():
        if held[path].quantity.value:
            yield Lever(path, "brakes", sentence(brake), "switch", True, _released(path))


def _stated(path: str) -> Callable[[str], dict[str, str]]:
    return lambda value: {path: value}


def _released(path: str) -> Callable[[bool], dict[str, str]]:
    return lambda on: {} if on else {path: "0"}


def _switch(path: str, group: str, label: str, usual: bool, hint: str) -> Lever:
    return Lever(path, group, label, "switch", usual, lambda on: {path: "true" if on else "false"}, hint=hint)
