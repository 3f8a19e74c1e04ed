"""detente calibrate: the inference recovers what is known, nothing leaks, the part goes into a scenario."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from worlds import START, pair

from detente.cli.main import main
from detente.evidence import inference
from detente.evidence.calibration import checks, window
from detente.evidence.calibration.calibrate import Calibration, Question, calibrate, learnable
from detente.evidence.calibration.estimate import SHARES
from detente.evidence.calibration.reports import reported
from detente.evidence.calibration.summaries import DISCREPANCY, kind, summarise
from detente.evidence.calibration.table import BLOCK, observed, table
from detente.evidence.forecasts.targets import Window
from detente.experiment.counts import INVERSES, counts
from detente.experiment.run import simulate
from detente.observations import ObservationError, Observations, Series
from detente.observations.series import monday
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import replaced, uncertain

WEEKS = 300
FREE = {
    "parameters.incidents.branching": {"value": 0.4, "low": 0.05, "high": 0.8, "spread": "uniform"},
    "parameters.incidents.memory": {"value": 1.3, "unit": "weeks", "low": 0.5, "high": 4, "spread": "lognormal"},
    "parameters.choice.relief": {"value": 0.1, "unit": "share", "low": 0.02, "high": 0.2, "spread": "triangular"},
}


def small(**more: object) -> Scenario:
    """A pair with incidents every week, three free parameters, of which the last does next to nothing."""
    busy = {"dyads.A-B.incident_rate": {"A": 1.0, "B": 0.8}}
    # crises and a wandering background would hide from so short a file what excitation does
    still = {"parameters.switches.regimes": "off", "parameters.background.volatility": 0}
    return pair({**busy, **still, **FREE, **more}, weeks=WEEKS + 30)


def file_of(scenario: Scenario, seed: int, length: int = WEEKS + 30) -> Observations:
    """What a file would hold of one member of ``scenario``."""
    incidents = counts(scenario, range(1), seed, length, {}).incidents
    reports = reported(incidents, np.full((length, 1), 0.2), np.random.default_rng(seed))[0, 0].astype(float)
    dates = monday(np.datetime64(START)) + 7 * np.arange(length)
    series = Series("B-A", "week", dates, 6.0 * reports, reports, np.full(length, 0.2), np.ones(length), True)
    return Observations(Path("made.csv"), "dyad_week", {"B-A": series})


def known(branching: float) -> Scenario:
    """The small theatre with a known branching ratio."""
    return small(**{"parameters.incidents.branching": branching, "parameters.incidents.memory": 1.0})


UNTIL = Window(None, np.datetime64(START) + 7 * WEEKS)


def asked(branching: float = 0.7, **more: object) -> Question:
    """A quick question on a file with a known branching ratio."""
    question = Question(small(), file_of(known(branching), 5), UNTIL, {}, draws=2600, checks=200)
    return replace(question, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found() -> Calibration:
    """A calibration on a file with many incidents set off by others."""
    return calibrate(asked())


def test_members_of_a_table_are_those_of_a_run() -> None:
    scenario = small()
    run = simulate(scenario, range(12), 3, weeks=20)
    made = counts(scenario, range(3), 3, 20, uncertain(scenario, "parameters."))
    assert np.array_equal(made.incidents[:, 0], run["incidents"].values[::4, 1:, 0].T)
    assert made.place.shape == (3, 3)


def test_places_are_where_the_values_of_a_run_stand_in_their_priors() -> None:
    scenario = small()
    loud = replaced(scenario, {"parameters.incidents.branching": Quantity(value=0.79)})
    assert loud.parameters.incidents.branching.value == 0.79
    places = counts(scenario, range(400), 3, 1, uncertain(scenario, "parameters.")).place
    assert np.all((places > 0) & (places < 1))
    assert abs(places.mean() - 0.5) < 0.05
    assert abs(np.corrcoef(places.T)[0, 1]) < 0.2


def test_reports_thin_and_clump_and_misread() -> None:
    rng = np.random.default_rng(1)
    incidents = np.full((200, 1, 300), 10, dtype=np.uint16)
    plain = reported(incidents, np.zeros((200, 1)), rng)
    assert 4.5 < plain.mean() < 10.5  # half to nearly all, and more in some spells
    assert np.median(plain.var(axis=2) / plain.mean(axis=2)) > 2
    silent = reported(np.zeros((200, 1, 300), dtype=np.uint16), np.full((200, 1), 2.0), rng)
    assert 0.1 < silent.mean() < 0.5  # a tenth or so of the reports of other acts


def test_every_summary_has_a_stated_discrepancy_and_is_finite_in_silence() -> None:
    rng = np.random.default_rng(1)
    busy = rng.poisson(2.0, (2, 5, 120)).astype(np.float32)
    names = ("A-B", "B-C")
    starts = np.array([0, 20])
    told = summarise(busy, starts, names)
    assert {kind(name) for name in told} == set(DISCREPANCY)
    for counted in (busy, np.zeros_like(busy)):
        values = np.stack(list(summarise(counted, starts, names).values()))
        assert values.shape == (len(told), 5)
        assert np.isfinite(values).all()
    # the watched weeks alone count
    early = busy.copy()
    early[1, :, :20] = 99.0
    assert all(np.array_equal(v, told[k]) for k, v in summarise(early, starts, names).items())


def test_summaries_tell_clustered_from_even_counts() -> None:
    rng = np.random.default_rng(1)
    level = np.exp(np.repeat(rng.normal(0, 1, (40, 15)), 10, axis=1))
    clustered, even = (rng.poisson(rate).astype(np.float32)[None] for rate in (level, np.full((40, 150), 1.6)))
    one, other = (summarise(c, np.array([0]), ("A-B",)) for c in (clustered, even))
    assert one["memory|1|A-B"].mean() > other["memory|1|A-B"].mean() + 0.2
    assert one["top|A-B"].mean() > other["top|A-B"].mean()
    assert abs(one["short memory|1|A-B"].mean() - other["short memory|1|A-B"].mean()) < 0.2


def gaussian(rows: int, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Scores N(0, 1) and five summaries of each, the score plus noise: the posterior is known."""
    rng = np.random.default_rng(2)
    score = rng.standard_normal((rows, 1))
    return score + noise * rng.standard_normal((rows, 5)), score


def test_the_posterior_is_the_exact_one_where_that_is_known() -> None:
    summaries, score = gaussian(8000)
    reader = inference.Reader.learnt(summaries[:3000], score[:3000])
    told = reader(summaries)[3000:, 0]
    assert inference.explained(told[:, None], score[3000:])[0] == pytest.approx(5 / 6, abs=0.02)
    file = np.full((1, 5), 0.8)
    drawn, weight = inference.posterior(float(reader(file)[0, 0]), told, score[3000:, 0])
    mean = weight @ drawn
    assert mean == pytest.approx(0.8 * 5 / 6, abs=0.08)
    assert np.sqrt(weight @ np.square(drawn - mean)) == pytest.approx(np.sqrt(1 / 6), rel=0.12)


def test_ranks_are_even_for_a_right_inference_and_not_for_a_wrong_one() -> None:
    summaries, score = gaussian(8000)
    reader = inference.Reader.learnt(summaries[:3000], score[:3000])
    told, truth = reader(summaries)[:, 0], score[:, 0]
    reference = told[3600:], truth[3600:]
    rng = np.random.default_rng(1)
    right = checks.recovery(told[3000:3400], truth[3000:3400], reference, rng)
    assert right.p > 0.01
    assert right.histogram.sum() == 400
    assert 0.85 < right.covered < 0.95
    assert checks.recovery(told[3000:3400], 1.6 * truth[3000:3400], reference, rng).p < 1e-4
    assert checks.recovery(told[3000:3400], truth[3000:3400] + 0.3, reference, rng).p < 1e-4


def test_a_file_far_out_is_seen_as_such() -> None:
    summaries, _ = gaussian(4000)
    assert checks.as_far_out(np.zeros(5), summaries) > 0.95
    # each summary by itself is usual, all together are not
    odd = np.array([2.0, -2.0, 2.0, -2.0, 2.0])
    assert (checks.tail(odd, summaries) > checks.STRANGE).all()
    assert checks.as_far_out(odd, summaries) < checks.OUTSIDE
    assert (checks.tail(np.full(5, 9.0), summaries) < checks.STRANGE).all()


def test_known_parameters_are_recovered(found: Calibration) -> None:
    assert found.fits
    paths = {e.path: e for e in found.estimates}
    branching = paths["parameters.incidents.branching"]
    low, high = branching.quantiles(np.array([0.05, 0.95]))
    assert low < 0.7 < high
    assert branching.shrinkage > 0.15
    assert branching.recovery.p > 0.01
    assert "parameters.choice.relief" in found.untold
    # a file without self-excitation says so
    other = {e.path: e for e in calibrate(asked(0.1)).estimates}["parameters.incidents.branching"]
    assert other.quantiles(np.array([0.5]))[0] < branching.quantiles(np.array([0.5]))[0] - 0.15


def test_a_right_check_is_needed_to_be_used(found: Calibration) -> None:
    one = found.estimates[0]
    bad = replace(one, recovery=replace(one.recovery, p=0.005))
    assert bad.verdict == "uneven"
    assert replace(one, tail=0.001).verdict == "edge"
    assert bad not in replace(found, estimates=(bad,)).inferred


def test_nothing_after_the_window_matters(found: Calibration) -> None:
    question = asked()
    series = question.observations["B-A"]
    later = np.flatnonzero(series.ends > UNTIL.last)
    assert len(later) > 20
    shuffled = np.arange(len(series))
    shuffled[later] = np.random.default_rng(3).permutation(later)
    moved = replace(
        series,
        count=series.count[shuffled],
        other=np.where(series.ends > UNTIL.last, 9.0, series.other),
    )
    assert not np.array_equal(moved.count, series.count)
    again = calibrate(replace(question, observations=replace(question.observations, series={"B-A": moved})))
    for one, other in zip(found.estimates, again.estimates, strict=True):
        assert np.array_equal(one.score, other.score)
        assert np.array_equal(one.weight, other.weight)
        assert np.array_equal(one.recovery.ranks, other.recovery.ranks)


def test_what_comes_after_the_window_in_the_scenario_does_not_matter_either() -> None:
    question = asked()
    seen = window.watched(question.scenario, question.observations, UNTIL, {})
    assert seen.stop == WEEKS
    assert seen.span[1] <= str(UNTIL.last)


def test_the_same_bits_whatever_the_workers() -> None:
    question = asked()
    seen = window.watched(question.scenario, question.observations, UNTIL, {})
    free = learnable(question.scenario)
    one, two = (table(question.scenario, seen, free, BLOCK + 40, 1, workers) for workers in (1, 2))
    assert np.array_equal(one.summaries, two.summaries)
    assert np.array_equal(one.place, two.place)
    assert list(one.names) == list(observed(seen))


def test_a_file_that_the_scenario_cannot_make_is_named_as_such() -> None:
    question = asked()
    series = question.observations["B-A"]
    count = np.where(np.arange(len(series)) % 2 == 0, 40.0, 0.0)  # every other week, and much
    strange = replace(series, count=count)
    found = calibrate(replace(question, observations=replace(question.observations, series={"B-A": strange})))
    assert len(found.strange) > 5
    assert not found.fits
    assert not found.inferred


def test_pairs_are_found_by_their_actors() -> None:
    question = asked()
    assert window.named(question.scenario, question.observations, {}) == {"A-B": "B-A"}
    assert window.named(question.scenario, question.observations, {"A-B": "B-A"}) == {"A-B": "B-A"}
    other = replace(question.observations, series={"X-Y": question.observations["B-A"]})
    assert window.named(question.scenario, other, {"A-B": "X-Y"}) == {"A-B": "X-Y"}
    with pytest.raises(ObservationError, match="OURS=THEIRS"):
        window.named(question.scenario, other, {})
    with pytest.raises(ObservationError, match='no dyad "C-D"'):
        window.named(question.scenario, other, {"C-D": "X-Y"})


def test_a_pair_counts_from_the_week_after_its_first_hostile_report() -> None:
    question = asked()
    series = question.observations["B-A"]
    count = np.where(np.arange(len(series)) < 40, 0.0, np.maximum(series.count, 1.0))
    late = replace(question.observations, series={"B-A": replace(series, count=count)})
    assert window.watched(question.scenario, late, UNTIL, {}).starts.tolist() == [41]
    silent = replace(question.observations, series={"B-A": replace(series, count=np.zeros(len(series)))})
    with pytest.raises(ObservationError, match="no pair is reported on"):
        window.watched(question.scenario, silent, UNTIL, {})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"checks": 199}, "at least 200"),
        ({"draws": 900}, "give at least"),
        ({"window": Window(None, np.datetime64(date(2024, 6, 1)))}, "whole weeks"),
        ({"scenario": small(**dict.fromkeys(FREE, 0.4))}, "nothing to calibrate"),
    ],
)
def test_questions_that_cannot_be_calibrate(change: dict[str, object], message: str) -> None:
    with pytest.raises(ObservationError, match=message):
        calibrate(asked(**change))


def test_months_cannot_be_calibrated_on() -> None:
    question = asked()
    monthly = replace(question.observations["B-A"], step="month", counted=False)
    with pytest.raises(ObservationError, match="weekly counts"):
        calibrate(replace(question, observations=replace(question.observations, series={"B-A": monthly})))


def test_the_written_family_is_near_the_posterior_and_within_the_prior(found: Calibration) -> None:
    for one in found.estimates:
        q = one.written
        assert q.spread is not None
        near = INVERSES[q.spread](q, SHARES)
        width = np.ptp(one.before(SHARES))
        assert np.abs(near - one.quantiles(SHARES)).max() < 0.12 * width
        if one.prior.spread == "uniform":
            assert one.prior.low is not None
            assert one.prior.high is not None
            assert q.low is not None
            assert q.high is not None
            assert one.prior.low <= q.low <= q.high <= one.prior.high


def test_the_command_needs_one_window_and_a_file() -> None:
    runner = CliRunner()
    both = runner.invoke(main, ["calibrate", "baseline", "--observations", "x", "--until", "1997", "--train", ":1997"])
    assert both.exit_code == 2
    assert "not both" in both.output
    span = runner.invoke(main, ["calibrate", "baseline", "--observations", "x", "--until", "1996:1997"])
    assert span.exit_code == 2
    assert "--train" in span.output


def shown(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command as it is run from a shell."""
    with pytest.raises(SystemExit) as end:
        main.main(words)
    told = capsys.readouterr()
    return int(end.value.code or 0), told.out, told.err


def test_a_missing_file_says_what_to_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DETENTE_OBSERVATIONS", raising=False)
    code, _, err = shown(["calibrate", "history_1989_2003", "--observations", "none.csv"], monkeypatch, capsys)
    assert code == 3
    assert "DETENTE_OBSERVATIONS" in err


def written(tmp_path: Path) -> tuple[Path, Path]:
    """A runnable scenario file and a file of weekly events made by it."""
    from worlds import pair_tree

    tree = {k: v for k, v in pair_tree(WEEKS + 30).items() if k != "parameters"}
    tree["dyads"]["A-B"]["incident_rate"] = {"A": 1.0, "B": 0.8}
    tree["extends"] = "theatres/laws"
    tree["parameters"] = {
        "incidents": {path.split(".")[-1]: dict(q) for path, q in FREE.items() if ".incidents." in path}
    }
    scenario = tmp_path / "here.yaml"
    scenario.write_text(json.dumps(tree, default=str), encoding="utf-8")
    series = file_of(known(0.7), 5)["B-A"]
    rows = [f"B-A,{day},{int(n) + 1},{int(n)},{6.0 * n},0.0" for day, n in zip(series.dates, series.count, strict=True)]
    events = tmp_path / "events.csv"
    events.write_text("\n".join(["dyad,week,n,n_conf,conf,coop", *rows, ""]), encoding="utf-8")
    return scenario, events


def test_the_part_goes_into_a_scenario_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from detente.experiment.run import run
    from detente.scenario.load import load

    scenario, events = written(tmp_path)
    out = tmp_path / "learnt.yaml"
    words = ["calibrate", str(scenario), "--observations", str(events), "--until", str(UNTIL.last), "--draws", "1200"]
    words += ["--checks", "200", "--out", str(out)]
    code, told, err = shown([*words, "--json"], monkeypatch, capsys)
    assert code == 0, err
    record = json.loads(told)
    assert record["file"] == "events.csv"
    assert record["parameters"]
    assert all(p["sbc_p"] > 0.01 for p in record["parameters"])
    child = tmp_path / "child.yaml"
    child.write_text("extends: here\noverlay: ./learnt\ntitle: Child\n", encoding="utf-8")
    loaded = load(child)
    for entry in record["parameters"]:
        leaf = next(leaf for leaf in loaded.leaves() if leaf.path == entry["path"])
        assert (leaf.value, leaf.low, leaf.high) == tuple(entry["written"][k] for k in ("value", "low", "high"))
        assert leaf.source == ("est.calibration.here",)
        assert leaf.grade == "estimate"
    assert run(loaded.scenario, 8, weeks=5).sizes["member"] == 8
    text = out.read_text(encoding="utf-8")
    assert record["sha256"] in text
    assert "--train :" in text
    assert not list(tmp_path.glob(".*"))

    before = out.read_bytes()
    code, _, err = shown(words, monkeypatch, capsys)
    assert code == 2
    assert "--force" in err
    assert out.read_bytes() == before

    code, told, _ = shown([*words, "--force"], monkeypatch, capsys)
    assert code == 0
    assert out.read_bytes() == before
    assert "could have made this file" in told
    assert "Saved" in told
    assert "extends: here and overlay: ./learnt" in told


@pytest.mark.parametrize(
    ("name", "message", "ends"), [("x.txt", "ends in .yaml", 2), ("no/x.yaml", "there is no folder", 3)]
)
def test_places_where_no_part_can_go(
    name: str,
    message: str,
    ends: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scenario, events = written(tmp_path)
    words = ["calibrate", str(scenario), "--observations", str(events), "--out", str(tmp_path / name)]
    code, _, err = shown(words, monkeypatch, capsys)
    assert (code, message in err) == (ends, True)


COMMITTED = "history_open"


def test_the_committed_calibration_is_current(root: Path) -> None:
    """Stale? Run the command in docs/calibration.md again, with --json and --out."""
    from detente.scenario.load import load

    record = json.loads((root / "reports" / "calibration" / f"{COMMITTED}.json").read_text(encoding="utf-8"))
    scenario = load(root / "experiments" / "calibration" / f"{COMMITTED}.yaml")
    assert record["scenario_hash"] == scenario.hash
    assert record["fits"]
    assert record["checks"] >= 200
    assert all(p["sbc_p"] > 0.01 for p in record["parameters"])
    assert all(sum(p["sbc_histogram"]) == record["checks"] for p in record["parameters"])
    assert set(record["untold"]) | {p["path"] for p in record["parameters"] + record["not_used"]} == set(
        learnable(scenario.scenario)
    )
    assert record["discrepancy"]["summaries"] == DISCREPANCY


def test_the_committed_part_says_what_its_record_says(root: Path, tmp_path: Path) -> None:
    from detente.experiment.counts import require
    from detente.scenario.load import load

    record = json.loads((root / "reports" / "calibration" / f"{COMMITTED}.json").read_text(encoding="utf-8"))
    child = tmp_path / "child.yaml"
    child.write_text("extends: baseline\noverlay: theatres/balkans_1990s_posterior\ntitle: Child\n", encoding="utf-8")
    loaded = load(child)
    require(loaded.scenario)
    leaves = {leaf.path: leaf for leaf in loaded.leaves()}
    for entry in record["parameters"]:
        leaf = leaves[entry["path"]]
        assert (leaf.value, leaf.low, leaf.high, leaf.spread) == tuple(entry["written"].values())
        assert leaf.source == (f"est.calibration.{COMMITTED}",)


def test_no_shipped_scenario_extends_a_posterior(root: Path) -> None:
    for path in (root / "scenarios").glob("*.yaml"):
        assert "posterior" not in path.read_text(encoding="utf-8")


def test_the_committed_record_is_drawn(root: Path, tmp_path: Path) -> None:
    from detente.figures.lint import lint
    from detente.figures.posterior import draw, from_record
    from detente.figures.provenance import of_calibration
    from detente.figures.sheet import sheet

    record = json.loads((root / "reports" / "calibration" / f"{COMMITTED}.json").read_text(encoding="utf-8"))
    drawing = from_record(record)
    assert [row.shrinkage for row in drawing.rows] == sorted(
        (p["shrinkage"] for p in record["parameters"]), reverse=True
    )
    assert f"{len(record['parameters'])} of {drawing.uncertain}" in drawing.title
    assert lint(sheet(draw, drawing, of_calibration(record))) == []
    assert "outside what the scenario can produce" in from_record({**record, "fits": False}).title


@pytest.mark.slow
def test_the_committed_calibration_is_what_the_command_gives(
    root: Path, observations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads((root / "reports" / "calibration" / f"{COMMITTED}.json").read_text(encoding="utf-8"))
    words = ["calibrate", str(root / "experiments" / "calibration" / f"{COMMITTED}.yaml"), "--until", "1997-12-31"]
    words += ["--observations", str(observations / record["file"]), "--workers", "2", "--json"]
    code, told, err = shown(words, monkeypatch, capsys)
    assert code == 0, err
    again = json.loads(told)
    assert again["sha256"] == record["sha256"]
    for one, other in zip(record["parameters"], again["parameters"], strict=True):
        assert one["path"] == other["path"]
        assert other["posterior"] == pytest.approx(one["posterior"], rel=1e-6)
        assert other["sbc_histogram"] == one["sbc_histogram"]
