"""How measures leave the kernel: rows of a block as it keeps them, and sums over members in whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir

from detente.engine.block import BITS, CHANCES, FIXED, QUARTER
from detente.engine.flow import INT
from detente.engine.lanes import Lanes, retyped
from detente.engine.operations import spread
from detente.engine.places import GROUP

if TYPE_CHECKING:
    from detente.engine.emit import Body, Emitter
    from detente.engine.schedule import Loop

#: what a block keeps of each measure, where it is no double
TYPES: dict[str, Any] = {
    **dict.fromkeys(("dyads", "states", *CHANCES), np.float32),
    "incidents": np.uint16,
    "regimes": np.int8,
}


def kept_type(name: str) -> np.dtype[Any]:
    """The type of a measure in a block."""
    found: np.dtype[Any] = np.dtype(TYPES.get(name, np.float64))
    return found


def store_measure(e: Emitter, name: str, part: int, value: Any, body: Body) -> None:
    """A part of a measure into its row: that of the week, or of the quarter that the week belongs to."""
    builder, wanted = e.builder, kept_type(name)
    when = e.week if name not in CHANCES else builder.sdiv(builder.add(e.week, INT(QUARTER - 1)), INT(QUARTER))
    parts = 1 + max(n for loop in e.schedule.loops for other, n, _ in loop.outputs if other == name)
    row = builder.add(builder.mul(when, INT(parts)), INT(part))
    row = builder.add(builder.mul(row, e.size(body.loop.rows)), body.row)
    padded = builder.mul(builder.sdiv(builder.add(e.members, INT(GROUP - 1)), INT(GROUP)), INT(GROUP))
    lane = builder.add(builder.mul(e.group, INT(GROUP)), body.lane)
    stored = _converted(Lanes(builder, value), wanted)
    at = builder.gep(
        e.address(("output", name)), [builder.add(builder.mul(row, padded), lane)], source_etype=stored.type.element
    )
    builder.store(stored, at, align=min(64, e.lanes * wanted.itemsize))


def _converted(value: Lanes, wanted: np.dtype[Any]) -> Any:
    if wanted.kind == "f":
        return value.narrowed(32).value if wanted.itemsize == 4 else value.widened().value
    whole = value.builder.fptosi(value.value, retyped(value.type, ir.IntType(32)))
    return value.builder.trunc(whole, retyped(value.type, ir.IntType(8 * wanted.itemsize)))


def add_exact(e: Emitter, total: Any, value: Any, body: Body) -> Any:
    """A vector of sums with a term more; lanes that are no member count nothing (block.exact_sum)."""
    builder = e.builder
    placed = Lanes(builder, value).widened() + FIXED
    whole = placed.as_words() - int(BITS)
    first = builder.add(builder.mul(e.group, INT(GROUP)), body.lane)
    left = builder.sub(e.members, first)
    kind = ir.VectorType(INT, e.lanes)
    there = builder.icmp_signed("<", ir.Constant(kind, list(range(e.lanes))), spread(builder, left, e.lanes))
    return builder.add(total, builder.select(there, whole.value, ir.Constant(kind, None)))


def sum_exact(e: Emitter, name: str, part: int, total: Any, row: Any, loop: Loop) -> None:
    """Lanes of a sum together, added to what other groups have brought."""
    builder = e.builder
    parts = sum(other == name for other, *_ in loop.outputs)
    summed = _reduced(builder, total)
    place = builder.add(builder.mul(e.week, e.size(loop.rows)), row)
    place = builder.add(builder.mul(place, INT(parts)), INT(part))
    at = builder.gep(e.address(("output", name)), [place], source_etype=INT)
    builder.store(builder.add(builder.load(at, typ=INT), summed), at)


def _reduced(builder: Any, vector: Any) -> Any:
    name = f"llvm.vector.reduce.add.v{vector.type.count}i64"
    function = builder.module.globals.get(name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(INT, [vector.type]), name)
    return builder.call(function, [vector])
