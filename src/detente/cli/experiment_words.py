"""Experiments' findings as tables and sentences for a terminal."""

from __future__ import annotations

import json
from typing import Any

from detente.analysis.findings import measured, rulers
from detente.analysis.wording import counted, digits_for, fixed, in_100, signed, told_change, whole
from detente.cli import say


def described(data: Any, found: dict[str, Any]) -> str:
    """A heading, and whatever the findings hold."""
    ruler = rulers(data)
    parts = [_heading(data), *([f"  {ruler}"] if ruler else [])]
    if "options" in found:
        parts.append(_options(data, found))
    if "effects" in found:
        parts.append(_effects(found))
    if "rivals" in found:
        parts.append("\n".join(f"  {rival['sentence']}" for rival in found["rivals"]))
    if "flips" in found:
        parts.append("\n".join(f"  {flip['sentence']}" for flip in found["flips"]))
    return "\n\n".join(parts)


def _heading(data: Any) -> str:
    settings = len(json.loads(data.attrs["settings"]))
    samples = len(set(data["sample"].values.tolist()))
    sizes = [f"{whole(settings)} settings" if settings > 1 else "", f"{whole(samples)} samples" if samples > 1 else ""]
    words = [data.attrs.get("title") or data.attrs["experiment"], " × ".join(size for size in sizes if size)]
    words += [f"{counted(int(data.attrs['members']), 'member')}", f"seed {data.attrs['seed']}"]
    return " · ".join(word for word in words if word)


def _options(data: Any, found: dict[str, Any]) -> str:
    """Every option: mean, change against the first, in how many draws it rises, change in behaviour alone, regret."""
    what, weeks = measured(data, found["metric"])
    digits = 2 if what.startswith("chance") else 1
    twins = found.get("behaviour", [None] * len(found["options"]))
    rows = [[what, "mean", "change [95% CI]", "rises in", "in behaviour alone", "regret, 9 in 10 below"]]
    for option, twin in zip(found["options"], twins, strict=True):
        change, alone = option["change"], twin and twin["change"]
        same = change is None or change["verdict"] == "identical"
        rises = "" if same else in_100(change["share_up"], change["draws"], "draws")
        told = [told_change(part) if part else "" for part in (change, alone)]
        numbers = [fixed(option["mean"], digits), told[0], rises, told[1], fixed(option["bad_regret"], digits)]
        rows.append([option["label"], *numbers])
    if "behaviour" not in found:
        rows = [[*row[:4], row[5]] for row in rows]
    lines = say.table(rows, right=(1, len(rows[0]) - 1)).splitlines()
    return "\n".join(["  " + line for line in lines] + [f"  {what}: {weeks}; regret: distance to the best option"])


def _effects(found: dict[str, Any]) -> str:
    """What each lever does on average over the others."""
    rows = [["each lever, averaged over the others", "change [95% CI]", "rises in"]]
    for effect in found["effects"]:
        change = effect["change"]
        rises = in_100(change["share_up"], change["draws"], "draws")
        rows.append([f"{effect['lever']}: {effect['value']}", told_change(change), rises])
    return "\n".join("  " + line for line in say.table(rows).splitlines())


def sensitivity(found: dict[str, Any], shown: int) -> str:
    """The table of one stage, with what does nothing named."""
    table = {"sobol": _sobol, "morris": _morris, "one_at_a_time": _ranges}[found["design"]]
    moved = [row for row in found["rows"] if not row["inert"]]
    lines = ["  " + line for line in table(found, moved[:shown]).splitlines()]
    if len(moved) > shown and not found.get("undefined"):
        lines.append(f"  … and {len(moved) - shown} more (--all)")
    if found["inert"]:
        lines.append(f"  Do nothing here: {', '.join(found['inert'])}")
    return "\n".join(lines)


def _sobol(found: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    head = ["share of the variance of the mean", "alone", "[95% CI]", "with others", "[95% CI]"]
    table = [head]
    if found["undefined"]:
        return f"{found['undefined'][0].upper()}{found['undefined'][1:]}."
    for row in rows:
        alone = f"[{fixed(row['first_low'], 2)}, {fixed(row['first_high'], 2)}]"
        total = f"[{fixed(row['total_low'], 2)}, {fixed(row['total_high'], 2)}]"
        table.append([row["label"], fixed(row["first"], 2), alone, fixed(row["total"], 2), total])
    notes = [
        f"Chance makes up {fixed(100 * found['chance'], 0)} % of the variance of a single run; the noise it leaves in "
        f"the means ({fixed(100 * found['noise'], 1)} % of their variance) is taken off."
    ]
    if found["wide"]:
        notes.append(f"Known less well than ±0.05: {', '.join(found['wide'])}; more points would tell.")
    return "\n".join([say.table(table, right=(1, 3)), *notes])


def _morris(found: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    table = [["change through the whole range", "mean size", "[95% CI]", "mean", "spread", "noise"]]
    for row in rows:
        digits = digits_for((row["high"] - row["low"]) / 2)
        limits = f"[{fixed(row['low'], digits)}, {fixed(row['high'], digits)}]"
        numbers = [fixed(row["mu_star"], digits), limits, signed(row["mu"], digits)]
        table.append([row["label"], *numbers, fixed(row["sigma"], digits), fixed(row["noise"], digits)])
    drowned = len(found["drowned"])
    note = [f"{drowned} parameters move it less than chance lets one see."] if drowned else []
    return "\n".join([say.table(table, right=(1, 3, 4, 5)), *note])


def _ranges(found: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    table = [["one at a time", "low", "change", "high", "change"]]
    for row in rows:
        digits = digits_for(max(row["low_half"], row["high_half"]))
        low, high = (
            f"{signed(row[f'{end}_change'], digits)} ±{fixed(row[f'{end}_half'], digits)}" for end in ("low", "high")
        )
        table.append([row["label"], f"{row['low_value']:.3g}", low, f"{row['high_value']:.3g}", high])
    return say.table(table, right=(1, 2, 3, 4))
