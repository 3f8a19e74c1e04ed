"""The report on chances of crisis and of war: one table, and what stands beside every level of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.analysis.chances import ANY, STANDING, stored
from detente.analysis.difference import cleaned
from detente.analysis.grounds import TWENTIETH
from detente.prose.table import Table
from detente.prose.templates import said
from detente.prose.wording import GROUP, HUNDRED, in_100, month, per_hundred, sentence, times
from detente.report.tables import NONE

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.chances import Change
    from detente.analysis.compare import Row
#: what the table of all pairs holds of a chance, of its change, and of how many times as likely war is
SHOWN = ("crisis", "crisis_low", "crisis_high", "armed", "armed_low", "armed_high")
LEVELS = (*SHOWN, "armed_range_low", "armed_range_high", "counted_crisis", "counted")
CHANGED = ("armed_change", "armed_low", "armed_high")
RATIO = ("armed_ratio", "armed_ratio_low", "armed_ratio_high")


@dataclass(frozen=True)
class Chances:
    """The section, every pair for a spreadsheet, and what is printed in hundredths."""

    says: tuple[str, ...]
    table: Table
    every: Table
    printed: Mapping[str, Any]


def chances(base: xr.Dataset, rows: Sequence[Row], results: Mapping[str, Any]) -> Chances | None:
    """The section on ``rows`` against ``base``; ``results`` are its facts by scenario. None where the base has none."""
    if not (stored(base) and any(row.outbreaks for row in rows)):
        return None
    return Chances(
        says=tuple(said("limits.j2", "chances", STANDING)),
        table=table(base, rows, results),
        every=every(base, rows, results),
        printed=printed(rows, results),
    )


def alike(change: Change) -> bool:
    """Whether a chance is hardly apart from what it was: by less than what would count for anything."""
    return change.ratio is not None and 1 / (1 + TWENTIETH) < change.ratio < 1 + TWENTIETH


def most(rows: Sequence[Row]) -> tuple[Row, int]:
    """The scenario that changes the chance of war most, and of which pair: of any, where that is told of one at all."""
    able = [row for row in rows if row.outbreaks]
    of_any = [(row, 0) for row in able]
    of_pairs = [(row, place) for row in able for place in range(1, len(row.outbreaks))]
    for places in (of_any, of_pairs):
        told = [(row, place) for row, place in places if row.outbreaks[place].armed.is_significant]
        if told:
            return max(told, key=_size)
    return max(of_any, key=_size)


def _size(place: tuple[Row, int]) -> float:
    return abs(place[0].outbreaks[place[1]].armed.change)


def printed(rows: Sequence[Row], results: Mapping[str, Any]) -> dict[str, Any]:
    """What the table prints otherwise than the facts of results and comparisons: chances and their changes in 100."""
    levels = {name: [_hundredths(row, SHOWN) for row in told["chances"]] for name, told in results.items()}
    changes = {row.scenario: [_hundredths(one.as_dict(), CHANGED) for one in row.outbreaks] for row in rows}
    kept: dict[str, Any] = cleaned({"levels": levels, "changes": changes})
    return kept


def _hundredths(row: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {"pair": row["pair"], **{key: None if row[key] is None else HUNDRED * row[key] for key in keys}}


def table(base: xr.Dataset, rows: Sequence[Row], results: Mapping[str, Any]) -> Table:
    """Any pair under every scenario, then the pairs that are changed most, each under the scenarios that do so."""
    shown = {ANY: list(rows)}
    for row, war in ((row, row.war) for row in rows):
        if war and war.armed.change:
            shown.setdefault(war.pair, []).append(row)
    name, title, members = (base.attrs[key] for key in ("scenario", "title", "members"))
    lines = []
    for pair, changed in shown.items():
        lines.append(_line(title, _of(results[name], pair), int(members), (NONE, NONE)))
        for row in changed:
            lines.append(_line(row.title, _of(results[row.scenario], pair), row.difference.members, _change(row, pair)))
    caption = (
        f"Chances by {month(rows[0].date)} [95% interval]. Crisis: a pair that is tense or armed; war: one that is"
        " armed. Counted, as a check: runs with a crisis, runs with war. Change: of war, against the first line of the"
        " pair. After any pair come those whose chance of war changes most, one for each scenario; all are in"
        " tables/chances_by_pair.csv."
    )
    head = (
        "Pair",
        "Scenario",
        "Crisis, in 100",
        "War, in 100",
        "Change of war, in 100",
        "Times as likely",
        "Counted: crisis, war",
    )
    return Table(head, lines, caption, "chances")


def _of(told: Mapping[str, Any], pair: str) -> Mapping[str, Any] | None:
    """What is told of a pair in the facts of a result; None where these hold no chances."""
    return next((row for row in told["chances"] if row["pair"] == pair), None)


def _line(title: str, row: Mapping[str, Any] | None, members: int, change: tuple[str, str]) -> tuple[str, ...]:
    """Pair, scenario, chances of crisis and of war, their change, and what was counted."""
    if row is None:
        return (NONE, title, *[NONE] * 5)
    levels = (_bare(row[e], row[f"{e}_low"], row[f"{e}_high"]) for e in ("crisis", "armed"))
    counted = (
        in_100(row[name], members).replace(" in ", f"{GROUP}in{GROUP}") for name in ("counted_crisis", "counted")
    )
    return (sentence(row["label"]), title, *levels, *change, ", ".join(counted))


def _bare(share: float, low: float | None, high: float | None, *, signs: bool = False) -> str:
    """As ``per_hundred``, under a head that says so."""
    return per_hundred(share, low, high, signs=signs).removesuffix(" in 100")


def _change(row: Row, pair: str) -> tuple[str, str]:
    """The change of the chance of war, and how many times as likely it is."""
    one = next((one for one in row.outbreaks if one.pair == pair), None)
    if one is None:
        return NONE, NONE
    if one.armed.verdict == "identical":
        return "identical in every run", NONE
    size = _bare(one.armed.change, one.armed.ci_low, one.armed.ci_high, signs=True)
    told = size if one.armed.is_significant else f"{size}, cannot tell"
    return told, times(one.ratio, one.ratio_low, one.ratio_high)


def every(base: xr.Dataset, rows: Sequence[Row], results: Mapping[str, Any]) -> Table:
    """Every pair under every scenario, for a spreadsheet; the base has no changes."""
    changes = {row.scenario: cleaned([one.as_dict() for one in row.outbreaks]) for row in rows}
    names = [str(base.attrs["scenario"]), *changes]
    lines = [line for name in names for line in _lines(name, results[name]["chances"], changes.get(name, []))]
    head = ("scenario", "pair", "label", *LEVELS, "change", "change_low", "change_high", *RATIO, "verdict")
    return Table(head, lines, name="chances_by_pair")


def _lines(name: str, levels: Sequence[Any], changes: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    by_pair = {one["pair"]: one for one in changes}
    for row in levels:
        change = by_pair.get(row["pair"], {})
        numbers = (*(row[key] for key in LEVELS), *(change.get(key) for key in (*CHANGED, *RATIO)))
        cells = ("" if value is None else f"{value:.6g}" for value in numbers)
        yield (name, row["pair"], row["label"], *cells, change.get("armed_verdict", ""))
