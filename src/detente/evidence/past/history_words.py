"""A history's record in plain words and tables: what was told, what fits, what does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detente.evidence.past.history_scores import gains
from detente.prose.templates import filled, flowing, said
from detente.prose.wording import fixed

Record = Mapping[str, Any]

#: a level within this factor of the recorded one is called reached
REACHED = 2.0
WINDOWS = ("fitted", "later")
NAMES = {
    "record": "record told",
    "early_record": "record told to the end of the fitting window",
    "blind": "nothing told",
    "no_missions": "record without missions",
    "no_excitation": "record, no self-excitation",
    "laws_off": "laws off",
}


def readme(record: Record) -> str:
    """The whole as Markdown."""
    page = filled(
        "history.md.j2",
        record=record,
        command=command(record),
        findings=findings(record),
        told=[(NAMES[name], one["what"], str(one["acts"])) for name, one in record["variants"].items()],
        together=list(_together(record)),
        pairs=[_row(record, key, window) for key in record["pairs"] for window in WINDOWS],
        index=list(_index(record)),
    )
    return flowing(page)


def command(record: Record) -> str:
    """The command that makes a record again."""
    members = "" if record["members"] == 400 else f" --members {record['members']}"
    seed = "" if record["seed"] == 1 else f" --seed {record['seed']}"
    return (
        f"detente verify {record['scenario']} --history reports/history --observations {record['file']} "
        f"--until {record['fitted_until']}{members}{seed} --force"
    )


def findings(record: Record) -> list[str]:
    """What can be said, sentence by sentence."""
    rows = {window: [p for p in record["pairs"].values() if _told(p[window])] for window in WINDOWS}
    each = [pair[window] for window in WINDOWS for pair in rows[window]]
    own = [(row["memory"], row["variants"]["record"]["memory"]) for row in each]
    memory = {"short": sum(m > run["high"] for m, run in own), "long": sum(m < run["low"] for m, run in own)}
    spells = []
    for window, when in zip(WINDOWS, ("in the fitting window", "after it"), strict=True):
        names = ("record", "blind") if window == "fitted" else ("record", "early_record", "blind")
        shown = {name: record["index"][name]["contrast"][window] for name in names}
        spells += [(when, shown)] if shown["record"] else []
    return said(
        "history.j2",
        "findings",
        record,
        [_levels(rows[window], window) for window in WINDOWS],
        [gains(record["together"][window]) for window in WINDOWS],
        {**memory, "rows": len(own)},
        spells,
        names=NAMES,
        reached=f"{REACHED:g}",
    )


def _told(pair: Record) -> bool:
    return bool(pair["reports"] and "variants" in pair)


def _levels(pairs: list[Any], window: str) -> dict[str, Any]:
    """In how many pairs the level is reached, and by how much those miss it that do; the lowest first."""
    ratios = [(pair["label"], pair[window]["variants"]["record"]["level_ratio"]) for pair in pairs]
    ratios.sort(key=lambda one: float(one[1]))
    low, high = [one for one in ratios if one[1] < 1 / REACHED], [one for one in ratios if one[1] > REACHED]
    return {"pairs": len(ratios), "near": len(ratios) - len(low) - len(high), "low": low, "high": high}


def _together(record: Record) -> Iterator[tuple[str, ...]]:
    for window in WINDOWS:
        for name, x in record["together"][window].items():
            numbers = (_share(x["band"]), f"{x['crps']:.3f}", times(x["level_ratio"]), _plain(x["pairs_ranked"]))
            yield (window, NAMES[name], *numbers)


def times(ratio: float | None) -> str:
    """A ratio of levels; nothing where none was recorded."""
    return "none recorded" if ratio is None else f"×{ratio:.2f}"


def _row(record: Record, key: str, window: str) -> tuple[str, ...]:
    found, label = record["pairs"][key][window], record["pairs"][key]["label"].replace("*", "\\*")
    first = (label, window, str(found["weeks"]), str(found["reports"]))
    if "variants" not in found:
        return (*first, *("" for _ in range(9)))
    told = found["variants"]["record"]
    memory = told["memory"]
    return (
        *first,
        *(times(found["variants"][name]["level_ratio"]) for name in ("record", "blind", "laws_off")),
        *(_share(told[name]) for name in ("band", "band_four_weeks", "above")),
        f"{found['memory']:.2f}",
        f"{memory['median']:.2f} [{memory['low']:.2f}, {memory['high']:.2f}]",
        _plain(record["pairs"][key]["years"]["record"]["fitted" if window == "fitted" else "all"]),
    )


def _index(record: Record) -> Iterator[tuple[str, ...]]:
    for name, found in record["index"].items():
        for window in WINDOWS:
            if shown := found["contrast"][window]:
                levels = (fixed(shown["inside"]), fixed(shown["outside"]), f"{100 * shown['above']:.0f} of 100")
                yield (NAMES[name], window, *levels, _plain(found["years_with_backcast"]))


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _plain(value: float | None) -> str:
    return "" if value is None else fixed(value, 2)
