"""Elementary functions and chance of the compiled engine against NumPy's, SciPy's and a wider format."""

import ctypes

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from detente.engine import cache, chance, mathematics
from detente.model import noise
from tests.engine_data import REALS, WORD, elementwise, looped

KINDS = {64: np.float64, 32: np.float32}
#: where exp is a number with all its bits
REACH = {64: (-745.0, 709.0), 32: (-103.0, 88.0)}
SMALL = {64: 1e-300, 32: 1e-37}
#: greatest error, in units in the last place
MOST = 2.0
EDGES = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5, 2.0, -2.0, 5e-324, -5e-324, 1e-310, -1e-310, 1e-45, 1e-40,
         700.0, -700.0, 709.5, 710.0, -745.0, -746.0, 88.7, 89.0, -103.0, -104.0, 1e38, 3e38, 1e300, 1e308, -1e308,
         -0.99999999]  # fmt: skip


def units(told: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Distance in units in the last place; 0 where both are no number or equally infinite."""
    with np.errstate(all="ignore"):
        rounded = exact.astype(told.dtype)
        away = np.abs(told.astype(np.longdouble) - exact) / np.spacing(np.abs(rounded)).astype(np.longdouble)
    same = (told == rounded) & ~np.isfinite(rounded) | (np.isnan(told) & np.isnan(rounded))
    return np.where(same, 0.0, np.where(np.isnan(away), np.inf, away))


def points(name: str, bits: int) -> np.ndarray:
    """Dense and random points of the domain, as many as 16 divides."""
    rng, (low, high) = np.random.default_rng(1), REACH[bits]
    small = np.geomspace(SMALL[bits], 1.0, 8000, endpoint=False)
    if name in ("exp", "expm1"):
        found = [rng.uniform(low, high, 40000), rng.normal(size=40000), small, -small, np.linspace(-3, 3, 16000)]
    else:
        spread = np.exp(rng.uniform(low + 1.0, high, 40000))
        found = [rng.uniform(0.0, 2.0, 40000), spread, small, np.linspace(0.5, 1.5, 16000)]
        found += [-small] if name == "log1p" else []
    return np.concatenate(found).astype(KINDS[bits])


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p"])
def test_functions_are_exact_to_two_units_and_the_same_in_every_lane(name: str, bits: int) -> None:
    x = points(name, bits)
    told = elementwise(getattr(mathematics, name), bits, 8)(x)
    with np.errstate(all="ignore"):
        exact = getattr(np, name)(x.astype(np.longdouble))
    assert units(told, exact).max() < MOST
    for lanes in (1, 4, 16):
        np.testing.assert_array_equal(elementwise(getattr(mathematics, name), bits, lanes)(x), told)


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "sqrt", "floor", "rint", "absolute"])
def test_edges_are_numpys(name: str, bits: int) -> None:
    with np.errstate(all="ignore"):
        x = np.array(EDGES).astype(KINDS[bits])
        numpy = getattr(np, name)(x)
        told = elementwise(getattr(mathematics, name), bits, 8)(x)
        near = (told == numpy) | (np.abs(told - numpy) <= MOST * np.spacing(np.abs(numpy)))
    assert list(x[~(near | np.isnan(told) & np.isnan(numpy))]) == []
    np.testing.assert_array_equal(np.signbit(told)[~np.isnan(told)], np.signbit(numpy)[~np.isnan(numpy)])


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize(
    ("bases", "exponents"), [((0, 100), (0.1, 8)), ((1e-12, 1), (-3, 3)), ((0.9, 1.1), (-500, 500))]
)
def test_powers(bits: int, bases: tuple[float, float], exponents: tuple[float, float]) -> None:
    rng = np.random.default_rng(2)
    x, y = (rng.uniform(*limits, 32000).astype(KINDS[bits]) for limits in (bases, exponents))
    told = elementwise(mathematics.power, bits, 8, 2)(x, y)
    assert units(told, x.astype(np.longdouble) ** y.astype(np.longdouble)).max() < MOST


@pytest.mark.parametrize("bits", [64, 32])
def test_powers_at_the_edges_of_bases_that_are_not_negative(bits: int) -> None:
    with np.errstate(all="ignore"):
        values = np.array(EDGES).astype(KINDS[bits])
        x, y = (grid.ravel() for grid in np.meshgrid(values[~np.signbit(values)], values))
        numpy = x**y
        told = elementwise(mathematics.power, bits, 1, 2)(x, y)
    assert units(told, numpy.astype(np.longdouble)).max() < MOST


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("name", ["minimum", "maximum"])
def test_extremes_are_numpys(name: str, bits: int) -> None:
    with np.errstate(all="ignore"):
        x, y = (grid.ravel() for grid in np.meshgrid(*[np.array(EDGES).astype(KINDS[bits])] * 2))
        numpy = getattr(np, name)(x, y)
    np.testing.assert_array_equal(elementwise(getattr(mathematics, name), bits, 8, 2)(x, y), numpy)


@given(st.lists(st.floats(-700.0, 700.0), min_size=8, max_size=8))
def test_logarithm_undoes_exponential(x: list[float]) -> None:
    there = elementwise(mathematics.exp, 64, 8)(np.array(x))
    np.testing.assert_allclose(elementwise(mathematics.log, 64, 8)(there), x, rtol=1e-12, atol=3e-16)


def drawn(what: str, starts: np.ndarray, week: int, bits: int, lanes: int) -> np.ndarray:
    """Draws of a week from the starts of streams; what: words, uniform, normal."""

    def body(builder, start, table, number):
        word = chance.words(builder, start, number)
        if what == "words":
            return word
        return chance.uniform(builder, word, bits) if what == "uniform" else chance.normal(builder, word, table, bits)

    result = WORD if what == "words" else REALS[bits]
    code = cache.compiled(looped(body, lanes, [WORD], result, [REALS[bits].as_pointer(), WORD]))
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, *[ctypes.c_int64] * 2)(code.address("f"))
    out, table = np.empty(starts.size, np.uint64 if what == "words" else KINDS[bits]), chance.table(bits)
    call(starts.ctypes.data, out.ctypes.data, table.ctypes.data, week, starts.size // lanes)
    return out


STREAM = noise.Stream(1, "test", ["a", "b"], np.arange(8000))


@pytest.mark.parametrize("lanes", [1, 4, 8, 16])
def test_words_and_uniforms_have_numpys_bits(lanes: int) -> None:
    starts = STREAM._start.ravel()
    np.testing.assert_array_equal(drawn("words", starts, 300, 64, lanes), STREAM.words(300).ravel())
    np.testing.assert_array_equal(drawn("uniform", starts, 300, 64, lanes), STREAM.uniform(300).ravel())


def reversed_words(words: np.ndarray) -> np.ndarray:
    """Starts of streams whose words in week 0 are these: the finaliser, undone."""
    first, second = (pow(int(factor), -1, 2**64) for factor in (noise.FIRST, noise.SECOND))
    words = words ^ (words >> np.uint64(31)) ^ (words >> np.uint64(62))
    words = words * np.uint64(second)
    words = words ^ (words >> np.uint64(27)) ^ (words >> np.uint64(54))
    words = words * np.uint64(first)
    return words ^ (words >> np.uint64(30)) ^ (words >> np.uint64(60))


def dense() -> np.ndarray:
    """Words at both ends and within every cell, more of them in the outer ones."""
    cells = np.arange(2**noise.CELL_BITS, dtype=np.uint64)[:, None] << np.uint64(64 - noise.CELL_BITS)
    inside = np.linspace(0, 2**52 - 1, 16).astype(np.uint64)[None, :]
    ends = np.geomspace(1, 2**58, 8000).astype(np.uint64)
    return np.concatenate([(cells | inside).ravel(), ends, ~ends])


@pytest.mark.parametrize("lanes", [1, 4, 8])
def test_normals_are_numpys_in_every_cell(lanes: int) -> None:
    words = dense()
    told = drawn("normal", reversed_words(words), 0, 64, lanes)
    np.testing.assert_allclose(told, noise.quantiles(words.copy()), rtol=1e-13, atol=0)
    outer = (words >> noise.REST).astype(np.int64) - noise.EXACT
    inner = (outer >= 0) & (outer < 2**noise.CELL_BITS - 2 * noise.EXACT)
    np.testing.assert_array_equal(told[inner], noise.quantiles(words.copy())[inner])
    np.testing.assert_allclose(told[~inner], ndtri(noise.uniforms(words.copy()))[~inner], rtol=1e-13, atol=0)


def test_floats_are_the_doubles_rounded_and_never_one() -> None:
    words = dense()
    uniform = drawn("uniform", reversed_words(words), 0, 32, 16)
    assert uniform.max() < 1.0
    np.testing.assert_allclose(uniform, noise.uniforms(words.copy()), rtol=2.0**-24)
    normal = drawn("normal", reversed_words(words), 0, 32, 16)
    np.testing.assert_allclose(normal, noise.quantiles(words.copy()), rtol=1e-6, atol=1e-6)
