"""The project around the program: nothing private is committed, versions agree, what is installed is used."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, get_args

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from detente.evidence.code import evidence
from detente.scenario.acts import AnyAct

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = PROJECT["project"]["version"]
CORE = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]

# written in pieces, so that this file does not contain what it looks for
HOSTS = ["python" + "hosted.", "pypi" + ".org", "npm" + "js.", "registry." + "yarn", "deb" + ".debian"]
FOLDERS = ["work/", "farm/", "root/", "tmp/[a-z]", "home/[a-z]", "Users/[a-z]"]
PRIVATE = re.compile("|".join([*map(re.escape, HOSTS), *(rf"(?<![\w.-])/{folder}" for folder in FOLDERS)]))

#: test tools that are run or loaded, not imported: where, and by what words
TOOLS = {
    "hatchling": ("pyproject.toml", "hatchling.build"),
    "httpx2": ("tests/test_serve.py", 'importorskip("httpx2"'),
    "import-linter": ("tests/test_architecture.py", "from importlinter.cli"),
    "ipykernel": ("docs/tutorial.ipynb", '"name": "python3"'),
    "mypy": ("Makefile", "$(BIN)/mypy"),
    "pytest-xdist": ("Makefile", "-n logical"),
    "ruff": ("Makefile", "$(BIN)/ruff check"),
    "scipy-stubs": ("Makefile", "$(BIN)/mypy"),
}


def tracked() -> list[Path]:
    """The committed files, and those about to be."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of committed files")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def imported(folder: Path) -> set[str]:
    """Distributions imported anywhere under ``folder``, by canonical name."""
    tops: set[str] = set()
    for module in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            tops |= {canonicalize_name(name.partition(".")[0]) for name in names_in(node)}
    providers = packages_distributions()
    owners = [
        distribution for top, found in providers.items() if canonicalize_name(top) in tops for distribution in found
    ]
    return set(map(canonicalize_name, owners)) - {"detente"}


def names_in(node: ast.AST) -> list[str]:
    """Modules a statement imports: by ``import``, by ``import_module("…")`` or as xarray's ``engine="…"``."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else []
    if not isinstance(node, ast.Call):
        return []
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    given = node.args[:1] if called == "import_module" else [k.value for k in node.keywords if k.arg == "engine"]
    given = [part.values[0] if isinstance(part, ast.JoinedStr) else part for part in given]
    return [value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def named(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_no_index_host_and_no_machine_path_is_committed() -> None:
    found = []
    for path in tracked():
        text = path.read_bytes()
        if b"\0" not in text[:8000]:
            lines = enumerate(text.decode("utf-8", errors="replace").splitlines(), 1)
            found += [
                f"{path.relative_to(ROOT)}:{number}: {line[:120]}" for number, line in lines if PRIVATE.search(line)
            ]
    assert found == []


@pytest.mark.parametrize("line", ["see /" + "work/main", "'/" + "tmp/x'", "https://files.python" + "hosted.org/a"])
def test_the_search_for_machine_paths_finds_them(line: str) -> None:
    assert PRIVATE.search(line)


def test_no_committed_file_is_large() -> None:
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked()}
    assert {name: size for name, size in sizes.items() if size > 1_500_000} == {}


def test_versions_agree() -> None:
    citation = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    newest = re.search(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert citation
    assert newest
    assert (citation[1], newest[1]) == (VERSION, VERSION)


def test_make_setup_installs_every_extra() -> None:
    line = re.search(r"^EXTRAS := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert line
    assert set(line[1].split(",")) == set(EXTRAS)


def test_every_dependency_is_imported_and_every_import_is_declared() -> None:
    declared = named(CORE).union(*(named(EXTRAS[extra]) for extra in EXTRAS if extra != "test"))
    used = imported(ROOT / "src") - {
        "pydantic-core",
        "pillow",
    }  # pydantic documents the one, matplotlib writes PNG with the other
    assert used - declared == set(), "imported, not declared"
    assert declared - used == set(), "declared, not imported"


def test_every_test_tool_is_used() -> None:
    unused = named(EXTRAS["test"]) - imported(ROOT / "tests") - set(TOOLS)
    assert unused == set()
    assert {tool for tool, (file, words) in TOOLS.items() if words not in (ROOT / file).read_text("utf-8")} == set()


def test_every_requirement_is_pinned_within_its_range() -> None:
    requirements = [Requirement(line) for line in [*CORE, *(line for extra in EXTRAS.values() for line in extra)]]
    pinned = pins()
    outside = {str(r): pinned.get(canonicalize_name(r.name)) for r in requirements}
    assert {r: v for r, v in outside.items() if v is None or not Requirement(r).specifier.contains(v)} == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this tree, unpacked as an installation would."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.glob("*.whl")
    zipfile.ZipFile(archive).extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize("kind", ["scenarios", "experiments"])
def test_the_wheel_ships_the_scenario_files(kind: str, wheel: Path) -> None:
    here = {path.relative_to(ROOT / kind) for path in (ROOT / kind).rglob("*.yaml")}
    assert here
    shipped = wheel / "detente" / "shipped" / kind
    assert {path.relative_to(shipped) for path in shipped.rglob("*.yaml")} == here


def test_the_wheel_ships_the_evidence_card(wheel: Path) -> None:
    """Reports of an installed package print it; its hash of the code is the same there."""
    shipped = wheel / "detente" / "shipped" / "reports"
    assert [path.name for path in shipped.iterdir()] == ["evidence_card.json"]
    code = "import json; from detente.evidence.code import evidence; "
    code += "from detente.report.evidence import cards; print(evidence()); print(json.dumps(next(cards())))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=wheel,
        env={"PYTHONPATH": str(wheel), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told, held = done.stdout.splitlines()
    assert told == evidence()
    assert json.loads(held) == json.loads((ROOT / "reports" / "evidence_card.json").read_text("utf-8"))


def test_the_wheel_runs_from_anywhere(wheel: Path, tmp_path: Path) -> None:
    """Without the repository: the shipped baseline loads from the installed package."""
    code = "import detente; print(detente.__file__); print(detente.load('baseline').title)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, title = done.stdout.splitlines()
    assert Path(where).is_relative_to(wheel)
    assert title


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in pages()])
def test_relative_links_lead_somewhere(page: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    targets = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert {target for target in targets if target and not (ROOT / page).parent.joinpath(target).exists()} == set()


def readme_commands() -> list[str]:
    """Every `detente …` of the README up to its first operand."""
    lines = re.findall(r"(?:bin/|`)detente ((?:[a-z]+)(?: (?:list|show|diff|new|run|status)\b)?)", readme())
    return sorted(set(lines))


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("command", readme_commands())
def test_the_commands_of_the_readme_exist(command: str) -> None:
    code = f"import sys; sys.argv = ['detente', *{command.split()!r}, '--help']; from detente.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage: detente " + command in done.stdout


def test_the_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    asked = set(re.findall(r"(?:^    |`)make ([a-z]+)", readme(), re.MULTILINE))
    assert asked
    assert asked <= targets


def test_the_scenario_of_the_readme_is_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", readme(), re.DOTALL)
    (tmp_path / "my_case.yaml").write_text(block, encoding="utf-8")
    code = "import sys; sys.argv = ['detente', 'check', 'my_case.yaml']; from detente.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_python_of_the_pages_runs(page: str, tmp_path: Path) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    short = block.replace("members=200", "members=8")
    done = subprocess.run([sys.executable, "-c", short], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_contributing_names_every_kind_of_act() -> None:
    kinds = {kind for act in get_args(get_args(AnyAct)[0]) for kind in get_args(act.model_fields["kind"].annotation)}
    rows = re.findall(r"^\| (`.*?`) \| ", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    assert {kind for row in rows for kind in re.findall(r"`(\w+)`", row)} == kinds
