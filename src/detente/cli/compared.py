"""A comparison in a terminal: the cells of its tables; sentences stand in ``compare.j2``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from detente.analysis import attributes
from detente.analysis.chances import STANDING
from detente.analysis.compare import NEGLIGIBLE
from detente.api.shown import change, scenarios
from detente.prose.table import Table
from detente.prose.templates import filled
from detente.prose.wording import GROUP, fixed, in_100, percent, printed, signed, times

if TYPE_CHECKING:
    from detente.analysis.attribution import Attribution
    from detente.analysis.changes import Change
    from detente.analysis.compare import Row
    from detente.api.compare import Comparison

INDENT = "  "
#: any pair, and those that change most, of which chances are told without being asked
LIKELIEST = 3


def words(told: Comparison, detail: bool) -> str:
    """All that is printed of it; with ``detail`` also pillars, pairs, levels, and where the variance comes from."""
    tables = {
        "scenarios": scenarios(told.rows).text(INDENT) if told.rows else "",
        "parts": {row.scenario: [table.text(INDENT) for table in _parts(row) if table.rows] for row in told.rows},
        "war": _war(told.rows, len(told.rows[0].outbreaks) if detail else LIKELIEST).text(INDENT) if told.rows else "",
        "reasons": {name: _reasons(found) for name, found in told.changed.items()},
        "causes": {name: _causes(found) for name, found in told.why.items()},
    }
    shown = {key: getattr(told, key) for key in ("rows", "changed", "unpaired", "uncertain", "why", "unsplit")}
    attrs = {
        "weeks": int(told.data.attrs["weeks"]),
        "seed": told.data.attrs["seed"],
        "engine": attributes.engine(told.data),
    }
    war = any(row.outbreaks for row in told.rows) and {"standing": STANDING}
    more = {"war": war, "tables": tables, "detail": detail, "change": change, "negligible": NEGLIGIBLE, "group": GROUP}
    return filled("compare.j2", **shown, **attrs, **more).strip("\n")


def _war(rows: Sequence[Row], pairs: int) -> Table:
    """Chances of war of any pair and of those that change most, in every scenario."""
    head = ("scenario", "pair", "base", "here", "change [95% CI]", "times as likely [95% CI]")
    lines = [
        (
            row.scenario,
            one.label,
            percent(one.base),
            percent(one.other),
            change(one.armed),
            times(one.ratio, one.ratio_low, one.ratio_high),
        )
        for row in rows
        for one in row.outbreaks[:pairs]
    ]
    return Table(head, lines, right=(2, 3))


def _parts(row: Row) -> Iterator[Table]:
    """Pillars, pairs and levels of one scenario."""
    for noun, found in (("pillar", row.pillars), ("pair", row.dyads)):
        shared = any(part.contribution is not None for part in found)
        cells = []
        for part in found:
            own = [signed(part.contribution or 0.0, 2)] if shared else []
            cells.append((part.label, fixed(part.base), fixed(part.other), change(part.difference), *own))
        head = (noun, "base", "here", "change [95% CI]", *(["of the regional change"] if shared else []))
        yield Table(head, cells, right=(1, 2, 4))
    members, lines = row.difference.members, []
    for one in row.levels:
        chances = [in_100(share, members) for share in (one.base_ever, one.other_ever)]
        lines.append((f"{one.level.label} at least once", *chances, change(one.ever)))
    yield Table(("reaches", "base", "here", "change in 100 [95% CI]"), lines)


def _causes(found: Attribution) -> str:
    """The split of a difference over the changes of the scenario."""
    lines, times = [], printed(found.metric.unit)
    for share in found.shares:
        sampled = f" ± {fixed(times * 1.96 * share.sampling_error, 2)}" if share.sampling_error else ""
        alone = "" if share.alone is None else signed(times * share.alone, 2)
        lines.append((share.lever.label, change(share.difference) + sampled, alone))
    total = ("sum", signed(times * (found.total.change - found.residual), 2), "")
    return Table(("change", "adds [95% CI]", "alone"), [*lines, total]).text(INDENT)


def _reasons(found: Sequence[Change]) -> str:
    """Why a number changed between two runs of one scenario; "" where nothing moves one."""
    lines = [(one.kind, one.what, _short(one.before), _short(one.after)) for one in found if one.moves]
    return Table(("kind", "what", "before", "after"), lines).text(INDENT) if lines else ""


def _short(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("title") or value.get("label") or "added")
    text = "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
