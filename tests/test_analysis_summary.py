"""The headline numbers, the summary table, tidy data and the reasons why a number changed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from detente.analysis import attributes, changes, summary, tidy
from detente.analysis.changes import Record, why_changed
from detente.index.formula import BEHAVIOURAL
from detente.prose.wording import counted, in_100
from tests.analysis_data import DYADS, LEVELS, UP, result

BASE = result()
samples = arrays.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(3)), elements=st.floats(-1e6, 1e6))


@given(samples, st.floats(0, 1))
def test_quantiles_mirror_under_a_change_of_sign(values: np.ndarray, share: float) -> None:
    mirrored = -summary.quantiles(-values, [1 - share])
    np.testing.assert_allclose(summary.quantiles(values, [share]), mirrored, rtol=1e-12)


@given(samples)
def test_quantiles_lie_between_the_order_statistics_and_agree_on_the_median(values: np.ndarray) -> None:
    picked = summary.quantiles(values, [0, 0.25, 0.5, 1])
    np.testing.assert_array_equal(picked[0], values.min(axis=0))
    np.testing.assert_array_equal(picked[3], values.max(axis=0))
    np.testing.assert_allclose(picked[2], np.median(values, axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(picked[1], np.quantile(values, 0.25, axis=0, method="midpoint"), rtol=1e-12, atol=1e-9)


def test_the_summary_counts_what_it_says() -> None:
    told = summary.summary(BASE)
    last = BASE["tension"].values[:, -1]
    assert told["tension"]["median"] == pytest.approx(np.median(last))
    assert told["tension"]["p10"] < told["tension"]["median"] < told["tension"]["p90"]
    assert told["tension"]["date"] == "2025-10-13"
    assert told["crisis_share"] == (BASE["tension"].values >= 46).any(axis=1).mean()
    medians = np.median(BASE["tension_dyad"].values[:, -1], axis=0)
    assert told["tensest_dyad"]["key"] == DYADS[int(medians.argmax())]
    assert told["level"] == "Tense"
    assert json.loads(json.dumps(told)) == told


def test_a_theatre_without_a_crisis_has_no_share_of_it() -> None:
    calm = result(attrs={"levels": json.dumps([LEVELS[0]])})
    assert summary.summary(calm)["crisis_share"] is None
    assert np.isnan(summary.table(calm)["crisis_share"]).all()
    assert not any("crisis" in line for line in summary.lines(calm))


def test_the_lines_speak_in_natural_frequencies() -> None:
    lines = summary.lines(BASE)
    assert "(the middle 80% of 80 runs: " in lines[0]
    assert lines[1].endswith(" of 80 runs")
    assert "Tensest pair" in lines[2]
    assert "(80 in 100 runs: " in summary.lines(result(members=100))[0]


def test_few_runs_are_told_as_few() -> None:
    three, one = BASE.isel(member=slice(3)), BASE.isel(member=slice(1))
    last = three["tension"].values[:, -1]
    assert f"(the 3 runs: {last.min():.0f} to {last.max():.0f};  start:" in summary.lines(three)[0]
    assert "(one run: no spread;  start:" in summary.lines(one)[0]
    assert summary.lines(one)[1].endswith(" of 1 run")
    assert in_100(1 / 3, 3, "runs") == "1 of 3 runs"
    assert (counted(1, "member"), counted(2, "member")) == ("1 member", "2 members")


def test_the_table_is_ordered_and_repeats() -> None:
    columns = summary.table(BASE)
    assert list(columns)[:3] == ["date", "median", "p10"]
    order = [columns[name] for name in ("p2.5", "p10", "p25", "median", "p75", "p90", "p97.5")]
    assert (np.diff(np.array(order), axis=0) >= 0).all()
    assert (np.diff(columns["crisis_so_far"]) >= 0).all()
    assert columns["crisis_so_far"][-1] == summary.crisis_share(BASE)
    text = summary.csv_text(columns)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == BASE.sizes["time"]
    assert float(rows[5]["mean"]) == pytest.approx(BASE["tension"].values[:, 5].mean(), rel=1e-5)
    assert summary.csv_text(summary.table(result())) == text


def test_behavioural_pillars_are_those_of_the_index() -> None:
    assert attributes.BEHAVIOURAL == BEHAVIOURAL


def test_a_median_below_every_edge_has_no_level() -> None:
    high = result(attrs={"levels": json.dumps([{"name": "x", "label": "X", "edge": 99, "crisis": True}])})
    assert summary.summary(high)["level"] is None


def kept_summary(ds: xr.Dataset) -> xr.Dataset:
    """What is stored when only the summary is kept."""
    shares = sorted(summary.BANDS.values())
    whole = summary.table(ds)
    return xr.Dataset(
        {
            "tension_quantile": (("quantile", "time"), summary.quantiles(ds["tension"].values, shares)),
            "tension_mean": (("time",), whole["mean"]),
            "crisis_by_week": (("time",), whole["crisis_share"]),
            "crisis_so_far": (("time",), whole["crisis_so_far"]),
            "dyad_median": (("dyad",), np.median(ds["tension_dyad"].values[:, -1], axis=0)),
        },
        {"time": ds["time"], "dyad": ds["dyad"], "quantile": shares},
        ds.attrs,
    )


def test_a_kept_summary_tells_the_same_as_the_members() -> None:
    kept = kept_summary(BASE)
    assert summary.summary(kept) == summary.summary(BASE)
    assert summary.lines(kept) == summary.lines(BASE)
    assert summary.table(kept) == summary.table(BASE)


# tidy data


def test_the_tidy_table_holds_the_stored_values() -> None:
    out = io.StringIO()
    rows = tidy.write_csv({"base": BASE}, out)
    read = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(read) == rows
    assert tuple(read[0]) == tidy.HEADER
    found = {(r["member"], r["date"], r["variable"], r["dyad"]): float(r["value"]) for r in read}
    assert len(found) == rows  # one row each
    date = str(BASE["time"].values[7])[:10]
    dyad = float(BASE["tension_dyad"].values[3, 7, 1])
    assert found["3", date, "tension_dyad", "A-C"] == pytest.approx(dyad, rel=1e-5)
    assert found["3", date, "contribution:vacuum", ""] == pytest.approx(BASE["contribution"].values[3, 7, 4], rel=1e-5)
    assert found["3", date, "tension", ""] == pytest.approx(BASE["tension"].values[3, 7], rel=1e-5)


def test_tidy_data_can_be_thinned_and_chosen() -> None:
    out = io.StringIO()
    assert tidy.write_csv({"base": tidy.thinned(BASE, 2, 20)}, out, ["tension"]) == 2 * 3
    with pytest.raises(tidy.ExportError, match="choose from tension"):
        tidy.write_csv({"base": BASE}, io.StringIO(), ["tensoin"])


def test_a_scenario_name_with_a_comma_stays_one_cell() -> None:
    out = io.StringIO()
    tidy.write_csv({'a,"b"': tidy.thinned(BASE, 1, 40)}, out, ["behaviour"])
    assert {row["scenario"] for row in csv.DictReader(io.StringIO(out.getvalue()))} == {'a,"b"'}


def test_netcdf_gives_the_dataset_back(tmp_path: Path) -> None:
    tidy.write_netcdf({"base": BASE}, tmp_path / "one.nc")
    with xr.open_dataset(tmp_path / "one.nc", engine="netcdf4") as back:
        xr.testing.assert_equal(back.load(), BASE)
        assert back.attrs["scenario"] == "base"


def test_netcdf_keeps_the_order_of_scenarios(tmp_path: Path) -> None:
    tidy.write_netcdf({"z": BASE, "a": result("a", push=UP)}, tmp_path / "two.nc", ["tension"])
    with xr.open_dataset(tmp_path / "two.nc", engine="netcdf4") as back:
        assert [str(name) for name in back["scenario"].values] == ["z", "a"]
        np.testing.assert_array_equal(back["tension"].values[0], BASE["tension"].values)
    with pytest.raises(tidy.ExportError, match="another member axis"):
        tidy.write_netcdf({"z": BASE, "a": result(members=8)}, tmp_path / "three.nc")


# why did my number change

OTHER_FILE = [{"name": "base.yaml", "sha256": "2"}]


def record(**parts: object) -> Record:
    attrs = {"formula_version": "1.0", "detente_version": "0.1.0", "commit": "a", "seed": 1, "members": 80, "weeks": 40}
    scenario = {
        "title": "Base",
        "parameters": {"hostility": {"inertia": {"value": 0.9, "source": ["F1"]}}},
        "acts": {"vote": {"date": "2025-01-01", "title": "Vote"}},
        "missions": {"m": {"troops": {"value": 4000, "source": []}}},
        "calendar": {"start": "2025-01-06", "documented_until": "2025-06-30"},
    }
    run = {"inputs": [{"name": "base.yaml", "sha256": "1"}], "packages": {"numpy": "2.0"}}
    merged = {"attrs": attrs, "run": run, "scenario": scenario}
    for path, value in parts.items():
        *to, last = path.split("__")
        merged = json.loads(json.dumps(merged))
        node: object = merged
        for key in to:
            node = node[key]  # type: ignore[index]
        node[last] = value  # type: ignore[index]
    return Record(**merged)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "kind", "what"),
    [
        ({"attrs__seed": 2}, "seed", "seed"),
        ({"attrs__formula_version": "2.0"}, "formula version", "formula_version"),
        ({"attrs__commit": "b"}, "code version", "commit"),
        ({"run__packages__numpy": "2.1"}, "code version", "numpy"),
        ({"attrs__members": 81}, "size", "members"),
        ({"scenario__parameters__hostility__inertia__value": 0.8}, "parameters", "parameters.hostility.inertia"),
        ({"scenario__missions__m__troops__value": 1}, "data", "missions.m.troops"),
        ({"scenario__acts__vote__date": "2025-02-01"}, "calendar of acts", "acts.vote.date"),
    ],
)
def test_what_moved_a_number_is_named(changed: dict[str, object], kind: str, what: str) -> None:
    (change,) = why_changed(record(), record(**changed))
    assert (change.kind, change.what, change.moves) == (kind, what, True)
    assert change.before != change.after


@pytest.mark.parametrize(
    "path",
    ["title", "missions__m__troops__source", "acts__vote__title", "calendar__documented_until"],
)
def test_words_move_no_number(path: str) -> None:
    (change,) = why_changed(record(), record(**{f"scenario__{path}": "new"}))
    assert (change.kind, change.moves) == ("text", False)


def test_a_number_and_its_range_are_told_as_one() -> None:
    wider = {"value": 4000, "unit": "persons", "low": 0, "high": 5000, "spread": "uniform", "source": []}
    (change,) = why_changed(record(), record(scenario__missions__m__troops=wider))
    assert (change.before, change.after) == ("4000", "4000 persons (uniform, 0 to 5000)")
    (plain,) = why_changed(record(), record(scenario__missions__m__troops__value=1))
    assert (plain.before, plain.after) == (4000, 1)


def test_what_was_added_has_no_before() -> None:
    (change,) = why_changed(record(), record(scenario__missions__n={"troops": {"value": 1}}))
    assert (change.kind, change.what, change.before) == ("data", "missions.n", None)


def test_a_file_that_reads_the_same_is_named_as_text() -> None:
    (change,) = why_changed(record(), record(run__inputs=OTHER_FILE))
    assert (change.what, change.moves) == ("file base.yaml", False)
    both = why_changed(record(), record(run__inputs=OTHER_FILE, scenario__missions__m__troops__value=1))
    assert [one.kind for one in both] == ["data"]


def test_a_repeated_run_has_no_reason_to_differ_and_reasons_come_in_order() -> None:
    assert why_changed(record(), record()) == []
    both = why_changed(record(), record(attrs__seed=2, scenario__missions__m__troops__value=1))
    assert [change.kind for change in both] == ["data", "seed"]
    assert {change.kind for change in both} <= set(changes.KINDS)
