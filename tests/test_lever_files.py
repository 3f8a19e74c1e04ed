"""Scenarios combined from several files, split over these: exact, with what they do together, or told why not."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
import xarray as xr

from detente.analysis.attribution import Attribution, attribute
from detente.analysis.lever_files import MOST, by_file, own
from detente.analysis.levers import NoMixture, levers
from detente.figures import lint, waterfall
from detente.figures.gallery import of_levers
from detente.scenario.load import Loaded, load
from detente.scenario.schema import Scenario
from tests import scenario_data
from tests.analysis_data import result

CUT = "missions: {watch: {troops: 100}}\n"
CALM = "parameters: {hostility: {volatility: 0.1}}\n"
TEA = "acts: {tea: {kind: visit, date: 2024-09-02, title: A visit, by: POW, to: ALF, size: 5}}\n"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    scenario_data.write(folder)
    parts = {"cut": f"title: A cut\n{CUT}", "calm": f"title: Calm (disputed)\n{CALM}", "tea": TEA}
    for name, text in parts.items():
        (folder / f"{name}.yaml").write_text(f"extends: small\n{text}", encoding="utf-8")
    for size in (2, 3):
        for names in combinations(parts, size):
            text = f"extends: [{', '.join(names)}]\ntitle: Several\n"
            (folder / f"{'_'.join(names)}.yaml").write_text(text, encoding="utf-8")
    (folder / "over.yaml").write_text("extends: cut\ntitle: Over\n" + TEA, encoding="utf-8")
    (folder / "bound.yaml").write_text("extends: tea\ntitle: Bound\nacts: {tea: {size: 3}}\n", encoding="utf-8")
    (folder / "dropped.yaml").write_text("extends: [cut, tea]\ntitle: Dropped\nacts: {tea: null}\n", encoding="utf-8")
    many = [f"small_{n}" for n in range(MOST + 1)]
    for n, name in enumerate(many):
        (folder / f"{name}.yaml").write_text(f"extends: small\nacts: {{a{n}: {TEA.partition('tea: ')[2]}", "utf-8")
    (folder / "many.yaml").write_text(f"extends: [{', '.join(many)}]\ntitle: Many\n", encoding="utf-8")
    return folder


def given(shelf: Path, name: str) -> Loaded:
    return load(shelf / f"{name}.yaml")


def simulate(scenario: Scenario) -> xr.Dataset:
    """A stand-in for the model: a cut that calm softens, and a visit that does nothing."""
    cut, calm = scenario.missions["watch"].troops.value == 100, scenario.parameters.hostility.volatility.value == 0.1
    push = {("A-B", "vacuum"): 0.3 * cut, ("A-C", "hostility"): -0.05 * calm - 0.1 * cut * calm}
    return result(scenario.name, push=push, members=40, weeks=30, attrs={"title": scenario.title})


def split(shelf: Path, name: str, metric: str = "mean") -> Attribution:
    base, other = given(shelf, "small"), given(shelf, name)
    parts = by_file(base, other, members=40)
    return attribute(base.scenario, other.scenario, simulate, metric, parts=parts)


def test_the_files_of_a_scenario_are_its_levers_by_their_titles(shelf: Path) -> None:
    base, other = given(shelf, "small"), given(shelf, "cut_calm_tea")
    assert [file.path.stem for file in own(base, other)] == ["cut", "calm", "tea"]
    assert [lever.label for lever in by_file(base, other, 8).levers] == ["A cut", "Calm (disputed)", "tea"]


def test_every_mixture_is_the_scenario_that_extends_those_files(shelf: Path) -> None:
    base, other = given(shelf, "small"), given(shelf, "cut_calm_tea")
    parts = by_file(base, other, 8)
    for size in range(4):
        for chosen in combinations(parts.levers, size):
            name = "_".join(lever.key for lever in chosen) or "small"
            assert levers(parts.mixed(chosen), given(shelf, name).scenario) == [], name


def test_two_and_three_files_are_split_exactly_with_what_they_do_together(shelf: Path) -> None:
    for name, ensembles in (("cut_calm", 4), ("cut_calm_tea", 8)):
        found = split(shelf, name)
        assert (found.method, found.ensembles, found.of_files) == ("exact", ensembles, True)
        assert found.residual == pytest.approx(0, abs=1e-9)
        assert found.together is not None
        assert found.together.verdict == "lower"
        alone = sum(share.alone for share in found.shares if share.alone is not None)
        assert found.together.change == pytest.approx(found.total.change - alone)
        assert found.interaction == found.together.change
        assert all(share.difference.ci_low <= share.difference.change for share in found.shares)
    assert [share.lever.key for share in found.unimportant] == ["tea"]


def test_files_that_do_not_touch_each_other_do_nothing_together(shelf: Path) -> None:
    found = split(shelf, "cut_tea")
    assert found.together is not None
    assert found.together.change == pytest.approx(0, abs=1e-9)


def test_a_file_that_states_something_over_another_is_a_lever_too(shelf: Path) -> None:
    assert [lever.key for lever in by_file(given(shelf, "small"), given(shelf, "over"), 8).levers] == ["over", "cut"]


@pytest.mark.parametrize(
    ("base", "other", "reason"),
    [
        ("small", "cut", "it lays one file over small"),
        ("small", "small", "it lays no file over small"),
        ("calm", "cut_tea", "without cut, tea it is not calm: it does not extend that scenario"),
        ("small", "many", "it lays 7 files over small: 128 ensembles of 200 members are 25\N{NO-BREAK SPACE}600 runs"),
    ],
)
def test_what_does_not_split_says_why(shelf: Path, base: str, other: str, reason: str) -> None:
    with pytest.raises(NoMixture) as caught:
        by_file(given(shelf, base), given(shelf, other), members=200)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("name", ["bound", "dropped"])
def test_a_file_that_cannot_stand_without_another_is_told(shelf: Path, name: str) -> None:
    with pytest.raises(NoMixture, match="without the other files make no scenario"):
        split(shelf, name)


@pytest.mark.parametrize("metric", ["mean", "crisis"])
def test_the_waterfall_adds_up_and_keeps_what_makes_a_label_fair(shelf: Path, metric: str) -> None:
    found = split(shelf, "cut_calm_tea", metric)
    base, other = (simulate(given(shelf, name).scenario) for name in ("small", "cut_calm_tea"))
    data = waterfall.of_levers(base, other, found)
    times = 100 if metric == "crisis" else 1
    moved = sum(step.value for step in data.numbers["steps"])
    assert moved == pytest.approx(times * found.total.change, abs=1e-6)
    assert {"A cut", "Calm (disputed)", "tea"} < set(data.rows)
    assert ("in 100" in data.subtitle) == (metric == "crisis")
    figure = of_levers(base, other, found).figure()
    assert lint.lint(figure) == []
