"""Hindcasts on one page: every target and horizon, the model beside the laws switched off and the naive forecasts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from detente.evidence.documentation.card_words import BEST, MODEL, OFF, gain, judged
from detente.evidence.documentation.card_words import series as name
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
ASKED = ("series", "file", "SHA-256", "fitted on", "tested on", "seed", "members", "code", "made")


def page(records: Sequence[Record], command: str) -> str:
    """The whole as Markdown. ``command`` makes the records again."""
    compared = list(_compared(records))
    beyond = [row for row in compared if abs(row[3] - row[2]) > WITHIN * abs(row[2])]
    return filled(
        "hindcasts.md.j2",
        command=command,
        findings=findings(records),
        scores=(SCORES, [_row(record, horizon) for record in records for horizon in horizons(record)]),
        compared=compared,
        off=[escaped(f"{s} {m} ({fixed(was, 3)}, here {fixed(now, 3)})", "*") for s, m, was, now in beyond],
        within=WITHIN,
        asked=(ASKED, list(map(_asked, records))),
        conventions=records[0]["conventions"],
        notes=notes(records),
    )


def horizons(record: Record) -> list[int]:
    """Horizons scored, in order."""
    return list(dict.fromkeys(row["horizon"] for row in record["rows"]))


def at(record: Record, horizon: int) -> dict[str, dict[str, Any]]:
    """Rows of one horizon by method."""
    return {row["method"]: row for row in record["rows"] if row["horizon"] == horizon}


def best(record: Record, horizon: int) -> dict[str, Any]:
    """The model against the best naive forecast."""
    return next(dict(row) for row in record["model_against_best"] if row["horizon"] == horizon)


def ahead(record: Record, horizon: int) -> str:
    """ "1 week", "4 weeks" """
    return f"{horizon} {record['every']}{'s' * (horizon != 1)}"


def notes(records: Sequence[Record]) -> list[str]:
    """Footnotes that a label refers to, each once."""
    found = [note for record in records for note in record.get("footnotes", ()) if "*" in name(record)]
    return list(dict.fromkeys(found))


def findings(records: Sequence[Record]) -> list[str]:
    """One sentence for every target and horizon: told from smoothing or not, who is best, do the laws help."""
    return [_finding(record, horizon) for record in records for horizon in horizons(record)]


def _finding(record: Record, horizon: int) -> str:
    rows, against = at(record, horizon), best(record, horizon)
    model, off, when = rows[MODEL], rows[OFF]["crps"], ahead(record, horizon)
    laws = "better than" if model["crps"] < off else "worse than" if model["crps"] > off else "as good as"
    return (
        f"{escaped(name(record), '*')}, {when} ahead: {judged(model)} exponential smoothing ({gain(model)}); "
        f"{judged(against)} the best naive forecast, {against['best_baseline']} ({gain(against, BEST)}); {laws} with "
        f"the laws off ({model['crps']:.3f}, {off:.3f}); the 90 % interval covers {100 * model['coverage90']:.0f} %."
    )


def _row(record: Record, horizon: int) -> tuple[str, ...]:
    rows, against = at(record, horizon), best(record, horizon)
    model, lowest = rows[MODEL], min(row["crps"] for row in rows.values())
    mark = {method: "**" * (row["crps"] == lowest) for method, row in rows.items()}
    shown = [f"{mark[m]}{rows[m]['crps']:.3f}{mark[m]}" for m in (MODEL, OFF, *NAIVE)]
    rival = f"{gain(against, BEST)} ({against['best_baseline']})"
    first = (escaped(name(record), "*"), ahead(record, horizon), str(model["n"]))
    return (*first, *shown, gain(model), rival, f"{100 * model['coverage90']:.0f} %")


def _compared(records: Sequence[Record]) -> Iterator[tuple[str, str, float, float]]:
    """Measured against published CRPS of the baselines, where a target names them."""
    for record in records:
        for horizon, values in record.get("published", {}).items():
            for method, value in values.items():
                found = at(record, int(horizon))[method]["crps"]
                yield f"{name(record)} {ahead(record, int(horizon))}", method, float(value), float(found)


def _asked(record: Record) -> tuple[object, ...]:
    plain = (record[key] for key in ("train", "test", "seed", "members"))
    made = str(record.get("code", ""))[:8], record.get("made", "")
    return escaped(name(record), "*"), f"`{record['file']}`", record["sha256"][:12], *plain, *made
