"""What Python and a notebook show of a value: a few words, and a table a reader wants."""

from __future__ import annotations

import html
import inspect
import pickle
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from scenario_data import write

import detente
from detente.analysis import summary
from detente.experiment.digest import digest
from detente.prose.table import Table
from detente.scenario.load import load
from detente.vocabulary import VARIABLES

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


def test_a_report_shows_its_bottom_line_and_an_explanation_its_sum(place: Path) -> None:
    base, other = detente.run("small", **COMMON), detente.run("tea", **COMMON)
    made = detente.report(base, other, out=place / "report")
    assert len(repr(made)) < 300
    assert made.title in repr(made)
    assert str(made.files[0]) in repr(made)
    assert cells(made) == [cell for row in (made.table.head, *made.table.rows) for cell in row]
    assert html.escape(made.sentences()[0].text) in made._repr_html_()
    told = detente.explain(base)
    assert f"{told.total.end:.1f} points" in repr(told)
    assert len(repr(told)) < 200


def test_an_experiment_shows_points_and_metrics() -> None:
    made = detente.experiment("study.yaml", workers=1)
    assert "2 points × 8 members" in repr(made)
    assert len(repr(made)) < 300
    told = cells(made)
    assert "2 points × 8 members, seed 1" in told
    assert any("tension" in cell and "behaviour" in cell for cell in told)
    assert "Change [95% interval]" in told


def test_a_plot_is_what_the_figure_command_draws() -> None:
    base, other = detente.run("small", **COMMON), detente.run("tea", **COMMON)
    compared = detente.compare(base, other)
    for kind in ("fan", "difference", "dots", "multiples", "pairs", "waterfall"):
        drawn = picture(detente.figure(kind, base, other).figure())
        assert picture(detente.plot(base, other, kind=kind)) == drawn
        assert picture(detente.plot(compared, kind=kind)) == drawn
    assert picture(detente.plot("small", **COMMON)) == picture(detente.plot(base))
    named = {"slide", *inspect.signature(detente.figure).parameters} - {"outputs", "force"}
    taken = inspect.signature(detente.plot).parameters
    assert set(taken) == named
    assert all(taken[name].default == inspect.signature(detente.figure).parameters[name].default
               for name in named - {"kind", "results"})  # fmt: skip


def picture(figure: Figure) -> bytes:
    png, size = figure._repr_png_()  # type: ignore[attr-defined]
    assert png.startswith(b"\x89PNG")
    assert size["width"] == round(96 * figure.get_size_inches()[0])
    return bytes(png)


def test_a_plot_writes_nothing_and_leaves_matplotlib_as_it_was(place: Path) -> None:
    code = """
import sys, detente
import matplotlib as mpl
before, backend = dict(mpl.rcParams), mpl.rcParams._get("backend")
figure = detente.plot("small", "tea", kind="difference", members=8, weeks=6)
figure._repr_png_()
assert isinstance(figure, mpl.figure.Figure)
assert dict(mpl.rcParams) == before
assert mpl.rcParams._get("backend") == backend
assert "matplotlib.pyplot" not in sys.modules
"""
    before = sorted(place.rglob("*"))
    done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize(
    ("by", "unit"), [("region", "week"), ("dyad", "dyad"), ("state", "state"), ("pillar", "pillar")]
)
def test_a_frame_has_a_row_for_every_observation(by: str, unit: str) -> None:
    base, other = detente.run("small", **COMMON), detente.run("tea", **COMMON)
    rows = detente.frame(base, other, by=by, members=10, every=2)
    many = 1 if by == "region" else base.sizes[unit]
    assert len(rows) == 2 * 10 * 4 * many
    keys = ["scenario", "member", "date", *([] if by == "region" else [by])]
    assert not rows.duplicated(keys).any()
    variables = [
        name for name, about in VARIABLES.items() if about.dims == ("member", "time", by)[: 2 + (by != "region")]
    ]
    assert rows.attrs["units"] == {name: VARIABLES[name].unit for name in variables}
    row = rows.iloc[-1]
    at = {key: row[key] for key in keys if key not in ("scenario", "date")}
    found = other.sel(time=row["date"], **at)
    assert [row[name] for name in variables] == [found[name].item() for name in variables]


def test_a_frame_by_week_is_the_summary_of_the_run() -> None:
    result, kept = detente.run("small", **COMMON), detente.run("small", **COMMON, keep="summary")
    rows = detente.frame(result, by="week")
    assert rows["median"].tolist() == summary.table(result)["median"]
    assert list(rows["date"]) == list(result["time"].values)
    assert detente.frame(kept, by="week")["p10"].tolist() == summary.table(kept)["p10"]
    assert rows.attrs["units"]["crisis_so_far"] == "share"


def test_frames_of_a_comparison_and_an_experiment() -> None:
    told = detente.compare("small", "tea", **COMMON)
    (row,) = detente.frame(told).to_dict("records")
    assert row["change"] == told.rows[0].difference.change
    assert row["unit"] == "points"
    made = detente.experiment("study.yaml", workers=1, resume=True)
    rows = detente.frame(made)
    assert len(rows) == 16
    assert rows.attrs["units"] == {"tension_4": "points", "behaviour_4": "points"}
    means = rows.groupby("lever_more", sort=False)["tension_4"].mean()
    assert means.tolist() == pytest.approx([option["mean"] for option in made.findings()["options"]])


def test_what_has_no_frame_is_told() -> None:
    told = detente.compare("small", "tea", **COMMON)
    for given, options, said in (
        ((told, told), {}, "give one at a time"),
        ((told.data,), {"by": "country"}, 'no frame by "country"'),
        ((), {}, "no result"),
        (("nowhere/at-all",), {}, "no result folder"),
    ):
        with pytest.raises(detente.DetenteError, match=said):
            detente.frame(*given, **options)


TABLES = {
    "bare": Table((), [("a", "1")]),
    "headed": Table(("a<", "b"), [("&", "+1")], caption="<i>", right=(1,)),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_as_html_is_text_in_cells(table: Table) -> None:
    rows = [*([table.head] if table.head else []), *table.rows]
    assert Balanced(table.html()).cells == [cell for row in rows for cell in row]
    assert table.html().count("right") == len(table.right) * len(rows)
