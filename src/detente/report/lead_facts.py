"""The facts of the first half page: what was asked and done, yardsticks, what changes hang on, what was tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from detente.analysis import attributes
from detente.analysis.compare import Row
from detente.analysis.difference import cleaned
from detente.analysis.doing import doing
from detente.analysis.yardsticks import SPREAD, Yardstick, yardsticks
from detente.evidence.documentation.fixed_beforehand import PLAIN
from detente.report.evidence import Evidence

if TYPE_CHECKING:
    import xarray as xr

    from detente.report.assemble import Material


def gathered(made_of: Material, tested: Evidence) -> dict[str, Any]:
    """All of them; what cannot be had is left out."""
    held = yardsticks(made_of.base, made_of.rows[0].metric)
    scenarios, base = made_of.scenarios, made_of.base_scenario
    kept: dict[str, Any] = cleaned(
        {
            "asked": asked(made_of.base, made_of.rows, base.question),
            "does": {row.scenario: doing(base, scenarios[row.scenario]).as_dict() for row in made_of.rows},
            "spread": SPREAD[1] - SPREAD[0],
            "yardsticks": {one.kind: one.as_dict() for one in held},
            "sizes": sizes(held, made_of.rows),
            "among": made_of.among,
            "order": [row.scenario for row in sorted(made_of.rows, key=lambda row: -row.difference.change)],
            "leaning": {name: found.as_dict() for name, found in made_of.leaning.items()},
            "tested": judged(tested),
            "cautions": [f"{text.partition('. ')[0]}." for text in made_of.cautions],
        }
    )
    return kept


def asked(base: xr.Dataset, rows: Sequence[Row], question: str) -> dict[str, Any]:
    """Theatre, dates, how many scenarios and runs."""
    names = {"theatre": base.attrs["theatre"], "base": rows[0].base_title, "question": question}
    sizes = {"count": len(rows), "runs": int(base.sizes["member"]), "until": attributes.dates(base)[-1]}
    return {**names, **sizes, "documented_until": base.attrs["documented_until"]}


def sizes(held: Sequence[Yardstick], rows: Sequence[Row]) -> dict[str, dict[str, str]]:
    """The word for every change beside every yardstick, by scenario and kind."""
    return {row.scenario: {one.kind: one.word(row.difference.change) for one in held} for row in rows}


def judged(tested: Evidence) -> Mapping[str, Any]:
    """How many of the tests that were fixed beforehand were passed, and which; else what there is to say."""
    fixed = [one for one in tested.card.get("together", {}).get("judged", ()) if one["held"] is not None]
    if not fixed:
        return {"fixed": 0, "text": tested.sentences[0]}
    told = {held: [_plain(one["name"], held) for one in fixed if one["held"] is held] for held in (True, False)}
    counts = {"fixed": len(fixed), "passed": len(told[True]), "failed": len(told[False])}
    return {**counts, "passes": told[True], "fails": told[False]}


def _plain(name: str, held: bool) -> str:
    """A test in plain words; by its name where there are none."""
    return PLAIN.get(name, (name, name))[not held]
