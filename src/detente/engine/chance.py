"""Chance in LLVM's intermediate representation: the words, uniforms and normals of model/noise.py.

Words and uniforms have NumPy's bits, and so have doubles' normals but for the outer cells, where an expression of
Wichura (1988, AS 241) stands in for SciPy's and differs from it by less than 1e-13 of the value. A float is the double
rounded, a uniform kept below 1.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from detente.engine import mathematics
from detente.engine.lanes import WORD, Lanes, real, retyped
from detente.model import noise

#: start, slope and bend of a cell stand together, beside one number that is not used
ROW = 4
#: bits of a word that are a uniform's fraction
FRACTION = 52
#: as doubles: 2^FRACTION plus a whole number below it has that number in its low bits
SHIFTED = 2.0**FRACTION
#: largest float below 1
BELOW_ONE = 1.0 - 2.0**-24
#: AS 241 turns from one quotient to another at this root of -log(tail), after taking off these
TURN, NEAR, FAR = 5.0, 1.6, 5.0

# numerators and denominators of AS 241 (PPND16), highest power first
NEAR_OVER = (
    7.74545014278341407640e-4,
    2.27238449892691845833e-2,
    2.41780725177450611770e-1,
    1.27045825245236838258,
    3.64784832476320460504,
    5.76949722146069140550,
    4.63033784615654529590,
    1.42343711074968357734,
)
NEAR_UNDER = (
    1.05075007164441684324e-9,
    5.47593808499534494600e-4,
    1.51986665636164571966e-2,
    1.48103976427480074590e-1,
    6.89767334985100004550e-1,
    1.67638483018380384940,
    2.05319162663775882187,
    1.0,
)
FAR_OVER = (
    2.01033439929228813265e-7,
    2.71155556874348757815e-5,
    1.24266094738807843860e-3,
    2.65321895265761230930e-2,
    2.96560571828504891230e-1,
    1.78482653991729133580,
    5.46378491116411436990,
    6.65790464350110377720,
)
FAR_UNDER = (
    2.04426310338993978564e-15,
    1.42151175831644588870e-7,
    1.84631831751005468180e-5,
    7.86869131145613259100e-4,
    1.48753612908506148525e-2,
    1.36929880922735805310e-1,
    5.99832206555887937690e-1,
    1.0,
)


@cache
def table(bits: int) -> NDArray[Any]:
    """Parabolas of the cells, (cell, ROW), as doubles or floats: what ``normal`` is given the address of."""
    rows = np.zeros((2**noise.CELL_BITS, ROW), np.float64 if bits == 64 else np.float32)
    rows[:, :3] = np.stack(noise.CELLS, axis=1)
    return rows


def words(builder: Any, start: Any, week: Any) -> Any:
    """Words of the week of a number, a 64-bit integer, from the starts of the streams."""
    x = Lanes(builder, start)
    passed = builder.mul(week, ir.Constant(WORD, int(noise.GAMMA)))
    return _mixed(x + Lanes(builder, _spread(builder, passed, x.type))).value


def uniform(builder: Any, word: Any, bits: int) -> Any:
    """Words as numbers in (0, 1), doubles or floats."""
    drawn = _uniform(Lanes(builder, word)).narrowed(bits)
    if bits == 64:
        return drawn.value
    return mathematics.minimum(builder, drawn.value, drawn.like(BELOW_ONE).value)


def normal(builder: Any, word: Any, parabolas: Any, bits: int) -> Any:
    """Standard normal quantiles at the uniforms of words; ``parabolas`` points to :func:`table` of as many bits."""
    x = Lanes(builder, word)
    cell = x >> (64 - noise.CELL_BITS)
    inner = _inner(x, cell, parabolas, bits)
    outer = (cell - noise.EXACT).is_(">=", 2**noise.CELL_BITS - 2 * noise.EXACT)
    before = builder.block
    with builder.if_then(outer.any(), likely=False):
        exact = _quantile(_uniform(x), bits)
        chosen = outer.where(exact, inner).value
        rare = builder.block
    drawn = builder.phi(inner.type)
    drawn.add_incoming(inner.value, before)
    drawn.add_incoming(chosen, rare)
    return drawn


def _mixed(x: Lanes) -> Lanes:
    """SplitMix64's finaliser."""
    x = (x ^ (x >> 30)) * int(noise.FIRST)
    x = (x ^ (x >> 27)) * int(noise.SECOND)
    return x ^ (x >> 31)


def _spread(builder: Any, number: Any, kind: Any) -> Any:
    """One number in every lane of a type."""
    if not isinstance(kind, ir.VectorType):
        return number
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count))


def _whole(x: Lanes) -> Lanes:
    """Integers below 2^FRACTION as doubles."""
    return (x | x.like(int(np.float64(SHIFTED).view(np.int64)))).as_real() - SHIFTED


def _uniform(word: Lanes) -> Lanes:
    return (_whole(word >> (64 - FRACTION)) + 0.5) * noise.GRAIN


def _inner(word: Lanes, cell: Lanes, parabolas: Any, bits: int) -> Lanes:
    """The parabola of each word's cell at its place within."""
    within = (_whole((word << noise.CELL_BITS) >> (64 - FRACTION)) * noise.GRAIN).narrowed(bits)
    start, slope, bend = _columns(cell, parabolas, bits)
    return (bend * within + slope) * within + start


def _columns(cell: Lanes, parabolas: Any, bits: int) -> list[Lanes]:
    """Numbers 0 to 2 of the rows of some cells."""
    builder, kind = cell.builder, retyped(cell.type, real(bits))
    rows = ir.VectorType(real(bits), ROW)
    loaded = [_row(cell, lane, parabolas, rows) for lane in range(cell.lanes)]
    if cell.lanes == 1:
        return [Lanes(builder, builder.extract_element(loaded[0], _index(n))) for n in range(3)]
    while len(loaded) > 1:
        loaded = [_beside(builder, *pair) for pair in zip(loaded[::2], loaded[1::2], strict=True)]
    every = [[ROW * lane + n for lane in range(kind.count)] for n in range(3)]
    return [Lanes(builder, builder.shuffle_vector(loaded[0], loaded[0], _mask(places))) for places in every]


def _row(cell: Lanes, lane: int, parabolas: Any, rows: Any) -> Any:
    builder, place = cell.builder, cell.value
    if cell.lanes > 1:
        place = builder.extract_element(place, _index(lane))
    first = builder.gep(parabolas, [builder.mul(place, ir.Constant(WORD, ROW))], source_etype=rows.element)
    return builder.load(first, typ=rows, align=4)


def _beside(builder: Any, left: Any, right: Any) -> Any:
    return builder.shuffle_vector(left, right, _mask(range(2 * left.type.count)))


def _mask(places: Any) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places))


def _index(number: int) -> Any:
    return ir.Constant(ir.IntType(32), number)


def _quantile(p: Lanes, bits: int) -> Lanes:
    """The normal quantile in either tail, from doubles: log and quotients in the precision asked for."""
    upper = p.is_(">", 0.5)
    tail = upper.where(1.0 - p, p).narrowed(bits)
    root = (-Lanes(p.builder, mathematics.log(p.builder, tail.value))).intrinsic("llvm.sqrt")
    far = root.is_(">", TURN)
    r = root - far.where(FAR, root.like(NEAR))
    over = far.where(mathematics.polynomial(r, FAR_OVER), mathematics.polynomial(r, NEAR_OVER))
    under = far.where(mathematics.polynomial(r, FAR_UNDER), mathematics.polynomial(r, NEAR_UNDER))
    size = over / under
    return upper.where(size, -size)
