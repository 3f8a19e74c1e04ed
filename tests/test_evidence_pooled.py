"""All pairs of a file hindcast together: windows, records, events, leakage, the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from evidence_data import LENGTH, TRAINED, monthly_rows, quick, series, small_file, weekly_rows, written

import detente
from detente.cli.main import main
from detente.evidence.forecasts import events, pooled
from detente.evidence.forecasts.baselines import BASELINES
from detente.evidence.forecasts.parts import parts_of
from detente.evidence.forecasts.priors import METHODS
from detente.evidence.forecasts.skill import by_week
from detente.evidence.forecasts.targets import Window
from detente.observations import ObservationError, Observations


def test_all_pairs_together_prove_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    result = pooled.hindcast_all(together(small_file()))
    assert result.proof.holds
    assert result.proof.forecasts > 100
    with monkeypatch.context() as patch:
        patch.setattr(pooled, "BASELINES", {**BASELINES, "persistence": lambda past, *_: past.base[0, -5:]})
        assert pooled.hindcast_all(together(small_file())).proof.changed


def together(file: Observations, horizons: tuple[int, ...] = (1, 3), **more: Any) -> pooled.Asked:
    """Two training windows, each with its test window."""
    one = file["A-B"]
    ends = TRAINED, TRAINED + 5
    windows = [(Window(None, one.ends[k - 1]), Window(one.dates[k], one.ends[k + 19])) for k in ends]
    return pooled.Asked(file, tuple(windows), horizons, **more)


def test_windows_are_scored_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    file = replace(small_file(), path=written(tmp_path / "w.csv", []))
    told = pooled.hindcast_all(together(file, ablations=True)).record()
    assert json.loads(json.dumps(told, allow_nan=False))["dyad"] == "all"
    known = METHODS.keys() | {"no_regimes", "no_excitation"}
    rows = {(row["method"], row["horizon"]): row for row in told["pooled"]}
    assert set(rows) == {(method, h) for method in known | set(BASELINES) for h in (1, 3)}
    parts = (f"{stem}{end}" for stem in ("skill", "vs_off", "vs_best") for end in ("_low", "_high"))
    promised = {
        "method",
        "horizon",
        "pairs",
        "n",
        "crps",
        "skill_vs_smoothing",
        "vs_off",
        "vs_best",
        *parts,
        "coverage90",
    }
    for row in rows.values():
        assert row.keys() >= promised
        assert (row["pairs"], row["n"]) == (3, 2 * 20 * 3)
    assert rows["smoothing", 1]["skill_vs_smoothing"] == rows["laws_off", 3]["vs_off"] == 0.0
    happened = {(row["method"], row["onset_only"]) for row in told["events"]}
    assert happened == {
        (method, onset) for method in known | {"climatology", "smoothing", "ar1"} for onset in (False, True)
    }
    assert [one["pairs"] for one in told["windows"]] == [["A-B", "A-C", "A-D"]] * 2
    assert all(fits.keys() == known for fits in told["fits"])


def test_pairs_that_seldom_report_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    rare = np.where(np.arange(LENGTH) % 20 == 3, 1.0, 0.0)
    file = replace(small_file(), series={**small_file().series, "A-E": series("A-E", rare)})
    for seen, kept in ((0.1, 3), (0.04, 4)):
        assert len(parts_of(file, list(together(file).windows), seen)[0].series) == kept
    with pytest.raises(ObservationError, match="no pair reports in 100%"):
        parts_of(file, list(together(file).windows), 1.0)
    with pytest.raises(ObservationError, match="more than 12 are needed"):
        parts_of(file, [(Window.of(":1999"), Window.of("2050:"))], 0.1)
    with pytest.raises(ObservationError, match="before the training window ends"):
        parts_of(file, [(Window.of(":1999"), Window.of("1999:"))], 0.1)


def test_a_probability_that_orders_events_has_the_area_one() -> None:
    chance, came = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert events.auc(chance, came) == pytest.approx(0.75)
    assert events.auc(came.astype(float), came) == 1.0
    assert events.auc(chance, np.zeros(4, dtype=bool)) is None


def ask(path: Path, *more: str) -> Result:
    """The command on a file of two pairs, two windows."""
    windows = (
        "--train",
        ":1999-05-31",
        "--test",
        "1999-06:1999-09",
        "--train",
        ":1999-07",
        "--test",
        "1999-08:1999-12",
    )
    asked = ["hindcast", "--observations", str(path), "--dyad", "all", *windows, "--horizon", "1", "--horizon", "4"]
    return CliRunner().invoke(main, [*asked, *more])


def test_the_command_prints_tables_or_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    path = written(tmp_path / "w.csv", weekly_rows(100, ("A-B", "B-C")))
    done = ask(path)
    assert done.exit_code == 0, done.output
    for said in ("2 pairs, targets 1999-08-01:1999-12-31", "vs off", "onset only", "no leakage"):
        assert said in done.stdout
    content = json.loads(ask(path, "--json").stdout)
    trains, tests = (":1999-05-31", ":1999-07"), ("1999-06:1999-09", "1999-08:1999-12")
    made = detente.hindcast(path, "all", trains, tests, horizons=(1, 4))
    assert json.loads(json.dumps(made.record)) == content


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (("--test", "2000:"), "give one --test for every --train"),
        (("--every", "month"), "leave out --every"),
        (("--dyad", "A-B"), "--dyad A-B is forecast in one window"),
        (("--seen", "1"), "no pair reports in 100%"),
    ],
)
def test_what_does_not_go_together_is_refused(more: tuple[str, ...], what: str, tmp_path: Path) -> None:
    done = ask(written(tmp_path / "w.csv", weekly_rows(100, ("A-B", "B-C"))), *more)
    assert (done.exit_code, what in done.output) == (2, True), done.output


def test_months_of_an_index_are_read_without_regimes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    path = written(tmp_path / "g.csv", monthly_rows(1994, 2003), "Date,GPR_AI,A-B,B-C")
    made = detente.hindcast(path, "all", ":2000", "2001:", ablations=True).record
    assert {row["method"] for row in made["pooled"]} == {"model", "laws_off", "no_excitation", *BASELINES}
    assert "clump" in made["fits"][0]["model"]["parameters"]
    assert "onset" not in made["fits"][0]["model"]["parameters"]


def test_a_week_weighs_by_its_pairs() -> None:
    week, score = [1, 1, 1, 2], [0.3, 0.6, 0.9, 0.2]
    weekly = by_week(week, score)
    assert len(weekly) == 2
    assert weekly.mean() == pytest.approx(np.mean(score))
