"""Work that is stopped on its way tells what is finished; a file that cannot be written takes no result with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from evidence_data import quick, weekly_rows, written
from scenario_data import write

from detente.cli import keep
from detente.cli.main import main
from detente.evidence.forecasts import fit
from detente.evidence.nowcasts import state
from detente.evidence.unfinished import Unfinished, keeping
from detente.evidence.verification import check, suite
from detente.evidence.verification.check import Declared, Found
from detente.figures import nowcast as nowcast_figure


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The small theatre's file."""
    folder = tmp_path / "theatre"
    folder.mkdir()
    return str(write(folder))


def run(*words: str) -> Any:
    return CliRunner().invoke(main, list(words))


def test_what_is_finished_is_handed_on() -> None:
    done: list[int] = []

    def work() -> None:
        with keeping(lambda: done or None):
            done.append(1)
            raise KeyboardInterrupt

    found, error, _ = keep.finished(work)
    assert found == [1]
    assert isinstance(error, KeyboardInterrupt)
    with pytest.raises(ValueError, match="nothing yet"), keeping(lambda: None):
        raise ValueError("nothing yet")
    assert str(Unfinished(done)) == "stopped before the end"


def made(subject: Any) -> Found:
    return Found("1", "1", True)


def declare(monkeypatch: pytest.MonkeyPatch, *looks: Callable[[Any], Found]) -> None:
    """Let these be all the checks there are."""
    monkeypatch.setattr(check, "DECLARED", [Declared(look.__name__, "limit", look, False) for look in looks])


def stopped_after_two(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(subject: Any) -> Found:
        raise MemoryError

    declare(monkeypatch, made, made, broken)
    monkeypatch.setattr(suite, "fingerprint", lambda: "ab" * 32)


def test_a_stopped_verification_prints_its_checks(small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stopped_after_two(monkeypatch)
    card = tmp_path / "card.json"
    done = run("verify", small, "--card", str(card))
    assert done.exit_code == 1
    assert "2 of 2 checks hold" in done.stdout
    assert "not enough memory" in done.stderr
    assert not card.exists()
    told = run("verify", small, "--json")
    content = json.loads(told.stdout)
    assert told.exit_code == 1
    assert (content["ok"], len(content["checks"])) == (False, 2)
    assert "not enough memory" in content["stopped"]


def test_a_missing_extra_is_named_before_anything_is_checked(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, lambda subject: pytest.fail("work was begun"))
    for name in [name for name in sys.modules if name.startswith("SALib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "SALib", None)
    done = run("verify", small)
    assert done.exit_code == 3
    assert "sensitivity" in done.output
    assert "Checking" not in done.output


def test_a_card_not_written_takes_no_checks_with_it(
    small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    declare(monkeypatch, made)
    (tmp_path / "card.json").mkdir()
    done = run("verify", small, "--card", str(tmp_path / "card.json"))
    assert "1 of 1 checks hold" in done.stdout
    assert done.exit_code != 0
    assert "card.json" in done.stderr
    assert "Traceback" not in done.output


def weeks(tmp_path: Path) -> Path:
    return written(tmp_path / "w.csv", weekly_rows(120, ("ALF-BET", "BET-GAM")))


def test_a_hindcast_that_is_stopped_tells_the_methods_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    quick(monkeypatch)
    usual = fit.fit

    def broken(pool: Any, off: Any, *more: Any) -> Any:
        if off:
            raise KeyboardInterrupt
        return usual(pool, off, *more)

    monkeypatch.setattr(fit, "fit", broken)
    asked = [
        "hindcast",
        "--observations",
        str(weeks(tmp_path)),
        "--dyad",
        "ALF-BET",
        "--train",
        ":1999-06",
        "--test",
        "1999-07:",
    ]
    done = run(*asked)
    assert (done.exit_code, "Traceback" in done.output) == (130, False)
    assert "smoothing" in done.stdout
    assert "no leakage" in done.stdout
    content = json.loads(run(*asked, "--json").stdout)
    assert {row["method"] for row in content["rows"]} == {"model", "persistence", "climatology", "ar1", "smoothing"}
    assert "interrupted" in content["stopped"]


def test_a_stopped_nowcast_tells_the_pairs_done(small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    quick(monkeypatch)
    usual, calls = state.one, []

    def broken(*asked: Any) -> Any:
        calls.append(asked)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return usual(*asked)

    monkeypatch.setattr(state, "one", broken)
    out = tmp_path / "now"
    asked = ["nowcast", small, "--observations", str(weeks(tmp_path)), "-n", "256", "--ahead", "2"]
    done = run(*asked, "--out", str(out), "--json")
    content = json.loads(done.stdout)
    assert done.exit_code == 130
    assert len(content["pairs"]) == 1
    assert content["saved"] == []
    assert "interrupted" in content["stopped"]
    assert not out.exists()


def test_no_picture_undoes_a_nowcast(small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    quick(monkeypatch)

    def broken(*asked: Any) -> Any:
        raise ValueError("no such glyph")

    monkeypatch.setattr(nowcast_figure, "collect", broken)
    out = tmp_path / "now"
    asked = ["nowcast", small, "--observations", str(weeks(tmp_path)), "-n", "256", "--ahead", "2", "--dyad", "ALF-BET"]
    done = run(*asked, "--out", str(out))
    assert done.exit_code == 1
    assert "against its usual" in done.stdout
    assert sorted(path.name for path in out.iterdir()) == ["from_nowcast.yaml", "nowcast.json", "nowcast.yaml"]
