"""The section on an experiment: every number from the facts, no word beyond the intervals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from detente.analysis import numbers
from detente.cli.main import main
from detente.figures.lint import lint
from detente.prose.templates import said
from detente.report import experiment_words as words
from detente.report.experiments import Chapter, chapter
from tests import scenario_data
from tests.test_experiment_cli import BASE, LADDER, MATTERS, ROAD

RUNGS = """
title: Rungs
question: Step by step?
scenarios: base
levers: {weight: {path: parameters.index.hostility.clash, relative: true, values: {as now: 1, less: 0.8, half: 0.5}}}
members: 16
weeks: 20
metrics: [tension@8, behaviour@8, crisis]
"""
RIVALS = """
title: Rivals
scenarios: [base, other]
theories:
  usual: {label: as usual, changes: {}}
  mean: {label: a plain mean, changes: {parameters.index.exponent: 1}}
members: 16
weeks: 20
metrics: [tension@8, behaviour@8]
"""
OTHER = BASE.replace("title: Base", "title: Other").replace("value: 0.5, low: 0.2", "value: 0.6, low: 0.2")
TEXTS = {
    "ladder": LADDER,
    "rungs": RUNGS,
    "rivals": RIVALS,
    "matters": MATTERS,
    "road": ROAD + "levers: {w: {path: parameters.index.hostility.clash, relative: true, values: [1, 0.5]}}\n"
    'discover: ["tension@max > 45", "tension@8 > 0"]\n',
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder in which every experiment has been run."""
    place = tmp_path_factory.mktemp("home")
    scenario_data.write(place)
    (place / "experiments").mkdir()
    for name, text in {"base": BASE, "other": OTHER, **{f"experiments/{n}": t for n, t in TEXTS.items()}}.items():
        (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for name in TEXTS:
            done = detente("experiment", "run", name, "--workers", "1", "--out", f"out/{name}")
            assert done.exit_code == 0, done.output
    return place


def detente(*given: str) -> Result:
    return CliRunner().invoke(main, list(given))


@pytest.fixture(scope="module")
def chapters(home: Path) -> dict[str, Chapter]:
    return {name: chapter(home / "out" / name) for name in TEXTS}


@pytest.mark.parametrize("name", TEXTS)
def test_every_number_of_a_section_is_a_fact(chapters: dict[str, Chapter], name: str) -> None:
    one = chapters[name]
    facts = json.loads(
        json.dumps({key: value for key, value in one.record().items() if key not in ("says", "figures")})
    )
    cells = [
        (cell, head) for table in one.tables for row in table.rows for cell, head in zip(row, table.head, strict=True)
    ]
    shares = [cell for cell, head in cells if head.endswith(", in 100")]
    printed = [*one.says, *(cell for cell, head in cells if not head.endswith(", in 100"))]
    printed += [drawn.piece.data.title for drawn in one.figures]
    assert len(printed) > 5
    known = numbers.Known.of({**facts, "known": [0.05, 95, 0.8, 14]})
    assert {text: numbers.unsupported(text, known) for text in printed if numbers.unsupported(text, known)} == {}
    known = numbers.Known.of(in_hundredths(facts))
    assert {text: numbers.unsupported(text, known) for text in shares if numbers.unsupported(text, known)} == {}


def in_hundredths(tree: Any) -> Any:
    """The facts with every number as it reads where shares are printed."""
    if isinstance(tree, dict):
        return {key: in_hundredths(inner) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [in_hundredths(inner) for inner in tree]
    return 100 * tree if isinstance(tree, int | float) and not isinstance(tree, bool) else tree


@pytest.mark.parametrize("name", TEXTS)
def test_figures_of_a_section_are_fit_to_print(chapters: dict[str, Chapter], name: str) -> None:
    assert chapters[name].figures or name == "road"
    for drawn in chapters[name].figures:
        assert [str(finding) for finding in lint(drawn.piece.figure())] == [], drawn.stem


def test_each_design_has_its_part(chapters: dict[str, Chapter]) -> None:
    kinds = {name: {drawn.piece.kind for drawn in one.figures} for name, one in chapters.items()}
    assert {"options", "regret"} <= kinds["ladder"]
    assert {"theories", "regret"} == kinds["rivals"] | {"regret"}
    assert kinds["matters"] == {"sensitivity"}
    assert {"options", "flip"} <= kinds["road"]
    assert any(line.startswith("Step by step: as now to less: ") for line in chapters["rungs"].says)
    assert any("of conditions for" in line or "runs see" in line for line in chapters["road"].says)
    searched = next(table for table in chapters["road"].tables if table.name == "road-boxes")
    assert len(searched.rows) == 1
    assert '"tension@8 > 0" always happens in these 80 cases: there is nothing to tell apart.' in chapters["road"].says


def test_definition_and_behaviour_are_told_apart(chapters: dict[str, Chapter]) -> None:
    """Halving a goalpost raises the index and moves nobody: behaviour of the world stays, its measure moves."""
    assert any("by definition" in line for line in chapters["ladder"].silent)
    head = next(table for table in chapters["ladder"].tables if table.name == "ladder-options").head
    assert "Behaviour alone" in head


def change(value: float, half: float, verdict: str) -> dict[str, Any]:
    ends = {"change": value, "ci_low": value - half, "ci_high": value + half}
    return {**ends, "verdict": verdict, "share_up": 0.9, "draws": 40, "unit": "points"}


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("higher", "“b” raises tension by 1.0 [0.8, 1.2]."),
        ("lower", "“b” lowers tension by 1.0 [0.8, 1.2]."),
        ("cannot tell", "no difference in tension can be told"),
        ("identical", "The same in every run: “b”"),
    ],
)
def test_a_direction_is_claimed_where_it_can_be_told(verdict: str, said: str) -> None:
    value = {"higher": 1.0, "lower": -1.0, "cannot tell": 0.1, "identical": 0.0}[verdict]
    found = {"options": [{"label": "a", "change": None}, {"label": "b", "change": change(value, 0.2, verdict)}]}
    told = " ".join(words.choices(found, "tension"))
    assert said in told
    assert ("raises" in told or "lowers" in told) == (verdict in ("higher", "lower"))


def test_behaviour_that_goes_the_other_way_is_told() -> None:
    pair = [change(1, 0.2, "higher"), change(2, 0.2, "higher")], [change(1, 0.2, "higher"), change(-1, 0.2, "lower")]
    (told,) = said(words.TEMPLATE, "alike", words.twinned(*pair))
    assert "1 of 2 of these changes go the same way, 1 the other way" in told
    twins = words.twinned([change(1, 0.2, "higher")], [change(0.1, 0.2, "cannot tell")])
    (open_,) = said(words.TEMPLATE, "alike", twins)
    assert "0 of 1 of these changes go the same way." in open_


def test_the_page_is_written_again_to_the_same_bytes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    folders = [f"out/{name}" for name in ("rungs", "road")]
    for out in ("one", "two"):
        done = detente("experiment", "report", *folders, "--out", out)
        assert done.exit_code == 0, done.output
    files = sorted(path.relative_to("one") for path in Path("one").rglob("*") if path.is_file())
    assert {"README.md", "facts.json", "figures/rungs-options.png", "tables/rungs-options.csv"} <= {*map(str, files)}
    assert all((Path("one") / name).read_bytes() == (Path("two") / name).read_bytes() for name in files)
    page = Path("one/README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\((figures/[^)]+)\)", page)
    assert len(linked) >= 4
    assert all((Path("one") / name).exists() for name in linked)
    assert "detente experiment report rungs road" in page
    assert detente("experiment", "report", *folders, "--out", "one").exit_code == 3
    assert detente("experiment", "report", *folders, "--out", "one", "--force").exit_code == 0
    assert detente("experiment", "report", *folders, "--out", "out", "--force").exit_code == 3


def test_unfinished_experiments_are_refused(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    import shutil

    shutil.copytree("out/rungs", tmp_path / "half")
    (tmp_path / "half/DONE").unlink()
    half = detente("experiment", "report", str(tmp_path / "half"), "--out", str(tmp_path / "page"))
    assert half.exit_code == 3
    assert "is not complete" in half.stderr
    assert not (tmp_path / "page").exists()


def test_a_report_holds_a_section_on_an_experiment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    out = ["--members", "8", "--pdf", "--out", "told"]
    made = detente("report", "baseline", "placebo", "--experiment", "out/rungs", "--experiment", "out/road", *out)
    assert made.exit_code == 0, made.output
    page = Path("told/report.html").read_text(encoding="utf-8")
    section = page.partition("<h2>Experiments</h2>")[2].partition("<h2>What went in</h2>")[0]
    assert "Step by step: as now to less" in section
    assert section.count("<img ") == section.count("data:image/svg") >= 4
    assert "--experiment rungs --experiment road" in page.replace("&#32;", " ")
    facts = json.loads(Path("told/facts.json").read_text(encoding="utf-8"))
    assert facts["experiments"].keys() == {"rungs", "road"}
    assert Path("told/figures/rungs-options.svg").exists()
    assert Path("told/tables/rungs-options.csv").exists()
    assert Path("told/report.pdf").stat().st_size > 10_000
    missing = detente("report", "baseline", "placebo", "--experiment", "nowhere", "--out", "no")
    assert missing.exit_code == 3
    assert "no finished experiment" in missing.stderr


@pytest.mark.parametrize("kind", ["options", "regret", "flip", "theories", "sensitivity", "tornado"])
def test_a_figure_that_the_design_does_not_hold_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(home)
    name = "matters" if kind in ("options", "regret", "flip", "theories") else "ladder"
    refused = detente("figure", kind, f"out/{name}", "-o", str(tmp_path / "f.png"))
    assert refused.exit_code == 2, refused.output
    assert not (tmp_path / "f.png").exists()


PAGE = Path(__file__).resolve().parents[1] / "reports" / "experiments"


def test_the_page_on_the_shipped_experiments_is_whole_and_true_to_its_facts() -> None:
    facts = json.loads((PAGE / "facts.json").read_text(encoding="utf-8"))
    page = (PAGE / "README.md").read_text(encoding="utf-8")
    shipped = {path.stem for path in (PAGE.parents[1] / "experiments").glob("*.yaml")}
    assert facts.keys() == shipped
    for name, one in facts.items():
        stated = {key: value for key, value in one.items() if key not in ("says", "figures")}
        known = numbers.Known.of({**stated, "known": [0.05, 0.8]})
        told = [*one["says"], *one["figures"].values()]
        wrong = {line: numbers.unsupported(line, known) for line in told}
        assert {line: found for line, found in wrong.items() if found} == {}, name
        assert all((PAGE / "figures" / f"{stem}.png").exists() for stem in one["figures"]), name
    boxes = facts["road_to_crisis"]["discovery"][:-1]
    assert boxes
    assert all((box["reproduced"] >= 0.8) == bool(box["limits"]) for box in boxes)
    assert re.findall(r"\]\((?!figures/|#|\.\./)", page) == []
    assert sum(path.stat().st_size for path in PAGE.rglob("*") if path.is_file()) < 4_000_000


def test_another_ruler_is_named_before_what_changes(chapters: dict[str, Chapter], home: Path) -> None:
    assert chapters["road"].says[0].startswith("Another ruler: “w” builds the index otherwise")
    assert chapters["rivals"].says[0].startswith("Another ruler: “a plain mean” builds the index otherwise")
    assert not any("ruler" in line for line in chapters["matters"].says)
    assert "Another ruler: “w”" in detente("experiment", "show", str(home / "out" / "road")).stdout
