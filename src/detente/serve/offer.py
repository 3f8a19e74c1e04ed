"""The scenarios that the page offers: each with its levers, and the one that it is held against."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from detente.api.scenarios import about
from detente.errors import DetenteError
from detente.experiment.dataset import attributes, coordinates, dyad_labels
from detente.index import construction
from detente.model.calendar import weeks
from detente.model.stability import require_placed
from detente.prose.wording import marked
from detente.scenario import places
from detente.scenario.load import Loaded, load
from detente.scenario.schema import Scenario
from detente.serve import geography, levers
from detente.serve.levers import GROUPS, Lever

#: scenarios that are kept as they were read
KEPT = 12


class NotOffered(DetenteError):
    """No scenario of that name is offered."""


@dataclass(frozen=True)
class Offered:
    """One scenario as a reader chooses it: ``word`` is how a command names it, ``base`` what it is held against."""

    word: str
    known: Loaded = field(repr=False)
    base: Loaded = field(repr=False)

    @cached_property
    def levers(self) -> dict[str, Lever]:
        """Its levers by key."""
        return levers.levers(self.known)

    @property
    def length(self) -> int:
        """Weeks of a run."""
        return weeks(self.known.scenario)

    def as_dict(self) -> dict[str, Any]:
        """What the page must know of it before any answer."""
        scenario = self.known.scenario
        labels = [actor.label for actor in scenario.actors.values()] + list(dyad_labels(scenario).values())
        labels += [act.title for act in scenario.acts.values()]
        grouped = {key: [one.as_dict() for one in self.levers.values() if one.group == key] for key in GROUPS}
        return {
            "name": self.word,
            "title": scenario.title,
            "question": scenario.question,
            "theatre": scenario.theatre,
            "base": self.base.scenario.title,
            "own_base": self.base is self.known,
            "groups": [{"key": key, "title": GROUPS[key], "levers": found} for key, found in grouped.items() if found],
            "cautions": list(dict.fromkeys([*self.base.scenario.cautions(), *scenario.cautions()])),
            "footnotes": marked(scenario.footnotes.values(), labels, unmarked=True),
            "map": geography.drawn(scenario),
            "shorts": {key: actor.short or actor.label for key, actor in scenario.actors.items()},
            **shown(scenario),
        }


def shown(scenario: Scenario) -> dict[str, Any]:
    """Dates, dated acts, levels and labels, as results hold them."""
    import json

    import numpy as np

    length = weeks(scenario)
    attrs, axes = attributes(scenario, 1, length, 1), coordinates(scenario, length, np.arange(1))
    told = {key: json.loads(attrs[key]) for key in ("levels", "events", "dyad_labels", "actor_labels")}
    dates = [str(day) for day in axes["time"].astype("datetime64[D]")]
    return told | {"dates": dates, "documented_until": attrs["documented_until"]}


class Offer:
    """The scenarios on offer: those that are ``named``, or all within reach."""

    def __init__(self, named: Sequence[str] = ()) -> None:
        known = places.names()
        found: Mapping[str, Path | None] = {word: places.named(word) for word in named} if named else known
        self._about = {word: about(word, path) for word, path in found.items() if path is not None}
        self._within = {name: about(name, path) for name, path in known.items()} | self._about
        self._open: OrderedDict[str, Offered] = OrderedDict()
        for word in named:
            if word not in self._about:
                load(word)  # raises, and says what there is
            self.open(word)

    def listed(self) -> list[dict[str, str]]:
        """Name, title and question of every scenario on offer."""
        return [{key: entry[key] for key in ("name", "title", "question")} for entry in self._about.values()]

    def first(self) -> str:
        """The scenario that the page opens with: the first named, else the baseline, else any."""
        names = list(self._about)
        return "baseline" if "baseline" in names and names == sorted(names) else names[0]

    def open(self, word: str) -> Offered:
        """A scenario, read once. Raises NotOffered, ScenarioError."""
        if word in self._open:
            self._open.move_to_end(word)
            return self._open[word]
        if word not in self._about:
            raise NotOffered(f"{word[:80]!r} is not among the scenarios that are offered here")
        known = load(word)
        require_placed(known)
        self._open[word] = Offered(word, known, self._base(word, known))
        while len(self._open) > KEPT:
            self._open.popitem(last=False)
        return self._open[word]

    def _base(self, word: str, known: Loaded) -> Loaded:
        """The scenario at the root of what a scenario extends, where one index measures both over the same dates."""
        name, entry = word, self._about[word]
        while len(entry["extends"]) == 1 and entry["extends"][0] in self._within and entry["extends"][0] != name:
            name = entry["extends"][0]
            entry = self._within[name]
        if name == word:
            return known
        base = self.open(name).known if name in self._about else load(name)
        return base if alike(base.scenario, known.scenario) else known


def alike(base: Scenario, other: Scenario) -> bool:
    """Whether results of both pair member by member under one construction of the index."""
    dates = [(one.calendar.start, one.calendar.end, one.theatre) for one in (base, other)]
    return dates[0] == dates[1] and not construction.changes(base, other) and base.dyads.keys() == other.dyads.keys()
