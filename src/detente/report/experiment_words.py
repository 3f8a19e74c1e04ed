"""What an experiment says, in plain sentences made from its findings: no word beyond what the intervals hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detente.analysis.sensitivity import NEGLIGIBLE
from detente.figures.words import listed
from detente.prose.wording import digits_for, fixed, in_100, interval, signed, told_change, whole

Found = Mapping[str, Any]

WAYS = {"higher": "raises", "lower": "lowers"}
#: parameters that do nothing are named up to this many
NAMED = 12
#: what behaviour is, said once in every section that holds it against tension
BEHAVIOUR = "hostility and incidents alone"


def choices(found: Found, what: str) -> list[str]:
    """What the options change, the lowest of them, what would turn the ranking."""
    told = steps(found, what) if "steps" in found else singly(found, what)
    return [*told, *regret(found, what), *(flip["sentence"] for flip in found.get("flips", []))]


def steps(found: Found, what: str) -> list[str]:
    """A ladder, step by step; the last step against the first."""
    rows = "; ".join(f"{step['before']} to {step['after']}: {told_change(step['change'])}" for step in found["steps"])
    bend, first, last = found["bend"], found["steps"][0], found["steps"][-1]
    sizes = f"{last['before']} to {last['after']} against {first['before']} to {first['after']}"
    if bend["verdict"] in WAYS:
        more = "more" if bend["change"] > 0 else "less"
        told = f"The last step does not do the same as the first: it adds {_size(bend)} {more} ({sizes})."
    else:
        told = f"Whether the last step differs from the first cannot be told: {told_change(bend)} ({sizes})."
    twins = [option["change"] for option in found.get("behaviour", [])[1:]]
    own = [(f"“{option['label']}”", option["change"]) for option in found["options"][1:]]
    whole_way = _told(own[-1:], f"Against “{found['options'][0]['label']}”, ", what)
    return [*whole_way, f"Step by step: {rows}.", told, *alike([change for _, change in own], twins)]


def _size(change: Found) -> str:
    """The size of a told change with its interval, without sign: the verb has it."""
    digits = digits_for((change["ci_high"] - change["ci_low"]) / 2)
    low, high = sorted((abs(change["ci_low"]), abs(change["ci_high"])))
    return f"{fixed(abs(change['change']), digits)} [{fixed(low, digits)}, {fixed(high, digits)}]"


def singly(found: Found, what: str) -> list[str]:
    """Each lever averaged over the others, or each option against the first."""
    if "effects" in found:
        rows = [(f"“{e['lever']}: {e['value']}”", e["change"]) for e in found["effects"]]
        twins = [effect["change"] for effect in found.get("behaviour_effects", [])]
        start = "Averaged over the other levers, "
    else:
        rows = [(f"“{o['label']}”", o["change"]) for o in found["options"][1:]]
        twins = [option["change"] for option in found.get("behaviour", [])[1:]]
        start = f"Against “{found['options'][0]['label']}”, "
    return [*_told(rows, start, what), *alike([change for _, change in rows], twins)]


def _told(rows: Sequence[tuple[str, Found]], start: str, what: str) -> list[str]:
    ranked = sorted(rows, key=lambda row: -abs(row[1]["change"]))
    clear = [f"{name} {WAYS[c['verdict']]} {what} by {_size(c)}" for name, c in ranked if c["verdict"] in WAYS]
    open_ = [name for name, c in ranked if c["verdict"] == "cannot tell"]
    same = [name for name, c in ranked if c["verdict"] == "identical"]
    lines = [f"{start}{'; '.join(clear)}."] if clear else [f"{start}no difference in {what} can be told."]
    if clear and open_:
        lines.append(f"Cannot be told: {listed(open_)}.")
    return lines + ([f"The same in every run: {listed(same)}."] if same else [])


def alike(changes: Sequence[Found], twins: Sequence[Found]) -> list[str]:
    """Whether what is said of tension holds for behaviour too."""
    pairs = [(c["verdict"], t["verdict"]) for c, t in zip(changes, twins, strict=False) if c["verdict"] in WAYS]
    if not pairs:
        return []
    same = sum(a == b for a, b in pairs)
    against = sum(b in WAYS and a != b for a, b in pairs)
    count = f"all {len(pairs)}" if same == len(pairs) > 1 else f"{same} of {len(pairs)}"
    told = f"In {BEHAVIOUR}, {count} of these changes go the same way"
    return [told + (f", {against} the other way." if against else ".")]


def regret(found: Found, what: str) -> list[str]:
    """The option with the least regret."""
    if len(found["options"]) < 3:
        return []
    best = min(found["options"], key=lambda option: option["mean_regret"])
    lines = [
        f"“{best['label']}” has the lowest {what} in {in_100(best['best'], found['worlds'], 'worlds')}; "
        f"on average it is {_distance(best)} the best option of the same world."
    ]
    behaviour = found.get("behaviour")
    if behaviour:
        other = min(behaviour, key=lambda option: option["mean_regret"])
        same = "It is" if other["label"] == best["label"] else f"“{other['label']}” is"
        lines.append(f"{same} also the one with the least regret in {BEHAVIOUR}." if same == "It is" else
                     f"In {BEHAVIOUR} {same} the one with the least regret.")  # fmt: skip
    return lines


def _distance(best: Found) -> str:
    if best["regret_high"] < 0.05:
        return "less than 0.05 from"
    span = interval(best["regret_low"], best["regret_high"]).replace("+", "")
    return f"{fixed(best['mean_regret'])} {span} from"


def theories(found: Found, twin: Found | None, what: str) -> list[str]:
    """Which conclusions hold under every theory, for tension and for behaviour."""
    lines = [_rivals(found, what)]
    return lines + ([_rivals(twin, BEHAVIOUR)] if twin is not None and "rivals" in twin else [])


def _rivals(found: Found, what: str) -> str:
    return f"{what[:1].upper()}{what[1:]}: " + " ".join(rival["sentence"] for rival in found["rivals"])


def screening(found: Found, what: str) -> list[str]:
    """How many parameters move it, how many are lost in chance, how many do nothing."""
    number, inert, drowned = len(found["rows"]), len(found["inert"]), len(found["drowned"])
    top = [row for row in found["rows"] if not row["inert"] and row["low"] > row["noise"]][:3]
    lines = [
        f"Screening: of {whole(number)} uncertain parameters {whole(number - inert - drowned)} move {what} more than "
        f"chance does, "
        f"{whole(drowned)} move it less than chance lets one see, {whole(inert)} move it not at all, bit for bit."
    ]
    if 0 < inert <= NAMED:
        names = {row["path"]: row["label"] for row in found["rows"]}
        lines.append(f"Not at all: {listed(names[path] for path in found['inert'])}.")
    if top:
        sizes = [f"{row['label']} {_mu_star(row)}" for row in top]
        lines.append(f"The largest mean changes through a whole range: {'; '.join(sizes)} points.")
    return lines


def _mu_star(row: Found) -> str:
    digits = digits_for((row["high"] - row["low"]) / 2)
    return f"{fixed(row['mu_star'], digits)} {interval(row['low'], row['high'], digits).replace('+', '')}"


def shares(found: Found, what: str) -> list[str]:
    """Who holds the variance, who is negligible, how much is chance, what is known too little."""
    if found["undefined"]:
        return [f"Shares of the variance of {what} cannot be told: {found['undefined']}."]
    rows = [row for row in found["rows"] if not row["inert"]]
    clear = [row for row in rows if row["total_low"] > NEGLIGIBLE]
    small = [row["label"] for row in rows if row["total_high"] < NEGLIGIBLE]
    lines = []
    if clear:
        named = [f"{row['label']} {_share(row, 'total')}" for row in clear[:4]]
        lines.append(f"Shares of the variance of mean {what}, with all interactions: {'; '.join(named)}.")
        lines.append(_lead(clear))
    else:
        lines.append(f"No parameter's share of the variance of {what} can be told from nothing.")
    if small:
        lines.append(f"Negligible (below {fixed(NEGLIGIBLE, 2)}): {listed(small)}.")
    lines.append(
        f"Chance makes up {fixed(100 * found['chance'], 0)} % of the variance of a single run; the noise it leaves in "
        f"the means is {fixed(100 * found['noise'], 1)} % of theirs and is taken off."
    )
    if found["wide"]:
        lines.append(f"Known less well than ±0.05: {whole(len(found['wide']))} of {whole(len(rows))} total shares.")
    return lines


def _lead(rows: Sequence[Found]) -> str:
    close = [row["label"] for row in rows if row["total_high"] >= rows[0]["total_low"]]
    if len(close) == 1:
        return f"The interval of {close[0]} lies above those of all others."
    return f"Which of {listed(close)} matters most cannot be told: their intervals overlap."


def _share(row: Found, order: str) -> str:
    low, high = fixed(row[f"{order}_low"], 2), fixed(row[f"{order}_high"], 2)
    return f"{fixed(row[order], 2)} [{low}, {high}]"


def share_cells(row: Found) -> tuple[str, str]:
    """First and total order of one parameter."""
    return _share(row, "first"), _share(row, "total")


def moved(row: Found) -> tuple[str, str, str]:
    """Mean size, mean and noise of an elementary effect."""
    digits = digits_for((row["high"] - row["low"]) / 2)
    return _mu_star(row), signed(row["mu"], digits), fixed(row["noise"], digits)


def limits(found: Found, kinds: Sequence[str]) -> list[str]:
    """What must not be read out of it."""
    lines = [
        "Nothing about the world is measured here: intervals and shares describe the model under its stated ranges.",
    ]
    if "options" in kinds or "theories" in kinds:
        lines.append(
            "The tension index is in part defined by what a scenario sets: an act that cuts a mission raises it by "
            "definition, whatever anybody then does. Behaviour is hostility and incidents only, on a scale of its own: "
            "hold the two against each other by sign and interval, not by size. An act with a size (a statement, a "
            "visit, a verdict) enters hostility by that size; only what follows from it is found."
        )
    if "options" in kinds:
        lines.append("What an option would take, cost or set off outside the model is not in it.")
    if "theories" in kinds:
        lines.append(
            "That theories agree means that these switches do not turn a sign; it does not show that any is right."
        )
    if "sensitivity" in kinds:
        lines.append(
            "A share belongs to the stated range: a wider range is a larger share. What the screening left out was "
            "drawn as usual in every run and is part of chance here."
        )
    if "discovery" in kinds:
        lines.append(
            "Shares are of this design, in which every choice occurs equally often: they are no probabilities."
        )
    return lines
