"""Pairing identities: a copy differs by exactly 0, swapping changes the sign, parts sum to the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from detente.analysis import metrics, pairing
from detente.analysis.compare import cells, compare
from detente.analysis.difference import difference, judge, without_chance
from detente.analysis.pairing import NotComparable
from detente.experiment.intervals import student
from tests.analysis_data import DEFINED, DOWN, DYADS, LEVELS, PILLARS, UP, result

BASE, HIGH = result(), result("high", push=UP)
METRICS = ("mean", "end", "max", "crisis", "behaviour", "pillar:hostility", "dyad:A-B", "state:A", "incidents")
finite = st.floats(-100, 100, allow_subnormal=False)
paths = arrays.arrays(np.float64, st.integers(2, 40), elements=finite)


def draws(values: np.ndarray) -> np.ndarray:
    return np.arange(len(values)) // 4


@pytest.mark.parametrize("metric", METRICS)
def test_a_copy_differs_by_exactly_zero(metric: str) -> None:
    (row,) = compare(BASE, {"copy": result("copy")}, metric)
    told = row.as_dict()
    assert (told["change"], told["ci_low"], told["ci_high"], told["share_up"]) == (0, 0, 0, 0)
    assert told["verdict"] == "identical"
    assert told["variance_ratio"] is None
    assert told["first_divergence"] is None
    assert told["members_needed"] is None
    assert all(part.difference.verdict == "identical" for part in (*row.pillars, *row.dyads))


@given(paths, st.data())
def test_swapping_changes_the_sign_and_nothing_else(base: np.ndarray, data: st.DataObject) -> None:
    other = data.draw(arrays.arrays(np.float64, len(base), elements=finite))
    one, two = difference(base, other, draws(base)), difference(other, base, draws(base))
    assert two.change == -one.change
    np.testing.assert_equal((two.ci_low, two.ci_high), (0.0 - one.ci_high, 0.0 - one.ci_low))
    assert (two.share_up, two.share_down) == (one.share_down, one.share_up)
    assert two.variance_ratio == one.variance_ratio
    mirrored = {"higher": "lower", "lower": "higher"}
    assert two.verdict == mirrored.get(one.verdict, one.verdict)
    assert two.members_needed == one.members_needed


@given(paths, st.data())
def test_differences_add_up_along_a_chain(a: np.ndarray, data: st.DataObject) -> None:
    b, c = (data.draw(arrays.arrays(np.float64, len(a), elements=finite)) for _ in range(2))
    chain = difference(a, b, draws(a)).change + difference(b, c, draws(a)).change
    assert difference(a, c, draws(a)).change == pytest.approx(chain, abs=1e-9)


@given(paths, st.data())
def test_the_interval_of_equal_draws_is_that_of_their_means(base: np.ndarray, data: st.DataObject) -> None:
    base = base[: len(base) // 4 * 4]
    if len(base) < 8:
        return
    other = data.draw(arrays.arrays(np.float64, len(base), elements=finite))
    means = (other - base).reshape(-1, 4).mean(axis=1)
    half = student(len(means)) * means.std(ddof=1) / math.sqrt(len(means))
    assert difference(base, other, draws(base)).half_width == pytest.approx(half, abs=1e-9)


def test_the_interval_covers_the_truth_in_95_of_100_nested_samples() -> None:
    rng = np.random.default_rng(5)
    draw, hits = np.arange(40) // 4, 0
    for _ in range(600):
        d = 0.3 + rng.normal(size=10)[draw] + rng.normal(size=40)
        found = difference(np.zeros(40), d, draw)
        hits += found.ci_low <= 0.3 <= found.ci_high
    assert 0.93 < hits / 600 < 0.97  # an interval that ignores the draws covers 0.66


@pytest.mark.parametrize("metric", ["mean", "end", "max", "tension@all", "tension@5"])
def test_behavioural_and_definitional_parts_sum_to_the_change(metric: str) -> None:
    (row,) = compare(BASE, {"high": HIGH}, metric)
    assert row.behavioural is not None
    assert row.definitional is not None
    assert row.behavioural.change + row.definitional.change == pytest.approx(row.difference.change, abs=1e-9)
    assert math.fsum(p.difference.change for p in row.pillars) == pytest.approx(row.difference.change, abs=1e-9)


@pytest.mark.parametrize("metric", ["mean", "end", "tension@all"])
def test_dyads_sum_to_the_regional_change(metric: str) -> None:
    (row,) = compare(BASE, {"high": HIGH}, metric)
    shares = [part.contribution for part in row.dyads if part.contribution is not None]
    assert len(shares) == len(DYADS)
    assert math.fsum(shares) == pytest.approx(row.difference.change, abs=1e-9)


def test_dyads_are_not_split_where_no_exact_split_is_stored() -> None:
    for metric in ("max", "crisis", "behaviour"):
        assert cells(BASE, HIGH, metrics.parse(metric)) is None
    fewer = HIGH.isel(member=slice(40))
    (row,) = compare(BASE, {"fewer": fewer})
    assert all(part.contribution is None for part in row.dyads)


def test_a_push_is_told_and_dated() -> None:
    (row,) = compare(BASE, {"high": HIGH})
    told = row.as_dict()
    assert told["verdict"] == "higher"
    assert told["ci_low"] > 0
    assert told["share_up"] == 1
    assert told["variance_ratio"] > 1
    assert told["first_divergence"] == str(BASE["time"].values[10])[:10]
    assert row.holds_on_behaviour
    assert row.dyads[0].key == "A-B"
    assert [part.difference.verdict for part in row.dyads[1:]] == ["identical", "identical"]


def test_the_divergence_of_one_member_in_one_variable_is_seen() -> None:
    touched = result("touched")
    touched["incidents"].values[7, 23, 1] += 1
    (row,) = compare(BASE, {"touched": touched})
    assert row.difference.verdict == "identical"  # the metric is the same in every member
    assert row.first_divergence == str(BASE["time"].values[23])[:10]


def test_rounding_on_another_processor_is_no_divergence() -> None:
    wide, narrow = result(), result()
    narrow["tension"].values[:, 5:] += 1e-14
    at = str(wide["time"].values[5])[:10]
    assert pairing.first_divergence(wide, narrow) == at
    wide.attrs["processor"], narrow.attrs["processor"] = "Linux x86_64 AVX-512", "Linux x86_64 AVX2"
    assert pairing.first_divergence(wide, narrow) is None
    assert any("processor" in caveat for caveat in pairing.caveats(wide, narrow))
    narrow["incidents"].values[7, 23, 1] += 1
    assert pairing.first_divergence(wide, narrow) == str(wide["time"].values[23])[:10]
    assert not any("processor" in caveat for caveat in pairing.caveats(wide, wide))


def test_what_is_not_a_number_on_both_sides_is_no_divergence() -> None:
    mine, yours = result(), result()
    for ds in (mine, yours):
        ds["tension_state"].values[0, 0, 0] = np.nan
    assert pairing.first_divergence(mine, yours) is None


def test_a_change_of_inputs_alone_does_not_hold_on_behaviour() -> None:
    (row,) = compare(BASE, {"defined": result("defined", push=DEFINED)})
    assert row.difference.verdict == "higher"
    assert row.behaviour_index.verdict == "identical"
    assert not row.holds_on_behaviour
    assert row.definitional is not None
    assert row.definitional.change > 0.9 * row.difference.change


def test_exponents_make_a_definitional_push_leak_into_behavioural_contributions() -> None:
    """Why the behaviour-only index stands beside the split: a tenser pair counts for more."""
    (row,) = compare(BASE, {"defined": result("defined", push=DEFINED)})
    assert row.behavioural is not None
    assert row.behavioural.change != 0
    linear = compare(result(exponent=1), {"defined": result("defined", push=DEFINED, exponent=1)})[0]
    assert linear.behavioural is not None
    assert linear.behavioural.change == pytest.approx(0, abs=1e-12)


def test_chances_of_levels_now_and_ever() -> None:
    (row,) = compare(BASE, {"high": HIGH}, "crisis")
    chance = row.crisis
    assert chance is not None
    reached = HIGH["tension"].values >= LEVELS[2]["edge"]
    assert chance.other_ever == reached.any(axis=1).mean()
    np.testing.assert_array_equal(chance.other_by_week, reached.mean(axis=0))
    assert row.value == chance.other_ever
    assert (chance.other_by_week <= chance.other_ever + 1e-12).all()
    assert len(row.as_dict(weekly=True)["levels"][0]["at_each_time"]["base"]) == BASE.sizes["time"]


def test_pairing_pays_only_where_luck_is_shared() -> None:
    shared = compare(BASE, {"low": result("low", push=DOWN)})[0].difference
    other_luck = result("low", push=DOWN, seed=2, attrs={"seed": 1})
    unpaired = compare(BASE, {"low": other_luck})[0].difference
    assert shared.variance_ratio is not None
    assert unpaired.variance_ratio is not None
    assert unpaired.variance_ratio == pytest.approx(1, abs=0.3)
    assert shared.variance_ratio > 2 * unpaired.variance_ratio


def test_rows_keep_the_order_of_the_others() -> None:
    names = [row.scenario for row in compare(BASE, {"z": HIGH, "a": HIGH, "m": BASE})]
    assert names == ["z", "a", "m"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (result(attrs={"theatre": "elsewhere"}), "different theatre"),
        (result(attrs={"formula_version": "2.0"}), "formula version"),
        (result(seed=2), "not paired"),
        (result(weeks=39), "39 weeks"),
        (BASE.isel(time=slice(None, None, 2)), "time steps (7 and 14 days)"),
        (BASE.assign_coords(time=BASE["time"] + np.timedelta64(7, "D")), "different dates"),
        (BASE.assign_coords(member=BASE["member"] + 500), "no member in common"),
        (BASE.assign_coords(draw=BASE["draw"] + 1), "parameter draws"),
        (BASE.isel(pillar=slice(5)), "different pillars"),
    ],
)
def test_what_cannot_be_paired_is_refused_with_its_reason(other, said: str) -> None:
    with pytest.raises(NotComparable, match="cannot compare") as refused:
        compare(BASE, {"other": other})
    assert said in str(refused.value)


def test_every_reason_is_named_at_once() -> None:
    with pytest.raises(NotComparable) as refused:
        compare(BASE, {"other": result(seed=2, weeks=30, attrs={"theatre": "elsewhere"})})
    assert len(refused.value.reasons) == 3


def test_a_shorter_run_is_paired_on_the_members_it_has() -> None:
    (row,) = compare(BASE, {"high": result("high", push=UP, members=40)})
    (same,) = compare(result(members=40), {"high": result("high", push=UP, members=40)})
    assert row.difference == same.difference
    assert any("only the first 40 are compared" in note for note in row.notes)


def test_verdicts_follow_the_stated_rule() -> None:
    assert judge(1, 0.5, 1.5, 0.9, 0.1, 1000, 250) == ("higher", "", None)
    assert judge(-1, -1.5, -0.5, 0.1, 0.9, 1000, 250) == ("lower", "", None)
    assert judge(1, 0.5, 1.5, 0.6, 0.4, 1000, 250) == ("cannot tell", "draws disagree", None)
    assert judge(1, 0.5, 1.5, 0.1, 0.01, 1000, 250)[0] == "higher"  # of the draws that move, nearly all rise
    verdict, reason, needed = judge(1, 0.5, 1.5, 0.8, 0.2, 20, 5)
    assert (verdict, reason) == ("cannot tell", "draws undecided")
    assert needed is not None
    assert needed > 20
    assert judge(1, -0.5, 2.5, 0.9, 0.1, 1000, 250) == ("cannot tell", "interval", 4600)
    assert judge(1e-9, -1, 1, 0.5, 0.5, 1000, 250) == ("cannot tell", "interval", None)
    assert judge(1, math.nan, math.nan, 1, 0, 4, 1) == ("cannot tell", "few draws", None)


def test_the_members_that_are_advised_do_tell() -> None:
    rng = np.random.default_rng(3)

    def run(members: int):
        return difference(np.zeros(members), rng.normal(0.1, 1, members), np.arange(members) // 4)

    unsure = next(found for found in iter(lambda: run(400), None) if found.reason == "interval" and found.change > 0.09)
    assert unsure.members_needed is not None
    later = [run(unsure.members_needed).ci_low > 0 for _ in range(200)]
    assert np.mean(later) > 0.7


def test_one_draw_gives_no_interval_and_no_verdict() -> None:
    found = difference(np.zeros(4), np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(4, dtype=int))
    assert found.verdict == "cannot tell"
    assert found.reason == "few draws"
    assert math.isnan(found.ci_low)
    assert found.change == 2.5


def test_a_failed_run_is_not_averaged() -> None:
    with pytest.raises(ValueError, match="1 of 8 members are not finite"):
        difference(np.zeros(8), np.r_[np.nan, np.ones(7)], np.arange(8) // 4)


def test_share_of_draws_is_freed_of_chance() -> None:
    rng = np.random.default_rng(2)
    draw = np.arange(8000) // 4
    d = rng.normal(0.5, 0.25, 2000)[draw] + rng.normal(0, 2, 8000)
    raw, freed = difference(np.zeros(8000), d, draw).share_up, without_chance(d, draw)
    truth = 0.5 * (1 + math.erf(2 / math.sqrt(2)))
    assert freed is not None
    assert abs(freed - truth) < 0.03 < abs(raw - truth)


@pytest.mark.parametrize(
    "text", ["nonsense", "dyad", "tension:A", "level:crisis@max", "mean@x", "tension@0", "", "tension@ever"]
)
def test_unreadable_metrics_are_refused(text: str) -> None:
    with pytest.raises(metrics.MetricError):
        metrics.parse(text)


def test_a_metric_that_names_nothing_says_what_there_is() -> None:
    with pytest.raises(metrics.MetricError, match="did you mean A-C"):
        compare(BASE, {"high": HIGH}, "dyad:A-D")
    with pytest.raises(metrics.MetricError, match="did you mean crisis"):
        compare(BASE, {"high": HIGH}, "level:crises")


def test_metrics_are_what_they_say() -> None:
    tension = BASE["tension"].values
    expected = {
        "mean": tension[:, -26:].mean(axis=1),
        "end": tension[:, -1],
        "max": tension.max(axis=1),
        "tension@all": tension.mean(axis=1),
        "crisis": (tension >= 46).any(axis=1),
        "level:tense@end": tension[:, -1] >= 35,
        "dyad:A-C@3": BASE["tension_dyad"].values[:, -3:, 1].mean(axis=1, dtype=np.float64),
        "incidents@all": BASE["incidents"].values.sum(axis=2).mean(axis=1),
        "pillar:vacuum@end": BASE["contribution"].values[:, -1, PILLARS.index("vacuum")],
    }
    for text, values in expected.items():
        np.testing.assert_allclose(metrics.values(metrics.parse(text), BASE), values, rtol=1e-12, err_msg=text)
        assert metrics.parse(str(metrics.parse(text))) == metrics.parse(text)


def test_metrics_read_as_words() -> None:
    said = {
        "mean": "mean tension over the last 26 weeks",
        "end": "tension on 2025-10-13",
        "max": "highest tension of the whole run",
        "crisis": "chance of reaching crisis at least once",
        "dyad:A-B": "mean tension A–B over the last 26 weeks",
    }
    assert {text: metrics.label(metrics.parse(text), BASE) for text in said} == said


def test_lower_is_told_as_well() -> None:
    (row,) = compare(BASE, {"low": result("low", push=DOWN)})
    assert row.difference.verdict == "lower"
    assert row.difference.share_down == 1
