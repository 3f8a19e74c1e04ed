"""Hindcasts on one page: every target and horizon, the model beside the laws switched off and the naive forecasts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from detente.evidence.documentation import fixed_beforehand
from detente.evidence.documentation.card_words import BEST, FIXED, MODEL, OFF, SKILL, gain, judged
from detente.evidence.documentation.card_words import series as name_of
from detente.prose.table import escaped
from detente.prose.templates import filled
from detente.prose.wording import fixed

Record = Mapping[str, Any]

NAIVE = ("persistence", "climatology", "ar1", "smoothing")
#: share by which a baseline may lie off its published value
WITHIN = 0.02
FILE = "README.md"
#: heads of the tables of scores and of what was asked
SCORES = ("series", "ahead", "n", MODEL, "laws off", *NAIVE, "skill", "best", "covers")
TOGETHER = ("method", "weeks ahead", "n", "CRPS", "against smoothing", "against laws off", "against the best", "covers")
EVENTS = ("method", "origins", "n", "share", "Brier", "AUC", "against smoothing")
ASKED = ("series", "file", "SHA-256", "fitted on", "tested on", "seed", "members", "code", "made")


class Case(NamedTuple):
    """One horizon of a record: its rows by method, and the model against the best naive forecast (None without)."""

    record: Record
    horizon: int
    rows: Mapping[str, Record]
    best: Any

    @property
    def name(self) -> str:
        """What a reader calls the series."""
        return name_of(self.record)

    @property
    def ahead(self) -> str:
        """ "1 week", "4 weeks" """
        return f"{self.horizon} {self.record['every']}{'s' * (self.horizon != 1)}"


def cases(records: Sequence[Record]) -> list[Case]:
    """Every horizon of every record, in order."""
    found = []
    for record in records:
        rows = record.get("rows", ())
        best = {row["horizon"]: row for row in record.get("model_against_best", ())}
        for horizon in dict.fromkeys(row["horizon"] for row in rows):
            methods = {row["method"]: row for row in rows if row["horizon"] == horizon}
            found.append(Case(record, horizon, methods, best.get(horizon)))
    return found


def page(records: Sequence[Record], command: str) -> str:
    """The whole as Markdown. ``command`` makes the records again."""
    compared = [row for case in cases(records) for row in _compared(case)]
    beyond = [row for row in compared if abs(row[3] - row[2]) > WITHIN * abs(row[2])]
    pooled = next((record for record in records if "pooled" in record), None)
    return filled(
        "hindcasts.md.j2",
        command=command,
        findings=findings(records),
        together=_together(pooled, records) if pooled else None,
        scores=(SCORES, list(map(_scores, cases(records)))),
        compared=compared,
        off=[escaped(f"{s} {m} ({fixed(was, 3)}, here {fixed(now, 3)})", "*") for s, m, was, now in beyond],
        within=WITHIN,
        asked=(ASKED, list(map(_asked, records))),
        conventions={name: text for record in reversed(records) for name, text in record["conventions"].items()},
        notes=notes(records),
    )


def notes(records: Sequence[Record]) -> list[str]:
    """Footnotes that a label refers to, each once."""
    found = [note for record in records for note in record.get("footnotes", ()) if "*" in name_of(record)]
    return list(dict.fromkeys(found))


def findings(records: Sequence[Record]) -> list[str]:
    """One sentence for every target and horizon: told from smoothing or not, who is best, do the laws help."""
    return list(map(_finding, cases(records)))


def _finding(case: Case) -> str:
    model, off, best = case.rows[MODEL], case.rows[OFF]["crps"], case.best
    laws = "better than" if model["crps"] < off else "worse than" if model["crps"] > off else "as good as"
    return (
        f"{escaped(case.name, '*')}, {case.ahead} ahead: {judged(model)} exponential smoothing ({gain(model)}); "
        f"{judged(best)} the best naive forecast, {best['best_baseline']} ({gain(best, BEST)}); {laws} with the laws "
        f"off ({model['crps']:.3f}, {off:.3f}); the 90 % interval covers {100 * model['coverage90']:.0f} %."
    )


def _together(pooled: Record, records: Sequence[Record]) -> dict[str, Any]:
    """All pairs together: scores, events, what was fixed beforehand, how often the windows were looked at."""
    index = next((record for record in records if record["dyad"] == fixed_beforehand.INDEX), {})
    told = fixed_beforehand.judged(pooled, index)
    return {
        "label": escaped(name_of(pooled), "*"),
        "windows": pooled["windows"],
        "scores": (TOGETHER, list(map(_pooled, pooled["pooled"]))),
        "events": (EVENTS, list(map(_event, pooled["events"]))),
        "fixed": (FIXED, [(one.name, one.asked, one.found, one.word) for one in told]),
        "looked": pooled.get("looked_at", ()),
    }


def _pooled(row: Record) -> tuple[str, ...]:
    """A row of all pairs under ``TOGETHER``."""
    best = (f"{gain(row, ('vs_best', 'vs_best_low', 'vs_best_high'))} ({row['best']})",)
    gains = (gain(row, SKILL), gain(row, fixed_beforehand.OFF), *best)
    return row["method"], str(row["horizon"]), str(row["n"]), fixed(row["crps"], 3), *gains, _percent(row["coverage90"])


def _event(row: Record) -> tuple[str, ...]:
    """A row of events under ``EVENTS``."""
    scores = ("" if row[name] is None else fixed(row[name], 3) for name in ("share", "brier", "auc"))
    return row["method"], "before an onset" if row["onset_only"] else "all", str(row["n"]), *scores, gain(row)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _scores(case: Case) -> tuple[str, ...]:
    """A case under ``SCORES``, the lowest CRPS in bold."""
    model, scores = case.rows[MODEL], {method: row["crps"] for method, row in case.rows.items()}
    lowest = min(scores.values())
    shown = (f"**{scores[m]:.3f}**" if scores[m] == lowest else f"{scores[m]:.3f}" for m in (MODEL, OFF, *NAIVE))
    rival, covered = f"{gain(case.best, BEST)} ({case.best['best_baseline']})", f"{100 * model['coverage90']:.0f} %"
    return escaped(case.name, "*"), case.ahead, str(model["n"]), *shown, gain(model), rival, covered


def _compared(case: Case) -> Iterator[tuple[str, str, float, float]]:
    """CRPS of the baselines beside the published, where a target names them."""
    for method, value in case.record.get("published", {}).get(str(case.horizon), {}).items():
        yield f"{case.name} {case.ahead}", method, float(value), float(case.rows[method]["crps"])


def _asked(record: Record) -> tuple[object, ...]:
    windows = record.get("windows", (record,))
    plain = (*("; ".join(one[key] for one in windows) for key in ("train", "test")), record["seed"], record["members"])
    made = str(record.get("code", ""))[:8], record.get("made", "")
    return escaped(name_of(record), "*"), f"`{record['file']}`", record["sha256"][:12], *plain, *made
