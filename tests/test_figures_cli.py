"""``detente figure`` from the outside: stored results in, files out, errors in words."""

import html
import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from figures_data import result
from scenario_data import write

from detente.cli import figure, main
from detente.experiment import store
from detente.figures import tornado
from detente.figures.gallery import KINDS


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A folder with stored results and a hindcast's record."""
    folder = tmp_path_factory.mktemp("figures")
    kinds = {
        "base": result(members=24, weeks=60),
        "race": result("arms_race", lift=6, members=24, weeks=60),
        "long": result("arms_race", members=24, weeks=61),
        "summary": result(members=24, weeks=60).drop_vars(["tension", "tension_dyad", "contribution"]),
    }
    for name, ds in kinds.items():
        store.save(ds, folder / name, {}, {})
    row = {"method": "model", "horizon": 1, "n": 50, "pit": [0.1] * 10, "reliability": [[0.2, 0.3, 50]], "brier": 0.2}
    record = {
        "rows": [row],
        "dyad": "A-B",
        "every": "week",
        "test": "1998:",
        "seed": 1,
        "members": 512,
        "file": "f.txt",
    }
    (folder / "hindcast.json").write_text(json.dumps(record))
    (folder / "noise.json").write_text("{ not json")
    return folder


def called(shelf, *words):
    """Run ``detente figure`` with folders of the shelf."""
    named = [str(shelf / word) if (shelf / word).exists() else word for word in words]
    return CliRunner().invoke(main, ["figure", *named])


def test_the_command_knows_every_kind():
    assert tuple(KINDS) == figure.NAMES


def test_a_figure_is_saved_in_every_format(shelf, tmp_path):
    targets = [tmp_path / f"fan{suffix}" for suffix in (".png", ".svg", ".pdf")]
    told = called(shelf, "fan", "base", "race", *(part for t in targets for part in ("-o", str(t))))
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[0].startswith("Arms race: tension")
    assert all(f"Saved   {t}" in told.stdout for t in targets)
    assert all(t.stat().st_size > 1000 for t in targets)


@pytest.mark.parametrize("kind", ["dots", "pairs", "map", "timeline", "waterfall"])
def test_kinds_of_one_result(shelf, tmp_path, kind):
    told = called(shelf, kind, "race", "-o", str(tmp_path / "f.svg"), "--json")
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    assert said["kind"] == kind
    assert said["alt"].startswith(said["title"])


def test_scenarios_are_run_for_a_figure(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    (tmp_path / "tea.yaml").write_text("extends: small\ntitle: Tea\n", encoding="utf-8")
    words = ("difference", "small", "tea", "--members", "8", "--weeks", "6", "--seed", "3")
    told = called(tmp_path, *words, "--set", "parameters.hostility.inertia=0.25", "-o", "f.svg")
    assert told.exit_code == 0, told.output
    drawn = html.unescape((tmp_path / "f.svg").read_text(encoding="utf-8"))
    assert "detente run SCENARIO --members 8 --seed 3 --weeks 6 --set parameters.hostility.inertia=0.25" in drawn
    assert "Tea" in told.stdout
    assert called(tmp_path, "fan", "small", "--members", "8", "--weeks", "9999", "-o", "g.svg").exit_code == 2


def test_calibration_is_drawn_from_a_record(shelf, tmp_path):
    told = called(shelf, "calibration", "hindcast.json", "-o", str(tmp_path / "f.svg"))
    assert told.exit_code == 0, told.output
    assert "Hindcast of A-B" in told.stdout


def test_slide(shelf, tmp_path):
    assert called(shelf, "difference", "base", "race", "--slide", "-o", str(tmp_path / "f.svg")).exit_code == 0
    assert 'width="720pt" height="405pt"' in (tmp_path / "f.svg").read_text()


def test_nothing_is_overwritten_without_force(shelf, tmp_path):
    target = tmp_path / "f.svg"
    target.write_text("mine")
    told = called(shelf, "fan", "base", "-o", str(target))
    assert (told.exit_code, target.read_text()) == (2, "mine")
    assert "--force" in told.stderr
    assert called(shelf, "fan", "base", "-o", str(target), "--force").exit_code == 0
    assert target.read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["fan", "nowhere"], 3, 'no scenario "nowhere"'),
        (["fan", "no/where"], 3, "no result folder"),
        (["map", "base", "race"], 2, "map needs RESULT: 2 given"),
        (["difference", "base"], 2, "difference needs BASE RESULT"),
        (["difference", "base", "long"], 2, "different lengths"),
        (["fan", "summary"], 3, "summary only"),
        (["fan", "base", "--dyad", "SRB-XX"], 2, 'did you mean "SRB-XKX"?'),
        (["waterfall", "base", "--by", "dyad"], 2, "give a base"),
        (["fan"], 2, "Missing argument"),
        (["pie", "base"], 2, "pie"),
        (["tornado", "nowhere"], 3, "no finished experiment"),
        (["tornado", "nowhere", "--members", "8"], 2, "for which nothing is run"),
        (["tornado", "nowhere", "--set", "a=1"], 2, "for --set"),
        (["tornado", "base", "race"], 2, "drawn from one EXPERIMENT"),
        (["calibration", "nowhere.json"], 3, "No such file"),
        (["calibration", "noise.json"], 3, "not JSON"),
        (["calibration", "hindcast.json", "--method", "oracle"], 2, "no scores of oracle"),
    ],
)
def test_errors_are_told_in_words(shelf, tmp_path, words, code, said):
    told = called(shelf, *words, "-o", str(tmp_path / "f.svg"))
    assert told.exit_code == code, told.output
    assert said in told.stderr.replace("\n", " ")
    assert "Traceback" not in told.output
    assert not (tmp_path / "f.svg").exists()


def finished_experiment(design, metric, values, outcome):
    """What ``open_experiment`` gives for two factors."""
    points = len(values)
    by_case = {"setting": np.zeros(points, int), "sample": np.arange(points), "scenario": ["s"] * points}
    coords = {name: ("point", column) for name, column in {**by_case, "theory": [""] * points}.items()}
    coords |= {"factor": ["a", "b"], "label": ("factor", ["pace", "force"]), "draw": ("member", np.arange(8) // 4)}
    attrs = {"experiment": "small", "seed": 1, "settings": "[{}]", "factors": "[]", "inputs_digest": "ab" * 32}
    attrs |= {"design": design, "members": 8, "metrics": json.dumps([metric])}
    attrs |= {"metric_texts": json.dumps({"tension_26": "tension@26"})}
    both = ("point", "factor")
    variables = {"value": (both, values), "unit": (both, values), metric: (("point", "member"), outcome)}
    return xr.Dataset(variables, {**coords, "member": np.arange(8)}, attrs)


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draw a kind from an experiment's dataset; the title."""

    def draw(kind, data, *more):
        monkeypatch.setattr("detente.api.figure.opened", lambda word, stage: SimpleNamespace(data=data))
        told = CliRunner().invoke(main, ["figure", kind, "x", *more, "-o", str(tmp_path / "f.svg"), "--json"])
        assert told.exit_code == 0, told.output
        return json.loads(told.stdout)["title"]

    return draw


def test_a_tornado_is_drawn_from_an_experiment(drawn):
    ends = np.array([[0.5, 0.5], [0.0, 0.5], [1.0, 0.5], [0.5, 0.0], [0.5, 1.0]])
    outcome = 30 + 5 * ends[:, :1] + np.random.default_rng(0).normal(size=(1, 8))
    title = drawn("tornado", finished_experiment("one_at_a_time", "tension_26", ends, outcome))
    assert title == "small: pace moves tension most, by up to 2.5 points"


def test_a_tornado_of_a_chance_is_drawn_in_hundredths(drawn):
    ends = np.array([[0.5, 0.5], [0.0, 0.5], [1.0, 0.5], [0.5, 0.0], [0.5, 1.0]])
    outcome = np.repeat((ends[:, :1] > 0.25).astype(float), 8, axis=1)
    data = finished_experiment("one_at_a_time", "crisis", ends, outcome)
    assert drawn("tornado", data) == "small: pace moves chance of crisis most, by up to 100 in 100"
    found = tornado.collect(data, "crisis")
    assert max(abs(mark.value) for mark in found.marks) == pytest.approx(100)
    assert "Change in chance of crisis (at least once, in 100) when one parameter goes" in found.subtitle


def test_a_box_is_drawn_from_an_experiment(drawn):
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(300, 2))
    inside = (x[:, 0] > 0.6) & (x[:, 1] < 0.5)
    outcome = (inside[:, None] & (rng.uniform(size=(300, 8)) < 0.95)).astype(float)
    data = finished_experiment("latin_hypercube", "crisis", x, outcome)
    title = drawn("discovery", data, "--when", "crisis").replace("\N{NO-BREAK SPACE}", " ")
    assert "runs see crisis where" in title
    assert "pace ≥ 0.6" in title


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("calibration", {"rows": [{"method": "model", "horizon": 1, "n": 50}]}, "no scores of model"),
        ("calibration", {"rows": [{"method": "model", "horizon": 1, "n": "x", "pit": [0.1]}]}, "scores: n: "),
        ("calibration", {"rows": [{"method": "model", "horizon": 1, "n": 5, "pit": [0.1, float("nan")]}]}, "pit.1: "),
        ("calibration", {"rows": 3}, "hindcast: rows: "),
        ("posterior", {"untold": {}}, "calibration: parameters: "),
        ("posterior", {"untold": {}, "parameters": [{"path": "x"}]}, "parameters.0.path: "),
    ],
)
def test_a_record_that_does_not_fit_is_named_where(kind, change, said, tmp_path):
    (tmp_path / "record.json").write_text(json.dumps(change))
    done = CliRunner().invoke(main, ["figure", kind, str(tmp_path / "record.json"), "-o", str(tmp_path / "x.png")])
    assert done.exit_code == 2
    assert said in done.output
