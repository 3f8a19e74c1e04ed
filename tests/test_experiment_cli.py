"""``detente experiment``, ``sensitivity`` and ``discover`` from the outside, on a made-up theatre, run for real."""

import errno
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from detente.cli import main
from detente.experiment.evaluation import evaluate, together
from detente.experiment.read import names, read
from detente.experiment.results import open_experiment
from detente.experiment.run import simulate
from detente.experiment.study import Study
from detente.scenario.diagnostics import ScenarioError
from detente.scenario.load import load
from tests import scenario_data

BASE = """
extends: small
title: Base
parameters:
  # what begins, lasts and wanders by chance would drown what is looked at in runs as small as these
  switches: {regimes: "off"}
  background: {volatility: 0}
  hostility:
    volatility: {value: 0.5, low: 0.2, high: 0.8, spread: uniform, unit: points}
    inertia: {value: 0.5, low: 0.3, high: 0.7, spread: uniform, unit: share}
  incidents:
    severity: {value: 1, low: 0.5, high: 3, spread: lognormal, unit: goldstein}
  index:
    hostility: {calm: 0, clash: 10, weight: 0.5}
"""
LADDER = """
title: Ladder
scenarios: base
levers:
  weight:
    path: parameters.index.hostility.clash
    relative: true
    values: {as now: 1, half: 0.5}
  more:
    settings:
      nothing: {}
      visit: {acts.tea: {kind: visit, date: 2024-09-02, title: A visit, by: POW, to: ALF, size: 5}}
design: {kind: factorial}
members: 16
weeks: 20
metrics: [tension@8, behaviour@8]
"""
MATTERS = """
title: Matters
scenarios: base
uncertainties: {parameters: all, without: acts.*}
design:
  - {kind: morris, points: 4, members: 4}
  - {kind: sobol, points: 8, remaining: 2}
members: 8
weeks: 20
metrics: [tension@8, behaviour@8]
"""
ROAD = """
title: Road
scenarios: base
uncertainties: {parameters: [parameters.hostility.*, parameters.incidents.severity]}
design: {kind: latin_hypercube, points: 40}
members: 4
weeks: 20
metrics: [tension@max, tension@8, crisis]
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with scenarios and experiments."""
    monkeypatch.chdir(tmp_path)
    scenario_data.write(tmp_path)
    (tmp_path / "experiments").mkdir()
    texts = {"base": BASE, "experiments/ladder": LADDER, "experiments/matters": MATTERS, "experiments/road": ROAD}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def detente(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def told(*words: str) -> dict[str, Any]:
    """What a command prints as JSON."""
    result = detente(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_an_experiment_runs_and_says_what_it_found(shelf: Path) -> None:
    result = detente("experiment", "run", "ladder", "--workers", "1")
    assert result.exit_code == 0, result.output
    assert "Ladder · 4 settings · 16 members · seed 1" in result.stdout
    assert "weight: half; more: nothing" in result.stdout
    folder = next((shelf / "results").iterdir())
    assert folder.name.startswith("ladder-")
    assert {"summary.csv", "manifest.json", "DONE", "figure.png", "figure.svg"} <= {p.name for p in folder.iterdir()}
    assert "Saved   results/" in result.stdout
    assert "Next    detente experiment show" in result.stdout


def test_an_experiment_is_found_where_a_scenario_is(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = shelf / "elsewhere"
    elsewhere.mkdir()
    (shelf / "experiments" / "ladder.yaml").rename(shelf / "ladder.yml")
    (shelf / "experiments" / "road.yaml").rename(elsewhere / "road.yaml")
    monkeypatch.setenv("DETENTE_SCENARIOS", str(elsewhere))
    for name in ("ladder", "ladder.yml", "matters", "road", "elsewhere/road.yaml"):
        assert detente("experiment", "check", name).exit_code == 0, name
        assert detente("experiment", "check", name).stdout.split(":")[0] == Path(name).stem


def test_each_check_names_the_other_where_it_is_meant(shelf: Path) -> None:
    (shelf / "road.yaml").write_text(ROAD, encoding="utf-8")
    for name in ("matters", "road"):
        told = detente("check", name)
        assert (told.exit_code != 0, told.stderr) == (
            True,
            f"{name} is an experiment: detente experiment check {name}\n",
        )
    told = detente("experiment", "check", "small")
    assert told.exit_code == 3
    assert "it is a scenario: detente check small" in told.stderr


def test_status_show_and_run_agree(shelf: Path) -> None:
    ran = told("experiment", "run", "ladder", "--workers", "1", "--out", "out")
    now = told("experiment", "status", "out")
    assert (now["complete"], now["done"], now["failed"]) == (True, now["total"], 0)
    assert now["digest"] == ran["digest"]
    shown = told("experiment", "show", "out")
    assert shown["options"] == ran["options"]
    assert shown["options"][0]["label"] == "weight: as now; more: nothing"
    assert len(shown["behaviour"]) == 4
    other = told("experiment", "show", "out", "--metric", "behaviour@8")
    assert other["metric"] == "behaviour_8"


def test_a_relative_lever_multiplies_what_the_file_says(shelf: Path) -> None:
    study = read("ladder")
    posts = [
        json.loads(s.content["document"])["parameters"]["index"]["hostility"]["clash"]["value"] for s in study.settings
    ]
    assert posts == [10, 10, 5, 5]
    assert "tea" in json.loads(study.settings[1].content["document"])["acts"]
    assert "tea" not in json.loads(study.settings[0].content["document"])["acts"]


def test_resume_goes_on_and_refuses_an_edited_file(shelf: Path) -> None:
    first = told("experiment", "run", "ladder", "--workers", "1", "--out", "out")
    assert told("experiment", "resume", "out")["digest"] == first["digest"]
    assert told("experiment", "run", "ladder", "--resume", "--out", "out")["digest"] == first["digest"]
    again = detente("experiment", "run", "ladder", "--out", "out")
    assert again.exit_code == 2
    assert "complete: add --resume" in again.stderr
    path = shelf / "experiments/ladder.yaml"
    path.write_text(LADDER.replace("half: 0.5", "half: 0.4"), encoding="utf-8")
    edited = detente("experiment", "resume", "out")
    assert edited.exit_code == 2
    assert "experiment.levers.weight.values.half: 0.5 -> 0.4" in edited.stderr
    path.unlink()
    gone = detente("experiment", "resume", "out")
    assert gone.exit_code == 3
    assert "experiment file of out is not to be found" in gone.stderr


def test_an_edited_scenario_is_noticed(shelf: Path) -> None:
    told("experiment", "run", "ladder", "--workers", "1", "--out", "out")
    (shelf / "base.yaml").write_text(BASE.replace("high: 0.8", "high: 0.9"), encoding="utf-8")
    edited = detente("experiment", "resume", "out")
    assert edited.exit_code == 2
    assert "scenarios.base.parameters.hostility.volatility.high: 0.8 -> 0.9" in edited.stderr


def test_members_and_seed_of_the_command_line_are_remembered(shelf: Path) -> None:
    first = told("experiment", "run", "ladder", "--members", "8", "--seed", "3", "--workers", "1", "--out", "out")
    assert first["members"] == [8]
    assert told("experiment", "resume", "out")["digest"] == first["digest"]


def test_members_of_an_experiment_are_those_of_a_run(shelf: Path) -> None:
    """Members 0 to 15 of the first setting are members 0 to 15 of the scenario, bit for bit."""
    told("experiment", "run", "ladder", "--workers", "1", "--keep", "all", "--out", "out")
    stored = open_experiment(shelf / "out")
    run = simulate(load("base").scenario, range(16), 1, weeks=20)
    paths = stored["weekly_tension_members"].values[0]
    assert np.array_equal(paths, run["tension"].values.astype(np.float32))
    assert stored["time"].values[0] == run["time"].values[0]


def test_points_side_by_side_are_those_one_by_one(shelf: Path) -> None:
    stage = read("road").stage(0)
    points = [stage.point(n, range(4)) for n in range(6)]
    for alone, beside in zip((evaluate(p) for p in points), together(points), strict=True):
        assert alone.keys() == beside.keys()
        assert all(np.array_equal(alone[name], beside[name]) for name in alone)


def test_a_given_value_is_the_same_as_one_in_the_file(shelf: Path) -> None:
    point = read("road").stage(0).point(3, range(4))
    fixed = load("base", {path: repr(value) for path, value in point.values.items()})
    run = simulate(fixed.scenario, range(4), 1, weeks=20)
    assert evaluate(point)["tension"] == pytest.approx(run["tension"].values, abs=1e-9)


def test_sensitivity_tells_both_stages_and_names_what_does_nothing(shelf: Path) -> None:
    told("experiment", "run", "matters", "--workers", "1", "--out", "out")
    found = told("sensitivity", "out")
    screening, shares = found["stages"]
    assert (screening["design"], shares["design"]) == ("morris", "sobol")
    assert {row["path"] for row in shares["rows"]} <= {row["path"] for row in screening["rows"]}
    assert len(shares["rows"]) == 2
    assert screening["rows"][0]["mu_star"] >= screening["rows"][-1]["mu_star"]
    words = detente("sensitivity", "out")
    assert words.exit_code == 0
    assert "Chance makes up" in words.stdout
    by_name = detente("sensitivity", "ladder")
    assert by_name.exit_code == 3
    assert "no finished experiment" in by_name.stderr


def test_sensitivity_of_a_design_without_it(shelf: Path) -> None:
    told("experiment", "run", "road", "--workers", "1", "--out", "out")
    result = detente("sensitivity", "out")
    assert result.exit_code == 2
    assert "latin_hypercube" in result.stderr


def test_discover_tells_a_box_or_that_there_is_none(shelf: Path) -> None:
    told("experiment", "run", "road", "--workers", "1", "--out", "out")
    middle = float(np.median(open_experiment(shelf / "out")["tension_max"].values))
    found = told("discover", "out", "--when", f"tension@max > {middle}", "--resamples", "10")
    assert found["cases"] == 40
    assert found["sentence"]
    assert (found["reproduced"] >= 0.8) == bool(found["limits"])
    never = detente("discover", "out", "--when", "tension@max > 1000")
    assert never.exit_code == 2
    assert "never happens in these 40 cases" in never.stderr
    vague = detente("discover", "out", "--when", "tension@max")
    assert vague.exit_code == 2
    assert "is not a share" in vague.stderr


def test_summary_alone_is_kept_small_and_refused_by_name(shelf: Path) -> None:
    result = detente("experiment", "run", "ladder", "--keep", "summary", "--workers", "1", "--out", "out")
    assert result.exit_code == 0, result.output
    assert "tension_8" not in open_experiment(shelf / "out")
    refused = detente("experiment", "show", "out")
    assert refused.exit_code == 2
    assert "--keep summary" in refused.stderr


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        (("members: 16", "membres: 16"), "13:1", 'did you mean "members"'),
        (("members: 16", "members: 0"), "13:10", "members: should be greater than or equal to 1"),
        (("scenarios: base", "scenarios: bese"), "2:12", 'no scenario "bese"'),
        (("hostility.clash", "hostilty.clash"), "5:11", 'did you mean "hostility"'),
        (("index.hostility.clash", "index.hostility.*x"), "5:11", 'no number at "parameters.index.hostility.*x"'),
        (("relative: true", "relative: maybe"), "6:15", "relative: should be a valid boolean"),
        (("half: 0.5", "half: lots"), "4:3", "relative values must be numbers"),
        (("to: ALF", "to: NOBODY"), "11:86", '"NOBODY" is not among the actors'),
        (("kind: visit", "kind: vizit"), "11:32", 'did you mean "visit"'),
        (("kind: factorial", "kind: sobol, points: 100"), "12:1", "design: points of a sobol design must be a power"),
        (("kind: factorial", "kind: factorail"), "12:16", "kind: should be 'one_at_a_time'"),
        (("tension@8, ", "tention@8, "), "15:11", "did you mean tension"),
        (("{as now: 1, half: 0.5}", "{as now: 1, as now: 2}"), "7:25", "duplicate key"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_faults_are_placed_in_the_experiment_file(shelf: Path, change: tuple[str, str], place: str, said: str) -> None:
    path = shelf / "experiments/ladder.yaml"
    assert change[0] in LADDER
    path.write_text(LADDER.replace(*change).lstrip("\n"), encoding="utf-8")
    result = detente("experiment", "run", "ladder", "--out", "out")
    assert result.exit_code == 2
    assert said in result.stderr
    assert f"experiments/ladder.yaml:{place}" in result.stderr
    assert not (shelf / "out").exists()


def test_all_faults_of_a_file_come_at_once(shelf: Path) -> None:
    text = LADDER.replace("to: ALF", "to: NOBODY").replace("hostility.clash", "hostilty.clash")
    (shelf / "experiments/ladder.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read("ladder")
    assert [fault.line for fault in caught.value.faults] == [6, 12]


def test_uncertainties_must_be_uncertain(shelf: Path) -> None:
    text = ROAD.replace("parameters.incidents.severity", "parameters.incidents.memory")
    (shelf / "experiments/road.yaml").write_text(text, encoding="utf-8")
    result = detente("experiment", "run", "road", "--out", "out")
    assert result.exit_code == 2
    assert "parameters.incidents.memory has no spread" in result.stderr
    given = text.replace(
        "parameters: [parameters.hostility.*, parameters.incidents.memory]",
        "given: {parameters.incidents.memory: {value: 1, low: 0.5, high: 2, spread: uniform, unit: weeks}}",
    )
    (shelf / "experiments/road.yaml").write_text(given, encoding="utf-8")
    assert [factor.path for factor in read("road").factors] == ["parameters.incidents.memory"]


def test_a_lever_is_no_uncertainty(shelf: Path) -> None:
    text = ROAD.replace(
        "design:", "levers: {calm: {path: parameters.hostility.volatility, values: [0.2, 0.4]}}\ndesign:"
    )
    (shelf / "experiments/road.yaml").write_text(text, encoding="utf-8")
    assert "parameters.hostility.volatility" not in [f.path for f in read("road").factors]


def test_unknown_experiments_and_folders(shelf: Path) -> None:
    missing = detente("experiment", "run", "lader")
    assert missing.exit_code == 3
    assert 'did you mean "ladder"' in missing.stderr
    assert detente("experiment", "status", "nowhere").exit_code == 3
    assert detente("discover", "nowhere", "--when", "crisis").exit_code == 3
    both = detente("experiment", "run", "ladder", "--workers", "2", "--dask", "tcp://127.0.0.1:1")
    assert both.exit_code == 2


def test_a_figure_that_cannot_be_written_does_not_undo_the_results(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object, **more: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("detente.figures.save.save", full)
    result = detente("experiment", "run", "ladder", "--workers", "1", "--out", "out")
    assert result.exit_code == 0, result.output
    assert "the results are whole and saved, but their picture cannot be drawn" in result.stderr
    assert "No space left on device" in result.stderr
    assert told("experiment", "status", "out")["complete"]


def test_conditions_to_look_for_decide_no_number(shelf: Path) -> None:
    before = told("experiment", "run", "road", "--workers", "1", "--out", "out")
    path = shelf / "experiments/road.yaml"
    path.write_text(ROAD + 'discover: ["tension@max > 48"]\n', encoding="utf-8")
    assert told("experiment", "resume", "out", "--workers", "1")["digest"] == before["digest"]
    path.write_text(ROAD + 'discover: ["tention@max > 48"]\n', encoding="utf-8")
    wrong = detente("experiment", "check", "road")
    assert wrong.exit_code == 2
    assert 'discover: no metric "tention@max" here' in wrong.stderr


def test_a_folder_in_the_way_is_left_alone(shelf: Path) -> None:
    (shelf / "out").mkdir()
    (shelf / "out/mine.txt").write_text("mine")
    result = detente("experiment", "run", "ladder", "--out", "out", "--resume")
    assert result.exit_code == 2
    assert "no experiment's folder" in result.stderr
    assert [p.name for p in (shelf / "out").iterdir()] == ["mine.txt"]


SHIPPED = ("drawdown_ladder", "levers_of_peace", "what_matters", "road_to_crisis", "rival_theories")


@cache
def shipped(name: str) -> Study:
    """A shipped experiment, read once."""
    return read(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_experiments_measure_the_chance_of_war(name: str) -> None:
    assert "war:SRB-XKX" in shipped(name).info["metric_texts"].values()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_experiments_can_be_read_and_begin(name: str) -> None:
    study = shipped(name)
    assert name in names()
    stage = study.stage(0)
    points = [stage.point(n, range(2)) for n in (0, len(stage.pairs) - 1)]
    for point in points:
        shared = {**point.shared, "weeks": 6}
        found = evaluate(type(point)(**{**point.__dict__, "shared": shared}))
        assert set(study.metrics) <= found.keys()
        assert all(np.isfinite(values).all() for values in found.values())


def test_what_matters_is_of_the_size_promised() -> None:
    screening, shares = shipped("what_matters").stages()
    assert screening.design.kind == "morris"
    assert len(shares.pairs) == 4096
    assert shares.members == 50


def test_help_names_the_commands() -> None:
    for words in (["experiment"], ["sensitivity"], ["discover"], ["experiment", "run"]):
        result = detente(*words, "--help")
        assert result.exit_code == 0
        assert "Usage: detente" in result.stdout


def test_samples_of_nothing_are_refused_with_their_place(shelf: Path) -> None:
    nothing = ROAD.replace("{parameters: [parameters.hostility.*, parameters.incidents.severity]}", "{}")
    (shelf / "experiments/road.yaml").write_text(nothing, encoding="utf-8")
    result = detente("experiment", "check", "road")
    assert result.exit_code == 2
    assert "experiments/road.yaml:5:41" in result.output
    assert "points: 40 samples of nothing: no parameter is uncertain here" in result.output
    assert "uncertainties: {parameters: all}" in result.output


def test_the_size_of_an_experiment_is_told_first_and_bounded(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = detente("experiment", "run", "ladder", "--workers", "1", "--out", "out")
    assert result.stderr.startswith("ladder: 4 settings, 64 runs of 20 weeks\n")
    monkeypatch.setattr("detente.experiment.read.MOST_WEEKS", 1279)
    result = detente("experiment", "check", "ladder")
    assert result.exit_code == 2
    assert "64 runs of 20 weeks: more than 1,279 weeks in all" in result.output
    monkeypatch.undo()
    monkeypatch.chdir(shelf)
    monkeypatch.setattr("detente.experiment.study.Study.stored", lambda *_: 10**17)
    result = detente("experiment", "run", "road", "--workers", "1", "--out", "huge")
    assert result.exit_code == 3
    assert "no space for huge: it would take 100,000,000.0 GB" in result.stderr
    assert not (shelf / "huge").exists()
