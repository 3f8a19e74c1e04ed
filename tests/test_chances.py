"""Chances of crisis and of war on every surface: in a run, its files and its JSON, beside what is counted."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from detente.analysis import chances
from detente.api.brakes import NONE, declared, without
from detente.api.experiment import opened
from detente.cli import main
from detente.experiment.run import run
from detente.experiment.store import CHANCES, open_result
from detente.figures import intervals, regret
from detente.prose.wording import digits_for, sentence, signed, told_change, told_size
from detente.scenario.load import load
from tests import scenario_data

SIZE = ("-n", "48", "--weeks", "60")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small theatre."""
    folder = tmp_path_factory.mktemp("chances")
    scenario_data.write(folder)
    return folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.delenv("DETENTE_SCENARIOS", raising=False)


def told(*words: str) -> Any:
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ds(place: Path) -> xr.Dataset:
    return run(load(place / "small.yaml").scenario, 48, seed=1, weeks=60)


def test_a_run_tells_the_chances_of_any_pair_and_of_each(ds: xr.Dataset) -> None:
    printed = told("run", "small", *SIZE, "--out", "ran")
    any_, *pairs = printed["chances"]
    assert any_["pair"] == "any"
    assert {row["pair"] for row in pairs} == set(ds["dyad"].values)
    assert [row["armed"] for row in pairs] == sorted((row["armed"] for row in pairs), reverse=True)
    for row in printed["chances"]:
        assert {"crisis", "armed", "armed_low", "armed_high", "counted"} < set(row)
        assert 0 <= row["armed_low"] <= row["armed"] <= row["armed_high"] <= 1
        assert row["armed"] <= any_["armed"]
        assert 0 <= row["counted"] <= row["counted_crisis"] <= 1
    assert any_["armed"] == pytest.approx(np.clip(ds["any_armed_chance"].values[:, -1].mean(), 0, 1))


def test_the_file_beside_the_summary_holds_the_chances_by_date(ds: xr.Dataset) -> None:
    printed = told("run", "small", *SIZE, "--out", "filed")
    rows = list(csv.DictReader(Path("filed", CHANCES).read_text("utf-8").splitlines()))
    days = [str(day) for day in ds["quarter"].values.astype("datetime64[D]")]
    assert [row["date"] for row in rows] == days * (1 + ds.sizes["dyad"])
    assert [row["pair"] for row in rows[:: len(days)]] == ["any", *ds["dyad"].values]
    last = {row["pair"]: row for row in rows if row["date"] == days[-1]}
    for row in printed["chances"]:
        for name in chances.ESTIMATES:
            assert float(last[row["pair"]][name]) == pytest.approx(row[name], rel=1e-4)
    assert told("compare", "filed", "small", *SIZE)["rows"][0]["verdict"] == "identical"


def test_chances_grow_with_time_and_lie_in_their_intervals(ds: xr.Dataset) -> None:
    for pair in ("any", *map(str, ds["dyad"].values)):
        found = chances.estimates(ds, pair)
        for event in chances.EVENTS:
            assert (np.diff(found[event]) >= 0).all()
            assert (found[f"{event}_low"] <= found[event]).all()
            assert (found[event] <= found[f"{event}_high"]).all()


def test_a_kept_summary_has_the_same_chances_with_their_intervals(place: Path, ds: xr.Dataset) -> None:
    short = run(load(place / "small.yaml").scenario, 48, seed=1, weeks=60, keep="summary")
    whole, kept = chances.table(ds), chances.table(short)
    assert (kept.pop("date"), kept.pop("pair")) == (whole.pop("date"), whole.pop("pair"))
    for name, values in whole.items():
        assert kept[name] == pytest.approx(values, abs=1e-6), name
    assert max(whole["armed_high"]) > max(whole["armed"])


def test_a_result_from_before_regimes_has_no_file_of_chances(ds: xr.Dataset) -> None:
    old = ds.drop_vars([name for name in ds.data_vars if str(name).endswith("_chance")])
    assert chances.table(old) == {}
    assert chances.chances(old) == []


def test_what_is_stored_tells_the_same(ds: xr.Dataset) -> None:
    told("run", "small", *SIZE, "--out", "kept")
    assert chances.table(open_result("kept")) == chances.table(ds)


# what each brake is worth


def test_every_brake_that_the_laws_declare_is_taken_away_in_turn(ds: xr.Dataset) -> None:
    answer = told("brakes", "small", *SIZE, "--pairs", "1")
    rows, pairs = answer["brakes"], chances.chances(ds)[:2]
    names = declared(load("small.yaml").scenario)
    assert len(names) > 3
    assert [(row["brake"], row["pair"]) for row in rows] == [
        (brake, one.pair) for brake in (*names, NONE) for one in pairs
    ]
    assert (answer["standing"], answer["members"], answer["weeks"]) == (chances.STANDING, 48, 60)
    for row, one in zip(rows, pairs * (len(names) + 1), strict=True):
        assert row["armed"] == pytest.approx(one.armed)
        assert row["armed_without"] == pytest.approx(row["armed"] + row["change"])
        assert row["low"] <= row["change"] <= row["high"]
        assert row["ratio"] == pytest.approx(row["armed_without"] / row["armed"])
        assert row["ratio_low"] <= row["ratio"] <= row["ratio_high"]


def test_a_brake_that_is_off_already_is_worth_nothing() -> None:
    path = declared(load("small.yaml").scenario)["presence"]
    rows = told("brakes", "small", *SIZE, "--pairs", "0", "--set", f"{path}=0")["brakes"]
    (presence,) = (row for row in rows if row["brake"] == "presence")
    assert (presence["change"], presence["low"], presence["high"], presence["ratio"]) == (0, 0, 0, 1)


def test_a_brake_is_off_in_every_draw(place: Path) -> None:
    scenario = load(place / "small.yaml", {"parameters.choice.aversion.value": 2.0}).scenario
    free = without(scenario, ["parameters.choice.aversion"]).parameters.choice.aversion
    assert (free.value, free.spread) == (0.0, None)


def test_brakes_are_a_table_with_what_a_level_is_worth() -> None:
    out = CliRunner().invoke(main, ["brakes", "small", *SIZE, "--pairs", "1"]).stdout
    assert chances.STANDING in out
    assert "Any pair" in out
    for brake in (*declared(load("small.yaml").scenario), NONE):
        assert out.count(f"without {brake} ") == 2


# experiments

STUDY = """title: Study
scenarios: small
levers:
  shield:
    settings:
      as now: {}
      none: {parameters.missions.dose: 0, parameters.choice.aversion: 0}
design: {kind: factorial}
members: 48
weeks: 60
metrics: [tension@26, behaviour@26, war, "unrest:ALF-BET"]
"""
SINGLE = """title: Single
scenarios: small
uncertainties: {given: {parameters.choice.aversion: {value: 0.5, low: 0, high: 1, spread: uniform}}}
design: {kind: one_at_a_time}
members: 8
weeks: 60
metrics: [tension@26, war]
"""


def conducted(text: str, name: str) -> Path:
    Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    told("experiment", "run", f"{name}.yaml", "--workers", "1", "--out", name)
    return Path(name)


@pytest.fixture(scope="module")
def study(place: Path) -> Path:
    """The folder of a finished experiment that measures chances."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        return place / conducted(STUDY, "study")


def test_an_experiment_has_the_chances_of_every_option(study: Path, ds: xr.Dataset) -> None:
    found = told("experiment", "show", str(study))
    assert (found["metric"], found["unit"]) == ("tension_26", "points")
    rows, labels = found["chances"], [option["label"] for option in found["options"]]
    metrics = ("war", "unrest_ALF-BET")
    assert [(row["metric"], row["option"]) for row in rows] == [(m, label) for m in metrics for label in labels]
    (war, free, *_), (held, *_) = rows, chances.chances(ds)
    as_run = held.armed, held.armed_low, held.armed_high
    assert (war["chance"], war["low"], war["high"]) == pytest.approx(as_run, rel=1e-6)
    assert (war["change"], war["ratio"]) == (None, None)
    assert free["chance"] > war["chance"]
    assert free["change"]["change"] == pytest.approx(free["chance"] - war["chance"])
    assert free["change"]["unit"] == "share"
    assert free["ratio"] == pytest.approx(free["chance"] / war["chance"])
    assert free["ratio_low"] < free["ratio"] < free["ratio_high"]


def test_chances_are_printed_in_hundredths_with_what_a_level_is_worth(study: Path) -> None:
    found = told("experiment", "show", str(study), "--metric", "war")
    assert found["unit"] == "share"
    first, other = found["options"]
    out = CliRunner().invoke(main, ["experiment", "show", str(study), "--metric", "war"]).stdout
    assert f" {100 * first['mean']:.1f} " in out
    assert told_change(other["change"]) in out
    assert told_size(other["change"]) in out
    assert out.count(sentence(chances.STANDING)) == 2
    assert "chance that any pair turns armed (by the end)" in out


def test_a_change_of_a_share_is_told_in_hundredths() -> None:
    change = {"change": 0.047, "ci_low": 0.031, "ci_high": 0.063, "verdict": "higher", "unit": "share"}
    assert told_change(change) == "+4.7 [+3.1, +6.3]"
    assert told_size(change) == "4.7 [3.1, 6.3] in 100"
    assert told_size(change | {"change": -0.047, "ci_low": -0.063, "ci_high": -0.031}) == "4.7 [3.1, 6.3] in 100"
    assert told_size(change | {"unit": "points"}) == "0.05 [0.03, 0.06]"


def test_the_page_on_experiments_has_a_table_for_every_chance(study: Path, tmp_path: Path) -> None:
    told("experiment", "report", str(study), "--out", str(tmp_path / "page"))
    page = (tmp_path / "page" / "README.md").read_text(encoding="utf-8")
    assert "| Option | Chance that any pair turns armed, in 100 |" in page
    assert page.count(sentence(chances.STANDING)) == 2
    assert {path.name for path in (tmp_path / "page" / "tables").iterdir()} >= {"study-chances-war.csv"}


def test_what_matters_for_a_chance_is_told_in_hundredths() -> None:
    folder = str(conducted(SINGLE, "single"))
    (stage,) = told("sensitivity", folder, "--metric", "war")["stages"]
    (row,) = stage["rows"]
    assert stage["unit"] == "share"
    assert 0 < abs(row["low_change"]) <= 1
    out = CliRunner().invoke(main, ["sensitivity", folder, "--metric", "war"]).stdout
    digits = digits_for(100 * max(row["low_half"], row["high_half"]))
    assert signed(100 * row["low_change"], digits) in out
    assert "in 100" in out


def test_shares_are_drawn_in_hundredths(study: Path) -> None:
    found = told("experiment", "show", str(study), "--metric", "war")["options"][1]
    drawn = intervals.collect(opened(study).data, "war")
    (mark,) = drawn.series[0].marks
    ends = [100 * found["change"][key] for key in ("change", "ci_low", "ci_high")]
    assert [mark.value, mark.low, mark.high] == pytest.approx(ends)
    assert "in 100" in drawn.subtitle
    (best, _) = regret.collect(opened(study).data, "war").series[0].marks
    assert best.value == 0
    assert "in 100" not in intervals.collect(opened(study).data, "tension_26").subtitle
