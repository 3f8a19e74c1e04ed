"""Nowcast: who is who, what is read up to when, the state, its scores, the figure, the scenario that goes on."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from evidence_data import START, file_of, monthly_rows, quick, series, swelling, weekly_rows, written
from ruamel.yaml import YAML
from worlds import act, village

from detente.cli.main import main
from detente.evidence.forecasts import hindcast
from detente.evidence.forecasts.rolling import Question
from detente.evidence.forecasts.targets import Window
from detente.evidence.nowcasts import state as told
from detente.evidence.nowcasts.carried import carried
from detente.evidence.nowcasts.nowcast import Nowcast, usual, warnings
from detente.evidence.nowcasts.nowcast import nowcast as now_of
from detente.evidence.nowcasts.opening import opening, opening_day, part, runnable
from detente.evidence.nowcasts.state import Asked
from detente.evidence.nowcasts.watch import AT, quantiles
from detente.evidence.pairs import chosen, matched
from detente.figures import nowcast as figure
from detente.figures.lint import lint
from detente.figures.sheet import sheet
from detente.model.stability import faults
from detente.observations import ObservationError, Observations, load
from detente.scenario.load import load as scenario_of
from detente.scenario.schema import Scenario

ROOT = Path(__file__).resolve().parent.parent
KEDS = Path(os.environ.get("DETENTE_OBSERVATIONS", ROOT.parent / "shared" / "observations"))
WEEKLY = "keds_dyad_week_1989_2000.csv"
LENGTH = 180


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)


def observed(length: int = LENGTH) -> Observations:
    """Two pairs of the village and one that it does not have."""
    return file_of(*(series(key, swelling(length, seed)) for seed, key in enumerate(("A-B", "C-B", "A-X"), start=1)))


def nowcast(file: Observations, theatre: Scenario, *dyads: str, **more) -> Nowcast:
    return now_of(theatre, Asked(file, **{"members": 512, **more}), dyads)


# --- who is who ----------------------------------------------------------------------------------------------------


def test_pairs_are_matched_in_either_order_and_what_is_missing_is_named() -> None:
    pairs = matched(village(), observed())
    assert pairs.read == {"A-B": "A-B", "B-C": "C-B"}
    assert pairs.unobserved == ("A-C", "A-E")
    assert pairs.strangers == ("A-X",)


def test_pairs_are_matched_by_labels_without_marks_and_capitals() -> None:
    theatre = scenario_of("baseline").scenario
    file = file_of(
        series("serbia–KOSOVO", swelling(20)), series("Bosnia and Herz. / Republika Srpska (entity)", swelling(20))
    )
    assert set(matched(theatre, file).read) == {"SRB-XKX", "BIH-RS"}


def test_a_file_of_somewhere_else_or_with_a_pair_twice_is_refused() -> None:
    with pytest.raises(ObservationError, match=r"none of the pairs of .*X-Y.*A-B"):
        matched(village(), file_of(series("X-Y", swelling(20))))
    with pytest.raises(ObservationError, match='"A-B" and "B-A" both stand for A-B'):
        matched(village(), file_of(series("A-B", swelling(20)), series("B-A", swelling(20))))


@pytest.mark.parametrize(
    ("pair", "what"), [("A-C", "does not hold"), ("A-b", 'this pair is written "A-B"'), ("Q-Z", "A-B")]
)
def test_a_pair_that_cannot_be_told_is_refused(pair: str, what: str) -> None:
    with pytest.raises(ObservationError, match=what):
        chosen(matched(village(), observed()), [pair])


# --- up to when ----------------------------------------------------------------------------------------------------


def test_the_last_year_is_held_out_where_the_file_is_long_enough() -> None:
    one = observed()["A-B"]
    train, test = told.windows(Asked(observed()), one)
    assert train.last == one.ends[LENGTH - 1 - 52]
    assert test is not None
    assert (test.first, test.last) == (one.dates[LENGTH - 52], one.ends[-1])
    train, test = told.windows(Asked(observed()), one.until(150))
    assert (train.last, test) == (one.ends[149], None)
    given = Asked(observed(), train=Window.of("1998-06:1999-12-31"))
    train, test = told.windows(given, one)
    assert (str(train), str(test)) == ("1998-06-01:1999-12-31", f"2000-01-01:{one.ends[-1]}")
    train, test = told.windows(Asked(observed(), train=Window.of("1998-02:")), one)
    assert (train.last, str(train.first)) == (one.ends[LENGTH - 1 - 52], "1998-02-01")
    with pytest.raises(ObservationError, match="before the file begins"):
        told.windows(Asked(observed(), train=Window.of(":1990")), one)


def test_only_whole_weeks_up_to_the_day_are_read() -> None:
    file = replace(observed(40), last=START + np.timedelta64(7 * 39 + 3, "D"))
    cut, remark = told.origin(Asked(file))
    assert len(cut["A-B"]) == 39
    sunday = file["A-B"].ends[-1]
    assert f"--at {sunday}" in remark
    assert [len(told.origin(Asked(file, at=sunday))[0]["A-B"]), told.origin(Asked(file, at=sunday))[1]] == [40, ""]
    assert "The file ends" in told.origin(Asked(file, at=sunday + np.timedelta64(30, "D")))[1]
    with pytest.raises(ObservationError, match="at least 8 are needed"):
        told.origin(Asked(file, at=START + np.timedelta64(20, "D")))


def test_nothing_after_the_day_is_read() -> None:
    whole, day = observed(), observed()["A-B"].ends[159]
    loud = {k: replace(s, count=np.where(np.arange(LENGTH) < 160, s.count, 99.0)) for k, s in whole.series.items()}
    first, other = (nowcast(f, village(), "A-B", at=day).found["A-B"] for f in (whole, replace(whole, series=loud)))
    for name in ("rate", "level", "background", "regime", "shares", "reports", "values"):
        np.testing.assert_array_equal(getattr(first.watch, name), getattr(other.watch, name))
    assert len(first.watch.rate) == 160


def test_the_same_seed_gives_the_same_bits_and_a_pair_does_not_depend_on_the_others() -> None:
    runs = [
        nowcast(observed(), village(), *dyads, seed=seed).found["A-B"].watch.values
        for dyads, seed in ((("A-B",), 1), ((), 1), (("A-B",), 2))
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


# --- the state -----------------------------------------------------------------------------------------------------


def after(ending: list[float]) -> Nowcast:
    """A steady pair that ends as given."""
    count = np.random.default_rng(4).poisson(2.0, 120).astype(float)
    return nowcast(
        file_of(series("A-B", np.r_[count, ending]), series("B-C", swelling(120 + len(ending)))), village(), "A-B"
    )


def test_a_war_stands_above_the_usual_and_a_silence_below() -> None:
    war, peace, still = (after(e).found["A-B"] for e in ([30.0] * 6, [2.0, 1.0, 3.0, 2.0, 2.0, 1.0], [0.0] * 25))
    assert usual(war)["verdict"] == "above"
    assert usual(war)["quantile"] > 0.95
    assert usual(still)["verdict"] == "below"
    assert 0.05 < usual(peace)["quantile"] < 0.95
    assert np.median(war.watch.reports[0]) > 8 > 4 > np.median(peace.watch.reports[0])
    assert (war.watch.rate[-1, 0] < war.watch.rate[-1, 2]) & (war.watch.rate[-1, 2] < war.watch.rate[-1, 4])


def test_a_jump_is_taken_for_a_war_and_steady_counts_are_not() -> None:
    some = [after(e).found["A-B"].watch.regime for e in ([30.0] * 6, [2.0, 1.0, 3.0, 2.0, 2.0, 1.0])]
    for regime in some:
        np.testing.assert_allclose(regime.sum(axis=1), 1.0)
    war, peace = (regime[-1] for regime in some)
    assert war[0] < 0.5 < peace[0]


def test_quantiles_are_those_of_the_states() -> None:
    rng = np.random.default_rng(1)
    states, shares = rng.normal(size=4000), rng.gamma(1.0, size=4000)
    drawn = rng.choice(states, 200_000, p=shares / shares.sum())
    np.testing.assert_allclose(quantiles(states, shares / shares.sum()), np.quantile(drawn, AT), atol=0.02)


def test_a_short_file_stands_on_what_is_believed_beforehand() -> None:
    now = nowcast(observed(20), village(), "A-B").found["A-B"]
    assert now.fitted is None
    assert now.scored == ()
    assert any("too few to fit" in text for text in warnings(now))
    silent = file_of(series("A-B", np.zeros(40)), series("B-C", swelling(40)))
    assert any("no conflictual report" in text for text in warnings(nowcast(silent, village(), "A-B").found["A-B"]))
    with pytest.raises(ObservationError, match="nothing can be learnt"):
        nowcast(file_of(series("A-B", np.zeros(40))), village())


def test_it_is_scored_as_the_hindcast_scores(tmp_path: Path) -> None:
    """A monthly index shares nothing between series: fit, filter and forecasts are those of the hindcast."""
    path = written(tmp_path / "g.csv", monthly_rows(1994, 2003), "Date,GPR_AI,A-B,B-C")
    file = load(path)
    now = nowcast(file, village(), "A-B").found["A-B"]
    assert now.prepared is not None
    question = replace(now.prepared.question, members=512)
    scored = hindcast.hindcast(Question(**{k: getattr(question, k) for k in Question.__dataclass_fields__}))
    for one in now.scored:
        theirs = next(s for s in scored.scored if (s.method, s.horizon) == (one.method, one.horizon))
        np.testing.assert_array_equal(one.crps, theirs.crps)
    assert {one.method for one in now.scored} == {"model", "persistence", "climatology", "ar1", "smoothing"}


def test_the_record_holds_every_pair_and_can_be_written_down(tmp_path: Path) -> None:
    file = replace(observed(), path=written(tmp_path / "w.csv", []))
    content = nowcast(file, village(), ahead=5).record()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert [row["pair"] for row in content["pairs"]] == ["A-B", "B-C"]
    assert (content["not_in_the_file"], content["not_in_the_theatre"]) == (["A-C", "A-E"], ["A-X"])
    row = content["pairs"][0]
    assert [step["ahead"] for step in row["forecast"]] == [1, 2, 3, 4, 5]
    for step in row["forecast"]:
        for spread in (step["level"], step["value"]):
            assert list(spread.values()) == sorted(spread.values())
    assert row["forecast"][0]["from"] == str(file["A-B"].dates[-1] + np.timedelta64(7, "D"))
    assert [s["horizon"] for s in row["skill"]] == [1, 4]
    assert row["skill"][0]["n"] == 52
    assert row["rate"]["low"] < row["rate"]["median"] < row["rate"]["high"]
    assert list(row["regime"]) == ["quiet", "tense", "armed"]
    assert sum(row["regime"].values()) == pytest.approx(1.0)


# --- the figure ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dyads", [("A-B",), ()])
def test_the_figure_is_fit_to_be_saved(dyads: tuple[str, ...], tmp_path: Path) -> None:
    file = replace(observed(), path=written(tmp_path / "w.csv", []))
    found = nowcast(file, village(), *dyads)
    content = found.record()
    data = figure.collect(found, content)
    assert lint(sheet(figure.draw, data, figure.provenance(content))) == []
    if dyads:
        assert figure.brief(content["pairs"][0]["level"]["median"]) in data.title
        np.testing.assert_array_equal(data.panels[0].lines[-1].values[:104], file["A-B"].count[-104:])
    else:
        verdicts = [row["usual"]["verdict"] for row in content["pairs"]]
        above = verdicts.count("above")
        assert data.title.startswith(f"{above or 'None'} of 2 pairs stand")


# --- the scenario that goes on -------------------------------------------------------------------------------------


def theatre_with(acts: dict, weeks: int = 60) -> Scenario:
    return village({"acts": acts}, weeks=weeks)


def test_what_lasts_is_carried_over_and_what_passed_is_left_out() -> None:
    quantity = {"value": 800, "unit": "persons"}
    acts = {
        "clash": act("incident", 3),
        "campaign": act("rhetoric", 5, lasting=30),
        "brief": act("rhetoric", 5, lasting=2),
        "grows": act("mission", 2, mission="watch", troops=quantity, over=4),
        "shrinks": act("mission", 18, mission="post", troops=quantity, over=10),
        "embargo": act("sanction", 4),
        "embargo2": act("sanction", 5),
        "lifted": act("sanction", 9, lifted=True),
        "turn": act("dialogue", 6, track="talks", state="stalled"),
        "later": act("incident", 40),
    }
    scenario = theatre_with(acts)
    first = scenario.calendar.start + timedelta(weeks=20)
    kept = carried(scenario, first)
    moved = {name: change for name, change in kept["acts"].items() if change}
    assert set(moved) == {"campaign", "shrinks", "embargo"}
    assert all(change["date"] == first for change in moved.values())
    assert moved["campaign"]["lasting"]["value"] == pytest.approx(30 - 20 + 4.3, abs=0.1)
    assert moved["shrinks"]["over"]["value"] == pytest.approx(10 - 2.7, abs=0.1)
    assert kept["missions"]["watch"]["troops"]["value"] == 800
    assert "post" not in kept["missions"]
    assert kept["dialogues"] == {"talks": {"start": "stalled"}}
    assert "later" not in kept["acts"]


def lasting(acts: dict, week: int = 20) -> dict:
    """What is changed of the acts that last in this week, without their date."""
    scenario = theatre_with(acts)
    first = scenario.calendar.start + timedelta(weeks=week)
    moved = {name: change for name, change in carried(scenario, first)["acts"].items() if change}
    assert all(change.pop("date") == first for change in moved.values())
    return moved


def test_a_war_lasts_until_an_act_ends_it_and_only_for_the_pairs_that_it_holds() -> None:
    begun = {"war": act("war", 3, pairs=["A-E", "B-C"]), "tension": act("crisis", 5, pairs=["A-E"])}
    assert lasting(begun) == {"war": {"pairs": ["A-E", "B-C"]}}
    assert lasting({**begun, "peace": act("settlement", 10)}) == {"war": {"pairs": ["B-C"]}}
    again = {**begun, "peace": act("settlement", 10), "again": act("war", 12)}
    assert lasting(again) == {"war": {"pairs": ["B-C"]}, "again": {"pairs": ["A-E"]}}


def test_a_crisis_lasts_as_long_as_crises_do_or_until_the_calendar_ends_it() -> None:
    assert lasting({"crisis": act("crisis", 15)}) == {"crisis": {"pairs": ["A-C"]}}
    assert lasting({"crisis": act("crisis", 2)}, week=50) == {}
    ends = {"crisis": act("crisis", 2), "end": act("settlement", 55, pairs=["A-C"])}
    assert lasting(ends, week=50) == {"crisis": {"pairs": ["A-C"]}}
    ceased = {"war": act("war", 3), "truce": act("ceasefire", 15)}
    assert lasting(ceased) == {"truce": {"kind": "crisis", "track": None, "pairs": ["A-E"]}}


def test_a_membership_left_stays_left_a_need_stays_set_and_a_settlement_holds() -> None:
    acts = {
        "frozen": act("membership", 3),
        "left": act("membership", 8, standing="left"),
        "more": act("need", 4),
        "less": act("need", 9, personnel=1000),
        "war": act("war", 2),
        "peace": act("settlement", 6),
    }
    assert set(lasting(acts)) == {"left", "less"}
    scenario = theatre_with(acts)
    kept = carried(scenario, scenario.calendar.start + timedelta(weeks=20))
    assert kept["dialogues"] == {"order": {"start": "agreement"}}


def yaml(text: str) -> dict:
    return YAML(typ="safe").load(text)


def found_at(day: date, path: Path, loud: float = 1.0) -> Nowcast:
    """A nowcast of the village whose last week ends just before ``day``."""
    count = swelling(60) * loud
    file = file_of(series("A-B", count))
    dates = np.datetime64(day) + 7 * (np.arange(60) - 60) * np.timedelta64(1, "D")
    return nowcast(replace(file, path=path, series={"A-B": replace(file["A-B"], dates=dates)}), village())


def test_rates_are_those_of_the_filter_shared_as_in_the_scenario(tmp_path: Path) -> None:
    path = written(tmp_path / "My file.csv", [])
    now = found_at(village().calendar.start, path)
    assert opening_day(now) == village().calendar.start
    opened = opening(now, faults)
    text = part(now, "village", opened)
    content = yaml(text)
    (source,) = content["sources"]
    assert source == "nowcast.my_file"
    assert "sha256" in content["sources"][source]["fact"]
    rates = content["dyads"]["A-B"]["incident_rate"]
    own = village().dyads["A-B"].incident_rate
    assert rates["A"]["value"] / rates["B"]["value"] == pytest.approx(own["A"].value / own["B"].value, rel=0.01)
    watch = now.found["A-B"].watch
    assert rates["A"]["value"] + rates["B"]["value"] == pytest.approx(watch.expected, rel=0.01)
    assert "opening" not in content["dyads"]["A-B"]
    assert all(rate["source"] == [source] and rate["low"] < rate["value"] < rate["high"] for rate in rates.values())
    assert "calendar" not in yaml(runnable(now, "village"))
    assert faults(opened.within(now.scenario)) == []


def test_a_pair_that_is_surely_not_quiet_opens_so(tmp_path: Path) -> None:
    now = found_at(village().calendar.start, written(tmp_path / "w.csv", []))
    watch, sure = now.found["A-B"].watch, np.array([[0.05, 0.25, 0.7]])
    now.found["A-B"] = replace(now.found["A-B"], watch=replace(watch, regime=sure))
    text = part(now, "village", opening(now, faults))
    opens = yaml(text)["dyads"]["A-B"]["opening"]
    assert {name: one["value"] for name, one in opens.items()} == {"tense": 0.25, "armed": 0.7}
    path = written(tmp_path / "part.yaml", [], text)
    assert "nowcast.w" in path.read_text()


def test_a_rate_that_would_run_away_is_lowered_and_says_so(tmp_path: Path) -> None:
    now = found_at(village().calendar.start, written(tmp_path / "w.csv", []), loud=40.0)
    opened = opening(now, faults)
    assert set(opened.lowered) == {"A-B"}
    assert faults(opened.within(now.scenario)) == []
    note = yaml(part(now, "village", opened))["dyads"]["A-B"]["incident_rate"]["A"]["note"]
    assert "run away" in note


def test_a_nowcast_within_the_run_begins_it_there(tmp_path: Path) -> None:
    start = village().calendar.start
    now = found_at(start + timedelta(weeks=10), written(tmp_path / "w.csv", []))
    content = yaml(runnable(now, "village"))
    assert content["calendar"]["start"] == start + timedelta(weeks=10)
    assert content["calendar"]["end"] == village().calendar.end
    assert content["counterfactual"] is False
    beyond = found_at(start + timedelta(weeks=90), tmp_path / "w.csv")
    calendar = yaml(runnable(beyond, "village"))["calendar"]
    assert calendar["start"] < calendar["end"]
    assert (calendar["end"] - calendar["start"]).days % 7 == 0


# --- the command ---------------------------------------------------------------------------------------------------

ACLED = "event_id_cnty,event_date,event_type,sub_event_type,actor1,actor2,country,fatalities"


def own_file(path: Path, weeks: int = 60) -> Path:
    """What a user of ACLED has: an export with the public columns, actors called by their names."""
    rng = np.random.default_rng(5)
    first, rows = date(2023, 5, 1), []
    for week in range(weeks):
        for k in range(int(rng.poisson(1.2))):
            day = first + timedelta(days=7 * week + int(rng.integers(7)))
            kind = ("Protests", "Riots", "Violence against civilians")[int(rng.integers(3))]
            two = (("Serbia", "Kosovo"), ("Kosovo*", "Serbia"), ("Croatia", "Serbia"))[int(rng.integers(3))]
            rows.append((f"X{week}-{k}", day.strftime("%d %B %Y"), kind, "", *two, "Somewhere", 0))
    rows.append(("END", "2024-06-23", "Protests", "", "Hungary", "Romania", "Somewhere", 0))
    return written(path, rows, ACLED)


def ask(*words: str | Path):
    return CliRunner().invoke(main, ["nowcast", *map(str, words)])


def test_an_own_acled_export_goes_on_as_a_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("baseline", "--observations", own_file(tmp_path / "own.csv"), "--members", "256")
    done = ask(*asked, "--out", "now")
    assert done.exit_code == 0, done.output
    names = ("nowcast.json", "nowcast.png", "nowcast.svg", "nowcast.yaml", "from_nowcast.yaml")
    assert sorted(p.name for p in (tmp_path / "now").iterdir()) == sorted(names)
    for said in ("Serbia–Kosovo*", "Serbia–Croatia", "Not in the file", "How do you know?", "* This designation"):
        assert said in done.stdout
    content = json.loads((tmp_path / "now" / "nowcast.json").read_text())
    assert (content["layout"], content["at"]) == ("acled", "2024-06-23")
    assert {row["pair"] for row in content["pairs"]} == {"SRB-XKX", "SRB-HRV", "ROU-HUN"}
    own = written_scenario(tmp_path / "now" / "own_case.yaml")
    for path in (tmp_path / "now" / "from_nowcast.yaml", own):
        assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 0
        assert not scenario_of(path).scenario.counterfactual
    run = CliRunner().invoke(main, ["run", str(own), "-n", "8", "--weeks", "4", "--out", "run", "--json"])
    assert run.exit_code == 0, run.output
    again = ask(*asked, "--out", "now")
    assert (again.exit_code, "--force" in again.output) == (3, True)


def written_scenario(path: Path) -> Path:
    path.write_text("extends: baseline\noverlay: ./nowcast\ntitle: Own case\n", encoding="utf-8")
    return path


def test_the_result_for_programs_is_the_record(tmp_path: Path) -> None:
    path = own_file(tmp_path / "own.csv")
    done = ask("baseline", "--observations", path, "--members", "256", "--dyad", "SRB-XKX", "--ahead", "3", "--json")
    assert done.exit_code == 0, done.output
    content = json.loads(done.stdout)
    assert [len(row["forecast"]) for row in content["pairs"]] == [3]
    assert content["saved"] == []


def test_months_of_an_index_named_by_a_codes_file(tmp_path: Path) -> None:
    path = written(tmp_path / "g.csv", monthly_rows(2014, 2023), "Date,GPR_AI,X,Y")
    codes = tmp_path / "codes.yaml"
    codes.write_text("ai_gpr: {sums: {SRB-XKX: [X, Y]}}\n", encoding="utf-8")
    done = ask("baseline", "--observations", path, "--codes", codes, "--members", "256", "--out", tmp_path / "now")
    assert done.exit_code == 0, done.output
    assert "month" in done.stdout
    content = json.loads((tmp_path / "now" / "nowcast.json").read_text())
    assert (content["step"], content["pairs"][0]["unit"], content["held_out"]) == (
        "month", "index points", "2022-01-01:2023-12-31")  # fmt: skip
    rate = yaml((tmp_path / "now" / "nowcast.yaml").read_text())["dyads"]["SRB-XKX"]["incident_rate"]["SRB"]
    assert 0.02 < rate["value"] < 2


#: awkward questions -> exit code and what is said
REFUSED: dict[tuple[str, ...], tuple[int, str]] = {
    ("nowhere", "--observations", "w.csv"): (3, 'no scenario "nowhere"'),
    ("baseline", "--observations", "none.csv"): (3, "none.csv: no such file"),
    ("baseline", "--observations", "w.csv"): (2, "none of the pairs of baseline"),
    ("baseline", "--observations", "w.csv", "--codes", "none.yaml"): (3, "no such codes file"),
    ("baseline", "--observations", "own.csv", "--codes", "none.yaml"): (3, "no such codes file"),
    ("baseline", "--observations", "own.csv", "--dyad", "SRB-XKK"): (2, 'did you mean "SRB-XKX"'),
    ("baseline", "--observations", "own.csv", "--dyad", "BIH-RS"): (2, 'the file does not hold "BIH-RS"'),
    ("baseline", "--observations", "own.csv", "--at", "yesterday"): (2, "is not a date"),
    ("baseline", "--observations", "own.csv", "--at", "2023-05-20"): (2, "at least 8 are needed"),
    ("baseline", "--observations", "own.csv", "--since", "2024-06"): (2, "at least 8 are needed"),
    ("baseline", "--observations", "own.csv", "--train", "2023:2023", "--since", "2023"): (2, "do not go together"),
    ("baseline", "--observations", "own.csv", "--train", "2023"): (2, "is not a window"),
    ("baseline", "--observations", "own.csv", "--out", "own.csv"): (3, "own.csv is a file"),
    ("baseline", "--observations", "empty.csv"): (2, "empty.csv:1:1: the file is empty"),
}


@pytest.mark.parametrize("asked", REFUSED)
def test_an_awkward_question_is_answered_in_words(
    asked: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DETENTE_OBSERVATIONS", raising=False)
    own_file(tmp_path / "own.csv")
    written(tmp_path / "w.csv", weekly_rows(30, ("X-Y",)))
    (tmp_path / "empty.csv").write_text("")
    done = ask(*asked)
    code, what = REFUSED[asked]
    assert (done.exit_code, what in done.output) == (code, True), done.output
    assert "Traceback" not in done.output


@pytest.mark.slow
@pytest.mark.skipif(not (KEDS / WEEKLY).is_file(), reason="needs the observation files: set DETENTE_OBSERVATIONS")
def test_the_worked_example(tmp_path: Path) -> None:
    asked = ("history_1989_2003", "--observations", KEDS / WEEKLY, "--at", "1999-04-30", "--dyad", "SRB-KOS")
    done = ask(*asked, "--members", "512", "--out", tmp_path / "now")
    assert done.exit_code == 0, done.output
    content = json.loads((tmp_path / "now" / "nowcast.json").read_text())
    assert content["pairs"][0]["usual"]["verdict"] == "above"
    path = str(tmp_path / "now" / "from_nowcast.yaml")
    assert CliRunner().invoke(main, ["check", path]).exit_code == 0
    run = CliRunner().invoke(main, ["run", path, "-n", "8", "--weeks", "8", "--out", str(tmp_path / "run"), "--json"])
    assert run.exit_code == 0, run.output
