"""The object model and the ensemble state the same law: fed the same draws, they walk the same path."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import eventful, pair, village

from detente.engine.block import simulate_block
from detente.model.draws import Draws
from detente.model.noise import Stream
from detente.model.world import World
from detente.scenario.load import load
from detente.scenario.quantity import Quantity
from detente.scenario.schema import Scenario

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))
import reference

SEED, WEEKS = 3, 60


class Keyed:
    """Chance and parameters of one member, as the ensemble draws them."""

    def __init__(self, member: int) -> None:
        self.member = np.array([member])
        self.draws = Draws(SEED, self.member)

    def value(self, q: Quantity, path: str) -> float:
        return float(np.ravel(self.draws.take(q, path))[0])

    def uniform(self, purpose: str, entity: str, week: int) -> float:
        return float(Stream(SEED, purpose, [entity], self.member).uniform(week)[0, 0])

    def normal(self, purpose: str, entity: str, week: int) -> float:
        return float(Stream(SEED, purpose, [entity], self.member).normal(week)[0, 0])


def walked(scenario: Scenario, member: int, weeks: int = WEEKS) -> reference.Theatre:
    luck = Keyed(member)
    model = reference.Theatre(scenario, luck.value, luck)
    for _ in range(weeks):
        model.step()
    return model


HOT = {"parameters.regimes.onset": 5, "parameters.choice.outbreak": 5, "parameters.choice.aversion": 0}
OPEN = {"dyads.A-B.opening": {"tense": 0.4, "armed": 0.4}, "parameters.dialogue.settle": 0.2}
SCENARIOS = {
    "a pair": pair(certain=False),
    "a village": village(),
    "every kind of act": eventful(),
    "wars": eventful({**HOT, **OPEN}),
}


@pytest.mark.parametrize("member", [0, 5, 17])
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_draws_walk_the_same_path(name: str, member: int) -> None:
    scenario = SCENARIOS[name]
    block = simulate_block(scenario, range(20), SEED, WEEKS)
    told = walked(scenario, member).datacollector
    model = told.get_model_vars_dataframe()
    np.testing.assert_allclose(model["tension"], block.tension[:, member], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(model["behaviour"], block.behaviour[:, member], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(list(model["contribution"]), block.contribution[:, :, member], rtol=1e-9, atol=1e-9)
    dyads = told.get_agenttype_vars_dataframe(reference.Dyad)
    incidents = dyads["incidents"].to_numpy().reshape(WEEKS + 1, -1)
    np.testing.assert_array_equal(incidents, block.incidents[:, :, member])
    tension = dyads["tension"].to_numpy().reshape(WEEKS + 1, -1)
    np.testing.assert_allclose(tension, block.dyads[:, :, member], rtol=1e-6)


def test_they_agree_on_the_baseline() -> None:
    scenario, weeks = load("baseline").scenario, 80
    block = simulate_block(scenario, range(4), SEED, weeks)
    model = walked(scenario, 3, weeks).datacollector.get_model_vars_dataframe()
    np.testing.assert_allclose(model["tension"], block.tension[:, 3], rtol=1e-9)
    np.testing.assert_allclose(list(model["contribution"]), block.contribution[:, :, 3], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("member", [2])
def test_the_same_draws_lead_to_the_same_situation(member: int) -> None:
    scenario = eventful()
    world = World(scenario, range(4), SEED)
    world.run_until(WEEKS)
    model = walked(scenario, member)
    names = {r.name: r for r in model.relations}
    relations = [names[name] for name in world.layout.directed]

    def same(ours: Any, theirs: list[float]) -> None:
        np.testing.assert_allclose(ours[:, member], theirs, rtol=1e-9, atol=1e-9)

    for field in ("hostility", "excitation", "rung", "visit", "cooperation", "rhetoric", "incident", "grievance"):
        same(getattr(world.now, field), [getattr(r, field) for r in relations])
    for field in ("recent", "growth", "substitutes", "recent_presence_loss", "vacuum"):
        same(getattr(world.now, field), [getattr(d, field) for d in model.dyads.values()])
    for field in ("capital", "supply", "lift", "insecurity", "influence", "coercion"):
        same(getattr(world.now, field), [getattr(a, field) for a in model.actors.values()])
    same(world.now.perceived, [p.perceived for p in model.pacts.values()])
    same(world.now.troops, [m.troops for m in model.missions.values()])
    same(world.now.age, [t.age for t in model.tracks.values()])
    same(world.now.track, [t.state for t in model.tracks.values()])


def test_the_reference_states_the_default_theory_only() -> None:
    luck = Keyed(0)
    with pytest.raises(NotImplementedError):
        reference.Theatre(pair({"parameters.switches.deterrence": "none"}), luck.value, luck)
