"""Loops in LLVM's intermediate representation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from llvmlite import ir

INT = ir.IntType(64)


@dataclass
class Turn:
    """One turn of a loop: its counter, and ``values`` carried along, to which ``later`` are the next ones."""

    counter: Any
    values: list[Any]
    later: list[Any] = field(default_factory=list)


@contextmanager
def counted(builder: Any, start: Any, stop: Any, step: int = 1, carried: Sequence[Any] = ()) -> Iterator[Turn]:
    """Count from ``start`` to before ``stop``; afterwards the turn's ``values`` are the last ones."""
    before = builder.block
    head, body, done = (builder.append_basic_block(name) for name in ("head", "body", "done"))
    builder.branch(head)
    builder.position_at_end(head)
    turn = Turn(builder.phi(INT), [builder.phi(value.type) for value in carried])
    for phi, value in zip((turn.counter, *turn.values), (start, *carried), strict=True):
        phi.add_incoming(value, before)
    builder.cbranch(builder.icmp_signed("<", turn.counter, stop), body, done)
    builder.position_at_end(body)
    yield turn
    following = builder.add(turn.counter, INT(step))
    for phi, value in zip((turn.counter, *turn.values), (following, *turn.later), strict=True):
        phi.add_incoming(value, builder.block)
    builder.branch(head)
    builder.position_at_end(done)


@contextmanager
def maybe(builder: Any, truth: Any, otherwise: Sequence[Any], likely: bool | None = None) -> Iterator[Turn]:
    """What is done if one truth holds; afterwards the turn's ``values`` are its ``later`` ones or ``otherwise``."""
    turn, before = Turn(None, []), builder.block
    with builder.if_then(truth, likely=likely):
        yield turn
        inside = builder.block
    for value, later in zip(otherwise, turn.later, strict=True):
        phi = builder.phi(value.type)
        phi.add_incoming(value, before)
        phi.add_incoming(later, inside)
        turn.values.append(phi)
