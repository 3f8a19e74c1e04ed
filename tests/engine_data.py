"""A function of the engine as a function of arrays: compiled into a loop over vectors of so many lanes."""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

ir = pytest.importorskip("llvmlite.ir", reason="the extra fast is not installed")

from detente.engine import cache  # noqa: E402

REALS = {64: ir.DoubleType(), 32: ir.FloatType()}
WORD = ir.IntType(64)


def looped(body: Callable[..., Any], lanes: int, sources: list[Any], result: Any, given: list[Any]) -> str:
    """A module whose function f(sources…, result, given…, count) stores body(builder, elements…, given…)."""

    def wide(kind: Any) -> Any:
        return ir.VectorType(kind, lanes) if lanes > 1 else kind

    module = ir.Module()
    pointers = [wide(kind).as_pointer() for kind in [*sources, result]]
    f = ir.Function(module, ir.FunctionType(ir.VoidType(), [*pointers, *given, WORD]), "f")
    start, loop, done = (f.append_basic_block(name) for name in ("start", "loop", "done"))
    builder = ir.IRBuilder(start)
    builder.branch(loop)
    builder.position_at_end(loop)
    place = builder.phi(WORD)
    elements = [builder.load(builder.gep(f.args[n], [place]), align=4) for n in range(len(sources))]
    stored = body(builder, *elements, *f.args[len(pointers) : -1])
    builder.store(stored, builder.gep(f.args[len(sources)], [place]), align=4)
    following = builder.add(place, ir.Constant(WORD, 1))
    place.add_incoming(ir.Constant(WORD, 0), start)
    place.add_incoming(following, builder.block)
    builder.cbranch(builder.icmp_unsigned("<", following, f.args[-1]), loop, done)
    builder.position_at_end(done)
    builder.ret_void()
    return str(module)


def elementwise(body: Callable[..., Any], bits: int, lanes: int, arguments: int = 1) -> Callable[..., Any]:
    """``body`` of the engine on arrays of floats or doubles whose length the lanes divide."""
    code = cache.compiled(looped(body, lanes, [REALS[bits]] * arguments, REALS[bits], []))
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (arguments + 1), ctypes.c_int64)(code.address("f"))

    def on(*arrays: np.ndarray) -> np.ndarray:
        out = np.empty_like(arrays[0])
        assert out.size % lanes == 0
        call(*(array.ctypes.data for array in arrays), out.ctypes.data, out.size // lanes)
        return out

    on.code = code  # type: ignore[attr-defined]  # kept as long as the function
    return on
