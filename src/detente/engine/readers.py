"""What is read, and what is done to several rows, to few cells or again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir

from detente.engine import chance
from detente.engine.flow import INT, counted, maybe
from detente.engine.graph import FULL, MEMBER, ROW, SCALAR, STATE, STEP, WEEK, Node
from detente.engine.lanes import Lanes
from detente.engine.operations import JOINED, spread, to_mask, to_number

if TYPE_CHECKING:
    from detente.engine.emit import Body, Emitter


def _one(e: Emitter, node: Node, body: Body, key: Any, place: Any) -> Any:
    """A number that is the same in all lanes: read once a row."""
    with e.builder.goto_block(body.header) if body.header else e.builder.goto_block(e.builder.block):
        at = e.builder.gep(e.address(key), [place], source_etype=e.real)
        value = spread(e.builder, e.builder.load(at, typ=e.real), e.lanes)
        return to_mask(e.builder, value) if node.dtype.kind == "b" else value


def scalar(e: Emitter, node: Node, body: Body) -> Any:
    """One number in all."""
    return _one(e, node, body, "numbers", INT(node.note))


def row(e: Emitter, node: Node, body: Body) -> Any:
    """One number a row."""
    return _one(e, node, body, ("array", node.note), body.row)


def member(e: Emitter, node: Node, body: Body) -> Any:
    """One number a member."""
    return e.typed(e.load(e.cell(("array", node.note), 1, INT(0), body.lane, True)), node)


def full(e: Emitter, node: Node, body: Body) -> Any:
    """One number a row and member."""
    return e.at(node, body, body.row if node.rows != 1 else INT(0))


def constant(e: Emitter, node: Node, body: Body) -> Any:
    """A number in the code."""
    if node.dtype.kind == "b":
        return ir.Constant(ir.VectorType(ir.IntType(1), e.lanes), [ir.IntType(1)(int(node.note))] * e.lanes)
    return ir.Constant(e.vector, [ir.Constant(e.real, node.note)] * e.lanes)


def week(e: Emitter, node: Node, body: Body) -> Any:
    """The number of the week."""
    return spread(e.builder, e.builder.sitofp(e.week, e.real), e.lanes)


def _words(e: Emitter, node: Node, body: Body) -> Any:
    kind = ir.VectorType(INT, e.lanes)
    place = e.cell(("stream", node.note), node.rows, body.row, body.lane, True, INT)
    return chance.words(e.builder, e.load(place, kind), e.week)


def uniform(e: Emitter, node: Node, body: Body) -> Any:
    """Uniform draws."""
    return chance.uniform(e.builder, _words(e, node, body), e.bits)


def normal(e: Emitter, node: Node, body: Body) -> Any:
    """Standard normal draws."""
    return chance.normal(e.builder, _words(e, node, body), e.address("parabolas"), e.bits)


def given(e: Emitter, node: Node, body: Body) -> Any:
    """A value that a repetition carries along, or its step."""
    return body.given[node.scope, node.note]


def number(e: Emitter, node: Node, body: Body) -> Any:
    """A mask as numbers."""
    return to_number(e.builder, e.value(node.args[0], body), e.vector)


def gather(e: Emitter, node: Node, body: Body) -> Any:
    """Other rows."""
    return e.at(node.args[0], body, e.row_in(("table", node.note), body.row, body.header))


def collect(e: Emitter, node: Node, body: Body) -> Any:
    """Rows made of rows, one after the other; the first as it is where nothing is there to start from."""
    slot, how = node.note
    begin = e.row_in(("starts", slot), body.row, body.header)
    end = e.row_in(("ends", slot), body.row, body.header)

    def source(k: Any) -> Any:
        value = e.at(node.args[0], body, e.row_in(("sources", slot), k, None))
        return to_number(e.builder, value, e.vector) if node.args[0].dtype.kind == "b" else value

    if len(node.args) > 1:
        first = e.value(node.args[1], body)
    else:
        some = e.builder.icmp_signed("<", begin, end)
        with maybe(e.builder, some, [ir.Constant(e.vector, None)]) as turn:
            turn.later = [source(begin)]
        first, begin = turn.values[0], e.builder.add(begin, INT(1))
    with counted(e.builder, begin, end, carried=[first]) as rows:
        rows.later = [JOINED[how](e.builder, rows.values[0], source(rows.counter))]
    return rows.values[0]


def few(e: Emitter, node: Node, body: Body) -> Any:
    """What is computed only where a condition holds in some lane."""
    slot, otherwise = node.note
    region = e.graph.regions[slot]
    condition, *_ = [e.value(arg, body) for arg in node.args]
    rest = ir.Constant(e.vector, [ir.Constant(e.real, otherwise)] * e.lanes)
    with maybe(e.builder, Lanes(e.builder, condition).any(), [rest]) as turn, body.within():
        turn.later = [e.plain(region.results[0], body)]
    return e.builder.select(condition, turn.values[0], rest)


def repeat(e: Emitter, node: Node, body: Body) -> Any:
    """A loop that goes on while any lane does; a lane that is done stays as it is."""
    slot, count, most = node.note
    region, builder = e.graph.regions[slot], e.builder
    first = [e.value(arg, body) for arg in node.args][:count]
    before = builder.block
    head, turn, done = (builder.append_basic_block(name) for name in ("again", "step", "enough"))
    builder.branch(head)
    builder.position_at_end(head)
    k, values = builder.phi(INT), [builder.phi(value.type) for value in first]
    for phi, value in zip((k, *values), (INT(0), *first), strict=True):
        phi.add_incoming(value, before)
    with body.within():
        body.given |= {(region.scope, n): value for n, value in enumerate(values)}
        body.given[region.scope, None] = spread(builder, builder.sitofp(k, e.real), e.lanes)
        going = e.value(region.going, body)
        on = builder.and_(Lanes(builder, going).any(), builder.icmp_signed("<", k, INT(most)))
        builder.cbranch(on, turn, done)
        builder.position_at_end(turn)
        later = [e.value(result, body) for result in region.results]
    kept = [builder.select(going, new, old) for new, old in zip(later, values, strict=True)]
    for phi, value in zip((k, *values), (builder.add(k, INT(1)), *kept), strict=True):
        phi.add_incoming(value, builder.block)
    builder.branch(head)
    builder.position_at_end(done)
    return values


READERS = {
    SCALAR: scalar,
    ROW: row,
    MEMBER: member,
    FULL: full,
    STATE: full,
    WEEK: week,
    STEP: given,
    "constant": constant,
    "fill": constant,
    "uniform": uniform,
    "normal": normal,
    "given": given,
    "number": number,
    "gather": gather,
    "collect": collect,
    "few": few,
    "repeat": repeat,
}
