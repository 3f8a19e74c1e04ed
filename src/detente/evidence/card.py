"""The evidence card: what was verified, how the hindcasts fared, how the back-cast ranks; printed in every report.

Made from a verification and from the records that lie in the reports folder (``hindcast*.json``, ``backcast.json``).
It carries the fingerprint of the code that decides a run's numbers; a reader compares that with the code at hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from detente.evidence.verify import Verification
from detente.experiment.fingerprint import fingerprint

#: the forecast by the laws, and the ensemble beside it with the laws off
MODEL, OFF = "model", "laws_off"
#: coverage of a 90 % interval within which a forecast counts as calibrated
CALIBRATED = (0.85, 0.95)


def card(found: Verification, reports: Path) -> dict[str, Any]:
    """The card as plain values; ``reports`` is the folder with the committed records."""
    content: dict[str, Any] = {
        "date": date.today().isoformat(),
        "code": {"fingerprint": found.code, "version": version("detente")},
        "verification": verification(found),
        "hindcast": hindcasts(records(reports, "hindcast*.json")),
        "backcast": backcast(records(reports, "backcast.json")),
    }
    return {**content, "sentences": told(content)}


def write(content: Mapping[str, Any], path: Path) -> Path:
    """Write the card. Raises OSError where the folder is missing."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
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
    groups = dict.fromkeys(check.group for check in found.checks)
    return {
        "scenario": found.scenario,
        "hash": found.hash,
        "members": found.members,
        "seed": found.seed,
        "full": found.full,
        "checks": len(found.checks),
        "held": len(found.checks) - len(found.failed),
        "groups": {group: sum(check.group == group for check in found.checks) for group in groups},
        "failed": [check.record() for check in found.failed],
        "not_applicable": [one.name for one in found.not_applicable],
    }


def hindcasts(found: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Every horizon of every record: the model, the laws off, the best naive forecast; "not yet" without records."""
    rows = [row for record in found for row in _rows(record)]
    return {"status": "done" if rows else "not yet", "rows": rows}


def _rows(record: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    scored = {(row["method"], row["horizon"]): row for row in record.get("rows", ())}
    best = {row["horizon"]: row for row in record.get("model_against_best", ())}
    for (method, horizon), row in scored.items():
        if method == MODEL:
            asked = {key: record.get(key) for key in ("file", "sha256", "dyad", "every", "train", "test")}
            told = {key: row.get(key) for key in ("n", "crps", "coverage90", *SKILL)}
            off = scored.get((OFF, horizon), {}).get("crps")
            yield {**asked, "horizon": horizon, **told, "crps_laws_off": off, "best": best.get(horizon)}


SKILL = ("skill_vs_smoothing", "skill_low", "skill_high")


def backcast(found: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The ranks of the documented spells; "not yet" without a record."""
    for record in found:
        parts = {name: {k: record[name][k] for k in ("spells", "contrast")} for name in ("raw", "normalised")}
        kept = {key: record[key] for key in ("file", "sha256", "scenario", "first", "last", "label", "footnotes")}
        return {"status": "done", **kept, "pairs": len(record["pairs"]), **parts}
    return {"status": "not yet"}


def told(content: Mapping[str, Any]) -> list[str]:
    """The card in plain sentences."""
    return [
        _verified(content["verification"], content),
        *_forecast(content["hindcast"]),
        *_replayed(content["backcast"]),
        "Effects of missions come from United Nations operations, mostly in Africa; the prior is wide for that reason.",
    ]


def _verified(v: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    failed = ", ".join(check["name"] for check in v["failed"])
    text = f"{v['held']} of {v['checks']} verification checks hold on {v['scenario']} ({content['date']})"
    return f"{text}; these do not: {failed}." if failed else f"{text}."


def _forecast(hindcast: Mapping[str, Any]) -> list[str]:
    if hindcast["status"] != "done":
        return ["No hindcast has been committed yet: nothing is known about skill."]
    return [_skill(row) for row in hindcast["rows"]]


def _skill(row: Mapping[str, Any]) -> str:
    step = row.get("every") or "interval"
    skill, low, high = (100 * row[key] for key in SKILL)
    verdict = "better" if low > 0 else "worse" if high < 0 else "not told apart"
    ahead = f"{row['horizon']} {step}{'s' * (row['horizon'] != 1)} ahead"
    text = (
        f"{row['dyad']}, {ahead}, {row['test']}: against exponential smoothing {verdict} ({skill:+.0f} % CRPS, 95 % "
        f"interval {low:+.0f} to {high:+.0f}); the 90 % interval covers {100 * row['coverage90']:.0f} % of {row['n']}"
    )
    best = row.get("best")
    if best:
        text += f"; against the best naive forecast ({best['best_baseline']}) {100 * best['skill']:+.0f} %"
    if row.get("crps_laws_off") is not None:
        text += f"; CRPS {row['crps']:.3f}, with the laws switched off {row['crps_laws_off']:.3f}"
    return f"{text}."


def _replayed(found: Mapping[str, Any]) -> list[str]:
    if found["status"] != "done" or not found["raw"]["spells"]:
        return []
    first, contrast = min(found["raw"]["spells"], key=lambda spell: spell["rank"]), found["raw"]["contrast"]
    years, notes = f"{found['first'][:4]} to {found['last'][:4]}", found["footnotes"]
    return [
        f"Told by reported events alone ({years}), the index stands at {contrast['inside']:.0f} in the documented "
        f"spells and at {contrast['outside']:.0f} outside them; highest stands: {first['title']}. Its levels cannot be "
        "compared with those of the full index.",
        *(notes if "*" in first["title"] else ()),
    ]


def stale(content: Mapping[str, Any]) -> str:
    """A sentence that says the card was made with other code; "" where it was not."""
    made = str(content.get("code", {}).get("fingerprint", ""))
    if made == fingerprint():
        return ""
    return (
        f"This evidence is stale: it was made on {content.get('date', 'an unknown day')} with other code "
        f"({made[:8] or 'unknown'}, now {fingerprint()[:8]}); run detente verify and detente hindcast again."
    )


def sentences(content: Mapping[str, Any]) -> tuple[str, ...]:
    """What a report prints: whether the card is stale, then the card itself."""
    first = stale(content)
    return tuple(([first] if first else []) + [str(line) for line in content.get("sentences", ())])
