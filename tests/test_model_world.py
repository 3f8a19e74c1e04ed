"""The world: Mesa's face, relabelling, what is coupled and what is not, shocks that pass, numbers that stay finite."""

import gc
import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from worlds import act, actor, day, dyad, eventful, pair, pair_tree, quiet, theatres, village, village_tree
from worlds import scenario as built

import detente
from detente.engine.block import Block, measure_of, simulate_block
from detente.index.formula import PILLARS
from detente.laws import choice
from detente.laws.armament import stock
from detente.laws.default import DEFAULT
from detente.laws.extensions import ExtensionError
from detente.laws.mechanism import Changes, Mechanism
from detente.model import agents
from detente.model.build import laws as drawn_laws
from detente.model.draws import Draws
from detente.model.motion import Motion
from detente.model.noise import Stream
from detente.model.world import World
from detente.scenario.identity import content_hash
from detente.scenario.schema import Scenario

MEMBERS = 12


def unstated(certain: bool = True, **fields: Any) -> Scenario:
    """A pair of which A's file says nothing about its stock."""
    tree = pair_tree(certain=certain)
    del tree["actors"]["A"]["capital"]
    tree["actors"]["A"] |= fields
    return built(tree)


@pytest.mark.parametrize("certain", [True, False])
def test_a_state_without_a_stated_stock_opens_at_what_its_spending_sustains(certain: bool) -> None:
    world = World(unstated(certain), members=MEMBERS, seed=1)
    p, spending, opening = world.laws.armament, world.inputs.spending[0], world.now.capital[0].copy()
    np.testing.assert_allclose(stock(opening, spending, np.zeros(()), p), opening, rtol=1e-12)
    np.testing.assert_allclose(opening / (p.procurement_share * spending / p.depreciation), 1.0, rtol=2e-3)
    assert len(np.unique(opening)) == (1 if certain else MEMBERS / 4)


def test_nothing_grows_where_spending_only_sustains_the_stock() -> None:
    """The index of a draft without stocks rose by seven points in a year: the stock grew from nothing."""
    tree = pair_tree()
    del tree["actors"]["A"]["capital"], tree["actors"]["B"]["capital"]
    world = World(built(tree, quiet()), members=4, seed=1)
    opening = world.now.capital.copy()
    world.run_until(52)
    np.testing.assert_allclose(world.now.capital, opening, rtol=1e-9)
    assert np.abs(world.now.growth).max() < 1e-3


def test_a_stated_stock_stands_and_without_spending_there_is_none() -> None:
    assert World(unstated(capital=0), members=1).now.capital[0, 0] == 0
    assert World(unstated(spending=0), members=1).now.capital[0, 0] == 0
    assert content_hash(unstated(spending=0)) == content_hash(unstated(spending=0, capital=0))
    assert content_hash(unstated()) != content_hash(unstated(capital=0))
    again = Scenario.model_validate(unstated().model_dump(mode="json", exclude_defaults=True))
    assert content_hash(again) == content_hash(unstated())


def test_a_world_is_a_mesa_model() -> None:
    world = detente.World(village(), members=5, seed=3)
    assert isinstance(world, mesa.Model)
    kinds = {kind.__name__: len(list(group)) for kind, group in world.agents.groupby(type)}
    assert kinds == {"State": 3, "Entity": 1, "Power": 1, "Alliance": 2, "Mission": 2, "Dialogue": 2}
    world.step()
    assert world.week == 1
    world.run_until(4)
    assert world.week == 4
    assert world.now.hostility.shape == (8, 5)


def test_rng_is_another_word_for_seed() -> None:
    by_seed, by_rng = World(pair(), 3, seed=9), World(pair(), 3, rng=9)
    by_seed.run_until(5)
    by_rng.run_until(5)
    np.testing.assert_array_equal(by_seed.now.hostility, by_rng.now.hostility)


def test_a_run_without_agents_walks_as_the_world_does() -> None:
    bare, world = Motion(village(), 9, 3), World(village(), 9, 3)
    for walking in (bare, world):
        walking.run_until(30)
    assert vars(bare.now).keys() == vars(world.now).keys()
    for name, array in vars(bare.now).items():
        np.testing.assert_array_equal(array, getattr(world.now, name), err_msg=name)


def test_members_are_a_count_or_their_numbers() -> None:
    whole, some = World(village(), 9, 3), World(village(), range(4, 9), 3)
    whole.run_until(6)
    some.run_until(6)
    np.testing.assert_array_equal(some.now.hostility, whole.now.hostility[:, 4:])


def test_the_weekly_order_is_the_table() -> None:
    seen: list[str] = []

    def noted(mechanism: Mechanism) -> Mechanism:
        def step(*given: Any) -> Changes:
            seen.append(mechanism.name)
            return mechanism.step(*given)

        return replace(mechanism, step=step)

    World(village(), 2, 1, mechanisms=[noted(m) for m in DEFAULT]).step()
    first = ["acts", "alliances", "missions", "dialogue", "choice"]
    assert seen == [*first, "regimes", "background", "incidents", "hostility", "armament"]


def by_key(world: World, kind: type) -> dict[str, Any]:
    return {agent.key: agent for agent in world.agents_by_type[kind]}


def test_agents_see_their_rows_as_views() -> None:
    world = World(village(), 4, 3)
    world.run_until(3)
    a = by_key(world, agents.State)["A"]
    assert a.rivals == ("B", "C", "E")
    assert a.label == "A"
    assert a.hostility.shape == a.rung.shape == (3, 4)
    for view, owner in [
        (a.hostility, world.now.hostility),
        (a.rung, world.now.rung),
        (a.capital, world.now.capital),
        (by_key(world, agents.Alliance)["shield"].perceived, world.now.perceived),
        (by_key(world, agents.Mission)["watch"].troops, world.now.troops),
        (by_key(world, agents.Dialogue)["talks"].state, world.now.track),
    ]:
        assert np.shares_memory(view, owner)
    a.hostility[0] = 9.0
    assert (world.now.hostility[world.layout.directed.index("A>B")] == 9.0).all()
    assert by_key(world, agents.Power)["P"].rivals == ()


class Hothead(agents.State):
    """A state that coerces everybody, every week, and would like to decide for others too."""

    @classmethod
    def decide(cls, group: Sequence[Self], phase: str, changes: Changes, world: World) -> Changes:
        if phase != "choice":
            return changes
        return changes | {"rung": np.full_like(changes["rung"], 3)}


def test_a_kind_of_ones_own_stands_in_for_an_actor_and_decides_for_nobody_else() -> None:
    world, usual = World(village(), 4, 3, kinds={"C": Hothead}), World(village(), 4, 3)
    kinds = {kind.__name__: len(list(group)) for kind, group in world.agents.groupby(type)}
    assert kinds["Hothead"] == 1
    assert kinds["State"] == 2
    world.step()
    usual.step()
    own = world.layout.slice_of("C")
    assert (world.now.rung[own] == 3).all()
    np.testing.assert_array_equal(world.now.severity[own], choice.severity(world.now.rung, world.laws.choice)[own])
    others = np.ones(len(world.layout.directed), dtype=bool)
    others[own] = False
    np.testing.assert_array_equal(world.now.rung[others], usual.now.rung[others])


def test_a_kind_that_stands_in_for_nobody_is_refused() -> None:
    with pytest.raises(ExtensionError, match="nobody of that name"):
        World(village(), 4, 3, kinds={"X": Hothead})


def test_two_worlds_do_not_know_of_each_other() -> None:
    first = World(village(), 4, 3)
    first.run_until(3)
    kept = first.now.hostility.copy()
    second = World(pair(), 4, 3)
    second.run_until(3)
    np.testing.assert_array_equal(first.now.hostility, kept)
    assert len(second.agents) == 2


def test_a_closed_world_is_gone_at_once() -> None:
    """Without waiting for Python's search for circles, and without Mesa keeping it: memory is bounded by the block."""
    world = World(village(), 4, 3)
    world.run_until(2)
    hostility = weakref.ref(world.now.hostility)
    gone = weakref.ref(world)
    gc.disable()
    try:
        world.close()
        assert hostility() is None
        del world
        assert gone() is None
    finally:
        gc.enable()


def reordered(tree: dict[str, Any]) -> dict[str, Any]:
    """The same theatre with every mapping of names written backward."""
    sections = ("actors", "dyads", "pacts", "missions", "dialogues", "programmes", "bases", "acts")
    return tree | {name: dict(reversed(tree[name].items())) for name in sections if name in tree}


def test_relabelling_rows_keeps_every_draw_bit_for_bit() -> None:
    one, other = World(village(), MEMBERS, 3), World(built(reordered(village_tree())), MEMBERS, 3)
    assert one.layout.directed != other.layout.directed
    for purpose in ("hostility", "incident", "rung"):
        ours, theirs = (w.streams[purpose].uniform(7) for w in (one, other))
        for n, name in enumerate(one.layout.directed):
            np.testing.assert_array_equal(ours[n], theirs[other.layout.directed.index(name)])
    for n, name in enumerate(one.layout.directed):
        m = other.layout.directed.index(name)
        for field in ("stake", "resting", "rate"):
            ours, theirs = (np.broadcast_to(getattr(w.inputs, field)[k], MEMBERS) for w, k in ((one, n), (other, m)))
            np.testing.assert_array_equal(ours, theirs)


def test_relabelling_actors_and_dyads_relabels_results() -> None:
    """Up to the rounding of sums over rivals and dyads, whose order is that of the file."""
    tree = village_tree() | {"acts": {name: act(name, 3 + n) for n, name in enumerate(["visit", "incident", "pact"])}}
    one, other = (simulate_block(built(t), range(MEMBERS), 3, 50) for t in (tree, reordered(tree)))
    names, turned = list(tree["dyads"]), list(reordered(tree)["dyads"])
    place = [turned.index(name) for name in names]
    assert place != sorted(place)
    np.testing.assert_array_equal(other.incidents[:, place], one.incidents)
    np.testing.assert_allclose(other.dyads[:, place], one.dyads, rtol=1e-6)
    np.testing.assert_allclose(other.tension, one.tension, rtol=1e-9)
    np.testing.assert_allclose(other.contribution, one.contribution, atol=1e-9)


def test_an_unrelated_dyad_leaves_the_others_bits_alone() -> None:
    more = village_tree()
    more["actors"] = {"X": actor(), **more["actors"], "Y": actor()}
    more["dyads"] = {"X-Y": dyad("X", "Y"), **more["dyads"]}
    more["missions"] |= {"far": dict(more["missions"]["watch"], dyads=["X-Y"])}
    few, many = (simulate_block(built(t), range(MEMBERS), 3, 40) for t in (village_tree(), more))
    np.testing.assert_array_equal(many.dyads[:, 1:], few.dyads)
    np.testing.assert_array_equal(many.incidents[:, 1:], few.incidents)
    assert (many.tension != few.tension).any()


def test_a_mediator_without_dyads_changes_nothing() -> None:
    with_it = village({"actors.Z": actor("power")})
    few, many = (simulate_block(s, range(MEMBERS), 3, 40) for s in (village(), with_it))
    np.testing.assert_array_equal(many.tension, few.tension)


def paired(acts: dict[str, Any], weeks: int, **changes: Any) -> np.ndarray:
    """What acts add to the regional index, (week, member), on the same luck."""
    tree = pair_tree(weeks) | {"acts": acts}
    with_it, without = (
        simulate_block(built(t, changes), range(40), 3, weeks).tension for t in (tree, pair_tree(weeks))
    )
    return np.asarray(with_it - without)


@pytest.mark.parametrize("name", ["incident", "rhetoric", "visit", "cooperation", "accountability", "election"])
def test_tension_returns_after_a_shock(name: str) -> None:
    """Where no crisis comes of it: what one began lasts as long as it does."""
    still = {"parameters.switches.regimes": "off", "parameters.background.volatility": 0}
    moved = paired({name: act(name, 5)}, 400, **still)
    size = np.abs(moved.mean(axis=1))
    assert size.max() > 0.01
    assert size[300:].max() < 0.02 * size.max()


def test_tension_rises_with_incidents_and_falls_with_cooperation() -> None:
    assert paired({"incident": act("incident", 5)}, 30)[5:20].mean() > 0
    assert paired({"cooperation": act("cooperation", 5)}, 30)[5:20].mean() < 0


def test_nothing_ratchets() -> None:
    """Without acts a theatre has no trend: the second half of a long run is no tenser than the first."""
    tension = simulate_block(pair(weeks=520), range(200), 3, 520).tension
    halves = tension[60:290].mean(axis=0), tension[290:].mean(axis=0)
    change = halves[1] - halves[0]
    assert abs(change.mean()) < 5 * change.std() / np.sqrt(change.size) + 0.1


def test_a_still_theatre_stays_where_it_opens() -> None:
    """Rest is where things stay: without noise or incidents hostility leaves its resting level by conduct alone."""
    still = quiet(**{"parameters.hostility.conduct": 0, "parameters.hostility.incident_feedback": 0})
    still |= {"dyads.A-B.incident_rate": {"A": 0, "B": 0}}
    world = World(pair(still, weeks=200), 3, 3)
    at_rest = world.now.hostility.copy()
    world.run_until(30)
    spending_moves = 0.05  # armament drifts by documented growth and wear; hostility answers within its cap
    np.testing.assert_allclose(world.now.hostility, at_rest, atol=spending_moves)
    assert (world.now.counts == 0).all()


def test_an_announced_pact_raises_threat_at_once_and_it_fades() -> None:
    later = {"pacts.answer.in_force": day(10), "acts.pact": act("pact", 10)}
    world = World(village(quiet(**later), certain=True), 1, 3)
    row = world.layout.directed.index("A>B")
    threat, perceived = [], []
    for _ in range(60):
        world.step()
        threat.append(float(world.now.pact_threat[row, 0]))
        perceived.append(float(world.now.perceived[world.layout.pacts.index("answer"), 0]))
    assert threat[:9] == [0.0] * 9
    peak = threat[9]
    assert peak > 0.5
    assert (np.diff(threat[9:]) < 0).all()
    assert threat[-1] < 0.6 * peak
    assert perceived[9] > 0.75
    assert perceived[-1] < perceived[9]
    untouched = world.layout.directed.index("A>C")
    assert world.now.pact_threat[untouched, 0] > 0  # C is a member too: A reads the pact toward both
    assert world.now.pact_threat[world.layout.directed.index("A>E"), 0] == 0


SWITCHES = {
    "deterrence": ("none", "steps_to_war"),
    "diversion": ("diversion", "resurrection"),
    "reaction": ("none", "slab"),
    "reciprocity": ("inverse",),
    "mission": ("linear", "none"),
    "balance": ("preponderance", "parity"),
    "regimes": ("off",),
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in SWITCHES.items() for v in values])
def test_every_rival_theory_moves_the_index(name: str, value: str) -> None:
    acts = {"acts.mission": act("mission", 3), "actors.A.insecurity": 0.8, "parameters.choice.outbreak": 5}
    acts |= {"dyads.A-B.opening": {"tense": 1}}
    usual, rival = (
        simulate_block(village(acts | more), range(16), 3, 40).tension
        for more in ({}, {f"parameters.switches.{name}": value})
    )
    assert np.isfinite(rival).all()
    assert (usual != rival).any()


def test_rival_theories_change_what_they_say() -> None:
    def drawn(**switches: str) -> Any:
        s = village({f"parameters.switches.{name}": value for name, value in switches.items()})
        return drawn_laws(s, DEFAULT, Draws(3, np.arange(40)))

    usual = drawn()
    assert (drawn(deterrence="none").choice.deterrence == 0).all()
    assert (drawn(deterrence="steps_to_war").choice.deterrence <= 0).all()
    assert (drawn(reaction="none").armament.reaction == 0).all()
    assert (usual.armament.reaction == 0).any()
    assert (drawn(reaction="slab").armament.reaction > 0).all()
    assert (drawn(reciprocity="inverse").hostility.reciprocity <= 0).all()
    assert (drawn(mission="none").missions.dose == 0).all()


def test_parameter_draws_are_shared_by_four_replicates() -> None:
    drawn = drawn_laws(village(), DEFAULT, Draws(3, np.arange(12))).hostility.inertia
    assert (drawn.reshape(3, 4) == drawn[::4, None]).all()
    assert len(set(drawn)) == 3


def test_streams_are_uniform_and_know_no_order() -> None:
    stream = Stream(1, "test", ["a", "b"], np.arange(20_000))
    late, early, late_again = stream.uniform(9), stream.uniform(2), stream.uniform(9)
    np.testing.assert_array_equal(late, late_again)
    assert abs(np.corrcoef(late[0], early[0])[0, 1]) < 5 / np.sqrt(20_000)
    assert abs(np.corrcoef(late[0], late[1])[0, 1]) < 5 / np.sqrt(20_000)
    for drawn in (late, early):
        assert ((drawn > 0) & (drawn < 1)).all()
        counts = np.histogram(drawn, bins=20, range=(0, 1))[0]
        chi2 = ((counts - 2000) ** 2 / 2000).sum()
        assert chi2 < 60  # 19 degrees of freedom
    assert abs(stream.normal(3).var() - 1) < 5 * np.sqrt(2 / 40_000)


def finite(world: World) -> None:
    for name in world.now:
        if name != "pressure":
            assert np.isfinite(getattr(world.now, name)).all(), name


def sound(block: Block, scenario: Scenario) -> None:
    """What holds for every measured block."""
    assert ((block.tension >= 0) & (block.tension <= 100 + 1e-9)).all()
    np.testing.assert_allclose(block.contribution.sum(axis=1), block.tension, atol=1e-9)
    assert block.contribution.shape[1] == len(PILLARS)
    assert ((block.behaviour >= 0) & (block.behaviour <= 100 + 1e-9)).all()
    assert ((block.dyads >= 0) & (block.dyads <= 100.001)).all()
    weights = measure_of(scenario).whole.dyads
    assert weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("certain", [True, False])
def test_every_number_of_every_week_is_finite(certain: bool) -> None:
    world = World(eventful(certain=certain), 32, 3)
    for _ in range(world.length):
        world.step()
        finite(world)
    assert ((world.now.hostility >= 0) & (world.now.hostility <= 10)).all()
    assert ((world.now.rung >= 0) & (world.now.rung <= 4)).all()
    assert (world.now.capital >= 0).all()
    assert ((world.now.vacuum >= 0) & (world.now.vacuum <= 1)).all()
    assert (world.now.troops >= -1e-9).all()


@settings(max_examples=25)
@given(theatres())
def test_generated_theatres_run_and_stay_within_bounds(scenario: Scenario) -> None:
    sound(simulate_block(scenario, range(6), 3, 12), scenario)
