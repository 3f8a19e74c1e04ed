"""Experiments as values: designs, points, batches, moments, stopping, screening."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.experiment.batch import hash_arrays, kept, merged, moments
from detente.experiment.design import Design, Stopping, size, unit_samples
from detente.experiment.execute import differences
from detente.experiment.intervals import draw_means, half_width
from detente.experiment.known import ishigami_indices
from detente.experiment.stopping import effects
from detente.experiment.study import Factor, Setting, asked, digest
from detente.extras import ExtraMissing
from detente.scenario.quantity import Quantity
from tests import known
from tests.experiment_functions import study

DESIGNS = [
    Design(kind="one_at_a_time"),
    Design(kind="factorial", levels=3),
    Design(kind="latin_hypercube", points=10),
    Design(kind="sobol", points=8),
    Design(kind="morris", points=4),
]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.kind)
def test_design_has_the_size_it_says_and_lies_in_the_unit_cube(design: Design) -> None:
    rows = unit_samples(design, 3, seed=5)
    assert rows.shape == (size(design, 3), 3)
    assert np.nanmin(rows) >= 0
    assert np.nanmax(rows) <= 1
    assert np.array_equal(rows, unit_samples(design, 3, seed=5), equal_nan=True)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.kind)
def test_points_are_counted_as_they_are_listed(design: Design) -> None:
    what = study("paired", factors=3, design=design, settings=tuple(map(Setting, "abc")))
    (stage,) = what.stages()
    assert stage.points == len(stage.pairs)
    assert what.runs == len(stage.pairs) * 2


def test_points_beyond_any_memory_are_counted() -> None:
    assert study("paired", factors=60, design=Design(kind="factorial")).runs == 2 * 4**60


def test_latin_hypercube_has_one_sample_in_every_slice() -> None:
    rows = unit_samples(Design(kind="latin_hypercube", points=20), 4, seed=1)
    assert np.array_equal(np.sort(np.floor(rows * 20), axis=0), np.tile(np.arange(20.0)[:, None], 4))


def test_morris_moves_one_factor_at_a_time_and_every_factor_once() -> None:
    rows = unit_samples(Design(kind="morris", points=6), 5, seed=1).reshape(6, 6, 5)
    moved = np.diff(rows, axis=1) != 0
    assert (moved.sum(axis=2) == 1).all()
    assert (moved.sum(axis=1) == 1).all()


def test_sobol_rows_are_crossed() -> None:
    rows = unit_samples(Design(kind="sobol", points=8), 3, seed=1).reshape(8, 5, 3)
    a, b = rows[:, 0], rows[:, -1]
    for n in range(3):
        crossed = rows[:, 1 + n]
        assert np.array_equal(crossed[:, n], b[:, n])
        assert np.array_equal(np.delete(crossed, n, axis=1), np.delete(a, n, axis=1))


def test_one_at_a_time_leaves_the_others_to_the_scenario() -> None:
    rows = unit_samples(Design(kind="one_at_a_time"), 2, seed=1)
    assert np.isnan(rows[0]).all()
    assert (np.isfinite(rows[1:]).sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "sobol", "points": 100}, "write 64 or 128"),
        ({"kind": "latin_hypercube"}, "needs points"),
        ({"kind": "morris", "points": 4, "levels": 3}, "must be even"),
        ({"kind": "factorial", "points": 4}, "a factorial design has no points: take them out"),
        ({"kind": "one_at_a_time", "points": 4}, "a one_at_a_time design has no points"),
        ({"kind": "latin_hypercube", "points": 4, "levels": 4}, "a latin_hypercube design has no levels"),
    ],
)
def test_impossible_designs_are_refused_with_advice(fields: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Design(**fields)


def test_a_missing_sampler_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(ExtraMissing, match='needs the extra "sensitivity"'):
        unit_samples(Design(kind="morris", points=2), 2, seed=1)


@pytest.mark.parametrize("spread", ["normal", "lognormal"])
def test_ends_of_an_unbounded_spread_are_its_ninety_per_cent_interval(spread: str) -> None:
    quantity = Quantity(value=2.0, low=1.0, high=4.0 if spread == "lognormal" else 3.0, spread=spread)
    ends = Factor("x", "x", (("here", quantity),)).values("here", np.array([0.0, 0.5, 1.0]))
    assert ends == pytest.approx([1.0, 2.0, quantity.high])


def test_points_are_balanced_and_batches_cover_each_run_once() -> None:
    settings = (Setting("a"), Setting("b"), Setting("c"))
    stage = study("slow", points=5, members=600, batch=512, settings=settings).stage(0)
    assert stage.chunk == 2
    assert stage.pairs[:6].tolist() == [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2]]
    seen = np.zeros((15, 600), dtype=int)
    for batch in stage.batches:
        seen[batch.first : batch.last, batch.members.start : batch.members.stop] += 1
    assert (seen == 1).all()
    assert [batch.block for batch in stage.batches] == sorted(batch.block for batch in stage.batches)


def test_a_batch_holds_points_of_one_setting_where_it_can() -> None:
    settings = tuple(Setting(name) for name in "abc")
    stage = study("slow", points=60, members=8, batch=512, settings=settings).stage(0)
    assert len(stage.batches) == 3
    for batch in stage.batches:
        assert len(set(stage.pairs[batch.first : batch.last, 1].tolist())) == 1
    alone = study("slow", factors=0, members=128, batch=512, settings=settings).stage(0)
    assert alone.per_batch == 3


def test_a_point_carries_its_factors_and_its_levers() -> None:
    setting = Setting("a", levers=(("push", "on"),), changes=(("push", 1),))
    point = study("slow", factors=2, settings=(setting,)).stage(0).point(3, range(2))
    assert point.values.keys() == {"x1", "x2"}
    assert point.changes == {**point.values, "push": 1}


def test_identity_changes_with_whatever_changes_results() -> None:
    base = study("slow")
    same, other = study("slow"), study("slow", seed=2)
    assert digest(asked(base, "index")) == digest(asked(same, "index"))
    assert digest(asked(base, "index")) != digest(asked(other, "index"))
    assert digest(asked(base, "index")) != digest(asked(base, "all"))


def test_difference_of_two_contents_names_the_leaves() -> None:
    lines = differences({"a": {"b": 1, "c": [1, 2]}, "d": 0}, {"a": {"b": 2, "c": [1, 3]}, "e": 0})
    assert lines == ["a.b: 1 -> 2", "a.c.1: 2 -> 3", "d: 0 -> gone", "e: new -> 0"]


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(1, 29))
def test_merged_moments_are_those_of_the_whole(values: list[float], cut: int) -> None:
    whole = np.array(values)
    parts = [part for part in (whole[:cut], whole[cut:]) if part.size]
    found = merged(np.stack([moments(part) for part in parts]))
    expected = [whole.size, whole.mean(), ((whole - whole.mean()) ** 2).sum(), whole.min(), whole.max()]
    assert found == pytest.approx(expected, abs=1e-6)


def test_what_is_kept() -> None:
    outputs = [{"y": np.arange(3.0), "level": np.ones((3, 4))}] * 2
    assert kept(outputs, "summary").keys() == {"means/level", "moments/y"}
    assert kept(outputs, "index").keys() == {"means/level", "values/y"}
    assert kept(outputs, "all").keys() == {"means/level", "values/y", "paths/level"}
    assert kept(outputs, "all")["paths/level"].dtype == np.float32


def test_hash_sees_every_bit_and_name() -> None:
    base = {"values/y": np.arange(3.0)}
    assert hash_arrays(base) == hash_arrays({"values/y": np.arange(3.0)})
    changed = [{"values/y": np.nextafter(np.arange(3.0), 9)}, {"values/z": np.arange(3.0)}, {"values/y": np.arange(3)}]
    assert len({hash_arrays(arrays) for arrays in [base, *changed]}) == 4


def test_interval_rests_on_draws_and_covers() -> None:
    rng = np.random.default_rng(1)
    truth, held = 0.3, 0
    for _ in range(400):
        values = np.repeat(rng.normal(truth, 1, 10), 4) + rng.normal(0, 0.1, 40)
        held += abs(values.mean() - truth) <= half_width(values)
    assert 0.92 <= held / 400 <= 0.98


def test_members_of_a_draw_are_averaged_where_there_are_two_draws() -> None:
    assert draw_means(np.arange(8.0)).tolist() == [1.5, 5.5]
    assert draw_means(np.arange(6.0)).tolist() == list(range(6))
    assert draw_means(np.arange(9.0)).tolist() == [1.5, 5.5]


def test_elementary_effects_of_a_linear_function_are_its_slopes() -> None:
    unit = unit_samples(Design(kind="morris", points=5), 3, seed=2)
    slopes, chance = np.array([3.0, 0.0, -1.0]), np.linspace(-1, 1, 8)
    found, errors = effects(unit, (unit @ slopes)[:, None] + chance)
    assert found == pytest.approx(np.tile(slopes, (5, 1)))
    assert errors == pytest.approx(np.zeros((5, 3)), abs=1e-12)


def test_known_indices_are_those_published() -> None:
    first, total = ishigami_indices()
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=1e-4)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=1e-4)
    first, total = known.g_indices()
    assert first[:4] == pytest.approx([0.7162, 0.1790, 0.0237, 0.0072], abs=1e-4)
    assert total[:4] == pytest.approx([0.7871, 0.2422, 0.0343, 0.0105], abs=1e-4)


def test_stopping_rule_names_a_metric_of_the_experiment() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        Stopping(precision=0, metric="y")


@pytest.mark.parametrize("values", [[3000, 3000, 4600], [0.1234567, 0.12345671], [True, "true"]])
def test_values_of_a_lever_that_read_alike_are_refused(values: list[object]) -> None:
    from pydantic import ValidationError

    from detente.experiment.schema import Lever

    with pytest.raises(ValidationError, match="stands there twice"):
        Lever.model_validate({"path": "missions.watch.troops", "values": values})
