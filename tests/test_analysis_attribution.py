"""The split of a difference over its causes: sums, symmetry, inert levers, sampled orders; the levers themselves."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from detente.analysis import shapley
from detente.analysis.attribution import attribute
from detente.analysis.levers import hybrid, levers
from detente.scenario.load import load
from detente.scenario.quantity import Use
from detente.scenario.schema import SECTIONS, Scenario
from detente.scenario.shape import fields
from tests import scenario_data
from tests.analysis_data import result

with TemporaryDirectory() as folder:
    BASE = load(scenario_data.write(Path(folder))).scenario
MISSION, ACT = "watch", "visit"


def changed(change: Callable[[dict], None]) -> Scenario:
    data = BASE.model_dump()
    change(data)
    return Scenario.model_validate(data)


def scaled(data: dict, *path: str, by: float) -> None:
    *to, last = path
    for key in to:
        data = data[key]
    data[last]["value"] *= by
    for end in ("low", "high"):
        if data[last][end] is not None:
            data[last][end] *= by


def three_levers(data: dict) -> None:
    scaled(data, "missions", MISSION, "troops", by=0.5)
    scaled(data, "parameters", "hostility", "volatility", by=0.5)
    data["acts"].pop(ACT)


def simulate(scenario: Scenario) -> xr.Dataset:
    """A stand-in for the model: two levers that reinforce each other, a third that does nothing."""
    troops = scenario.missions[MISSION].troops.value / BASE.missions[MISSION].troops.value
    volatility = scenario.parameters.hostility.volatility.value / BASE.parameters.hostility.volatility.value
    cut, calm = 1 - troops, 1 - volatility
    push = {("A-B", "vacuum"): 0.3 * cut, ("A-C", "hostility"): -0.2 * calm + 0.4 * cut * calm}
    return result(scenario.name, push=push, members=40, weeks=30)


# Shapley values

games = st.integers(1, 5).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.floats(-100, 100), min_size=2**n, max_size=2**n))
)


def worth(n: int, numbers: list[float]) -> shapley.Value[int]:
    table = dict(zip(shapley.coalitions(range(n)), np.array(numbers), strict=True))
    return lambda chosen: np.asarray(table[chosen])


@given(games)
def test_exact_shares_sum_to_the_difference(game: tuple[int, list[float]]) -> None:
    n, numbers = game
    value = worth(n, numbers)
    total = value(frozenset(range(n))) - value(frozenset())
    assert sum(shapley.exact(range(n), value).values()) == pytest.approx(total, abs=1e-9)


@given(games, st.integers(0, 99))
def test_sampled_orders_sum_to_the_difference_whatever_was_drawn(game: tuple[int, list[float]], seed: int) -> None:
    n, numbers = game
    value = worth(n, numbers)
    drawn = shapley.sampled(range(n), value, 2, np.random.default_rng(seed))
    total = value(frozenset(range(n))) - value(frozenset())
    np.testing.assert_allclose(sum(drawn.values()), np.full(2, total), atol=1e-9)


@given(games)
def test_exact_shares_are_the_mean_over_all_orders(game: tuple[int, list[float]]) -> None:
    from itertools import permutations

    n, numbers = game
    value = worth(n, numbers)
    orders = [shapley.marginals(order, value) for order in permutations(range(n))]
    shares = shapley.exact(range(n), value)
    for player in range(n):
        mean = sum(order[player] for order in orders) / factorial(n)
        assert shares[player] == pytest.approx(mean, abs=1e-9)


def test_a_player_who_adds_nothing_gets_exactly_nothing() -> None:
    value: shapley.Value[str] = lambda chosen: np.asarray(float("a" in chosen) * (1 + 2 * ("b" in chosen)))  # noqa: E731
    shares = shapley.exact("abc", value)
    assert shares["c"] == 0
    assert shares["a"] == 2  # 1 alone, and half of what it makes together with b
    assert shares["b"] == 1


# levers


def test_equal_scenarios_have_no_levers() -> None:
    assert levers(BASE, changed(lambda data: data.update(title="Another", name="other"))) == []


def test_each_change_is_one_lever() -> None:
    found = levers(BASE, changed(three_levers))
    assert {lever.key for lever in found} == {
        f"missions.{MISSION}.troops",
        "parameters.hostility.volatility",
        f"acts.{ACT}",
    }
    assert next(lever.label for lever in found if lever.key.startswith("acts")).startswith("drops “")
    assert "persons → " in next(lever.label for lever in found if lever.key.startswith("missions"))


def test_every_part_of_a_scenario_is_a_lever_or_known_not_to_be() -> None:
    parts = {name for name, field in fields(Scenario).items() if field.use == Use.MODEL}
    assert parts == {*SECTIONS, "parameters", "calendar"}


def test_documentation_is_no_lever() -> None:
    def annotate(data: dict) -> None:
        data["missions"][MISSION]["note"] = "new"
        data["acts"][ACT]["title"] = "Other words"
        data["missions"][MISSION]["troops"]["source"] = ()
        data["calendar"]["documented_until"] = data["calendar"]["start"]

    assert levers(BASE, changed(annotate)) == []


def test_moving_all_levers_gives_the_other_scenario() -> None:
    other = changed(three_levers)
    found = levers(BASE, other)
    assert levers(hybrid(BASE, other, found), other) == []
    assert hybrid(BASE, other, []) is BASE
    assert levers(BASE, hybrid(BASE, other, found[:1])) == found[:1]


def test_a_lever_can_be_moved_back() -> None:
    other = changed(three_levers)
    back = levers(other, BASE)
    assert levers(hybrid(other, BASE, back), BASE) == []


def test_a_new_thing_and_the_act_that_names_it_are_one_lever() -> None:
    def found_pact(data: dict) -> None:
        first = next(iter(data["pacts"].values()))
        data["pacts"]["novel"] = {**first, "in_force": None}
        data["acts"]["novel_signed"] = {
            "kind": "pact",
            "pact": "novel",
            "date": BASE.calendar.end,
            "title": "Signed",
            "chance": {"value": 1},
        }
        data["acts"].pop(ACT)

    grouped = levers(BASE, changed(found_pact))
    assert sorted(len(lever.paths) for lever in grouped) == [1, 2]


def test_other_calendars_are_refused() -> None:
    with pytest.raises(ValueError, match="different dates"):
        levers(BASE, changed(lambda data: data["calendar"].update(end=BASE.calendar.documented_until)))


# attribution


def test_the_split_is_exact_and_names_what_did_not_matter() -> None:
    found = attribute(BASE, changed(three_levers), simulate)
    assert found.method == "exact"
    assert found.ensembles == 8
    assert found.residual == pytest.approx(0, abs=1e-9)
    shares = {share.lever.key: share for share in found.shares}
    assert shares[f"missions.{MISSION}.troops"].matters
    assert shares[f"missions.{MISSION}.troops"].sampling_error == 0
    assert [share.lever.key for share in found.unimportant] == [f"acts.{ACT}"]
    assert found.unimportant[0].inert
    assert found.interaction is not None
    assert abs(found.interaction) > 0.1


def test_pillars_and_dyads_sum_to_the_same_difference() -> None:
    found = attribute(BASE, changed(three_levers), simulate)
    assert sum(part.difference.change for part in found.pillars) == pytest.approx(found.total.change, abs=1e-9)
    assert sum(change for _, _, change in found.dyads) == pytest.approx(found.total.change, abs=1e-9)


@pytest.mark.parametrize("metric", ["crisis", "max", "dyad:A-B", "behaviour"])
def test_every_metric_can_be_attributed(metric: str) -> None:
    found = attribute(BASE, changed(three_levers), simulate, metric)
    assert found.residual == pytest.approx(0, abs=1e-9)


def test_sampled_orders_agree_with_the_exact_split_within_their_error() -> None:
    other = changed(three_levers)
    exact = {share.lever.key: share for share in attribute(BASE, other, simulate).shares}
    sampled = attribute(BASE, other, simulate, exact_up_to=2, pairs=6)
    assert sampled.method == "12 sampled orders"
    assert sampled.residual == pytest.approx(0, abs=1e-9)
    for share in sampled.shares:
        off = abs(share.difference.change - exact[share.lever.key].difference.change)
        assert off <= 3 * share.sampling_error + 1e-9
    assert [share.lever.key for share in sampled.unimportant] == [f"acts.{ACT}"]


def test_each_mixture_is_run_once() -> None:
    asked: list[str] = []

    def counted(scenario: Scenario) -> xr.Dataset:
        asked.append(scenario.model_dump_json())
        return simulate(scenario)

    found = attribute(BASE, changed(three_levers), counted, exact_up_to=0, pairs=4)
    assert len(asked) == found.ensembles <= 8


def test_nothing_changed_is_attributed_to_nothing() -> None:
    found = attribute(BASE, changed(lambda data: data.update(title="Copy")), simulate)
    assert found.shares == ()
    assert found.total.verdict == "identical"
    assert found.residual == 0


def test_the_record_is_json() -> None:
    import json

    told = attribute(BASE, changed(three_levers), simulate).as_dict()
    assert json.loads(json.dumps(told, allow_nan=False))["ensembles"] == 8
    assert sum(lever["change"] for lever in told["levers"]) == pytest.approx(told["total"]["change"])
