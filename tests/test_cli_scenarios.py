"""The command line: help, exit codes, and the commands about scenario files and the installation."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from detente import extras
from detente.cli import main
from detente.cli.main import COMMANDS, Entry
from detente.errors import DetenteError
from detente.scenario import editor
from detente.scenario.diagnostics import Fault, ScenarioError, ScenarioMissing
from detente.scenario.load import load
from detente.scenario.suppositions import balance
from tests.scenario_data import SMALL, write

Stub = Callable[[Callable[[], Any]], None]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the small scenario in it."""
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DETENTE_SCENARIOS", raising=False)
    return tmp_path


def detente(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def answer(*words: str) -> Any:
    result = detente(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


# Help and exit codes


def test_help_is_grouped_and_shows_what_exists() -> None:
    result = detente("--help")
    assert result.exit_code == 0
    for group, names in {"Scenarios": ["scenarios", "check"], "Help": ["doctor"]}.items():
        section = result.stdout.split(f"{group}:\n")[1].split("\n\n")[0]
        assert [name for name in names if re.search(rf"^  {name}\s", section, re.MULTILINE)] == names
    assert detente().stdout == result.stdout
    assert detente("-h").stdout == result.stdout


def test_every_command_in_the_table_that_exists_can_be_called() -> None:
    for name in main.list_commands(click.Context(main)):
        result = detente(name, "--help")
        assert result.exit_code == 0, f"{name}: {result.output}"
        assert "Usage: detente " + name in result.stdout


def test_version() -> None:
    assert re.fullmatch(r"detente \d\S*\n", detente("--version").stdout)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["chek", "small"], 'did you mean "check"?'),
        (["qqqq"], "detente --help lists the commands"),
        (["check"], "Missing argument"),
        (["check", "small", "--jsn"], "--json"),
        (["scenarios", "lst"], "No such command"),
        (["scenarios", "show", "small", "--set", "title"], "path=value"),
        (["scenarios", "show", "small", "nothing"], "nothing stands under"),
        (["scenarios", "new", "../up"], "NAME"),
        (["scenarios", "new", "small", "--from", "small"], "choose another name"),
    ],
)
def test_wrong_usage_gives_2_and_advice(words: list[str], hint: str) -> None:
    result = detente(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert hint in result.stderr


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    """Makes ``detente stub`` call a function."""

    def install(function: Callable[[], Any]) -> None:
        module = ModuleType("detente.cli.stub")
        module.__spec__ = ModuleSpec("detente.cli.stub", None)
        module.command = click.command("stub")(function)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "detente.cli.stub", module)
        monkeypatch.setitem(COMMANDS, "Stubs", {"stub": Entry("detente.cli.stub", "A stub.")})

    return install


class Refused(DetenteError):
    exit_code = 4


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ScenarioError([Fault("E104", "a.yaml", 1, 2, "unknown key", "hint")]), 2, "a.yaml:1:2"),
        (ScenarioMissing([Fault("E101", "a", 0, 0, 'no scenario "a"')]), 3, 'no scenario "a"'),
        (Refused("the check failed"), 4, "the check failed"),
        (KeyboardInterrupt(), 130, "finished work is kept"),
        (BrokenPipeError(), 0, ""),
        (MemoryError(), 1, "fewer --members"),
        (OSError(28, "No space left on device", "results/x"), 3, "results/x: No space left on device"),
        (ZeroDivisionError("division by zero"), 1, "--debug"),
    ],
)
def test_every_failure_has_its_exit_code_and_words(stub: Stub, error: BaseException, code: int, words: str) -> None:
    def fail() -> None:
        raise error

    stub(fail)
    result = detente("stub")
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_debug_shows_the_trace_of_our_own_faults(stub: Stub) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    stub(fail)
    for words in (["--debug", "stub"], ["stub", "--debug"]):
        assert isinstance(detente(*words).exception, ZeroDivisionError)


def test_a_reader_that_goes_away_is_no_failure(folder: Path) -> None:
    code = "import sys; from detente.cli import main; sys.argv[0] = 'detente'; main()"
    command = [sys.executable, "-c", code, "scenarios", "show", "small", "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# check


def test_check_says_what_is_sound() -> None:
    result = detente("check", "small", "small.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("no fault") == 2


def test_check_names_all_eleven_planted_faults(folder: Path) -> None:
    (folder / "eleven.yaml").write_text(SMALL.with_name("eleven.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    before = sorted(folder.iterdir())
    result = detente("check", "eleven.yaml")
    assert result.exit_code == 2
    assert len(re.findall(r"^ *--> eleven\.yaml:\d+:\d+$", result.stderr, re.MULTILINE)) == 11
    assert result.stderr.endswith("11 faults\n")
    assert sorted(folder.iterdir()) == before


def test_check_as_json(folder: Path) -> None:
    (folder / "bad.yaml").write_text("extends: small\ncolour: red\n", encoding="utf-8")
    result = detente("check", "small", "bad.yaml", "nowhere", "--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert [check["ok"] for check in told["checks"]] == [True, False, False]
    fault = told["checks"][1]["faults"][0]
    assert (fault["code"], fault["file"], fault["line"], fault["col"]) == ("E104", "bad.yaml", 2, 1)
    assert told["ok"] is False


def test_check_names_parameters_under_which_nothing_returns_to_rest(folder: Path) -> None:
    (folder / "wild.yaml").write_text("extends: small\nparameters:\n  hostility: {inertia: 0.95}\n", encoding="utf-8")
    result = detente("check", "wild")
    assert result.exit_code == 2
    assert "E150" in result.stderr
    assert "wild.yaml:3:24" in result.stderr


def test_check_of_an_experiment_names_its_own_command() -> None:
    result = detente("check", "rival_theories")
    assert result.exit_code == 3
    assert result.stderr == "rival_theories is an experiment: detente experiment check rival_theories\n"


@pytest.mark.parametrize(("name", "code"), [("nowhere", 3), ("smal.yaml", 3), (".", 2)])
def test_check_of_what_is_no_file(name: str, code: int) -> None:
    assert detente("check", name).exit_code == code


# scenarios


def test_list_shows_titles_and_questions(folder: Path) -> None:
    write(folder / "scenarios")
    (folder / "scenarios" / "broken.yaml").write_text("title: [", encoding="utf-8")
    rows = {row["name"]: row for row in answer("scenarios", "list")["scenarios"]}
    assert rows["small"]["title"] == "Small"
    assert rows["small"]["question"] == "Does the loader read this?"
    assert rows["small"]["extends"] == ["parameters"]
    assert "detente check broken" in rows["broken"]["title"]
    assert "baseline" in rows
    assert "Does the loader read this?" in detente("scenarios", "list").stdout


def test_show_gives_every_number_its_place() -> None:
    told, loaded = answer("scenarios", "show", "small"), load("small")
    assert len(told["parameters"]) == len(loaded.leaves())
    row = next(row for row in told["parameters"] if row["path"] == "actors.ALF.personnel")
    lines = SMALL.read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("    personnel: {value: 25000"))
    assert row == {
        "path": "actors.ALF.personnel",
        "value": 25000,
        "unit": "persons",
        "low": 20000,
        "high": 28000,
        "spread": "triangular",
        "source": ["F1", "F2"],
        "grade": "low",
        "file": "small.yaml",
        "line": line,
    }
    assert told["facts_used"] == loaded.facts_used()
    assert told["assumption_share"] == loaded.assumption_share
    assert told["calendar"]["weeks"] == 105


def test_show_prints_the_share_of_assumptions() -> None:
    printed = detente("scenarios", "show", "small").stdout
    loaded = load("small")
    assert f"{loaded.assumption_share:.0%} of {len(loaded.leaves())} numbers are assumptions" in printed
    assert f"{balance(loaded.scenario, loaded.leaves())}; " in printed
    assert "missions.watch.troops" in printed


def test_show_can_be_narrowed_and_changed() -> None:
    told = answer("scenarios", "show", "small", "missions.watch", "--set", "missions.watch.troops=3000")
    assert [(row["path"], row["value"], row["file"]) for row in told["parameters"]] == [
        ("missions.watch.troops", 3000, "command line")
    ]
    assert told["counterfactual"] is True
    assert "missions.watch.reserve" in detente("scenarios", "show", "small", "missions.watch").stdout


def test_diff_shows_both_values_and_the_calendar(folder: Path) -> None:
    text = "extends: small\nmissions: {watch: {troops: 3000, label: Other}}\nacts:\n  clash: null\n"
    text += (
        "  visit: {date: 2024-09-05}\n  new: {kind: visit, date: 2026-01-05, title: New, by: POW, to: ALF, size: 1}\n"
    )
    (folder / "other.yaml").write_text(text, encoding="utf-8")
    told = answer("scenarios", "diff", "small", "other")
    rows = {row["path"]: (row["a"], row["b"], row["unit"]) for row in told["rows"]}
    assert rows["missions.watch.troops"] == (4600, 3000, "persons")
    assert {(row["id"], row["what"], row["date_a"], row["date_b"]) for row in told["acts"]} == {
        ("clash", "removed", "2025-02-28", None),
        ("visit", "changed", "2024-08-29", "2024-09-05"),
        ("new", "added", None, "2026-01-05"),
    }
    assert told["same"] is False
    printed = detente("scenarios", "diff", "small", "other").stdout
    assert re.search(r"missions\.watch\.troops +4600 +3000  persons", printed)
    assert "+ 2026-01-05  New (new)" in printed


def test_diff_of_a_copy_is_empty(folder: Path) -> None:
    (folder / "copy.yaml").write_text("extends: small\ntitle: Copy\n", encoding="utf-8")
    assert answer("scenarios", "diff", "small", "copy")["same"] is True
    assert "the same" in detente("scenarios", "diff", "small", "copy").stdout


def test_new_writes_a_file_that_is_valid_as_it_is_and_uncommented(folder: Path) -> None:
    assert answer("scenarios", "new", "mine", "--from", "small")["saved"] == "mine.yaml"
    text = (folder / "mine.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")
    assert load("mine").hash == load("small").hash
    assert json.loads((folder / "scenario.schema.json").read_text(encoding="utf-8")) == editor.schema()
    full = re.sub(r"^# (?!yaml)", "", text, flags=re.MULTILINE)
    (folder / "mine.yaml").write_text(full, encoding="utf-8")
    assert {"my_visit", "my_cut"} <= load("mine").scenario.acts.keys()


def test_new_goes_to_the_folder_of_scenarios_and_overwrites_nothing(folder: Path) -> None:
    (folder / "scenarios").mkdir()
    assert detente("scenarios", "new", "mine", "--from", "small").exit_code == 0
    path = folder / "scenarios" / "mine.yaml"
    path.write_text("extends: small\n", encoding="utf-8")
    refused = detente("scenarios", "new", "mine", "--from", "small")
    assert (refused.exit_code, path.read_text(encoding="utf-8")) == (2, "extends: small\n")
    assert "--force" in refused.stderr
    assert detente("scenarios", "new", "mine", "--from", "small", "--force").exit_code == 0
    assert "title" in path.read_text(encoding="utf-8")


# JSON Schema


def test_the_committed_schema_is_current(root: Path) -> None:
    """To renew it: detente scenarios schema -o schema/scenario.schema.json"""
    assert (root / "schema" / editor.NAME).read_text(encoding="utf-8") == editor.text()
    assert detente("scenarios", "schema").stdout == editor.text()


def documents(root: Path) -> list[Path]:
    files = [SMALL, *(root / "scenarios").rglob("*.yaml")]
    return [
        path
        for path in files
        if re.search(r"^(extends|parameters|sources|actors|acts):", path.read_text("utf-8"), re.M)
    ]


def test_the_schema_accepts_every_shipped_file(root: Path) -> None:
    check = jsonschema.Draft202012Validator(editor.schema())
    check.check_schema(editor.schema())
    for path in documents(root):
        content = json.loads(json.dumps(YAML(typ="safe").load(path), default=str))
        assert [f"{path.name}: {e.json_path}: {e.message}" for e in check.iter_errors(content)] == []


@pytest.mark.parametrize(
    "text", ["{colour: red}", "{actors: {A: {gpd: 1}}}", "{acts: {a: {kind: vist}}}", "{levels: {a: {edge: 101}}}"]
)
def test_the_schema_refuses_what_the_loader_refuses(text: str) -> None:
    check = jsonschema.Draft202012Validator(editor.schema())
    assert not check.is_valid(YAML(typ="safe").load(text))


def test_every_shipped_file_that_names_a_schema_finds_it(root: Path) -> None:
    for path in (root / "scenarios").rglob("*.yaml"):
        named = re.search(r"\$schema=(\S+)", path.read_text(encoding="utf-8"))
        assert named is None or (path.parent / named[1]).resolve() == root / "schema" / editor.NAME, path


def test_a_file_written_in_a_checkout_points_to_its_schema(root: Path, folder: Path) -> None:
    assert editor.beside(root / "scenarios" / "theatres") == "../../schema/scenario.schema.json"
    assert editor.beside(folder) == "scenario.schema.json"


# doctor


def test_doctor_finds_what_is_here(root: Path) -> None:
    checks = {check["name"]: check for check in answer("doctor")["checks"]}
    assert checks["Python"]["ok"]
    assert checks["numpy"]["found"] == __import__("numpy").__version__
    assert "baseline" in checks["scenarios"]["found"]
    assert {name for name in checks if name.startswith("extra ")} >= {"extra pdf", "extra dask", "extra test"}
    assert "→" in detente("doctor").stdout or all(not check["advice"] for check in checks.values())


def test_doctor_says_how_to_get_what_is_missing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("detente.api.doctor._version", lambda package: None)
    monkeypatch.setenv("DETENTE_OBSERVATIONS", str(folder / "nowhere"))
    result = detente("doctor", "--json")
    assert result.exit_code == 4
    checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert checks["numpy"]["advice"] == extras.advice()
    assert checks["extra pdf"]["advice"] == extras.advice("pdf")
    assert "DETENTE_OBSERVATIONS" in checks["observations"]["advice"]


@pytest.mark.parametrize(
    ("checkout", "prefix", "stamp", "words"),
    [
        (True, ".venv", False, "make setup   (in {root})"),
        (True, ".venv", True, "pip install -c constraints.txt -e '.[pdf]'   (in {root})"),
        (True, "elsewhere", False, "pip install -c constraints.txt -e '.[pdf]'   (in {root})"),
        (False, "elsewhere", False, "pip install 'typst>=0.13'"),
    ],
)
def test_advice_works_where_the_user_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, checkout: bool, prefix: str, stamp: bool, words: str
) -> None:
    """detente is on no index: in a checkout make or pip from it, elsewhere the packages that the extra stands for."""
    (tmp_path / ".venv").mkdir()
    if stamp:
        (tmp_path / ".venv" / ".all").touch()
    monkeypatch.setattr(extras, "checkout", lambda: tmp_path if checkout else None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / prefix))
    assert extras.advice("pdf").endswith(words.format(root=tmp_path))


@pytest.mark.parametrize("extra", sorted(extras.MODULES))
def test_every_extra_that_is_declared_is_known(extra: str) -> None:
    assert extra in extras.requirements()
    with pytest.MonkeyPatch.context() as without:
        without.setitem(sys.modules, extras.MODULES[extra], None)  # type: ignore[arg-type]
        with pytest.raises(extras.ExtraMissing) as missing:
            extras.require(extra, "this")
    assert (missing.value.exit_code, f'the extra "{extra}"' in str(missing.value)) == (3, True)


def test_doctor_says_in_words_what_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that does not fit: every version is there, and nothing runs."""

    def broken(name: str) -> None:
        raise ModuleNotFoundError("No module named 'networkx'")

    monkeypatch.setattr("detente.api.doctor.import_module", broken)
    result = detente("doctor", "--json")
    model = {check["name"]: check for check in json.loads(result.stdout)["checks"]}["model"]
    assert (result.exit_code, model["ok"]) == (4, False)
    assert "No module named 'networkx'" in model["found"]
    assert model["advice"]


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("netCDF4", ("export", "nowhere", "-o", "new.nc")),
        ("typst", ("report", "small", "small", "--pdf")),
        ("SALib", ("verify", "small")),
        ("SALib", ("experiment", "run", "what_matters", "--out", "new")),
        ("distributed", ("experiment", "run", "what_matters", "--out", "new", "--dask", "tcp://127.0.0.1:1")),
    ],
)
def test_a_missing_extra_is_told_before_the_work(
    monkeypatch: pytest.MonkeyPatch, folder: Path, module: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # type: ignore[arg-type]
    result = detente(*words, "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["kind"]) == (3, "missing")
    assert "needs the extra" in error["message"]
    assert not Path("new").exists()
    assert not list(Path.cwd().glob("results/*"))
