"""Nonsense given to every command ends in words, with exit code 2 or 3; with --json in one object that says so."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import click
import pytest
import scenario_data
from click.testing import CliRunner, Result

from detente.cli import main
from detente.errors import DetenteError

#: words that name no input: the file is missing, is a folder, or can have no such name
NAMES = {
    "missing": "nowhere/at_all.yaml",
    "folder": "folder",
    "empty": "",
    "blank": "  ",
    "slash": "/",
    "up": "../..",
    "NUL": "a\0b",
    "newline": "a\nb",
    "surrogate": "a\udc80b",
    "long": "x" * 5000,
    "binary": "binary.yaml",
    "dash": "-",
    "escape": "a\x1b[31mb",
}
#: numbers that nobody means
NUMBERS = ("-1", "0", "1e9", "99999999999999999999999", "nan", "", "ten", "٣", "1_0")


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with its words."""
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from leaves(command.get_command(click.Context(command), name), (*words, name))
    else:
        yield words, command


LEAVES = dict(leaves(main))


def params(words: tuple[str, ...], kind: type[click.Parameter]) -> list[Any]:
    return [param for param in LEAVES[words].params if isinstance(param, kind)]


def has_json(words: tuple[str, ...]) -> bool:
    return any("--json" in option.opts for option in params(words, click.Option))


def nonsense(words: tuple[str, ...], value: str) -> list[str]:
    """The command with ``value`` for every argument, and the options without which it refuses to start."""
    line = [*words]
    for option in params(words, click.Option):
        if option.required:
            line += [option.opts[0], "new.png" if option.name in ("output", "out") else value]
    if any(value.startswith("-") for _ in params(words, click.Argument)):
        line.append("--")
    for argument in params(words, click.Argument):
        choice = argument.type.choices[0] if isinstance(argument.type, click.Choice) else value
        line += [choice]
    return line


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nonsense")
    scenario_data.write(folder / "scenarios")
    (folder / "folder").mkdir()
    (folder / "binary.yaml").write_bytes(bytes(range(256)))
    return folder


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(home)
    monkeypatch.setenv("DETENTE_SCENARIOS", str(home / "scenarios"))
    return home


def detente(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def refused(done: Result, *codes: int) -> None:
    assert "fault of detente" not in done.output, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert done.exit_code in codes, (done.exit_code, done.output)
    assert done.output.strip()
    assert "\x1b" not in done.output


#: its operand names what is made, and what has no name of its own
NEW, BAD = ("scenarios", "new"), [name for name in NAMES if name not in ("missing", "folder")]
with_operand = [
    words
    for words in LEAVES
    if any(not isinstance(one.type, click.Choice) for one in params(words, click.Argument)) and words != NEW
]


@pytest.mark.parametrize(("words", "name"), [*product(with_operand, NAMES), *product([NEW], BAD)], ids=str)
def test_a_name_that_names_nothing_is_refused_in_words(here: Path, words: tuple[str, ...], name: str) -> None:
    refused(detente(*nonsense(words, NAMES[name])), 2, 3)


numbered = [
    (words, option.opts[0])
    for words in LEAVES
    for option in params(words, click.Option)
    if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType | click.IntRange)
    and not option.is_flag
    and not option.count
]


@pytest.mark.parametrize(("words", "option"), numbered, ids=lambda value: value if isinstance(value, str) else "")
def test_a_number_that_is_none_is_refused_in_words(here: Path, words: tuple[str, ...], option: str) -> None:
    for number in ("-1", "", "ten", "nan", "99999999999999999999999"):
        refused(detente(*nonsense(words, "nowhere"), option, number), 2, 3)


@pytest.mark.parametrize(
    ("words", "option"), [pair for pair in numbered if pair[1] in ("--members", "--workers", "--seed")], ids=str
)
def test_a_number_beyond_all_use_is_refused_before_the_work(here: Path, words: tuple[str, ...], option: str) -> None:
    """It would be a list of blocks, a crowd of processes or a key that no generator takes."""
    assert isinstance(LEAVES[words], click.Command)
    (found,) = [one for one in params(words, click.Option) if option in one.opts]
    assert isinstance(found.type, click.IntRange)
    assert found.type.max is not None


def test_a_name_of_other_bytes_than_utf_8_can_be_written_to(here: Path) -> None:
    done = detente("scenarios", "schema", "--out", "caf\udce9.json")
    refused(done, 0)
    assert (here / "caf\udce9.json").exists()


jsonable = [words for words in LEAVES if has_json(words)]


@pytest.mark.parametrize("words", jsonable, ids=" ".join)
def test_wrong_usage_is_one_json_object(here: Path, words: tuple[str, ...]) -> None:
    done = detente(*words, "--json", "--no-such-option")
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["code"], error["kind"]) == (2, 2, "usage")
    assert "--no-such-option" in error["message"]
    assert error["hint"] == f"Try: detente {' '.join(words)} --help"
    assert error["faults"] == []
    assert "--no-such-option" in done.stderr


@pytest.mark.parametrize("words", [words for words in jsonable if words in with_operand], ids=" ".join)
def test_what_is_missing_is_one_json_object(here: Path, words: tuple[str, ...]) -> None:
    done = detente(*nonsense(words, "nowhere"), "--json")
    content = json.loads(done.stdout)
    assert done.exit_code in (2, 3)
    if words != ("check",):  # its verdicts are the result
        assert content["error"]["code"] == done.exit_code
        assert content["error"]["message"]


@pytest.mark.parametrize("words", jsonable, ids=" ".join)
@pytest.mark.parametrize(
    ("raised", "code", "kind"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (ValueError("math domain error"), 1, "fault"),
        (KeyError("x"), 1, "fault"),
        (OSError(28, "No space left on device", "results/x"), 3, "system"),
        (MemoryError(), 1, "system"),
        (DetenteError("mend it"), 2, "invalid"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_whatever_is_raised_is_one_json_object(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], raised: BaseException, code: int, kind: str
) -> None:
    def fail(**_: Any) -> None:
        raise raised

    command = LEAVES[words]
    monkeypatch.setattr(command, "callback", fail)
    done = detente(*nonsense(words, "nowhere"), "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["code"], error["kind"]) == (code, code, kind)
    assert set(error) == {"kind", "code", "message", "hint", "faults"}


def test_the_faults_of_a_scenario_are_in_the_object(here: Path) -> None:
    (here / "wrong.yaml").write_text("extends: small\ntitel: x\nactors: {A: {gpd: 1}}\n", encoding="utf-8")
    error = json.loads(detente("run", "wrong.yaml", "--json").stdout)["error"]
    assert (error["kind"], error["code"]) == ("invalid", 2)
    assert (error["faults"][0]["code"], error["faults"][0]["line"]) == ("E104", 2)
    assert error["message"].startswith(error["faults"][0]["message"])


def test_an_option_after_two_dashes_asks_for_nothing(here: Path) -> None:
    done = detente("run", "--", "--json")
    assert (done.exit_code, done.stdout) == (3, "")


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_help_is_there(words: tuple[str, ...]) -> None:
    done = detente(*words, "--help")
    assert (done.exit_code, done.stdout.startswith(f"Usage: detente {' '.join(words)}")) == (0, True)


@pytest.mark.parametrize("name", ["DetenteError", "ScenarioError", "ScenarioMissing", "RunError", "ResultError"])
def test_what_a_user_may_meet_is_at_the_front_door(name: str) -> None:
    import detente as package

    kind = getattr(package, name)
    assert name in package.__all__
    assert issubclass(kind, DetenteError)
    assert name in str(package.__doc__)
    assert kind.__doc__


def test_nothing_meant_for_users_is_outside_the_family() -> None:
    """Every exception that carries an exit code is a DetenteError: a ValueError from inside can never look like one."""
    code = (
        "import pkgutil, importlib, inspect, detente\n"
        "from detente.errors import DetenteError\n"
        "for found in pkgutil.walk_packages(detente.__path__, 'detente.'):\n"
        "    if found.name == 'detente.__main__': continue\n"
        "    for name, kind in inspect.getmembers(importlib.import_module(found.name), inspect.isclass):\n"
        "        if kind.__module__.startswith('detente') and issubclass(kind, BaseException):\n"
        "            assert issubclass(kind, DetenteError) or not hasattr(kind, 'exit_code'), kind\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
