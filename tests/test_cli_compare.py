"""``detente compare``, ``explain`` and ``export`` from the outside: a made-up theatre, run for real."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result

from detente.analysis import tidy
from detente.analysis.chances import STANDING
from detente.analysis.compare import COLUMNS, compare
from detente.api.compare import more
from detente.cli import condition, main
from detente.engine import choice
from detente.experiment import run as experiment
from detente.experiment import store
from detente.prose.table import Table, harmless
from detente.prose.wording import changed, fixed, percent
from detente.scenario.load import load
from tests import scenario_data

MEMBERS, WEEKS = 48, 30
ASKED = ("-n", str(MEMBERS), "--weeks", str(WEEKS))
PILLARS = ("hostility", "incidents", "militarisation", "alignment", "vacuum", "diplomacy")
GOALPOST = "{calm: 0, clash: 10, weight: 0.2}"
BASE = "extends: small\ntitle: Base\nparameters:\n  index:\n" + "".join(f"    {p}: {GOALPOST}\n" for p in PILLARS)
BASE += "  hostility:\n    volatility: {value: 0.5, low: 0.2, high: 0.8, spread: uniform, unit: points}\n"
VISIT = "{kind: visit, date: 2024-09-02, title: A visit, by: POW, to: ALF, size: 5}\n"
RULER = "parameters: {index: {hostility: {calm: 0, clash: 5, weight: 0.2}}}\n"
FILES = {
    "base": BASE,
    "copy": "extends: base\ntitle: Copy\n",
    "moved": "extends: base\ntitle: Moved <b>&\ndyads: {ALF-BET: {resting_hostility: {ALF: 8, BET: 7}}}\n",
    # an earlier clash goalpost: another ruler, whatever the laws say
    "ruler": "extends: base\ntitle: Ruler\n" + RULER,
    "moved_ruler": "extends: moved\ntitle: Both\n" + RULER,
    "two": "extends: moved\ntitle: Two\nacts:\n  tea: " + VISIT,
    "short": "extends: base\ntitle: Short\ncalendar: {end: 2026-03-02}\n",
}


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with scenarios and stored results of them."""
    folder = tmp_path_factory.mktemp("shelf")
    scenario_data.write(folder)
    for name, text in FILES.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name in ("base", "moved", "ruler"):
        stored(folder, name, f"r_{name}")
    stored(folder, "base", "r_seed", seed=2)
    stored(folder, "base", "r_small", members=8)
    stored(folder, "base", "r_brief", seed=2, weeks=10)
    return folder


def stored(shelf: Path, name: str, folder: str, members: int = MEMBERS, seed: int = 1, weeks: int = WEEKS) -> None:
    loaded = load(shelf / f"{name}.yaml")
    ds = experiment.run(loaded.scenario, members, seed, weeks)
    kept = {"scenario": loaded.scenario.model_dump(mode="json", exclude_defaults=True), "parameters": []}
    store.save(ds, shelf / folder, {"inputs": [], "packages": {}}, kept)


@pytest.fixture(autouse=True)
def here(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf)
    monkeypatch.delenv("DETENTE_SCENARIOS", raising=False)


def detente(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def told(*words: str) -> dict:
    answer = detente(*words, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_rows_have_the_promised_keys_in_order() -> None:
    answer = told("compare", "base", "moved", "copy", *ASKED)
    assert [row["scenario"] for row in answer["rows"]] == ["moved", "copy"]
    promised = {"scenario", "change", "ci_low", "ci_high", "share_up", "behavioural_change", "verdict"}
    assert promised | {"variance_ratio", "first_divergence"} <= set(answer["rows"][0])
    moved, copy = answer["rows"]
    assert moved["verdict"] == "higher"
    assert moved["ci_low"] > 0
    assert (copy["change"], copy["verdict"], copy["variance_ratio"], copy["first_divergence"]) == (
        0,
        "identical",
        None,
        None,
    )
    assert (answer["members"], answer["seed"], answer["base"]) == (MEMBERS, 1, "base")


def test_columns_that_conditions_may_name_are_those_of_a_row() -> None:
    row = told("compare", "base", "moved", "-n", "8", "--weeks", "30")["rows"][0]
    assert {key for key, value in row.items() if not isinstance(value, dict | list)} == set(COLUMNS)


def test_names_and_stored_results_tell_the_same() -> None:
    run, kept, mixed = (
        told("compare", *words)["rows"][0]
        for words in (("base", "moved", *ASKED), ("r_base", "r_moved"), ("r_base", "moved"))
    )
    assert run["change"] == kept["change"] == mixed["change"]
    assert run["ci_low"] == kept["ci_low"] == mixed["ci_low"]


def test_stored_results_are_compared_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the model was run")

    monkeypatch.setattr(choice, "simulate", refuse)
    assert told("compare", "r_base", "r_moved")["rows"][0]["verdict"] == "higher"


def end(name: str) -> np.ndarray:
    """Mean tension of the last 26 weeks of a scenario's own run, by member."""
    return experiment.run(load(f"{name}.yaml").scenario, MEMBERS, 1, WEEKS)["tension"].values[:, -26:].mean(axis=1)


def test_another_ruler_is_no_behaviour() -> None:
    ruler, moved, both = told("compare", "base", "ruler", "moved", "moved_ruler", *ASKED)["rows"]
    assert (ruler["change"], ruler["verdict"]) == (0, "identical")
    assert (ruler["behavioural_change"], ruler["definitional_change"]) == (0, 0)
    assert ruler["construction_change"] == pytest.approx((end("ruler") - end("base")).mean(), abs=1e-12)
    assert ruler["construction_change"] > 1
    assert ruler["rebuilt"] == ["parameters.index.hostility.clash 10 → 5"]
    assert (moved["construction_change"], moved["rebuilt"]) == (None, [])
    # what is done differently is the same by either ruler's name, and what the ruler adds is apart from it
    assert both["change"] == moved["change"]
    assert both["behavioural_change"] == moved["behavioural_change"]
    assert both["construction_change"] == pytest.approx((end("moved_ruler") - end("moved")).mean(), abs=1e-12)


def test_the_ruler_is_named_before_any_behaviour() -> None:
    first, *_, last = detente("compare", "base", "ruler", *ASKED).stdout.splitlines()
    assert first.startswith(
        "ruler builds the index otherwise (parameters.index.hostility.clash 10 → 5): that alone adds +"
    )
    assert "report base ruler" in last
    diff = detente("scenarios", "diff", "base", "moved_ruler")
    assert "no other behaviour: parameters.index.hostility.clash build the index" in diff.stdout
    assert json.loads(detente("scenarios", "diff", "base", "moved", "--json").stdout)["construction"] == []


def test_a_stored_result_measured_otherwise_is_refused_with_what_to_do() -> None:
    answer = detente("compare", "r_base", "r_ruler")
    assert answer.exit_code == 2
    assert "different constructions of the index" in answer.stderr
    assert "name the scenarios instead of stored results" in answer.stderr
    assert told("compare", "r_base", "ruler")["rows"][0]["verdict"] == "identical"


def test_what_changed_between_runs_of_other_lengths_is_told_of_their_common_time() -> None:
    (row,) = told("compare", "r_base", "r_brief")["rows"]
    assert (row["weeks"], row["whole"], row["paired"]) == (10, False, False)
    brief = experiment.run(load("base.yaml").scenario, MEMBERS, 1, 10)["tension"].values
    assert row["base_value"] == pytest.approx(brief.mean())  # eleven rows, fewer than the window of 26
    assert "of the 10 weeks that both hold" in detente("compare", "r_base", "r_brief").stdout


def test_the_table_is_for_people() -> None:
    answer = detente("compare", "base", "moved", "copy", *ASKED)
    assert answer.exit_code == 0
    assert "same random shocks, 48 paired members × 30 weeks, seed 1" in answer.stdout
    assert "0 (identical)" in answer.stdout
    assert "copy: every path is that of Base, bit for bit" in answer.stdout
    assert "Next    detente report base moved copy --pdf" in answer.stdout


def test_details_list_pillars_pairs_levels_and_sources_of_variance() -> None:
    out = detente("compare", "base", "moved", *ASKED, "--detail").stdout
    for words in ("militarisation", "Alfa–Beta", "Crisis at least once", "of the variance of one path's difference"):
        assert words in out


def test_uncertainty_shares_sum_to_one() -> None:
    shares = told("compare", "r_base", "r_moved")["rows"][0]["uncertainty"]["shares"]
    assert sum(share["share"] for share in shares) == pytest.approx(1)
    assert [share["source"] for share in shares] == ["chance", "parameters", "construction"]


def test_weekly_chances_only_on_request() -> None:
    answer = told("compare", "r_base", "r_moved", "--weekly")
    weekly = answer["rows"][0]["levels"][0]["at_each_time"]
    assert len(weekly["base"]) == len(weekly["other"]) == len(answer["dates"]) == WEEKS + 1
    assert "at_each_time" not in told("compare", "r_base", "r_moved")["rows"][0]["levels"][0]


@pytest.mark.parametrize("metric", ["war", "war:ALF-BET", "unrest"])
def test_shares_are_printed_in_hundredths_and_held_as_shares(metric: str) -> None:
    row = told("compare", "r_base", "r_moved", "--metric", metric)["rows"][0]
    assert row["unit"] == "share"
    assert 0 <= row["base_value"] <= 1
    assert -1 <= row["ci_low"] <= row["change"] <= row["ci_high"] <= 1
    lines = detente("compare", "r_base", "r_moved", "--metric", metric).stdout.splitlines()
    assert lines[1].endswith("[in 100]")
    assert f" {percent(row['base_value'])} " in next(line for line in lines if line.startswith("  base "))
    moved = next(line for line in lines if line.startswith("  moved "))
    assert changed(*(100 * row[key] for key in ("change", "ci_low", "ci_high"))) in moved


def test_an_unpaired_share_is_printed_in_hundredths() -> None:
    (row,) = told("compare", "r_base", "r_brief", "--metric", "unrest")["rows"]
    assert (row["unit"], row["paired"]) == ("share", False)
    out = detente("compare", "r_base", "r_brief", "--metric", "unrest").stdout
    assert f"{fixed(100 * row['base_value'])} → {fixed(100 * row['value'])}" in out


def test_the_pair_whose_chance_of_war_changes_most_is_in_the_row() -> None:
    answer = told("compare", "r_base", "r_moved", "--weekly")
    row, quarters = answer["rows"][0], answer["quarters"]
    any_, *pairs = row["chances"]
    assert any_["pair"] == "any"
    most = max(pairs, key=lambda one: abs(one["armed_change"]))
    assert row["armed_pair"] == most["pair"] == pairs[0]["pair"]
    for name in ("armed_change", "armed_low", "armed_high", "armed_ratio"):
        assert row[name] == most[name]
    assert row["armed_low"] < row["armed_change"] < row["armed_high"]
    assert row["armed_ratio"] == pytest.approx(row["armed"] / row["armed_base"])
    assert row["armed"] - row["armed_base"] == pytest.approx(row["armed_change"])
    by_date = most["at_each_quarter"]["armed"]
    assert len(by_date["base"]) == len(by_date["other"]) == len(quarters)
    assert (by_date["base"][-1], by_date["other"][-1]) == (most["armed_base"], most["armed"])
    out = detente("compare", "r_base", "r_moved").stdout
    assert STANDING in out
    assert f"×{fixed(row['armed_ratio'], 2)}" in out


def test_two_runs_of_one_scenario_are_told_apart() -> None:
    answer = told("compare", "r_base", "r_seed")
    assert [(change["kind"], change["what"]) for change in answer["changes"]] == [("seed", "seed")]
    (row,) = answer["rows"]
    assert row["paired"] is False
    assert row["ci_low"] < row["change"] < row["ci_high"]
    assert "seed  seed  1       2" in detente("compare", "r_base", "r_seed").stdout
    same = told("compare", "r_base", "r_base")
    assert same["changes"] == []
    assert same["rows"][0]["verdict"] == "identical"


def test_a_shorter_run_is_compared_on_what_both_hold() -> None:
    row = told("compare", "r_base", "r_small")["rows"][0]
    assert (row["members"], row["verdict"]) == (8, "identical")
    assert any("only the first 8 are compared" in note for note in row["notes"])


def test_why_sums_to_the_difference_and_names_what_did_not_matter() -> None:
    asked = ("compare", "base", "two", "-n", "16", "--weeks", "30", "--why-by", "acts", "--why-members", "16")
    (why,) = told(*asked)["attributions"]
    assert why["method"] == "exact"
    assert why["residual"] == pytest.approx(0, abs=1e-9)
    assert sum(lever["change"] for lever in why["levers"]) == pytest.approx(why["total"]["change"])
    assert {lever["lever"] for lever in why["levers"]} == {"acts.tea", "dyads.ALF-BET.resting_hostility"}
    out = detente("compare", "r_base", "two", "--why-by", "acts", "--why-members", "16").stdout
    assert "Why two differs" in out
    assert "adds “A visit” (2024-09-02)" in out


def test_why_splits_over_the_files_that_a_scenario_combines() -> None:
    asked = ("compare", "base", "two", "moved", "-n", "16", "--weeks", "30", "--why", "--why-members", "16")
    answer = told(*asked)
    (why,) = answer["attributions"]
    assert (why["scenario"], why["method"], why["ensembles"]) == ("two", "exact", 4)
    assert {lever["lever"] for lever in why["levers"]} == {"two", "moved"}
    assert why["together"]["change"] == pytest.approx(why["interaction"])
    assert sum(lever["change"] for lever in why["levers"]) == pytest.approx(why["total"]["change"])
    assert answer["unsplit"] == {"moved": "it lays one file over base"}
    out = detente(*asked).stdout
    assert "Together they do" in out
    assert "moved does not split by file: it lays one file over base. --why-by acts splits over what it changes." in out
    assert detente("compare", "r_base", "two", "--why", "--why-members", "16").stdout.count("Why two differs") == 1


def test_why_says_where_the_files_are_not_at_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = str(Path("r_moved").resolve())
    base = str(Path("r_base").resolve())
    monkeypatch.chdir(tmp_path)
    assert "its files are not at hand: name the scenarios" in detente("compare", base, place, "--why").stdout


@pytest.mark.slow
def test_workers_change_nothing() -> None:
    words = ("compare", "base", "two", "-n", "300", "--weeks", "30", "--why", "--why-members", "16")
    assert told(*words, "--workers", "2") == told(*words)


@pytest.mark.parametrize(("expression", "code"), [("change>0", 4), ("change < -2", 0), ('verdict == "higher"', 4)])
def test_fail_if(expression: str, code: int) -> None:
    answer = detente("compare", "r_base", "r_moved", "--fail-if", expression)
    assert answer.exit_code == code
    assert ("failed: moved" in answer.stderr) == (code == 4)


def test_precision_adds_members_until_the_interval_is_narrow_enough() -> None:
    first = told("compare", "base", "moved", "-n", "16", "--weeks", "30")["rows"][0]
    aim = (first["ci_high"] - first["ci_low"]) / 4
    answer = told("compare", "base", "moved", "-n", "16", "--weeks", "30", "--precision", str(aim))
    row = answer["rows"][0]
    assert row["members"] > 16
    assert (row["ci_high"] - row["ci_low"]) / 2 <= aim
    capped = detente("compare", "base", "moved", "-n", "16", "--weeks", "30", "--precision", "1e-6", "--most", "32")
    assert capped.exit_code == 0
    assert "is what 32 members give; allow more with --most" in capped.stderr


def test_members_asked_for_next_grow_but_never_beyond_the_most() -> None:
    assert more(100, 2.0, 1.0, 10_000) % 4 == 0
    assert more(100, 2.0, 1.0, 10_000) >= 400
    assert more(100, 1.01, 1.0, 10_000) >= 125
    assert more(100, float("inf"), 1.0, 10_000) == 10_000
    assert more(100, 50.0, 1.0, 300) == 300


def test_an_ensemble_that_grew_is_the_one_that_was_run_at_once() -> None:
    scenario = load("base").scenario
    grown = experiment.Ensemble(scenario, 1, WEEKS)
    grown.result(8)
    whole = experiment.run(scenario, 20, 1, WEEKS)
    xr.testing.assert_identical(grown.result(20).drop_attrs(deep=False), whole.drop_attrs(deep=False))
    assert compare(whole, {"grown": grown.result(20)})[0].first_divergence is None


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("base", "nowhere"), 3, 'no scenario "nowhere"'),
        (("base", "results/nowhere"), 3, "no result folder"),
        (("base", "moved", "--metric", "maen"), 2, "did you mean mean?"),
        (("r_base", "r_moved", "--metric", "dyad:ALF-BTE"), 2, "did you mean ALF-BET?"),
        (("base", "short", "-n", "8"), 2, "different lengths"),
        (("r_base", "moved", "--seed", "3"), 2, "different seed"),
        (("base", "moved", "--weeks", "9999"), 2, "runs from 1 to"),
        (("base", "moved", "--set", "missions"), 2, "not path=value"),
        (("base", "moved", "--fail-if", "__import__('os')"), 2, "no comparison"),
        (("base", "moved", "--fail-if", "chagne>2"), 2, "did you mean"),
        (("r_base", "r_moved", "--precision", "0.1"), 2, "cannot grow"),
        (("base",), 2, "Missing argument"),
    ],
)
def test_bad_input_is_answered_in_words(words: tuple[str, ...], code: int, said: str) -> None:
    answer = detente("compare", *words)
    assert answer.exit_code == code, answer.output
    assert said in answer.stderr
    assert "Traceback" not in answer.output
    assert answer.stdout == ""


def test_half_written_and_foreign_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "half" / "data.zarr").mkdir(parents=True)
    assert "half-written" in detente("compare", "r_base", str(tmp_path / "half")).stderr
    (tmp_path / "other").mkdir()
    assert detente("compare", "r_base", str(tmp_path / "other")).exit_code == 3


ROW = {"change": 2.5, "verdict": "higher", "share_up": None, "low": -1}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("change>2", True),
        ("2 < change <= 2.5", True),
        ("change > 3 or verdict == 'higher'", True),
        ("not change > 3 and low > -2", True),
        ("share_up > 0", False),
        ("not share_up > 0", True),
        ("low == -1", True),
    ],
)
def test_conditions_hold_or_not(text: str, holds: bool) -> None:
    assert condition.parse(text, ROW)(ROW) is holds


@pytest.mark.parametrize(
    "text",
    [
        *("", "change", "change +", "open('x')", "change.real > 1", "[x for x in y]", "change > (lambda: 1)"),
        *("1" * 300, "change in (1, 2)", "change > 2; low", "change > 1j", "\0"),
    ],
)
def test_other_expressions_are_refused(text: str) -> None:
    with pytest.raises(condition.ConditionError):
        condition.parse(text, ROW)


def test_a_number_is_not_compared_with_a_word() -> None:
    with pytest.raises(condition.ConditionError, match="a number with a word"):
        condition.parse("change > 'two'", ROW)(ROW)


# explain and export


def test_explain_sums_to_the_move_and_lists_every_assumption() -> None:
    answer = told("explain", "base", "-n", "8", "--weeks", "30")
    moved = answer["tension"]["change"]
    assert sum(one["change"] for one in answer["pillars"]) == pytest.approx(moved, abs=1e-9)
    assert sum(one["change"] for one in answer["dyads"]) == pytest.approx(moved, abs=1e-9)
    leaves = load("base").leaves()
    assert len(answer["assumptions"]) == sum(not leaf.source for leaf in leaves)
    assert answer["inputs"] == len(leaves)
    out = detente("explain", "base", "-n", "8", "--weeks", "30").stdout
    assert "rest on no source" in out
    assert "parameters.hostility.volatility" in out


def test_explain_reads_a_stored_result() -> None:
    answer = told("explain", "r_base")
    assert answer["members"] == MEMBERS
    assert answer["to"] == "2025-01-27"


def test_export_writes_tidy_rows_and_keeps_what_is_there(tmp_path: Path) -> None:
    out = tmp_path / "tidy.csv"
    told_rows = told("export", "r_base", "r_moved", "-o", str(out), "-v", "tension", "-n", "4", "--every", "21")["rows"]
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == told_rows == 2 * 4 * 2
    assert {row["scenario"] for row in rows} == {"base", "moved"}
    again = detente("export", "r_base", "-o", str(out))
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert detente("export", "r_base", "-o", str(out), "--force", "-v", "tension").exit_code == 0


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        *(("=1+1", "'=1+1"), ("+3 [+1, +5]", "'+3 [+1, +5]"), ("-x", "'-x"), ("@a", "'@a"), (" =1", "' =1")),
        *(("+0.3", "+0.3"), ("-1e3", "-1e3"), ("−0.3 [−1, 0]", "−0.3 [−1, 0]"), ("a=b", "a=b"), ("", "")),
    ],
)
def test_no_cell_is_a_formula_and_numbers_stay_numbers(cell: str, written: str) -> None:
    assert harmless(cell) == written
    assert Table(("=head",), ((cell,),)).csv().startswith("'=head\n")


def test_export_runs_nothing_in_a_spreadsheet() -> None:
    ds = store.open_result("r_small")
    out = io.StringIO()
    tidy.write_csv({"=HYPERLINK(1)": ds}, out, ["tension"])
    assert {line.split(",")[0] for line in out.getvalue().splitlines()[1:]} == {"'=HYPERLINK(1)"}


def test_export_writes_netcdf(tmp_path: Path) -> None:
    assert detente("export", "r_base", "-o", str(tmp_path / "one.nc")).exit_code == 0
    with xr.open_dataset(tmp_path / "one.nc", engine="netcdf4") as back:
        np.testing.assert_array_equal(back["tension"], store.open_result("r_base")["tension"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("r_base", "-o", "x.txt"), 2, "is no format"),
        (("nowhere", "-o", "x.csv"), 3, 'no scenario "nowhere"'),
        (("no/where", "-o", "x.csv"), 3, "no result folder"),
        (("r_base", "-o", "x.csv", "-v", "tensoin"), 2, "choose from"),
        (("r_base", "r_base", "-o", "x.csv"), 2, "named twice"),
        (("r_base", "-o", "no/such/folder/x.csv"), 3, "cannot write"),
    ],
)
def test_export_refuses_in_words(words: tuple[str, ...], code: int, said: str) -> None:
    answer = detente("export", *words)
    assert answer.exit_code == code, answer.output
    assert said in answer.stderr
    assert not Path("x.csv").exists()
