"""The choice of an engine, from the option to the result: what is said, what is recorded, what is never mixed."""

import asyncio
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner

import detente
from detente import extras
from detente.analysis import pairing
from detente.api.experiment import resume
from detente.cli.main import COMMANDS, main
from detente.engine import choice
from detente.engine.block import Block
from detente.experiment.counts import counts
from detente.experiment.provenance import default_folder
from detente.experiment.status import whole_inputs
from detente.laws.extensions import extended
from detente.scenario.load import load
from detente.serve.crew import Crew
from tests.scenario_data import write

SIZE = {"members": 12, "weeks": 8}
WORDS = ("--members", "12", "--weeks", "8")
compiled = pytest.mark.skipif(find_spec("llvmlite") is None, reason="the extra fast is not installed")

UNTRACEABLE = '''
"""A mechanism that sorts, which the compiled engine has no translation for."""
from dataclasses import dataclass

import numpy as np

from detente.laws.mechanism import Mechanism, State, ratio


@dataclass(frozen=True)
class Parameters:
    """A weight."""

    weight: np.ndarray = ratio(about="of order")


def step(now, x, p, week):
    """The least hostile first."""
    return {"order": p.weight * np.sort(now.hostility, axis=0)}


ORDER = Mechanism(name="order", title="sorts", parameters=Parameters, step=step,
                  state={"order": State("directed", "points", "hostility in order", 0.0)})
'''

ORDERED = 'extends: small\ntitle: Ordered\nparameters: {order: {weight: {value: 1, unit: "1"}}}\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a small scenario."""
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None)


def called(*words: str) -> Any:
    return CliRunner().invoke(main, words)


def told(*words: str) -> dict[str, Any]:
    done = called(*words, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@compiled
def test_a_result_names_its_engine_and_the_command_that_makes_it_again() -> None:
    found = told("run", "small", *WORDS, "--engine", "fast", "--out", "ran")
    record = json.loads(Path("ran/run.json").read_text(encoding="utf-8"))
    assert found["engine"] == record["engine"] == "fast"
    assert record["command"].endswith("--engine fast")
    again = detente.run("small", **SIZE, engine="fast")
    assert again.digest == found["digest"]
    assert "engine\xa0fast" in detente.figure("fan", again).provenance.line
    numpy = told("run", "small", *WORDS, "--out", "reference")
    assert numpy["engine"] == "numpy"
    assert "--engine" not in json.loads(Path("reference/run.json").read_text(encoding="utf-8"))["command"]


@compiled
@pytest.mark.parametrize("engine", ["fast", "fast32"])
def test_no_number_depends_on_blocks_or_workers(engine: choice.Asked) -> None:
    whole = detente.run("small", **SIZE, engine=engine)
    assert detente.run("small", **SIZE, engine=engine, block=5).digest == whole.digest
    assert detente.run("small", **SIZE, engine=engine, workers=2).digest == whole.digest
    assert detente.run("small", **SIZE, engine=engine, keep="summary").digest == whole.digest


@compiled
def test_python_chooses_for_everything_in_a_context() -> None:
    with detente.using("fast"):
        found = detente.compare("small", "small", **SIZE)
        ran = detente.run("small", **SIZE)
    assert ran.attrs["engine"] == "fast"
    assert found.rows[0].difference.verdict == "identical"
    assert detente.run("small", **SIZE).attrs["engine"] == "numpy"


@compiled
def test_folders_of_engines_are_apart() -> None:
    loaded = load("small")
    numpy = default_folder(loaded, 12, 1, 8)
    with detente.using("fast"):
        assert default_folder(loaded, 12, 1, 8) != numpy
    with detente.using("auto"):
        assert default_folder(loaded, 12, 1, 8) == numpy


@compiled
def test_a_comparison_of_engines_says_so() -> None:
    numpy, fast = (detente.run("small", **SIZE, engine=engine) for engine in ("numpy", "fast"))
    assert "computed by different engines, numpy and fast" in pairing.caveats(numpy, fast)
    assert pairing.first_divergence(*pairing.pair(numpy, fast)) is None
    assert not any("engine" in text for text in pairing.caveats(numpy, numpy))


@compiled
def test_auto_takes_what_pays_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    scenario = load("small").scenario
    with detente.using("auto", lines.append):
        assert choice.settled(scenario, 12, 8) == "numpy"
        assert choice.settled(scenario, 10**9, 8) == "numpy"
    with detente.using("auto", lines.append):
        assert choice.settled(scenario, 10**9, 8) == "fast"
    assert lines == ["engine numpy: too small a job for another to pay", "engine fast"]


def test_without_the_extra_fast_is_refused_and_auto_is_numpy(absent: None) -> None:
    done = called("run", "small", *WORDS, "--engine", "fast")
    assert done.exit_code == 3
    assert '--engine fast needs the extra "fast" (llvmlite)' in done.stderr
    with pytest.raises(detente.ExtraMissing):
        detente.run("small", **SIZE, engine="fast32")
    done = called("run", "small", *WORDS, "--engine", "auto", "--json", "--out", "ran")
    assert json.loads(done.stdout)["engine"] == "numpy"
    assert "engine numpy: the extra fast is not installed" in done.stderr


def test_numpy_loads_no_compiler() -> None:
    code = "import sys, detente; detente.run('small', members=2, weeks=2); assert 'llvmlite' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_command_that_runs_members_has_the_option() -> None:
    for group in COMMANDS.values():
        for name in group:
            found = main.get_command(click.Context(main), name)
            for one in found.commands.values() if isinstance(found, click.Group) else [found]:
                options = {parameter.name for parameter in one.params}
                assert "workers" not in options or "engine" in options or one.name == "resume", name


def test_other_names_are_refused() -> None:
    assert called("run", "small", "--engine", "slow").exit_code == 2
    with pytest.raises(detente.UsageError, match="no engine: choose one of numpy, fast, fast32, auto"):
        detente.run("small", **SIZE, engine="slow")


@compiled
def test_what_cannot_be_compiled_is_run_by_numpy_and_named(here: Path) -> None:
    (here / "untraceable.py").write_text(UNTRACEABLE, encoding="utf-8")
    (here / "ordered.yaml").write_text(ORDERED, encoding="utf-8")
    command = [sys.executable, "-m", "detente", "run", "ordered", *WORDS, "--with", "untraceable:ORDER"]
    found = {}
    for engine in ("numpy", "fast"):
        done = subprocess.run([*command, "--engine", engine, "--json", "--out", engine], cwd=here, capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        found[engine] = json.loads(done.stdout), done.stderr
    assert found["fast"][0]["digest"] == found["numpy"][0]["digest"]
    assert found["fast"][0]["engine"] == "numpy"
    (line,) = (line for line in found["fast"][1].splitlines() if "in place of" in line)
    assert line.startswith("engine numpy in place of fast: order cannot be compiled: np.sort")


STUDY = """title: Study
scenarios: small
design: {kind: factorial}
members: 8
weeks: 6
metrics: [tension@4]
"""


@compiled
def test_points_side_by_side_agree_and_what_cannot_be_compiled_is_numpys(here: Path, monkeypatch) -> None:
    (here / "untraceable.py").write_text(UNTRACEABLE, encoding="utf-8")
    (here / "ordered.yaml").write_text(ORDERED, encoding="utf-8")
    varied = STUDY.replace("{kind: factorial}", "{kind: latin_hypercube, points: 6}")
    given = "{value: 9, low: 4, high: 20, spread: uniform, unit: '1'}"
    varied += f"uncertainties: {{given: {{parameters.choice.precision: {given}}}}}\n"
    (here / "varied.yaml").write_text(varied, encoding="utf-8")
    (here / "sorted.yaml").write_text(STUDY.replace("small", "ordered"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(here))
    lines: list[str] = []
    numpy = detente.experiment("varied.yaml", workers=1, out="numpy")
    with detente.using("fast", lines.append):
        fast = detente.experiment("varied.yaml", workers=1, out="fast")
        assert lines == []
        with extended(["untraceable:ORDER"]):
            ordered = detente.experiment("sorted.yaml", workers=1, out="sorted")
    np.testing.assert_allclose(fast.data["tension_4"], numpy.data["tension_4"], rtol=0, atol=1e-9)
    assert ordered.data.attrs["engine"] == "numpy"
    assert lines == ["engine numpy in place of fast: order cannot be compiled: np.sort"]


@compiled
def test_an_experiment_is_one_engines(here: Path) -> None:
    (here / "study.yaml").write_text(STUDY, encoding="utf-8")
    numpy = detente.experiment("study.yaml", workers=1, out="numpy")
    with detente.using("fast"):
        fast = detente.experiment("study.yaml", workers=1, out="fast")
        with pytest.raises(detente.DetenteError, match="begun with other inputs"):
            detente.experiment("study.yaml", workers=1, out="numpy", resume=True)
    assert resume(fast.folder, workers=1).status.digest == fast.status.digest
    assert whole_inputs(fast.folder)["asked"]["engine"] == "fast"
    assert "engine" not in whole_inputs(numpy.folder)["asked"]
    assert (fast.data.attrs["engine"], numpy.data.attrs["engine"]) == ("fast", "numpy")
    np.testing.assert_allclose(fast.data["tension_4"], numpy.data["tension_4"], rtol=0, atol=1e-9)


@compiled
def test_what_a_calibration_learns_from_is_the_same() -> None:
    scenario = load("small").scenario
    numpy, fast = (counts(scenario, range(3, 9), 1, 10, {}, engine) for engine in ("numpy", "fast"))
    np.testing.assert_array_equal(fast.incidents, numpy.incidents)


@compiled
def test_the_crew_of_the_what_if_page_has_its_engine() -> None:
    async def blocks() -> list[Block]:
        crew = Crew(1, "fast32")
        try:
            return await crew.members(load("small").scenario, range(6), 1, 5, crew.flag())
        finally:
            crew.close()

    assert [block.engine for block in asyncio.run(blocks())] == ["fast32"]
    assert choice.standing() == "fast"
    with detente.using("numpy"):
        assert choice.standing() == "numpy"


@compiled
def test_the_doctor_says_what_is_there() -> None:
    (found,) = (one for one in detente.doctor() if one.name == "engine fast")
    assert found.ok
    assert "LLVM" in found.found
    assert "doubles" in found.found
    assert str(Path("code")) in found.found


@compiled
def test_what_is_printed_names_the_engine_and_a_report_the_command_that_has_it() -> None:
    found = told("compare", "small", "small", *WORDS, "--engine", "fast")
    assert found["engine"] == "fast"
    assert "seed 1, engine fast\n" in called("compare", "small", "small", *WORDS, "--engine", "fast").stdout
    assert "engine" not in called("compare", "small", "small", *WORDS).stdout
    with detente.using("fast"):
        report = detente.report("small", "small", members=12, out="report")
    assert report.facts["results"]
    page = Path("report/report.html").read_text(encoding="utf-8")
    assert "detente report small small --members 12 --engine fast" in page
    assert "seed 1 · engine fast" in page
