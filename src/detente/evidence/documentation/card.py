"""The evidence card: what was verified, how the hindcasts fared, how the past was retold; printed in every report.

Made from a verification and from the records that lie in the reports folder: ``hindcast/*.json``, ``backcast.json``,
``history/history.json``, ``calibration/*.json``. It carries the hash of the code that evidence rests on; whoever reads
it compares that with the code at hand. Without a record the card says so. It belongs to one theatre.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import storage
from detente.evidence import code
from detente.evidence.documentation import card_words, fixed_beforehand
from detente.evidence.documentation.card_words import MODEL, OFF, SKILL, alike, place
from detente.evidence.documentation.overview import cases
from detente.evidence.past.history_scores import gains

if TYPE_CHECKING:
    from detente.evidence.verification.suite import Verification

Record = Mapping[str, Any]

#: a rank histogram at or below this probability is uneven
UNEVEN = 0.01
NOT_YET = {"status": "not yet"}


def card(found: Verification, reports: Path, theatre: str, caveats: Sequence[str] = ()) -> dict[str, Any]:
    """The card as plain values; ``reports`` is the folder with the committed records.

    ``theatre`` is the one that was verified, and whose records are taken up: those that name another are not.
    ``caveats`` are its own.
    """

    def of(pattern: str) -> list[dict[str, Any]]:
        return [one for one in records(reports, pattern) if alike(str(one.get("theatre", theatre)), theatre)]

    hindcast, past, years = sorted(of("hindcast/*.json"), key=_place), of("backcast.json"), of("history/history.json")
    learnt = [one for one in of("calibration/*.json") if one.get("kind", "calibration") == "calibration"]
    made_from = [one for one in (*hindcast, *past, *years, *learnt) if "file" in one and "sha256" in one]
    files = sorted({(str(one["file"]), str(one["sha256"])) for one in made_from})
    content: dict[str, Any] = {
        "theatre": place(theatre),
        "caveats": list(caveats),
        "date": date.today().isoformat(),
        "code": {"fingerprint": code.evidence(), "version": version("detente")},
        "observations": [{"file": name, "sha256": digest} for name, digest in files],
        "verification": verification(found),
        "hindcast": hindcasts(hindcast),
        "together": together(hindcast),
        "backcast": backcast(past[0]) if past else NOT_YET,
        "history": history(years[0]) if years else NOT_YET,
        "calibration": calibrations(learnt),
    }
    return {**content, "sentences": card_words.told(content)}


def write(content: Mapping[str, Any], path: Path) -> Path:
    """Write the card. Raises StorageError."""
    storage.write_text(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    return path


def records(folder: Path, pattern: str) -> list[dict[str, Any]]:
    """JSON objects of the files that fit, in order of name; a file may hold one or a list of them."""
    out: list[dict[str, Any]] = []
    for path in sorted(folder.glob(pattern)):
        held = json.loads(path.read_text(encoding="utf-8"))
        out += [one for one in (held if isinstance(held, list) else [held]) if isinstance(one, dict)]
    return out


def verification(found: Verification) -> dict[str, Any]:
    """What was checked on what, and what does not hold."""
    return {
        **{key: getattr(found, key) for key in ("scenario", "hash", "members", "seed", "full")},
        "checks": len(found.checks),
        "held": len(found.checks) - len(found.failed),
        "groups": dict(Counter(check.group for check in found.checks)),
        "verdicts": {check.name: check.ok for check in found.checks},
        "failed": [check.record() for check in found.failed],
        "not_applicable": [one.name for one in found.not_applicable],
    }


def _place(record: Record) -> tuple[bool, str, str, str]:
    """Counted reports before indices, the same series together, weeks before months."""
    file, dyad, every = (str(record.get(key) or "") for key in ("file", "dyad", "every"))
    return record.get("layout") == "ai_gpr", file, dyad, "0" if every == "week" else every


def hindcasts(found: Sequence[Record]) -> dict[str, Any]:
    """Every horizon of every record: the model, the laws off, the best naive forecast; "not yet" without records."""
    rows = [
        {
            **{key: case.record.get(key) for key in ("label", "file", "dyad", "every", "train", "test")},
            "horizon": case.horizon,
            **{key: case.rows[MODEL].get(key) for key in ("n", "crps", "coverage90", *SKILL)},
            "crps_laws_off": case.rows.get(OFF, {}).get("crps"),
            "best": case.best,
            "footnotes": list(case.record.get("footnotes", ())),
            "other_code": _other(case.record, code.FORECASTS),
        }
        for case in cases(found)
        if MODEL in case.rows
    ]
    return {"status": "done" if rows else "not yet", "rows": rows}


def together(found: Sequence[Record]) -> dict[str, Any]:
    """All pairs of a file scored together, and what was fixed beforehand; "not yet" without such a record."""
    pairs = next((one for one in found if "pooled" in one), None)
    if pairs is None:
        return NOT_YET
    index = next((one for one in found if one.get("dyad") == fixed_beforehand.INDEX), {})
    kept = {key: pairs.get(key) for key in ("label", "file", "windows", "pooled", "events", "looked_at")}
    return {
        "status": "done",
        **kept,
        "judged": [one.record() for one in fixed_beforehand.judged(pairs, index)],
        "other_code": _other(pairs, code.FORECASTS),
    }


def _other(record: Record, parts: tuple[str, ...]) -> bool:
    """Whether a record was made with other code than that at hand; not where it names none."""
    return bool(record.get("code")) and record["code"] != code.code(parts)


def backcast(record: Record) -> dict[str, Any]:
    """The ranks of the documented spells."""
    parts = {name: {k: record[name][k] for k in ("spells", "contrast")} for name in ("raw", "normalised")}
    kept = {key: record[key] for key in ("file", "sha256", "scenario", "first", "last", "label", "footnotes")}
    return {"status": "done", **kept, "pairs": len(record["pairs"]), **parts}


def history(record: Record) -> dict[str, Any]:
    """Documented years against the record, by window: levels reached, gain of the laws."""
    kept = {key: record[key] for key in ("scenario", "file", "fitted_until", "members", "seed", "footnotes")}
    windows = {name: _window(record, name) for name in ("fitted", "later")}
    return {"status": "done", **kept, **windows, "other_code": _other(record, code.HISTORY)}


def _window(record: Record, window: str) -> dict[str, Any]:
    pairs = [pair[window] for pair in record["pairs"].values()]
    ratios = [p["variants"]["record"]["level_ratio"] for p in pairs if p.get("reports") and "variants" in p]
    gain = {k: None if v is None else round(v, 3) for k, v in gains(record["together"][window]).items() if k != OFF}
    return {"pairs": len(ratios), "within_factor_2": sum(0.5 <= ratio <= 2 for ratio in ratios), "gain": gain}


def calibrations(found: Sequence[Record]) -> dict[str, Any]:
    """What was inferred, and whether ranks are even; "not yet" without a record, and without parameters in it."""
    rows = [_learnt(one) for one in found if one.get("parameters")]
    return {"status": "done" if rows else "not yet", "rows": rows}


def _learnt(record: Record) -> dict[str, Any]:
    parameters = record["parameters"]
    ranks = {p.get("path", "?"): p["sbc_p"] for p in parameters if p.get("sbc_p") is not None}
    return {
        **{key: record.get(key) for key in ("scenario", "file", "window")},
        "parameters": len(parameters) + len(record.get("not_used", ())) + len(record.get("untold", ())),
        "inferred": [p.get("path", "?") for p in parameters if p.get("verdict") == "inferred"],
        "sbc_checks": record.get("checks", 0),
        "sbc_lowest": min(ranks.values()) if ranks else None,
        "sbc_uneven": [path for path, p in ranks.items() if p <= UNEVEN],
        "fits": record.get("fits"),
    }
