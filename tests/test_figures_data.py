"""The numbers figures draw, apart from the drawing; and what their titles claim."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
from figures_data import result
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression
from scipy.stats import binom

from detente.analysis import chances
from detente.analysis.difference import Difference, difference
from detente.analysis.discovery import Discovery, Limit
from detente.analysis.pairing import NotComparable
from detente.analysis.sensitivity import Range
from detente.evidence.forecasts.scores import Bin
from detente.experiment.intervals import by_draw, clustered
from detente.figures import (
    atlas,
    boundaries,
    calibration,
    discovery,
    dots,
    icons,
    multiples,
    pairs,
    timeline,
    tornado,
    waterfall,
)
from detente.figures import difference as differences
from detente.figures.gallery import KINDS, compose
from detente.figures.reading import FigureError
from detente.figures.spacing import Hoist, rising, spread
from detente.figures.words import months, outcome
from detente.prose.wording import compact
from detente.scenario import mapped

NB = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def base():
    return result(level=44)


@pytest.fixture(scope="module")
def race():
    return result("arms_race", lift=6, level=44)


@pytest.fixture(scope="module")
def deal():
    return result("dialogue_deal", lift=-4, level=44)


def test_course_of_a_difference_is_the_interval_of_compare_at_every_time(base, race):
    apart = race.tension.values - base.tension.values
    found = clustered(apart.T, base.draw.values)
    for week in (3, 100, 287):
        told = difference(base.tension.values[:, week], race.tension.values[:, week], base.draw.values)
        drawn = (found.mean[week], found.low[week], found.high[week])
        assert drawn == pytest.approx((told.change, told.ci_low, told.ci_high))


def test_difference_figure_tells_each_scenario_by_its_own_verdict(base, race, deal):
    data = differences.collect(base, [race, deal, result("copy", level=44)])
    assert [change.verdict for change in data.numbers["changes"].values()] == ["higher", "lower", "identical"]
    assert data.title == (
        "Tension ends higher than in the baseline under 1 of 3 scenarios, lower under 1; no difference at all under 1"
    )
    assert differences.collect(base, [race, deal]).title == (
        "Tension ends higher than in the baseline under Arms race, lower under Dialogue deal"
    )


@pytest.mark.parametrize("kind", ["difference", "multiples", "fan", "dots"])
def test_no_title_claims_a_difference_where_the_interval_spans_zero(kind):
    luck = [result("one", luck=4), result("two", luck=5)]
    title = compose(kind, luck).data.title
    assert "no detectable difference" in title.lower()
    assert not re.search(r"above|below|higher|lower|lifts|raise", title)


def test_outcome_counts_scenarios_when_names_get_long():
    up, open_ = moved(2.0), moved(0.0)
    many = [(f"A scenario with a very long name, number {k}", up if k else open_) for k in range(5)]
    told = outcome(many, "Baseline")
    assert told == "Tension ends higher than in the baseline under 4 of 5 scenarios; no detectable difference under 1"


def moved(points: float, luck: float = 0.01) -> Difference:
    """A change of so many points in forty draws that nearly agree."""
    noise = np.random.default_rng(1).normal(0, luck, 160)
    return difference(np.zeros(160), points + noise - noise.mean(), np.arange(160) // 4)


def test_a_direction_is_claimed_only_for_what_is_seen_when_printed():
    tiny = moved(-0.03)
    assert (tiny.verdict, tiny.direction(), tiny.direction(1)) == ("lower", "lower", "")
    assert outcome([("A", tiny)], "Baseline") == "Tension: less than 0.05 points apart under A"
    nothing = moved(-0.0003, 0.00001)
    assert nothing.ci_high < 0
    assert (nothing.verdict, nothing.reason, nothing.direction()) == ("cannot tell", "prints as zero", "")


def test_levels_of_the_region_are_not_applied_to_a_pair(base):
    with pytest.raises(FigureError, match="verbal levels are those of the region"):
        compose("dots", [base], dyad=str(base["dyad"].values[0]))
    data = compose("fan", [base], dyad=str(base["dyad"].values[0])).data
    assert data.numbers["crisis"] is None
    assert "crisis" not in f"{data.title} {data.subtitle} {data.notes}".lower()
    assert not hasattr(atlas.collect(base), "levels")


def test_pairs_count_no_pair_whose_change_prints_as_nothing(base):
    title = pairs.collect(base.assign(tension_dyad=base["tension_dyad"] - 0.03), base).title
    assert "no pair differs detectably" in title
    assert "calmer" not in title


def test_filled_dots_count_to_the_printed_chance(base, race):
    for members in (40, 200):
        chosen = [ds.isel(member=slice(members)) for ds in (base, race)]
        for one in dots.collect(chosen).scenarios:
            filled = int((one.peaks >= 50).sum())
            assert filled == int(np.floor(one.share * len(one.peaks) + 0.5 + 1e-9))


@settings(max_examples=25)
@given(share=st.integers(0, 400), seed=st.integers(0, 3))
def test_dots_reach_the_level_as_often_as_runs_do(share, seed):
    rng = np.random.default_rng(seed)
    peaks = np.concatenate([rng.uniform(50, 60, share), rng.uniform(30, 49, 400 - share)])
    ds = result(members=400, weeks=0)
    ds["tension"] = (("member", "time"), rng.permutation(peaks)[:, None])
    (one,) = dots.collect([ds]).scenarios
    assert int((one.peaks >= 50).sum()) == int(np.floor(share / 4 + 0.5))


def test_no_column_of_dots_lies_on_both_sides_of_the_level(base, race):
    data = dots.collect([base, race])
    for columns in (12, 29, 60):
        step = data.step(columns)
        for one in data.scenarios:
            assert ((data.columns(one, step) >= 0) == (one.peaks >= data.level.edge)).all()


def test_multiples_hold_the_change_that_compare_tells(base, race):
    numbers = multiples.collect(base, [race]).numbers
    assert numbers["changes"]["Arms race"].change == pytest.approx(float((race.tension - base.tension)[:, -26:].mean()))
    assert numbers["medians"]["Arms race"][-1] == pytest.approx(float(race.tension[:, -1].median()))


@pytest.mark.parametrize("by", ["pillar", "dyad"])
def test_waterfall_steps_add_up_to_the_difference(base, race, by):
    data = waterfall.collect(base, race, by=by)
    assert data.series[0].marks[-2].joined == pytest.approx(data.numbers["end"], abs=1e-9)
    assert data.numbers["end"] - data.numbers["start"] == pytest.approx(data.numbers["total"].change)


def test_waterfall_over_time_starts_at_the_first_week(race):
    numbers = waterfall.collect(race).numbers
    assert numbers["start"] == pytest.approx(float(race.tension[:, 0].mean()))
    assert numbers["end"] == pytest.approx(float(race.tension[:, -26:].mean()))


def test_waterfall_refuses_parts_that_miss_the_difference(base, race):
    whole = waterfall.collect(base, race).numbers
    with pytest.raises(FigureError, match="miss the difference"):
        waterfall.bars(whole["start"], whole["steps"], whole["end"] + 0.1, ("#000000", "#000000"))


def test_pairs_hold_mean_level_and_paired_change(base, race):
    data = pairs.collect(race, base)
    cell = next(c for c in data.cells if c.key == "SRB-XKX")
    assert cell.level == pytest.approx(float(race.tension_dyad.sel(dyad="SRB-XKX")[:, -26:].mean()))
    change = (race.tension_dyad - base.tension_dyad).sel(dyad="SRB-XKX")[:, -26:]
    assert cell.change.change == pytest.approx(float(change.mean()), rel=1e-4)
    assert {end for c in data.cells for end in c.between} == {key for key, _ in data.order}


def test_pairs_whose_actors_have_hyphens_are_taken_apart():
    ds = result(actors={"A-1": "One", "B": "Two", "C-2": "Three"})
    assert {c.between for c in pairs.collect(ds).cells} == {("A-1", "B"), ("A-1", "C-2"), ("B", "C-2")}


def test_the_tensest_pair_is_named_alone_only_where_it_is_told():
    assert "is the tensest of 3 pairs" in pairs.collect(result(actors=("SRB", "XKX", "HRV"))).title
    ds = result(actors=("SRB", "XKX", "HRV"))
    level = ds.tension_dyad.values.copy()
    level[..., 1] = level[..., 0] + np.random.default_rng(1).normal(size=level.shape[:2])
    ds["tension_dyad"] = (ds.tension_dyad.dims, level)
    assert "are the tensest of 3 pairs" in pairs.collect(ds).title


def test_map_places_outlines_points_and_lists_the_rest():
    keys = {"SRB": "SRB", "XKX": "XKX", "RS": "44.77,17.19", "HRV": "nowhere"}
    ds = result(actors=("SRB", "XKX", "RS", "HRV"), attrs={"map_keys": json.dumps(keys)})
    data = atlas.collect(ds)
    assert {p.key: p.code for p in data.places} == {"SRB": "SRB", "XKX": "XKX", "RS": None}
    assert next(p.point for p in data.places if p.key == "RS") == (17.19, 44.77)
    assert [p.key for p in data.unplaced] == ["HRV"]
    assert "Not on the map: Croatia" in data.notes
    assert all(set(link.between) <= {"SRB", "XKX", "RS"} for link in data.links)


def test_map_prints_its_notes():
    data = atlas.collect(result())
    assert "no endorsement or acceptance is implied" in data.notes
    assert "UNSCR 1244" in data.notes
    unmarked = result(attrs={"footnotes": json.dumps({"map": "De facto lines of another source."})})
    notes = atlas.collect(unmarked).notes
    assert "De facto lines of another source." in notes
    assert atlas.DE_FACTO not in notes


def test_map_of_nobody_is_refused():
    with pytest.raises(FigureError, match="map_key"):
        atlas.collect(result(attrs={"map_keys": "{}"}))


def test_frame_of_a_map_holds_its_actors_and_leaves_out_far_islands():
    frame = atlas.collect(result(actors=("SRB", "HRV"))).frame
    assert 12 < frame.left < 14
    assert 22.5 < frame.right < 24
    france = boundaries.world()["FRA"].extent
    assert france.left > -6  # not as far as its overseas parts


def placed(*codes, outside=()):
    """A map of countries, some of them not of the region."""
    keys = {code: code for code in codes}
    attrs = {"map_keys": json.dumps(keys), "outside": json.dumps(list(outside)), "footnotes": "{}"}
    return atlas.collect(result(actors=keys, attrs=attrs))


@pytest.mark.parametrize(
    ("codes", "left", "right"),
    [
        (("RUS", "POL"), (7, 27), (190, 197)),  # one piece, from Kaliningrad to the Chukchi Peninsula
        (("FJI", "NZL", "TON"), (160, 167), (184, 190)),
        (("TON", "FJI", "NZL"), (-200, -190), (-176, -170)),
        (("RUS", "JPN", "USA"), (15, 27), (293, 303)),
        (("SRB", "HRV"), (12, 14), (22.5, 24)),
    ],
)
def test_frame_of_a_map_goes_across_the_antimeridian(codes, left, right):
    frame = placed(*codes).frame
    assert left[0] < frame.left < left[1]
    assert right[0] < frame.right < right[1]


def test_no_outline_leaps_around_the_globe():
    assert all(np.abs(np.diff(ring[:, 0])).max() < 60 for o in boundaries.world().values() for ring in o.rings)


def test_actors_from_outside_show_in_the_frame_of_the_region_or_are_listed():
    data = placed("ARM", "AZE", "GEO", "RUS", "USA", outside=("RUS", "USA"))
    assert data.frame.right - data.frame.left < 15
    assert {p.key for p in data.places} == {"ARM", "AZE", "GEO", "RUS"}
    assert "Not on the map: USA" in data.notes
    russia = next(p for p in data.places if p.key == "RUS").anchor(data.frame)
    assert data.frame.left < russia[0] < data.frame.right
    assert boundaries.inside(boundaries.world()["RUS"].rings[0], np.array([russia])).all()


def test_every_code_a_file_may_name_has_an_outline():
    assert set(mapped.countries()) == set(boundaries.world())


def test_label_of_a_country_lies_inside_it():
    for code in ("SRB", "HRV", "XKX", "ROU"):
        outline = boundaries.world()[code]
        point = boundaries.centre(outline.rings[0], outline.extent)
        assert boundaries.inside(outline.rings[0], np.array([point])).all()


def test_timeline_has_a_lane_per_actor_or_per_kind(base):
    data = timeline.collect(base)
    assert data.by == "actor"
    assert list(data.lanes)[:2] == ["Serbia", "Bosnia and Herzegovina"]
    bare = [{"date": "2025-01-01", "title": "Act", "kind": "visit", "mark": True}]
    other = timeline.collect(result(attrs={"events": json.dumps(bare)}))
    assert (other.by, list(other.lanes)) == ("kind of act", ["Visit"])


def test_timeline_leaves_out_acts_beyond_the_run():
    assert timeline.collect(result(weeks=40)).numbers["acts"] == 3


def ranged(label, low, high, half=0.2):
    return Range(
        path=label, label=label, low_value=1, high_value=2, low_change=low, high_change=high, low_half=half,
        high_half=half, inert=False,
    )  # fmt: skip


def test_tornado_ranks_only_what_the_intervals_keep_apart():
    clear = tornado.of_ranges([ranged("b", -1, 2), ranged("a", -4, 5)], label="X")
    assert clear.rows == ("A", "B")
    assert clear.title == "X: a moves tension most, by up to 5 points"
    close = tornado.of_ranges([ranged("b", -1, 4.8), ranged("a", -4, 5)], label="X")
    assert "a and b move tension most" in close.title
    none = tornado.of_ranges([ranged("a", -0.1, 0.1)], label="X")
    assert "no single parameter moves tension detectably" in none.title


def found(limits):
    return Discovery("crisis", 100, 0.3, 20, 0.9, limits, 0.8, 0.9, 0.2, 0.05, 0.7, (), "Sentence.")


def test_discovery_shows_the_conditions_least_like_luck():
    x = np.random.default_rng(0).uniform(size=(100, 3))
    limits = (Limit("c", "c", None, 0.4, 0.01, 1.0), Limit("a", "a", 0.5, None, 0.001, 1.0))
    data = discovery.collect(found(limits), x, (x[:, 0] > 0.5) * 1.0, ["a", "b", "c"], ["a", "b", "c"])
    assert (data.across.label, data.up.label) == ("a", "c")
    where = f"where a{NB}≥{NB}0.5 and c{NB}≤{NB}0.4"
    assert data.title == f"18{NB}of{NB}20 cases see crisis {where}, 4{NB}of{NB}80 elsewhere"


def test_discovery_without_a_box_says_so():
    x = np.random.default_rng(0).uniform(size=(100, 2))
    data = discovery.collect(found(()), x, (x[:, 1] > 0.5) * 1.0, ["a", "b"], ["a", "b"], label="X")
    assert "no set of conditions for crisis holds up" in data.title
    assert data.across.label == "b"  # goes most with the outcome
    with pytest.raises(FigureError, match="two factors"):
        discovery.collect(found(()), x[:, :1], x[:, 0], ["a"], ["a"])


@given(count=st.integers(1, 300), chance=st.floats(0.01, 0.99))
def test_band_of_chance_is_the_binomial_interval(count, chance):
    low, high = calibration.binomial(count, chance)
    assert (low, high) == (binom.ppf(0.05, count, chance), binom.ppf(0.95, count, chance))


@pytest.mark.parametrize("chance", [0.001, 0.3, 0.999])
def test_band_of_chance_of_very_many(chance):
    low, high = calibration.binomial(10**9, chance)
    assert (low, high) == (binom.ppf(0.05, 10**9, chance), binom.ppf(0.95, 10**9, chance))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([18] * 10, "no misfit of spread"),
        ([50, 10, 10, 10, 10, 10, 10, 10, 10, 50], "too narrow"),
        ([2, 5, 20, 30, 33, 33, 30, 20, 5, 2], "too wide"),
        ([2, 4, 6, 10, 14, 18, 22, 28, 34, 42], "forecasts lie too low"),
        ([42, 34, 28, 22, 18, 14, 10, 6, 4, 2], "forecasts lie too high"),
    ],
)
def test_calibration_names_what_is_wrong_with_the_spread(counts, said):
    assert said in calibration.collect(np.array(counts, dtype=float)).title


def test_calibration_names_chances_that_are_too_high():
    points = [Bin(0.1 * k + 0.05, 0.04 * k, 80) for k in range(10)]
    assert "stated chances are too high" in calibration.collect(np.full(10, 18.0), points).title


def test_calibration_from_a_hindcast_record():
    row = {"method": "model", "horizon": 1, "n": 50, "pit": [0.1] * 10, "reliability": [[0.2, 0.3, 50]], "brier": 0.2}
    record = {"rows": [row], "dyad": "A-B", "every": "week", "test": "1998:"}
    data = calibration.from_record(record)
    pit, stated = data.panels
    assert pit.shown == pytest.approx([5.0] * 10)
    assert stated.under == f"Brier score 0.200, skill {1 - 0.2 / (0.3 * 0.7):.2f} against the base rate"
    with pytest.raises(FigureError, match="model at horizon 1"):
        calibration.from_record(record, "smoothing")


def test_one_pair_stands_in_for_the_region(base, race):
    piece = compose("fan", [base, race], dyad="SRB-XKX")
    assert piece.data.numbers["median"] == pytest.approx(
        np.median(race.tension_dyad.sel(dyad="SRB-XKX"), axis=0), rel=1e-5
    )
    assert "Serbia–Kosovo*" in piece.data.subtitle
    assert "UNSCR 1244" in piece.data.notes
    with pytest.raises(FigureError, match="did you mean"):
        compose("fan", [base], dyad="SRB-XXK")
    with pytest.raises(FigureError, match="does not take a pair"):
        compose("map", [base], dyad="SRB-XKX")


@pytest.mark.parametrize("kind", [name for name, about in KINDS.items() if about.most])
def test_wrong_numbers_of_results_are_refused(kind, base):
    with pytest.raises(FigureError, match="needs"):
        compose(kind, [base] * (KINDS[kind].most + 1))
    with pytest.raises(FigureError, match="needs"):
        compose(kind, [])


def test_results_that_do_not_pair_are_refused(base):
    with pytest.raises(NotComparable):
        compose("difference", [base, result("other", weeks=100)])


def test_a_summary_is_not_enough(base):
    with pytest.raises(FigureError, match="summary only"):
        compose("fan", [base.drop_vars("tension")])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4500, f"4{NB}500"),
        (0.25, "0.25"),
        (0.050, "0.05"),
        (-3, "\N{MINUS SIGN}3"),
        (0, "0"),
        (1e6, f"1{NB}000{NB}000"),
    ],
)
def test_compact_numbers(value, text):
    assert compact(value) == text


def test_months_are_named_once():
    days = [np.datetime64(d) for d in ("2029-07-02", "2029-12-31", "2028-12-31")]
    assert months(days[0], days[1]) == f"July–December{NB}2029"
    assert months(days[2], days[1]) == f"December{NB}2028–December{NB}2029"
    assert months(days[1], days[1]) == f"December{NB}2029"


heights = st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 8)), min_size=1, max_size=9)


@given(heights)
def test_spread_labels_do_not_touch_and_keep_their_order(labels):
    wanted, tall = [w for w, _ in labels], [h for _, h in labels]
    places = spread(wanted, tall, 0, 100)
    order = sorted(range(len(places)), key=lambda k: places[k])
    for below, above in pairwise(order):
        assert places[above] - places[below] >= (tall[above] + tall[below]) / 2 - 1e-9
        assert wanted[below] <= wanted[above]
    assert all(p - h / 2 >= 0 - 1e-9 and p + h / 2 <= 100 + 1e-9 for p, h in zip(places, tall, strict=True))


@given(heights)
def test_labels_with_room_stay_where_they_are(labels):
    wanted = [200.0 * k for k in range(len(labels))]
    assert spread(wanted, [h for _, h in labels], -1e6, 1e6) == pytest.approx(wanted)


@given(
    st.lists(st.floats(-1e3, 1e3, allow_subnormal=False) | st.sampled_from((0.0, 1.0, 2.0)), min_size=1, max_size=40)
)
def test_labels_are_moved_as_scipy_would(values):
    assert rising(np.array(values)) == pytest.approx(isotonic_regression(values).x, abs=1e-9)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 2), st.floats(0.2, 2.5)), max_size=14), st.integers(1, 12))
def test_flags_never_cover_each_other(labels, rows):
    ordered = sorted(labels)
    xs, widths = [x for x, _, _ in ordered], [w for _, _, w in ordered]
    placed = Hoist(xs, [("line",) * n for _, n, _ in ordered], widths, (0, 5), 0.08).best(rows)
    flags = [flag for flag in placed if flag]
    assert all(flag.top <= rows and flag.left >= 0 and flag.left + flag.width <= 5 for flag in flags)
    for k, one in enumerate(flags):
        for other in flags[k + 1 :]:
            upper, lower = (one, other) if one.row > other.row else (other, one)
            beside = one.left + one.width <= other.left or other.left + other.width <= one.left
            assert beside or lower.top <= upper.row
            if lower.top <= upper.row:
                assert not lower.left < upper.x < lower.left + lower.width


def test_icons_are_a_hundred_and_count_what_their_head_says(base, race):
    data = compose("icons", [base, race]).data
    for hundred, row in zip(data.hundreds, data.numbers["rows"], strict=True):
        kinds = hundred.kinds
        assert len(kinds) == 100
        assert kinds.count("war") == round(100 * row["armed_low"])
        assert kinds.count("war") + kinds.count("open") == round(100 * row["armed_high"])
        assert kinds.index("neither") == round(100 * row["crisis"])
        assert f"{100 * row['armed']:.1f}" in hundred.told
        assert kinds == sorted(kinds, key=list(icons.LOOKS).index)


def test_icons_show_the_pair_that_changes_most_and_claim_only_what_is_told(base, race):
    moved = {row.pair: row for row in chances.changes(base, race)}
    most = max((row for row in moved.values() if row.pair != "any"), key=lambda row: abs(row.armed.change))
    data = compose("icons", [base, race]).data
    assert f"War in {most.label} by December" in data.title.replace(NB, " ")
    assert f"is {most.ratio:.2f} times as likely under Arms race as in the baseline" in data.title
    assert "no detectable difference" in compose("icons", [base, result("copy", level=44)]).data.title
    assert data.notes.startswith("The level is an assumption")


def test_icons_of_one_result_and_of_one_pair(base):
    every = compose("icons", [base]).data
    assert every.hundreds[0].label == "Any pair"
    assert "if the assumed level holds" in every.title
    (alone,) = compose("icons", [base], dyad="SRB-XKX").data.hundreds
    assert alone.label == "Serbia–Kosovo*"
    with pytest.raises(FigureError, match='this pair is written "SRB-XKX"'):
        compose("icons", [base], dyad="XKX-SRB")
    with pytest.raises(FigureError, match="holds no chances of war"):
        compose("icons", [base.drop_vars("armed_chance")])


def test_one_parameter_draw_leaves_no_icon_open():
    (first, *_) = compose("icons", [result(members=4)]).data.hundreds
    assert "open" not in first.kinds
    assert "[?]" in first.told


def test_the_ratio_of_two_chances_lies_in_its_interval_and_knows_what_pairing_gives(base, race):
    rows = chances.changes(base, race)
    for row in rows:
        assert row.ratio == pytest.approx(row.other / row.base)
        assert row.ratio_low < row.ratio < row.ratio_high
    mine, yours = base.any_armed_chance.values[:, -1], race.any_armed_chance.values[:, -1]
    resampled = np.random.default_rng(1).integers(0, 20, (4000, 20))
    sums = [by_draw(v, base.draw.values)[0][resampled].sum(axis=1) for v in (mine, yours)]
    low, high = np.quantile(sums[1] / sums[0], [0.025, 0.975])
    assert (rows[0].ratio_low, rows[0].ratio_high) == pytest.approx((low, high), rel=0.05)
    assert chances.ratio_of(np.zeros(8), mine[:8], np.arange(8) // 4) == (None, None, None)
    assert chances.ratio_of(mine[:8], np.zeros(8), np.arange(8) // 4) == (0.0, None, None)


def test_chances_over_time_name_both_levels_only_where_their_difference_is_told(base, race):
    data = compose("chances", [base, race]).data
    (change, *_) = (one for one in chances.changes(base, race) if one.armed.is_significant)
    assert f"in {100 * change.other:.1f} of 100 runs" in data.title
    assert f"{100 * change.base:.1f} of 100 in the baseline, if the assumed level holds" in data.title
    assert data.panels[0].label == "Any pair"
    copy = compose("chances", [base, result("copy", level=44)]).data
    assert copy.title.startswith("Copy: no detectable difference from the baseline in the chance of war by")


def test_chances_over_time_show_the_pair_that_changes_most_though_others_are_likelier(base):
    other = base.copy(deep=True).assign_attrs(scenario="other", title="Other")
    rarest = chances.chances(base)[-1]
    other["armed_chance"].loc[{"dyad": rarest.pair}] *= 1.2
    shown = {panel.label for panel in compose("chances", [base, other]).data.panels}
    assert rarest.label in shown
    assert rarest.label not in {panel.label for panel in compose("chances", [other]).data.panels}
