"""What was fixed before the test windows were scored, held against the records: passed or failed, with the figures.

Loads no model. Skill and gains are shares of a mean CRPS or Brier score, with 95 % intervals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from detente.evidence.documentation.card_words import BEST, CALIBRATED, MODEL, SKILL, gain

Record = Mapping[str, Any]

#: least lower end of the gain over smoothing; horizons of all pairs together, and of the risk index
LEAST, WEEKS, MONTHS = 0.07, (1, 4), (1, 3, 12)
#: the risk index that is judged
INDEX = "WB_core"
#: keys of a gain over the law switched off
OFF = ("vs_off", "vs_off_low", "vs_off_high")

#: what was judged, for a reader who knows no scores, where it holds and where it does not: by its name
PLAIN = {
    "H1: the model over exponential smoothing": (
        "clearly better than smoothing past reports",
        "not clearly better than smoothing past reports",
    ),
    "H2: the model over the law switched off": ("better with its laws than without", "no better with its laws"),
    "H3: events, the model over exponential smoothing": (
        "better at whether fighting comes",
        "not clearly better at whether fighting comes",
    ),
    "Calibration of all pairs": ("ranges for reports hold", "ranges for reports do not hold"),
    "Calibration of the risk index": ("ranges for a risk index hold", "ranges for a risk index do not hold"),
    "The risk index beside the best naive forecast": (
        "level with the best simple forecast of a risk index",
        "behind the best simple forecast of a risk index",
    ),
}


class Judgement(NamedTuple):
    """What was asked, what was found, whether it holds; ``held`` is None where nothing was scored."""

    name: str
    asked: str
    found: str
    held: bool | None

    @property
    def word(self) -> str:
        """``passed``, ``failed`` or ``not scored``."""
        return "not scored" if self.held is None else "passed" if self.held else "failed"

    def record(self) -> dict[str, Any]:
        """Plain values."""
        return {**self._asdict(), "word": self.word}


def judged(together: Record, index: Record) -> list[Judgement]:
    """All that was fixed; ``together`` is a record of all pairs, ``index`` of the risk index: empty without one."""
    return [*_of_pairs(together), *_of_index(index)]


def _of_pairs(record: Record) -> Iterator[Judgement]:
    rows = _rows(record.get("pooled", ()), WEEKS)
    happened = {row["onset_only"]: row for row in record.get("events", ()) if row["method"] == MODEL}
    yield _judgement(
        "H1: the model over exponential smoothing",
        f"lower end of the gain in CRPS at least {100 * LEAST:.0f} % at 1 and 4 weeks",
        {week: _told(row) for week, row in rows.items()},
        [_low(row, "skill_low") >= LEAST for row in rows.values()],
    )
    yield _judgement(
        "H2: the model over the law switched off",
        "gain in CRPS clear of zero at 1 and 4 weeks",
        {week: _told(row, OFF) for week, row in rows.items()},
        [_low(row, "vs_off_low") > 0 for row in rows.values()],
    )
    onset = f"{_told(happened[True])} before an onset" if True in happened else ""
    yield _judgement(
        "H3: events, the model over exponential smoothing",
        "gain in Brier score clear of zero over all origins; before an onset is only told",
        {"all": _told(happened[False]), "onset": onset} if happened else {},
        [_low(happened[False], "skill_low") > 0] if happened else [],
    )
    yield _coverage("Calibration of all pairs", rows)


def _of_index(record: Record) -> Iterator[Judgement]:
    rows = _rows(record.get("rows", ()), MONTHS)
    best = {row["horizon"]: row for row in record.get("model_against_best", ()) if row["horizon"] in rows}
    yield _coverage("Calibration of the risk index", rows)
    yield _judgement(
        "The risk index beside the best naive forecast",
        "not clearly worse at 1, 3 and 12 months",
        {month: f"{_told(row, BEST)} ({row['best_baseline']})" for month, row in best.items()},
        [row["skill_high"] is not None and row["skill_high"] >= 0 for row in best.values()],
    )


def _rows(rows: Sequence[Record], horizons: Sequence[int]) -> dict[int, Record]:
    """The model's rows by horizon; none unless all horizons that are judged are there."""
    found = {row["horizon"]: row for row in rows if row["method"] == MODEL and row["horizon"] in horizons}
    return found if len(found) == len(horizons) else {}


def _told(row: Record, keys: Sequence[str] = SKILL) -> str:
    """A gain to a tenth of a per cent: what passes or fails must be seen to."""
    return gain(row, keys, digits=1)


def _low(row: Record, key: str) -> float:
    """The lower end of an interval; nothing that is undefined passes."""
    return float("-inf") if row[key] is None else float(row[key])


def _coverage(name: str, rows: Mapping[int, Record]) -> Judgement:
    low, high = CALIBRATED
    found = {ahead: f"{100 * row['coverage90']:.0f} %" for ahead, row in rows.items()}
    inside = [low <= row["coverage90"] <= high for row in rows.values()]
    return _judgement(name, f"the 90 % interval covers {100 * low:.0f} to {100 * high:.0f} %", found, inside)


def _judgement(name: str, asked: str, found: Mapping[Any, str], held: Sequence[bool]) -> Judgement:
    """``found`` by what it was found at; nothing held means that nothing was scored."""
    told = "; ".join(text for text in found.values() if text)
    return Judgement(name, asked, told, all(held) if held else None)
