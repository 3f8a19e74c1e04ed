"""What moved the index from start to end, and what rests on no source."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from detente.analysis import explain
from tests.analysis_data import UP, result

DS = result(push=UP)


@dataclass(frozen=True)
class Leaf:
    path: str
    value: float = 1.0
    unit: str = ""
    low: float | None = None
    high: float | None = None
    spread: str | None = None
    source: tuple[str, ...] = ()


def test_pillars_and_dyads_sum_to_the_move_of_the_index() -> None:
    whole = explain.total(DS)
    assert whole.change == pytest.approx(float((DS["tension"][:, -1] - DS["tension"][:, 0]).mean()))
    for parts in (explain.by_pillar(DS), explain.by_dyad(DS)):
        assert sum(part.change for part in parts) == pytest.approx(whole.change, abs=1e-9)
        assert sum(part.end for part in parts) == pytest.approx(whole.end, abs=1e-9)
        sizes = [abs(part.change) for part in parts]
        assert sizes == sorted(sizes, reverse=True)


def test_what_was_pushed_is_on_top() -> None:
    assert explain.by_pillar(DS)[0].key == "hostility"
    top = explain.by_dyad(DS)[0]
    assert (top.key, top.label, top.difference) == ("A-B", "A–B", None)
    first = explain.by_pillar(DS)[0].as_dict()
    assert first["ci_low"] > 0


def test_the_ledger_counts_what_has_no_source_and_puts_the_widest_range_first() -> None:
    leaves = [
        Leaf("missions.m.troops", source=("F1",)),
        Leaf("parameters.choice.precision", 5, low=1, high=10, spread="uniform"),
        Leaf("parameters.choice.gain", 1, low=0.9, high=1.1, spread="normal"),
        Leaf("dyads.A-B.stake.A", 0.4),
        Leaf("parameters.hostility.inertia", 0.0, low=0.0, high=0.0, spread="uniform"),
    ]
    told = explain.ledger(leaves)
    assert (told.inputs, len(told.assumptions), told.share) == (5, 4, 0.8)
    assert [leaf.path.split(".")[-1] for leaf in told.assumptions] == ["precision", "gain", "inertia", "A"]
    assert told.groups() == {"parameters.choice": 2, "dyads": 1, "parameters.hostility": 1}
    assert explain.ledger([]).share == 0
