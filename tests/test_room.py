"""How much a run may take: blocks as small as a large theatre asks for, and sizes said before the work."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks.theatres import ring
from click.testing import CliRunner, Result

from detente.cli import main
from detente.experiment import evaluation, room
from detente.experiment.digest import digest
from detente.experiment.evaluation import together
from detente.experiment.run import run, simulate
from detente.experiment.study import Point
from detente.scenario.load import load_scenario
from detente.vocabulary import SUMMARIES
from tests import scenario_data

#: sixty states fully connected, in a process of its own: what it prints is its peak in MB and the ends of the index
SIXTY = """
import json, resource
from benchmarks.theatres import ring
from detente.experiment.run import run

ds = run(ring(60, 10, 30), members={members}, keep="summary")
low, high = float(ds.tension_quantile.min()), float(ds.tension_quantile.max())
finite = all(bool(ds[name].notnull().all()) for name in ds.data_vars)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([peak, low, high, finite, ds.sizes["dyad"]]))
"""


def detente(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_a_fully_connected_theatre_is_finite_and_within_bounds_in_blocks_of_any_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theatre = ring(12, 8, 6)
    assert len(theatre.dyads) == 66
    whole = run(theatre, members=12)
    for name in ("tension", "behaviour", "tension_dyad", "tension_state"):
        values = whole[name].values
        assert np.isfinite(values).all()
        assert (values >= 0).all()
        assert (values <= 100).all()
    monkeypatch.setattr(room, "BLOCK_BYTES", 5 * (9 * room.week_bytes(theatre) + room.STATE * 66))
    assert room.fitting(theatre, 8) == 5
    assert digest(run(theatre, members=12)) == digest(whole) == run(theatre, members=12, keep="summary").attrs["digest"]
    assert digest(simulate(theatre, range(12), 1)) == digest(whole)


def test_points_of_an_experiment_are_split_where_they_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre = ring(6, 8, 3)
    shared = {"document": theatre.model_dump_json(), "metrics": {"t": "tension"}}
    path = "parameters.hostility.volatility"
    points = [Point(n, "ring", {path: 0.3 + n / 10}, {}, range(6), 1, shared) for n in range(2)]
    one = together(points)
    for lanes in (7, 2):
        monkeypatch.setattr(evaluation, "LANES", lanes)
        for mine, theirs in zip(together(points), one, strict=True):
            assert mine.keys() == theirs.keys()
            assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_a_block_is_bounded_whatever_the_theatre_and_the_weeks() -> None:
    for theatre, weeks in ((ring(60, 10, 30), 300), (ring(8, 10), 10_000), (ring(5, 10), 10)):
        members = room.fitting(theatre, weeks)
        each = (weeks + 1) * room.week_bytes(theatre) + room.STATE * len(theatre.dyads)
        assert members * each <= room.BLOCK_BYTES < (members + 1) * each
        passed = room.fitting(theatre, weeks, passed=True)
        assert passed == 1 or passed * each <= room.PASSED_BYTES < (passed + 1) * each


@pytest.mark.slow
def test_sixty_states_fully_connected_take_memory_by_the_block() -> None:
    peaks = []
    for members in (150, 600):
        words = [sys.executable, "-c", SIXTY.format(members=members)]
        told = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=True)
        peak, low, high, finite, pairs = json.loads(told.stdout)
        assert (finite, pairs) == (True, 1770)
        assert 0 <= low < high <= 100
        peaks.append(peak)
    assert max(peaks) < 800
    theatre = ring(60, 10, 30)
    few, many = (room.summarised(theatre, 10, members) / 2**20 for members in (150, 600))
    assert peaks[1] < 1.15 * (peaks[0] + many - few), "memory grows by more than the few numbers of each member"


def test_what_memory_or_disk_cannot_hold_is_refused_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario_data.write(tmp_path)
    scenario = load_scenario("small.yaml")
    monkeypatch.setattr(room, "memory", lambda: 1e6)
    with pytest.raises(
        room.TooLarge, match=r"1,000 members × 105 weeks × 2 pairs need [0-9.]+ MB of memory.*--keep summary"
    ):
        run(scenario, members=1000)
    with pytest.raises(room.TooLarge, match="of memory"):
        simulate(scenario, range(1000), 1)
    result = detente("run", "small.yaml", "--out", "out")
    assert (result.exit_code, "Traceback" in result.output) == (3, False)
    assert "need" in result.stderr
    assert detente("compare", "small.yaml", "small.yaml").exit_code == 3
    monkeypatch.setattr(room, "memory", lambda: 1e12)
    monkeypatch.setattr(room, "kept", lambda *_: 10**17)
    monkeypatch.setattr(room, "COPIES", 0)
    result = detente("run", "small.yaml", "--out", "out", "--keep", "index")
    assert result.exit_code == 3
    assert "no space for out: it would take 100,000,000.0 GB, and its disk has" in result.stderr
    assert not (tmp_path / "out").exists()


def test_members_are_kept_by_week_up_to_a_size_and_a_summary_beyond_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario_data.write(tmp_path)
    scenario = load_scenario("small.yaml")
    most = room.WHOLE // room.kept(scenario, 104, 1)
    assert [room.chosen(scenario, 104, members) for members in (most, most + 1)] == ["index", "summary"]
    assert room.chosen(scenario, 104, most + 1, "index") == "index"
    monkeypatch.setattr(room, "WHOLE", 1000)
    result = detente("run", "small.yaml", "--members", "8", "--json")
    told = json.loads(result.stdout)
    assert told["saved"].endswith("-summary")
    assert "Kept as a summary of" in result.stderr
    assert "--keep index keeps all 8 members" in result.stderr
    whole = detente("run", "small.yaml", "--members", "8", "--json", "--keep", "index")
    assert "Kept as" not in whole.stderr
    assert json.loads(whole.stdout)["digest"] == told["digest"]


def test_the_size_of_a_summary_is_told_as_it_is() -> None:
    theatre = ring(6, 60, 3)
    kept = run(theatre, members=40, keep="summary")
    held = sum(kept[name].nbytes for name in SUMMARIES)
    assert room.summarised(theatre, 60, 40) == pytest.approx(held, rel=0.05)


def test_an_absurd_length_is_told_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scenario_data.write(tmp_path)
    (tmp_path / "far.yaml").write_text("extends: small\ntitle: Far\ncalendar: {end: 2121-01-06}\n", encoding="utf-8")
    checked = detente("check", "far.yaml")
    assert "W201" in checked.output
    assert "far.yaml:3:17" in checked.output
    assert "the run lasts 97 years (5,036 weeks)" in checked.output
    scenario = load_scenario("far.yaml")
    assert room.told(scenario, 5036, 1000) == "1,000 members × 5,036 weeks (97 years) × 2 pairs"
    assert room.told(scenario, 287, 10_000) == ""
