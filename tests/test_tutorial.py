"""The tutorial runs as printed."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).resolve().parents[1] / "docs" / "tutorial.py"


def test_the_tutorial_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DETENTE_MEMBERS", "16")
    runpy.run_path(str(TUTORIAL))
    told = capsys.readouterr().out
    assert "largest gap between the index and the sum of its parts" in told
    assert "KFOR drawdown" in told
