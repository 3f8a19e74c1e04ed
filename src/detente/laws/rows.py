"""What a law does over sets of rows and over few cells, member by member: a member's bits do not depend on others.

Laws are element-wise expressions of arrays; whatever is not stands here. An array that is not NumPy's (the compiled
engine's, which writes down what is done to it) brings its own version of each, as a method of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

How = Literal["sum", "max", "join"]

#: how a row is made of several: sum, largest, chance that at least one of independent events comes about
HOW: dict[str, Callable[[Any, Any], Any]] = {
    "sum": np.add,
    "max": np.maximum,
    "join": lambda one, other: 1.0 - (1.0 - one) * (1.0 - other),
}


def array(found: Any) -> Array:
    """``found``, of which the type checker knows too little; unlike ``np.asarray`` it takes every kind of array."""
    return found  # type: ignore[no-any-return]


def foreign(*arrays: Any) -> Any:
    """The first array that is not NumPy's; None where all are."""
    return next((a for a in arrays if hasattr(a, "collected")), None)


@dataclass(frozen=True, eq=False)
class Cover:
    """Of which rows of one kind each row of another is made: row t of ``sources[starts[t] : starts[t + 1]]``."""

    starts: Rows
    sources: Rows

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def of(cls, sets: Sequence[Rows]) -> Cover:
        """Row t is made of the rows ``sets[t]``."""
        targets = np.repeat(np.arange(len(sets)), [len(rows) for rows in sets])
        return cls.paired(targets, np.concatenate([*sets, np.empty(0, dtype=np.intp)]), len(sets))

    @classmethod
    def spread(cls, sets: Sequence[Rows], size: int) -> Cover:
        """Row s goes into the rows ``sets[s]`` of ``size``."""
        sources = np.repeat(np.arange(len(sets)), [len(rows) for rows in sets])
        return cls.paired(np.concatenate([*sets, np.empty(0, dtype=np.intp)]), sources, size)

    @classmethod
    def paired(cls, targets: Rows, sources: Rows, size: int) -> Cover:
        """Row ``sources[k]`` goes into row ``targets[k]`` of ``size``, in the order of k."""
        order = np.argsort(targets, kind="stable")
        starts = np.searchsorted(targets[order], np.arange(size + 1))
        return cls(starts.astype(np.intp), sources[order].astype(np.intp))

    @cached_property
    def counts(self) -> Array:
        """Of how many rows each is made, (row, 1)."""
        return np.diff(self.starts)[:, None].astype(np.float64)

    @cached_property
    def ranks(self) -> list[tuple[Rows, Rows]]:
        """The first source of every row that has one, the second of those that have two, and so on."""
        counts = np.diff(self.starts)
        found = []
        for rank in range(counts.max(initial=0)):
            targets = np.flatnonzero(counts > rank)
            found.append((targets, self.sources[self.starts[targets] + rank]))
        return found


def collected(values: Array, cover: Cover, how: How = "sum", start: Array | None = None) -> Array:
    """Every row made of those of ``values`` that ``cover`` names, in order; 0 where there is none, (row, member).

    With a ``start``, (row, member), they come on top of that.
    """
    if (other := foreign(values, start)) is not None:
        return array(other.collected(values, cover, how, start))
    if start is None:
        out = np.zeros((len(cover), *values.shape[1:]))
        for targets, sources in cover.ranks[:1]:
            out[targets] = values[sources]
    else:
        out = np.array(start)
    for targets, sources in cover.ranks[start is None :]:
        out[targets] = HOW[how](out[targets], values[sources])
    return out


def summed(terms: Array, axis: int = 0) -> Array:
    """Sum over an axis before the last, term after term: the bits of a member do not depend on its neighbours.

    NumPy adds so where members lie side by side; a single one it would add in another order.
    """
    if (other := foreign(terms)) is not None:
        return array(other.summed(axis))
    if terms.ndim > 1 and terms.shape[-1] > 1 and terms.flags.c_contiguous:
        return np.asarray(np.add.reduce(terms, axis=axis))
    rows = np.moveaxis(terms, axis, 0)
    total: Array = rows[0].copy()
    for term in rows[1:]:
        total += term
    return total


def product(factors: Array) -> Array:
    """Product over rows, one after the other, (member,)."""
    if (other := foreign(factors)) is not None:
        return array(other.product())
    total: Array = factors[0].copy()
    for factor in factors[1:]:
        total *= factor
    return total


def stacked(arrays: Sequence[Array]) -> Array:
    """Copies of arrays of one shape along a new first axis."""
    if (other := foreign(*arrays)) is not None:
        return array(other.stacked(arrays))
    return np.stack(arrays)


def looked_up(place: NDArray[np.integer], table: Array) -> Array:
    """``table[place]``, the table (entry,) or (entry, member); (row, member)."""
    if (other := foreign(place)) is not None:
        return array(other.looked_up(table))
    if table.ndim == 1:
        return table.take(place)
    cell = place.astype(np.intp)
    cell *= table.shape[1]
    cell += np.arange(table.shape[1])
    return table.ravel().take(cell)


def where_few(condition: NDArray[np.bool_], function: Callable[..., Array], *arrays: Array, otherwise: float) -> Array:
    """``function(*arrays)`` where the condition holds, which is in few cells, and nowhere else; (row, member).

    The function is element-wise: NumPy hands it those cells alone, side by side. ``arrays`` broadcast to the condition.
    """
    if (other := foreign(condition)) is not None:
        return array(other.where_few(function, arrays, otherwise))
    out = np.full(condition.size, otherwise)
    cells = np.flatnonzero(condition)
    if cells.size:
        out[cells] = function(*(_at(values, cells, condition.shape) for values in arrays))
    return out.reshape(condition.shape)


def _at(values: Array, cells: Rows, shape: tuple[int, ...]) -> Array:
    """``values`` at ``cells`` of the flattened (row, member) array of ``shape``."""
    if values.ndim == 0:
        return values
    if values.ndim == 1:
        return np.asarray(values[cells % shape[-1]])
    return np.asarray(np.broadcast_to(values, shape).ravel()[cells])


def repeat_while(
    going: Callable[..., Any],
    step: Callable[..., tuple[Array, ...]],
    given: tuple[Array, ...],
    state: tuple[Array, ...],
    most: int,
) -> tuple[Array, ...]:
    """``state = step(k, going(*given, *state), *given, *state)`` for k = 0, 1, … while any cell is ``going``, ``most``
    times at most; ``given`` and ``state`` are of one shape, (cell,), or certain.

    Element-wise; a step must leave the last of the state of a cell that is no longer going as it is. NumPy goes on with
    those cells alone that are still going.
    """
    if (other := foreign(*given, *state)) is not None:
        return tuple(other.repeat_while(partial(_bound, going, given), partial(_stepped, step, given), state, most))
    return _repeated(going, step, given, state, range(most))


def _bound(going: Callable[..., Any], given: tuple[Array, ...], *state: Array) -> Any:
    return going(*given, *state)


def _stepped(step: Callable[..., Any], given: tuple[Array, ...], k: Any, still: Any, *state: Array) -> Any:
    return step(k, still, *given, *state)


def _repeated(
    going: Callable[..., Any],
    step: Callable[..., tuple[Array, ...]],
    given: tuple[Array, ...],
    state: tuple[Array, ...],
    rounds: range,
) -> tuple[Array, ...]:
    """The rounds on these cells, and once few of them are still going, on those alone."""
    for k in rounds:
        still = going(*given, *state)
        number = np.count_nonzero(still)
        if number == 0:
            break
        if 2 * number <= still.size:
            rest = _repeated(going, step, _few(given, still), _few(state, still), rounds[k - rounds.start :])
            return tuple(_replaced(values, still, part) for values, part in zip(state, rest, strict=True))
        state = step(k, still, *given, *state)
    return state


def _few(arrays: tuple[Array, ...], where: NDArray[np.bool_]) -> tuple[Array, ...]:
    return tuple(values[where] if values.ndim else values for values in arrays)


def _replaced(values: Array, where: NDArray[np.bool_], part: Array) -> Array:
    out = values.copy()
    out[where] = part
    return out
