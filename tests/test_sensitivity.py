"""What matters: known indices through the whole path, the noise of replication, what does nothing, what would flip."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from SALib.analyze import morris as salib_morris
from SALib.analyze import sobol as salib_sobol

from detente.analysis.findings import findings
from detente.analysis.findings import sensitivity as told
from detente.analysis.robustness import flip, gaps, ridge, robustness, worlds
from detente.analysis.sensitivity import morris, ranges, sobol
from detente.analysis.theories import rivals
from detente.analysis.worlds import NotThisDesign, table
from detente.cli.experiment_words import sensitivity as terminal
from detente.experiment.design import Design
from detente.experiment.execute import execute
from detente.experiment.known import ishigami_indices
from detente.experiment.pools import Local
from detente.experiment.results import open_experiment
from detente.experiment.study import Setting, Study
from detente.figures.intervals import draw, of_sobol
from detente.figures.lint import lint
from detente.figures.sheet import sheet
from detente.report.experiment_words import sensitivity as sentences
from tests import known
from tests.experiment_functions import study

ISHIGAMI = {"factors": 3, "low": -np.pi, "high": np.pi}
LEVERS = tuple(
    Setting("here", levers=(("push", text),), changes=(("push", push),)) for text, push in (("on", 1.0), ("off", 0.0))
)


@pytest.fixture
def run(tmp_path: Path):
    """Run a study and open what it stored."""

    def go(what: Study):
        folder = tmp_path / f"{what.name}-{what.seed}-{what.members}-{what.designs[0].kind}"
        assert execute(what, folder, Local(1)).complete
        return open_experiment(folder)

    return go


@pytest.mark.parametrize(
    ("name", "fields", "truth"),
    [("ishigami", ISHIGAMI, ishigami_indices), ("g_function", {"factors": 8}, known.g_indices)],
)
def test_sobol_intervals_hold_the_known_indices(run, name, fields, truth) -> None:
    data = run(known.study(name, Design(kind="sobol", points=1024), **fields))
    rows, (first, total) = sobol(data, "y").rows, truth()
    for row, alone, with_others in zip(rows, first, total, strict=True):
        assert row.first_low <= alone <= row.first_high
        assert row.total_low <= with_others <= row.total_high
        assert row.total == pytest.approx(with_others, abs=0.03)


def test_sobol_agrees_with_salib(run) -> None:
    data = run(known.study("g_function", Design(kind="sobol", points=256), factors=8))
    problem = {"num_vars": 8, "names": [str(n) for n in range(8)], "bounds": [[0, 1]] * 8}
    theirs = salib_sobol.analyze(problem, data["y"].values[:, 0], calc_second_order=False, seed=1)
    ours = sobol(data, "y").rows
    assert [row.total for row in ours] == pytest.approx(theirs["ST"].tolist())
    # theirs centres on all rows, ours on those of A and B
    assert [row.first for row in ours] == pytest.approx(theirs["S1"].tolist(), abs=0.02)


def test_morris_agrees_with_salib(run) -> None:
    data = run(known.study("g_function", Design(kind="morris", points=12), factors=8))
    problem = {"num_vars": 8, "names": [str(n) for n in range(8)], "bounds": [[0, 1]] * 8}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = salib_morris.analyze(problem, data["unit"].values, data["y"].values[:, 0], num_levels=4, seed=1)
    ours = morris(data, "y").rows
    assert [row.mu_star for row in ours] == pytest.approx(np.asarray(theirs["mu_star"]).tolist())
    assert [row.mu for row in ours] == pytest.approx(np.asarray(theirs["mu"]).tolist())
    assert [row.sigma for row in ours] == pytest.approx(np.asarray(theirs["sigma"]).tolist())


def test_noise_of_replication_is_taken_off(run) -> None:
    """Chance with five times the function's spread, in eight members: uncorrected, total indices are far too high."""
    design = Design(kind="sobol", points=512)
    data = run(known.study("ishigami", design, members=8, noise=8.0, seed=3, **ISHIGAMI))
    found = sobol(data, "y", resamples=400)
    _, total = ishigami_indices()
    calm = run(known.study("ishigami", design, **ISHIGAMI))
    assert found.variance == pytest.approx(sobol(calm, "y").variance, rel=0.25)
    assert found.noise == pytest.approx(8.0 / (8.0 + found.variance), rel=0.3)
    assert found.chance > 0.8
    for row, truth in zip(found.rows, total, strict=True):
        assert row.total_low <= truth <= row.total_high
    assert sobol(calm, "y").noise == 0.0


@pytest.mark.parametrize("noise", [0.0, 40.0])
def test_where_chance_drowns_the_signal_no_share_is_told(run, noise: float) -> None:
    """Neither an interval of a thousand million nor a share of noise: the reason, and nothing else."""
    name, more = ("ishigami", {**ISHIGAMI, "noise": noise}) if noise else ("pure_chance", {"factors": 3})
    data = run(known.study(name, Design(kind="sobol", points=64), members=4, **more))
    found = sobol(data, "y")
    assert found.undefined.startswith("chance drowns what the parameters do: of the variance of the means")
    assert all(np.isnan([row.first, row.total, row.total_low, row.total_high]).all() for row in found.rows)
    as_told = told(data, "y")
    json.dumps(as_told, allow_nan=False)
    assert {row["total"] for row in as_told["rows"]} == {None}
    assert as_told["undefined"] in terminal(as_told, 12).replace("Chance", "chance", 1)
    assert sentences(as_told, "y") == [f"Shares of the variance of y cannot be told: {found.undefined}."]
    drawn = of_sobol(as_told, label="Known", measure=("y", ""))
    assert drawn.title == "Known: chance drowns what the parameters do to y"
    assert {mark for series in drawn.series for mark in series.marks} == {None}
    assert lint(sheet(draw, drawn, None)) == []


def test_where_nothing_moves_the_shares_are_nought(run) -> None:
    found = sobol(run(known.study("ishigami", Design(kind="sobol", points=16), factors=3, low=0.0, high=1e-12)), "y")
    assert found.undefined == ""


def test_what_does_nothing_is_named(run) -> None:
    for design in (Design(kind="sobol", points=16), Design(kind="morris", points=4)):
        data = run(known.study("ishigami", design, factors=5, low=-np.pi, high=np.pi))
        found = told(data, "y")
        assert found["inert"] == ["x4", "x5"]
        assert [row["path"] for row in found["rows"]][-2:] == ["x4", "x5"]


def test_one_at_a_time_gives_both_ends(run) -> None:
    data = run(study("centred", factors=2, design=Design(kind="one_at_a_time"), members=1))
    first, second = ranges(data, "y")
    assert (first.low_value, first.high_value) == (0.0, 1.0)
    # at one half the g function's factor x1 is 0, so everything is 0; at the ends it is 2 · Π a/(1 + a)
    expected = 2 * np.prod([a / (1 + a) for a in known.G[1:]])
    assert (first.low_change, first.high_change) == pytest.approx((expected, expected))
    assert second.inert
    assert not first.inert


def test_an_analysis_that_does_not_fit_the_design_says_so(run) -> None:
    data = run(known.study("ishigami", Design(kind="latin_hypercube", points=8), **ISHIGAMI))
    with pytest.raises(NotThisDesign, match="needs a sobol design; the experiment has latin_hypercube"):
        sobol(data, "y")
    with pytest.raises(NotThisDesign, match="what matters needs"):
        told(data, "y")
    with pytest.raises(NotThisDesign, match='no values of "z" by member: it has y'):
        table(data, "z")


def test_robustness_and_regret_of_two_settings(run) -> None:
    data = run(study("levered", factors=1, points=50, members=4, settings=LEVERS))
    on, off = robustness(data, "y", limit=10.0)
    x = data["value"].values[data["setting"].values == 0, 0]
    assert on.best == pytest.approx((x <= 0.8).mean())
    assert off.best == pytest.approx((x >= 0.8).mean())
    assert off.mean_regret == pytest.approx(np.maximum(0.8 - x, 0).mean())
    assert on.worst_regret == pytest.approx(max(x.max() - 0.8, 0))
    assert off.change is not None
    assert off.change.change == pytest.approx(0.3, abs=0.02)
    assert off.change.verdict == "higher"
    assert on.change is None
    assert off.regret_low < off.mean_regret < off.regret_high
    assert worlds(data, "y") == 50 * 4
    assert gaps(data, "y", *(option.label for option in (on, off))) == pytest.approx(0.8 - x)


def test_levers_are_told_one_by_one_over_the_others(run) -> None:
    settings = tuple(
        Setting("here", levers=(("a", "on" if a else "off"), ("b", "on" if b else "off")), changes=(("a", a), ("b", b)))
        for a in (0, 1)
        for b in (0, 1)
    )
    data = run(study("two_levers", factors=1, points=10, members=8, settings=settings))
    found = findings(data, "y")
    assert {(e["lever"], e["value"]): round(e["change"]["change"], 9) for e in found["effects"]} == {
        ("a", "on"): -1.5,
        ("b", "on"): -2.5,
    }
    assert [flip["lower"] for flip in found["flips"]] == ["a: on; b: on"] * 3
    assert [flip["higher"] for flip in found["flips"]] == ["a: off; b: on", "a: on; b: off", "a: off; b: off"]


def test_the_smallest_change_that_reverses_a_ranking_is_found(run) -> None:
    data = run(study("levered", factors=3, points=200, members=4, settings=LEVERS))
    found = flip(data, "y", 1, 0)
    assert found.lower == "push: on"
    assert found.share == pytest.approx(0.2, abs=0.01)
    assert found.fit > 0.9
    move = found.moves[0]
    assert move.path == "x1"
    assert move.value == pytest.approx(0.8, abs=0.05)
    assert move.inside
    assert found.distance == pytest.approx(0.84, abs=0.15)  # the 80th percentile of the standard normal
    assert "x1 from 0.5" in found.sentence


def test_no_reversal_is_told_where_nothing_explains_the_difference(run) -> None:
    data = run(study("levered", factors=2, points=30, members=4, settings=LEVERS, metrics=("y", "flat")))
    same = flip(data, "flat", 0, 1)
    assert same.distance is None
    assert same.sentence.endswith("are the same in every sample of the parameters.")
    noise = data.assign(flat=data["flat"] + np.random.default_rng(1).normal(size=data["flat"].shape))
    unexplained = flip(noise, "flat", 0, 1)
    assert unexplained.distance is None
    assert "No simple change" in unexplained.sentence


def test_ridge_finds_a_line_and_admits_noise() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(80, 30))
    fit, level, slopes = ridge(x, 1.0 + x[:, 0] * 2.0 + rng.normal(0, 0.1, 80))
    assert fit > 0.95
    assert level == pytest.approx(1.0, abs=0.1)
    assert slopes[0] == pytest.approx(2.0, abs=0.1)
    assert ridge(x, rng.normal(size=80))[0] < 0.2


def theory_study() -> Study:
    """Under one theory the lever lowers, under the other it raises, under the third it does nothing."""
    effects = {"mild": 1.0, "perverse": -1.0, "none": 0.0}
    settings = [
        Setting("here", theory, (("push", text),), (("push", push * effects[theory]),))
        for theory in effects
        for text, push in (("off", 0.0), ("on", 1.0))
    ]
    info = {"theory_labels": dict(zip(effects, ("Mild", "Perverse", "None"), strict=True))}
    info["theory_weights"] = {"mild": 2.0, "perverse": 1.0, "none": 1.0}
    return study("levered", factors=1, points=40, members=4, settings=tuple(settings), info=info)


def test_rival_theories_are_told_apart_and_averaged(run) -> None:
    data = run(theory_study())
    (found,) = rivals(data, "y")
    verdicts = {row.theory: row.difference.verdict for row in found.rows}
    assert verdicts == {"mild": "lower", "perverse": "higher", "none": "identical"}
    assert [row.weight for row in found.rows] == [0.5, 0.25, 0.25]
    mild = found.rows[0].difference.change
    assert found.average.change == pytest.approx(0.25 * mild)
    assert found.verdict == "depends on the theory"
    assert "lower under Mild; higher under Perverse; identical under None" in found.sentence


def test_a_ladder_is_told_step_by_step(run) -> None:
    values = (0.0, 1.0, 4.0)
    settings = tuple(Setting("here", changes=(("push", v),), levers=(("push", str(v)),)) for v in values)
    found = findings(run(study("paired", factors=0, settings=settings, members=64)), "y")
    assert [(step["before"], step["after"]) for step in found["steps"]] == [("0.0", "1.0"), ("1.0", "4.0")]
    sizes = [step["change"]["change"] for step in found["steps"]]
    assert found["bend"]["change"] == pytest.approx(sizes[1] - sizes[0])
    assert sum(sizes) == pytest.approx(found["options"][2]["change"]["change"])


def test_findings_hold_what_the_design_allows(run) -> None:
    found = findings(run(theory_study()), "y")
    assert found.keys() == {"metric", "unit", "design", "options", "worlds", "rivals", "flips"}
    alone = findings(run(known.study("ishigami", Design(kind="morris", points=4), **ISHIGAMI)), "y")
    assert alone.keys() == {"metric", "unit", "design"}
