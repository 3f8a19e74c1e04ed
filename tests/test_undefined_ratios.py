"""A share of nothing is said to be none, in words and as null; it is never printed as a number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from evidence_data import mondays, quick, written
from test_overview import record

from detente.cli import nowcast_words
from detente.cli.main import main
from detente.evidence.documentation import card_words, overview
from detente.evidence.forecasts.skill import SMALLEST, share, skill, verdict
from detente.evidence.past import backcast, history_scores, history_words
from detente.figures import skill as figure


def test_skill_against_a_forecast_without_error_is_not_defined() -> None:
    score, none = np.full(60, 0.2), np.zeros(60)
    assert share(score, none) is None
    told = skill(score, none, 1)
    assert told[:3] == (None, None, None)
    assert told.why == "not defined: the reference errs by (nearly) nothing (mean score 0)"
    assert verdict(told.low, told.high) == "undefined"
    # a score of 1e-10 is what is left of a smoothed level after a hundred quiet weeks
    assert skill(score, np.full(60, 1e-10), 1).value is None
    assert share(score, np.full(60, SMALLEST)) == pytest.approx(1 - 200)


def test_skill_that_hangs_on_a_single_week_is_not_defined() -> None:
    """One error in 400 weeks: most resamples hold none at all."""
    reference = np.zeros(400)
    reference[7] = 1.0
    told = skill(np.full(400, 0.01), reference, 1)
    assert told.value is None
    assert "resamples" in told.why


def test_a_hindcast_of_a_silent_time_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    rows = [("A-B", week, 2, 1 if k < 20 else 0, 5 if k < 20 else 0, 1) for k, week in enumerate(mondays(220))]
    path = written(tmp_path / "w.csv", rows)
    asked = ["hindcast", "--observations", str(path), "--dyad", "A-B", "--train", ":2000-12", "--test", "2001:"]
    told = CliRunner().invoke(main, asked)
    assert told.exit_code == 0, told.output
    assert "undefined" in told.stdout
    assert "not compared (not defined: the reference errs by (nearly) nothing" in told.stdout
    assert max(len(number) for number in told.stdout.replace("%", "").split()) < 40
    rows = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)["rows"]
    model = next(row for row in rows if row["method"] == "model")
    assert model["skill_vs_smoothing"] is None
    assert model["skill_low"] is None
    assert model["skill_undefined"].startswith("not defined")


def undefined(content: dict[str, Any]) -> dict[str, Any]:
    for row in (*content["rows"], *content["model_against_best"]):
        for key in ("skill_vs_smoothing", "skill", "skill_low", "skill_high"):
            if key in row:
                row[key] = None
    return content


def test_pages_card_and_figure_say_it_too() -> None:
    content = [undefined(record("Quiet", (1,))), record("Loud", (1,))]
    page = overview.page(content, "make evidence")
    assert (
        "Quiet, 1 week ahead: not to be compared with exponential smoothing (not defined: it errs by nothing)" in page
    )
    drawn = figure.collect(content)
    assert [mark is None for mark in drawn.series[0].marks] == [True, False]
    assert "smoothing errs by nothing in 1 of 2" in drawn.notes
    row = {"skill_vs_smoothing": None, "skill_low": None, "skill_high": None}
    assert card_words.gain(row) == "not defined: it errs by nothing"
    assert card_words.judged(row) == "not to be compared with"


def test_a_nowcast_scored_on_a_silent_year_says_so() -> None:
    row = {
        "horizon": 1,
        "n": 52,
        "crps": 0.1,
        "coverage90": 1.0,
        "skill_vs_smoothing": None,
        "skill_low": None,
        "skill_high": None,
        "naive": {"smoothing": 0.0},
        "best_naive": "smoothing",
        "skill_vs_best": [None, None, None],
    }
    content = {"step": "week", "held_out": "2001", "pairs": [{"label": "A–B", "skill": [row]}]}
    assert "against smoothing undefined, against smoothing" in nowcast_words.skill(content)[1]
    content["pairs"].append({"label": "A–C", "skill": [row]})
    told = nowcast_words.skill(content)[1]
    assert "CRPS 0.100 beside none for smoothing" in told
    assert "not to be told in 2, where smoothing errs by nothing" in told


def test_documented_years_without_a_report_have_no_ratio() -> None:
    assert history_scores.level_ratio(30.0, 0.0) is None
    assert history_scores.level_ratio(30.0, 20.0) == 1.5
    together = {"laws_off": {"crps": 0.0}, "record": {"crps": 0.2}}
    assert history_scores.gains(together) == {"laws_off": None, "record": None}
    assert history_words.times(None) == "none recorded"
    window = {"within_factor_2": 0, "pairs": 1, "gain": {"blind": None, "record": None}}
    told = card_words.write(
        "lived", {"status": "done", "fitted": window, "later": window, "fitted_until": "1998", "other_code": False}
    )
    assert "gain nothing that is defined and nothing that is defined in CRPS" in told[0]


def test_reports_that_never_came_are_not_scaled_by_their_volume() -> None:
    np.testing.assert_array_equal(backcast.by_volume(np.zeros(5)), np.ones(5))
    volume = np.array([0.0, 1.0, 3.0])
    np.testing.assert_allclose(backcast.by_volume(volume), [backcast.MOST, 4 / 3, 4 / 9])
