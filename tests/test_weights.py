"""What the weights of the index are worth: shares that sum to one, pillars that move together, the page on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from detente.analysis import weights as effective
from detente.analysis.pairing import pair
from detente.cli import main
from detente.experiment.run import run
from detente.index.formula import PILLARS
from detente.scenario.load import load
from tests import scenario_data

PAGE = Path(__file__).resolve().parent.parent / "docs" / "weights.md"
SIZE = ("--members", "16")
VISIT = "{kind: visit, date: 2024-09-02, title: A visit, by: POW, to: ALF, size: 5}"
INDEX = "parameters:\n  index:\n" + "".join(f"    {p}: {{calm: 0, clash: 10, weight: 0.2}}\n" for p in PILLARS)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a theatre in which every pillar counts, and two more scenarios of it, one on another ruler."""
    folder = tmp_path_factory.mktemp("weights")
    scenario_data.write(folder)
    ruler = "parameters: {index: {hostility: {calm: 0, clash: 5, weight: 0.2}}}"
    texts = {"base": f"extends: small\ntitle: Base\n{INDEX}", "tea": f"extends: base\ntitle: Tea\nacts: {{t: {VISIT}}}"}
    texts["ruler"] = f"extends: base\ntitle: Ruler\n{ruler}"
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text + "\n", encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("DETENTE_SCENARIOS", str(place))


def told(*words: str) -> Any:
    done = CliRunner().invoke(main, ["scenarios", "weights", *words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_shares_are_those_of_the_variance() -> None:
    rng = np.random.default_rng(1)
    alone, other = rng.normal(size=(2, 10_000))
    points = np.stack([2 * alone, other, np.ones(10_000)])
    assert effective.shared(points) == pytest.approx([0.8, 0.2, 0.0], abs=0.02)
    assert effective.shared(points).sum() == pytest.approx(1)
    against = np.stack([alone, -0.5 * alone])
    assert effective.shared(against) == pytest.approx([2.0, -1.0])


def test_what_does_not_vary_has_no_share_and_no_correlation() -> None:
    still = np.ones((2, 5))
    assert (effective.shared(still) == 0).all()
    assert (effective.correlated(still) == 0).all()


def test_pillars_that_move_together_are_named() -> None:
    line = np.linspace(0, 1, 50)
    apart = np.cos(7 * line)
    matrix = effective.correlated(np.stack([line, -2 * line, apart]))
    none = effective.correlated(np.stack([line, apart, apart**2]))
    weights = tuple(effective.Weight(name, 1 / 3, 1 / 3, 1 / 3, 1 / 3, None) for name in ("a", "b", "c"))
    ((one, two, size),) = effective.Audit(weights, matrix, none * 0, {}).redundant
    assert (one, two) == ("a", "b")
    assert size == pytest.approx(-1)


def test_shares_sum_to_one_and_nominal_weights_are_those_of_the_scenario() -> None:
    found = told("base", "tea", *SIZE)
    assert [row["pillar"] for row in found["weights"]] == list(PILLARS)
    for key in ("nominal", "level", "pairs", "paths", "scenarios"):
        assert sum(row[key] for row in found["weights"]) == pytest.approx(1), key
    assert [row["nominal"] for row in found["weights"]] == pytest.approx([1 / len(PILLARS)] * len(PILLARS))


def test_what_tells_scenarios_apart_is_their_difference_by_pillar(place: Path) -> None:
    found = told("base", "tea", *SIZE)
    mine, yours = pair(*(run(load(place / f"{name}.yaml").scenario, 16, seed=1) for name in ("base", "tea")))
    apart = effective.contributions(yours) - effective.contributions(mine)
    assert found["changes"]["tea"] == pytest.approx(dict(zip(PILLARS, apart, strict=True)))
    shares = [row["scenarios"] for row in found["weights"]]
    assert shares == pytest.approx(list(apart / apart.sum()))


def test_without_names_all_scenarios_on_the_same_ruler_are_held_against_it() -> None:
    found = told("base", *SIZE)
    assert set(found["changes"]) == {"tea"}


def test_a_scenario_with_nothing_beside_it_has_no_share_between_scenarios(place: Path) -> None:
    assert {row["scenarios"] for row in told("ruler", *SIZE)["weights"]} == {None}


def test_the_page_says_how_it_was_made(tmp_path: Path) -> None:
    told("base", "tea", *SIZE, "--out", str(tmp_path / "weights.md"))
    text = (tmp_path / "weights.md").read_text(encoding="utf-8")
    assert "detente scenarios weights base tea --members 16 --seed 1 --out docs/weights.md" in text
    assert all(f"| {pillar} |" in text for pillar in PILLARS)


def test_the_page_in_the_documents_is_of_the_baseline_and_whole() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "detente scenarios weights baseline" in text
    rows = [line.replace("−", "-") for line in text.splitlines() if re.match(r"\| [a-z]+ \| \d", line)]
    assert [row.split()[1] for row in rows] == list(PILLARS)
    shares = np.array([re.findall(r"-?\d+", row) for row in rows], dtype=int)
    assert np.abs(shares.sum(axis=0) - 100).max() <= 3  # rounding
