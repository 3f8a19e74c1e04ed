"""Runs: the same bits in any company, a placebo that is exactly zero, the dataset's shape, the streamed summary."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from worlds import eventful, pair, village

from detente.experiment import run as runs
from detente.experiment.digest import digest
from detente.experiment.pools import Local, spread
from detente.experiment.run import run, simulate
from detente.experiment.streaming import QUANTILES
from detente.vocabulary import VARIABLES
from tests.experiment_functions import once

WEEKS = 30
#: rows of chances: weeks 0, 13, 26 and the last
QUARTERS = 4


@pytest.fixture(scope="module")
def thousand() -> xr.Dataset:
    return run(eventful(), 1000, seed=3, weeks=WEEKS)


def assert_same(one: xr.Dataset, other: xr.Dataset) -> None:
    for name in one.data_vars:
        np.testing.assert_array_equal(one[name].values, other[name].values, err_msg=str(name))


@pytest.mark.parametrize("block", [100, 256, 999])
def test_bits_of_many_do_not_depend_on_the_block(block: int, thousand: xr.Dataset) -> None:
    assert digest(run(eventful(), 1000, seed=3, weeks=WEEKS, block=block)) == digest(thousand)


@pytest.mark.parametrize("block", [1, 7, 17, 256])
def test_bits_do_not_depend_on_the_block(block: int) -> None:
    usual = run(eventful(), 40, seed=3, weeks=12, block=64)
    other = run(eventful(), 40, seed=3, weeks=12, block=block)
    assert_same(usual, other)
    assert digest(usual) == digest(other)


def test_bits_do_not_depend_on_workers() -> None:
    alone, shared = (run(village(), 50, seed=3, weeks=8, workers=w, block=10) for w in (1, 2))
    assert_same(alone, shared)


def test_the_summary_does_not_depend_on_workers() -> None:
    told = run(village(), 50, seed=3, weeks=8, workers=2, block=4, keep="summary")
    assert told.attrs["digest"] == digest(run(village(), 50, seed=3, weeks=8, workers=2, block=7))


def stagger(number: int) -> int:
    time.sleep(0.3 if number == 1 else 0.0)
    return number


def test_results_come_in_their_order_however_long_each_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads stand for the pool's processes; no more results wait for their turn than the pool takes in flight."""
    monkeypatch.setattr(Local, "executor", lambda self: threads)
    begun: list[int] = []
    with ThreadPoolExecutor(3) as threads, spread(lambda n: begun.append(n) or stagger(n), range(40), 3) as found:
        assert next(found) == 0
        assert next(found) == 1
        assert len(begun) <= 1 + 2 * 3
        assert list(found) == list(range(2, 40))


def test_a_killed_worker_costs_a_run_nothing(tmp_path: Path) -> None:
    with spread(partial(dies_once, folder=str(tmp_path)), range(6), 2) as found:
        assert list(found) == list(range(6))
    assert (tmp_path / "died").exists()


def dies_once(number: int, folder: str) -> int:
    if number == 2 and once(folder, "died"):
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_bits_do_not_depend_on_what_was_run_before() -> None:
    first = digest(run(village(), 20, seed=3, weeks=10))
    run(pair(), 30, seed=5, weeks=10)
    assert digest(run(village(), 20, seed=3, weeks=10)) == first


def test_two_hundred_are_the_first_of_a_thousand(thousand: xr.Dataset) -> None:
    few = run(eventful(), 200, seed=3, weeks=WEEKS)
    for name, variable in VARIABLES.items():
        if "member" in variable.dims:
            np.testing.assert_array_equal(few[name].values, thousand[name].isel(member=slice(200)).values)


def test_a_part_of_the_members_can_be_run_alone(thousand: xr.Dataset) -> None:
    part = simulate(eventful(), range(300, 310), seed=3, weeks=WEEKS)
    np.testing.assert_array_equal(part["member"].values, np.arange(300, 310))
    np.testing.assert_array_equal(part["draw"].values, np.arange(300, 310) // 4)
    np.testing.assert_array_equal(part["tension"].values, thousand["tension"].sel(member=part["member"]).values)


def test_fewer_weeks_are_the_first_of_more(thousand: xr.Dataset) -> None:
    short = run(eventful(), 40, seed=3, weeks=12)
    np.testing.assert_array_equal(short["tension"].values, thousand["tension"].values[:40, :13])


def test_a_placebo_differs_by_exactly_zero() -> None:
    usual = eventful()
    placebo = usual.model_copy(update={"name": "placebo", "title": "Placebo", "question": "Nothing else?"})
    one, other = run(usual, 60, seed=3, weeks=WEEKS), run(placebo, 60, seed=3, weeks=WEEKS, block=13)
    assert float(np.abs(one["tension"] - other["tension"]).max()) == 0.0
    assert_same(one, other)
    assert one.attrs["scenario_hash"] == other.attrs["scenario_hash"]


def test_another_seed_is_other_luck() -> None:
    one, other = (run(village(), 20, seed=seed, weeks=10) for seed in (3, 4))
    assert (one["tension"].values[:, 1:] != other["tension"].values[:, 1:]).mean() > 0.99


def test_the_dataset_is_what_the_vocabulary_says(thousand: xr.Dataset) -> None:
    assert set(thousand.data_vars) == set(VARIABLES)
    for name, variable in VARIABLES.items():
        assert thousand[name].dims == variable.dims
        assert thousand[name].attrs == {"units": variable.unit, "long_name": variable.long_name}
    sizes = {"member": 1000, "time": WEEKS + 1, "quarter": QUARTERS, "pillar": 6, "dyad": 4, "state": 4}
    assert dict(thousand.sizes) == sizes
    assert set(thousand["quarter"].values) <= set(thousand["time"].values)
    assert thousand["time"].values[0] == np.datetime64("2024-01-01")
    assert (np.diff(thousand["time"].values) == np.timedelta64(7, "D")).all()
    assert list(thousand["state"].values) == ["A", "B", "C", "E"]


def test_attributes_tell_what_was_run(thousand: xr.Dataset) -> None:
    attrs = thousand.attrs
    assert (attrs["seed"], attrs["members"], attrs["weeks"]) == (3, 1000, WEEKS)
    events = json.loads(attrs["events"])
    assert [e["date"] for e in events] == sorted(e["date"] for e in events)
    last = str(thousand["time"].values[-1])[:10]
    assert all(e["date"] <= last for e in events)
    assert json.loads(attrs["dyad_labels"])["A-B"] == "A–B"


def test_contributions_sum_to_the_index(thousand: xr.Dataset) -> None:
    np.testing.assert_allclose(thousand["contribution"].sum("pillar"), thousand["tension"], atol=1e-9)


def test_means_over_members_decompose_the_mean(thousand: xr.Dataset) -> None:
    mean = thousand["tension"].mean("member")
    np.testing.assert_allclose(thousand["mean_contribution"].sum(["dyad", "pillar"]), mean, atol=1e-9)
    by_pillar = thousand["contribution"].mean("member")
    np.testing.assert_allclose(thousand["mean_contribution"].sum("dyad"), by_pillar, atol=1e-9)
    by_dyad = thousand["tension_dyad"].mean("member")
    np.testing.assert_allclose(thousand["mean_pillar"].sum("pillar"), by_dyad, atol=1e-4)


def test_the_region_is_the_power_mean_of_its_dyads(thousand: xr.Dataset) -> None:
    dyads, weights = thousand["tension_dyad"].astype(float), thousand["dyad_weight"]
    q = thousand.attrs["exponent"]
    np.testing.assert_allclose((weights * dyads**q).sum("dyad") ** (1 / q), thousand["tension"], rtol=1e-5)


def test_a_state_is_the_power_mean_of_its_own_dyads(thousand: xr.Dataset) -> None:
    only = thousand.sel(state="E")["tension_state"]
    np.testing.assert_allclose(only, thousand["tension_dyad"].sel(dyad="A-E"), rtol=1e-6)


def test_a_month_of_incidents_is_counted_both_ways(thousand: xr.Dataset) -> None:
    counts = thousand["incidents"]
    assert counts.dtype == np.uint16
    assert int(counts.isel(time=0).sum()) == 0
    assert int(counts.max()) > 1


def test_the_streamed_summary_is_that_of_the_whole(thousand: xr.Dataset) -> None:
    told = run(eventful(), 1000, seed=3, weeks=WEEKS, block=300, keep="summary")
    assert told.attrs["digest"] == digest(thousand)
    tension = thousand["tension"]
    np.testing.assert_allclose(told["tension_mean"], tension.mean("member"), atol=1e-9)
    np.testing.assert_allclose(told["tension_quantile"], tension.quantile(QUANTILES, "member"), atol=0.25)
    np.testing.assert_array_equal(told["mean_contribution"].values, thousand["mean_contribution"].values)
    reached = (tension >= 50).cumsum("time") > 0
    np.testing.assert_allclose(told["crisis_so_far"], reached.mean("member"))
    np.testing.assert_allclose(told["crisis_by_week"], (tension >= 50).mean("member"))


def test_the_summary_does_not_depend_on_blocks() -> None:
    one = run(village(), 90, seed=3, weeks=10, block=90, keep="summary")
    other = run(village(), 90, seed=3, weeks=10, block=20, keep="summary")
    assert_same(one, other)
    assert one.attrs["digest"] == other.attrs["digest"]


@pytest.mark.parametrize("given", [{"members": 0}, {"members": -3}, {"weeks": 0}, {"weeks": 61}])
@pytest.mark.parametrize("how", [run, partial(run, keep="summary")])
def test_impossible_sizes_are_refused(how: Any, given: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=str(next(iter(given.values())))):
        how(village(weeks=60), **({"members": 4} | given))


def test_progress_is_told_block_by_block() -> None:
    told: list[tuple[int, int]] = []
    run(pair(), 25, seed=1, weeks=2, block=10, progress=lambda done, of: told.append((done, of)))
    assert told == [(10, 25), (20, 25), (25, 25)]


def test_blocks_cover_all_members_once() -> None:
    for size, workers, count in [(256, 1, 4), (512, 1, 2), (512, 4, 4), (2000, 1, 1), (2000, 3, 3), (1, 1, 1000)]:
        parts = runs.blocks(range(1000), size, workers)
        assert len(parts) == count
        assert [k for part in parts for k in part] == list(range(1000))
