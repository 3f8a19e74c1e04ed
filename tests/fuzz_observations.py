"""Mutations of observation files, and what the loaders make of them: a reading whose counts add up, or a fault."""

from __future__ import annotations

import contextlib
import gzip
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from detente.evidence.forecasts.rolling import Question, prepare
from detente.evidence.forecasts.targets import Window
from detente.evidence.nowcasts.state import Asked, origin, windows
from detente.observations import ObservationError, Observations, load
from detente.observations.text import opened

NAMES = {"A": ["A", "Aland", "Türkiye"], "B": ["B", "Beeland"], "C": ["C"]}
_DAYS = [str(np.datetime64("1998-01-05") + np.timedelta64(3 * k, "D")) for k in range(40)]
_WEEKS = [str(np.datetime64("1998-01-05") + np.timedelta64(7 * k, "D")) for k in range(40)]
_MONTHS = [str(np.datetime64("1998-01", "M") + k) + "-01" for k in range(40)]


def _lines(mark: str, head: str, rows: list[tuple[object, ...]]) -> str:
    return "\n".join([head.replace(",", mark), *(mark.join(map(str, row)) for row in rows)]) + "\n"


_CAMEO = "SQLDATE,Actor1Code,Actor2Code,EventCode"
_ACLED = "event_id_cnty,event_date,event_type,sub_event_type,actor1,actor2,notes"
_KEDS = "date,source,target,code,goldstein"
#: a small sound file per layout
SEEDS = (
    _lines(",", "dyad,week,n,n_conf,conf,coop", [("A-B", week, 3, 1, 5.5, 2) for week in _WEEKS]),
    _lines(",", _KEDS, [(day, "A", "B", "190", -9.0) for day in _DAYS]),
    _lines(";", _KEDS, [(day, "Türkiye", "B", "031", "4,5") for day in _DAYS]),
    _lines("\t", _CAMEO, [(day.replace("-", ""), "A", "C", ("020", "190")[k % 2]) for k, day in enumerate(_DAYS)]),
    _lines(",", _ACLED, [(k, d, "Battles", "Armed clash", "A", "B", '"a, b"') for k, d in enumerate(_DAYS)]),
    _lines(",", "Date,GPR_AI,X,Y", [(m, 100, 0.05 * (k % 5), 0.1) for k, m in enumerate(_MONTHS)]),
)
#: cells that a hand, a spreadsheet or an accident leaves behind
CELLS = (
    *("", " ", "nan", "1e999", "-", "1,5", "1.234,5", "9" * 400, "=1+1"),
    *("20", "42", "223", "20.0"),
    *("2121-03-03", "1908-03-02", "99-01-05", "05/06/1999", "1998-13-40"),
    *('"', '""', "A\u0000B", "\u202eA", "Tu\u0308rkiye", "٣", "\u200b"),
)
Mutator = Callable[[random.Random, str], str]


def _one_cell(rng: random.Random, text: str, change: Callable[[str], str]) -> str:
    lines = text.split("\n")
    mark = max("\t;,", key=lines[0].count)
    at = rng.randrange(len(lines))
    cells = lines[at].split(mark)
    place = rng.randrange(len(cells))
    cells[place] = change(cells[place])
    return "\n".join([*lines[:at], mark.join(cells), *lines[at + 1 :]])


def _cell(rng: random.Random, text: str) -> str:
    return _one_cell(rng, text, lambda cell: rng.choice(CELLS))


def _letter(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice("\"',;\t\n\r\u0000x9-. ") + text[at + rng.randint(0, 1) :]


def _quote(rng: random.Random, text: str) -> str:
    return _one_cell(rng, text, lambda cell: rng.choice((f'"{cell}', f'{cell}"', f'"{cell}"', f'"{cell}"x')))


def _separator(rng: random.Random, text: str) -> str:
    return text.replace(max("\t;,", key=text.count), rng.choice("\t;,| "))


def _rows(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    first, last = sorted(rng.randrange(len(lines)) for _ in range(2))
    part = lines[first:last]
    return "\n".join(rng.choice((lines[:first] + lines[last:], lines + part, lines[:last] + part + lines[last:])))


def _head(rng: random.Random, text: str) -> str:
    changes: tuple[Callable[[str], str], ...] = (
        str.upper, lambda t: f"sep=;\n{t}", lambda t: t.split("\n", 1)[-1], lambda t: "\n" + t, lambda t: "\ufeff" + t,
    )  # fmt: skip
    return rng.choice(changes)(text)


MUTATORS: tuple[Mutator, ...] = (_cell, _cell, _letter, _quote, _separator, _rows, _head)


def mutate(rng: random.Random, text: str) -> bytes:
    """``text`` changed in one to three places, in some encoding, now and then cut short or packed."""
    for _ in range(rng.randint(1, 3)):
        text = rng.choice(MUTATORS)(rng, text) or text
    encoding = rng.choice(("utf-8",) * 6 + ("utf-16", "latin-1", "utf-8-sig"))
    raw = text.replace("\n", rng.choice(("\n", "\n", "\r\n", "\r"))).encode(encoding, "replace")
    raw = gzip.compress(raw) if rng.random() < 0.1 else raw
    return raw[: rng.randrange(len(raw) + 1)] if rng.random() < 0.1 else raw


def outcome(path: Path) -> str:
    """``read`` or ``refused``. Raises AssertionError where counts do not add up, or a fault names no place."""
    try:
        found = load(path, names=NAMES)
    except ObservationError as fault:
        text = str(fault)
        placed = re.match(rf"{re.escape(path.name)}(:\d+:\d+)?: ", text)
        assert placed, f"a fault without its file: {text}"
        assert placed[1] or re.search("not readable|no rows below|no event joins|no column beside", text), text
        return "refused"
    _sound(found, _there(path))
    _asked(found)
    return "read"


def _asked(found: Observations) -> None:
    """What a hindcast and a nowcast do with the series before they fit: prepare, or refuse in words."""
    for key in found.series:
        with contextlib.suppress(ObservationError):
            prepare(Question(found, key, Window.of(":1998-09"), Window.of("1998-10:")))
    with contextlib.suppress(ObservationError):
        cut, _ = origin(Asked(found))
        windows(Asked(found), next(iter(cut.series.values())))


def _there(path: Path) -> int:
    """Lines of the file that hold a row's cells, the header aside: a text may be broken over lines, a row may not."""
    with opened(path) as file:
        lines = [line for line in file if line.strip(' \t;,|"\n\u200b\ufeff')]
    return sum(max(map(line.count, "\t;,|")) > 2 for line in lines) - 1


def _sound(found: Observations, there: int) -> None:
    """Counts add up, and nothing is there that no file can hold."""
    told = found.reading.record()
    assert told["rows"] == there, f"{told['rows']} rows of {there} lines"
    assert told["rows"] == told["read"] + sum(one["rows"] for one in told["left_out"]), told
    events = sum(s.count.sum() + s.other.sum() for s in found.series.values())
    assert found.layout in ("dyad_week", "ai_gpr") or events == told["read"], told
    for one in found.series.values():
        assert len(one) < 100 * 53, f"{len(one)} {one.step}s"
        assert all(np.isfinite(getattr(one, part)).all() for part in ("value", "count", "other", "size"))


def fuzz(times: int, seed: int, folder: Path) -> Counter[str]:
    """Outcomes of ``times`` mutations; what fails is left in ``folder``."""
    counts: Counter[str] = Counter()
    for number in range(times):
        rng = random.Random(f"{seed}/{number}")
        path = folder / f"{seed}-{number}.csv"
        path.write_bytes(mutate(rng, rng.choice(SEEDS)))
        counts[outcome(path)] += 1
        path.unlink()
    return counts


if __name__ == "__main__":
    print(dict(fuzz(int(sys.argv[1]), int(sys.argv[2]), Path(tempfile.mkdtemp()))))
