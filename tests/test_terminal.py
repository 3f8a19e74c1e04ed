"""What a command is connected to: code pages, closed and full streams, odd environments. Words, and no result lost."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import scenario_data

from detente.cli import streams
from detente.cli.main import COMMANDS

SIZE = ("--members", "8", "--weeks", "6")

#: command -> exit code on an ordinary terminal; {run} is a stored result
COMMANDS_TRIED = {
    ("run", "small", *SIZE, "--out", "new", "--force"): 0,
    ("check", "small"): 0,
    ("check", "nowhere"): 3,
    ("scenarios", "show", "small"): 0,
    ("explain", "{run}"): 0,
    ("figure", "fan", "{run}", "-o", "new.png", "--force"): 0,
}
#: the rest of the commands, in the slow suite
MORE = {
    ("--help",): 0,
    ("doctor",): 0,
    ("completion", "bash"): 0,
    ("compare", "{run}", "{run}"): 0,
    ("brakes", "small", *SIZE): 0,
    ("export", "{run}", "-o", "new.csv", "--force"): 0,
    ("scenarios", "list"): 0,
    ("scenarios", "diff", "small", "small"): 0,
    ("scenarios", "schema"): 0,
    ("experiment", "check", "nowhere"): 3,
    ("experiment", "status", "nowhere"): 3,
    ("report", "nowhere", "nowhere"): 3,
    ("sensitivity", "nowhere"): 3,
    ("discover", "nowhere", "--when", "x > 1"): 3,
    ("hindcast", "nowhere"): 2,
    ("nowcast", "small", "--observations", "nowhere"): 3,
    ("calibrate", "small", "--observations", "nowhere"): 3,
    ("verify", "nowhere"): 3,
    ("serve", "nowhere"): 3,
    ("page", "nowhere", "-o", "new.html"): 3,
    ("run", "small", *SIZE, "--out", "new", "--force", "--json"): 0,
}
#: how a stream is redirected -> the exit code that it brings about, or None for that of the command
REDIRECTED = {
    ">/dev/full": 3,
    ">&-": None,
    "2>&-": None,
    "2>/dev/full": None,
    ">&- 2>&-": None,
    "<&- >&- 2>&-": None,
}
ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "LANG=C": {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "MPLBACKEND": {"MPLBACKEND": "nonsense"},
    "NO_COLOR": {"NO_COLOR": "1"},
    "COLUMNS": {"COLUMNS": "20"},
    "HOME unset": {"HOME": None},
    "HOME missing": {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere", "XDG_CONFIG_HOME": "/proc/nowhere"},
    "TMPDIR": {"TMPDIR": "/proc/nowhere"},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stored result."""
    folder = tmp_path_factory.mktemp("place")
    scenario_data.write(folder / "scenarios")
    done = started(folder, ("run", "small", *SIZE, "--out", "stored"))
    assert done.returncode == 0, done.stderr
    return folder


def started(
    folder: Path, words: tuple[str, ...], redirect: str = "", changes: dict[str, str | None] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """``detente WORDS`` in a process of its own."""
    named = [word.replace("{run}", "stored") for word in words]
    there = {
        **os.environ,
        "DETENTE_SCENARIOS": str(folder / "scenarios"),
        "PYTHONIOENCODING": "utf-8",
        **(changes or {}),
    }
    script = f'exec "$0" -c "from detente.cli import main; main()" "$@" {redirect}'
    return subprocess.run(
        ["sh", "-c", script, sys.executable, *named],
        cwd=folder,
        env={name: value for name, value in there.items() if value is not None},
        capture_output=True,
        check=False,
    )


def told(done: subprocess.CompletedProcess[bytes]) -> str:
    return (done.stdout + done.stderr).decode("utf-8", errors="replace")


def held(done: subprocess.CompletedProcess[bytes], code: int) -> None:
    text = told(done)
    assert "Traceback" not in text, text
    assert "fault of detente" not in text
    assert "Exception ignored" not in text
    assert done.returncode == code, text


def cases(conditions: dict[str, Any]) -> list[Any]:
    """``run`` under two conditions; everything else is slow."""
    fast = next(iter(COMMANDS_TRIED))
    return [
        pytest.param(words, condition, id=f"{words[0]} {words[-1]} {condition}", marks=marks)
        for condition in conditions
        for words in {**COMMANDS_TRIED, **MORE}
        for marks in [() if words == fast and condition in ("cp1252", "2>&-") else pytest.mark.slow]
    ]


@pytest.mark.parametrize(("words", "redirect"), cases(REDIRECTED))
def test_streams_that_are_closed_or_full_lose_no_result(place: Path, words: tuple[str, ...], redirect: str) -> None:
    if "/dev/full" in redirect and not Path("/dev/full").exists():
        pytest.skip("the system has no full device")
    expected = {**COMMANDS_TRIED, **MORE}[words]
    done = started(place, words, redirect)
    silent = REDIRECTED[redirect] is None or expected != 0
    held(done, expected if silent else REDIRECTED[redirect] or 0)
    if words[0] == "run":
        assert (place / "new" / "DONE").exists()
        (place / "new" / "DONE").unlink()


@pytest.mark.parametrize(("words", "condition"), cases(ENVIRONMENTS))
def test_commands_work_in_odd_environments(place: Path, words: tuple[str, ...], condition: str) -> None:
    changes = ENVIRONMENTS[condition]
    done = started(place, words, changes=changes)
    held(done, {**COMMANDS_TRIED, **MORE}[words])
    encoding = changes.get("PYTHONIOENCODING") or "utf-8"
    text = done.stdout.decode("utf-8" if encoding == "ascii" else encoding)  # click takes ASCII for a mistake
    if "--json" in words:
        assert json.loads(done.stdout) == json.loads(text)


def test_a_folder_of_other_bytes_than_utf_8_takes_a_result(place: Path) -> None:
    """The lock tells the command, its file name included."""
    done = started(place, ("run", "small", *SIZE, "--out", "caf\udce9"))
    held(done, 0)
    assert (place / "caf\udce9" / "DONE").exists()


def test_every_command_is_tried() -> None:
    """A new command cannot be forgotten here."""
    known = {name for group in COMMANDS.values() for name, entry in group.items() if exists(entry.module)}
    assert known <= {words[0] for words in {**COMMANDS_TRIED, **MORE}}


def exists(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def test_signs_are_spelt_where_a_stream_has_none() -> None:
    text = "✓ Türkiye → −3 · 80 % …"
    error = UnicodeEncodeError("ascii", text, 0, len(text), "ordinal not in range")
    assert streams.plain(error) == ("+ Turkiye -> -3 - 80 % ...", len(text))
