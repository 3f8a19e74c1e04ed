"""The tables of an experiment's section: what was chosen against what it changes, who matters, which box came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detente.analysis.happening import Explored
from detente.prose.table import Table
from detente.prose.wording import fixed, in_100, signed, told_change, whole
from detente.report import experiment_words as words
from detente.report.content import NONE

Found = Mapping[str, Any]
#: rows of a table of parameters, and of options; the rest is in the JSON
MOST, MOST_OPTIONS = 14, 12


def options(name: str, found: Found, what: str) -> Table:
    """Every option against the first; where there are many, those with the least regret, the least first."""
    rows = list(enumerate(found["options"]))
    ranked = sorted(rows, key=lambda row: row[1]["mean_regret"]) if len(rows) > MOST_OPTIONS else rows
    head = ("Option", f"Mean {what}", "Change [95% interval]", "Behaviour alone", "Lowest in", "Regret, 9 in 10 below")
    lines = [_option(n, option, found) for n, option in ranked[:MOST_OPTIONS]]
    caption = "Points, against the first option, paired run by run. Regret: distance to the best of the same world."
    left = len(rows) - MOST_OPTIONS
    more = f" The {MOST_OPTIONS} options with the least regret; {left} more in the JSON." if left > 0 else ""
    return Table(head, lines, caption + more, f"{name}-options")


def _option(n: int, option: Found, found: Found) -> tuple[str, ...]:
    twins = found.get("behaviour")
    return (
        option["label"],
        fixed(option["mean"], 1),
        _change(option["change"]),
        _change(twins[n]["change"]) if twins else NONE,
        f"{whole(option['best'] * found['worlds'])} of {whole(found['worlds'])}",
        fixed(option["bad_regret"], 1),
    )


def measures(name: str, others: Mapping[str, Found]) -> Table:
    """What every option changes on the further measures."""
    first = next(iter(others.values()))
    lines = [
        (option["label"], *(_change(other["options"][n]["change"]) for other in others.values()))
        for n, option in enumerate(first["options"])
        if n
    ]
    return Table(("Option", *others), lines, "Change against the first [95% interval].", f"{name}-measures")


def _change(change: Found | None) -> str:
    return NONE if change is None else told_change(change)


def effects(name: str, found: Found, others: Mapping[str, Found]) -> Table:
    """Each lever, averaged over the others, on every measure."""
    head = ["Lever", "Change [95% interval]", "Draws in which it rises", "Behaviour alone"]
    head += [f"{measure} [95% interval]" for measure in others]
    twins = found.get("behaviour_effects") or [None] * len(found["effects"])
    lines = []
    for n, (effect, twin) in enumerate(zip(found["effects"], twins, strict=True)):
        change = effect["change"]
        rises = in_100(change["share_up"], change["draws"])
        row = [f"{effect['lever']}: {effect['value']}", _change(change), rises, _change(twin and twin["change"])]
        lines.append((*row, *(_change(other["effects"][n]["change"]) for other in others.values())))
    caption = "Against the lever's first value, averaged over the other levers."
    return Table(head, lines, caption, f"{name}-levers")


def theories(name: str, found: Found, measure: str) -> Table:
    """The change of every scenario under every theory."""
    rivals = found["rivals"]
    head = ("Theory", *(rival["option"] for rival in rivals))
    average = ("average by weight", *(_change(rival["average"]) for rival in rivals))
    lines = [
        (row["label"], *(_change(rival["rows"][n]["difference"]) for rival in rivals))
        for n, row in enumerate(rivals[0]["rows"])
    ]
    base = found["options"][0]["label"]
    caption = f"Change in {measure}, points [95% interval], against {base} under the same theory."
    return Table(head, (average, *lines), caption, f"{name}-theories-{found['metric']}")


def screening(name: str, found: Found, measure: str) -> Table:
    """The parameters with the largest mean change."""
    rows = [row for row in found["rows"] if not row["inert"]]
    lines = [(row["label"], *words.moved(row)) for row in rows[:MOST]]
    head = ("Parameter", "Mean size [95% interval]", "Mean", "Size of chance alone")
    more = f"; {whole(len(rows) - len(lines))} more rows in the JSON" if len(rows) > len(lines) else ""
    caption = f"Change in {measure} through a parameter's whole range (Morris){more}."
    return Table(head, lines, caption, f"{name}-morris-{found['metric']}")


def shares(name: str, found: Found, measure: str) -> Table:
    """Sobol shares, the largest first."""
    lines = [(row["label"], *(words.share_cells(row) if not found["undefined"] else ("not told",) * 2))
             for row in found["rows"][:MOST]]  # fmt: skip
    head = ("Parameter", "Alone [95% interval]", "With interactions [95% interval]")
    caption = f"Shares of the variance of the mean of {measure} (Sobol)."
    return Table(head, lines, caption, f"{name}-sobol-{found['metric']}")


def searched(name: str, all_: Sequence[Explored]) -> Table:
    """Every condition that was looked for, whether a box came back or not."""
    lines = []
    for explored in all_:
        found = explored.found
        back = f"{fixed(100 * found.reproduced, 0)} %"
        if found.limits:
            numbers = [f"{fixed(100 * v, 0)} %" for v in (found.coverage, found.density, found.density_unseen)]
        else:
            numbers = [NONE] * 3
        lines.append(
            (
                found.when,
                in_100(found.share, found.cases, found.counted),
                back,
                "yes" if found.limits else "no",
                *numbers,
            )
        )
    head = ("Looked for", "Happens in", "Comes back", "Reported", "Coverage", "Density", "Density, unseen cases")
    caption = "A box is reported where it comes back in at least 80 % of the resamples (halves of the cases)."
    return Table(head, lines, caption, f"{name}-boxes")


def limits_of(name: str, explored: Explored, number: int) -> Table:
    """The restrictions of one reported box."""
    space, lines = explored.space, []
    for limit in explored.found.limits:
        column = space.paths.index(limit.path)
        ends = (NONE if v is None else space.shown(column, v) for v in (limit.low, limit.high))
        lines.append((limit.label, *ends, f"{fixed(100 * limit.reproduced, 0)} %"))
    caption = f"The box for {explored.found.when}."
    return Table(("Condition", "From", "To", "Comes back"), lines, caption, f"{name}-box-{number}")


def flips(name: str, found: Found) -> Table | None:
    """The smallest change that turns each ranking; None where no simple change does."""
    lines = [row for flip in found.get("flips", []) if flip["distance"] is not None for row in _moves(flip)]
    if not lines:
        return None
    head = ("Becomes the lower one", "Distance, SD", "Parameter", "From → to", "SD", "Inside its 90 % range")
    caption = f"The smallest change of the parameters that turns the ranking of {found['flips'][0]['lower']}."
    return Table(head, lines, caption, f"{name}-flips")


def _moves(flip: Found) -> list[tuple[str, ...]]:
    return [
        (
            flip["higher"],
            fixed(flip["distance"]),
            move["label"],
            f"{move['middle']:.3g} → {move['value']:.3g}",
            signed(move["steps"]),
            "yes" if move["inside"] else "no",
        )
        for move in flip["moves"]
    ]
