"""What Python and a notebook show of a value: a few words, and a table a reader wants."""

from __future__ import annotations

import pickle
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from scenario_data import write

import detente
from detente.analysis import summary
from detente.experiment.digest import digest
from detente.prose.table import Table
from detente.scenario.load import load

COMMON = {"members": 40, "weeks": 6}
STUDY = """
title: Study
question: Which visit?
scenarios: small
levers:
  more:
    settings:
      nothing: {}
      visit: {acts.tea: {kind: visit, date: 2024-07-15, title: A visit, by: POW, to: ALF, size: 5}}
design: {kind: factorial}
members: 8
weeks: 6
metrics: [tension@4, behaviour@4]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shown")
    write(folder)
    visit = "{kind: visit, date: 2024-07-15, title: A <b>visit</b>, by: POW, to: ALF, size: 5, mark: true}"
    tea = f"extends: small\ntitle: Tea & talk\nquestion: More tea?\nacts:\n  tea: {visit}\n"
    (folder / "tea.yaml").write_text(tea, encoding="utf-8")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


class Balanced(HTMLParser):
    """Reads a fragment: every tag is closed in its order; the text of every cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("br", "input", "use", "path"):
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "input", "use", "path"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data


def cells(value: object) -> list[str]:
    return Balanced(value._repr_html_()).cells  # type: ignore[attr-defined]


def test_a_shipped_scenario_is_told_in_a_line() -> None:
    for value in (detente.load("baseline"), load("baseline")):
        assert len(repr(value)) < 1000
        assert "\n" not in repr(value)
        assert "title='Baseline'" in str(value)


def test_the_card_of_a_scenario_says_when_who_and_what() -> None:
    scenario = detente.load("tea")
    told = cells(scenario)
    assert "A <b>visit</b>" in told
    assert "2024-07-15" in told
    assert f"What happens, 1 of {len(scenario.acts)} acts" in told
    assert all(any(actor.label in cell for cell in told) for actor in scenario.actors.values())
    assert any(f"{scenario.calendar.start}" in cell for cell in told)
    assert "Tea &amp; talk" in scenario._repr_html_()
    assert "small.yaml" in load("tea")._repr_html_()


def test_a_footnote_stands_where_its_mark_does() -> None:
    shown = detente.load("baseline")._repr_html_()
    assert "Kosovo*" in shown
    assert "without prejudice to positions on status" in shown
    assert "without prejudice" not in detente.load("small")._repr_html_()


def test_a_result_is_a_dataset_that_says_what_was_run() -> None:
    result = detente.run("small", **COMMON)
    headline = summary.lines(result)[0]
    assert headline in repr(result)
    told = dict(zip(*[iter(cells(result)[:10])] * 2, strict=True))
    assert told["Digest"] == digest(result)[:12] == result.digest[:12]
    ends = [value for name, value in told.items() if name.startswith("Tension at the")]
    assert [re.search(r"middle 80% of 40 runs: -?\d+ to \d+", end) is not None for end in ends] == [True, True]
    assert f"median {summary.bands(result)['median'][0]:.0f}" in ends[0]
    assert "40 members × 6 weeks, seed 1" in result._repr_html_()
    assert digest(pickle.loads(pickle.dumps(result))) == digest(result)


def test_what_is_taken_from_a_result_is_shown_as_what_it_is() -> None:
    result = detente.run("small", **COMMON)
    fewer = result.isel(member=slice(4))
    assert "4 members" in repr(fewer)
    assert "4 members" in fewer._repr_html_()
    for part in (result.mean("member"), result.isel(time=0), result.drop_vars("tension"), result.isel(member=[])):
        assert "Dimensions" in repr(part)
        assert "xr-wrap" in part._repr_html_()
    kept = detente.run("small", **COMMON, keep="summary")
    assert kept.digest == digest(result)
    assert kept.digest[:12] in kept._repr_html_()


def test_a_comparison_shows_paired_changes_with_their_intervals() -> None:
    told = detente.compare("small", "tea", **COMMON)
    (change,) = (cell for cell in cells(told) if cell.startswith(("+", "−")) and "[" in cell)
    assert change in repr(told)
    d = told.rows[0].difference
    assert float(change.split()[0].replace("−", "-")) == pytest.approx(d.change, abs=0.05)
    assert "paired members, the same random shocks" in told._repr_html_()


def test_an_experiment_shows_points_and_metrics() -> None:
    made = detente.experiment("study.yaml", workers=1)
    assert "2 points × 8 members" in repr(made)
    assert len(repr(made)) < 300
    told = cells(made)
    assert "2 points × 8 members, seed 1" in told
    assert any("tension" in cell and "behaviour" in cell for cell in told)
    assert "Change [95% interval]" in told


TABLES = {
    "bare": Table((), [("a", "1")]),
    "headed": Table(("a<", "b"), [("&", "+1")], caption="<i>", right=(1,)),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_as_html_is_text_in_cells(table: Table) -> None:
    rows = [*([table.head] if table.head else []), *table.rows]
    assert Balanced(table.html()).cells == [cell for row in rows for cell in row]
    assert table.html().count("right") == len(table.right) * len(rows)
