"""Chance: the tabulated normal quantile against SciPy's, in every cell and at both ends."""

import numpy as np
from scipy.special import ndtri

from detente.model import noise


def words(within: int) -> np.ndarray:
    """Words at ``within`` evenly spaced places of every cell, ends included; (cell, place)."""
    cells = np.arange(2**noise.CELL_BITS, dtype=np.uint64)[:, None]
    places = np.linspace(0, 2**52 - 1, within).astype(np.uint64)[None, :]
    return (cells << np.uint64(64 - noise.CELL_BITS)) | places


def test_normals_are_the_quantiles_of_the_uniforms() -> None:
    exact = ndtri(noise.uniforms(words(33)))
    told = noise.quantiles(words(33))
    assert np.abs(told - exact).max() < 1e-7
    np.testing.assert_array_equal(told[: noise.EXACT], exact[: noise.EXACT])
    np.testing.assert_array_equal(told[-noise.EXACT :], exact[-noise.EXACT :])


def test_more_luck_never_gives_less() -> None:
    assert (np.diff(noise.quantiles(words(33)).ravel()) >= 0).all()


def test_the_extremes_are_finite() -> None:
    ends = noise.quantiles(np.array([0, 2**64 - 1], dtype=np.uint64))
    np.testing.assert_allclose(ends, [-8.2095, 8.2095], atol=1e-4)


def test_a_stream_gives_uniforms_and_their_quantiles() -> None:
    stream = noise.Stream(1, "test", ["a", "b"], np.arange(1000))
    np.testing.assert_allclose(stream.normal(5), ndtri(stream.uniform(5)), atol=1e-7)
