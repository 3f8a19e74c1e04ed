"""Arrays that write down what is done to them: the laws run once on these, and the graph is what they say.

A ``Traced`` looks like a NumPy array (row, member), (member,) or () to whoever computes with it; its values are not
there. Arrays of NumPy's beside it are leaves: what depends on parameters alone NumPy has computed by then. In-place
operations put another node in the handle's place, so that everybody who holds it sees the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from detente.engine import elementwise
from detente.engine.graph import ALONE, STEP, Graph, Node, Region, Untraceable
from detente.laws.rows import Cover


class Traced(NDArrayOperatorsMixin):
    """A handle on a node, with as many axes as the array it stands for."""

    __array_priority__ = 1000
    __slots__ = ("graph", "ndim", "node")

    def __init__(self, graph: Graph, node: Node, ndim: int) -> None:
        self.graph, self.node, self.ndim = graph, node, ndim

    # what it looks like
    @property
    def shape(self) -> tuple[int, ...]:
        """(row, member), (member,) or ()."""
        return (self.node.height, self.graph.members) if self.ndim == 2 else (self.graph.members,) * self.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type NumPy would have."""
        return self.node.dtype

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        if not self.ndim:
            raise Untraceable("the length of a number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Traced]:
        if self.ndim < 2:
            raise Untraceable("members one by one")
        return (self[row] for row in range(len(self)))

    # what it is not: numbers that Python could decide by
    def _refuse(self, what: str) -> Any:
        raise Untraceable(f"{what} what is known only while the weeks run")

    def __bool__(self) -> bool:
        return bool(self._refuse("Python decides by"))

    def __float__(self) -> float:
        return float(self._refuse("Python computes with"))

    def __int__(self) -> int:
        return int(self._refuse("Python computes with"))

    def __index__(self) -> int:
        return int(self._refuse("an index is"))

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise Untraceable("a NumPy array is made of, or NumPy's memory filled with, what is known only in the weeks")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Untraceable(f"arrays' {name}")

    # NumPy's protocols
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **how: Any) -> Any:
        if any(isinstance(value, Stacked) for value in inputs):
            return Stacked.apply(ufunc, inputs, out)
        if method == "reduce":
            return self._reduced(ufunc, inputs[0], **how)
        if method != "__call__" or (how.keys() - {"casting"}):
            raise Untraceable(f"{ufunc.__name__} with {method if method != '__call__' else ', '.join(how)}")
        found = elementwise.apply(self.graph, ufunc, inputs)
        if out is None:
            return found
        return self._replaced(out[0], found)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        named = FUNCTIONS.get(function)
        if named is None:
            raise Untraceable(f"np.{function.__name__}")
        return named(*args, **kwargs)

    def _replaced(self, target: Any, found: Traced) -> Traced:
        if not isinstance(target, Traced) or (found.ndim > target.ndim):
            raise Untraceable("writing into an array of NumPy's")
        target.node = elementwise.cast(self.graph, found.node, target.dtype)
        return target

    def _reduced(self, ufunc: np.ufunc, array: Any, axis: Any = 0, keepdims: bool = False, **how: Any) -> Any:
        hows = {np.add: "sum", np.maximum: "max", np.logical_or: "max", np.multiply: "product", np.minimum: "min"}
        if how or axis != 0 or array.ndim != 2 or ufunc not in hows:
            raise Untraceable(f"{ufunc.__name__}.reduce over members or with options")
        found = array._over_rows(hows[ufunc])
        if ufunc is np.logical_or:
            found = found.astype(np.bool_)
        return found[None] if keepdims else found

    # rows
    def __getitem__(self, key: Any) -> Traced:
        if key is None:
            return Traced(self.graph, self.node, self.ndim + 1)
        if key is Ellipsis:
            return self
        if self.ndim != 2 or isinstance(key, tuple | Traced):
            raise Untraceable("an index that is no set of rows")
        rows = np.arange(len(self))[key]
        return Traced(self.graph, self._gathered(np.atleast_1d(rows)), 1 if rows.ndim == 0 else 2)

    def _gathered(self, rows: Any) -> Node:
        graph, node = self.graph, self.node
        if node.rows == ALONE or np.array_equal(rows, np.arange(node.rows)):
            return node
        _outside(graph, "rows")
        return graph.add("gather", (node,), len(rows), node.dtype, graph.table(rows))

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.ndim != 2 or isinstance(key, tuple | Traced):
            raise Untraceable("writing to what is no set of rows")
        places = np.atleast_1d(np.arange(len(self))[key])
        source, mask = np.zeros(len(self), dtype=np.intp), np.zeros((len(self), 1), dtype=np.bool_)
        source[places], mask[places] = np.arange(len(places)), True
        laid = value[source] if np.ndim(value) == 2 and np.shape(value)[0] > 1 else value
        self.node = elementwise.cast(self.graph, elementwise.select(self.graph, mask, laid, self).node, self.dtype)

    # methods of NumPy's
    def astype(self, dtype: Any, copy: bool = True) -> Traced:
        """Another type; floats to integers toward 0."""
        return Traced(self.graph, elementwise.cast(self.graph, self.node, np.dtype(dtype)), self.ndim)

    def copy(self) -> Traced:
        """Another handle."""
        return Traced(self.graph, self.node, self.ndim)

    def sum(self, axis: int, keepdims: bool = False) -> Any:
        """Sum over rows."""
        return self._reduced(np.add, self, axis, keepdims)

    def max(self, axis: int, keepdims: bool = False) -> Any:
        """Largest of all rows."""
        return self._reduced(np.maximum, self, axis, keepdims)

    def min(self, axis: int, keepdims: bool = False) -> Any:
        """Smallest of all rows."""
        return self._reduced(np.minimum, self, axis, keepdims)

    def mean(self, axis: int, keepdims: bool = False) -> Any:
        """Mean of all rows."""
        return self._reduced(np.add, self, axis, keepdims) / len(self)

    # the laws' own operations on rows (laws/rows.py)
    def collected(self, values: Any, cover: Cover, how: str, start: Any) -> Traced:
        """Rows made of rows."""
        graph = self.graph
        _outside(graph, "sums over rows")
        given = [elementwise.number(graph, as_traced(graph, values).node)]
        given += [] if start is None else [elementwise.number(graph, as_traced(graph, start).node)]
        node = graph.add("collect", tuple(given), len(cover), np.float64, (graph.cover(cover), how))
        return Traced(graph, node, 2)

    def _over_rows(self, how: str) -> Traced:
        cover = Cover(np.array([0, len(self)]), np.arange(len(self)))
        return Traced(self.graph, self.collected(self, cover, how, None).node, 1)

    def summed(self, axis: int = 0) -> Traced:
        """Sum over rows, (member,)."""
        return self._over_rows("sum")

    def product(self) -> Traced:
        """Product over rows, (member,)."""
        return self._over_rows("product")

    def stacked(self, arrays: Sequence[Any]) -> Stacked:
        """Copies along a new first axis."""
        return Stacked([as_traced(self.graph, array).copy() for array in arrays])

    def looked_up(self, table: Any) -> Any:
        """Entry by entry: few are there."""
        found: Any = table[len(table) - 1]
        for entry in reversed(range(len(table) - 1)):
            found = np.where(self == entry, table[entry], found)
        return found

    def where_few(self, function: Callable[..., Any], arrays: Sequence[Any], otherwise: float) -> Traced:
        """``function`` where this holds in any lane of a vector, ``otherwise`` in the lanes in which it does not."""
        graph = self.graph
        before = graph.open()
        scope = graph.scope
        result = as_traced(graph, function(*arrays))
        graph.scope = before
        if result.node.leaf:
            return np.where(self, result, otherwise)  # type: ignore[return-value]
        inputs = captured((result.node,), scope, graph)
        slot = graph.region(Region(inputs, (result.node,), scope))
        node = graph.add("few", (self.node, *inputs), self.node.rows, result.dtype, (slot, float(otherwise)))
        return Traced(graph, node, self.ndim)

    def repeat_while(
        self, going: Callable[..., Any], step: Callable[..., tuple[Any, ...]], state: tuple[Any, ...], most: int
    ) -> Iterator[Traced]:
        """A loop that goes on while any lane of a vector is ``going``."""
        graph, first = self.graph, tuple(as_traced(self.graph, value) for value in state)
        rows, ndim = elementwise.joined(value.node for value in first), max(value.ndim for value in first)
        before = graph.open()
        scope = graph.scope
        given = [Traced(graph, graph.add("given", (), rows, v.dtype, n), ndim) for n, v in enumerate(first)]
        still = going(*given)
        k = Traced(graph, graph.add(STEP, (), ALONE, np.int64), 0)
        later = tuple(as_traced(graph, value) for value in step(k, still, *given))
        results = tuple(elementwise.cast(graph, v.node, g.dtype) for v, g in zip(later, given, strict=True))
        graph.scope = before
        inputs = captured((still.node, *results), scope, graph)
        slot = graph.region(Region(inputs, results, scope, still.node))
        args = (*(value.node for value in first), *inputs)
        loop = graph.add("repeat", args, rows, np.float64, (slot, len(first), most))
        return (
            Traced(graph, graph.add("result", (loop,), rows, value.dtype, n), ndim) for n, value in enumerate(given)
        )


class Stacked(NDArrayOperatorsMixin):
    """Several traced arrays along a first axis that is known: pillars of an index."""

    __array_priority__ = 2000
    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = list(parts)

    @property
    def ndim(self) -> int:
        """Axes, the first among them."""
        return int(self.parts[0].ndim) + 1

    @property
    def shape(self) -> tuple[int, ...]:
        """(part, row, member) or (part, member)."""
        return (len(self.parts), *self.parts[0].shape)

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise Untraceable("a NumPy array is made of what is known only in the weeks")

    def __getitem__(self, key: Any) -> Any:
        chosen = np.arange(len(self.parts))[key]
        return self.parts[int(chosen)] if chosen.ndim == 0 else Stacked([self.parts[n] for n in chosen])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **how: Any) -> Any:
        if method != "__call__" or how:
            raise Untraceable(f"{ufunc.__name__}.{method} of a stack")
        return Stacked.apply(ufunc, inputs, out)

    @classmethod
    def apply(cls, ufunc: np.ufunc, inputs: Sequence[Any], out: Any) -> Stacked:
        """An operation part by part; what has fewer axes belongs to every part."""
        stack = next(value for value in inputs if isinstance(value, cls))
        if out is not None or any(np.ndim(v) >= stack.ndim for v in inputs if isinstance(v, Traced)):
            raise Untraceable(f"{ufunc.__name__} of a stack and what is no stack")
        return cls([ufunc(*(_part(value, n, stack) for value in inputs)) for n in range(len(stack))])

    # the laws' own operations
    def collected(self, *_: Any) -> Any:
        """Rows of a stack are not collected."""
        raise Untraceable("rows of a stack")

    def summed(self, axis: int = 0) -> Any:
        """Sum over parts, or over the rows of each."""
        if axis == 1:
            return Stacked([part.summed() for part in self.parts])
        total = self.parts[0]
        for part in self.parts[1:]:
            total = total + part
        return total


def _part(value: Any, n: int, stack: Stacked) -> Any:
    if isinstance(value, Stacked):
        return value.parts[n]
    if isinstance(value, Traced) or np.ndim(value) < stack.ndim:
        return value
    return value[n if len(value) > 1 else 0]


def as_traced(graph: Graph, value: Any) -> Traced:
    """What a law computes with, as an array of the graph."""
    if isinstance(value, Traced):
        return value
    if isinstance(value, bool | int | float):
        dtype = np.bool_ if isinstance(value, bool) else np.int64 if isinstance(value, int) else np.float64
        return Traced(graph, graph.constant(value, dtype), 0)
    return Traced(graph, graph.leaf(value), np.ndim(value))


def captured(results: Sequence[Node], scope: int, graph: Graph) -> tuple[Node, ...]:
    """Nodes from outside a region that it reads."""
    found, seen, todo = {}, set(), list(results)
    while todo:
        node = todo.pop()
        if node.place in seen:
            continue
        seen.add(node.place)
        if node.scope < scope:
            found[node.place] = node
        else:
            todo.extend(node.args)
    return tuple(found[place] for place in sorted(found))


def _outside(graph: Graph, what: str) -> None:
    if graph.scope:
        raise Untraceable(f"{what} within what is done to few cells")


def _where(condition: Any, yes: Any, no: Any) -> Traced:
    values = (condition, yes, no)
    return elementwise.select(next(v.graph for v in values if isinstance(v, Traced)), *values)


def _clip(array: Any, low: Any = None, high: Any = None, out: Any = None, **bounds: Any) -> Any:
    low, high = bounds.pop("min", bounds.pop("a_min", low)), bounds.pop("max", bounds.pop("a_max", high))
    found = array if low is None else np.maximum(array, low)
    found = found if high is None else np.minimum(found, high)
    return found if out is None else out._replaced(out, found)


def _like(value: float) -> Callable[..., Any]:
    def made(array: Any, dtype: Any = None, shape: Any = None) -> Any:
        if isinstance(array, Stacked) or shape is not None:
            raise Untraceable("an array like a stack, or of another shape")
        wanted = np.dtype(dtype or array.dtype)
        # a row for every row: it is written to like any other array
        node = array.graph.add("fill", (), array.node.rows, wanted, value)
        return Traced(array.graph, node, array.ndim)

    return made


def _broadcast_to(array: Any, shape: tuple[int, ...]) -> Any:
    if array.shape == tuple(shape):
        return array
    rows = shape[0] if len(shape) == 2 else 1
    node = array.graph.add("spread", (array.node,), rows, array.dtype)
    return Traced(array.graph, node, len(shape))


def _reduction(ufunc: np.ufunc) -> Callable[..., Any]:
    return lambda array, axis=None, keepdims=False: array._reduced(ufunc, array, axis, keepdims)


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.clip: _clip,
    np.zeros_like: _like(0.0),
    np.ones_like: _like(1.0),
    np.empty_like: _like(0.0),
    np.stack: lambda arrays, axis=0: next(a for a in arrays if isinstance(a, Traced)).stacked(arrays),
    np.broadcast_to: _broadcast_to,
    np.shape: lambda array: array.shape,
    np.ndim: lambda array: array.ndim,
    np.copy: lambda array: array.copy(),
    np.sum: _reduction(np.add),
    np.max: _reduction(np.maximum),
    np.min: _reduction(np.minimum),
    np.prod: _reduction(np.multiply),
    np.mean: lambda array, axis=None, keepdims=False: array.mean(axis, keepdims),
}
