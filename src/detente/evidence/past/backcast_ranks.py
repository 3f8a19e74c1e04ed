"""Whether the back-cast rises and falls with what is documented: spells and their ranks, quarters, contrast.

A spell is a marked war or campaign of the scenario's calendar that lasts more than BRIEF weeks. The
calendar comes from chronologies, not from the file, so the comparison is not circular.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.evidence.pairs import footnotes
from detente.evidence.past.backcast import Backcast, constructions
from detente.scenario.schema import Scenario
from detente.scenario.spells import spells

Array = NDArray[np.float64]
Dates = NDArray[np.datetime64]
Flags = NDArray[np.bool_]

#: a campaign this short [weeks] is no spell
BRIEF = 4
#: quarters that are listed
LISTED = 12


@dataclass(frozen=True)
class Spell:
    """A documented spell: rows ``first`` to ``last`` of the back-cast."""

    name: str
    title: str
    first: int
    last: int

    def of(self, region: Array) -> Array:
        """The index in its weeks."""
        return region[self.first : self.last + 1]


def documented(scenario: Scenario, dates: Dates) -> list[Spell]:
    """The documented spells of which the weeks ``dates`` hold at least half, in order of date."""
    out: dict[str, Spell] = {}
    for told in spells(scenario):
        start, end = np.datetime64(told.first), np.datetime64(told.end)
        weeks = (end - start) / np.timedelta64(1, "W")
        rows = np.flatnonzero((dates + np.timedelta64(6, "D") >= start) & (dates < end))
        if told.act.mark and weeks > BRIEF and rows.size > weeks / 2:
            out.setdefault(told.name, Spell(told.name, told.act.title, int(rows[0]), int(rows[-1])))
    return sorted(out.values(), key=lambda spell: spell.first)


def ranked(region: Array, some: list[Spell]) -> dict[str, int]:
    """Rank of each spell by its mean index, 1 the highest."""
    means = np.array([spell.of(region).mean() for spell in some])
    order = (-means).argsort(kind="stable")
    return {some[int(k)].name: rank for rank, k in enumerate(order, start=1)}


def covering(some: list[Spell], length: int) -> Flags:
    """Which of so many weeks lie in a spell, (time,)."""
    inside = np.zeros(length, dtype=bool)
    for spell in some:
        inside[spell.first : spell.last + 1] = True
    return inside


def against(region: Array, inside: Flags) -> dict[str, float]:
    """Mean index in the weeks ``inside`` (time,) and outside them, and the chance that one inside stands above one
    outside; empty where all or none are inside."""
    if not inside.any() or inside.all():
        return {}
    within, without = region[inside], np.sort(region[~inside])
    below = np.searchsorted(without, within, side="left") + np.searchsorted(without, within, side="right")
    chance = float((below / (2.0 * without.size)).mean())
    return {"inside": float(within.mean()), "outside": float(without.mean()), "above": chance}


def contrast(region: Array, some: list[Spell]) -> dict[str, float]:
    """As ``against``, with the weeks of the spells inside."""
    return against(region, covering(some, region.size))


def quarters(dates: Dates, region: Array) -> list[tuple[str, float]]:
    """Means by calendar quarter, highest first: ("1999-Q2", points)."""
    numbers = dates.astype("datetime64[M]").astype(int) // 3
    means = {int(q): float(region[numbers == q].mean()) for q in np.unique(numbers)}
    named = [(f"{1970 + q // 4}-Q{q % 4 + 1}", mean) for q, mean in means.items()]
    return sorted(named, key=lambda row: -row[1])


def silence(found: Backcast) -> dict[str, int]:
    """Longest run of weeks without any report by dyad: an input that went dead would show here."""
    heard = {s.key: np.flatnonzero(s.count + s.other > 0) for s in found.series}
    return {key: int(np.diff([-1, *weeks, len(found.dates)]).max() - 1) for key, weeks in heard.items()}


def record(found: Backcast) -> dict[str, Any]:
    """The back-cast in numbers, ready for JSON."""
    some = documented(found.scenario, found.dates)
    by_mean = {name: ranked(region, some) for name, region in constructions(found).items()}
    return {
        **found.observations.record(),
        "scenario": found.scenario.name,
        "theatre": found.scenario.theatre,
        "first": str(found.dates[0]),
        "last": str(found.dates[-1]),
        "pairs": list(found.keys),
        "pillars": ["hostility", "incidents"],
        "label": "event-borne pillars only; levels of the full index do not carry over",
        "raw": _told(found, found.raw.region, some),
        "normalised": _told(found, found.normalised.region, some),
        "footnotes": footnotes(found.scenario, [spell.title for spell in some]),
        "ranks": {s.name: {name: ranks[s.name] for name, ranks in by_mean.items()} for s in some},
        "longest_silence_weeks": silence(found),
    }


def _told(found: Backcast, region: Array, some: list[Spell]) -> dict[str, Any]:
    ranks, order = ranked(region, some), quarters(found.dates, region)
    return {
        "spells": [
            {
                "name": s.name,
                "title": s.title,
                "from": str(found.dates[s.first]),
                "to": str(found.dates[s.last]),
                "mean": round(float(s.of(region).mean()), 2),
                "peak": round(float(s.of(region).max()), 2),
                "rank": ranks[s.name],
            }
            for s in some
        ],
        "quarters": [
            {"quarter": name, "mean": round(mean, 2), "rank": n} for n, (name, mean) in enumerate(order[:LISTED], 1)
        ],
        "contrast": {name: round(value, 3) for name, value in contrast(region, some).items()},
    }
