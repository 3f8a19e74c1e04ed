"""Observation files: publishers' layouts, bad cells with their place, windows, what becomes of them."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from evidence_data import START, file_of, mondays, monthly_rows, quick, series, swelling, weekly_rows, written

from detente.cli.main import main
from detente.evidence.forecasts.targets import Window, aim
from detente.observations import ObservationError, ObservationMissing, load
from detente.observations.risk_index import units
from detente.observations.series import monday
from detente.observations.weights import ACLED
from detente.observations.weights import ROOT as WEIGHTS

ROOT = Path(__file__).resolve().parent.parent
CODES = ROOT / "scenarios" / "theatres" / "western_balkans_1990s_codes.yaml"
KEDS = Path(os.environ.get("DETENTE_OBSERVATIONS", ROOT.parent / "shared" / "observations"))
needs_files = pytest.mark.skipif(not KEDS.is_dir(), reason="needs the observation files: set DETENTE_OBSERVATIONS")
ACTORS = {"A": ["A", "Aland"], "B": ["B", "Beeland*"]}
EVENTS = "date,source,target,code,goldstein"


def codes(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_weekly_table_becomes_regular_series(tmp_path: Path) -> None:
    rows = [
        ("A-B", "1998-01-05", 3, 2, 11.5, 4.0),
        ("A-B", "1998-01-26", 1, 0, "-0.0", 1),
        ("A-C", "1998-01-12", 1, 1, 5, 0),
    ]
    found = load(written(tmp_path / "w.csv", rows))
    one = found["A-B"]
    assert found.layout == "dyad_week"
    assert list(one.dates.astype(str)) == mondays(4)
    np.testing.assert_array_equal(one.value, [11.5, 0, 0, 0])
    np.testing.assert_array_equal(one.count, [2, 0, 0, 0])
    np.testing.assert_array_equal(one.other, [1, 0, 0, 1])
    assert str(one.ends[-1]) == "1998-02-01"
    np.testing.assert_array_equal(found["A-C"].count, [0, 1, 0, 0])


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("form", ["plain", "crlf", "bom", "gz", "shuffled"])
def test_the_same_table_however_it_is_written(mark: str, form: str, tmp_path: Path) -> None:
    rows = weekly_rows(30, ("A-B", "A-C"))
    usual = load(written(tmp_path / "usual.csv", rows))
    other = [rows[k] for k in np.random.default_rng(2).permutation(len(rows))] if form == "shuffled" else rows
    text = written(tmp_path / "other.csv", other).read_text().replace(",", mark)
    text = {"crlf": text.replace("\n", "\r\n"), "bom": "\ufeff" + text}.get(form, text)
    path = tmp_path / ("other.csv.gz" if form == "gz" else "other.csv")
    path.write_bytes(gzip.compress(text.encode()) if form == "gz" else text.encode())
    found = load(path)
    for key in ("A-B", "A-C"):
        for part in ("dates", "value", "count", "other"):
            np.testing.assert_array_equal(getattr(found[key], part), getattr(usual[key], part))


#: bad last row of a weekly table -> where it is told to be, and what is said
BAD = {
    ("A-B", "1999-01-04", "x", 1, 4, 0): ('3:16: "x" in column n is not a number'),
    ("A-B", "1999-01-04", "nan", 1, 4, 0): ('3:16: "nan" in column n is not a finite'),
    ("A-B", "1999-01-04", "1_0", 1, 4, 0): ('3:16: "1_0" in column n is not a number'),
    ("A-B", "1999-01-04", "", 1, 4, 0): ('3:16: "" in column n is not a number'),
    ("A-B", "1999-01-04", 3, -1, 4, 0): ("3:18: -1 in column n_conf is not a number of events"),
    ("A-B", "1999-01-04", 3, 1.5, 4, 0): ("3:18: 1.5 in column n_conf is not a number of events"),
    ("A-B", "1999-01-04", 3, 4, 4, 0): ("3:18: n_conf is larger than n"),
    ("A-B", "1999-01-04", 3, 1, -4, 0): ("3:20: conf is a sum of magnitudes"),
    ("A-B", "1999-01-04", 3, 1, 0, 0): ("3:20: conf and n_conf must be zero together"),
    ("A-B", "1999-01-04", 10**8, 1, 4, 0): ("3:16: 100000000 in column n is beyond"),
    ("A-B", "1999-01-05", 3, 1, 4, 0): ("3:5: 1999-01-05 is not a Monday"),
    ("A-B", "04/01/1999", 3, 1, 4, 0): ('3:5: "04/01/1999" in column week is not a date: write 2001-03-17'),
    ("A-B", "1999-02-30", 3, 1, 4, 0): ('3:5: "1999-02-30" in column week is not a date'),
    ("A-B", "1999-01-0412", 3, 1, 4, 0): ('3:5: "1999-01-0412" in column week is not a date'),
    ("A-B", "9998-01-05", 3, 1, 4, 0): ('3:5: "9998-01-05" in column week: the year'),
    ("A-B", "1998-01-05", 3, 1, 4, 0): ("3:5: dyad A-B has week 1998-01-05 twice"),
    ('"A, or so"', "1999-01-05", 3, 1, 4, 0): ("3:12: 1999-01-05 is not a Monday"),
    ("", "1999-01-04", 3, 1, 4, 0): ("3:1: column dyad is empty"),
    ("A-B", "1999-01-04", 3): ("3:1: 3 cells, the header has 6 columns"),
}


@pytest.mark.parametrize("row", BAD)
def test_a_bad_cell_is_named_with_its_place(row: tuple[object, ...], tmp_path: Path) -> None:
    path = written(tmp_path / "bad.csv", [("A-B", "1998-01-05", 1, 1, 5, 0), row])
    with pytest.raises(ObservationError) as told:
        load(path)
    assert f"bad.csv:{BAD[row]}" in str(told.value)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "1:1: the file is empty"),
        (b"dyad,week,n,n_conf,conf\n", "no rows below the header"),
        (b"a,b\n1,2\n", "1:1: not a layout known here"),
        (b"dyad,week,n,n_conf,conf,n\n", "1:1: column n stands twice"),
        (b"dyad,week,n,n_conf,conf\nA-B,1998-01-05,1,1,\xff\n", "not readable as a table of text in UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(ObservationError, match=what):
        load(path)


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv.gz"
    path.write_bytes(gzip.compress(written(tmp_path / "w.csv", weekly_rows(90)).read_bytes())[:-30])
    with pytest.raises(ObservationError, match="not readable"):
        load(path)


def test_a_file_is_found_in_the_folder_of_observations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "w.csv", weekly_rows(3))
    monkeypatch.setenv("DETENTE_OBSERVATIONS", str(tmp_path))
    assert load("w.csv").path == tmp_path / "w.csv"
    with pytest.raises(ObservationMissing, match="DETENTE_OBSERVATIONS"):
        load("other.csv")


def test_events_with_weights_count_once_a_day(tmp_path: Path) -> None:
    rows = [
        ("1998-01-06", "AAA", "BBB", "190", -9.0),
        ("1998-01-06", "AAA", "BBB", "190", -9.0),
        ("1998-01-06", "BBB", "AAA", "190", -9.0),
        ("1998-01-07", "AAA", "BBB", "190", -9.0),
        ("1998-01-08", "AAA", "BBB", "030", 3.0),
        ("1998-01-08", "AAA", "BBB", "031", ""),
        ("1998-01-08", "AAA", "CCC", "190", -9.0),
        ("1998-01-21", "CCC", "CCC", "190", -9.0),
    ]
    which = codes(tmp_path / "codes.yaml", "keds:\n  actors: {A: [AAA], B: [BBB]}\n")
    found = load(written(tmp_path / "e.csv", rows, EVENTS), which)
    assert list(found.series) == ["A-B"]
    np.testing.assert_array_equal(found["A-B"].count, [3, 0, 0])
    np.testing.assert_array_equal(found["A-B"].value, [27, 0, 0])
    np.testing.assert_array_equal(found["A-B"].other, [1, 0, 0])
    assert str(found.last) == "1998-01-21"


def test_cameo_columns_of_several_publishers(tmp_path: Path) -> None:
    which = codes(tmp_path / "codes.yaml", "cameo:\n  actors: {A: [AAA, 'AAA*'], B: [BBB]}\n  dyads: [B-A]\n")
    gdelt = "SQLDATE,Actor1Code,Actor2Code,EventCode,GoldsteinScale"
    weighed = load(written(tmp_path / "g.csv", [("19980106", "AAAGOV", "BBB", "190", -9.5)], gdelt), which)
    icews = "Event Date,Source,Target,CAMEO Code"
    coarse = load(written(tmp_path / "c.csv", [("06 January 1998", "BBB", "AAA", "190")], icews), which)
    assert (weighed.layout, coarse.layout) == ("cameo", "cameo")
    assert weighed["B-A"].value.tolist() == [9.5]
    assert coarse["B-A"].value.tolist() == [-WEIGHTS[19]]
    with pytest.raises(ObservationError, match="no column for source"):
        load(written(tmp_path / "n.csv", [("1998-01-06", "B", "190")], "date,target,EventCode"), which)


def test_an_acled_export_with_own_names_or_codes(tmp_path: Path) -> None:
    head = "event_id_cnty,event_date,event_type,sub_event_type,actor1,actor2"
    rows = [
        ("X1", "05 June 2024", "Battles", "Armed clash", "Aland", "Beeland (north)"),
        ("X2", "2024-06-06", "Protests", "Peaceful protest", "B", "aland"),
        ("X2", "2024-06-06", "Protests", "Peaceful protest", "B", "aland"),
        ("X3", "2024-06-06", "Strategic developments", "Looting", "A", "B"),
        ("X4", "1 July 2024", "Battles", "Armed clash", "Aland", ""),
    ]
    path = written(tmp_path / "acled.csv", rows, head)
    named = load(path, names=ACTORS)["A-B"]
    assert named.count[0] == 2
    assert named.value[0] == ACLED["Battles"] + ACLED["Protests"]
    assert named.other[0] == 1
    which = codes(
        tmp_path / "codes.yaml", "acled: {actors: {A: [Aland], B: ['Beeland*']}, severity: {Armed clash: 3}}\n"
    )
    assert load(path, which)["A-B"].value[0] == 3
    strange = written(tmp_path / "s.csv", [("X", "2024-06-06", "Feasts", "", "A", "B")], head)
    with pytest.raises(ObservationError, match=r's\.csv:2:14: no severity for "Feasts"'):
        load(strange, names=ACTORS)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("keds: [", "bad.yaml:2:1"),
        ("- keds", "bad.yaml:1:1: expected sections"),
        ("cameo: {}", 'no section "keds"'),
        ("keds: {actors: [A]}", "keds.actors must be a mapping"),
        ("keds: {actors: {A: 3}}", "keds.actors.A must be a list"),
        ("keds: {actor: {A: [AAA]}}", 'unknown key "actor": did you mean "actors"'),
        ("keds: {severity: {A: 12}}", "a magnitude from 0 to 10"),
        ("keds: {actors: {A: [XXX]}}", "no event joins two of the actors"),
    ],
)
def test_a_bad_codes_file_is_refused(text: str, what: str, tmp_path: Path) -> None:
    path = written(tmp_path / "e.csv", [("1998-01-06", "AAA", "BBB", "190", -9.0)], EVENTS)
    with pytest.raises(ObservationError, match=what):
        load(path, codes(tmp_path / "bad.yaml", f"{text}\n"))


def test_single_events_need_to_know_who_is_who(tmp_path: Path) -> None:
    path = written(tmp_path / "e.csv", [("1998-01-06", "AAA", "BBB", "190", -9.0)], EVENTS)
    with pytest.raises(ObservationError, match="--codes FILE"):
        load(path)
    beyond = written(tmp_path / "b.csv", [("1998-01-06", "A", "B", "190", -90)], EVENTS)
    with pytest.raises(ObservationError, match=r"b\.csv:2:20: -90 in column goldstein is outside"):
        load(beyond, names=ACTORS)


def test_a_risk_index_by_month(tmp_path: Path) -> None:
    rows = monthly_rows(1998, 1999)
    found = load(written(tmp_path / "g.csv", rows, "Date,GPR_AI,X,Y"))
    assert (found.layout, found["X"].step, found["X"].counted) == ("ai_gpr", "month", False)
    np.testing.assert_allclose(found["X"].count[3:], [row[2] / 0.05 for row in rows[3:]], atol=1e-2)
    by_month = load(written(tmp_path / "m.csv", [(row[0][:7], *row[1:]) for row in rows], "Date,GPR_AI,X,Y"))
    np.testing.assert_array_equal(by_month["X"].dates, found["X"].dates)
    which = codes(tmp_path / "codes.yaml", "ai_gpr:\n  sums: {both: [X, Y], none: [X, Z]}\n")
    summed = load(tmp_path / "g.csv", which)
    np.testing.assert_allclose(summed["both"].value, found["X"].value + found["Y"].value)
    assert "none" not in summed.series


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda rows: rows[::-1], r"g\.csv:3:1: the month 1999-11-01 does not follow"),
        (lambda rows: rows[:3] + rows[4:], r"g\.csv:5:1: the month 1998-05-01 does not follow"),
        (lambda rows: rows[:3] + rows[2:], r"g\.csv:5:1: the month 1998-03-01 does not follow"),
        (lambda rows: [*rows[:2], (*rows[2][:2], -1, 0), *rows[3:]], r"g\.csv:4:18: X is negative"),
    ],
)
def test_months_must_follow_one_another(change, what: str, tmp_path: Path) -> None:
    with pytest.raises(ObservationError, match=what):
        load(written(tmp_path / "g.csv", change(monthly_rows(1998, 1999)), "Date,GPR_AI,X,Y"))


def test_a_column_with_a_gap_is_refused_when_it_is_asked_for(tmp_path: Path) -> None:
    rows = [(m, a, x, "" if k < 4 else y) for k, (m, a, x, y) in enumerate(monthly_rows(1998, 1999))]
    found = load(written(tmp_path / "g.csv", rows, "Date,GPR_AI,X,Y"))
    assert len(found["X"]) == 24
    with pytest.raises(ObservationError, match=r"g\.csv:2:\d+: column Y is empty"):
        found["Y"]


def test_the_value_of_an_article_looks_back_only() -> None:
    table = np.array([[row[2] for row in monthly_rows(1998, 2003)], [row[3] for row in monthly_rows(1998, 2003)]])
    later = np.concatenate([table[:, :40], 1.7 * table[:, 40:]], axis=1)
    np.testing.assert_array_equal(units(table)[:40], units(later)[:40])
    np.testing.assert_allclose(units(table)[20:40], 0.05, rtol=0.01)


def test_sums_of_weekly_dyads_and_a_misspelt_dyad(tmp_path: Path) -> None:
    path = written(tmp_path / "w.csv", weekly_rows(20, ("A-B", "AMIL-B")))
    found = load(path, codes(tmp_path / "c.yaml", "dyad_week: {sums: {both: [A-B, AMIL-B]}}\n"))
    np.testing.assert_array_equal(found["both"].count, found["A-B"].count + found["AMIL-B"].count)
    assert load(path, codes(tmp_path / "d.yaml", "keds: {}\n")).series.keys() == {"A-B", "AMIL-B"}
    with pytest.raises(ObservationError, match=r'no dyad "A-b": this pair is written "A-B"'):
        found["A-b"]


def test_weeks_begin_on_monday() -> None:
    days = np.arange("1998-01-01", "1998-03-01", dtype="datetime64[D]")
    assert {int(str(monday(d).astype(object).isoweekday())) for d in days} == {1}
    assert all(0 <= int((d - monday(d)).astype(int)) < 7 for d in days)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1998:1999", "1998-01-01", "1999-12-31"),
        ("1998-02:1998-02", "1998-02-01", "1998-02-28"),
        (":2000-12-31", "None", "2000-12-31"),
        ("2001-01-01:", "2001-01-01", "None"),
        (" : ", "None", "None"),
    ],
)
def test_windows_hold_whole_days_months_and_years(text: str, first: str, last: str) -> None:
    window = Window.of(text)
    assert (str(window.first), str(window.last)) == (first, last)
    days = np.array(["1997-06-02", "1998-02-02", "2001-01-01", "2004-01-05"], dtype="datetime64[D]")
    inside = [(first == "None" or d >= first) and (last == "None" or d <= last) for d in days.astype(str)]
    np.testing.assert_array_equal(window.holds(days), inside)


@pytest.mark.parametrize("text", ["1998", "1998:1997", ":NaT", ":today", "1998-13:", "98:99", "1998-01-01:x", "1:2:3"])
def test_a_bad_window_is_refused(text: str) -> None:
    with pytest.raises(ObservationError, match="window"):
        Window.of(text)


def test_a_week_counts_for_the_month_in_which_it_begins() -> None:
    one = series("A-B", swelling(60))
    months = aim(one, "month")
    assert months.value.sum() == one.value.sum()
    begun = one.dates.astype("datetime64[M]") == np.datetime64("1998-03")
    assert months.value[list(months.dates.astype(str)).index("1998-03-01")] == one.value[begun].sum()
    with pytest.raises(ObservationError, match="week by week"):
        aim(replace(one, step="month"), "week")


def test_a_target_is_known_up_to_its_origin_only() -> None:
    months = aim(series("A-B", swelling(60)), "month")
    for horizon in (1, 3):
        for target in months.targets(Window.of("1998-06:1998-12"), horizon):
            assert target.known == target.row - horizon + 1
            assert target.origin == months.spans[target.known - 1][1] < target.first


WINDOWS = ["--train", ":2000-12-31", "--test", "2001-01-01:2003-12-31"]


def hindcast(path: Path, dyad: str, *more: str) -> dict[str, list[dict[str, float]]]:
    done = CliRunner().invoke(
        main, ["hindcast", "--observations", str(path), "--dyad", dyad, *WINDOWS, *more, "--json"]
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_longer_weekly_file_is_scored_on_its_later_years(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    path = written(tmp_path / "later.csv", weekly_rows(313, ("A-B", "A-C", "B-C")))
    told = hindcast(path, "A-B", "--horizon", "4")
    assert told["trained_intervals"] == 156
    assert {(row["method"], row["n"]) for row in told["rows"]} == {
        (m, 157) for m in ("model", "laws_off", "persistence", "climatology", "ar1", "smoothing")
    }
    by_month = hindcast(path, "A-B", "--every", "month")
    assert {row["n"] for row in by_month["rows"]} == {36}


def test_a_longer_monthly_file_is_scored_on_its_later_years(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    path = written(tmp_path / "later.csv", monthly_rows(1996, 2004), "Date,GPR_AI,X,Y")
    told = hindcast(path, "X", "--horizon", "12")
    assert told["trained_intervals"] == 60
    assert {row["n"] for row in told["rows"]} == {36}


#: awkward questions -> exit code and what is said
REFUSED = {
    ("--dyad", "A-X", *WINDOWS): (2, 'no dyad "A-X": did you mean "A-B"'),
    ("--dyad", "A-B", "--train", ":1998-03-31", "--test", "1999:"): (2, "at least 26 are needed"),
    ("--dyad", "A-B", "--train", "1999:", "--test", "1999:"): (2, "the training window has no end"),
    ("--dyad", "A-B", "--train", ":1999-06", "--test", "1999:"): (2, "before the training window ends"),
    ("--dyad", "A-B", "--train", ":1999-06", "--test", "2050:"): (2, "holds 0 targets at horizon 1"),
    ("--dyad", "A-B", "--train", "1999", "--test", "2000"): (2, "is not a window"),
}


@pytest.mark.parametrize("asked", REFUSED)
def test_an_awkward_question_is_answered_in_words(asked: tuple[str, ...], tmp_path: Path) -> None:
    path = written(tmp_path / "w.csv", weekly_rows(90))
    done = CliRunner().invoke(main, ["hindcast", "--observations", str(path), *asked])
    code, what = REFUSED[asked]
    assert (done.exit_code, what in done.output) == (code, True), done.output
    assert "Traceback" not in done.output


def test_a_file_without_conflict_teaches_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "w.csv", [("A-B", week, 1, 0, 0, 1) for week in mondays(90)])
    windows = ["--train", ":1999-03", "--test", "1999-04:"]
    done = CliRunner().invoke(main, ["hindcast", "--observations", str(path), "--dyad", "A-B", *windows])
    assert (done.exit_code, "nothing can be learnt" in done.output) == (2, True)


def test_since_and_until_cut_all_of_a_series() -> None:
    one = series("A-B", swelling(40))
    day = START + np.timedelta64(70, "D")
    cut = file_of(one).since(day)["A-B"].until(5)
    np.testing.assert_array_equal(cut.count, one.count[10:15])
    assert all(len(getattr(cut, k)) == 5 for k in ("dates", "value", "other", "size"))


@needs_files
def test_the_publishers_files_agree_with_one_another() -> None:
    """The weekly table was made from the single events with the same grouping."""
    table, events = load(KEDS / "keds_dyad_week_1989_2000.csv"), load(KEDS / "keds_events_1989_2000.csv.gz", CODES)
    one, other = table["SRB-KOS"], events["SRB-KOS"]
    both, here, there = np.intersect1d(one.dates, other.dates, return_indices=True)
    assert len(both) > 600
    np.testing.assert_allclose(one.count[here].sum(), other.count[there].sum(), rtol=0.02)
    np.testing.assert_allclose(one.value[here].sum(), other.value[there].sum(), rtol=0.02)
    months = load(KEDS / "ai_gpr_balkans_monthly_1985_2019.csv", CODES)
    derived = load(KEDS / "ai_gpr_wb_derived_monthly_1985_2019.csv")
    np.testing.assert_allclose(months["WB_core"].value, derived["WB_core"].value, atol=1e-3)
