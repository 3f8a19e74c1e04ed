"""The report: one folder, every number accounted for, nothing claimed beyond its interval, nothing from outside."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from detente.analysis import claims, numbers
from detente.analysis.compare import compare
from detente.cli.contenders import resolve
from detente.cli.main import main
from detente.cli.report import made
from detente.report import folder, page
from detente.report.content import Report

MEMBERS = 48
NAMES = ("baseline", "kfor_drawdown", "dialogue_deal", "placebo")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    place = tmp_path_factory.mktemp("results")
    for name in NAMES:
        done = CliRunner().invoke(main, ["run", name, "--members", str(MEMBERS), "--out", str(place / name)])
        assert done.exit_code == 0, done.output
    return [str(place / name) for name in NAMES]


@pytest.fixture(scope="module")
def report(stored: list[str]) -> Report:
    return made(resolve(stored, {}), "mean", None, "", "detente report …")


@pytest.fixture(scope="module")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "folder"
    folder.write(report, out, pdf=True)
    return out


def test_every_sentence_may_be_printed(report: Report) -> None:
    known = json.loads(json.dumps(report.facts))
    assert report.claims()
    assert {claim.text: claims.faults(claim, known) for claim in report.claims() if claims.faults(claim, known)} == {}


def test_every_number_in_a_title_is_a_fact(report: Report) -> None:
    facts = json.loads(json.dumps(report.facts))
    for kind, told in facts["figures"].items():
        assert numbers.unsupported(told["title"], {kind: told["numbers"], **facts}) == [], kind
    assert numbers.unsupported(report.title, facts) == []


def test_a_claim_whose_interval_spans_zero_is_refused(report: Report) -> None:
    headline = report.headline
    assert claims.faults(headline, report.facts) == []
    wrong = replace(headline, interval=(-0.1, 0.3))
    assert any("is claimed, but the interval" in fault for fault in claims.faults(wrong, report.facts))


def test_a_number_that_is_no_fact_is_refused(report: Report) -> None:
    wrong = replace(report.headline, text=report.headline.text.replace("26 weeks", "52 weeks"))
    assert claims.faults(wrong, report.facts)


def test_a_placebo_is_told_as_one(report: Report) -> None:
    told = [claim.text for claim in report.unmoved]
    assert any(text.startswith("Placebo") and "as it is" in text for text in told)


def test_the_folder_holds_what_it_should(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == {"facts.json", "report.html", "report.pdf", "figures", "tables"}
    assert {"fan.svg", "fan.png", "difference.svg", "map.png"} <= {
        path.name for path in (written / "figures").iterdir()
    }
    inputs = (written / "tables" / "inputs.csv").read_text(encoding="utf-8").splitlines()
    assert len(inputs) > 500


def test_the_page_asks_for_nothing_from_outside(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', text) == []
    assert re.findall(r'<img (?![^>]*alt="[^"]+")', text) == []
    assert "@import" not in text
    assert "<script" not in text


def test_a_title_with_markup_is_text(report: Report, written: Path) -> None:
    marked = replace(report, title='<img src=x onerror="alert(1)"> & more')
    text = page.render(marked, written / "figures")
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


def test_the_same_report_gives_the_same_bytes(report: Report, written: Path, tmp_path: Path) -> None:
    folder.write(report, tmp_path / "again", pdf=True)
    for name in ("facts.json", "report.html", "report.pdf", "figures/fan.svg", "tables/scenarios.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes(), name


def test_nothing_is_overwritten_unasked(written: Path, stored: list[str], tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["report", *stored[:2], "--out", str(written)])
    assert refused.exit_code == 3
    assert "--force" in refused.output
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    kept = CliRunner().invoke(main, ["report", *stored[:2], "--out", str(tmp_path), "--force"])
    assert kept.exit_code == 3
    assert (tmp_path / "letters.txt").exists()


def test_half_written_and_missing_results_are_refused(stored: list[str], tmp_path: Path) -> None:
    missing = CliRunner().invoke(main, ["report", stored[0], str(tmp_path / "nowhere/")])
    assert missing.exit_code in (2, 3)
    assert "Traceback" not in missing.output
    (tmp_path / "half" / "data.zarr").mkdir(parents=True)
    half = CliRunner().invoke(main, ["report", stored[0], str(tmp_path / "half")])
    assert half.exit_code == 3
    assert "half-written" in half.output


def test_rows_of_the_table_are_the_comparison(report: Report, stored: list[str]) -> None:
    base, other, *_ = (one.result() for one in resolve(stored, {}))
    row = compare(base, {"kfor_drawdown": other})[0]
    line = next(cells for cells in report.table.rows if cells[0] == row.title)
    assert line[-1] == row.difference.verdict
