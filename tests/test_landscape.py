"""The landscape of alignments: every accepted move lowers the energy (model.md §2.8); minima are minima."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import floats

from detente.analysis import landscape
from detente.analysis.landscape import Landscape


@st.composite
def landscapes(draw: st.DrawFn) -> Landscape:
    count = draw(st.integers(1, 6))
    sizes = draw(st.lists(floats(0.01, 10), min_size=count, max_size=count))
    pulls = draw(st.lists(floats(-1, 1), min_size=count * count, max_size=count * count))
    upper = np.triu(np.array(pulls).reshape(count, count), 1)
    return Landscape(np.array(sizes), upper + upper.T)


@given(landscapes(), st.data())
def test_every_accepted_move_lowers_the_energy(land: Landscape, data: st.DataObject) -> None:
    count = land.sizes.size
    start = np.array(data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)), dtype=np.int8)
    path = landscape.descend(land, start)
    levels = [landscape.energy(land, camps) for camps in path]
    assert all(after < before for before, after in pairwise(levels))
    assert all(int((a != b).sum()) == 1 for a, b in pairwise(path))
    assert (landscape.change(land, path[-1]) >= -1e-9).all()


@given(landscapes())
def test_the_change_of_energy_is_that_of_the_move(land: Landscape) -> None:
    camps = np.arange(land.sizes.size).astype(np.int8) % 2
    for actor, gain in enumerate(landscape.change(land, camps)):
        moved = camps.copy()
        moved[actor] ^= 1
        assert landscape.energy(land, moved) - landscape.energy(land, camps) == pytest.approx(gain, abs=1e-9)


@given(landscapes())
def test_the_lowest_minimum_is_the_lowest_of_all(land: Landscape) -> None:
    count = land.sizes.size
    all_levels = [landscape.energy(land, np.array(x, dtype=np.int8)) for x in product((0, 1), repeat=count)]
    found = landscape.minima(land)
    assert found[0][0] == pytest.approx(min(all_levels), abs=1e-9)
    assert sum(starts for _, _, starts in found) == 2 ** (count - 1)
    assert all(camps[0] == 0 for _, camps, _ in found)


def test_two_blocs_are_found() -> None:
    actors, pairs = ["A", "B", "C", "D"], [("A", "B"), ("C", "D"), ("A", "C"), ("B", "D")]
    land = landscape.of_tension(actors, pairs, np.array([10.0, 12.0, 60.0, 55.0]))
    best = landscape.minima(land)[0][1]
    np.testing.assert_array_equal(best, [0, 0, 1, 1])


def test_an_asymmetric_propensity_is_refused() -> None:
    with pytest.raises(ValueError, match="not symmetric"):
        Landscape(np.ones(2), np.array([[0.0, 1.0], [0.5, 0.0]]))


def test_too_many_actors_are_refused() -> None:
    with pytest.raises(ValueError, match="17 actors"):
        landscape.minima(Landscape(np.ones(17), np.zeros((17, 17))))
