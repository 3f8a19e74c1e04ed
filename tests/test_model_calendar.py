"""Dated acts: every kind moves its channel, in its rows, in its week, in the members in which it comes about."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from worlds import ACTS, act, day, quiet, village, village_tree
from worlds import scenario as built

from detente.engine.block import simulate_block
from detente.laws.default import DEFAULT
from detente.laws.situation import ARMED
from detente.model import calendar, stability
from detente.model.world import World
from detente.scenario import acts

WEEK, MEMBERS = 6, 8
#: what is handed on within the week, not kept
PASSING = {"delivered", "supplied", "recorded", "recorded_severity", "severity"}
CHANNELS = [n for m in DEFAULT for n, s in m.state.items() if s.start is not None and n not in PASSING]


#: acts that end a war need one that is on
WAR = {"dyads.A-E.opening": {"armed": 1}, "parameters.regimes.ending": 0.02}


def worlds(*names: str, **given: Any) -> tuple[World, World]:
    """The village with the acts named, and without; on the same luck."""
    acts = {f"acts.{name}": act(name, WEEK, **given) for name in names}
    at_war = WAR if {"ceasefire", "settlement"} & set(names) else {}
    return World(village(acts | at_war), MEMBERS, 3), World(village(at_war), MEMBERS, 3)


def differing(one: World, other: World) -> set[str]:
    return {c for c in CHANNELS if not np.array_equal(getattr(one.now, c), getattr(other.now, c))}


def added(one: World, other: World, channel: str) -> dict[str, float]:
    """Rows of ``channel`` that differ, by name, with the mean of what was added."""
    extra = getattr(one.now, channel).astype(float) - getattr(other.now, channel)
    rows = one.layout
    by_size = {
        len(names): names
        for names in (
            *(rows.directed, rows.dyads, rows.actors, rows.pacts, rows.missions, rows.tracks, rows.bases),
            rows.memberships,
        )
    }
    sections = {"perceived": rows.pacts, "news": rows.pacts, "track": rows.tracks, "bases": rows.bases}
    sections |= {"troops_goal": rows.missions, "standing": rows.memberships}
    sections |= {"demand": rows.dyads, "regime": rows.dyads}
    names = sections.get(channel, by_size[extra.shape[0]])
    return {name: float(values.mean()) for name, values in zip(names, extra, strict=True) if (values != 0).any()}


#: act -> channel, rows, added in the very week before it fades
MOVES: dict[str, tuple[str, dict[str, float]]] = {
    "visit": ("visit", dict.fromkeys(["A>B", "B>A", "B>C", "C>B"], 3.0)),
    "cooperation": ("cooperation", {"A>B": 5.0, "B>A": 5.0}),
    "rhetoric": ("rhetoric", {"B>A": 4.0, "A>B": np.nan}),
    "incident": ("incident", {"A>B": 8.0}),
    "breach": ("incident", {"A>E": 6.0}),
    "pact": ("news", {"answer": np.nan}),
    "delivery": ("capital", {"C": 200.0}),
    "mission": ("troops_goal", {"watch": 500.0 - 2500.0}),
    "contingent": ("troops_goal", {"watch": -500.0}),
    "mandate": ("troops_goal", {"post": -700.0}),
    "election": ("insecurity", {"A": 0.3}),
    "unrest": ("insecurity", {"C": 0.2}),
    "sanction": ("coercion", {"A": 6.0}),
    "accountability": ("grievance", {"A>B": 5.0}),
    "dialogue": ("track", {"talks": np.nan}),
    "influence": ("influence_rest", {"B": 0.2}),
    "base": ("bases", {"fort": -500.0}),
    "membership": ("standing", {"shield:A": -1.0}),
    "need": ("demand", {"B-C": 3000.0}),
    "crisis": ("regime", {"A-C": np.nan}),
    "war": ("regime", {"A-E": np.nan}),
    "ceasefire": ("regime", {"A-E": np.nan}),
    "settlement": ("regime", {"A-E": np.nan}),
}


def test_every_kind_of_act_is_tested_and_translated() -> None:
    assert set(MOVES) == set(ACTS)
    tested = {type(a) for a in village({f"acts.{name}": act(name, 1) for name in ACTS} | WAR).acts.values()}
    assert tested == set(acts.KINDS)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_declares_what_it_moves(name: str) -> None:
    """Beside the share of one's own words that is felt as words, and the age of a track, which follows its state; a
    contingent has no police, and a peace may come without a track."""
    scenario = village({f"acts.{name}": act(name, WEEK)} | WAR)
    world = World(scenario, MEMBERS, 3)
    moved = {effect.channel for effects in world.timetable.values() for effect in effects}
    declared = set(scenario.acts[name].moves)
    assert declared <= set(CHANNELS) | PASSING
    assert moved - {"echoed"} <= declared
    missing = declared - moved - {"age"}
    assert missing <= {"contingent": {"police_goal"}, "ceasefire": {"track"}, "settlement": {"track"}}.get(name, set())


@pytest.mark.parametrize("name", ACTS)
def test_an_act_moves_its_channel_in_its_week_and_nothing_before(name: str) -> None:
    one, other = worlds(name)
    channel, expected = MOVES[name]
    for _ in range(WEEK - 1):
        one.step()
        other.step()
        assert differing(one, other) == set(), one.week
    one.step()
    other.step()
    assert channel in differing(one, other)
    moved = added(one, other, channel)
    assert set(moved) == set(expected)
    for row, amount in expected.items():
        if not np.isnan(amount):
            assert moved[row] == pytest.approx(amount, rel=1e-9), row


@pytest.mark.parametrize("name", ACTS)
def test_an_act_moves_the_index(name: str) -> None:
    with_it, without = (
        simulate_block(village(acts | (WAR if name in ("ceasefire", "settlement") else {})), range(MEMBERS), 3, 30)
        for acts in ({f"acts.{name}": act(name, WEEK)}, {})
    )
    moved = (with_it.tension != without.tension).any(axis=1)
    assert not moved[:WEEK].any()
    assert moved[WEEK:].any()


@pytest.mark.parametrize(
    ("name", "usual", "turned"),
    [("sanction", {}, {"lifted": True}), ("accountability", {}, {"delivered": True})],
)
def test_the_opposite_act_has_the_opposite_sign(name: str, usual: dict[str, Any], turned: dict[str, Any]) -> None:
    channel = MOVES[name][0]
    amounts = []
    for given in (usual, turned):
        one, other = worlds(name, **given)
        one.run_until(WEEK)
        other.run_until(WEEK)
        amounts.append(list(added(one, other, channel).values()))
    np.testing.assert_allclose(amounts[1], [-a for a in amounts[0]])


def test_rhetoric_echoes_back_more_softly_and_lasts() -> None:
    one, other = worlds("rhetoric")
    one.run_until(WEEK)
    other.run_until(WEEK)
    echo, memory = one.laws.acts.rhetoric_echo, one.laws.acts.rhetoric_memory
    row = one.layout.directed.index
    np.testing.assert_allclose(one.now.rhetoric[row("A>B")], 4.0 * echo)
    one.run_until(WEEK + 2)
    kept = np.exp(-1 / memory)
    np.testing.assert_allclose(one.now.rhetoric[row("B>A")], 4.0 * (1 + kept + kept**2))
    one.run_until(WEEK + 3)
    np.testing.assert_allclose(one.now.rhetoric[row("B>A")], 4.0 * (kept + kept**2 + kept**3))


def test_an_incident_on_record_is_suffered_and_sets_off_others() -> None:
    one, other = worlds("incident")
    one.run_until(WEEK)
    other.run_until(WEEK)
    row = one.layout.directed.index
    np.testing.assert_allclose((one.now.excitation - other.now.excitation)[row("B>A")], 1.0)
    fresh = -np.expm1(-1 / one.inputs.incident_memory)
    pair = one.layout.dyads.index("A-B")
    np.testing.assert_allclose((one.now.recent - other.now.recent)[pair], 8.0 * fresh)


def test_a_breach_stalls_its_track() -> None:
    one, _ = worlds("breach")
    one.run_until(WEEK)
    order = one.layout.tracks.index("order")
    assert (one.now.age[order] <= 1).all()
    assert (one.now.track[order] <= 1).all()  # stalled in the week, resumed at best


@pytest.mark.parametrize("chance", [0.25, 0.8])
def test_chance_is_the_share_of_members_in_which_it_happens(chance: float) -> None:
    members = 4000
    world = World(village({"acts.visit": act("visit", 1, chance=chance)}), members, 5)
    world.step()
    share = (world.now.visit.max(axis=0) > 0).mean()
    assert abs(share - chance) < 5 * np.sqrt(chance * (1 - chance) / members)


def test_what_happens_at_a_small_chance_happens_at_a_larger_one() -> None:
    happened = []
    for chance in (0.3, 0.6):
        world = World(village({"acts.visit": act("visit", 1, chance=chance)}), 500, 5)
        world.step()
        happened.append(world.now.visit.max(axis=0) > 0)
    assert (happened[1] | ~happened[0]).all()
    assert happened[1].sum() > happened[0].sum()


def test_an_uncertain_chance_differs_between_draws_only() -> None:
    wide = {"value": 0.5, "low": 0.0, "high": 1.0, "spread": "uniform"}
    members = 4000
    world = World(village({"acts.visit": act("visit", 1, chance=wide)}), members, 5)
    world.step()
    happened = (world.now.visit.max(axis=0) > 0).reshape(-1, 4)
    assert abs(happened.mean() - 0.5) < 5 * np.sqrt(0.25 / members * 4)
    within = happened.mean(axis=1)
    assert within.var() > 0.1  # 4 replicates of one draw agree more than a common coin's 0.0625


def test_a_mandate_that_is_renewed_changes_nothing() -> None:
    one, other = worlds("mandate", chance=1)
    one.run_until(WEEK + 10)
    other.run_until(WEEK + 10)
    assert differing(one, other) == set()


def test_a_mandate_lapses_in_the_members_where_the_vote_fails() -> None:
    members = 2000
    world = World(village({"acts.mandate": act("mandate", 1, chance=0.7)}), members, 5)
    world.step()
    lapsed = (world.now.troops_goal[world.layout.missions.index("post")] == 0).mean()
    assert abs(lapsed - 0.3) < 5 * np.sqrt(0.21 / members)


def test_weeks_are_counted_from_the_start() -> None:
    start = date(2024, 1, 1)
    assert [calendar.week_of(d, start) for d in (start, date(2024, 1, 7), date(2024, 1, 8))] == [1, 1, 2]
    assert calendar.weeks(village(weeks=47)) == 47


def test_an_act_of_the_first_and_of_the_last_day_counts() -> None:
    last = 12
    acts = {"first": act("sanction", 1, date=date(2024, 1, 1)), "last": act("sanction", last)}
    world = World(built(village_tree(weeks=last) | {"acts": acts}), 1, 3)
    row = world.layout.actors.index("A")
    world.step()
    assert world.now.coercion[row, 0] == 6
    world.run_until(last)
    assert world.now.coercion[row, 0] == 12


PROGRAMME = {"label": "Jets", "actor": "B", "supplier": "P", "value": 300}


@pytest.mark.parametrize(
    ("first", "last", "share"),
    [(10, 29, 1.0), (10, 10, 1.0), (-9, 10, 0.5), (-30, -5, 0.0), (51, 70, 0.5), (70, 80, 0.0)],
)
def test_a_programme_is_spread_evenly_over_its_window(first: int, last: int, share: float) -> None:
    window = {"first_delivery": day(first), "last_delivery": day(last)}
    world = World(village({"programmes": {"jets": PROGRAMME | window}, "bases": {}}, weeks=60), 2, 3)
    brought, leaning = arriving(world)
    np.testing.assert_allclose(brought[:, world.layout.actors.index("B")].sum(axis=0), 300 * share)
    weeks = np.flatnonzero(brought[:, world.layout.actors.index("B"), 0]) + 1
    np.testing.assert_array_equal(weeks, [w for w in range(first, last + 1) if 1 <= w <= 60])
    orientation = 0.7
    np.testing.assert_allclose(leaning, orientation * brought)


def arriving(world: World) -> tuple[np.ndarray, np.ndarray]:
    """What every actor receives week by week, and the same signed, (week, actor, member)."""
    weeks = [world.flows.at(week) for week in range(1, world.length + 1)]
    return np.stack([b for b, _ in weeks]), np.stack([s for _, s in weeks])


def test_what_arrives_does_not_depend_on_the_order_of_asking() -> None:
    world = World(village(), 2, 3)
    forward = arriving(world)[0]
    backward = np.stack([world.flows.at(week)[0] for week in range(world.length, 0, -1)])[::-1]
    np.testing.assert_array_equal(forward, backward)


def test_a_price_in_euros_is_changed_into_dollars() -> None:
    world = World(village({"bases": {}}), 1, 3)
    np.testing.assert_allclose(arriving(world)[0].sum(), 300 * world.laws.armament.exchange)


def test_base_works_pay_while_they_last_and_make_room_as_they_go() -> None:
    world = World(village(quiet(), certain=True), 1, 3)
    base, host = world.layout.bases.index("port"), world.layout.actors.index("C")
    room = [float(world.inputs.works.room(week)[base, 0]) for week in range(61)]
    assert room[4] == 0
    assert room[40] == 900
    assert (np.diff(room) >= 0).all()
    spent = arriving(world)[0][:, host, 0]
    assert spent.sum() == pytest.approx(50)
    np.testing.assert_array_equal(np.flatnonzero(spent) + 1, np.arange(5, 40))


def test_a_war_lasts_as_long_as_it_is_said_to() -> None:
    brief = {"parameters.regimes.ending": 5}
    for lasting, on in ((30, True), (1, False)):
        war = {"acts.war": act("war", WEEK, lasting=lasting)}
        world = World(village(brief | war), 64, 3)
        at_war = []
        for _ in range(WEEK + 25):
            world.step()
            at_war.append((world.now.regime[world.layout.dyads.index("A-E")] == ARMED).mean())
        assert bool(min(at_war[WEEK + 1 :]) > 0.3) is on
        assert bool(np.mean(at_war[WEEK:]) > 0.7) is on


def test_a_peace_within_a_war_that_is_said_to_last_is_a_fault() -> None:
    war, peace = act("war", WEEK, lasting=20), act("ceasefire", WEEK + 10)
    found = stability.faults(village({"acts.war": war, "acts.peace": peace}))
    assert [fault.path for fault in found] == ["acts.peace.date"]
    assert not list(stability.faults(village({"acts.war": war | {"lasting": 10}, "acts.peace": peace})))
