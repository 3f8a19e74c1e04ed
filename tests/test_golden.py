"""Every shipped scenario runs, and gives the results that are kept; where it does not, the changelog says why."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import golden
import numpy as np
import pytest
from test_scenarios_shipped import ASKED, MEMBERS, REPLAYS, shipped

from detente.experiment.digest import digest
from detente.experiment.run import run
from detente.scenario import difference

if TYPE_CHECKING:
    import xarray as xr

KEPT = json.loads(golden.FILE.read_text(encoding="utf-8"))


def test_every_shipped_scenario_is_kept() -> None:
    assert list(KEPT["scenarios"]) == golden.NAMES
    assert (KEPT["members"], KEPT["seed"]) == (golden.MEMBERS, golden.SEED)
    digests = [one["digest"] for name, one in KEPT["scenarios"].items() if name != "placebo"]
    assert len(set(digests)) == len(digests)
    assert KEPT["scenarios"]["placebo"] == KEPT["scenarios"]["baseline"]


@cache
def result(name: str, members: int) -> xr.Dataset:
    """A shipped scenario's ensemble, run once."""
    return run(shipped(name).scenario, members, golden.SEED)


@pytest.mark.parametrize("name", golden.NAMES)
def test_a_scenario_gives_what_it_gave(name: str) -> None:
    """Bit for bit where the processor and NumPy are those of the kept results, to 1e-9 elsewhere."""
    now, kept = golden.told(result(name, golden.MEMBERS)), dict(KEPT["scenarios"][name])
    if KEPT["place"] != golden.place():
        now["digest"] = kept["digest"]
    moved = f"{name} moved: if it should have, say so in CHANGELOG.md under **Numbers**, then: make golden"
    assert now["digest"] == kept["digest"], moved
    assert now.pop("pillars") == pytest.approx(kept.pop("pillars"), rel=1e-9, abs=1e-9), moved
    assert now == {key: pytest.approx(one, rel=1e-9) if isinstance(one, float) else one for key, one in kept.items()}


#: the members whose results are kept; in the slow suite as many as a distribution is looked at with
SIZES = [golden.MEMBERS, pytest.param(MEMBERS, marks=pytest.mark.slow)]


@pytest.mark.parametrize("members", SIZES)
@pytest.mark.parametrize("name", golden.NAMES)
def test_it_runs(name: str, members: int) -> None:
    ds = result(name, members)
    tension = ds["tension"].values
    weeks = (shipped(name).scenario.calendar.end - date.fromisoformat(day(ds, 0))).days // 7
    assert tension.shape == (members, weeks + 1)
    assert np.isfinite(tension).all()
    assert (tension >= 0).all()
    assert (tension <= 100).all()
    np.testing.assert_allclose(ds["contribution"].sum("pillar").values, tension, atol=1e-9)


def day(ds: xr.Dataset, row: int) -> str:
    return str(ds["time"].values[row])[:10]


@pytest.mark.parametrize("members", SIZES)
def test_the_placebo_differs_by_not_a_bit(members: int) -> None:
    base, placebo = result("baseline", members), result("placebo", members)
    assert digest(base) == digest(placebo)
    for name in ("contribution", "tension_dyad", "incidents"):
        np.testing.assert_array_equal(base[name].values, placebo[name].values)


@pytest.mark.parametrize("members", SIZES)
@pytest.mark.parametrize("name", sorted(ASKED - {"baseline", "placebo", "aegean_baseline", *REPLAYS}))
def test_it_differs_from_the_baseline_only_where_it_says(name: str, members: int) -> None:
    base, other = shipped("baseline").scenario, shipped(name).scenario
    changed, acts = difference.rows(base, other), difference.acts(base, other)
    assert changed or acts
    mine, yours = result("baseline", members), result(name, members)
    first = (yours["tension"] != mine["tension"]).any("member").values.argmax()
    assert first > 0
    if not other.counterfactual:
        assert day(mine, first) > base.calendar.documented_until.isoformat()


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
    monkeypatch.setattr(golden, "found", lambda name: {"digest": "a"})
    assert (golden.write(), kept()) == (0, {"one": {"digest": "a"}})
    monkeypatch.setattr(golden, "found", lambda name: {"digest": "b"})
    assert (golden.write(), kept()) == (4, {"one": {"digest": "a"}})
    assert "moved: one\nSay what moved and why in CHANGELOG.md" in capsys.readouterr().err
    log.write_text("## Unreleased\n\n- **Numbers** The laws\n  moved.\n- **Numbers** Before.\n- Else.\n")
    assert (golden.write(), kept()) == (0, {"one": {"digest": "b"}})
    assert len(golden.entries()) == 2
