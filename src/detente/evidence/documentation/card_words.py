"""The evidence card in plain sentences, and whether it is stale. Loads no model: reports read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from detente.analysis.wording import signed
from detente.evidence import code
from detente.evidence.forecasts.skill import verdict

Record = Mapping[str, Any]

#: coverage of a 90 % interval within which a forecast counts as calibrated
CALIBRATED = (0.85, 0.95)
#: what is gained untold, as a share of what is gained told, below which it is said that nothing breaks out
OUTBREAK = 0.25


MISSIONS = (
    "Effects of missions come from United Nations operations, mostly in Africa; the prior is wide for that reason."
)


def place(theatre: str) -> str:
    """What a theatre is about, whatever its years: "Nowhere 1989-2003" is Nowhere."""
    return re.sub(r"[\s,(]+\d{4}\b.*$", "", theatre).strip()


def alike(one: str, other: str) -> bool:
    """Whether what was tested on one theatre says something of the other."""
    return place(one) == place(other)


def told(content: Record) -> list[str]:
    """The card, sentence by sentence."""
    return [
        _verified(content["verification"], content),
        *_forecast(content["hindcast"]),
        *retold(content["backcast"]),
        *lived(content["history"]),
        *learnt(content["calibration"]),
        *([MISSIONS] if content.get("missions", True) else []),
        *_made(content),
        *_notes(content),
    ]


def _verified(v: Record, content: Record) -> str:
    failed = ", ".join(check["name"] for check in v["failed"])
    text = f"{v['held']} of {v['checks']} verification checks hold on {v['scenario']} ({content['date']})"
    return f"{text}; these do not: {failed}." if failed else f"{text}."


def _forecast(hindcast: Record) -> list[str]:
    if hindcast["status"] != "done":
        return ["No hindcast has been committed yet: nothing is known about skill."]
    rows = hindcast["rows"]
    old = sum(bool(row.get("other_code")) for row in rows)
    told = [f"{old} of these {len(rows)} forecasts were made with other forecasting code."] if old else []
    return [*([_all(rows)] if len(rows) > 1 else []), *_verdicts(rows), *told]


def _all(rows: list[dict[str, Any]]) -> str:
    told = [verdict(row["skill_low"], row["skill_high"]) for row in rows]
    best = [row["best"] for row in rows if row.get("best")]
    beaten = sum(verdict(row["skill_low"], row["skill_high"]) == "worse" for row in best)
    helped = sum(row.get("crps_laws_off") is not None and row["crps"] < row["crps_laws_off"] for row in rows)
    covered = sum(CALIBRATED[0] <= row["coverage90"] <= CALIBRATED[1] for row in rows)
    return (
        f"Forecasts of reported conflict on years that were not fitted, {len(rows)} cases: against exponential "
        f"smoothing clearly better in {told.count('better')}, clearly worse in {told.count('worse')}, not told apart "
        f"in {told.count('untold')}{_undefined(told)}; a naive forecast is clearly better in {beaten}; the laws lower "
        f"the CRPS in {helped}; the 90 % interval covers 85 to 95 % in {covered}."
    )


def _undefined(told: Sequence[str]) -> str:
    """How many cases have no skill."""
    count = told.count("undefined")
    return f", not to be compared in {count} where smoothing errs by nothing" if count else ""


def _verdicts(rows: list[dict[str, Any]]) -> Iterator[str]:
    """One sentence a verdict, with its cases."""
    for said in VERDICTS:
        cases = [_case(row) for row in rows if judged(row["skill_low"], row["skill_high"]) == said]
        if cases:
            yield f"{said[0].upper()}{said[1:]} exponential smoothing (gain in CRPS): {'; '.join(cases)}."


def _case(row: Record) -> str:
    """A series and horizon with its gain."""
    return f"{series(row)}, {ahead(row)} ahead ({gain(row)})"


#: the table of forecasts
HEAD = ("series", "test", "ahead", "n", "CRPS", "laws off", "against smoothing", "against the best", "90 % covers")
SKILL, BEST = ("skill_vs_smoothing", "skill_low", "skill_high"), ("skill", "skill_low", "skill_high")


def cells(row: Record) -> tuple[str, ...]:
    """A series and horizon with all that is told of it, under ``HEAD``."""
    off, best = row.get("crps_laws_off"), row.get("best")
    return (
        series(row),
        _window(row["test"]),
        ahead(row),
        str(row["n"]),
        f"{row['crps']:.3f}",
        "" if off is None else f"{off:.3f}",
        gain(row),
        f"{gain(best, BEST)} ({best['best_baseline']})" if best else "",
        f"{100 * row['coverage90']:.0f} %",
    )


def _window(test: str) -> str:
    """The days of a window; of whole years, the years."""
    first, last = test.split(":")
    whole = first.endswith("-01-01") and last.endswith("-12-31")
    return f"{first[:4]} to {last[:4]}" if whole else f"{first} to {last}"


def series(row: Record) -> str:
    """What was forecast."""
    return str(row.get("label") or row["dyad"])


def ahead(row: Record) -> str:
    """How far ahead, in words."""
    return f"{row['horizon']} {row.get('every') or 'interval'}{'s' * (row['horizon'] != 1)}"


def gain(row: Record, keys: Sequence[str] = SKILL) -> str:
    """A gain in CRPS with its interval, in percent."""
    if any(row[key] is None for key in keys):
        return "not defined: it errs by nothing"
    value, low, high = (signed(100 * row[key], 0) for key in keys)
    return f"{value} % [{low}, {high}]"


_SAID = {
    "better": "better than",
    "untold": "not told apart from",
    "worse": "worse than",
    "undefined": "not to be compared with",
}
VERDICTS = tuple(_SAID.values())


def judged(low: float | None, high: float | None) -> str:
    """What an interval of skill allows to be said."""
    return _SAID[verdict(low, high)]


def retold(found: Record) -> list[str]:
    """The back-cast: what the index on reports does in the documented spells."""
    if found["status"] != "done" or not found["raw"]["spells"]:
        return []
    first, contrast = min(found["raw"]["spells"], key=lambda spell: spell["rank"]), found["raw"]["contrast"]
    years = f"{found['first'][:4]} to {found['last'][:4]}"
    return [
        f"Told by reported events alone ({years}), the index stands at {contrast['inside']:.0f} in the documented "
        f"spells and at {contrast['outside']:.0f} outside them; highest stands: {first['title']}. Its levels cannot be "
        "compared with those of the full index."
    ]


def lived(found: Record) -> list[str]:
    """Documented years against the record: levels reached, and what is reached untold."""
    if found["status"] != "done":
        return []
    early, late = found["fitted"], found["later"]
    blind = [_gained(window["gain"]["blind"]) for window in (early, late)]
    text = (
        f"Told of documented wars, the laws bring reports within a factor of two of the recorded level in "
        f"{early['within_factor_2']} of {early['pairs']} pairs up to {found['fitted_until']}, and in "
        f"{late['within_factor_2']} of {late['pairs']} afterwards, where nothing was fitted. Told of nothing, they "
        f"gain {blind[0]} and {blind[1]} in CRPS over the same run with the laws off"
    )
    untold, told = late["gain"]["blind"], late["gain"]["record"]
    if untold is not None and told is not None and untold < OUTBREAK * told:
        text += ": wars do not break out by themselves"
    return [f"{text}.{' This comparison was made with other code.' if found.get('other_code') else ''}"]


def _gained(gain: float | None) -> str:
    return "nothing that is defined" if gain is None else f"{signed(100 * gain, 0)} %"


def learnt(found: Record) -> list[str]:
    """Calibrations: what was inferred, and whether ranks are even."""
    return [_calibrated(row) for row in found["rows"]] if found["status"] == "done" else []


def _calibrated(row: Record) -> str:
    lowest, uneven = row["sbc_lowest"], row["sbc_uneven"]
    text = (
        f"Calibration of {row['scenario']} on {row['file']}: {len(row['inferred'])} of {row['parameters']} uncertain "
        "parameters inferred"
    )
    if lowest is not None:
        text += f"; ranks over {row['sbc_checks']} simulations have a lowest chi-square probability of {lowest:.3f}"
    return f"{text}{'; uneven: ' + ', '.join(uneven) if uneven else ''}."


def _made(content: Record) -> list[str]:
    files = ", ".join(f"{one['file']} ({one['sha256'][:8]})" for one in content["observations"])
    held = content["code"]
    made = f"Evidence of {content['date']}, code {held['fingerprint'][:8]}, version {held['version']}"
    return [f"{made}; observations: {files}." if files else f"{made}; no observations."]


def _notes(content: Record) -> list[str]:
    """Footnotes whose mark stands in the sentences, each once."""
    rows = [
        note for row in content["hindcast"].get("rows", ()) if "*" in str(row.get("label")) for note in row["footnotes"]
    ]
    past = content["backcast"]
    if past["status"] == "done" and past["raw"]["spells"]:
        first = min(past["raw"]["spells"], key=lambda spell: spell["rank"])
        rows += past["footnotes"] if "*" in first["title"] else []
    return list(dict.fromkeys(rows))


def stale(content: Record) -> str:
    """A sentence that says the card was made with other code; "" where it was not."""
    made, now = str(content.get("code", {}).get("fingerprint", "")), code.evidence()
    if made == now:
        return ""
    return (
        f"This evidence is stale: it was made on {content.get('date', 'an unknown day')} with other code "
        f"({made[:8] or 'unknown'}, now {now[:8]}); run detente verify and detente hindcast again."
    )


def sentences(content: Record) -> tuple[str, ...]:
    """What a report prints: whether the card is stale, then the card itself."""
    first = stale(content)
    return tuple(([first] if first else []) + [str(line) for line in content.get("sentences", ())])


def untested(theatre: str, scenario: str, elsewhere: Record) -> tuple[str, ...]:
    """What a report on a theatre without evidence says: what was tested where, and how to test here."""
    v, own = elsewhere["verification"], place(theatre)
    name = f"evidence_card_{re.sub(r'[^a-z0-9]+', '_', own.lower()).strip('_') or 'here'}.json"
    return (
        f"Nothing has been tested for this theatre ({own}): no check of its numbers, no forecast, no comparison with "
        "its past is at hand.",
        f"What is at hand was tested on another ({elsewhere.get('theatre', v['scenario'])}, {elsewhere['date']}: "
        f"{v['held']} of {v['checks']} checks of the program hold on {v['scenario']}); how well its laws forecast "
        "there says nothing of here.",
        f"To check this one: detente verify {scenario} --card reports/{name}, and detente hindcast with event data of "
        "its own; the next report prints the card.",
    )
