"""The filter against exact answers; leakage, seeds, records, scores, baselines."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from evidence_data import TRAINED, quick, series, small_file, swelling, weekly_rows, written
from scipy import stats
from scipy.special import gammaln

from detente.cli.main import main
from detente.evidence import inference
from detente.evidence.forecasts import fit, grid, hindcast, rolling, scores
from detente.evidence.forecasts.baselines import BASELINES
from detente.evidence.forecasts.forecaster import Forecaster
from detente.evidence.forecasts.priors import METHODS, Off
from detente.evidence.forecasts.rolling import Question, prepare
from detente.evidence.forecasts.skill import block_length, blocks, skill
from detente.evidence.forecasts.targets import Window
from detente.evidence.reporting import MISREAD, TRACE, Reports
from detente.laws import background, regimes
from detente.observations import Observations, Series, load

ROOT = Path(__file__).resolve().parent.parent
KEDS = Path(os.environ.get("DETENTE_OBSERVATIONS", ROOT.parent / "shared" / "observations"))
needs_files = pytest.mark.skipif(not KEDS.is_dir(), reason="needs the observation files: set DETENTE_OBSERVATIONS")

Array = np.ndarray
WEEKLY, MONTHLY = "keds_dyad_week_1989_2000.csv", "ai_gpr_wb_derived_monthly_1985_2019.csv"


def law(off: Off = frozenset(), weeks: float = 1.0, **given: float) -> grid.Law:
    """The law at what is believed beforehand, or as ``given``."""
    return grid.Law({**fit.believed(off, True).values, **given}, off, weeks)


def plain_paths(reports: Reports, rules: grid.Law, prior: grid.Prior, members: int, seed: int) -> tuple[float, Array]:
    """Brute force: log evidence, and shares of the regimes at the end, of paths that are only weighed."""
    rng = np.random.default_rng(seed)
    nodes, follow, stationary = rules.nodes
    level = rng.choice(prior.levels[0], members, p=prior.shares)
    node, regime = (rng.choice(len(p), members, p=p) for p in (stationary, np.array(grid.OPENING)))
    weight, excitation = np.zeros(members), np.zeros(1)
    for t in range(reports.count.shape[1]):
        if t:
            node, regime = (grid.picked(np.cumsum(to, axis=1), at, rng) for to, at in
                            ((follow, node), (rules.turns, regime)))  # fmt: skip
        first = (1.0 - rules.incidents.branching) * np.exp(level + rules.raised[regime] + nodes[node])
        mean = grid.mean_reports(rules, first, excitation, reports.misread[0, t])
        size = rules.size(mean)
        weight += stats.nbinom.logpmf(reports.count[0, t], size, size / (size + mean))
        excitation = grid.excited(rules, excitation, reports.count[:, t], reports.misread[:, t])
    share = np.exp(weight - weight.max())
    return weight.max() + np.log(share.mean()), np.bincount(regime, share, 3) / share.sum()


def of_one(count: Array, rules: grid.Law) -> tuple[Reports, grid.Prior]:
    reports = Reports.of([series("A-B", count)])
    return reports, grid.Prior.of(reports.count, rules)


@pytest.mark.parametrize("count", [[0, 1, 0, 2, 1, 0], [1, 0, 0, 14, 19, 9], [6, 5, 0, 0, 0, 0]])
def test_the_filter_agrees_with_brute_force(count: list[int]) -> None:
    rules = law(onset=4.0, outbreak=6.0, ending=4.0)
    reports, prior = of_one(np.array(count, dtype=float), rules)
    exact, regimes = plain_paths(reports, rules, prior, 400_000, 1)
    path = list(grid.filtered(rules, prior, reports))
    assert sum(float(now.evidence[0]) for now in path) == pytest.approx(exact, abs=0.02)
    np.testing.assert_allclose(path[-1].shares.sum(axis=(0, 1, 3)), regimes, atol=0.02)


def test_a_rate_that_is_known_leaves_independent_counts() -> None:
    """Closed form: with everything still and no doubt about the level, counts are independent negative binomials."""
    rules = law(frozenset({"regimes", "background", "excitation"}), spread=1e-9)
    one = swelling(30)
    reports, prior = of_one(one, rules)
    mean = one.mean() + reports.misread[0, :-1]
    size = rules.size(mean)
    exact = float(stats.nbinom.logpmf(one, size, size / (size + mean)).sum())
    assert sum(float(now.evidence[0]) for now in grid.filtered(rules, prior, reports)) == pytest.approx(exact, abs=1e-6)


def test_chances_of_all_counts_sum_to_one() -> None:
    rules = law()
    first = rules.first_causes(grid.Prior.of(np.ones((1, 5)), rules).levels)
    count, none = np.arange(4000.0), np.zeros(1)
    told = [grid.log_chance(rules, first[:, 2:3, :1], none, np.array([c]), none + 0.2).ravel() for c in count]
    total = np.exp(np.array(told) - gammaln(count + 1.0)[:, None]).sum(axis=0)
    np.testing.assert_allclose(total, 1.0, atol=1e-6)


@pytest.mark.parametrize("weeks", [1.0, 365.25 / 7 / 12])
def test_regimes_and_background_move_as_in_the_scenarios(weeks: float) -> None:
    """Rows of chances; the background is stationary with the law's own spread, whatever the interval."""
    rules = law(weeks=weeks)
    nodes, follow, stationary = rules.nodes
    np.testing.assert_allclose(follow.sum(axis=1), 1.0)
    np.testing.assert_allclose(rules.turns.sum(axis=1), 1.0)
    p = background.Parameters(np.asarray(19.5), np.asarray(0.15))
    assert stationary @ nodes**2 == pytest.approx(float(background.spread(p)), rel=0.02)
    np.testing.assert_allclose(stationary @ follow, stationary, atol=5e-3)
    later = follow @ nodes
    kept = (stationary * nodes) @ later / (stationary @ nodes**2)
    assert kept == pytest.approx(float(background.kept(p)) ** weeks, abs=0.02)
    assert rules.turns[0, 1] == pytest.approx(float(regimes.weekly(np.asarray(0.35 * weeks))))


def test_forecasts_go_on_as_the_filter_does() -> None:
    """Mean reports an interval ahead are those expected over the states; a war that may end ebbs."""
    rules = law()
    reports, prior = of_one(np.r_[np.ones(40), np.full(10, 30.0)], rules)
    *_, now = grid.filtered(rules, prior, reports)
    drawn = grid.ahead(rules, prior, now, reports.misread[:, -1], 60, 20_000, np.random.default_rng(1))[:, 0]
    moved = np.einsum("plgj,gh->plhj", now.shares @ rules.nodes[1], rules.turns)
    mean = grid.mean_reports(rules, rules.first_causes(prior.levels), now.excitation[0], reports.misread[0, -1])
    assert drawn[0].mean() == pytest.approx(float((moved * mean).sum()), rel=0.03)
    assert drawn[-1].mean() < 0.8 * drawn[0].mean()


def test_a_fit_finds_what_made_the_counts_likely() -> None:
    """The mode is denser than what is believed beforehand, and fitful counts are told from steady ones."""
    rng, steady = np.random.default_rng(2), {}
    for name, size in (("fitful", 0.4), ("steady", 50.0)):
        counts = [rng.negative_binomial(size, size / (size + 4.0), 150).astype(float) for _ in range(3)]
        pool = [series(f"A-{k}", count) for k, count in zip("BCD", counts, strict=True)]
        steady[name] = fit.fit(pool, METHODS["laws_off"]).values["size"]
    assert steady["fitful"] < 0.5 * steady["steady"]


def test_resampling_keeps_each_member_by_its_weight() -> None:
    weight = np.array([[0.5, 0.3, 0.2, 0.0], [0.0, 0.0, 0.0, 1.0]]).repeat(250, axis=1)
    points = (np.random.default_rng(1).random((2, 1)) + np.arange(1000)) / 1000
    which = inference.resampled(weight, points)
    kept = np.array([[np.count_nonzero((row // 250) == k) for k in range(4)] for row in which])
    np.testing.assert_allclose(kept, [[500, 300, 200, 0], [0, 0, 0, 1000]], atol=1)


def test_misread_reports_are_expected_from_earlier_ones_only() -> None:
    one = series("A-B", swelling(30))
    later = replace(one, other=np.where(np.arange(30) < 20, one.other, 50.0))
    usual, changed = (Reports.of([s]).misread[0] for s in (one, later))
    assert len(usual) == 31
    np.testing.assert_array_equal(usual[:21], changed[:21])
    assert changed[21] > usual[21]
    flat = Reports.of([replace(one, other=np.full(30, 2.0))]).misread[0]
    assert flat[-1] == pytest.approx(TRACE + MISREAD * 2.0, rel=0.05)


# --- leakage -------------------------------------------------------------------------------------------------------

KNOWN = 82


def later(file: Observations, known: int) -> Observations:
    """All series with everything after their first ``known`` intervals in another order and louder."""
    order = np.r_[np.arange(known), known + np.random.default_rng(9).permutation(len(file["A-B"]) - known)]
    louder = np.where(np.arange(len(order)) < known, 1.0, 3.0)
    return replace(file, series={k: _reordered(s, order, louder) for k, s in file.series.items()})


def _reordered(one: Series, order: Array, louder: Array) -> Series:
    parts = {k: (getattr(one, k)[order] + 1.0) * louder - 1.0 * louder for k in ("value", "count", "other")}
    return replace(one, **parts)


def question(file: Observations, seed: int = 1, horizons: tuple[int, ...] = (1, 3)) -> Question:
    some = file["A-B"]
    train, test = Window(None, some.ends[TRAINED - 1]), Window(some.dates[TRAINED], some.ends[-1])
    return Question(file, "A-B", train, test, horizons, seed=seed, members=128)


def all_forecasts(asked: Question, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, int], list[Array]]:
    """Every forecast of a hindcast by method and horizon: the model's, without laws, and the naive ones."""
    made: dict[tuple[str, int], list[Array]] = defaultdict(list)

    def listening(name: str):
        def call(past: Array, horizon: int, window: int, seed: int) -> Array:
            made[name, horizon].append(BASELINES[name](past, horizon, window, seed))
            return made[name, horizon][-1]

        return call

    prepared = prepare(asked)
    for method, off in METHODS.items():
        fitted = fit.fit(prepared.pool, off)
        made |= {(method, h): some for h, some in prepared.issued(fitted).items()}
    with monkeypatch.context() as patch:
        patch.setattr(rolling, "BASELINES", {name: listening(name) for name in BASELINES})
        list(prepared.naive())
    return made


def test_no_forecast_knows_what_comes_after_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    usual, other = (all_forecasts(question(f), monkeypatch) for f in (small_file(), later(small_file(), KNOWN)))
    assert {method for method, _ in usual} == {"model", "laws_off", *BASELINES}
    for (method, horizon), forecasts in usual.items():
        # the target in row r has its origin in row r - horizon
        safe = KNOWN - TRAINED + horizon
        for k, (one, two) in enumerate(zip(forecasts, other[method, horizon], strict=True)):
            same = np.array_equal(one, two)
            assert same or k >= safe, (method, horizon, k)
        changed = [not np.array_equal(a, b) for a, b in zip(forecasts, other[method, horizon], strict=True)]
        assert any(changed[safe:]), (method, horizon)


def test_nothing_after_the_training_window_changes_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    usual, other, earlier = (prepare(question(f)) for f in (
        small_file(), later(small_file(), TRAINED), later(small_file(), TRAINED - 1)))  # fmt: skip
    fits = [fit.fit(p.pool, METHODS["model"]) for p in (usual, other, earlier)]
    assert fits[0] == fits[1] != fits[2]
    assert (usual.strata.active_above, usual.strata.threshold) == (other.strata.active_above, other.strata.threshold)
    made = [Forecaster.of(fits[0], [p.series], TRAINED, p.pool, 128, 1) for p in (usual, other)]
    np.testing.assert_array_equal(made[0].marks.relative, made[1].marks.relative)
    np.testing.assert_array_equal(made[0].prior.levels, made[1].prior.levels)


def test_a_file_that_ends_earlier_gives_the_same_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    whole = small_file()
    cut = replace(whole, series={k: s.until(KNOWN) for k, s in whole.series.items()})
    usual, short = (all_forecasts(question(f), monkeypatch) for f in (whole, cut))
    for key, some in short.items():
        for one, two in zip(some, usual[key], strict=False):
            np.testing.assert_array_equal(one, two)


def test_the_seed_decides_the_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    first, again, other = (all_forecasts(question(small_file(), seed), monkeypatch) for seed in (1, 1, 2))
    for key, some in first.items():
        for one, two in zip(some, again[key], strict=True):
            np.testing.assert_array_equal(one, two)
    assert any(not np.array_equal(a, b) for a, b in zip(first["model", 1], other["model", 1], strict=True))


@needs_files
@pytest.mark.slow
def test_no_forecast_on_keds_knows_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    file = load(KEDS / WEEKLY)
    known = int(np.count_nonzero(file["SRB-KOS"].ends <= np.datetime64("1999-06-30")))
    order = np.r_[np.arange(known), known + np.random.default_rng(1).permutation(len(file["SRB-KOS"]) - known)]
    parts = ("value", "count", "other")
    shuffled = replace(file, series={
        k: replace(s, **{p: getattr(s, p)[order] for p in parts}) for k, s in file.series.items()})  # fmt: skip
    windows = Window.of(":1997-12-31"), Window.of("1998-01-01:2000-12-31")
    usual, other = (
        all_forecasts(Question(f, "SRB-KOS", *windows, members=1024), monkeypatch) for f in (file, shuffled)
    )
    tested = int(np.count_nonzero(file["SRB-KOS"].dates[:known] >= windows[1].first))
    for key, some in usual.items():
        same = [np.array_equal(a, b) for a, b in zip(some, other[key], strict=True)]
        assert all(same[: tested + 1]), key
        assert not all(same), key


def test_a_hindcast_proves_on_its_own_file_that_nothing_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    result = hindcast.hindcast(question(small_file()))
    told = result.proof
    assert told.holds
    assert told.forecasts > 2 * len(ALL)
    with monkeypatch.context() as patch:
        patch.setattr(rolling, "BASELINES", {**BASELINES, "persistence": lambda past, *_: past.base[-5:]})
        seeing = hindcast.hindcast(question(small_file())).proof
    assert seeing.changed
    assert not seeing.holds
    patched = replace(result, prints={key: some[1:] for key, some in result.prints.items()})
    assert not patched.proof.holds


def test_a_fit_that_reads_the_future_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    result = hindcast.hindcast(question(small_file(), horizons=(1,)))
    monkeypatch.setattr(fit, "pool", lambda seen, dyad, trained: [seen[dyad]])
    assert result.proof.fit_changed


# --- records -------------------------------------------------------------------------------------------------------


#: what every row has
KEYS = {"method", "horizon", "n", "crps", "skill_vs_smoothing", "skill_low", "skill_high", "coverage90"}
ALL = {*METHODS, *BASELINES}


def test_the_record_has_what_is_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    path = written(tmp_path / "w.csv", weekly_rows(100))
    asked = ["hindcast", "--observations", str(path), "--dyad", "A-B", "--train", ":1999-05-31", "--test", "1999-06:"]
    runs = [CliRunner().invoke(main, [*asked, "--json", "--seed", seed]) for seed in ("1", "1", "2")]
    assert [done.exit_code for done in runs] == [0, 0, 0], runs[0].output
    told = [json.loads(done.stdout) for done in runs]
    assert told[0] == told[1] != told[2]
    assert {row["method"] for row in told[0]["rows"]} == ALL
    assert all(row.keys() >= KEYS for row in told[0]["rows"])
    for row in told[0]["rows"]:
        assert row["skill_low"] <= row["skill_vs_smoothing"] <= row["skill_high"]
        assert 0 <= row["coverage90"] <= 1
        assert sum(row["pit"]) == pytest.approx(1, abs=1e-3)
    assert told[0]["fits"]["laws_off"]["parameters"].keys() < told[0]["fits"]["model"]["parameters"].keys()
    words = CliRunner().invoke(main, asked).stdout
    assert all(method in words for method in ALL)


def test_a_record_can_be_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    file = replace(small_file(), path=written(tmp_path / "w.csv", []))
    result = hindcast.hindcast(replace(question(file, horizons=(1,)), ablations=True))
    told = result.record()
    assert json.loads(json.dumps(told, allow_nan=False))["file"] == "w.csv"
    assert {row["method"] for row in told["rows"]} == ALL | {"no_excitation", "no_regimes"}


# --- scores --------------------------------------------------------------------------------------------------------


def test_skill_against_itself_is_nought_and_its_interval_holds_the_value() -> None:
    rng = np.random.default_rng(1)
    score = rng.gamma(2.0, size=150)
    assert tuple(skill(score, score, 1)) == (0.0, 0.0, 0.0, "")
    better = skill(0.8 * score, score, 1)
    assert better[:3] == pytest.approx((0.2, 0.2, 0.2))
    noisy = skill(rng.gamma(2.0, size=150), score, 4)
    assert noisy.low < noisy.value < noisy.high


def test_blocks_follow_the_rule() -> None:
    assert [block_length(n, h) for n, h in ((156, 1), (156, 12), (5, 12), (1, 1))] == [11, 24, 5, 1]
    rows = blocks(20, 6, 50, np.random.default_rng(1))
    assert rows.shape == (50, 20)
    assert ((np.diff(rows[:, :6], axis=1) % 20) == 1).all()


def test_a_calibrated_forecast_covers_and_has_a_flat_pit() -> None:
    rng = np.random.default_rng(1)
    pairs = [(rng.poisson(m, 400).astype(float), float(rng.poisson(m))) for m in rng.gamma(2.0, size=1500)]
    pit = scores.pit_histogram([scores.pit(x, y) for x, y in pairs])
    np.testing.assert_allclose(pit, 0.1, atol=0.025)
    wide = np.mean([scores.covered(x, y) for x, y in pairs])
    assert 0.9 <= wide <= 0.99  # ends included: discrete counts are covered oftener
    assert scores.coverage([scores.pit(x, y) for x, y in pairs]) == pytest.approx(0.9, abs=0.02)
    high = np.array([(x > 2.5).mean() for x, _ in pairs])
    told = scores.brier(high, np.array([y > 2.5 for _, y in pairs]))
    assert told.score == pytest.approx(told.reliability - told.resolution + told.uncertainty, abs=0.01)
    assert told.reliability < 0.01 < told.resolution


def test_the_log_score_is_that_of_a_point_mass_and_a_density() -> None:
    rng = np.random.default_rng(1)
    some = np.where(rng.random(4000) < 0.3, 0.0, rng.normal(3.0, 0.5, 4000))
    assert scores.log_score(some, 0.0) == pytest.approx(-np.log(0.3), abs=0.05)
    assert scores.log_score(some, 3.2) == pytest.approx(-np.log(0.7 * stats.norm.pdf(3.2, 3.0, 0.5)), abs=0.06)
    assert np.isfinite(scores.log_score(some, 50.0))
    assert np.isfinite(scores.log_score(np.zeros(5), 1.0))


# --- the reference table -------------------------------------------------------------------------------------------

ORDER = ("persistence", "climatology", "ar1", "smoothing")
WEEKLY_WINDOWS = (":1997-12-31", "1998-01-01:2000-12-31")
MONTHLY_WINDOWS = (":2007-12-31", "2008-01-01:2019-12-31")
#: (file, series, step, windows, horizon) -> CRPS in the order above
TABLE = {
    (WEEKLY, "SRB-KOS", "week", WEEKLY_WINDOWS, 1): (0.771, 0.994, 0.753, 0.602),
    (WEEKLY, "SRB-KOS", "week", WEEKLY_WINDOWS, 4): (0.832, 1.037, 0.956, 0.634),
    (WEEKLY, "SRB-KOS", "month", WEEKLY_WINDOWS, 1): (0.480, 1.912, 0.666, 0.571),
    (WEEKLY, "SRB-KOS", "month", WEEKLY_WINDOWS, 3): (0.553, 2.058, 1.135, 0.757),
    (WEEKLY, "BIH_GOV-BIH_SRB", "week", WEEKLY_WINDOWS, 1): (0.477, 0.311, 0.311, 0.350),
    (WEEKLY, "BIH_GOV-BIH_SRB", "month", WEEKLY_WINDOWS, 1): (0.746, 1.102, 0.710, 0.693),
    (MONTHLY, "WB_core", "month", MONTHLY_WINDOWS, 1): (0.212, 0.183, 0.175, 0.166),
    (MONTHLY, "WB_core", "month", MONTHLY_WINDOWS, 3): (0.220, 0.186, 0.185, 0.179),
    (MONTHLY, "WB_core", "month", MONTHLY_WINDOWS, 12): (0.223, 0.198, 0.199, 0.205),
    (MONTHLY, "SRB_KOS", "month", MONTHLY_WINDOWS, 1): (0.183, 0.161, 0.153, 0.145),
}


@needs_files
@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case[1]}-{case[2]}-{case[4]}")
def test_naive_forecasts_score_as_published(case: tuple) -> None:
    name, key, step, (train, test), horizon = case
    asked = Question(load(KEDS / name), key, Window.of(train), Window.of(test), (horizon,), every=step)
    prepared = prepare(asked)
    found = {one.method: one.crps.mean() for one in (prepared.scored(*made) for made in prepared.naive())}
    np.testing.assert_allclose([found[method] for method in ORDER], TABLE[case], rtol=0.02, atol=5e-4)
