"""``detente export``: what is run for it, how large it will be, and that nobody is surprised or waited for."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from scenario_data import write

import detente
from detente.api import export as module
from detente.cli import main
from detente.experiment.store import open_result

COMMON = {"members": 8, "weeks": 6}
SIZE = ("--members", "8", "--weeks", "6")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    write(folder)
    (folder / "tea.yaml").write_text("extends: small\ntitle: Tea\n", encoding="utf-8")
    detente.run(folder / "small.yaml", **COMMON, out=folder / "stored")
    return folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


def exported(*words: str) -> Result:
    return CliRunner().invoke(main, ["export", *words])


def test_scenarios_are_run_and_written_as_their_results_are() -> None:
    assert exported("stored", "-o", "stored.csv").exit_code == 0
    assert exported("small", *SIZE, "-o", "run.csv").exit_code == 0
    assert Path("run.csv").read_bytes() == Path("stored.csv").read_bytes()
    assert exported("stored", "tea", "--seed", "1", "-v", "tension", "-o", "two.csv").exit_code == 0
    rows = list(csv.DictReader(Path("two.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["scenario"] for row in rows} == {"small", "tea"}
    assert len(rows) == 2 * 8 * 7
    changed = exported("small", *SIZE, "--set", "parameters.incidents.memory=2", "-o", "changed.csv")
    assert changed.exit_code == 0
    assert Path("changed.csv").read_bytes() != Path("stored.csv").read_bytes()


@pytest.mark.parametrize("variables", [(), ("incidents",)])
@pytest.mark.parametrize("members", [1, 3, 150])
def test_the_size_is_told_before_it_is_written(variables: tuple[str, ...], members: int) -> None:
    words = [word for name in variables for word in ("-v", name)]
    done = exported("tea", "--members", str(members), "--weeks", "6", *words, "-o", "sized.csv", "--force")
    written = Path("sized.csv").stat().st_size
    lines = len(Path("sized.csv").read_text(encoding="utf-8").splitlines()) - 1
    (estimate,) = [line for line in done.stderr.splitlines() if "about" in line and "values" in line]
    assert f"{lines:,}".replace(",", "\N{NO-BREAK SPACE}") in estimate
    assert f"{lines:,} values, {written / 1e6:.1f} MB" in done.stdout
    one = open_result("stored").isel(member=slice(1))
    sizes = module.tidy.sizes(one, members, variables, ".csv")
    assert sum(size.bytes for size in sizes.values()) == pytest.approx(written, rel=0.15)


def test_a_large_file_is_asked_for_by_what_is_wanted() -> None:
    many = ("small", "--members", "1000000", "--weeks", "6", "-o", "large.csv")
    done = exported(*many)
    assert done.exit_code == 2
    for said in ("GB", "--variable tension ", "--members", "--every", "--all"):
        assert said in done.stderr
    assert not Path("large.csv").exists()
    with pytest.raises(module.TooMuch, match="--all"):
        detente.export("small", members=1_000_000, weeks=6, out="large.csv")
    assert exported(*many, "--json").exit_code == 2
    assert not Path("large.csv").exists()


def test_all_of_it_is_written_where_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE", 1000)
    assert exported("stored", "-o", "all.csv").exit_code == 2
    assert exported("stored", "-o", "all.csv", "--all").exit_code == 0
    assert detente.export("stored", out="all.csv", whole=True, force=True)["bytes"] > 1000


@pytest.mark.parametrize(("answer", "code"), [("n", 2), ("y", 0)])
def test_on_a_terminal_it_is_asked(answer: str, code: int, tmp_path: Path) -> None:
    pty: Any = pytest.importorskip("pty", reason="the system has no terminals of its own")
    target = tmp_path / "asked.csv"
    program = "from detente.api import export; export.LARGE = 1000; from detente.cli import main; main()"
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", program, "export", "stored", "-o", str(target)]
    running = subprocess.Popen(words, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
    os.write(ours, f"{answer}\n".encode())
    running.communicate(timeout=60)
    os.close(theirs)
    said = os.read(ours, 100_000).decode()
    os.close(ours)
    assert running.returncode == code, said
    assert "Write all of it?" in said
    assert "--variable tension" in said
    assert target.exists() == (answer == "y")
