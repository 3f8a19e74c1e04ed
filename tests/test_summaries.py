"""What a summary tells: quantiles within a bin of those of all members, the same figures and paired differences."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import detente
from detente.analysis import chances, metrics, summary
from detente.analysis.difference import difference
from detente.errors import DetenteError
from detente.experiment import histograms
from detente.experiment.run import run
from detente.experiment.streaming import CARRY, Total
from detente.figures.gallery import Piece, compose
from detente.scenario.load import load
from detente.scenario.schema import Scenario
from detente.vocabulary import SUMMARIES

MEMBERS, WEEKS = 90, 40
SHARES = (0.0, 0.01, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.99, 1.0)
#: width of a bin [points]
WIDTH = {"tension": 0.025, "tension_dyad": 0.25, "tension_state": 0.25, "contribution": 0.25}
PAIR = "SRB-XKX"


def scenarios() -> list[Scenario]:
    """The baseline, and a scenario that moves every pair from the first weeks on."""
    moved = {"parameters.hostility.inertia": "0.6"}
    return [load("baseline").scenario, load("arms_race", moved).scenario]


@pytest.fixture(scope="module")
def wholes() -> list[xr.Dataset]:
    return [run(one, MEMBERS, seed=4, weeks=WEEKS) for one in scenarios()]


@pytest.fixture(scope="module")
def kept() -> list[xr.Dataset]:
    return [run(one, MEMBERS, seed=4, weeks=WEEKS, block=31, keep="summary") for one in scenarios()]


def test_counts_hold_every_value_in_its_bin() -> None:
    values = np.array([[[0.0, 0.24, 0.25, 49.99, 99.99, 100.0, 100.00001]]], dtype=np.float32)
    counts = np.zeros((1, 1, histograms.BINS), dtype=np.uint32)
    for part in (values[..., :3], values[..., 3:]):
        histograms.tally(counts, part)
    assert {int(at): int(counts[0, 0, at]) for at in np.flatnonzero(counts)} == {0: 2, 1: 1, 199: 1, 399: 3}


def test_between_two_bins_a_median_is_the_middle_of_both() -> None:
    counts = np.zeros((1, 100), dtype=np.uint32)
    counts[0, [10, 60]] = 1
    assert histograms.quantiles(counts, [0.0, 0.5, 1.0])[:, 0].tolist() == [10.5, 35.5, 60.5]


@pytest.mark.parametrize("members", [1, 2, 3, 10, 1000])
@pytest.mark.parametrize("bins", [histograms.BINS, histograms.FINE])
def test_a_quantile_is_off_by_less_than_a_bin(members: int, bins: int) -> None:
    values = 100 * np.random.default_rng(members).beta(0.3, 2.0, (5, 7, members))
    counts = np.zeros((5, 7, bins), dtype=np.uint32)
    histograms.tally(counts, values)
    exact = summary.quantiles(np.moveaxis(values, -1, 0), SHARES)
    assert np.abs(histograms.quantiles(counts, SHARES) - exact).max() < 100 / bins


def test_sums_are_exact_beyond_a_word() -> None:
    parts = np.random.default_rng(1).integers(0, 2**61, (200, 3))
    total = Total(3)
    for part in parts:
        total.add(part)
    exact = [sum(map(int, column)) for column in parts.T]
    assert [int(high) * 2**CARRY + int(low) for high, low in zip(total.high, total.low, strict=True)] == exact
    assert min(exact) > 2**63
    np.testing.assert_allclose(total.over(2.0**60), [one / 2**60 for one in exact], rtol=1e-15)


@pytest.mark.parametrize(("variable", "width"), WIDTH.items())
def test_weekly_quantiles_are_those_of_all_members(
    wholes: list[xr.Dataset], kept: list[xr.Dataset], variable: str, width: float
) -> None:
    exact, told = (summary.over_time(ds, SHARES, variable) for ds in (wholes[0], kept[0]))
    assert exact.shape == told.shape
    assert np.abs(told - exact).max() < width
    assert not np.array_equal(told, exact)


def test_means_are_those_of_all_members(wholes: list[xr.Dataset], kept: list[xr.Dataset]) -> None:
    for variable in WIDTH:
        exact = wholes[0][variable].mean("member", dtype=np.float64).transpose("time", ...)
        np.testing.assert_allclose(summary.spread(kept[0], variable)["mean"], exact, atol=1e-5)


def test_what_is_kept_has_axes_and_units(kept: list[xr.Dataset]) -> None:
    for name, about in SUMMARIES.items():
        assert kept[0][name].dims == about.dims
        assert kept[0][name].attrs["units"] == about.unit
        assert np.isfinite(kept[0][name].values).all()


@pytest.mark.parametrize(
    "metric", ["mean", "end", "max", "crisis", "behaviour", "pillar:incidents", f"dyad:{PAIR}", "state:SRB@max", "war"]
)
def test_paired_differences_are_those_of_all_members(
    wholes: list[xr.Dataset], kept: list[xr.Dataset], metric: str
) -> None:
    chosen = metrics.parse(metric)
    told = [difference(*(metrics.values(chosen, ds) for ds in two), two[0]["draw"].values) for two in (wholes, kept)]
    # pairs and states are kept in single precision
    rough = {"dyad": 1e-5, "state": 1e-5, "pillar": 1e-9}.get(chosen.what, 0.0)
    assert told[0].verdict == told[1].verdict
    for name, exact in told[0].as_dict().items():
        if isinstance(exact, float):
            assert told[1].as_dict()[name] == pytest.approx(exact, abs=rough, rel=rough, nan_ok=True), name


def test_chances_are_those_of_all_members(wholes: list[xr.Dataset], kept: list[xr.Dataset]) -> None:
    for exact, told in zip(chances.chances(wholes[0]), chances.chances(kept[0]), strict=True):
        assert told.as_dict() == pytest.approx(exact.as_dict(), abs=1e-7)
    for exact, told in zip(chances.changes(*wholes), chances.changes(*kept), strict=True):
        assert told.as_dict() == pytest.approx(exact.as_dict(), abs=1e-7)
        for event, when in product(("crisis", "armed"), ("base", "other")):
            assert told.by_date[event][when] == pytest.approx(exact.by_date[event][when], abs=1e-7)


FIGURES = [
    *((kind, 1, None) for kind in ("fan", "dots", "chances", "icons", "pairs", "map", "timeline", "waterfall")),
    *((kind, 2, None) for kind in ("fan", "dots", "chances", "icons", "pairs", "multiples", "waterfall")),
    *((kind, 2, PAIR) for kind in ("fan", "icons", "multiples")),
]


@pytest.mark.parametrize(("kind", "results", "dyad"), FIGURES)
def test_figures_say_what_those_of_all_members_say(
    wholes: list[xr.Dataset], kept: list[xr.Dataset], kind: str, results: int, dyad: str | None
) -> None:
    exact, told = (compose(kind, those[:results], dyad=dyad) for those in (wholes, kept))
    assert (told.data.title, told.data.subtitle) == (exact.data.title, exact.data.subtitle)
    assert told.data.notes == exact.data.notes
    assert told.provenance.size == exact.provenance.size


@pytest.mark.parametrize(("dyad", "width"), [(None, 0.025), (PAIR, 0.25)])
def test_a_fan_lies_where_that_of_all_members_lies(
    wholes: list[xr.Dataset], kept: list[xr.Dataset], dyad: str | None, width: float
) -> None:
    def ends(piece: Piece) -> np.ndarray:
        return np.array([[band.low, band.high] for band in piece.data.panels[0].bands])

    exact, told = (ends(compose("fan", those[:1], dyad=dyad)) for those in (wholes, kept))
    assert np.abs(told - exact).max() < width


def test_what_a_summary_cannot_carry_is_refused_in_words(wholes: list[xr.Dataset], kept: list[xr.Dataset]) -> None:
    with pytest.raises(DetenteError, match=r"every week of every member.*with --keep index"):
        compose("difference", kept)
    with pytest.raises(DetenteError, match=r"start, 26, end, max .* not 52.*with --keep index"):
        metrics.values(metrics.parse("tension@52"), kept[0])
    with pytest.raises(DetenteError, match="holds no part"):
        compose("fan", [kept[0], wholes[1].isel(member=slice(40))])
    with pytest.raises(DetenteError, match="no part of it"):
        detente.frame(kept[0], members=10)


def test_a_summary_is_told_beside_a_whole_result(wholes: list[xr.Dataset], kept: list[xr.Dataset]) -> None:
    assert compose("fan", [wholes[0], kept[1]]).data.title == compose("fan", wholes).data.title


@pytest.mark.parametrize("by", ["region", "pillar", "dyad", "state"])
def test_frames_hold_quantiles_over_members(wholes: list[xr.Dataset], kept: list[xr.Dataset], by: str) -> None:
    rows = detente.frame(*kept, by=by, every=13)
    keys = ["scenario", "date", *([] if by == "region" else [by])]
    assert not rows.duplicated(keys).any()
    assert rows.attrs["units"]["p97.5"] == "index points"
    row = rows.iloc[-1]
    variable = {"region": "tension", "pillar": "contribution"}.get(by, f"tension_{by}")
    one = wholes[1][variable].sel(time=row["date"], **({} if by == "region" else {by: row[by]})).values
    assert row["p10"] == pytest.approx(summary.quantiles(one, [0.1])[0], abs=WIDTH[variable])


def test_a_table_of_summaries_is_exported(wholes: list[xr.Dataset], kept: list[xr.Dataset], tmp_path: Path) -> None:
    made = detente.export(*kept, out=tmp_path / "all.csv", variables=["tension_dyad"], every=13)
    lines = (tmp_path / "all.csv").read_text().splitlines()
    assert lines[0] == "scenario,over_members,date,variable,dyad,value"
    assert len(lines) - 1 == made["rows"] == 2 * 8 * 4 * kept[0].sizes["dyad"]
    with pytest.raises(DetenteError, match="files of their own"):
        detente.export(wholes[0], kept[1], out=tmp_path / "both.csv", every=20)
