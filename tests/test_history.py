"""A theatre of documented years against the record: what variants are told, scores, words, the committed record."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import spearmanr
from worlds import act, village

from detente.cli.main import main
from detente.evidence import reporting
from detente.evidence.forecasts.scores import covered
from detente.evidence.past import history as told
from detente.evidence.past.history_scores import crps, memory, rank_correlation, record
from detente.evidence.past.history_words import command, findings, readme
from detente.figures import history as figure
from detente.figures.lint import lint
from detente.figures.sheet import sheet
from detente.observations import ObservationError, Observations, Series
from detente.observations.series import weeks
from detente.scenario.schema import Scenario

ROOT = Path(__file__).resolve().parent.parent
KEDS = (
    Path(os.environ.get("DETENTE_OBSERVATIONS", ROOT.parent / "shared" / "observations"))
    / "keds_dyad_week_1989_2000.csv"
)
COUNT, MEMBERS = 104, 16
#: the made-up war, and the end of the fitting window
WAR, FITTED = slice(30, 50), np.datetime64("2025-03-30")


def theatre() -> Scenario:
    war = act("war", WAR.start + 1, pairs=["A-B"], mark=True, title="War")
    truce = act("ceasefire", WAR.stop + 1, pairs=["A-B"], title="Truce")
    late = act("rhetoric", 80, lasting=15, mark=True, title="Later war", size=10)
    return village({"acts": {"war": war, "truce": truce, "late": late}}, weeks=COUNT)


def series(key: str, count: np.ndarray) -> Series:
    dates = weeks(np.datetime64("2024-01-01"), np.datetime64("2024-01-01") + np.timedelta64(7 * (COUNT - 1), "D"))
    return Series(key, "week", dates, 5.0 * count, count, np.ones(COUNT), np.ones(COUNT), counted=True)


def observations(folder: Path, count: np.ndarray | None = None) -> Observations:
    path = folder / "reports.csv"
    path.write_text("made up", encoding="utf-8")
    usual = np.tile([0.0, 1.0], COUNT // 2) if count is None else count
    return Observations(path, "dyad_week", {"A-B": series("A-B", usual)})


@cache
def made(folder: Path) -> told.History:
    return told.history(theatre(), observations(folder), FITTED, MEMBERS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def test_variants_are_told_what_they_say() -> None:
    found = told.variants(theatre(), FITTED)
    assert tuple(found) == tuple(told.VARIANTS)
    assert set(found["early_record"].acts) == {"war", "truce"}
    assert found["blind"].acts == {}
    mission = village({"acts": {"m": act("rhetoric", 2)}}, weeks=COUNT)
    assert set(told.variants(mission, FITTED)["no_missions"].acts) == {"m"}


def test_only_missions_are_left_out_without_missions() -> None:
    from detente.scenario.load import load

    scenario = load("history_1989_2003").scenario
    left = set(scenario.acts) - set(told.variants(scenario, np.datetime64("1997-12-31"))["no_missions"].acts)
    assert {scenario.acts[name].kind for name in left} == {"mission"}
    assert len(left) == sum(a.kind == "mission" for a in scenario.acts.values()) > 5


def test_with_the_laws_off_nothing_that_is_told_moves_an_incident(folder: Path) -> None:
    """The same counts as a run that is told nothing, and a war that is told moves them with the laws on."""
    off = told.with_parameters(theatre(), told.off(theatre()))
    told_off, silent = (
        told.ensemble(s, [observations(folder)["A-B"]], [0.1], MEMBERS, 1).reports
        for s in (off, off.model_copy(update={"acts": {}}))
    )
    np.testing.assert_array_equal(told_off, silent)
    found = made(folder).told
    war = (found["record"].reports[0][:, WAR].mean(), found["blind"].reports[0][:, WAR].mean())
    assert war[0] > 1.5 * war[1]


def test_what_comes_later_cannot_be_seen_before_it(folder: Path) -> None:
    found = made(folder)
    early = found.windows["fitted"]
    for name in ("reports", "index"):
        one, two = (getattr(found.told[k], name)[..., early] for k in ("record", "early_record"))
        np.testing.assert_array_equal(one, two)
    late = ~early
    assert (found.told["record"].reports[..., late] != found.told["early_record"].reports[..., late]).any()


def test_the_record_does_not_leak_into_the_simulation(folder: Path, tmp_path: Path) -> None:
    """Another record, the same other reports: the simulated reports are the same bit by bit."""
    other = told.history(theatre(), observations(tmp_path, np.full(COUNT, 9.0)), FITTED, MEMBERS)
    for name, one in made(folder).told.items():
        np.testing.assert_array_equal(one.reports, other.told[name].reports)


def test_reports_are_thinned_and_misread() -> None:
    rng = np.random.default_rng(1)
    found = told.reported(np.full((200, 500), 10, dtype=np.uint16), 0.5, rng).astype(float)
    assert found.mean() == pytest.approx(10 * reporting.SEEN + 0.5, abs=0.03)
    assert told.reported(np.zeros((200, 500), dtype=np.uint16), 0.0, rng).sum() == 0
    assert told.expected_misread(np.array([2.0, 4.0])) == pytest.approx(reporting.TRACE + 3 * reporting.MISREAD)
    assert told.expected_misread(np.array([])) == reporting.TRACE


def test_a_pair_is_read_from_its_first_report(tmp_path: Path) -> None:
    one = observations(tmp_path, np.r_[np.zeros(20), np.ones(COUNT - 20)])
    quiet = replace(one.series["A-B"], other=np.zeros(COUNT))
    found = told.history(theatre(), replace(one, series={"A-B": quiet}), FITTED, MEMBERS)
    assert not found.known[0, :20].any()
    assert found.known[0, 20:].all()
    assert record(found)["pairs"]["A-B"]["fitted"]["weeks"] == int(found.windows["fitted"][20:].sum())


def test_a_file_of_other_years_is_refused(tmp_path: Path) -> None:
    one = observations(tmp_path)
    old = replace(one.series["A-B"], dates=one.series["A-B"].dates - np.timedelta64(7 * 600, "D"))
    with pytest.raises(ObservationError, match="holds no week between"):
        told.history(theatre(), replace(one, series={"A-B": old}), FITTED, MEMBERS)


def test_scores_know_a_right_band_from_a_wrong_one() -> None:
    rng = np.random.default_rng(2)
    simulated = rng.poisson(20.0, (400, 300)).astype(np.uint16)
    right, wrong = rng.poisson(20.0, 300).astype(float), rng.poisson(60.0, 300).astype(float)
    assert 0.85 < covered(simulated, right).mean() < 0.97
    assert covered(simulated, wrong).mean() < 0.05
    assert crps(right, simulated).mean() < 0.3 * crps(wrong, simulated).mean()


def test_memory_and_ranks() -> None:
    assert memory(np.ones(50)) == 0.0
    assert memory(np.tile([0.0, 9.0], 50)) < -0.9
    assert memory(np.repeat([0.0, 9.0, 1.0], 30)) > 0.9
    assert rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([10.0, 11.0, 12.0])) == 1.0
    assert rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([5.0, 4.0, 1.0])) == -1.0
    assert rank_correlation(np.array([1.0, 2.0, 3.0]), np.ones(3)) is None
    tied = np.array([1.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 3.0])
    assert rank_correlation(*tied) == pytest.approx(spearmanr(*tied).statistic, abs=1e-3)


def test_words_and_figure_say_what_was_found(folder: Path) -> None:
    found = made(folder)
    content = record(found)
    ratio = content["pairs"]["A-B"]["later"]["variants"]["record"]["level_ratio"]
    text = " ".join(findings(content))
    assert f"×{ratio:.1f}" in text or 0.5 <= ratio <= 2
    assert "Told nothing of the later years" in text or "told nothing of the later years" in text
    assert "--until 2025-03-30" in command(content)
    page = readme(content)
    assert "no forecast" in page
    data = figure.collect(found, content)
    assert lint(sheet(figure.draw, data, figure.provenance(found, "detente verify"))) == []
    assert data.panels[0].lines[-1].values.sum() == found.observed[0].sum()
    assert "no forecast" in data.notes
    assert len(data.panels[0].shades) == 2


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (["--history", "out"], "--history needs --observations FILE and --until DATE"),
        (["--history", "out", "--observations", "x.csv"], "--until DATE"),
        (["--until", "1997-12-31"], "--until goes with --history"),
        (
            ["--history", "out", "--backcast", "b.png", "--observations", "x.csv", "--until", "1997-12-31"],
            "one at a time",
        ),
    ],
)
def test_options_that_need_one_another(more: list[str], what: str) -> None:
    done = CliRunner().invoke(main, ["verify", "placebo", *more])
    assert (done.exit_code, what in done.output) == (2, True)


def test_files_are_not_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "history.json").write_text("{}", encoding="utf-8")
    files = ["--history", str(tmp_path), "--observations", "x.csv", "--until", "1997-12-31"]
    done = CliRunner().invoke(main, ["verify", "placebo", *files])
    assert (done.exit_code, "history.json" in done.output) == (2, True)


def test_the_committed_words_are_those_of_the_committed_record() -> None:
    content = json.loads((ROOT / "reports" / "history" / "history.json").read_text(encoding="utf-8"))
    assert (ROOT / "reports" / "history" / "README.md").read_text(encoding="utf-8") == readme(content)
    assert content["fitted_until"] == "1997-12-31"


@pytest.mark.slow
@pytest.mark.skipif(not KEDS.is_file(), reason=f"needs {KEDS.name} in DETENTE_OBSERVATIONS")
def test_the_committed_record_is_repeated(tmp_path: Path) -> None:
    files = ["--history", str(tmp_path / "out"), "--observations", str(KEDS), "--until", "1997-12-31"]
    done = CliRunner().invoke(main, ["verify", "history_1989_2003", *files])
    assert done.exit_code == 0, done.output
    now, committed = (
        json.loads((place / "history.json").read_text(encoding="utf-8"))
        for place in (tmp_path / "out", ROOT / "reports" / "history")
    )
    assert {**now, "code": ""} == {**committed, "code": ""}
