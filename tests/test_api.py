"""What a command does, one call does: the same options with the same defaults, and the same numbers."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from evidence_data import quick, weekly_rows, written
from scenario_data import write

import detente
from detente.api.facts import facts
from detente.api.scenarios import diff, new, show
from detente.api.weights import weights
from detente.cli.main import COMMANDS, main
from detente.evidence.verification import suite
from detente.evidence.verification.check import Declared, Found
from detente.experiment.digest import digest
from detente.experiment.source import resolve
from detente.experiment.store import open_result
from detente.scenario.load import load

#: command -> the call that does it
CALLS: dict[tuple[str, ...], Callable[..., Any]] = {
    **{
        (name,): getattr(detente, name)
        for name in (
            *("run", "compare", "explain", "report", "figure", "export", "sensitivity", "discover"),
            *("verify", "hindcast", "nowcast", "calibrate", "check", "doctor", "brakes", "serve", "page"),
        )
    },
    ("experiment", "run"): detente.experiment,
    ("scenarios", "facts"): facts,
    ("scenarios", "weights"): weights,
    ("scenarios", "show"): show,
    ("scenarios", "diff"): diff,
    ("scenarios", "new"): new,
}
#: what a command prints, and how; of several files a call checks one
PRINTED = {"as_json", "detail", "weekly", "fail_if", "top", "everything", "strict", "files"}
#: what only a call has; the engine is in force for all that a command or a context runs, ``run`` also takes it
CALLED = {"tell", "file", "ready", "engine"}
COMMON = {"members": 8, "weeks": 6}


def command(words: tuple[str, ...]) -> click.Command:
    found: Any = main
    for word in words:
        found = found.get_command(click.Context(found), word)
    return found


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_a_call_takes_what_its_command_takes(words: tuple[str, ...]) -> None:
    found = command(words)
    asked = {p.name: p for p in found.params if p.expose_value and p.name not in PRINTED}
    taken = inspect.signature(CALLS[words]).parameters
    assert set(asked) <= set(taken)
    assert set(taken) - set(asked) <= CALLED
    for name, option in asked.items():
        if isinstance(option, click.Option) and not option.required:
            usual = option.default if isinstance(option.default, bool | int | float | str | tuple | Path) else None
            mine = taken[name].default
            assert (usual or None) == (mine or None), (name, usual, mine)
        elif taken[name].kind is not inspect.Parameter.VAR_POSITIONAL and option.required:
            assert not taken[name].default or taken[name].default is inspect.Parameter.empty, name


def test_every_command_has_a_call() -> None:
    names = {name for group in COMMANDS.values() for name in group}
    left = {"completion"}
    assert names - {words[0] for words in CALLS} == left


def test_every_public_name_is_there_and_stated_for_type_checkers() -> None:
    stub = Path(detente.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    for name in detente.__all__:
        assert getattr(detente, name) is not None
        assert f'"{name}"' in stub, name
    assert inspect.signature(detente.report).parameters["metric"].default == "mean"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a scenario, another that differs, and a stored result."""
    folder = tmp_path_factory.mktemp("api")
    write(folder)
    visit = "{kind: visit, date: 2024-07-15, title: A visit, by: POW, to: ALF, size: 5}"
    (folder / "tea.yaml").write_text(f"extends: small\ntitle: Tea\nacts:\n  tea: {visit}\n", encoding="utf-8")
    study = (
        "title: Study\nscenarios: small\nlevers:\n  more:\n    settings:\n      nothing: {}\n      visit: {acts.tea: "
        + visit
    )
    study += "}\ndesign: {kind: factorial}\nmembers: 8\nweeks: 6\nmetrics: [tension@4]\n"
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    detente.run(load(folder / "small.yaml"), **COMMON, out=folder / "stored")
    return folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


def told(*words: str) -> Any:
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


SIZE = ("--members", "8", "--weeks", "6")


def test_run(place: Path) -> None:
    result = detente.run("small", **COMMON)
    assert digest(result) == told("run", "small", *SIZE, "--out", "ran")["digest"]
    assert result.identical(open_result("ran"))
    for same in (detente.load("small"), load("small"), place / "small.yaml"):
        assert digest(detente.run(same, **COMMON)) == digest(result)
    summary = detente.run("small", **COMMON, keep="summary")
    assert summary.attrs["digest"] == digest(result)
    assert "tension" not in summary


def test_a_number_is_changed_by_its_path() -> None:
    path = "parameters.hostility.inertia"
    changed = detente.run("small", **COMMON, sets={path: 0.25})
    assert digest(changed) == told("run", "small", *SIZE, "--set", f"{path}=0.25", "--out", "changed")["digest"]
    with pytest.raises(detente.UsageError, match="where a scenario is loaded"):
        detente.run(detente.load("small"), **COMMON, sets={path: 0.25})


def test_compare_takes_names_values_folders_and_results() -> None:
    printed = told("compare", "small", "tea", *SIZE)
    base, other = detente.run("small", **COMMON), detente.run("tea", **COMMON)
    for first, second in (
        ("small", "tea"),
        (load("small"), detente.load("tea")),
        (base, other),
        (base, "tea"),
        ("stored", other),
    ):
        assert json.loads(json.dumps(detente.compare(first, second, **COMMON).as_dict())) == printed


def test_why_is_what_the_command_says() -> None:
    (printed,) = told("compare", "small", "tea", *SIZE, "--why-by", "acts", "--why-members", "8")["attributions"]
    why = detente.compare("small", "tea", **COMMON, why_by="acts", why_members=8).why["tea"]
    assert json.loads(json.dumps({"scenario": "tea", **why.as_dict()})) == printed


def test_explain() -> None:
    printed = told("explain", "small", *SIZE)
    assert detente.explain("small", **COMMON).as_dict() == printed
    assert detente.explain(detente.run("small", **COMMON)).as_dict() == printed


def test_brakes() -> None:
    assert json.loads(json.dumps(detente.brakes("small", **COMMON).as_dict())) == told("brakes", "small", *SIZE)


def test_report_and_figure_take_results(place: Path) -> None:
    base, other = detente.run("small", **COMMON), detente.run("tea", **COMMON)
    made = detente.report(other, base, out=place / "report")
    assert {path.name for path in made.files} == {"report.html"}
    printed = told("report", "tea", "stored", "--out", "printed")
    kept = json.loads((place / "report" / "facts.json").read_text("utf-8"))
    assert kept["uncertainty"] == printed["uncertainty"]
    assert kept["figures"] == printed["figures"]
    piece = detente.figure("fan", base, outputs=place / "fan.svg")
    assert (place / "fan.svg").exists()
    assert piece.data.title == told("figure", "fan", "stored", "-o", "again.svg")["title"]


def test_an_experiment_is_taken_by_the_next_call(place: Path) -> None:
    made = detente.experiment("study.yaml", workers=1)
    printed = told("experiment", "show", str(made.folder))
    assert made.findings()["options"][1]["mean"] == printed["options"][1]["mean"]
    assert detente.figure("options", made).data.title
    assert detente.report("tea", "small", members=8, experiments=[made], out=place / "both").experiments


def test_check_export_and_scenarios(place: Path) -> None:
    assert detente.check("small").record == told("check", "small")["checks"][0]
    assert detente.export("stored", out="one.csv")["rows"] == told("export", "stored", "-o", "two.csv")["rows"]
    assert json.loads(json.dumps(show("small"))) == told("scenarios", "show", "small")
    assert json.loads(json.dumps(diff("small", "tea"))) == told("scenarios", "diff", "small", "tea")


def test_evidence(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    file = str(written(place / "w.csv", weekly_rows(120, ("ALF-BET", "BET-GAM"))))
    windows = {"train": ":1999-06", "test": "1999-07:"}
    words = [word for name, value in windows.items() for word in (f"--{name}", value)]
    made = detente.hindcast(file, "ALF-BET", **windows)
    assert json.loads(json.dumps(made.record)) == told("hindcast", "--observations", file, "--dyad", "ALF-BET", *words)
    assert detente.figure("calibration", made).data.title
    now = detente.nowcast("small", file, ahead=2, members=256, dyads=["ALF-BET"])
    asked = ("--ahead", "2", "-n", "256", "--dyad", "ALF-BET")
    printed = told("nowcast", "small", "--observations", file, *asked)
    assert json.loads(json.dumps(now.record)) == {k: v for k, v in printed.items() if k != "saved"}


def test_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = [Declared("made up", "limit", lambda subject: Found("1", "1", True), False)]
    monkeypatch.setattr(suite.check, "DECLARED", looks)
    assert json.loads(json.dumps(detente.verify("small").record)) == told("verify", "small")
    with pytest.raises(detente.UsageError, match="one at a time"):
        detente.verify("small", backcast="a.png", history="folder")


def test_a_dataset_that_knows_no_scenario_is_refused() -> None:
    bare = detente.run("small", **COMMON).drop_encoding()
    (source,) = resolve([bare])
    with pytest.raises(detente.ResultError, match="does not know its scenario"):
        source.known_scenario()


def test_the_example_of_the_documents_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).resolve().parent.parent / "docs" / "python.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    exec(example.replace("members=200", "members=8"), {})
    assert {"change.svg", "report"} <= {path.name for path in tmp_path.iterdir()}
