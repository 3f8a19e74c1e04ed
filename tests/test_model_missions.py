"""Missions in a world: reserves called and sent home, mandates that lapse, a vacuum and what it lets in."""

from datetime import date
from typing import Any

import numpy as np
from worlds import act, mission, pair, quiet

from detente.model.world import World

TROOPS, RESERVE, LAG, STAY, SHARE = 2500, 1000, 3, 8, 0.9
#: troops and police at their weight, as far as they are coordinated
STRENGTH = (TROOPS + 3 * 200) * SHARE


def watched(acts: dict[str, Any] | None = None, **changes: Any) -> World:
    """A still pair, no incidents but those on record, watched by a mission that is just strong enough."""
    still = quiet(**{"dyads.A-B.incident_rate": {"A": 0, "B": 0}, "dyads.A-B.demand": 2790})
    still |= {"missions": {"watch": mission(["A-B"], trigger=1)}, "parameters.index.incident_memory": 4}
    still |= {"actors.P": {"kind": "power", "label": "Power", "influence": {"A": 0.5}}}
    return World(pair(still | {"acts": acts or {}} | changes, weeks=200), 2, 3)


def followed(world: World, weeks: int, *names: str) -> list[np.ndarray]:
    """Values of arrays of the situation's first row and member, week by week."""
    seen: list[list[float]] = [[] for _ in names]
    for _ in range(weeks):
        world.step()
        for values, name in zip(seen, names, strict=True):
            values.append(float(getattr(world.now, name)[0, 0]))
    return [np.array(values) for values in seen]


def test_a_mission_opens_at_strength_with_nothing_missing() -> None:
    world = watched()
    posted, vacuum, hollow = followed(world, 10, "posted", "vacuum", "recent_presence_loss")
    np.testing.assert_allclose(posted, STRENGTH)
    assert (vacuum == 0).all()
    assert (hollow == 0).all()


def test_a_reserve_is_called_arrives_after_its_lag_and_goes_home() -> None:
    week = 5
    world = watched({"clash": act("incident", week, size=10)})
    posted, recent = followed(world, 30, "posted", "recent")
    assert recent[week - 1] > 1  # above the trigger at the end of the week of the clash
    there = np.flatnonzero(posted > STRENGTH + 1) + 1
    np.testing.assert_array_equal(there, np.arange(week + 1 + LAG, week + 1 + LAG + STAY))
    np.testing.assert_allclose(posted[there - 1], STRENGTH + RESERVE * SHARE)


def test_a_mission_that_is_to_end_calls_nobody_up() -> None:
    acts = {"vote": act("mandate", 3, mission="watch"), "clash": act("incident", 5, size=10)}
    posted = followed(watched(acts), 30, "posted")[0]
    assert (np.diff(posted) <= 0).all()


def test_below_the_trigger_no_reserve_is_called() -> None:
    world = watched({"clash": act("incident", 5, size=10)}, **{"missions.watch.trigger": 50})
    (posted,) = followed(world, 30, "posted")
    np.testing.assert_allclose(posted, STRENGTH)


def test_a_lapsed_mandate_winds_the_mission_down_in_a_line() -> None:
    week, over = 4, 10
    world = watched({"vote": act("mandate", week, mission="watch")})
    troops, vacuum, hollow = followed(world, 40, "troops", "vacuum", "recent_presence_loss")
    assert (troops[: week - 1] == TROOPS).all()
    np.testing.assert_allclose(troops[week - 1 : week - 1 + over], np.linspace(TROOPS, 0, over + 1)[1:], atol=1e-9)
    assert (troops[week - 1 + over :] == 0).all()
    assert (np.diff(vacuum[week - 1 : week - 1 + over]) > 0).all()
    assert vacuum.max() > 0.5
    assert hollow.argmax() == week - 1 + over - 1
    assert hollow[-1] < 0.1 * hollow.max()


def test_a_vacuum_raises_incident_rates_above_what_the_lost_presence_did() -> None:
    """Level shift and transient (model.md §1.5): the factor overshoots and settles where dose and response put it."""
    nobody = {"parameters.missions.substitution": 0}
    world = watched({"vote": act("mandate", 4, mission="watch")}, **nobody)
    factors = followed(world, 120, "damping")[0]
    settled = float(np.exp(world.laws.missions.dose * np.log1p(STRENGTH / 1000)))
    assert factors[2] == 1.0
    assert max(factors) > settled * 1.01
    np.testing.assert_allclose(factors[-1], settled, rtol=1e-6)


def test_local_forces_step_in_for_a_part_of_what_was_lost() -> None:
    world = watched({"vote": act("mandate", 4, mission="watch")}, **{"parameters.missions.substitution": 0.3})
    substitutes, vacuum = followed(world, 199, "substitutes", "vacuum")
    lost = (TROOPS + 3 * 200) * SHARE
    np.testing.assert_allclose(substitutes[-1], 0.3 * lost, rtol=0.01)
    assert vacuum[-1] < vacuum.max()


def test_a_vacuum_lets_outside_influence_in() -> None:
    calm = watched()
    left = watched({"vote": act("mandate", 4, mission="watch")})
    before, after = (followed(world, 100, "influence")[0] for world in (calm, left))
    np.testing.assert_allclose(before, 0.5)
    assert (np.diff(after[2:60]) > 0).all()
    assert after[-1] > 0.55


def test_a_base_and_its_works_count_as_presence() -> None:
    base = {"label": "Base", "host": "A", "operator": "P", "personnel": 700}
    with_it, without = watched(bases={"b": base}), watched()
    np.testing.assert_allclose(with_it.now.full_presence - without.now.full_presence, 700)
    with_it.step()
    without.step()
    np.testing.assert_allclose(with_it.now.presence - without.now.presence, 700)


def test_works_that_began_before_the_run_and_go_on_do_not_jump() -> None:
    works = {"label": "Base", "host": "A", "operator": "P", "capacity": 1000, "works_from": date(2023, 1, 2)}
    world = watched(bases={"b": works})
    opening = float(world.now.full_presence[0, 0])
    room = [float(world.inputs.works.room(week)[0, 0]) for week in range(200)]
    steps = np.diff(room)
    np.testing.assert_allclose(steps, steps[0])
    np.testing.assert_allclose(opening - (TROOPS + 3 * 200) * SHARE, 0.1 * room[0])
