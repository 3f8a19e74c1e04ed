"""Elementary functions in LLVM's intermediate representation, for floats and doubles, scalars and vectors.

Additions, multiplications (rounded together where ``fused`` is written), divisions and selections only: no branch, no
library, the same bits in every lane and on every processor. Infinities and what is no number come out as NumPy's do.

Reductions and coefficients are published ones: ``log``, ``log1p`` after fdlibm (Sun Microsystems 1993), exp and the
logarithm within ``power`` after SLEEF (Shibata & Petrogalli 2020), exp of floats after Cephes (Moshier 1989). Errors
stay below 2 units in the last place (tested against a wider format).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from llvmlite import ir

from detente.engine.lanes import Lanes, suffix


class Format(NamedTuple):
    """What the functions need to know of a floating-point format."""

    #: bits of the fraction
    fraction: int
    #: exponent of one, as stored
    bias: int
    #: 1.5 * 2^fraction: adding it rounds to a whole number, which then stands in the low bits
    rounder: float
    #: ln 2, the first part with so few bits that whole multiples of it are exact
    ln2: tuple[float, float]
    #: exp below and above is 0 and infinite
    exp_range: tuple[float, float]
    #: below it expm1 is -1
    expm1_least: float
    #: smallest number with all its bits
    least: float
    #: (exp(r) - 1 - r) / r², highest power first
    exp: tuple[float, ...]
    #: fdlibm's series of log(1 + t) in s², s = t / (2 + t), highest power first
    log: tuple[float, ...]


DOUBLE = Format(
    fraction=52,
    bias=1023,
    rounder=1.5 * 2.0**52,
    ln2=(6.93147180369123816490e-01, 1.90821492927058770002e-10),
    exp_range=(-746.0, 710.0),
    expm1_least=-40.0,
    least=2.0**-1022,
    exp=(
        2.08860621107283687536341e-09,
        2.51112930892876518610661e-08,
        2.75573911234900471893338e-07,
        2.75572362911928827629423e-06,
        2.4801587159235472998791e-05,
        0.000198412698960509205564975,
        0.00138888888889774492207962,
        0.00833333333331652721664984,
        0.0416666666666665047591422,
        0.166666666666666851703837,
        0.5,
    ),
    log=(
        1.479819860511658591e-01,
        1.531383769920937332e-01,
        1.818357216161805012e-01,
        2.222219843214978396e-01,
        2.857142874366239149e-01,
        3.999999999940941908e-01,
        6.666666666666735130e-01,
    ),
)
SINGLE = Format(
    fraction=23,
    bias=127,
    rounder=1.5 * 2.0**23,
    ln2=(6.9313812256e-01, 9.0580006145e-06),
    exp_range=(-104.0, 89.0),
    expm1_least=-20.0,
    least=2.0**-126,
    exp=(
        1.9875691500e-4,
        1.3981999507e-3,
        8.3334519073e-3,
        4.1665795894e-2,
        1.6666665459e-1,
        5.0000001201e-1,
    ),
    log=(0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693),
)
FORMATS = {32: SINGLE, 64: DOUBLE}

LOG2_E = 1.4426950408889634
ROOT_HALF = 0.7071067811865476
#: SLEEF's logarithm of a base of ``power``: in s², s = (m - 1) / (m + 1), highest power first, and 2/3 in two parts
LOG_OF_BASE = (
    0.116255524079935043668677,
    0.103239680901072952701192,
    0.117754809412463995466069,
    0.13332981086846273921509,
    0.153846227114512262845736,
    0.181818180850050775676507,
    0.222222222230083560345903,
    0.285714285714249172087875,
    0.400000000000000077715612,
)
TWO_THIRDS = (0.666666666666666629659233, 3.80554962542412056336616e-17)
#: ln 2 to twice the bits
LN2 = (0.693147180559945286226764, 2.319046813846299558417771e-17)


def exp(builder: Any, x: Any) -> Any:
    """e^x."""
    return _call(builder, _exp, x)


def expm1(builder: Any, x: Any) -> Any:
    """e^x - 1."""
    return _call(builder, _expm1, x)


def log(builder: Any, x: Any) -> Any:
    """The natural logarithm."""
    return _call(builder, _log, x)


def log1p(builder: Any, x: Any) -> Any:
    """log(1 + x)."""
    return _call(builder, _log1p, x)


def power(builder: Any, x: Any, y: Any) -> Any:
    """x^y of bases that are not negative; what is no number for those that are."""
    return _call(builder, _power, x, y)


def sqrt(builder: Any, x: Any) -> Any:
    """The square root, rounded correctly."""
    return Lanes(builder, x).intrinsic("llvm.sqrt").value


def floor(builder: Any, x: Any) -> Any:
    """The largest whole number not above x."""
    return Lanes(builder, x).intrinsic("llvm.floor").value


def rint(builder: Any, x: Any) -> Any:
    """The nearest whole number, the even one of two."""
    return Lanes(builder, x).intrinsic("llvm.rint").value


def absolute(builder: Any, x: Any) -> Any:
    """x without its sign."""
    return Lanes(builder, x).intrinsic("llvm.fabs").value


def minimum(builder: Any, x: Any, y: Any) -> Any:
    """The smaller one; no number where one of them is none."""
    return _extreme("<", Lanes(builder, x), Lanes(builder, y)).value


def maximum(builder: Any, x: Any, y: Any) -> Any:
    """The larger one; no number where one of them is none."""
    return _extreme(">", Lanes(builder, x), Lanes(builder, y)).value


def select(builder: Any, mask: Any, x: Any, y: Any) -> Any:
    """x where the mask holds, y elsewhere."""
    return builder.select(mask, x, y)


def _extreme(how: str, x: Lanes, y: Lanes) -> Lanes:
    if isinstance(x.value, ir.Constant):
        x, y = y, x
    chosen = y.is_(how, x).where(y, x)  # x where one of both is no number
    return chosen if isinstance(y.value, ir.Constant) else y.no_number().where(y, chosen)


def _call(builder: Any, body: Callable[..., Lanes], *arguments: Any) -> Any:
    """Call a function of the module, defined where it is asked for first, and inlined."""
    kind = arguments[0].type
    name = f"detente.{body.__name__.strip('_')}.{suffix(kind)}"
    function = builder.module.globals.get(name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(kind, [a.type for a in arguments]), name)
        function.linkage = "internal"
        function.attributes.add("alwaysinline")
        inner = ir.IRBuilder(function.append_basic_block())
        inner.ret(body(*(Lanes(inner, given) for given in function.args)).value)
    return builder.call(function, arguments)


def polynomial(x: Lanes, coefficients: Sequence[float]) -> Lanes:
    """The polynomial in x, highest power first."""
    total = x.like(coefficients[0])
    for coefficient in coefficients[1:]:
        total = total.fused(x, coefficient)
    return total


def _scale(rounded: Lanes, f: Format) -> Lanes:
    """2^n, from n + rounder: n stands in the low bits."""
    return ((rounded.as_words() << f.fraction) + (f.bias << f.fraction)).as_real()


def _reduced(x: Lanes, f: Format) -> tuple[Lanes, Lanes, Lanes]:
    """n, and x - n ln 2 in two parts, the first of them between ±ln 2 / 2."""
    n = x.fused(LOG2_E, f.rounder) - f.rounder
    high = n.fused(-f.ln2[0], x)
    r = n.fused(-f.ln2[1], high)
    return n, r, n.fused(-f.ln2[1], high - r)


def _kept(x: Lanes, least: float, most: float) -> Lanes:
    """x within bounds; what is no number stays so."""
    x = x.is_("<", least).where(least, x)
    return x.is_(">", most).where(most, x)


def _exp(x: Lanes) -> Lanes:
    f = FORMATS[x.bits]
    n, r, _ = _reduced(_kept(x, *f.exp_range), f)
    return _scaled(1.0 + (r * r).fused(polynomial(r, f.exp), r), n, f)


def _scaled(y: Lanes, n: Lanes, f: Format) -> Lanes:
    """y 2^n by two factors, each of which is a number with all its bits."""
    half = n.fused(0.5, f.rounder)
    return y * _scale(half, f) * _scale((n - (half - f.rounder)) + f.rounder, f)


def _expm1(x: Lanes) -> Lanes:
    f = FORMATS[x.bits]
    n, r, rest = _reduced(_kept(x, f.expm1_least, f.exp_range[1]), f)
    half = _scale(n + (f.rounder - 1.0), f)  # 2^n / 2, which is finite where e^x is
    small = (r * r).fused(polynomial(r, f.exp), rest)
    grown = half.fused(small, half.fused(r, half - 0.5)) * 2.0
    return x.intrinsic("llvm.fabs").is_("<", f.least * 2.0**60).where(x, grown)


def _split(x: Lanes, f: Format, low: float) -> tuple[Lanes, Lanes]:
    """k and m with x = m 2^k and m from ``low`` to below 2 ``low``, of a positive number with all its bits."""
    words, start = x.as_words(), x.like(low).as_words()
    k = (words - start).signed_shift(f.fraction)
    m = (words - (k << f.fraction)).as_real()
    return (k + x.like(f.rounder).as_words()).as_real() - f.rounder, m


def _normal(x: Lanes, f: Format) -> tuple[Lanes, Lanes]:
    """x times a power of two such that all bits are there, and what that adds to its exponent."""
    small = x.is_("<", f.least)
    raised = float(f.fraction + 2)
    return small.where(x * 2.0**raised, x), small.where(-raised, x.like(0.0))


def _log(x: Lanes) -> Lanes:
    f = FORMATS[x.bits]
    raised, shift = _normal(x, f)
    k, m = _split(raised, f, ROOT_HALF)
    return _log_ends(x, _log_of(k + shift, m - 1.0, x.like(0.0), f))


def _log_of(k: Lanes, t: Lanes, rest: Lanes, f: Format) -> Lanes:
    """k ln 2 + log(1 + t) + rest, by fdlibm: s (t²/2 + R) - t²/2 + t."""
    s = t / (2.0 + t)
    z = s * s
    half = t * t * 0.5
    grown = s.fused(z.fused(polynomial(z, f.log), half), k.fused(f.ln2[1], rest))
    return k.fused(f.ln2[0], (grown - half) + t)


def _log_ends(x: Lanes, y: Lanes) -> Lanes:
    """The logarithm at 0, below, and at infinity."""
    y = x.is_("==", 0.0).where(float("-inf"), y)
    y = x.is_("==", float("inf")).where(x, y)
    return _or_nan(x, y)


def _or_nan(x: Lanes, y: Lanes) -> Lanes:
    """y; what is no number where x is below 0 or none."""
    return x.is_(">=", 0.0).where(y, x.like(float("nan")))


def _log1p(x: Lanes) -> Lanes:
    f = FORMATS[x.bits]
    u = 1.0 + x
    back = u - 1.0
    lost = (1.0 - (u - back)) + (x - back)  # 1 + x = u + lost, exactly
    k, m = _split(u, f, ROOT_HALF)
    near = k.is_("==", 0.0)
    inner, rest = near.where(x, m - 1.0), near.where(0.0, lost / u)
    y = _log_ends(u, _log_of(k, inner, rest, f))
    return x.intrinsic("llvm.fabs").is_("<", 2.0 ** -(f.fraction + 2)).where(x, y)


def _power(x: Lanes, y: Lanes) -> Lanes:
    """Floats by way of doubles; doubles with a logarithm of twice the bits."""
    wide = _raise_double(x.widened(), y.widened())
    return wide.narrowed(x.bits)


def _raise_double(x: Lanes, y: Lanes) -> Lanes:
    high, low = _product(_log_of_base(x), (y, y.like(0.0)))
    n, r, rest = _reduced(_kept(high, *DOUBLE.exp_range), DOUBLE)
    r, rest = _sum(r, rest + high.intrinsic("llvm.fabs").is_("<", 750.0).where(low, low.like(0.0)))
    raised = _scaled(1.0 + (r + (r * r).fused(polynomial(r, DOUBLE.exp), rest)), n, DOUBLE)
    return _power_ends(x, y, raised)


def _power_ends(x: Lanes, y: Lanes, z: Lanes) -> Lanes:
    """x^y where x or y is 0 or infinite, x is 1, or one is no number."""
    up, down = y.is_(">", 0.0), y.is_("<", 0.0)
    zero, endless = z.like(0.0), z.like(float("inf"))
    z = x.is_("==", 0.0).where(up.where(zero, endless), z)
    z = x.is_("==", float("inf")).where(up.where(endless, zero), z)
    far = y.intrinsic("llvm.fabs").is_("==", float("inf"))
    grows = Lanes(z.builder, z.builder.xor(x.is_(">", 1.0).value, down.value))
    z = far.where(grows.where(endless, zero), z)
    z = y.no_number().where(y, _or_nan(x, z))
    z = x.is_("==", 1.0).where(1.0, z)
    return y.is_("==", 0.0).where(1.0, z)


Pair = tuple[Lanes, Lanes]


def _log_of_base(x: Lanes) -> Pair:
    """log x to some 65 bits, in two parts."""
    raised, shift = _normal(x, DOUBLE)
    k, m = _split(raised, DOUBLE, 0.75)
    k = k + shift
    s = _quotient(m - 1.0, _sum(m, m.like(1.0)))
    square = _product(s, s)
    tail = polynomial(square[0], LOG_OF_BASE)
    third = _added(_pair(m, TWO_THIRDS), square[0] * tail)
    grown = _joined((s[0] * 2.0, s[1] * 2.0), _product(_product(square, s), third))
    return _joined(_product(_pair(m, LN2), (k, k.like(0.0))), grown)


def _pair(like: Lanes, parts: tuple[float, float]) -> Pair:
    return like.like(parts[0]), like.like(parts[1])


def _sum(a: Lanes, b: Lanes) -> Pair:
    """a + b in two parts, exactly (Knuth)."""
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


def _added(a: Pair, b: Lanes) -> Pair:
    total, lost = _sum(a[0], b)
    return total, lost + a[1]


def _joined(a: Pair, b: Pair) -> Pair:
    total, lost = _sum(a[0], b[0])
    return _sum(total, lost + (a[1] + b[1]))


def _product(a: Pair, b: Pair) -> Pair:
    """a b in two parts."""
    total = a[0] * b[0]
    lost = a[0].fused(b[0], -total)
    return total, a[0].fused(b[1], a[1].fused(b[0], lost))


def _quotient(a: Lanes, b: Pair) -> Pair:
    """a / b in two parts."""
    total = a / b[0]
    left = total.fused(-b[0], a)
    return total, total.fused(-b[1], left) / b[0]
