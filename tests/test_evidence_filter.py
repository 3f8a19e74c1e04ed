"""The filter against exact answers; the model of reports against its moments; leakage, seeds, degeneracy, baselines."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from evidence_data import file_of, quick, series, swelling, weekly_rows, written
from scipy import stats

from detente.cli.main import main
from detente.evidence import inference, reporting
from detente.evidence.forecasts import fit, hindcast, pair, rolling, scores
from detente.evidence.forecasts.baselines import BASELINES
from detente.evidence.forecasts.pair import Pair, Scale
from detente.evidence.forecasts.particles import Particles, filtered
from detente.evidence.forecasts.priors import LAWS, centre, chosen, values
from detente.evidence.forecasts.rolling import Forecaster, Question, prepare
from detente.evidence.forecasts.skill import block_length, blocks, skill
from detente.evidence.forecasts.targets import Window
from detente.evidence.reporting import MISREAD, SEEN, TRACE, News, Reports
from detente.observations import Observations, Series, load

ROOT = Path(__file__).resolve().parent.parent
KEDS = Path(os.environ.get("DETENTE_OBSERVATIONS", ROOT.parent / "shared" / "observations"))
needs_files = pytest.mark.skipif(not KEDS.is_dir(), reason="needs the observation files: set DETENTE_OBSERVATIONS")

Array = np.ndarray
WEEKLY, MONTHLY = "keds_dyad_week_1989_2000.csv", "ai_gpr_wb_derived_monthly_1985_2019.csv"


def rules(scale: Scale, laws: tuple[str, ...] = LAWS, **given: float) -> Pair:
    """The laws at the medians believed beforehand, or as ``given``: a single draw."""
    free = chosen(laws, True, "week")
    known = values(free, centre(free).at[None, :])
    return Pair.of({**known, **{k: np.array([v]) for k, v in given.items()}}, scale)


def plain_paths(first: Array, reports: Reports, law: Pair, members: int, seed: int) -> tuple[float, float]:
    """Brute force: log evidence, and mean log background at the end, of paths that nothing is done to but weighing."""
    rng = np.random.default_rng(seed)
    state, weight = law.open(first, members, rng), np.zeros((1, members))
    for t in range(reports.count.shape[1]):
        count, misread = reports.count[:, [t]], reports.misread[:, [t]]
        state = law.drifted(state, rng)
        rate, news = law.rate(state), law.scatter(state)
        weight += reporting.log_chance(count, rate, misread, news)
        state = law.step(state, reporting.happened(count, rate, misread, news), rng)
    best = weight.max()
    share = np.exp(weight - best)
    return float(best + np.log(share.mean())), float((share * state["background"]).sum() / share.sum())


def at_the_end(reports: Reports, law: Pair, members: int, seed: int) -> tuple[float, Particles]:
    """Log evidence and members at the end."""
    path = list(filtered(law, reports, members, seed))
    return sum(float(step.evidence[0]) for step in path), path[-1].particles


@pytest.mark.parametrize("count", [[0, 1, 0, 2, 1], [1, 0, 0, 14, 9], [6, 5, 0, 0, 0]])
@pytest.mark.parametrize("laws", [LAWS, ()])
def test_the_filter_agrees_with_brute_force(count: list[int], laws: tuple[str, ...]) -> None:
    """Breaks are proposed oftener than they happen and toward the count; the weights must undo it, laws on or off."""
    one = series("A-B", np.array(count, dtype=float))
    reports, law = Reports.of([one]), rules(Scale(3.5, 0.0, np.array([1.0])), laws, break_chance=0.05)
    exact, level = plain_paths(one.count[None, :], reports, law, 400_000, 1)
    found, members = at_the_end(reports, law, 60_000, 2)
    assert found == pytest.approx(exact, abs=0.06)
    assert float(members.state["background"].mean()) == pytest.approx(level, abs=0.06)


def grid_evidence(count: Array, misread: Array, law: Pair, first: float) -> tuple[float, Array, Array]:
    """Log evidence, grid and posterior of a random walk seen through the model of reports, by numerical integration."""
    low, high = np.log(pair.FAINT), law.ceiling
    grid = np.linspace(low, high, 500)
    edges = np.concatenate([[-np.inf], (grid[1:] + grid[:-1]) / 2, [np.inf]])
    drift = float(law.drift[0, 0])
    move = np.diff(stats.norm.cdf(edges[None, :], grid[:, None], drift), axis=1)
    mass, total = np.diff(stats.norm.cdf(edges, first, pair.UNSURE)), 0.0
    for y, f in zip(count, misread, strict=False):
        mass = mass @ move
        chance = np.exp(reporting.log_chance(np.float64(y), np.exp(grid), np.float64(f), law.news)[0])
        total, mass = total + np.log((mass * chance).sum()), mass * chance / (mass * chance).sum()
    return total, grid, mass


def test_the_filter_agrees_with_numerical_integration() -> None:
    """Without laws, breaks and wandering what is left is a random walk behind a negative binomial."""
    count = np.random.default_rng(3).poisson(np.exp(0.3 + np.sin(np.arange(40) / 6))).astype(float)
    one = series("A-B", count)
    law = rules(Scale(3.5, 0.0, np.array([1.0])), (), break_chance=0.0, unsteadiness=0.0, restlessness=0.0, drift=0.25)
    reports = Reports.of([one])
    opening = count[None, : pair.OPENING]
    level = float(np.log(opening.mean() / SEEN + 0.05))
    exact, grid, mass = grid_evidence(count, reports.misread[0], law, level)
    found, members = at_the_end(reports, law, 40_000, 1)
    background = members.state["background"]
    assert found == pytest.approx(exact, abs=0.12)
    mean = float(grid @ mass)
    assert float(background.mean()) == pytest.approx(mean, abs=0.03)
    assert float(background.std()) == pytest.approx(float(np.sqrt((grid - mean) ** 2 @ mass)), rel=0.06)


def test_a_rate_that_is_known_leaves_the_model_of_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed form: with the rate fixed the evidence is that of independent negative binomial counts."""
    monkeypatch.setattr(pair, "UNSURE", 0.0)
    monkeypatch.setattr(pair, "OPENING", 30)
    one = series("A-B", swelling(30))
    law = rules(Scale(9.0, 0.0, np.array([1.0])), (), break_chance=0.0, unsteadiness=0.0, restlessness=0.0, drift=0.0)
    reports = Reports.of([one])
    rate = one.count.mean() / SEEN + 0.05
    mean = SEEN * rate + reports.misread[0, :-1]
    size = law.news.size(mean)[0]
    exact = float(stats.nbinom.logpmf(one.count, size, size / (size + mean)).sum())
    # what is left of chance is how many members a break was proposed to, in vain
    assert at_the_end(reports, law, 40_000, 1)[0] == pytest.approx(exact, abs=0.03)


def test_resampling_keeps_each_member_by_its_weight() -> None:
    weight = np.array([[0.5, 0.3, 0.2, 0.0], [0.0, 0.0, 0.0, 1.0]]).repeat(250, axis=1)
    points = (np.random.default_rng(1).random((2, 1)) + np.arange(1000)) / 1000
    which = inference.resampled(weight, points)
    kept = np.array([[np.count_nonzero((row // 250) == k) for k in range(4)] for row in which])
    np.testing.assert_allclose(kept, [[500, 300, 200, 0], [0, 0, 0, 1000]], atol=1)


@pytest.mark.parametrize(("rate", "misread"), [(0.2, 0.02), (3.0, 0.3), (20.0, 0.0)])
def test_reports_have_the_moments_that_are_stated(rate: float, misread: float) -> None:
    news = News(np.full((1, 1), 1.4), np.full((1, 1), 0.4), np.zeros((1, 1)))
    many = np.full((1, 400_000), rate)
    happened, reported = reporting.draw(many, np.full((1, 1), misread), news, np.random.default_rng(1))
    mean = SEEN * rate + misread
    size = float(news.size(np.array(mean))[0, 0])
    assert reported.mean() == pytest.approx(mean, rel=0.02)
    assert happened.mean() == pytest.approx(rate, rel=0.02)
    assert reported.var() == pytest.approx(mean + mean**2 / size, rel=0.03)
    for count in (0.0, 1.0, 4.0):
        such = happened[reported == count]
        expected = reporting.happened(np.float64(count), np.float64(rate), np.float64(misread), news)
        assert such.mean() == pytest.approx(float(expected[0, 0]), abs=5 * such.std() / np.sqrt(len(such)) + 1e-9)


def test_chances_of_reports_are_those_of_a_negative_binomial() -> None:
    news = News(np.full((1, 1), 0.8), np.full((1, 1), 0.5), np.zeros((1, 1)))
    count = np.arange(400.0)
    told = reporting.log_chance(count, np.float64(4.0), np.float64(0.2), news)[0]
    mean = SEEN * 4.0 + 0.2
    size = float(news.size(np.array(mean))[0, 0])
    np.testing.assert_allclose(told, stats.nbinom.logpmf(count, size, size / (size + mean)), atol=1e-9)
    assert np.exp(told).sum() == pytest.approx(1.0, abs=1e-9)


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

WEEKS, TRAINED, KNOWN = 100, 70, 82


def small_file() -> Observations:
    return file_of(*(series(f"A-{k}", swelling(WEEKS, seed)) for seed, k in enumerate("BCD", start=1)))


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
    for method, laws in hindcast.MODEL.items():
        fitted = fit.fit(prepared.pool, laws, asked.seed, 8)
        made |= {(method, h): some for h, some in prepared.issued(fitted).forecasts.items()}
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
    fits = [fit.fit(p.pool, LAWS, 1, 8).points for p in (usual, other, earlier)]
    np.testing.assert_array_equal(fits[0], fits[1])
    assert not np.array_equal(fits[0], fits[2])
    assert (usual.strata.active_above, usual.strata.threshold) == (other.strata.active_above, other.strata.threshold)
    drawn = fit.Fitted(chosen(LAWS, True, "week"), fits[0], 1.0, ())
    marks = [Forecaster.of(drawn, p.pool, 128, 1) for p in (usual, other)]
    np.testing.assert_array_equal(marks[0].marks.relative, marks[1].marks.relative)
    assert marks[0].law.ceiling == marks[1].law.ceiling


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
    assert told.forecasts > 2 * len(METHODS)
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


# --- degeneracy and records ----------------------------------------------------------------------------------------


def test_a_surprise_costs_members_and_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    calm = np.tile([0.0, 1.0, 0.0, 0.0], WEEKS // 4)
    shock = np.where(np.arange(WEEKS) == 90, 60.0, calm)
    told = {}
    for name, count in (("calm", calm), ("shock", shock)):
        result = hindcast.hindcast(question(file_of(series("A-B", count)), horizons=(1,)))
        told[name] = result.paths["model"].effective
        assert ((told[name] > 0) & (told[name] <= 1 + 1e-12)).all()
    assert told["shock"][90] < 0.5 * told["calm"][90]
    np.testing.assert_array_equal(told["shock"][:90], told["calm"][:90])


#: what the issue asks of every row
KEYS = {"method", "horizon", "n", "crps", "skill_vs_smoothing", "skill_low", "skill_high", "coverage90"}
METHODS = {"model", "laws_off", "persistence", "climatology", "ar1", "smoothing"}


def test_the_record_has_what_is_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    path = written(tmp_path / "w.csv", weekly_rows(100))
    asked = ["hindcast", "--observations", str(path), "--dyad", "A-B", "--train", ":1999-05-31", "--test", "1999-06:"]
    runs = [CliRunner().invoke(main, [*asked, "--json", "--seed", seed]) for seed in ("1", "1", "2")]
    assert [done.exit_code for done in runs] == [0, 0, 0], runs[0].output
    told = [json.loads(done.stdout) for done in runs]
    assert told[0] == told[1] != told[2]
    assert {row["method"] for row in told[0]["rows"]} == METHODS
    assert all(row.keys() >= KEYS for row in told[0]["rows"])
    for row in told[0]["rows"]:
        assert row["skill_low"] <= row["skill_vs_smoothing"] <= row["skill_high"]
        assert 0 <= row["coverage90"] <= 1
        assert sum(row["pit"]) == pytest.approx(1, abs=1e-3)
    assert told[0]["degeneracy"]["model"].keys() == {"effective_min", "effective_5pct", "effective_median"}
    assert told[0]["fits"]["laws_off"]["parameters"].keys() < told[0]["fits"]["model"]["parameters"].keys()
    words = CliRunner().invoke(main, asked).stdout
    assert all(method in words for method in METHODS)


def test_a_record_can_be_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    file = replace(small_file(), path=written(tmp_path / "w.csv", []))
    result = hindcast.hindcast(replace(question(file, horizons=(1,)), ablations=True))
    told = result.record()
    assert json.loads(json.dumps(told, allow_nan=False))["file"] == "w.csv"
    assert {row["method"] for row in told["rows"]} == METHODS | {"no_excitation", "no_hostility"}


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
