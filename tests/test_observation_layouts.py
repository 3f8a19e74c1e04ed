"""Published layouts are read; other tables, broken quotes, lost zeros and mistyped years are told, never dropped."""

from __future__ import annotations

import gzip
import json
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from evidence_data import mondays, monthly_rows, weekly_rows, written
from fuzz_observations import fuzz

from detente.cli.main import main
from detente.observations import ObservationError, load
from detente.observations.layouts import HEADLESS

NAMES = {"A": ["A", "Aland"], "B": ["B", "Beeland"]}
EVENTS = "date,source,target,code,goldstein"
ICEWS = """Event ID|Event Date|Source Name|Source Sectors|Source Country|Event Text|CAMEO Code|Intensity|Target Name
Target Sectors|Target Country|Story ID|Sentence Number|Publisher|City|District|Province|Country|Latitude
Longitude""".replace("\n", "|").replace("|", "\t")


def saved(path: Path, lines: list[str], encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def icews(day: str, source: str, code: str, weight: str, target: str, text: str = "said") -> str:
    first = ["1", day, source, "Government", source, text, code, weight, target, "Government", target, "9", "2"]
    return "\t".join([*first, 'The "Daily" Star', "", "", "", "Aland", "1.0", "2.0"])


def test_icews_as_published(tmp_path: Path) -> None:
    rows = [
        icews("1998-01-06", "Aland", "190", "-10.0", "Beeland"),
        icews("1998-01-07", "Beeland", "042", "1.9", "Aland", text='Make a visit" said'),
        icews("1998-01-08", "Aland", "112", "", "Beeland"),
        icews("1998-01-08", "Citizen (Aland)", "190", "-10.0", "Beeland"),
    ]
    found = load(saved(tmp_path / "events.1998.tab", [ICEWS, *rows]), names=NAMES)
    assert (found["A-B"].count[0], found["A-B"].value[0], found["A-B"].other[0]) == (1, 10, 1)
    told = found.reading.record()
    assert (told["rows"], told["read"]) == (4, 2)
    assert [(one["why"], one["first_line"], one["most_often"]) for one in told["left_out"]] == [
        ("have no weight in column Intensity", 4, {"": 1}),
        ("name an actor that stands for nobody here", 5, {"Citizen (Aland)": 1}),
    ]


@pytest.mark.parametrize("width", [57, 58, 61])
def test_gdelt_without_a_header(width: int, tmp_path: Path) -> None:
    names = HEADLESS[width]
    assert (len(names), names[26], names[30]) == (width, "EventCode", "GoldsteinScale")

    def row(**cells: str) -> str:
        known = {"GLOBALEVENTID": "1", **cells}
        return "\t".join(known.get(name, "") for name in names)

    act = {"Actor1Code": "A", "Actor2Code": "B", "GoldsteinScale": "-4.0"}
    rows = [row(SQLDATE="19980106", EventCode="112", **act), row(SQLDATE="19980115", EventCode="173", **act)]
    found = load(
        saved(tmp_path / "19980115.export.CSV", [*rows, row(SQLDATE="19980115", EventCode="010")]), names=NAMES
    )
    np.testing.assert_array_equal(found["A-B"].value, [4, 4])
    assert (found.reading.read, found.reading.rows) == (2, 3)
    with pytest.raises(ObservationError, match=r"19980116\.export\.CSV:2:1: 3 cells, the header has"):
        load(saved(tmp_path / "19980116.export.CSV", [rows[0], "2\t19980116\tA"]), names=NAMES)


def test_daily_phoenix_without_a_header(tmp_path: Path) -> None:
    known = {"EventID": "0_v0", "Date": "19980106", "SourceActorFull": "A", "TargetActorFull": "B"}
    row = "\t".join({**known, "EventCode": "190", "GoldsteinScore": "-9"}.get(name, "") for name in HEADLESS[26])
    assert load(saved(tmp_path / "events.full.txt", [row]), names=NAMES)["A-B"].value[0] == 9


#: how a spreadsheet may have written the same table -> lines, encoding, line end
WRITTEN: dict[str, tuple[list[str], str, str]] = {
    "sep": (["sep=;", "dyad;week;n;n_conf;conf", "A-B;1998-01-05;3;2;11,5", "A-B;1998-01-12;1;1;4"], "utf-8", "\n"),
    "excel unicode": (
        ["dyad\tweek\tn\tn_conf\tconf", "A-B\t1998-01-05\t3\t2\t11.5", "A-B\t1998-01-12\t1\t1\t4"],
        "utf-16",
        "\r\n",
    ),
    "utf-16 unmarked": (
        ["dyad,week,n,n_conf,conf", "A-B,1998-01-05,3,2,11.5", "A-B,1998-01-12,1,1,4"],
        "utf-16-le",
        "\n",
    ),
    "capitals": (
        ["Dyad,WEEK,N,N Conf,Conf", "A-B,1998-01-05,3,2,11.5", '"A-B",1998-01-12,1,1,4.0'],
        "utf-8-sig",
        "\r\n",
    ),
    "old mac": (["dyad,week,n,n_conf,conf", "A-B,1998-01-05,3,2,11.5", "A-B,1998-01-12,1,1,4"], "utf-8", "\r"),
    "quoted tabs": (
        ['"dyad"\t"week"\tn\tn_conf\tconf', '"A-B"\t1998-01-05\t3\t2\t"11,5"', "A-B\t1998-01-12\t1\t1\t4"],
        "utf-8",
        "\n",
    ),
    "spaces": (["dyad, week, n, n_conf, conf", " A-B , 1998-01-05,3,2,11.5", "A-B,1998-01-12,1,1,4 "], "utf-8", "\n"),
}


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("packed", [False, True])
def test_a_table_from_a_spreadsheet(form: str, packed: bool, tmp_path: Path) -> None:
    lines, encoding, end = WRITTEN[form]
    path = saved(tmp_path / "w.csv", lines, encoding, end)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    found = load(path)["A-B"]
    assert (found.value.tolist(), found.count.tolist(), found.other.tolist()) == ([11.5, 4], [2, 1], [1, 0])


#: files that are not read -> what is said of them
REFUSED = {
    "Event ID\tEvent Date\tEvent Type\tEvent Mode\tActor Name\tRecipient Name\n": r"1:1: this looks like POLECAT",
    "id,year,type_of_violence,side_a,side_b,date_start,best\n": r"1:1: this looks like UCDP",
    "WEEK,COUNTRY,EVENT_TYPE,SUB_EVENT_TYPE,EVENTS,FATALITIES\n": r"1:1: this looks like ACLED's weekly counts",
    "\t".join(["1", "20150219000000", *["x"] * 14]) + "\n": "1:1: the first line holds values .* GDELT mentions",
    "A-B,1998-01-05,3,2,11.5\n": "1:1: the first line holds values instead of column names: add a header",
    '{"dyad": 1}': "1:1: this is JSON",
    "<!DOCTYPE html>": "1:1: this is a web page",
    "sep=;\n": "2:1: the file is empty",
    "dyad;week;n;n_conf;conf\nA-B;1998-01-05;3;2;11,5\nA-B;1998-01-12;1;1;4.5\n": r'3:20: "4.5" .* line 2 has ","',
    "dyad\tweek\tn\tn_conf\tconf\nA-B\t1998-01-05\t3\t2\t1,234\n": r'2:20: "1,234" .* may be 1\.234 or 1234',
    "dyad;week;n;n_conf;conf\nA-B;1998-01-05;3;2;1.234,5\n": '2:20: "1.234,5" in column conf is not a number',
    "dyad,week,n,n_conf,conf\nA-B\x1b[31m,1998-01-05,3,2,4\n": "2:1: a control character in column dyad",
    "dyad,week,n,n_conf,conf\nA-B,1899-01-02,3,2,4\n": "2:5: .*the year is not one of 1900 to 2200",
    "dyad,week,n,n_conf,conf\nA-B,98-01-05,3,2,4\n": '2:5: "98-01-05" in column week is not a date',
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_read_is_called_by_its_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ObservationError, match=rf"other\.csv:{REFUSED[text]}"):
        load(path)


def test_an_archive_and_another_encoding(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "20150218.export.CSV.zip", "w") as archive:
        archive.writestr("a.csv", "x")
    with pytest.raises(ObservationError, match="1:1: this is a zip archive or an Excel workbook: unpack it"):
        load(tmp_path / "20150218.export.CSV.zip")
    rows = ["dyad,week,n,n_conf,conf", "A-B,1998-01-05,3,2,4", "Türkiye-B,1998-01-05,3,2,4"]
    with pytest.raises(ObservationError, match=r"latin\.csv:3:2: not readable .* save the file as CSV in UTF-8"):
        load(saved(tmp_path / "latin.csv", rows, "latin-1"))


EVENT_ROWS = [f"1998-01-{day:02d},A,B,190,-9.0" for day in range(5, 25)]


@pytest.mark.parametrize(
    ("line", "change", "where"),
    [
        # the quote swallows the rows to the next one, or to the end
        ([(3, '1998-01-07,A,"B,190,-9.0')], "", r"3:14: a quote opens here"),
        ([(3, '1998-01-07,A,B,190,"-9.0'), (9, '1998-01-13,A,B,190,-9.0"')], "", r"3:20: .* would swallow 6 lines"),
        ([(3, '1998-01-07,A,"B,190,-9.0'), (9, '1998-01-13,A,B",190,-9.0')], "", r"3:14: .* would swallow 6 lines"),
        ([(3, '1998-01-07,"A"x,B,190,-9.0')], "", r"3:12: a quote opens here and something follows where it closes"),
        ([(1, '"date,source,target,code,goldstein')], "", r"1:1: a quote opens here and is not closed"),
    ],
)
def test_a_stray_quote_swallows_no_rows(line: list[tuple[int, str]], change: str, where: str, tmp_path: Path) -> None:
    lines = [EVENTS, *EVENT_ROWS]
    for number, text in line:
        lines[number - 1] = text
    with pytest.raises(ObservationError, match=rf"e\.csv:{where}"):
        load(saved(tmp_path / "e.csv", lines), names=NAMES)


def test_a_quoted_text_may_hold_separators_and_a_line_break(tmp_path: Path) -> None:
    head = "event_date,event_type,sub_event_type,actor1,actor2,notes"
    row = '2024-06-06,Battles,Armed clash,A,B,"One, two:\n""three"""'
    found = load(saved(tmp_path / "acled.csv", [head, row, "2024-06-07,Battles,Armed clash,A,B,none"]), names=NAMES)
    assert (found.reading.read, found["A-B"].count[0]) == (2, 2)


@pytest.mark.parametrize("quote", ['"', ""])
def test_a_cell_without_end_is_told_with_its_line(quote: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "e.csv", [EVENTS, EVENT_ROWS[0], f"1998-01-06,A,{quote}{'B' * 200_000},190,-9.0"])
    with pytest.raises(ObservationError, match=r"e\.csv:3:\d+: a (cell of more than 131,072 characters|quote opens)"):
        load(path, names=NAMES)


CODES = "date,source,target,CAMEO"


def coded(tmp_path: Path, *codes: str) -> Any:
    rows = [("1998-01-06", "A", "B", code) for code in codes]
    return load(written(tmp_path / "c.csv", rows, CODES), names=NAMES)


def test_cameo_codes_are_text(tmp_path: Path) -> None:
    """020 is an appeal (+3), 20 mass violence (-10)."""
    found = coded(tmp_path, "020", "20", "0231", "1823", "19")
    assert (found["A-B"].value[0], found["A-B"].count[0], found["A-B"].other[0]) == (10 + 9 + 10, 3, 2)
    assert coded(tmp_path, "200", "190")["A-B"].value[0] == 20


@pytest.mark.parametrize(
    ("codes", "what"),
    [
        (("20", "190"), r'c\.csv:2:16: "20" may be the root 20 or "020" with its zero lost'),
        (("190", "42"), r'c\.csv:3:16: "42" is no CAMEO code.* "042" is one .*import the column as text'),
        (("190", "4"), r'c\.csv:3:16: "4" is no CAMEO code.* "04" is one'),
        (("190", "251"), r'c\.csv:3:16: "251" is no CAMEO code.* "0251" is one'),
        (("190", "20.0"), r'c\.csv:3:16: "20\.0": codes were read as numbers'),
        (("023", "223"), r'c\.csv:3:16: "223" is no CAMEO code.* a WEIS code .*column goldstein'),
        (("023", "211"), r'c\.csv:3:16: "211" is no CAMEO code.* "0211" is one .* or a WEIS code'),
    ],
)
def test_codes_that_cannot_be_told_apart_are_refused(codes: tuple[str, ...], what: str, tmp_path: Path) -> None:
    with pytest.raises(ObservationError, match=what):
        coded(tmp_path, *codes)


def test_unknown_codes_are_left_out_and_counted(tmp_path: Path) -> None:
    found = coded(tmp_path, "190", "---", "", "990", "00")
    assert found["A-B"].count[0] == 1
    assert found.reading.words("c.csv")[0] == "c.csv: 1 of 5 rows are read; left out:"
    assert "4 have a code that is none of CAMEO's (first: line 3)" in found.reading.words("c.csv")[1]
    with pytest.raises(ObservationError, match=r"no event joins two .* Of 2 rows 2 have a code that is none"):
        coded(tmp_path, "---", "00")


def test_one_name_in_two_forms_is_one_name(tmp_path: Path) -> None:
    """Composed and decomposed, with a no-break space: three events each, six in all."""
    forms = [unicodedata.normalize(form, "Türkiye\u00a0One") for form in ("NFC", "NFD")]
    rows = [f"1998-01-{5 + k:02d},{forms[k % 2]},Beeland,190,-9.0" for k in range(6)]
    path = saved(tmp_path / "e.csv", [EVENTS, *rows])
    assert load(path, names={"T": ["Türkiye One"], "B": ["BEELAND"]})["B-T"].count.sum() == 6
    which = tmp_path / "codes.yaml"
    which.write_text(f"keds:\n  actors: {{T: ['{forms[1].replace(chr(160), ' ')}'], B: [beeland]}}\n", encoding="utf-8")
    assert load(path, which)["B-T"].count.sum() == 6
    table = [f"{forms[k % 2]}-B,{week},1,1,5" for k, week in enumerate(mondays(6))]
    both = load(saved(tmp_path / "w.csv", ["dyad,week,n,n_conf,conf", *table]))
    assert list(both.series) == ["Türkiye One-B"]
    assert both[f"{forms[1]}-B"].count.sum() == 6


def test_a_file_name_in_another_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Türkiye.csv") for form in ("NFC", "NFD"))
    written(tmp_path / decomposed, weekly_rows(3))
    assert load(tmp_path / composed)["A-B"]
    monkeypatch.setenv("DETENTE_OBSERVATIONS", str(tmp_path))
    assert load(composed)["A-B"]


def test_a_code_that_stands_for_two_is_refused(tmp_path: Path) -> None:
    which = tmp_path / "codes.yaml"
    which.write_text("keds:\n  actors: {A: [AAA], B: [aaa]}\n", encoding="utf-8")
    with pytest.raises(ObservationError, match=r'codes\.yaml: keds: "aaa" stands for A and for B'):
        load(saved(tmp_path / "e.csv", [EVENTS, EVENT_ROWS[0]]), which)


@pytest.mark.parametrize("layout", ["events", "weeks"])
@pytest.mark.parametrize("year", ["2121", "1908"])
def test_a_mistyped_year_is_told_with_its_line(layout: str, year: str, tmp_path: Path) -> None:
    monday = {"2121": "2121-03-03", "1908": "1908-03-02"}[year]
    if layout == "events":
        lines = [EVENTS, *EVENT_ROWS, f"{monday},A,B,190,-9.0"]
    else:
        lines = ["dyad,week,n,n_conf,conf", *(f"A-B,{week},1,1,5" for week in mondays(20)), f"A-B,{monday},1,1,5"]
    with pytest.raises(ObservationError, match=rf"y\.csv:22:1: {monday} lies \d+ years away .*: a mistyped year"):
        load(saved(tmp_path / "y.csv", lines), names=NAMES)


def test_long_gaps_and_rows_out_of_order_are_remarked_on(tmp_path: Path) -> None:
    lines = [EVENTS, *EVENT_ROWS, "2001-03-05,A,B,190,-9.0"]
    told = load(saved(tmp_path / "g.csv", lines), names=NAMES).reading.remarks
    assert told == [
        "no row between 1998-01-24 (line 21) and 2001-03-05 (line 22), 3.1 years: they count as time without an event"
    ]
    lines = [EVENTS, *EVENT_ROWS]
    lines[7] = "1998-11-01,A,B,190,-9.0"
    told = load(saved(tmp_path / "o.csv", lines), names=NAMES).reading.remarks
    assert told == [
        "a row stands out of the order of days (line 8: 1998-11-01 between 1998-01-10 and 1998-01-12): day and month "
        "swapped, or a mistyped date?"
    ]
    assert load(saved(tmp_path / "r.csv", [EVENTS, *EVENT_ROWS[::-1]]), names=NAMES).reading.remarks == []


def test_repetitions_are_counted(tmp_path: Path) -> None:
    told = load(saved(tmp_path / "e.csv", [EVENTS, *EVENT_ROWS, EVENT_ROWS[0]]), names=NAMES).reading.record()
    assert (told["rows"], told["read"], told["left_out"][0]["why"]) == (
        21,
        20,
        "repeat an act of the same day, which counts once",
    )
    row = "2024-06-06,Battles,Armed clash,A,B"
    acled = load(
        saved(tmp_path / "a.csv", ["event_date,event_type,sub_event_type,actor1,actor2", row, row]), names=NAMES
    )
    assert acled["A-B"].count[0] == 2
    assert "1 rows are the same as an earlier one" in acled.reading.remarks[0]


def test_a_column_left_out_of_an_index_is_told(tmp_path: Path) -> None:
    rows = [(m, a, x, "" if k < 4 else y) for k, (m, a, x, y) in enumerate(monthly_rows(1998, 1999))]
    found = load(written(tmp_path / "g.csv", rows, "Date,GPR_AI,X,Y"))
    assert found.reading.words("g.csv") == ["g.csv: column Y is empty in line 2: not read"]


def test_commands_say_what_was_left_out(tmp_path: Path) -> None:
    codes = tmp_path / "codes.yaml"
    codes.write_text("keds:\n  actors: {A: [AAA], B: [BBB]}\n", encoding="utf-8")
    rows = [(week, "AAA", "BBB" if k % 3 else "CCC", 190, -9.0) for k, week in enumerate(mondays(90))]
    path = written(tmp_path / "e.csv", rows, EVENTS)
    asked = ["--observations", str(path), "--codes", str(codes), "--dyad", "A-B", "--train", ":1999-06"]
    done = CliRunner().invoke(main, ["hindcast", *asked, "--test", "2050:"])
    assert "e.csv: 60 of 90 rows are read; left out:" in done.stderr
    assert "30 name an actor that stands for nobody here (first: line 2): CCC (30)" in done.stderr
    assert json.dumps(load(path, codes).reading.record())


def test_an_archive_cut_short_that_is_no_utf_8_either(tmp_path: Path) -> None:
    """Found by mutation: looking for the line that cannot be decoded ran into the end of the archive."""
    text = "\n".join(["dyad,week,n,n_conf,conf", *(f"A-B,{week},3,1,5.5" for week in mondays(60))]).encode("utf-16")
    path = tmp_path / "cut.csv"
    path.write_bytes(gzip.compress(text + b"\x00\xd8")[:-12])
    with pytest.raises(ObservationError, match=r"cut\.csv: not readable"):
        load(path)


def test_mutated_files_are_read_in_full_or_refused_with_their_place(tmp_path: Path) -> None:
    counts = fuzz(250, 7, tmp_path)
    assert counts["read"] > 40
    assert counts["refused"] > 100


def test_a_pair_in_both_orders_is_remarked_on(tmp_path: Path) -> None:
    found = load(written(tmp_path / "w.csv", weekly_rows(9, ("A-B", "B-A", "A-C"))))
    assert found.reading.remarks == ['"A-B" and "B-A" are two series: what is asked of one leaves the other out']
