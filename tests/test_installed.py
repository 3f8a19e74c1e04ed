"""The wheel on every Python at hand, at the newest and the lowest versions that pyproject.toml allows, without pins."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SUPPORTED = ("3.11", "3.12", "3.13")
CASE = "extends: baseline\ntitle: Fewer troops\nmissions:\n  kfor:\n    troops: {value: 2000, unit: persons}\n"
SIZE = ("--members", "8", "--weeks", "20", "--seed", "1")


def lowest() -> list[str]:
    """Every dependency at the lower bound that is declared for it."""
    bounds = [Requirement(line) for line in PROJECT["dependencies"]]
    return [f"{bound.name}=={one.version}" for bound in bounds for one in bound.specifier if one.operator == ">="]


@cache
def interpreter(version: str) -> str:
    """A Python of that version: from the PATH, or from pyenv; skips where there is none."""
    name = f"python{version}"
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(name), *(str(path) for path in versions.glob(f"{version}*/bin/{name}"))]
    for path in filter(None, found):
        if told([path, "-c", "print(1)"]).returncode == 0:
            return path
    pytest.skip(f"no Python {version} is at hand")


def told(command: list[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = told([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where pip reaches no package index."""
    folder = tmp_path_factory.mktemp("index")
    done = told([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, "click"])
    if done.returncode:
        pytest.skip(f"pip reaches no package index: {done.stderr.strip()[-200:]}")


@pytest.mark.slow
@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("versions", ["newest", "lowest"])
@pytest.mark.parametrize("python", SUPPORTED)
def test_the_wheel_works(python: str, versions: str, wheel: Path, tmp_path: Path) -> None:
    environment, home = tmp_path / "env", tmp_path / "home"
    home.mkdir()
    (home / "case.yaml").write_text(CASE, encoding="utf-8")
    assert told([interpreter(python), "-m", "venv", environment]).returncode == 0
    pins = lowest() if versions == "lowest" else []
    done = told([environment / "bin" / "python", "-m", "pip", "install", "-q", f"{wheel}[sensitivity]", *pins])
    assert done.returncode == 0, done.stderr

    def detente(*words: str) -> str:
        there = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONWARNINGS": "default"}
        done = told([environment / "bin" / "detente", *words], cwd=home, env=there)
        assert done.returncode == 0, done.stdout + done.stderr
        ours = re.findall(r"^.*site-packages/detente/.*Warning.*$", done.stderr, re.MULTILINE)
        assert ours == []
        return done.stdout

    assert json.loads(detente("doctor", "--json"))["ok"]
    case, base = (
        json.loads(detente("run", name, *SIZE, "--json", "--out", f"out-{name}")) for name in ("case.yaml", "baseline")
    )
    assert base["digest"] == here("baseline")
    assert case["digest"] != base["digest"]
    detente("figure", "fan", "out-baseline", "-o", "fan.png")
    assert (home / "fan.png").stat().st_size > 10_000
    assert json.loads(detente("verify", "-n", "32", "--json"))["ok"]


@cache
def here(name: str) -> str:
    """The digest of the same run in this environment: other versions must give the same bits on this processor."""
    code = "from detente.experiment.digest import digest; import detente; "
    code += f"print(digest(detente.run(detente.load({name!r}), members=8, seed=1, weeks=20)))"
    done = told([sys.executable, "-c", code], cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_dependency_has_a_lower_bound() -> None:
    assert len(lowest()) == len(PROJECT["dependencies"])


def test_the_supported_versions_are_those_that_are_declared() -> None:
    declared = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: Python :: 3\.\d+$", c)]
    assert tuple(declared) == SUPPORTED
    assert PROJECT["requires-python"] == f">={SUPPORTED[0]}"
