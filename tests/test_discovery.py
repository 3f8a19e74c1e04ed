"""Scenario discovery: a planted box is found and told in plain words; where there is none, none is reported."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.analysis.discovery import REPRODUCED, discover, find, measured, paste, peel
from detente.analysis.happening import cases
from detente.analysis.worlds import NotThisDesign
from detente.experiment.design import Design
from detente.experiment.execute import execute
from detente.experiment.pools import Local
from detente.experiment.results import open_experiment
from detente.experiment.study import Setting, Study
from tests import known
from tests.experiment_functions import study

PATHS = [f"x{n + 1}" for n in range(6)]


def through_the_runner(tmp_path: Path, what: Study) -> tuple[np.ndarray, np.ndarray]:
    assert execute(what, tmp_path / what.name, Local(1)).complete
    data = open_experiment(tmp_path / what.name)
    return data["value"].values, data["y"].values.mean(axis=1)


def hypercube(name: str, points: int, seed: int = 1) -> Study:
    return known.study(name, Design(kind="latin_hypercube", points=points), factors=6, seed=seed)


def test_a_planted_box_is_found(tmp_path: Path) -> None:
    found = discover(*through_the_runner(tmp_path, hypercube("planted_box", 800)), PATHS, seed=2)
    assert [limit.path for limit in found.limits] == list(known.BOX)
    low, high = found.limits
    assert low.low == pytest.approx(0.6, abs=0.04)
    assert low.high is None
    assert high.high == pytest.approx(0.45, abs=0.04)
    assert found.reproduced >= REPRODUCED
    assert found.density == pytest.approx(known.INSIDE, abs=0.06)
    assert found.density_unseen == pytest.approx(known.INSIDE, abs=0.08)
    assert found.density_outside == pytest.approx(known.OUTSIDE, abs=0.03)
    assert found.coverage > 0.75


def test_the_sentence_says_what_was_found(tmp_path: Path) -> None:
    found = discover(*through_the_runner(tmp_path, hypercube("planted_box", 800)), PATHS, seed=2)
    low, high = found.limits
    assert found.sentence.startswith(f"When x1 is at least {low.low:.3g} and x3 is at most {high.high:.3g}, ")
    assert f"{round(100 * found.density)} in 100 cases see crisis" in found.sentence


def test_shares_of_runs_are_not_called_cases() -> None:
    x = np.random.default_rng(1).uniform(size=(400, 2))
    told = discover(x, np.where(x[:, 0] > 0.7, 0.5, 0.0), ["a", "b"], resamples=10)
    assert told.counted == "runs"
    assert "50 in 100 runs see crisis" in told.sentence
    assert told.density_unseen == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chance_alone_gives_no_box(tmp_path: Path, seed: int) -> None:
    found = discover(*through_the_runner(tmp_path, hypercube("pure_chance", 400, seed)), PATHS, resamples=30)
    assert found.limits == ()
    assert found.reproduced < REPRODUCED
    assert found.sentence.startswith("No box of conditions")


def test_a_box_on_few_cases_that_does_not_come_back_is_not_reported() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((60, 12))
    y = (rng.random(60) < 0.15).astype(float)
    assert discover(x, y, [str(n) for n in range(12)], resamples=30).limits == ()


def test_shares_count_as_well_as_yes_and_no() -> None:
    rng = np.random.default_rng(3)
    x = rng.random((500, 4))
    y = np.where((x[:, 1] < 0.3), 0.8, 0.05)
    found = discover(x, y, list("abcd"), resamples=20)
    assert [limit.path for limit in found.limits] == ["b"]
    assert found.limits[0].high == pytest.approx(0.3, abs=0.03)


@given(st.integers(0, 2**32 - 1))
def test_every_peel_lies_in_the_one_before_and_is_denser(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.random((120, 3)), (rng.random(120) < 0.3).astype(float)
    trajectory = peel(x, y)
    for outer, inner in itertools.pairwise(trajectory):
        assert (inner.low >= outer.low).all()
        assert (inner.high <= outer.high).all()
        assert inner.density > outer.density
        assert inner.mass >= 0.05


def test_pasting_never_thins_the_box() -> None:
    rng = np.random.default_rng(5)
    x = rng.random((400, 2))
    y = (x[:, 0] > 0.5).astype(float)
    tight = measured(np.array([0.7, -np.inf]), np.array([np.inf, 0.5]), x, y)
    wider = paste(tight, x, y)
    assert wider.density >= tight.density


def test_a_restriction_that_luck_explains_is_dropped() -> None:
    rng = np.random.default_rng(6)
    x = rng.random((300, 5))
    y = (x[:, 2] > 0.6).astype(float)
    box, _ = find(x, y)
    assert box.restricted == (2,)


def test_chosen_values_are_columns_with_words(tmp_path: Path) -> None:
    settings = tuple(Setting("here", levers=(("push", text),), changes=(("push", n),)) for n, text in enumerate("abc"))
    what = study("levered", factors=1, points=20, members=1, settings=settings, info={"lever_labels": {"push": "Push"}})
    execute(what, tmp_path / "out", Local(1))
    space = cases(open_experiment(tmp_path / "out"))
    assert space.paths == ["x1", "lever_push"]
    assert space.labels == ["x1", "Push"]
    assert space.shown(1, 2.0) == "c"
    assert set(space.values[:, 1]) == {0.0, 1.0, 2.0}


def test_choices_are_told_by_name() -> None:
    rng = np.random.default_rng(4)
    x = np.stack([rng.random(600), rng.integers(0, 3, 600).astype(float)], axis=1)
    y = (x[:, 1] >= 1).astype(float)
    found = discover(x, y, ["a", "b"], ["A", "Strength"], resamples=10, chosen={1: ["full", "half", "none"]})
    assert found.sentence.startswith("When Strength is half or none, 100 in 100 cases see crisis; outside, fewer than ")


def test_cases_need_every_factor_sampled(tmp_path: Path) -> None:
    what = study("centred", factors=2, design=Design(kind="one_at_a_time"), members=1)
    execute(what, tmp_path / "out", Local(1))
    with pytest.raises(NotThisDesign, match="latin_hypercube"):
        cases(open_experiment(tmp_path / "out"))
