"""The page that adds a mechanism is followed literally: commands, an experiment with two workers, verify, Python."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.experiment_functions import dask_cluster
from tests.forked import detente, python

PAGE = "docs/add-a-mechanism.md"


def blocks(root: Path, kind: str) -> list[str]:
    """The blocks of a kind on the page, in order."""
    return re.findall(rf"```{kind}\n(.*?)```", (root / PAGE).read_text(encoding="utf-8"), flags=re.S)


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """A working folder with the files of the page."""
    law, _, kind = blocks(root, "python")
    case, flight = blocks(root, "yaml")
    for name, text in {"refugees.py": law, "peace.py": kind, "case.yaml": case, "flight.yaml": flight}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def started(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in the working folder, in a Python that is started for it."""
    command = [sys.executable, "-m", "detente", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def told(folder: Path, *words: str) -> dict:
    done = detente(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_page_is_followed_from_check_to_experiment(root: Path, folder: Path) -> None:
    lines = [line for block in blocks(root, "console") for line in block.splitlines()]
    for number, line in enumerate(line for line in lines if " verify " not in line):
        done = (detente if number else started)(folder, *shlex.split(line)[1:])
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_the_mechanism_moves_numbers_and_is_recorded(folder: Path) -> None:
    few = ("--members", "16", "--weeks", "20")
    result = told(folder, "run", "case.yaml", "--with", "refugees:REFUGEES", *few, "--out", "result")
    base = told(folder, "run", "baseline", *few, "--out", "base")
    assert result["tension"]["median"] > base["tension"]["median"]
    record = json.loads((folder / "result" / "run.json").read_text(encoding="utf-8"))
    assert list(record["with"]) == ["refugees:REFUGEES"]
    assert "--with refugees:REFUGEES" in record["command"]


def test_workers_find_the_mechanism_by_its_name(folder: Path) -> None:
    run = ("run", "case.yaml", "--with", "refugees:REFUGEES", "--members", "16", "--weeks", "10", "--block", "8")
    one = told(folder, *run, "--out", "one")
    two = told(folder, *run, "--workers", "2", "--out", "two")
    assert one["digest"] == two["digest"]


@pytest.mark.slow
def test_a_dask_cluster_finds_the_mechanism_where_its_folder_is_named(folder: Path) -> None:
    run = ("experiment", "run", "flight.yaml", "--with", "refugees:REFUGEES")
    here = told(folder, *run, "--workers", "1", "--out", "here")
    with dask_cluster(folder) as (address, _):
        lost = detente(folder, *run, "--dask", address, "--out", "there")
    assert lost.returncode == 1
    assert 'there is no module "refugees"' in lost.stderr
    (folder / "scheduler.json").unlink()
    with dask_cluster(folder, folder) as (address, _):
        there = told(folder, *run, "--dask", address, "--out", "there", "--resume")
    assert (there["complete"], there["digest"]) == (True, here["digest"])


@pytest.mark.slow
def test_the_case_passes_verify(folder: Path) -> None:
    checked = told(folder, "verify", "case.yaml", "--with", "refugees:REFUGEES")
    assert all(check["ok"] for check in checked["checks"])


def test_the_python_of_the_page_gives_the_numbers_of_the_command(root: Path, folder: Path) -> None:
    script = blocks(root, "python")[1] + "print(float(result.tension.isel(time=-1).mean()))\n"
    done = python(folder, script)
    assert done.returncode == 0, done.stderr
    by_command = told(folder, "run", "case.yaml", "--with", "refugees:REFUGEES", "--members", "40", "--weeks", "30")
    import xarray as xr

    stored = xr.open_zarr(folder / by_command["saved"] / "data.zarr", consolidated=False)
    assert float(done.stdout) == float(np.asarray(stored.tension.isel(time=-1).values).mean())


def test_a_scenario_file_brings_about_no_import(folder: Path) -> None:
    (folder / "refugees.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    done = detente(folder, "check", "case.yaml")
    assert done.returncode == 2
    assert "imported" not in done.stdout + done.stderr
    assert "--with module:Name" in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("refugees", "write module:Name"),
        ("nowhere:REFUGEES", 'no module "nowhere"'),
        ("refugees:NOBODY", 'nothing called "NOBODY"'),
        ("refugees:HUNDRED_THOUSAND", "neither a Mechanism nor a kind"),
        ("detente.laws.hostility:HOSTILITY", "there already"),
        ("broken:ANY", "importing broken failed: ZeroDivisionError"),
    ],
)
def test_an_extension_that_cannot_be_had_is_refused_in_words(folder: Path, name: str, says: str) -> None:
    (folder / "broken.py").write_text("1 / 0\n", encoding="utf-8")
    done = detente(folder, "check", "case.yaml", "--with", name)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


FLIGHT = '''
from typing import Iterator, Literal

from detente.scenario.acts import Act, Size
from detente.laws.effects import Effect


class Flight(Act):
    """People flee on one day."""

    kind: Literal["flight"]
    by: str
    to: str
    size: Size

    def effects(self, path, t):
        yield 0, Effect("refugees", t.layout.rows((self.by,), (self.to,)), 1e4 * t.size(self.size, f"{path}.size"))
'''
CALENDAR = """
acts:
  exodus: {kind: flight, date: 2024-08-01, title: Exodus, by: ALB, to: SRB, size: 10}
"""


def test_a_mechanism_brings_its_own_kind_of_act(folder: Path) -> None:
    law = (folder / "refugees.py").read_text(encoding="utf-8")
    law = law.replace("from dataclasses", FLIGHT + "\nfrom dataclasses", 1).replace(
        "step=step,", "step=step, acts=(Flight,),"
    )
    (folder / "refugees.py").write_text(law, encoding="utf-8")
    with (folder / "case.yaml").open("a", encoding="utf-8") as case:
        case.write(CALENDAR)
    assert detente(folder, "check", "case.yaml").returncode == 2
    few = ("--with", "refugees:REFUGEES", "--members", "8", "--weeks", "10", "--block", "4")
    with_it = told(folder, "run", "case.yaml", *few, "--workers", "2", "--out", "with")
    without = told(folder, "run", "case.yaml", *few, "--set", "acts.exodus.size=0", "--out", "without")
    assert with_it["digest"] != without["digest"]
