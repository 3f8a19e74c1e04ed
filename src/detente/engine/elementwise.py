"""Element-wise operations as NumPy has them, written down as nodes: types as NumPy would have them, too.

In lanes every number is a float: integers and truths of NumPy's are whole floats, comparisons are masks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.engine.graph import ALONE, Graph, Node, Untraceable

if TYPE_CHECKING:
    from detente.engine.traced import Traced

#: NumPy's function -> operation of the emitter
NUMBERS: dict[np.ufunc, str] = {
    np.add: "add",
    np.subtract: "subtract",
    np.multiply: "multiply",
    np.true_divide: "divide",
    np.negative: "negative",
    np.absolute: "absolute",
    np.fabs: "absolute",
    np.exp: "exp",
    np.expm1: "expm1",
    np.log: "log",
    np.log1p: "log1p",
    np.sqrt: "sqrt",
    np.power: "power",
    np.float_power: "power",
    np.minimum: "minimum",
    np.maximum: "maximum",
    np.fmin: "minimum",
    np.fmax: "maximum",
    np.floor: "floor",
    np.rint: "rint",
}
COMPARISONS: dict[np.ufunc, str] = {
    np.less: "<",
    np.less_equal: "<=",
    np.greater: ">",
    np.greater_equal: ">=",
    np.equal: "==",
    np.not_equal: "!=",
}
#: of truths: what the functions of integers' bits and those of truths do
LOGIC: dict[np.ufunc, str] = {
    np.bitwise_and: "and",
    np.bitwise_or: "or",
    np.bitwise_xor: "xor",
    np.logical_and: "and",
    np.logical_or: "or",
    np.logical_xor: "xor",
    np.add: "or",
    np.multiply: "and",
    np.maximum: "or",
    np.minimum: "and",
}
NEGATIONS = (np.invert, np.logical_not)
#: functions that are told by others
TOLD: dict[np.ufunc, Callable[[Any], Any]] = {
    np.square: lambda x: x * x,
    np.reciprocal: lambda x: 1.0 / x,
    np.positive: lambda x: x,
    np.sign: lambda x: np.where(x > 0, 1.0, np.where(x < 0, -1.0, 0.0)),
    np.ceil: lambda x: -np.floor(-x),
    np.isnan: lambda x: x != x,  # what is no number is not itself
}


def apply(graph: Graph, ufunc: np.ufunc, inputs: Sequence[Any]) -> Traced:
    """The array that an element-wise function of NumPy's makes."""
    from detente.engine.traced import Traced, as_traced

    if ufunc is np.true_divide and not isinstance(inputs[1], Traced):
        ufunc, inputs = np.multiply, (inputs[0], _reciprocal(inputs[1]))
    if ufunc in TOLD:
        return TOLD[ufunc](*inputs)  # type: ignore[no-any-return]
    given = [as_traced(graph, value) for value in inputs]
    types, result = _resolved(ufunc, inputs, given)
    ndim = max(value.ndim for value in given)
    nodes = tuple(value.node for value in given)
    if ufunc in NEGATIONS or (ufunc in LOGIC and all(kind == np.bool_ for kind in types)):
        if result != np.bool_:
            raise Untraceable(f"np.{ufunc.__name__} of integers")
        name = "not" if ufunc in NEGATIONS else LOGIC[ufunc]
        return Traced(graph, _node(graph, name, tuple(truth(graph, node) for node in nodes), result), ndim)
    nodes = tuple(number(graph, node) for node in nodes)
    if ufunc in COMPARISONS:
        return Traced(graph, _node(graph, "compare", nodes, result, COMPARISONS[ufunc]), ndim)
    if ufunc not in NUMBERS or (ufunc is np.power and result.kind in "iu"):
        raise Untraceable(f"np.{ufunc.__name__}" + (" of integers" if ufunc is np.power else ""))
    return Traced(graph, _node(graph, NUMBERS[ufunc], nodes, result), ndim)


def _reciprocal(divisor: Any) -> Any:
    """1 / divisor: what is known before the weeks is divided by there, once; a unit in the last place may differ."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.true_divide(1.0, divisor)
    return float(found) if isinstance(divisor, int | float) else found


def _resolved(ufunc: np.ufunc, inputs: Sequence[Any], given: Sequence[Traced]) -> tuple[list[Any], np.dtype[Any]]:
    """Types of the operands and of the result, as NumPy has them; numbers of Python's follow the others."""
    kinds = (type(v) if type(v) in (int, float) else g.dtype for v, g in zip(inputs, given, strict=True))
    *types, result = _types(ufunc, tuple(kinds))
    return types, result


@lru_cache(maxsize=512)
def _types(ufunc: np.ufunc, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if ufunc.nout != 1:
        raise Untraceable(f"np.{ufunc.__name__}")
    try:
        return tuple(ufunc.resolve_dtypes((*kinds, None)))
    except TypeError as refused:
        raise Untraceable(f"np.{ufunc.__name__} of {', '.join(str(kind) for kind in kinds)}") from refused


def _node(graph: Graph, op: str, args: tuple[Node, ...], dtype: Any, note: Any = None) -> Node:
    return graph.add(op, args, joined(args), dtype, note)


def joined(args: Iterable[Node]) -> int:
    """Rows of what is made of nodes, as NumPy broadcasts them."""
    found = {arg.rows for arg in args} - {ALONE}
    several = found - {1}
    if len(several) > 1:
        raise Untraceable(f"{' and '.join(map(str, sorted(several)))} rows side by side")
    return several.pop() if several else 1 if found else ALONE


def select(graph: Graph, condition: Any, yes: Any, no: Any) -> Traced:
    """``yes`` where the condition holds, ``no`` elsewhere."""
    from detente.engine.traced import Traced, as_traced

    given = [as_traced(graph, value) for value in (condition, yes, no)]
    result = np.result_type(
        *(v if type(v) in (int, float) else g.dtype for v, g in zip((yes, no), given[1:], strict=True))
    )
    kind = truth if result == np.bool_ else number
    nodes = (truth(graph, given[0].node), *(kind(graph, value.node) for value in given[1:]))
    return Traced(graph, _node(graph, "select", nodes, result), max(value.ndim for value in given))


def cast(graph: Graph, node: Node, dtype: np.dtype[Any]) -> Node:
    """A node as another type."""
    dtype = np.dtype(dtype)
    if node.dtype == dtype:
        return node
    if dtype == np.bool_:
        return truth(graph, node)
    node = number(graph, node)
    op = "truncate" if dtype.kind in "iu" and node.dtype.kind == "f" else "same"
    return graph.add(op, (node,), node.rows, dtype)


def number(graph: Graph, node: Node) -> Node:
    """A truth as 0 or 1; a number as it is."""
    return graph.add("number", (node,), node.rows, np.int8) if node.dtype == np.bool_ else node


def truth(graph: Graph, node: Node) -> Node:
    """Whether a number is not 0; a truth as it is."""
    return (
        node if node.dtype == np.bool_ else _node(graph, "compare", (node, graph.constant(0, np.int64)), np.bool_, "!=")
    )
