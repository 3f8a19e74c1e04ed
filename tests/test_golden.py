"""Every shipped scenario gives the results that are kept in the tests; where it does not, the changelog says why."""

import json
from pathlib import Path
from typing import Any

import golden
import pytest

KEPT = json.loads(golden.FILE.read_text(encoding="utf-8"))


def test_every_shipped_scenario_is_kept() -> None:
    assert list(KEPT["scenarios"]) == golden.NAMES
    assert (KEPT["members"], KEPT["seed"]) == (golden.MEMBERS, golden.SEED)
    digests = [one["digest"] for name, one in KEPT["scenarios"].items() if name != "placebo"]
    assert len(set(digests)) == len(digests)
    assert KEPT["scenarios"]["placebo"] == KEPT["scenarios"]["baseline"]


@pytest.mark.parametrize("name", golden.NAMES)
def test_a_scenario_gives_what_it_gave(name: str) -> None:
    """Bit for bit where the processor and NumPy are those of the kept results, to 1e-9 elsewhere."""
    now, kept = golden.told(name), dict(KEPT["scenarios"][name])
    if KEPT["place"] != golden.place():
        now["digest"] = kept["digest"]
    moved = f"{name} moved: if it should have, say so in CHANGELOG.md under **Numbers**, then: make golden"
    assert now["digest"] == kept["digest"], moved
    assert now.pop("pillars") == pytest.approx(kept.pop("pillars"), rel=1e-9, abs=1e-9), moved
    assert now == {key: pytest.approx(one, rel=1e-9) if isinstance(one, float) else one for key, one in kept.items()}


def test_moved_results_are_written_only_with_a_word_on_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def kept() -> dict[str, Any]:
        return json.loads((tmp_path / "golden.json").read_text())["scenarios"]  # type: ignore[no-any-return]

    monkeypatch.setattr(golden, "ROOT", tmp_path)
    monkeypatch.setattr(golden, "FILE", tmp_path / "golden.json")
    monkeypatch.setattr(golden, "NAMES", ["one"])
    log = tmp_path / "CHANGELOG.md"
    log.write_text("## Unreleased\n\n- **Numbers** Before.\n- Else.\n")
    monkeypatch.setattr(golden, "told", lambda name: {"digest": "a"})
    assert (golden.write(), kept()) == (0, {"one": {"digest": "a"}})
    monkeypatch.setattr(golden, "told", lambda name: {"digest": "b"})
    assert (golden.write(), kept()) == (4, {"one": {"digest": "a"}})
    assert "moved: one\nSay what moved and why in CHANGELOG.md" in capsys.readouterr().err
    log.write_text("## Unreleased\n\n- **Numbers** The laws\n  moved.\n- **Numbers** Before.\n- Else.\n")
    assert (golden.write(), kept()) == (0, {"one": {"digest": "b"}})
    assert len(golden.entries()) == 2
