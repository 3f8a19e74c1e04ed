"""A shell completes commands, options, kinds, scenarios, experiments, results and files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from detente.cli.completion import SHELLS
from detente.cli.main import main
from detente.experiment.files import names as experiments
from detente.scenario.places import names as scenarios

PROGRAM = f'#!/bin/sh\nexec "{sys.executable}" -c "from detente.cli import main; main()" "$@"\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A working folder with a scenario of one's own, a result and an experiment; ``detente`` in bin."""
    for file in ("scenarios/my_case.yaml", "results/ran-1/run.json", "results/tried-2/inputs.json", "bin/detente"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "bin" / "detente").chmod(0o755)
    return tmp_path


def environment(place: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}", **more}


def started(place: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=place, env=environment(place, **more), capture_output=True, text=True, check=True
    )  # fmt: skip


def offered(place: Path, typed: str) -> list[str]:
    """What is offered for the last word; "file" where the shell is to look for files."""
    words = typed.split(" ")
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1), "_DETENTE_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [place / "bin" / "detente"],
        env=environment(place, **asked),
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    pairs = [line.split(",", 1) for line in done.stdout.splitlines()]
    return [value if kind == "plain" else kind for kind, value in pairs]


SHIPPED = [*scenarios()]


@pytest.mark.parametrize(
    ("typed", "expected"),
    {
        "detente ru": ["run"],
        "detente run bas": ["file", "baseline"],
        "detente run my": ["file", "my_case"],
        "detente compare baseline kfor_dr": ["file", "kfor_drawdown"],
        "detente compare baseline --pre": ["--precision"],
        "detente figure wat": ["waterfall"],
        "detente figure fan results/": ["file", "results/ran-1", "results/tried-2"],
        "detente figure fan ran --by ": ["pillar", "dyad"],
        "detente export -v tension_": ["tension_dyad", "tension_state"],
        "detente report baseline --experiment results": ["file", "results/tried-2"],
        "detente experiment run what": ["file", "what_matters"],
        "detente experiment re": ["report", "resume"],
        "detente hindcast --observations x": ["file"],
        "detente completion ": [*SHELLS],
        "detente nonsense ru": ["run"],
    }.items(),
)
def test_what_is_offered(place: Path, typed: str, expected: list[str]) -> None:
    assert sorted(offered(place, typed)) == sorted(expected)


def test_names_are_those_that_can_be_run(place: Path) -> None:
    assert {*offered(place, "detente run ")} == {"file", "my_case", *SHIPPED}
    assert {*offered(place, "detente check ")} == {"file", "my_case", *SHIPPED, *experiments()}


def commands(group: click.Group) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield from commands(found) if isinstance(found, click.Group) else [found]


def test_no_word_of_a_command_is_left_without_an_offer() -> None:
    """But for what nobody can guess: a new name, a path inside a scenario."""
    free = {("new", "name"), ("show", "path")}
    missing = {
        (command.name, parameter.name)
        for command in commands(main)
        for parameter in command.params
        if isinstance(parameter, click.Argument)
        and parameter._custom_shell_complete is None
        and not isinstance(parameter.type, click.Choice | click.Path)
    }
    assert missing - free == set()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_sound(shell: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0
    assert "_DETENTE_COMPLETE" in done.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(done.stdout, encoding="utf-8")
    checked = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_with_the_script(place: Path) -> None:
    program = """
        eval "$(detente completion bash)"
        complete -p detente
        COMP_WORDS=(detente compare baseline kfor) COMP_CWORD=3
        _detente_completion detente 2> /dev/null
        printf "%s\\n" "${COMPREPLY[@]}"
    """
    done = started(place, "bash", "--norc", "-c", program)
    declared, *found = done.stdout.splitlines()
    assert declared.endswith("-F _detente_completion detente")
    assert sorted(found) == [name for name in SHIPPED if name.startswith("kfor")] != []
