"""The evidence card in plain sentences, and whether it is stale. Loads no model: reports read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from detente.evidence import code
from detente.evidence.forecasts.skill import verdict
from detente.prose.templates import said
from detente.prose.wording import signed

Record = Mapping[str, Any]

#: the forecast by the laws, and the ensemble beside it with the laws off
MODEL, OFF = "model", "laws_off"
#: coverage of a 90 % interval within which a forecast counts as calibrated
CALIBRATED = (0.85, 0.95)
#: keys of a gain in CRPS and of its interval, over smoothing and over the best naive forecast
SKILL, BEST = ("skill_vs_smoothing", "skill_low", "skill_high"), ("skill", "skill_low", "skill_high")
#: the table of forecasts
HEAD = ("series", "test", "ahead", "n", "CRPS", "laws off", "against smoothing", "against the best", "90 % covers")
#: the table of what was fixed beforehand
FIXED = ("fixed beforehand", "asked", "found", "")
#: what a verdict allows to be said
SAID = {
    "better": "better than",
    "untold": "not told apart from",
    "worse": "worse than",
    "undefined": "not to be compared with",
}


def place(theatre: str) -> str:
    """What a theatre is about, whatever its years: "Nowhere 1989-2003" is Nowhere."""
    return re.sub(r"[\s,(]+\d{4}\b.*$", "", theatre).strip()


def alike(one: str, other: str) -> bool:
    """Whether what was tested on one theatre says something of the other."""
    return place(one) == place(other)


def write(part: str, *given: Any) -> list[str]:
    """A part of the card in words, a text a paragraph: a macro of the template with what it is ``given``."""
    return said("card.txt.j2", part, *given)


def told(content: Record) -> list[str]:
    """The card, sentence by sentence."""
    return [*write("told", content, forecast(content["hindcast"].get("rows", ()))), *_notes(content)]


def forecast(rows: Sequence[Record]) -> dict[str, Any]:
    """What the card says of its forecasts: verdicts, and the cases of each in words."""
    verdicts = [verdict(row["skill_low"], row["skill_high"]) for row in rows]
    best = [verdict(row["best"]["skill_low"], row["best"]["skill_high"]) for row in rows if row.get("best")]
    cases = [f"{series(row)}, {ahead(row)} ahead ({gain(row)})" for row in rows]
    return {
        "rows": rows,
        "verdicts": verdicts,
        "beaten": best.count("worse"),
        "helped": sum(row.get("crps_laws_off") is not None and row["crps"] < row["crps_laws_off"] for row in rows),
        "covered": sum(CALIBRATED[0] <= row["coverage90"] <= CALIBRATED[1] for row in rows),
        "cases": {s: [c for c, v in zip(cases, verdicts, strict=True) if v == k] for k, s in SAID.items()},
        "old": sum(bool(row.get("other_code")) for row in rows),
    }


def fixed(told: Record) -> list[tuple[str, ...]]:
    """What was fixed beforehand with what was found, under ``FIXED``."""
    return [(one["name"], one["asked"], one["found"], one["word"]) for one in told.get("judged", ())]


def cells(row: Record) -> tuple[str, ...]:
    """A series and horizon with all that is told of it, under ``HEAD``."""
    off, best = row.get("crps_laws_off"), row.get("best")
    first, last = row["test"].split(":")
    whole = first.endswith("-01-01") and last.endswith("-12-31")
    return (
        series(row),
        f"{first[:4]} to {last[:4]}" if whole else f"{first} to {last}",
        ahead(row),
        str(row["n"]),
        f"{row['crps']:.3f}",
        "" if off is None else f"{off:.3f}",
        gain(row),
        f"{gain(best, BEST)} ({best['best_baseline']})" if best else "",
        f"{100 * row['coverage90']:.0f} %",
    )


def series(row: Record) -> str:
    """What was forecast."""
    return str(row.get("label") or row["dyad"])


def ahead(row: Record) -> str:
    """How far ahead, in words."""
    return f"{row['horizon']} {row.get('every') or 'interval'}{'s' * (row['horizon'] != 1)}"


def gain(row: Record, keys: Sequence[str] = SKILL, digits: int = 0) -> str:
    """A gain in CRPS with its interval, in percent."""
    if any(row[key] is None for key in keys):
        return "not defined: it errs by nothing"
    value, low, high = (signed(100 * row[key], digits) for key in keys)
    return f"{value} % [{low}, {high}]"


def judged(row: Record) -> str:
    """What the interval of a row's skill allows to be said."""
    return SAID[verdict(row["skill_low"], row["skill_high"])]


def _notes(content: Record) -> list[str]:
    """Footnotes whose mark stands in the sentences, each once."""
    rows = content["hindcast"].get("rows", ())
    notes = [note for row in rows if "*" in str(row.get("label")) for note in row["footnotes"]]
    past = content["backcast"]
    if past["status"] == "done" and past["raw"]["spells"]:
        first = min(past["raw"]["spells"], key=lambda spell: spell["rank"])
        notes += past["footnotes"] if "*" in first["title"] else []
    return list(dict.fromkeys(notes))


def sentences(content: Record) -> Iterator[str]:
    """What a report prints: whether the card was made with other code, then the card itself."""
    made, now = str(content.get("code", {}).get("fingerprint", "")), code.evidence()
    if made != now:
        yield from write("stale", content.get("date", "an unknown day"), made, now)
    yield from map(str, content.get("sentences", ()))


def untested(theatre: str, scenario: str, elsewhere: Record) -> list[str]:
    """What a report on a theatre without evidence says: what was tested where, and how to test here."""
    own = place(theatre)
    name = f"evidence_card_{re.sub(r'[^a-z0-9]+', '_', own.lower()).strip('_') or 'here'}.json"
    return write("untested", own, name, scenario, elsewhere)
