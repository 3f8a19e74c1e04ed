"""What a mechanism may do to be compiled: each operation as NumPy does it, and what is refused, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="the extra fast is not installed")

from worlds import village

from detente.engine.block import empty, measure_of, record
from detente.engine.compiled import carried
from detente.engine.graph import Untraceable
from detente.engine.places import structure
from detente.engine.trace import traced
from detente.laws.default import DEFAULT
from detente.laws.incidents import INCIDENTS
from detente.laws.mechanism import Mechanism, State
from detente.laws.rows import Cover, collected, looked_up, product, repeat_while, summed, where_few
from detente.model.agents import Actor
from detente.model.motion import Motion
from detente.model.world import World

WEEKS = 20


def probe(step: Callable[..., Any]) -> Mechanism:
    """The law of incidents, and what ``step`` makes of hostility, rungs and the week, as a pressure on hostility."""

    def run(now: Any, x: Any, p: Any, week: Any) -> Any:
        return {**INCIDENTS.step(now, x, p, week), "felt": 0.1 * step(now, x, week)}

    state = {**INCIDENTS.state, "felt": State("directed", "points", "what is felt", 0.0)}
    return replace(INCIDENTS, state=state, step=run, presses="felt")


def world(step: Callable[..., Any]) -> Motion:
    """The village under that law."""
    mechanisms = tuple(probe(step) if m is INCIDENTS else m for m in DEFAULT)
    return Motion(village(), 70, 5, mechanisms=mechanisms, checked=True)


def rowwise(now: Any, x: Any, week: Any) -> Any:
    level = np.zeros_like(now.hostility)
    level[x.layout.forth] = now.recent
    level[0] += 1.0
    level[1:3] *= 2.0
    return level


def gone_through(now: Any, x: Any, week: Any) -> Any:
    total = now.hostility[0] * 0.0
    for row in now.hostility:
        total = total + row
    return np.broadcast_to(total, now.hostility.shape) / len(now.hostility)


def halved(now: Any, x: Any, week: Any) -> Any:
    """Halve until all are small, as often as each needs."""

    def large(value: Any, times: Any) -> Any:
        return value > 0.4

    def halve(k: Any, large: Any, value: Any, times: Any) -> Any:
        return np.where(large, value / 2.0, value), times + large * (k + 1.0)

    return repeat_while(large, halve, (), (now.hostility, np.zeros_like(now.hostility)), 30)[-1]


def own(x: Any) -> Cover:
    """The fear of the source's elite, by directed dyad."""
    return Cover.of([np.array([actor]) for actor in x.layout.source])


OPERATIONS: dict[str, Callable[..., Any]] = {
    "functions": lambda now, x, week: np.sqrt(np.abs(np.sign(now.hostility - 3.0)) + np.floor(now.hostility) ** 2),
    "powers": lambda now, x, week: (now.hostility + 0.1) ** 0.3 + 1.5 ** (-now.hostility) + np.square(now.hostility),
    "truths": lambda now, x, week: 1.0 * ((now.hostility > 3) ^ ~(now.hostility <= 2) | (now.rung == 2)),
    "integers": lambda now, x, week: (now.hostility * 1.7).astype(np.int8) + now.rung - (now.rung > 1),
    "bounds": lambda now, x, week: np.clip(now.hostility, 1.0, None) + np.clip(now.hostility, None, 2.0),
    "rows written": rowwise,
    "rows one by one": gone_through,
    "the week": lambda now, x, week: np.clip((week.number - 5) / 10, 0.0, 1.0) * now.hostility,
    "reductions": lambda now, x, week: now.hostility.max(axis=0) - np.min(now.hostility, axis=0) + now.hostility * 0,
    "kept axes": lambda now, x, week: now.hostility - now.hostility.mean(axis=0, keepdims=True),
    "sums": lambda now, x, week: summed(now.hostility) * product(now.hostility / 5.0) / 40.0 + 0.0 * now.hostility,
    "tables": lambda now, x, week: looked_up(now.rung, np.array([0.3, 0.1, 0.7, 0.2, 0.9])),
    "few cells": lambda now, x, week: where_few(now.hostility > 3, np.log, now.hostility, otherwise=0.5),
    "repetition": halved,
    "chances joined": lambda now, x, week: collected(now.insecurity, own(x), "join"),
}


def every(now: Any, x: Any, week: Any) -> Any:
    """All operations, each held within a point."""
    return sum(np.minimum(np.abs(step(now, x, week)), 9.0) * (n + 1) / 40 for n, step in enumerate(OPERATIONS.values()))


def test_operations_are_numpys() -> None:
    measure, slow = measure_of(village()), world(every)
    fast = carried(world(every), measure, WEEKS)
    block = empty(WEEKS, measure, 70)
    record(block, 0, slow, measure)
    for week in range(1, WEEKS + 1):
        slow.step()
        record(block, week, slow, measure)
    assert np.ptp(block.tension[-1]) > 1
    np.testing.assert_array_equal(fast.incidents, block.incidents)
    np.testing.assert_allclose(fast.tension, block.tension, rtol=0, atol=1e-9)


REFUSED: dict[str, tuple[Callable[..., Any], str]] = {
    "a branch": (lambda now, x, week: now.hostility if now.hostility.sum(axis=0)[0] > 1 else 0.0, "no set of rows"),
    "a decision": (lambda now, x, week: now.hostility if week.number > 3 else now.hostility * 0, "Python decides by"),
    "members": (lambda now, x, week: now.hostility - np.mean(now.hostility), "over members"),
    "an array": (lambda now, x, week: np.asarray(now.hostility), "a NumPy array is made of"),
    "a function": (lambda now, x, week: np.arctan2(now.hostility, 1.0), "np.arctan2"),
    "another": (lambda now, x, week: np.median(now.hostility, axis=0), "np.median"),
    "a method": (lambda now, x, week: now.hostility.ravel(), "ravel"),
    "cells": (lambda now, x, week: now.hostility[now.hostility > 1], "no set of rows"),
    "rows of others": (lambda now, x, week: now.hostility + now.recent, "rows side by side"),
    "memory": (
        lambda now, x, week: np.add(now.hostility, 1.0, out=np.empty(now.hostility.shape)),
        "an array of NumPy's",
    ),
    "a mistake": (lambda now, x, week: now.hostility + "one", "incidents"),
}


@pytest.mark.parametrize(("step", "told"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_translation_is_named_with_its_mechanism(step: Callable[..., Any], told: str) -> None:
    with pytest.raises(Untraceable, match="incidents cannot be compiled") as refused:
        traced(world(step), measure_of(village()))
    assert told in str(refused.value)


def test_a_world_is_where_it_was_after_it_was_traced() -> None:
    still = world(lambda now, x, week: now.hostility)
    before = dict(still.now.__dict__)
    traced(still, measure_of(village()))
    assert still.week == 0
    assert all(still.now.__dict__[name] is array for name, array in before.items())


def test_an_agent_of_ones_own_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    class Peacemaker(Actor):
        @classmethod
        def decide(cls, agents: Any, phase: str, changes: Any, world: Any) -> Any:
            return changes if phase != "choice" else changes | {"rung": np.minimum(changes["rung"], 2)}

    def own() -> World:
        return World(village(), 70, 5, kinds={"A": Peacemaker})

    fast, usual = (carried(one, measure_of(village()), WEEKS) for one in (own(), World(village(), 70, 5)))
    slow = own()
    slow.run_until(WEEKS)
    assert (fast.tension[-1] != usual.tension[-1]).any()
    found = slow.now.counts[slow.layout.forth] + slow.now.counts[slow.layout.back]
    np.testing.assert_array_equal(fast.incidents[-1], found)


def test_structure_knows_no_numbers() -> None:
    one, other = (traced(Motion(village(seed), 70, 5), measure_of(village(seed))) for seed in ({}, CHANGED))
    assert structure(one) == structure(other)


CHANGED = {"parameters.hostility.inertia": 0.5, "actors.A.spending": 900, "acts": {}}
