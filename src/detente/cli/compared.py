"""A comparison in words: the table, a line on each scenario, parts, causes, and why a number changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from detente.analysis.compare import NEGLIGIBLE
from detente.cli import say
from detente.prose.wording import counted, digits_for, fixed, in_100, interval, month, signed, whole

if TYPE_CHECKING:
    import xarray as xr

    from detente.analysis.attribution import Attribution
    from detente.analysis.changes import Change
    from detente.analysis.compare import Part, Row
    from detente.analysis.constructions import HeadlineUncertainty
    from detente.analysis.difference import Difference

INDENT = "  "
#: a variance ratio above this is no number worth reading
MUCH = 1000


def change(d: Difference) -> str:
    """A change with its interval: "+4.6 [+4.4, +4.7]"."""
    if d.verdict == "identical":
        return "0 (identical)"
    digits = digits_for(d.half_width)
    return f"{signed(d.change, digits)} {interval(d.ci_low, d.ci_high, digits)}"


def chance(d: Difference) -> str:
    """A change of a chance with its interval, per hundred runs: "+14 [+10, +18]"."""
    if d.verdict == "identical":
        return "0 (identical)"
    return f"{signed(100 * d.change, 0)} {interval(100 * d.ci_low, 100 * d.ci_high, 0)}"


def rulers(rows: Sequence[Row]) -> list[str]:
    """What another construction of the index adds, before anything is said of behaviour; one line a scenario."""
    return [
        f"{row.scenario} builds the index otherwise ({'; '.join(row.rebuilt)}): that alone adds"
        f" {change(row.construction)} {row.metric.unit} on the same paths. It is no part of what follows, which is"
        f" measured by the index of {row.base_title}."
        for row in rows
        if row.construction is not None
    ]


def heading(rows: Sequence[Row], base: xr.Dataset) -> str:
    """What is compared with what, and how."""
    members, weeks = counted(rows[0].difference.members, "paired member"), counted(int(base.attrs["weeks"]), "week")
    how = f"same random shocks, {members} × {weeks}, seed {base.attrs['seed']}"
    return f"Against {rows[0].base_title}, {how}\nChange of {rows[0].measure} [{rows[0].metric.unit}]"


def table(rows: Sequence[Row]) -> str:
    """One line for the base and one for every scenario."""
    head = ["scenario", f"median {month(rows[0].date)}", "change [95% CI]", "crisis", "rises in", "verdict"]
    first = rows[0]
    base = [first.base, fixed(first.base_median, 0), "", _crisis(first, base=True), "", ""]
    lines = [head, base, *([*_cells(row)] for row in rows)]
    return _indented(say.table(lines, right=(1,)))


def _cells(row: Row) -> list[str]:
    draws = in_100(row.difference.share_up, row.difference.draws, "draws")
    moved = "" if row.difference.verdict == "identical" else draws
    verdict = row.difference.verdict + ", negligibly" * (row.negligible and row.difference.is_significant)
    return [row.scenario, fixed(row.median, 0), change(row.difference), _crisis(row), moved, verdict]


def _crisis(row: Row, base: bool = False) -> str:
    if row.crisis is None:
        return "–"
    return in_100(row.crisis.base_ever if base else row.crisis.other_ever, row.difference.members)


def remarks(rows: Sequence[Row]) -> list[str]:
    """A line on each scenario: the behavioural part, when the paths part, what pairing bought, what would tell."""
    return [line for row in rows for line in _remark(row)]


def _remark(row: Row) -> list[str]:
    if row.first_divergence is None:
        return [f"{row.scenario}: every path is that of {row.base_title}, bit for bit"]
    words = [f"paths part on {row.first_divergence}"]
    if row.behavioural is not None and row.difference.verdict != "identical":
        words.insert(0, f"hostility and incidents {change(row.behavioural)} of it")
        words.insert(1, f"behaviour-only index {change(row.behaviour_index)}")
    if row.difference.variance_ratio is not None:
        words.append(f"pairing is worth {_times(row.difference.variance_ratio)} members")
    lines = [f"{row.scenario}: {'; '.join(words)}"]
    lines += [f"{row.scenario}: {advice(row)}"] if row.difference.verdict == "cannot tell" else []
    return lines + [f"{row.scenario}: {note}" for note in row.notes]


def _times(ratio: float) -> str:
    return f"more than ×{whole(MUCH)}" if ratio > MUCH else f"×{fixed(ratio, 0 if ratio >= 10 else 1)}"


def advice(row: Row) -> str:
    """Why nothing can be told, and what to do."""
    d = row.difference
    if row.negligible:
        return f"cannot tell the sign at N = {whole(d.members)}; any difference is below {NEGLIGIBLE} points"
    if d.reason == "few draws":
        return "cannot tell with one parameter draw; try --members 100"
    if d.reason == "draws disagree":
        shares = f"up in {in_100(d.share_up, d.draws)}, down in {in_100(d.share_down, d.draws)} draws"
        return f"cannot tell: the sign depends on the parameters ({shares}); more members will not settle it"
    if d.members_needed is None:
        return f"cannot tell at N = {whole(d.members)}: too small a difference for any number of members"
    return f"cannot tell at N = {whole(d.members)}; try --members {d.members_needed}"


def parts(row: Row) -> str:
    """Pillars and dyads of one scenario."""
    blocks = [_parts("pillar", row.pillars), _parts("pair", row.dyads), _levels(row)]
    return f"{row.scenario}\n" + "\n\n".join(block for block in blocks if block)


def _parts(noun: str, found: Sequence[Part]) -> str:
    if not found:
        return ""
    shared = any(part.contribution is not None for part in found)
    head = [noun, "base", "here", "change [95% CI]", *(["of the regional change"] if shared else [])]
    lines = [head]
    for part in found:
        cells = [part.label, fixed(part.base, 1), fixed(part.other, 1), change(part.difference)]
        lines.append([*cells, *([signed(part.contribution or 0.0, 2)] if shared else [])])
    return _indented(say.table(lines, right=(1, 2, 4)))


def _levels(row: Row) -> str:
    members = row.difference.members
    lines = [["reaches", "base", "here", "change in 100 [95% CI]"]]
    for reached in row.levels:
        cells = [in_100(reached.base_ever, members), in_100(reached.other_ever, members)]
        lines.append([f"{reached.level.label} at least once", *cells, chance(reached.ever)])
    return _indented(say.table(lines)) if len(lines) > 1 else ""


def sources(row: Row, found: HeadlineUncertainty) -> str:
    """Where the variance of the headline difference comes from."""
    if not found.shares:
        return f"{row.scenario}: nothing varies"
    shares = ", ".join(f"{share.source} {fixed(100 * share.share, 0)} %" for share in found.shares)
    line = f"{row.scenario}: of the variance of one path's difference: {shares}"
    if found.low is None or found.high is None or found.same_sign is None:
        return line
    spread = f"{signed(found.low)} to {signed(found.high)}, same sign in {in_100(found.same_sign, found.constructions)}"
    return f"{line}; over {found.constructions} other indices {spread}"


def causes(name: str, found: Attribution) -> str:
    """The split of a difference over the changes of the scenario."""
    how = f"{found.method}, {counted(found.ensembles, 'ensemble')} of {counted(found.total.members, 'member')}"
    lines = [["change", "adds [95% CI]", "alone"]]
    for share in found.shares:
        alone = "" if share.alone is None else signed(share.alone, 2)
        sampled = f" ± {fixed(1.96 * share.sampling_error, 2)}" if share.sampling_error else ""
        lines.append([share.lever.label, change(share.difference) + sampled, alone])
    lines.append(["sum", signed(found.total.change - found.residual, 2), ""])
    head = f"Why {name} differs: {change(found.total)} ({how})"
    idle = [share.lever.label for share in found.unimportant]
    tail = f"\n  Did not matter: {'; '.join(idle)}" if idle else ""
    return f"{head}\n{_indented(say.table(lines))}{tail}"


def reasons(name: str, found: Sequence[Change]) -> str:
    """Why a number changed between two runs of one scenario."""
    if not found:
        return f"{name}: the same data, parameters, formula, code and seed: the number cannot have changed"
    moving = [change for change in found if change.moves]
    lines = [["kind", "what", "before", "after"]]
    lines += [[c.kind, c.what, _short(c.before), _short(c.after)] for c in moving]
    words = len(found) - len(moving)
    tail = f"\n  and {words} changes of words and sources, which move no number" if words else ""
    listed = _indented(say.table(lines)) if moving else "  nothing that moves a number"
    return f"Why {name} changed\n{listed}{tail}"


def _short(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("title") or value.get("label") or "added")
    text = "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _indented(block: str) -> str:
    return "\n".join(f"{INDENT}{line}" for line in block.splitlines())


def apart(row: dict[str, Any]) -> str:
    """A difference of two results that share no luck."""
    if row["change"] is None:
        return "The two have no week in common: no number of one can be held against one of the other."
    digits = digits_for((row["ci_high"] - row["ci_low"]) / 2) if row["ci_high"] is not None else 1
    bounds = "[?]" if row["ci_low"] is None else interval(row["ci_low"], row["ci_high"], digits)
    size = f"{fixed(row['base_value'])} → {fixed(row['value'])}, {signed(row['change'], digits)} {bounds}"
    time = "" if row["whole"] else f" (of the {row['weeks']} weeks that both hold)"
    ruler = "" if row["same_construction"] else "\nThe index is built otherwise: an unknown part of it is the ruler."
    return f"Change of {row['measure']}{time}, not paired: {size}{ruler}"
