"""The house rules: imports run downward, sheets stay short, `src` knows no theatre, starting up loads nothing heavy."""

import ast
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "detente"
MODULES = sorted(PACKAGE.rglob("*.py"))

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 8
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc"}
THEATRE_NAMES = ("serbia", "kosovo", "bosnia", "balkan", "balkans", "kfor", "nato")
HEAVY = {
    *("SALib", "dask", "distributed", "jinja2", "matplotlib", "mesa", "netCDF4", "numpy", "pandas", "pydantic"),
    *("ruamel", "scipy", "typst", "xarray", "yaml", "zarr"),
}

UPWARD = {
    "laws know scenario": ("laws", "import detente.scenario"),
    "scenario knows the index": ("scenario", "import detente.index"),
    "laws use xarray": ("laws", "import xarray"),
    "index knows the model": ("index", "import detente.model"),
    "model runs experiments": ("model", "from detente import experiment"),
    "experiment uses Mesa": ("experiment", "import mesa"),
    "experiment analyses": ("experiment", "import detente.analysis"),
    "analysis knows the model": ("analysis", "import detente.model"),
    "figures know the model, lazily": ("figures", "def draw():\n    import detente.model"),
    "report asks the command line": ("report", "import detente.cli"),
    "a room without a floor": (".", ""),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of this pyproject.toml on the package under ``folder``/src."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    return python(code, cwd=folder, path=folder / "src")


def python(code: str, *, cwd: Path = ROOT, path: Path = ROOT / "src") -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(path), "COLUMNS": "200", "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def functions() -> Iterator[tuple[str, int]]:
    """Where each function stands, and its length in lines without the docstring."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module.relative_to(ROOT)}:{node.lineno} {node.name}", length(node)


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    return whole - len((ast.get_docstring(node, clean=False) or "").splitlines())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "src" / "detente", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_run_downward(copy: Path) -> None:
    verdict = lint_imports(copy)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert " 0 broken" in verdict.stdout


@pytest.mark.parametrize("case", UPWARD)
def test_a_planted_upward_import_is_found(case: str, copy: Path) -> None:
    floor, statement = UPWARD[case]
    (copy / "src" / "detente" / floor / "planted.py").write_text(statement + "\n", encoding="utf-8")
    verdict = lint_imports(copy)
    assert verdict.returncode == 1
    assert "detente.planted" in verdict.stdout or f"detente.{floor}.planted" in verdict.stdout, verdict.stdout


def test_every_room_is_a_package() -> None:
    """A folder without ``__init__.py`` would be invisible to the contracts."""
    assert {module.parent for module in MODULES} == {module.parent for module in PACKAGE.rglob("__init__.py")}


def test_files_are_short() -> None:
    lengths = {str(module.relative_to(ROOT)): len(module.read_text("utf-8").splitlines()) for module in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines >= LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    lengths = dict(functions())
    median = statistics.median(lengths.values())
    print(f"{len(lengths)} functions: median {median:g} lines, longest {max(lengths.values())}")
    assert {name: lines for name, lines in lengths.items() if lines >= LONGEST_FUNCTION} == {}
    assert median <= MEDIAN_FUNCTION


def test_no_module_has_a_vague_name() -> None:
    names = {part for module in MODULES for part in module.relative_to(PACKAGE).with_suffix("").parts}
    assert names & VAGUE_NAMES == set()


def test_the_program_knows_no_theatre() -> None:
    """Names, codes, footnotes and map keys are data; anything under src/ serves any theatre."""
    pattern = re.compile(rf"\b({'|'.join(THEATRE_NAMES)})\b", re.IGNORECASE)
    found = []
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            lines = path.read_text(encoding="utf-8", errors="ignore").splitlines()
            found += [
                f"{path.relative_to(ROOT)}:{n}: {line}" for n, line in enumerate(lines, 1) if pattern.search(line)
            ]
    assert found == []


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_starting_up_loads_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
import sys
import detente.cli
sys.argv = ["detente", *{arguments!r}]
try:
    detente.cli.main()
except SystemExit as end:
    assert not end.code, end.code
print("\\nloaded", *sorted({{name.partition(".")[0] for name, module in sys.modules.items() if module}} & {HEAVY!r}))
"""
    done = python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["loaded"]


@pytest.mark.parametrize("floor", ["index", "analysis", "figures", "report"])
def test_a_stored_dataset_needs_no_model(floor: str) -> None:
    """Importing every module of the floor loads neither the model nor Mesa, not even by way of another floor."""
    modules = [path.stem for path in sorted((PACKAGE / floor).glob("*.py")) if path.stem != "__init__"]
    names = ", ".join([f"detente.{floor}", *(f"detente.{floor}.{module}" for module in modules)])
    done = python(f"import sys, {names}\nprint('mesa' in sys.modules, 'detente.model' in sys.modules)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "False"]


def test_a_run_loads_no_agents_and_a_scenario_no_model() -> None:
    """Mesa comes with the agents that somebody asks for, the slow parser with the first fault."""
    code = """
import sys
from detente.scenario.load import load
scenario = load("baseline").scenario
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"mesa", "pandas", "ruamel", "scipy", "xarray"}))
from detente.engine.block import simulate_block
simulate_block(scenario, range(2), 1, 3)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"matplotlib", "mesa", "pandas", "xarray", "zarr"}))
"""
    done = python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["", ""]


@pytest.mark.parametrize(
    "words", [["run", "baseline"], ["run", "baseline", "--with", "own:LAW"], ["experiment", "run"]]
)
def test_dask_is_barred_where_only_our_own_code_runs(words: list[str]) -> None:
    code = (
        f"import sys; from detente.cli.main import travel_light; travel_light({words!r}); print('dask' in sys.modules)"
    )
    assert python(code).stdout.split() == [str(words == ["run", "baseline"])]
