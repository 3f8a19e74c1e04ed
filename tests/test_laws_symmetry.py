"""What holds for every law: relabelling rows relabels results, members do not know of one another, bits agree."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.laws import alliances, armament, background, choice, dialogue, hostility, incidents, missions, regimes

ROWS, MEMBERS = 6, 37
Rng = np.random.Generator
Law = Callable[..., Any]


def record(kind: type, seed: int) -> Any:
    """A parameter record whose values differ between members."""
    rng = np.random.default_rng(seed)
    return kind(**{field.name: rng.uniform(0.2, 0.9, MEMBERS) for field in fields(kind)})


def part(p: Any, members: Any) -> Any:
    return type(p)(**{field.name: getattr(p, field.name)[members] for field in fields(p)})


def _turn(x: list[np.ndarray], p: Any) -> Any:
    pushes = dict(zip(("surprise", "deed", "coercion", "shock"), x[4:8], strict=True))
    return hostility.relax(*x[:4], **pushes, p=p)


def _utilities(x: list[np.ndarray], p: Any) -> Any:
    return choice.utilities(choice.Prospect(*x[:4], choice.brakes(*x[4:8], p)), x[8], x[9], p)


def _pick(x: list[np.ndarray], p: Any) -> Any:
    force = choice.force_chance(x[0], x[1], x[2], p)
    rung = choice.pick(x[10], _utilities(x, p), force)
    return rung, choice.severity(rung, p), force


def _change(x: list[np.ndarray], p: Any) -> Any:
    regime = np.rint(2 * x[0]).astype(np.int8)
    onset = regimes.weekly(regimes.onset_hazard(10 * x[1], x[2], np.rint(x[3]), p))
    down = regimes.weekly(regimes.ending_hazard(x[4], x[5], p))
    return regimes.turned(regime, x[6], onset, down, (x[7] > 0.5) & (regime == 1)), onset, down


def _wander(x: list[np.ndarray], p: Any) -> Any:
    later = background.wander(x[0], x[1], p)
    return later, background.factor(later, p)


def _talk(x: list[np.ndarray], p: Any) -> Any:
    state = np.rint(3 * x[0]).astype(np.int8)
    given = dict(zip(("heat", "leverage", "flexibility", "tilt", "lapse", "strain"), x[2:8], strict=True))
    stepped = dialogue.turn(state, x[1], **given, p=p)
    return stepped, dialogue.relief(state, 100 * x[6], x[7], p)


def _happen(x: list[np.ndarray], p: Any) -> Any:
    first = incidents.background(x[0], x[1], x[2], x[3], p)
    rate = incidents.intensity(first, x[4], x[5], p)
    return rate, incidents.counts(x[6], 3 * rate, p.dispersion), incidents.excite(x[4], x[7], p.memory)


def _deploy(x: list[np.ndarray], p: Any) -> Any:
    brakes = [missions.presence_brake(5000 * there, "logarithmic", p) for there in x[:2]]
    damped = missions.multiplier(*brakes, x[2], p)
    called = missions.call_up(x[3], 2 * x[4] - 1, x[5] > 0.5, 4 * x[6], 9 * x[7])
    return damped, *called, missions.step_influence(x[0], x[1], x[2], x[3], p), missions.substitute(x[4], x[5], p)


def _arm(x: list[np.ndarray], p: Any) -> Any:
    lift = armament.within_budget(armament.spend(x[0], x[1], x[2], x[3], p), x[4], x[5], p)
    shock = armament.capped(armament.supply_shock(x[6] - 0.5, x[7], p), x[0], p)
    return lift, armament.stock(x[1], x[2], x[3], p), armament.strength(x[1], x[2], x[3], p), shock


def _reckon(x: list[np.ndarray], p: Any) -> Any:
    return alliances.perceive(x[0], x[1], x[2], p), alliances.threat(x[0], x[1], x[2], p), alliances.join(*x[:3])


LAWS: dict[str, tuple[Law, type]] = {
    "hostility": (_turn, hostility.Parameters),
    "utilities": (_utilities, choice.Parameters),
    "pick": (_pick, choice.Parameters),
    "regimes": (_change, regimes.Parameters),
    "background": (_wander, background.Parameters),
    "dialogue": (_talk, dialogue.Parameters),
    "incidents": (_happen, incidents.Parameters),
    "missions": (_deploy, missions.Parameters),
    "armament": (_arm, armament.Parameters),
    "alliances": (_reckon, alliances.Parameters),
}


def outcome(law: Law, x: list[np.ndarray], p: Any) -> list[np.ndarray]:
    """Results as arrays of (row, member)."""
    result = law(x, p)
    results = result if isinstance(result, tuple) else (result,)
    return [np.broadcast_to(r, np.broadcast_shapes(r.shape, x[0].shape)) for r in results]


def situation(seed: int) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).random((11, ROWS, MEMBERS)))


@pytest.mark.parametrize("name", LAWS)
@given(seed=st.integers(0, 2**32), order=st.permutations(range(ROWS)))
def test_relabelling_rows_relabels_results(name: str, seed: int, order: list[int]) -> None:
    law, kind = LAWS[name]
    x, p = situation(seed), record(kind, seed + 1)
    whole = outcome(law, x, p)
    relabelled = outcome(law, [values[order] for values in x], p)
    for before, after in zip(whole, relabelled, strict=True):
        np.testing.assert_array_equal(after, before[order])


@pytest.mark.parametrize("name", LAWS)
@given(seed=st.integers(0, 2**32), members=st.lists(st.integers(0, MEMBERS - 1), min_size=1, unique=True))
def test_a_member_has_the_same_bits_in_any_company(name: str, seed: int, members: list[int]) -> None:
    law, kind = LAWS[name]
    x, p = situation(seed), record(kind, seed + 1)
    whole = outcome(law, x, p)
    few = outcome(law, [np.ascontiguousarray(values[:, members]) for values in x], part(p, members))
    for before, after in zip(whole, few, strict=True):
        np.testing.assert_array_equal(after, before[:, members])


@pytest.mark.parametrize("name", LAWS)
def test_nothing_handed_in_is_edited(name: str) -> None:
    law, kind = LAWS[name]
    x, p = situation(3), record(kind, 4)
    before = [values.copy() for values in x]
    outcome(law, x, p)
    for kept, values in zip(before, x, strict=True):
        np.testing.assert_array_equal(values, kept)
