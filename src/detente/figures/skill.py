"""Skill of hindcasts: every target and horizon with its interval; and small multiples of their calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Literal

import numpy as np

from detente.evidence.documentation.card_words import MODEL, OFF
from detente.evidence.documentation.overview import Case, cases, notes
from detente.evidence.forecasts.scores import Bin
from detente.evidence.forecasts.skill import verdict
from detente.figures import calibration, panels, rows, style
from detente.figures.calibration import Calibration, Panel
from detente.figures.provenance import Provenance
from detente.figures.reading import FigureError
from detente.figures.rows import Mark, Rows, Series
from detente.figures.sheet import Room
from detente.figures.words import NB
from detente.prose.wording import fixed, whole

Record = Mapping[str, Any]
Kind = Literal["pit", "reliability"]


def collect(records: Sequence[Record]) -> Rows:
    """Skill against exponential smoothing in per cent: the model, the laws off, the naive forecast that did best.

    FigureError where there is no record.
    """
    found = _found(records)
    naive = [case.rows[case.best["best_baseline"]] for case in found]
    series = (
        Series("model", style.SCENARIOS[1], [_mark(case.rows[MODEL]) for case in found]),
        Series("laws off", style.BASELINE, [_mark(case.rows[OFF]) for case in found]),
        Series("best naive forecast", style.SCENARIOS[0], list(map(_mark, naive))),
    )
    told = [verdict(case.rows[MODEL]["skill_low"], case.rows[MODEL]["skill_high"]) for case in found]
    none = told.count("undefined")
    blank = [f"Without a dot: smoothing errs by nothing in {none} of {len(found)}, no gain is defined."] * bool(none)
    return Rows(
        title=f"Against exponential smoothing the model forecasts clearly better in {told.count('better')} of "
        f"{len(found)} cases, clearly worse in {told.count('worse')}, and is not told apart in {told.count('untold')}",
        subtitle=f"Gain in CRPS over exponential smoothing (zero), in{NB}%, on years that were not fitted; lines: "
        f"95{NB}%{NB}intervals of a block bootstrap; hollow: cannot be told apart from it",
        rows=tuple(f"{case.name}, {_ahead(case)}" for case in found),
        series=series,
        signed=True,
        notes=" ".join(
            ["The best naive forecast is found afterwards: the hardest comparison.", *blank, *notes(records)]
        ),
    )


def _found(records: Sequence[Record]) -> list[Case]:
    if not (found := cases(records)):
        raise FigureError("no hindcast to draw: run detente hindcast first")
    return found


def _ahead(case: Case) -> str:
    return f"{case.ahead} ahead".replace(" ", NB)


def _mark(row: Mapping[str, Any]) -> Mark | None:
    if row["skill_vs_smoothing"] is None:
        return None
    value, low, high = (100 * float(row[k]) for k in ("skill_vs_smoothing", "skill_low", "skill_high"))
    return Mark(value, low, high, low <= 0 <= high)


draw = rows.draw


def multiples(records: Sequence[Record], kind: Kind) -> Calibration:
    """The model's calibration by target and horizon. FigureError where there is no record."""
    rows = [(case, case.rows[MODEL]) for case in _found(records)]
    told = ["Forecasts are taken as independent, which they are not quite."]
    if kind == "pit":
        shown: list[Any] = [np.asarray(row["pit"], dtype=np.float64) * row["n"] for _, row in rows]
        under = [f"covers{NB}{fixed(100 * row['coverage90'], 0)}{NB}%" for _, row in rows]
        good = sum(0.85 <= row["coverage90"] <= 0.95 for _, row in rows)
        title = f"The 90% interval covers between 85 and 95% of what came in {good} of {len(rows)} cases"
        subtitle = (
            "Where observations fell in their forecasts: observations by tenth of the forecast distribution, flat "
            "where it is right. Grey: what chance alone gives a calibrated forecast in nine of ten bars; orange: "
            "outside"
        )
    else:
        kept = [case for case in rows if len(case[1]["reliability"]) > 1] or rows
        if len(kept) < len(rows):
            left_out = len(rows) - len(kept)
            told.append(f"Left out: {left_out} cases in which no such value was ever likely, and none came.")
        rows = kept
        shown = [tuple(Bin(float(f), float(o), int(n)) for f, o, n in row["reliability"]) for _, row in rows]
        under = [f"{whole(row['n'])}{NB}forecasts" for _, row in rows]
        points = [point for case in shown for point in case]
        right = sum(map(calibration.fits, points))
        title = f"Stated chances of a high value fit what happened at {right} of {len(points)} points"
        subtitle = (
            "How often a value above the training window’s upper tenth came, against the stated chance of it. Grey: "
            "what chance alone gives a calibrated forecast in nine of ten points; orange: outside"
        )
    panels_ = [
        Panel(str(case.record.get("short") or case.name), f"{_ahead(case)}, {text}", one)
        for (case, _), text, one in zip(rows, under, shown, strict=True)
    ]
    return Calibration(
        title,
        subtitle,
        " ".join([*told, *notes(records)]),
        tuple(panels_),
        height=1.75 * panels.rows(len(rows)),
        room=Room(left=0.48, right=0.3),
        gap=0.36,
    )


draw_multiples = calibration.draw


def provenance(records: Sequence[Record], command: str = "") -> Provenance:
    """Where the figures come from: the observation files, seeds, version."""
    files = {str(record["file"]): str(record["sha256"]) for record in records}
    return Provenance(
        names=tuple(files),
        hashes=tuple(files.values()),
        seeds=tuple(dict.fromkeys(str(record["seed"]) for record in records)),
        size=f"{whole(int(records[0]['members']))} members",
        version=str(records[0].get("version") or version("detente")),
        commands=(command,) if command else (),
        kind="File",
    )
