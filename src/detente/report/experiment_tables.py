"""The tables of an experiment, on a page and in a terminal: what was chosen against what it changes, who matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from detente.analysis.chances import STANDING
from detente.analysis.happening import Explored
from detente.prose.table import Table
from detente.prose.wording import (
    HUNDRED,
    SHARE,
    digits_for,
    fixed,
    in_100,
    printed,
    sentence,
    signed,
    spanned,
    told_change,
    unit_printed,
    whole,
)
from detente.prose.wording import times as times_as_likely

Found = Mapping[str, Any]
NONE = "–"
#: rows of a table of parameters, and of options; the rest is in the JSON
MOST, MOST_OPTIONS = 14, 12


def options(found: Found, what: str, most: int = MOST_OPTIONS) -> Table:
    """Every option against the first; where there are many, those with the least regret, the least first."""
    rows = list(zip(found["options"], found.get("behaviour") or [None] * len(found["options"]), strict=True))
    ranked = sorted(rows, key=lambda row: float(row[0]["mean_regret"])) if len(rows) > most else rows
    times = printed(found["unit"])
    head = (
        "Option",
        f"Mean {measured_in(what, found['unit'])}",
        "Change [95% interval]",
        "Rises in",
        "Behaviour alone",
        "Lowest in",
    )
    lines = [
        (
            option["label"],
            fixed(times * option["mean"]),
            *_changes(option["change"]),
            _changes(twin and twin["change"])[0],
            f"{whole(option['best'] * found['worlds'])} of {whole(found['worlds'])}",
            fixed(times * option["bad_regret"]),
        )
        for option, twin in ranked[:most]
    ]
    unit = sentence(unit_printed(found["unit"]))
    caption = f"{unit}, against the first option, paired run by run. Regret: distance to the best of the same world."
    left = len(rows) - most
    more = f" The {most} options with the least regret; {left} more in the JSON." if left > 0 else ""
    return Table((*head, "Regret, 9 in 10 below"), lines, caption + more, "options", (1, 6))


def measured_in(what: str, unit: str) -> str:
    """The head of a column of numbers: what is measured, and in what where that is not the index's points."""
    return f"{what}, in 100" if unit == SHARE else what


def chances(found: Found, metric: str, what: str, most: int = MOST_OPTIONS) -> Table:
    """What one metric, a chance of crisis or of war, is under every option, in hundredths."""
    rows = [row for row in found["chances"] if row["metric"] == metric]
    lines = [
        (
            row["option"],
            spanned(*(HUNDRED * row[key] for key in ("chance", "low", "high"))),
            _changes(row["change"])[0],
            times_as_likely(row["ratio"], row["ratio_low"], row["ratio_high"]) if row["change"] else NONE,
        )
        for row in rows[:most]
    ]
    head = ("Option", f"{sentence(what)}, in 100", "Change [95% interval]", "Times as likely")
    left = len(rows) - most
    more = f" The first {most} options; {left} more in the JSON." if left > 0 else ""
    return Table(head, lines, f"{sentence(STANDING)}. Paired run by run.{more}", f"chances-{metric}", (1,))


def _changes(change: Found | None) -> tuple[str, str]:
    """A change with its interval, and in how many parameter draws it rises."""
    if change is None:
        return NONE, NONE
    rises = NONE if change["verdict"] == "identical" else in_100(change["share_up"], change["draws"], "draws")
    return told_change(change), rises


def measures(others: Mapping[str, Found]) -> Table:
    """What every option changes on the further measures."""
    first, *_ = others.values()
    lines = [
        (option["label"], *(_changes(other["options"][n]["change"])[0] for other in others.values()))
        for n, option in enumerate(first["options"])
        if n
    ]
    return Table(("Option", *others), lines, "Change against the first [95% interval].", "measures")


def effects(found: Found, others: Mapping[str, Found]) -> Table:
    """Each lever, averaged over the others, on every measure."""
    head = ["Lever", "Change [95% interval]", "Rises in", "Behaviour alone"]
    head += [f"{measure} [95% interval]" for measure in others]
    twins = found.get("behaviour_effects") or [None] * len(found["effects"])
    lines = [
        (
            f"{effect['lever']}: {effect['value']}",
            *_changes(effect["change"]),
            _changes(twin and twin["change"])[0],
            *(_changes(other["effects"][n]["change"])[0] for other in others.values()),
        )
        for n, (effect, twin) in enumerate(zip(found["effects"], twins, strict=True))
    ]
    return Table(head, lines, "Against the lever's first value, averaged over the other levers.", "levers")


def theories(found: Found, measure: str) -> Table:
    """The change of every scenario under every theory."""
    rivals = found["rivals"]
    average = ("average by weight", *(_changes(rival["average"])[0] for rival in rivals))
    lines = [
        (row["label"], *(_changes(rival["rows"][n]["difference"])[0] for rival in rivals))
        for n, row in enumerate(rivals[0]["rows"])
    ]
    base = found["options"][0]["label"]
    unit = unit_printed(found["unit"])
    caption = f"Change in {measure}, {unit} [95% interval], against {base} under the same theory."
    head = ("Theory", *(rival["option"] for rival in rivals))
    return Table(head, (average, *lines), caption, f"theories-{found['metric']}")


def sensitivity(found: Found, measure: str, most: int = MOST) -> Table:
    """The parameters that matter most, by the design; those that do nothing are left out."""
    rows = [row for row in found["rows"] if not row["inert"]]
    head, caption, line = {"morris": _MORRIS, "sobol": _SOBOL, "one_at_a_time": _RANGES}[found["design"]]
    times = printed(found["unit"])
    told = [] if found.get("undefined") else [(row["label"], *line(row, times)) for row in rows[:most]]
    more = f"; {whole(len(rows) - most)} more rows in the JSON" if len(rows) > most else ""
    name = f"{found['design']}-{found['metric']}"
    return Table(head, told, f"{caption.format(measured_in(measure, found['unit']))}{more}.", name, range(1, len(head)))


def _moved(row: Found, times: float) -> list[str]:
    size, low, high, mu, sigma, noise = (times * row[key] for key in ("mu_star", "low", "high", "mu", "sigma", "noise"))
    digits = digits_for((high - low) / 2)
    return [spanned(size, low, high), signed(mu, digits), fixed(sigma, digits), fixed(noise, digits)]


def _shares(row: Found, _: float) -> list[str]:
    return [spanned(row[order], row[f"{order}_low"], row[f"{order}_high"], 2) for order in ("first", "total")]


def _ends(row: Found, times: float) -> Iterator[str]:
    digits = digits_for(times * max(row["low_half"], row["high_half"]))
    for end in ("low", "high"):
        yield f"{row[f'{end}_value']:.3g}"
        yield f"{signed(times * row[f'{end}_change'], digits)} ±{fixed(times * row[f'{end}_half'], digits)}"


_MORRIS = (
    ("Parameter", "Mean size [95% interval]", "Mean", "Spread", "Size of chance alone"),
    "Change in {} through a parameter's whole range (Morris)",
    _moved,
)
_SOBOL = (
    ("Parameter", "Alone [95% interval]", "With interactions [95% interval]"),
    "Shares of the variance of the mean of {} (Sobol)",
    _shares,
)
_RANGES = (("Parameter", "Low", "Change", "High", "Change"), "Change in {}, one parameter at a time", _ends)


def searched(all_: Sequence[Explored]) -> Table:
    """Every condition that was looked for, whether a box came back or not."""
    lines = [
        (
            one.when,
            in_100(one.share, one.cases, one.counted),
            _percent(one.reproduced),
            "yes" if one.limits else "no",
            *(_percent(v) if one.limits else NONE for v in (one.coverage, one.density, one.density_unseen)),
        )
        for one in (explored.found for explored in all_)
    ]
    head = ("Looked for", "Happens in", "Comes back", "Reported", "Coverage", "Density", "Density, unseen cases")
    caption = "A box is reported where it comes back in at least 80 % of the resamples (halves of the cases)."
    return Table(head, lines, caption, "boxes")


def limits_of(explored: Explored, number: int = 1) -> Table:
    """The restrictions of one reported box."""
    space, lines = explored.space, []
    for limit in explored.found.limits:
        column = space.paths.index(limit.path)
        ends = (NONE if v is None else space.shown(column, v) for v in (limit.low, limit.high))
        lines.append((limit.label, *ends, _percent(limit.reproduced)))
    caption = f"The box for {explored.found.when}."
    return Table(("Condition", "From", "To", "Comes back"), lines, caption, f"box-{number}", (1, 2, 3))


def _percent(share: float) -> str:
    return f"{fixed(100 * share, 0)} %"


def flips(found: Found) -> Table | None:
    """The smallest change that turns each ranking; None where no simple change does."""
    lines = [
        (
            flip["higher"],
            fixed(flip["distance"]),
            move["label"],
            f"{move['middle']:.3g} → {move['value']:.3g}",
            signed(move["steps"]),
            "yes" if move["inside"] else "no",
        )
        for flip in found.get("flips", [])
        if flip["distance"] is not None
        for move in flip["moves"]
    ]
    if not lines:
        return None
    head = ("Becomes the lower one", "Distance, SD", "Parameter", "From → to", "SD", "Inside its 90 % range")
    caption = f"The smallest change of the parameters that turns the ranking of {found['flips'][0]['lower']}."
    return Table(head, lines, caption, "flips")
