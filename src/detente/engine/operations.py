"""Element-wise operations of the graph in LLVM's intermediate representation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from detente.engine import mathematics
from detente.engine.graph import Node
from detente.engine.lanes import Lanes

SHORT = ir.IntType(32)


def spread(builder: Any, number: Any, lanes: int) -> Any:
    """One number in every lane."""
    kind = ir.VectorType(number.type, lanes)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), number, SHORT(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(SHORT, lanes), [0] * lanes))


def to_number(builder: Any, mask: Any, kind: Any) -> Any:
    """A mask as 0 and 1."""
    one = ir.Constant(kind, [ir.Constant(kind.element, 1.0)] * kind.count)
    return builder.select(mask, one, ir.Constant(kind, None))


def to_mask(builder: Any, value: Any) -> Any:
    """Where a number is not 0."""
    return builder.fcmp_unordered("!=", value, ir.Constant(value.type, None))


def _compare(builder: Any, node: Node, x: Any, y: Any) -> Any:
    return Lanes(builder, x).is_(str(node.note), Lanes(builder, y)).value


def _power(builder: Any, node: Node, x: Any, y: Any) -> Any:
    exponent = node.args[1]
    if exponent.op == "constant" and exponent.note in (0.5, 1.0, 2.0):
        short = {0.5: lambda: mathematics.sqrt(builder, x), 1.0: lambda: x, 2.0: lambda: builder.fmul(x, x)}
        return short[float(exponent.note)]()
    return mathematics.power(builder, x, y)


def _truncated(builder: Any, node: Node, x: Any) -> Any:
    return Lanes(builder, x).intrinsic("llvm.trunc").value


def _of(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda builder, node, *values: function(builder, *values)


def _by(name: str) -> Callable[..., Any]:
    return lambda builder, node, *values: getattr(builder, name)(*values)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": _by("fadd"),
    "subtract": _by("fsub"),
    "multiply": _by("fmul"),
    "divide": _by("fdiv"),
    "negative": _by("fneg"),
    "absolute": _of(mathematics.absolute),
    "exp": _of(mathematics.exp),
    "expm1": _of(mathematics.expm1),
    "log": _of(mathematics.log),
    "log1p": _of(mathematics.log1p),
    "sqrt": _of(mathematics.sqrt),
    "floor": _of(mathematics.floor),
    "rint": _of(mathematics.rint),
    "power": _power,
    "minimum": _of(mathematics.minimum),
    "maximum": _of(mathematics.maximum),
    "compare": _compare,
    "select": _by("select"),
    "and": _by("and_"),
    "or": _by("or_"),
    "xor": _by("xor"),
    "not": _by("not_"),
    "truncate": _truncated,
    "same": lambda builder, node, x: x,
    "spread": lambda builder, node, x: x,
    "result": lambda builder, node, loop: loop[node.note],
}

#: how rows are joined to one
JOINED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "sum": lambda builder, total, value: builder.fadd(total, value),
    "product": lambda builder, total, value: builder.fmul(total, value),
    "max": mathematics.maximum,
    "min": mathematics.minimum,
    "join": lambda builder, total, value: (1.0 - (1.0 - Lanes(builder, total)) * (1.0 - Lanes(builder, value))).value,
}
