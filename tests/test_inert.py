"""Inert numbers are found, used ones are not accused; of the baseline only known levers move nothing."""

import numpy as np
import pytest
from worlds import act, eventful, pair, village

from detente.experiment import inert
from detente.laws.acts import ACTS
from detente.scenario.load import load
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario
from detente.scenario.values import quantities


def still(scenario: Scenario, *paths: str) -> list[str]:
    """Those of the numbers at ``paths`` that move nothing."""
    held = {h.path: h.quantity for h in quantities(scenario)}
    return inert.unresponsive(scenario, {path: held[path] for path in paths})


UNUSED = [
    "actors.P.spending",  # a power without dyads arms against nobody
    "missions.watch.contributors.P",  # no act takes it out
    "parameters.acts.rhetoric",  # nobody speaks
    "parameters.index.weight_concentration",
    "parameters.missions.linear_dose",  # a rival theory's, not switched on
]
USED = [
    "actors.A.alignment",
    "actors.A.spending",
    "actors.P.backing.B",
    "bases.port.investment",
    "dyads.A-B.weight",
    "dyads.B-C.resting_hostility.B",
    "pacts.answer.reliability",
    "parameters.alliances.echo",
    "parameters.hostility.inertia",
    "parameters.index.diplomacy.clash",
    "parameters.index.exponent",
    "parameters.index.growth_reference",
    "programmes.jets.value",
]


def test_what_nobody_uses_is_found_and_what_is_used_is_not_accused() -> None:
    assert still(village(weeks=20), *UNUSED, *USED) == UNUSED


def test_acts_bring_their_numbers_to_life() -> None:
    paths = [f"parameters.acts.{name}" for name, _ in ACTS.numbers()]
    assert still(village(weeks=10), *paths) == paths
    assert still(eventful(weeks=45), *paths) == []


def test_acts_and_their_facts_are_told_apart() -> None:
    acts = {
        "acts.visit": act("visit", 3, to=["B"], source="fact.visit"),
        "acts.late": act("visit", 40, to=["B"], source="fact.late"),
        "acts.speech": act("rhetoric", 3) | {"lasting": {"value": 3, "unit": "weeks", "source": "fact.lasting"}},
    }
    s = pair(acts, weeks=10)
    assert inert.named(s) == ["fact.lasting", "fact.visit", "fact.late"]
    found = inert.inert_inputs(s)
    assert found.acts == ("late",)
    assert found.facts == ("fact.late",)
    assert "parameters.hostility.volatility" not in found.numbers
    assert "parameters.dialogue.stall" in found.numbers  # nobody talks


@pytest.mark.parametrize("step", [-1, 1])
def test_numbers_are_moved_within_their_range(step: int) -> None:
    ranged = Quantity(value=2, low=1, high=3, spread="triangular")
    usual = np.linspace(1, 3, 50)
    away = inert.moved(ranged, usual, "x", step)
    assert ((away >= 1) & (away <= 3)).all()
    assert (np.abs(away - usual) > 0.4).all()
    np.testing.assert_allclose(inert.moved(Quantity(value=5), np.array([5.0, 0.0]), "x", step), [5 + step * 0.5, 0.1])
    np.testing.assert_allclose(inert.moved(Quantity(value=3, unit="weeks"), np.array([3.0]), "x", step), [3 + step])
    np.testing.assert_array_equal(inert.moved(Quantity(value=1), np.array([1.0, 0.2]), "acts.a.chance", step), [0, 1])


#: what moves nothing in the baseline -> why it is there
KNOWN = {
    ".contributors.": "taken out by acts of other scenarios",
    ".wind_down": "a mandate lapses in other scenarios",
    ".call_up_lag": "counted in whole weeks: all of its range may round to one",
    ".orientation": "a supplier whose arms come in other scenarios",
    ".dependence.": "only the largest supplier counts",
    "dialogues.dialogue.age": "a stalled track gives nothing, however old",
    "dialogues.dayton.age": "a settled track gives the same, however old",
    "parameters.missions.police_effect": "police change in other scenarios",
    "parameters.missions.saturation": "a rival theory",
    "parameters.index.weight_concentration": "the uncertainty of the construction",
}


@pytest.mark.slow
def test_of_the_baseline_only_known_levers_move_nothing() -> None:
    s = load("baseline").scenario
    found = inert.inert_inputs(s)
    strange = [path for path in found.numbers if not any(part in path for part in KNOWN)]
    assert strange == []
    assert found.acts == ()
    spending = [fact for fact in inert.named(s) if ".milex." in fact]
    assert len(set(inert.named(s)) - set(found.facts) - set(spending)) >= 150
