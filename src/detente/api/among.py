"""How large a change is among the shipped scenarios of its base: each is run small, under the same random shocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from detente.analysis import metrics
from detente.analysis.compare import Row
from detente.analysis.lever_files import own
from detente.experiment.source import Settings, Source, each_run
from detente.index import construction
from detente.scenario import places
from detente.scenario.load import Loaded, load
from detente.scenario.schema import Scenario

#: members of each, at most
MEMBERS = 200


def among(base: Source, rows: Sequence[Row], how: Settings) -> dict[str, Any]:
    """The change of the mean that each shipped scenario of the base makes, by name, in the metric's unit; how many of
    them change it more than each row does. Empty where there is none.
    """
    found, known = {one.name: one for one in scenarios(base.files())}, base.known_scenario()
    if not found:
        return {}
    data, metric = base.result(), rows[0].metric
    members = min(MEMBERS, int(data.sizes["member"]))
    before = metrics.values(metric, data.isel(member=slice(members)))
    runs = each_run([construction.measured(one, known) for one in found.values()], how, members, "Shipped scenarios")
    changes = {name: float((metrics.values(metric, ds) - before).mean()) for name, ds in zip(found, runs, strict=True)}
    sizes = {"count": len(changes), "members": members, "low": min(changes.values()), "high": max(changes.values())}
    return {**sizes, "changes": changes, "more": {row.scenario: _more(row, changes) for row in rows}}


def scenarios(base: Loaded | None) -> Iterator[Scenario]:
    """The shipped scenarios that lay files over a base and keep its dates."""
    if base is None:
        return
    for path in sorted(places.shipped().glob("*.yaml")):
        other = load(path)
        if own(base, other) and _over(base, other):
            yield other.scenario


def _over(base: Loaded, other: Loaded) -> bool:
    """Whether one is made of all files of the other, over the same dates."""
    mine, yours = ({file.path.resolve() for file in one.files} for one in (base, other))
    before, after = (one.scenario.calendar for one in (base, other))
    return mine < yours and (before.start, before.end) == (after.start, after.end)


def _more(row: Row, changes: dict[str, float]) -> int:
    """How many others change it more than a row does, whichever way."""
    return sum(abs(change) > abs(row.difference.change) for name, change in changes.items() if name != row.scenario)
