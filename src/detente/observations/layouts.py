"""Whose table it is, by its columns; where each layout of single events keeps what is read; tables that are not read.

Published layouts: ICEWS coded events (20 columns, tab-separated; doi:10.7910/DVN/28075), GDELT 1.0 (58 columns, 57 in
the files before April 2013) and 2.0 events (61 columns; GDELT Event Codebook 2.0, 2015), both without a header, daily
Phoenix events (26 columns without a header), ACLED exports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

#: columns of files that are published without a header, by their number; what is read has its name
_GDELT = {1: "SQLDATE", 5: "Actor1Code", 15: "Actor2Code", 26: "EventCode", 30: "GoldsteinScale"}
_PHOENIX = {1: "Date", 5: "SourceActorFull", 9: "TargetActorFull", 13: "EventCode", 16: "GoldsteinScore"}
HEADLESS = {
    width: [names.get(n, f"column {n + 1}") for n in range(width)]
    for width, names in {57: _GDELT, 58: _GDELT, 61: _GDELT, 26: _PHOENIX}.items()
}
#: files without a header that are not read, by their number of columns
NOT_READ = {16: "GDELT mentions", 27: "GDELT's Global Knowledge Graph"}
#: columns by which a known table that is not read gives itself away
FOREIGN = {
    ("event mode", "recipient name"): "POLECAT events (PLOVER codes)",
    ("type_of_violence", "side_a", "side_b"): "UCDP's Georeferenced Event Dataset",
    ("mentionidentifier",): "GDELT mentions",
    ("gkgrecordid",): "GDELT's Global Knowledge Graph",
    ("dispnum", "hostlev"): "Militarized Interstate Disputes",
    ("sub_event_type", "events", "fatalities"): "ACLED's weekly counts by place, which name no actors",
}
#: what to do with a table that is not read
CONVERT = (
    "Make it a table with the columns date, source, target, code, goldstein (one event a row), "
    "or dyad, week, n, n_conf, conf"
)


def _end(what: str, n: int) -> tuple[str, ...]:
    """Public names of the column of one end of an event, in order of preference."""
    named = f"{what}_actor", f"{what.title()} Name", f"{what.title()}ActorFull", what
    return f"Actor{n}Code", *named, f"Actor{n}CountryCode", f"actor{n}"


#: by layout of single events: what is read -> the column names that mean it, in order of preference. ``code`` tells
#: acts of a day apart, ``weight`` is Goldstein's
EVENTS: dict[str, Mapping[str, Sequence[str]]] = {
    "keds": {what: (what.replace("weight", "goldstein"),) for what in ("date", "source", "target", "code", "weight")},
    "cameo": {
        "date": ("SQLDATE", "event_date", "story_date", "date"),
        "source": _end("source", 1),
        "target": _end("target", 2),
        "code": ("EventCode", "cameo_code", "CAMEO", "code"),
        "weight": ("GoldsteinScale", "goldstein", "GoldsteinScore", "Intensity"),
    },
    "acled": {"date": ("event_date",), "source": ("actor1",), "target": ("actor2",), "code": ("event_id_cnty",)},
}
_ACLED = ("event_date", "event_type", "sub_event_type", "actor1", "actor2")


@lru_cache(maxsize=1024)
def key(column: str) -> str:
    """A column name for comparing: capitals, spaces and underscores do not matter."""
    return re.sub(r"[\s_]+", "", column).casefold()


def headless(cells: Sequence[str]) -> list[str] | None:
    """Columns of a file whose first line holds values; None where that line may be a header."""
    dated = len(cells) > 1 and re.fullmatch(r"\d{8}", cells[1].strip())
    return HEADLESS.get(len(cells)) if dated else None


def values(cells: Sequence[str]) -> bool:
    """Whether a first line holds values: a cell of it is a number or a day."""
    return any(re.fullmatch(r"[-+]?\d+([.,]\d+)?|\d{4}-\d\d-\d\d.*", cell.strip()) for cell in cells)


def foreign(columns: Sequence[str]) -> str:
    """The name of a known table that is not read; "" where the columns are none of these."""
    has = set(map(key, columns))
    known = (name for marks, name in FOREIGN.items() if has.issuperset(map(key, marks)))
    return "" if has.issuperset(map(key, _ACLED)) else next(known, "")


def layout(columns: Sequence[str]) -> str:
    """The layout that has these columns: dyad_week, ai_gpr, acled, keds or cameo; "" for none."""
    found = [key(column) for column in columns]
    has = set(found)
    fits = {
        "dyad_week": {"dyad", "week", "nconf", "conf"} <= has,
        "ai_gpr": {"date", "gprai"} <= has,
        "acled": has.issuperset(map(key, _ACLED)),
        "keds": found == ["date", "source", "target", "code", "goldstein"],
        "cameo": any(key(name) in has for name in EVENTS["cameo"]["code"]),
    }
    return next((name for name, fit in fits.items() if fit), "")
