"""Dialogue: hazards of the chain, paired luck, a gain that fades (model.md §1.6)."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import floats

from detente.laws import dialogue
from detente.laws.dialogue import ACTIVE, AGREEMENT, SIGNED, STALLED
from detente.laws.dialogue import Parameters as DialogueParameters

USUAL = {
    "short_gain": 0.4,
    "long_erosion": 0.15,
    "settlement_gain": 0.8,
    "memory": 104.0,
    "stall": 0.02,
    "resume": 0.1,
    "settle": 0.03,
    "signed_share": 0.5,
    "ratify": 0.04,
    "unravel": 0.01,
    "lapse": 0.006,
    "hostility_sensitivity": 0.5,
}
MANY = 100_000


def parameters(**given: float) -> DialogueParameters:
    values = {field.name: 0.0 for field in fields(DialogueParameters)} | USUAL | given
    return DialogueParameters(**{name: np.asarray(value) for name, value in values.items()})


def after(
    state: int, uniform: np.ndarray, heat: float = 1.0, leverage: float = 0.6, strain: float = 1.0, **given: float
) -> np.ndarray:
    """State a week later of tracks that all stand in ``state``."""
    return dialogue.turn(
        np.full(uniform.shape, state, dtype=np.int8),
        uniform,
        heat=np.full(uniform.shape, heat),
        leverage=np.full(uniform.shape, leverage),
        flexibility=np.full(uniform.shape, 0.25),
        tilt=np.full(uniform.shape, 1.5),
        lapse=np.full(uniform.shape, 0.006),
        strain=np.full(uniform.shape, strain),
        p=parameters(**given),
    )


#: state -> (state it falls or rises to, weekly hazard)
MOVES = {
    STALLED: [(ACTIVE, 0.1 * 0.6)],
    ACTIVE: [(STALLED, 0.02), (SIGNED, 0.03 * 0.6 * 0.25 * 1.5)],
    SIGNED: [(STALLED, 0.01), (AGREEMENT, 0.04 * 0.6)],
    AGREEMENT: [(STALLED, 0.006)],
}


@pytest.mark.parametrize("state", MOVES)
def test_a_track_moves_with_its_hazards(state: int) -> None:
    moved = after(state, np.random.default_rng(9).random((1, MANY)))
    for to, hazard in MOVES[state]:
        share = -np.expm1(-hazard)
        assert abs((moved == to).mean() - share) < 5 * np.sqrt(share * (1 - share) / MANY)
    assert set(np.unique(moved)) <= {state, *(to for to, _ in MOVES[state])}


@given(st.sampled_from([STALLED, ACTIVE, SIGNED, AGREEMENT]), floats(0, 1), floats(0, 1), floats(0.1, 10))
def test_more_luck_never_worsens_a_track(state: int, one: float, other: float, heat: float) -> None:
    low, high = (after(state, np.full((1, 1), u), heat=heat)[0, 0] for u in sorted((one, other)))
    assert STALLED <= low <= high <= AGREEMENT


def test_heat_breaks_tracks_off_and_leverage_carries_them_on() -> None:
    uniform = np.random.default_rng(10).random((1, MANY))
    cold, hot = (after(ACTIVE, uniform, heat=h) for h in (1.0, 3.0))
    assert (hot == STALLED).sum() > 2 * (cold == STALLED).sum()
    assert (hot == SIGNED).sum() < (cold == SIGNED).sum()
    assert (after(STALLED, uniform, leverage=1.0) == ACTIVE).sum() > (after(STALLED, uniform) == ACTIVE).sum()
    assert (after(STALLED, uniform, leverage=0.0) == STALLED).all()


def test_war_breaks_agreements_off() -> None:
    uniform = np.random.default_rng(11).random((1, MANY))
    peace, war = ((after(AGREEMENT, uniform, strain=x) == STALLED).mean() for x in (1.0, 10.0))
    assert war > 5 * peace


@given(floats(-1000, 1000))
def test_heat_is_one_at_rest_and_bounded(excess: float) -> None:
    p = parameters()
    assert dialogue.heat(np.zeros((1, 1)), p)[0, 0] == 1
    assert np.exp(-3) <= dialogue.heat(np.full((1, 1), excess), p)[0, 0] <= np.exp(3)


def relief(state: int, age: float, erosion: float = 1.0) -> float:
    return float(
        dialogue.relief(
            np.full((1, 1), state, dtype=np.int8), np.full((1, 1), age), np.full((1, 1), erosion), parameters()
        )[0, 0]
    )


def test_talks_help_at_first_and_erode_when_nothing_follows() -> None:
    assert relief(ACTIVE, 0) == pytest.approx(0.4)
    assert relief(ACTIVE, 1e6) == pytest.approx(-0.15)
    assert relief(ACTIVE, 1e6, erosion=1.5) == pytest.approx(-0.225)
    ages = [relief(ACTIVE, age) for age in range(0, 500, 10)]
    assert (np.diff(ages) < 0).all()
    assert relief(ACTIVE, 104) == pytest.approx(0.4 / np.e - 0.15 * (1 - 1 / np.e))


@given(floats(0, 1e4))
def test_an_agreement_keeps_its_gain_and_a_stalled_track_gives_none(age: float) -> None:
    assert relief(AGREEMENT, age) == pytest.approx(0.8)
    assert relief(STALLED, age) == 0
